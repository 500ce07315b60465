"""What whoever deploys a stack has to be allowed, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.documents.contract import render
from infra.naming import StackNames
from infra.regions import dns_suffix_of

# IAM quotas: characters of a customer-managed policy, white space not counted.
MANAGED_POLICY_MAX: Final = 6144

_SERVICE_LINKED_ROLES: Final = {
    "runtime-identity.bedrock-agentcore.amazonaws.com": (
        "AWSServiceRoleForBedrockAgentCoreRuntimeIdentity"
    ),
}
_NETWORK_ROLES: Final = {
    "network.bedrock-agentcore.amazonaws.com": "AWSServiceRoleForBedrockAgentCoreNetwork",
}


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What shapes the rights, of everything that a stack's config says.

    Attributes:
        project_tag: value of the tag ``Project``; with ``Environment``, which is the stack's name,
            it tells the stack's resources from others that AWS gives random ids.
        own_key: whether the stack has a key of its own.
        network: whether the stack has a network block.
        permissions_boundary: ARN of the boundary of the stack's roles.
        brought_role_arns: execution roles that the user brings.
    """

    project_tag: str
    own_key: bool = False
    network: bool = False
    permissions_boundary: str | None = None
    brought_role_arns: Sequence[str] = ()


def deployer_permissions(names: StackNames, deployed: Deployed) -> dict[str, str]:
    """The documents of managed policies, by what they are for.

    * ``preview``: everything that ``pulumi preview`` and ``pulumi refresh`` read; nothing changes.
    * ``deploy``: what ``pulumi up`` and ``pulumi destroy`` need besides.
    * ``deploy-network``: what they need besides for a stack with a network.

    Not contained are the push of images, the state backend, and the rights of the commands of the
    offline AWS. The security group of an endpoint that somebody else made is not the stack's: its
    owner lets agents in, or grants the deployer to do so.

    Raises:
        DocumentTooLongError: over IAM's limit.
    """
    boundary = deployed.permissions_boundary
    brought = deployed.brought_role_arns
    parts = {
        "preview": {
            "preview": True,
            "preview_key": deployed.own_key,
            "preview_network": deployed.network,
            "preview_policies": brought or boundary,
            "preview_roles": brought,
        },
        "deploy": {
            "deploy": True,
            "deploy_bounded": boundary,
            "deploy_flow_logs": deployed.network,
            "deploy_key": deployed.own_key,
            "deploy_unbounded": not boundary,
        },
        **({"deploy-network": {"deploy_network": True}} if deployed.network else {}),
    }
    iam = f"arn:{names.partition}:iam::"
    linked = {**_SERVICE_LINKED_ROLES, **(_NETWORK_ROLES if deployed.network else {})}
    policies = [f"{iam}aws:policy/*", f"{iam}{names.account_id}:policy/*"] if brought else []
    values = {
        "account_id": names.account_id,
        "brought_policy_arns": policies or [boundary or ""],
        "brought_role_arns": brought,
        "dns_suffix": dns_suffix_of(names.region),
        "flow_log_group": names.flow_log_group,
        "flow_log_role": names.flow_log_role,
        "partition": names.partition,
        "passed_role_arns": [names.role_arn("*"), *brought],
        "permissions_boundary": boundary or "",
        "prefix": names.prefix,
        "project_tag": deployed.project_tag,
        "region": names.region,
        "runtime_prefix": names.runtime("").removesuffix("_"),
        "service_linked_role_arns": [
            f"{iam}{names.account_id}:role/aws-service-role/{service}/{role}"
            for service, role in linked.items()
        ],
        "service_linked_role_services": list(linked),
        "stack": names.stack,
    }
    return {
        name: render(
            "deployer-permissions.json",
            values,
            flags=[flag for flag, is_set in flags.items() if is_set],
            limit=MANAGED_POLICY_MAX,
            way_out="Bring fewer roles, or name them under one path.",
        )
        for name, flags in parts.items()
    }
