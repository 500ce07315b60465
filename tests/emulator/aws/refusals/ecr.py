"""What ECR refuses. Source: ECR API reference; ECR user guide, "Lifecycle policy properties"."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal

NAME = "agents/assistant"
MISSING = f"sha256:{hashlib.sha256(b'missing').hexdigest()}"
PULL = {"Effect": "Allow", "Action": "ecr:BatchGetImage"}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def create_repository(**options: Any) -> Callable[[Cloud], object]:
    given: dict[str, Any] = {"repositoryName": NAME, **options}
    return lambda cloud: cloud.ecr.create_repository(**given)


def create_encrypted(*, state: str) -> Callable[[Cloud], object]:
    """Create a repository encrypted with a key in this state."""

    def attempt(cloud: Cloud) -> object:
        kms = cloud.client("kms")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        match state:
            case "Disabled":
                kms.disable_key(KeyId=key)
            case "PendingDeletion":
                kms.schedule_key_deletion(KeyId=key)
            case "Missing":
                key = key[:-12] + "0" * 12
            case _:
                pass
        encryption = {"encryptionType": "KMS", "kmsKey": key}
        return create_repository(encryptionConfiguration=encryption)(cloud)

    return attempt


def with_repository(
    attempt: Callable[[Cloud], object], **options: Any
) -> Callable[[Cloud], object]:
    def prepared(cloud: Cloud) -> object:
        create_repository(**options)(cloud)
        return attempt(cloud)

    return prepared


def policy(text: str | None = None, **changes: Any) -> Callable[[Cloud], object]:
    """Set a policy that lets the account pull, with these elements changed; None takes one away."""

    def attempt(cloud: Cloud) -> object:
        owner = f"arn:aws:iam::{cloud.account}:root"
        statement = {**PULL, "Principal": {"AWS": owner}, **changes}
        kept = {name: value for name, value in statement.items() if value is not None}
        document = json.dumps({"Version": "2012-10-17", "Statement": [kept]})
        return cloud.ecr.set_repository_policy(repositoryName=NAME, policyText=text or document)

    return with_repository(attempt)


def rule(priority: int = 1, **selection: Any) -> dict[str, Any]:
    """Return a rule; None takes a part of its selection away."""
    parts = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 7,
        **selection,
    }
    kept = {name: value for name, value in parts.items() if value is not None}
    return {"rulePriority": priority, "selection": kept, "action": {"type": "expire"}}


ANY = rule(1, tagStatus="any")
COUNTED = rule(countType="imageCountMoreThan", countUnit=None)


def lifecycle(*rules: dict[str, Any]) -> Callable[[Cloud], object]:
    text = json.dumps({"rules": rules})
    return with_repository(
        lambda cloud: cloud.ecr.put_lifecycle_policy(repositoryName=NAME, lifecyclePolicyText=text)
    )


def upload(blob: bytes, digest: str | None = None) -> Callable[[Cloud], object]:
    """Upload a layer, claiming the digest."""

    def attempt(cloud: Cloud) -> object:
        identifier = cloud.ecr.initiate_layer_upload(repositoryName=NAME).get("uploadId", "")
        if blob:
            cloud.ecr.upload_layer_part(
                repositoryName=NAME,
                uploadId=identifier,
                partFirstByte=0,
                partLastByte=len(blob) - 1,
                layerPartBlob=blob,
            )
        claimed = digest or f"sha256:{hashlib.sha256(blob).hexdigest()}"
        return cloud.ecr.complete_layer_upload(
            repositoryName=NAME, uploadId=identifier, layerDigests=[claimed]
        )

    return attempt


def upload_after_another(blob: bytes) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        upload(b"files")(cloud)
        return upload(blob)(cloud)

    return with_repository(attempt)


def put_image(cloud: Cloud, *layers: str, **options: Any) -> object:
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "layers": [{"digest": d} for d in layers],
    }
    given = {"imageManifest": json.dumps(manifest), "imageTag": "v1", **options}
    return cloud.ecr.put_image(repositoryName=NAME, **given)


def put_image_of(digest: str | None = None) -> Callable[[Cloud], object]:
    """Put an image of a layer that was pushed, or of this one."""

    def attempt(cloud: Cloud) -> object:
        upload(b"files")(cloud)
        return put_image(cloud, digest or f"sha256:{hashlib.sha256(b'files').hexdigest()}")

    return with_repository(attempt)


def put_image_with_digest(claimed: str | None = None) -> Callable[[Cloud], object]:
    text = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": []})
    digest = claimed or f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return with_repository(lambda cloud: put_image(cloud, imageManifest=text, imageDigest=digest))


def put_index(digest: str | None = None) -> Callable[[Cloud], object]:
    """Put an index of an image that was pushed, or of this one."""
    return with_repository(lambda cloud: cloud.push_index({digest or cloud.push(): "arm64"}, "v2"))


def push_twice(tag: str, *, mutability: str = "IMMUTABLE") -> Callable[[Cloud], object]:
    """Push an image as v1, then another one."""

    def attempt(cloud: Cloud) -> object:
        cloud.push()
        return put_image(cloud, imageTag=tag)

    return with_repository(attempt, imageTagMutability=mutability)


def delete_repository(*, force: bool) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        cloud.push()
        return cloud.ecr.delete_repository(repositoryName=NAME, force=force)

    return with_repository(attempt)


def download(digest: str | None = None) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        answer: Any = upload(b"files")(cloud)
        return cloud.ecr.get_download_url_for_layer(
            repositoryName=NAME, layerDigest=digest or answer["layerDigest"]
        )

    return with_repository(attempt)


def twice(other: str) -> Callable[[Cloud], object]:
    return with_repository(create_repository(repositoryName=other))


REFUSALS = [
    Refusal(
        name="a name in upper case",
        operation="ecr:CreateRepository",
        code="InvalidParameterException",
        says="'repositoryName' failed to satisfy constraint: 'must satisfy regular expression",
        bad=create_repository(repositoryName="Agents"),
        good=create_repository(repositoryName="agents"),
    ),
    Refusal(
        name="a name over 256 characters",
        operation="ecr:CreateRepository",
        code="InvalidParameterException",
        bad=create_repository(repositoryName="a" * 257),
        good=create_repository(repositoryName="a" * 256),
    ),
    Refusal(
        name="a name that is taken",
        operation="ecr:CreateRepository",
        code="RepositoryAlreadyExistsException",
        bad=twice(NAME),
        good=twice("agents/other"),
    ),
    Refusal(
        name="a mutability that does not exist",
        operation="ecr:CreateRepository",
        code="InvalidParameterException",
        bad=create_repository(imageTagMutability="FIXED"),
        good=create_repository(imageTagMutability="IMMUTABLE"),
    ),
    Refusal(
        name="a tag that is AWS's own",
        operation="ecr:CreateRepository",
        code="InvalidTagParameterException",
        bad=create_repository(tags=[{"Key": "aws:owner", "Value": "x"}]),
        good=create_repository(tags=[{"Key": "owner", "Value": "x"}]),
    ),
    Refusal(
        name="51 tags",
        operation="ecr:CreateRepository",
        code="TooManyTagsException",
        bad=create_repository(tags=[{"Key": f"t{n}", "Value": "x"} for n in range(51)]),
        good=create_repository(tags=[{"Key": f"t{n}", "Value": "x"} for n in range(50)]),
    ),
    *(
        Refusal(
            name=f"a key that is {state}",
            operation="ecr:CreateRepository",
            code="KmsException",
            bad=create_encrypted(state=state),
            good=create_encrypted(state="Enabled"),
        )
        for state in ("Missing", "Disabled", "PendingDeletion")
    ),
    *(
        Refusal(
            name=f"a policy {fault}",
            operation="ecr:SetRepositoryPolicy",
            code="InvalidParameterException",
            says="'Invalid repository policy provided'",
            bad=bad,
            good=policy(),
        )
        for fault, bad in (
            ("that is no policy", policy("{}")),
            ("that is no JSON", policy("Allow")),
            ("without an effect", policy(Effect=None)),
            ("with a resource", policy(Resource="*")),
            ("without a principal", policy(Principal=None)),
            ("with an unknown condition", policy(Condition={"StringIs": {"a": "b"}})),
        )
    ),
    Refusal(
        name="a policy that names a role that does not exist",
        operation="ecr:SetRepositoryPolicy",
        code="InvalidParameterException",
        says="'PolicyText' failed to satisfy constraint: 'Principal not found'",
        bad=policy(Principal={"AWS": "arn:aws:iam::111111111111:role/nobody"}),
        good=policy(Principal={"AWS": "arn:aws:iam::111111111111:root"}),
    ),
    *(
        Refusal(
            name=f"a lifecycle policy with {fault}",
            operation="ecr:PutLifecyclePolicy",
            code="InvalidParameterException",
            says="Lifecycle policy validation failure",
            bad=lifecycle(*bad),
            good=lifecycle(*good),
        )
        for fault, bad, good in (
            (
                "a rule without action",
                [{name: part for name, part in rule().items() if name != "action"}],
                [rule()],
            ),
            ("an unknown tag status", [rule(tagStatus="all")], [ANY]),
            ("an unknown count type", [rule(countType="imageCount")], [COUNTED]),
            ("a count of nothing", [rule(countNumber=0)], [rule(countNumber=1)]),
            (
                "a unit for a count of images",
                [{**COUNTED, **rule(countType="imageCountMoreThan")}],
                [COUNTED],
            ),
            ("an age without unit", [rule(countUnit=None)], [rule()]),
            (
                "tagged images of no tags",
                [rule(tagStatus="tagged")],
                [rule(tagStatus="tagged", tagPatternList=["v*"])],
            ),
            (
                "prefixes of tags for untagged images",
                [rule(tagPrefixList=["v"])],
                [rule(tagStatus="tagged", tagPrefixList=["v"])],
            ),
            ("one priority twice", [rule(1), rule(1)], [rule(1), rule(2)]),
            ("a rule for any image before another", [ANY, rule(2)], [rule(0), ANY]),
        )
    ),
    Refusal(
        name="a layer that is empty",
        operation="ecr:CompleteLayerUpload",
        code="EmptyUploadException",
        bad=with_repository(upload(b"")),
        good=with_repository(upload(b"files")),
    ),
    Refusal(
        name="a layer that is not what it claims",
        operation="ecr:CompleteLayerUpload",
        code="InvalidLayerException",
        bad=with_repository(upload(b"files", MISSING)),
        good=with_repository(upload(b"missing", MISSING)),
    ),
    Refusal(
        name="a layer that is there",
        operation="ecr:CompleteLayerUpload",
        code="LayerAlreadyExistsException",
        bad=upload_after_another(b"files"),
        good=upload_after_another(b"other files"),
    ),
    Refusal(
        name="an image whose layer was not pushed",
        operation="ecr:PutImage",
        code="LayersNotFoundException",
        bad=put_image_of(MISSING),
        good=put_image_of(),
    ),
    Refusal(
        name="an index of an image that was not pushed",
        operation="ecr:PutImage",
        code="ReferencedImagesNotFoundException",
        bad=put_index(MISSING),
        good=put_index(),
    ),
    Refusal(
        name="a digest that is not the image's",
        operation="ecr:PutImage",
        code="ImageDigestDoesNotMatchException",
        bad=put_image_with_digest(MISSING),
        good=put_image_with_digest(),
    ),
    Refusal(
        name="an immutable tag that another image has",
        operation="ecr:PutImage",
        code="ImageTagAlreadyExistsException",
        bad=push_twice("v1", mutability="IMMUTABLE"),
        good=push_twice("v1", mutability="MUTABLE"),
    ),
    Refusal(
        name="a repository with images",
        operation="ecr:DeleteRepository",
        code="RepositoryNotEmptyException",
        bad=delete_repository(force=False),
        good=delete_repository(force=True),
    ),
    Refusal(
        name="a layer that was not pushed",
        operation="ecr:GetDownloadUrlForLayer",
        code="LayersNotFoundException",
        bad=download(MISSING),
        good=download(),
    ),
]
