"""What pulumi-aws 7.51.1 does with the types the tables hold, recorded from its sources.

The sources are terraform-provider-aws (the named resource file), and pulumi-aws's own provider/:
resource_overrides.go (delete-before-replace, names of limited length, JSON documents),
autonaming.go (names of 255 characters at most), tags.go (`tagsAll`) and region.go (`region`).
Nothing here is taken from the tables under test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.emulator.providers.endpoint_facts import ENDPOINT_FACTS
from tests.emulator.providers.facts import Facts
from tests.emulator.providers.network_facts import NETWORK_FACTS
from tests.emulator.providers.samples import (
    ALIAS,
    KEY,
    LIFECYCLE_POLICY,
    POLICY,
    REPOSITORY,
    REPOSITORY_POLICY,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
)

if TYPE_CHECKING:
    from emulator.providers.values import Object


def named(outputs: Object) -> str:
    return outputs["name"]


def of_repository(outputs: Object) -> str:
    return outputs["repository"]


FACTS: dict[str, Facts] = {
    REPOSITORY: Facts(
        source="internal/service/ecr/repository.go",
        replacing=frozenset({"name", "encryptionConfigurations"}),
        resource_id=named,
        import_id="test-service",
        defaults={"imageTagMutability": "MUTABLE"},
        computed=frozenset({"encryptionConfigurations", "imageScanningConfiguration"}),
        name_length=255,
        tags=True,
        region=True,
    ),
    LIFECYCLE_POLICY: Facts(
        source="internal/service/ecr/lifecycle_policy.go",
        replacing=frozenset({"policy", "repository"}),
        resource_id=of_repository,
        import_id="tf-example",
        documents=frozenset({"policy"}),
        delete_before_replace=True,
        region=True,
    ),
    REPOSITORY_POLICY: Facts(
        source="internal/service/ecr/repository_policy.go",
        replacing=frozenset({"repository"}),
        resource_id=of_repository,
        import_id="example",
        documents=frozenset({"policy"}),
        region=True,
    ),
    ROLE: Facts(
        source="internal/service/iam/role.go",
        replacing=frozenset({"name", "path"}),
        resource_id=named,
        import_id="developer_name",
        defaults={"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False},
        name_length=64,
        documents=frozenset({"assumeRolePolicy"}),
        tags=True,
    ),
    ROLE_POLICY: Facts(
        source="internal/service/iam/role_policy.go",
        replacing=frozenset({"name", "role"}),
        resource_id=lambda outputs: f"{outputs['role']}:{outputs['name']}",
        import_id="role_of_mypolicy_name:mypolicy_name",
        name_length=255,
        documents=frozenset({"policy"}),
    ),
    ROLE_POLICY_ATTACHMENT: Facts(
        source="internal/service/iam/role_policy_attachment.go (IdAttrFormat)",
        replacing=frozenset({"role", "policyArn"}),
        resource_id=lambda outputs: f"{outputs['role']}/{outputs['policyArn']}",
        import_id="test-role/arn:aws:iam::xxxxxxxxxxxx:policy/test-policy",
        delete_before_replace=True,
    ),
    POLICY: Facts(
        source="internal/service/iam/policy.go",
        replacing=frozenset({"name", "path", "description"}),
        resource_id=lambda outputs: outputs["arn"],
        import_id="arn:aws:iam::123456789012:policy/UsersManageOwnCredentials",
        defaults={"path": "/"},
        name_length=255,
        documents=frozenset({"policy"}),
        tags=True,
    ),
    KEY: Facts(
        source="internal/service/kms/key.go",
        replacing=frozenset({"keyUsage", "customerMasterKeySpec", "multiRegion"}),
        resource_id=lambda outputs: outputs["keyId"],
        import_id="1234abcd-12ab-34cd-56ef-1234567890ab",
        defaults={
            "keyUsage": "ENCRYPT_DECRYPT",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "isEnabled": True,
            "enableKeyRotation": False,
            "bypassPolicyLockoutSafetyCheck": False,
        },
        computed=frozenset({"description", "multiRegion", "policy", "rotationPeriodInDays"}),
        tags=True,
        region=True,
    ),
    ALIAS: Facts(
        source="internal/service/kms/alias.go",
        replacing=frozenset({"name"}),
        resource_id=named,
        import_id="alias/my-key-alias",
        name_length=238,
        name_prefix="alias/",
        region=True,
    ),
    **NETWORK_FACTS,
    **ENDPOINT_FACTS,
}
