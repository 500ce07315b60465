"""An agent's container registry."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """What shapes the repository.

    Attributes:
        repository_name: physical name; the image URI and the role's policy are built from it.
        lifecycle_policy: the whole lifecycle document.
        kms_key_arn: the key to encrypt with; None is ECR's own AES-256.
        protect: refuse to delete the repository, and never delete images with it.
        tags: tags of the agent, besides those of the provider.
    """

    repository_name: str
    lifecycle_policy: str
    kms_key_arn: pulumi.Input[str] | None
    protect: bool
    tags: dict[str, str]


class Registry(pulumi.ComponentResource):
    """A private ECR repository: immutable tags, scan on push, encrypted, with expiry rules.

    Scanning is ECR's basic scan on push; enhanced scanning is an account-wide setting and not
    touched. Nothing is replicated.
    """

    repository: aws.ecr.Repository
    """The repository, for others to depend on."""
    repository_arn: pulumi.Output[str]
    """ARN of the repository."""
    repository_url: pulumi.Output[str]
    """URL without tag or digest."""

    def __init__(
        self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agentcore:registry:Registry", name, None, opts)
        encryption = (
            aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")
            if args.kms_key_arn is None
            else aws.ecr.RepositoryEncryptionConfigurationArgs(
                encryption_type="KMS", kms_key=args.kms_key_arn
            )
        )
        self.repository = aws.ecr.Repository(
            name,
            name=args.repository_name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[encryption],
            force_delete=not args.protect,
            tags=args.tags,
            # The name is fixed, so the old one has to go first.
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, delete_before_replace=True
            ),
        )
        aws.ecr.LifecyclePolicy(
            name,
            repository=self.repository.name,
            policy=args.lifecycle_policy,
            # A repository has one lifecycle policy.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.repository_arn = self.repository.arn
        self.repository_url = self.repository.repository_url
        self.register_outputs(
            {"repositoryArn": self.repository_arn, "repositoryUrl": self.repository_url}
        )
