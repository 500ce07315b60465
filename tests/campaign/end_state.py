"""What a deployment has left: the Pulumi state and the account, without what differs each time."""

import difflib
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, cast

from tests.campaign.site import Site

# Ids that AWS draws, times, and ids of Pulumi's own.
_DRAWN: Final = (
    (re.compile(r"(?<=agentcore_dev_assistant-)[A-Za-z0-9]{10}"), "RUNTIME"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\b(AROA|ANPA)[A-Z0-9]{16,}"), "UNIQUE-ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\b1\d{9}\.\d+"), "TIME"),
)
_COMPARED: Final = (
    *("urn", "id", "type", "custom", "parent", "provider", "protect", "delete"),
    *("dependencies", "inputs", "outputs", "initErrors", "external"),
)
_IMAGE_DETAILS: Final = ("imageDigest", "imageTags")


@dataclass(frozen=True)
class EndState:
    """What is left.

    Attributes:
        text: state and account as JSON, with names in the place of what is drawn.
        creations: how often AWS made something, by operation or, behind Cloud Control, by type.
    """

    text: str
    creations: Counter[str]

    def differences(self, other: "EndState") -> list[str]:
        """How another one differs, in lines."""
        found = [
            f"{what} made {other.creations[what]} times instead of {self.creations[what]}"
            for what in sorted({*self.creations, *other.creations})
            if other.creations[what] != self.creations[what]
        ]
        lines = difflib.unified_diff(
            self.text.splitlines(), other.text.splitlines(), "undisturbed", "disturbed", "", "", 2
        )
        return [*found, *(line.rstrip() for line in lines)]


def end_state(site: Site) -> EndState:
    """Look at the state file and ask AWS about everything."""
    left = {"state": _state(site), "aws": account_of(site)}
    text = json.dumps(_by_meaning(left), indent=1, sort_keys=True, default=str).replace(
        site.account, "ACCOUNT"
    )
    for pattern, name in _DRAWN:
        text = pattern.sub(name, text)
    return EndState(text, _creations(site))


def account_of(site: Site) -> dict[str, Any]:
    """All that the account holds, as AWS's API tells it; empty kinds are left out."""
    held = {
        "roles": _roles(site),
        "policies": site.deployment.client("iam").list_policies(Scope="Local")["Policies"],
        "repositories": _repositories(site),
        "keys": _keys(site),
        "runtimes": _runtimes(site),
        "workload identities": site.deployment.client("cloudcontrol").list_resources(
            TypeName="AWS::BedrockAgentCore::WorkloadIdentity"
        )["ResourceDescriptions"],
    }
    return {kind: things for kind, things in held.items() if things}


def _by_meaning(value: Any) -> Any:
    """Read the JSON documents in it: AWS writes them otherwise than the program."""
    match value:
        case dict():
            members = cast("dict[str, Any]", value)
            return {name: _by_meaning(member) for name, member in members.items()}
        case list():
            return [_by_meaning(item) for item in cast("list[Any]", value)]
        case str() if value.startswith("{"):
            return json.loads(value)
        case _:
            return value


def _state(site: Site) -> dict[str, Any]:
    checkpoint = json.loads(site.deployment.stack.checkpoint.read_text("utf-8"))["checkpoint"]
    latest: dict[str, Any] = checkpoint["latest"]
    resources = [
        {name: resource[name] for name in _COMPARED if resource.get(name)}
        for resource in latest["resources"]
    ]
    for resource in resources:
        resource.get("dependencies", []).sort()
    resources.sort(key=lambda resource: resource["urn"])
    return {"resources": resources, "pending operations": latest.get("pending_operations", [])}


def _creations(site: Site) -> Counter[str]:
    made = Counter(
        f"{request.service} {request.operation}"
        for request in site.requests()
        if request.operation.startswith("Create")
        and request.operation != "CreateResource"
        and request.status in ("200", "lost")
    )
    asked = site.deployment.client("cloudcontrol").list_resource_requests(
        ResourceRequestStatusFilter={"Operations": ["CREATE"], "OperationStatuses": ["SUCCESS"]}
    )["ResourceRequestStatusSummaries"]
    return made + Counter(event["TypeName"] for event in asked)


def _roles(site: Site) -> list[dict[str, Any]]:
    iam = site.deployment.client("iam")
    found: list[dict[str, Any]] = []
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        role["Tags"] = iam.list_role_tags(RoleName=name)["Tags"]
        role["attached"] = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        role["inline"] = {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in inline
        }
        found.append(role)
    return found


def _repositories(site: Site) -> list[dict[str, Any]]:
    ecr = site.deployment.client("ecr")
    found: list[dict[str, Any]] = []
    for repository in ecr.describe_repositories()["repositories"]:
        name = repository["repositoryName"]
        repository["tags"] = ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])[
            "tags"
        ]
        images = ecr.describe_images(repositoryName=name)["imageDetails"]
        repository["images"] = [
            {detail: image.get(detail) for detail in _IMAGE_DETAILS} for image in images
        ]
        try:
            policy = ecr.get_lifecycle_policy(repositoryName=name)
            repository["lifecycle"] = policy["lifecyclePolicyText"]
        except ecr.exceptions.LifecyclePolicyNotFoundException:
            repository["lifecycle"] = None
        found.append(repository)
    return found


def _keys(site: Site) -> list[dict[str, Any]]:
    """Keys on their way out do not count."""
    kms = site.deployment.client("kms")
    found: list[dict[str, Any]] = []
    for key in kms.list_keys()["Keys"]:
        key_id = key["KeyId"]
        metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        if metadata["KeyState"] == "PendingDeletion" or metadata["KeyManager"] != "CUSTOMER":
            continue
        found.append(
            {
                "metadata": metadata,
                "aliases": kms.list_aliases(KeyId=key_id)["Aliases"],
                "policy": kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"],
                "rotation": kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"],
                "tags": kms.list_resource_tags(KeyId=key_id)["Tags"],
            }
        )
    return found


def _runtimes(site: Site) -> list[dict[str, Any]]:
    control = site.deployment.client("bedrock-agentcore-control")
    found: list[dict[str, Any]] = []
    for listed in control.list_agent_runtimes()["agentRuntimes"]:
        runtime = listed["agentRuntimeId"]
        versions = control.list_agent_runtime_versions(agentRuntimeId=runtime)["agentRuntimes"]
        endpoints = control.list_agent_runtime_endpoints(agentRuntimeId=runtime)["runtimeEndpoints"]
        found.append(
            {
                "runtime": _body(control.get_agent_runtime(agentRuntimeId=runtime)),
                "tags": control.list_tags_for_resource(resourceArn=listed["agentRuntimeArn"])[
                    "tags"
                ],
                "versions": sorted(version["agentRuntimeVersion"] for version in versions),
                "endpoints": sorted(endpoints, key=lambda endpoint: endpoint["name"]),
            }
        )
    return found


def _body(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
