"""Which AWS services a runtime calls, told by what its role may do."""

from collections.abc import Iterator, Mapping
from typing import Final

from agentcore_policies.agent_runtime import elements, is_hidden
from agentcore_policies.iam_actions import reaches
from agentcore_policies.iam_document import Document, read
from agentcore_policies.iam_wildcards import has_wildcard
from agentcore_policies.links import Linked, Links, is_computed
from agentcore_policies.model import Resource, Stack

ROLES: Final = ("aws:iam/role:Role", "aws-native:iam:Role")
# Where a policy is, whose it is, and where its document is.
_INLINE: Final = {
    "aws:iam/rolePolicy:RolePolicy": ("role", "policy"),
    "aws-native:iam:RolePolicy": ("roleName", "policyDocument"),
}
_NATIVE_MANAGED: Final = "aws-native:iam:ManagedPolicy"
_MANAGED: Final = {
    "aws:iam/policy:Policy": "policy",
    _NATIVE_MANAGED: "policyDocument",
}
_ATTACHMENTS: Final = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role", "policyArn"),
    "aws:iam/policyAttachment:PolicyAttachment": ("roles", "policyArn"),
}

# Actions by the endpoint their calls go to. Keys are used through other services, and a role's
# credentials are handed to the container: neither needs an endpoint.
_ENDPOINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "bedrock-agentcore": (
        "bedrock-agentcore:GetWorkloadAccessToken",
        "bedrock-agentcore:GetWorkloadAccessTokenForJWT",
        "bedrock-agentcore:CreateEvent",
        "bedrock-agentcore:ListEvents",
        "bedrock-agentcore:RetrieveMemoryRecords",
        "bedrock-agentcore:InvokeAgentRuntime",
        "bedrock-agentcore:StartCodeInterpreterSession",
        "bedrock-agentcore:StartBrowserSession",
    ),
    "bedrock-agentcore.gateway": ("bedrock-agentcore:InvokeGateway",),
    "bedrock-runtime": (
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
    ),
    "monitoring": ("cloudwatch:PutMetricData",),
    "secretsmanager": ("secretsmanager:GetSecretValue",),
    "xray": ("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
}


class GrantedServices:
    """What the roles of a stack grant, each of its policies looked up once."""

    def __init__(self, stack: Stack, links: Links) -> None:
        self._links = links
        self._documents: dict[str, list[Document | None]] = {}
        for policy in stack.of(*_INLINE):
            owner, name = _INLINE[policy.type]
            role = links.of(policy, ROLES, owner).one
            if role is not None:
                self._add(role, read(policy.at(name), name))
        for attachment in stack.of(*_ATTACHMENTS):
            owner, name = _ATTACHMENTS[attachment.type]
            documents = list(_managed(links.of(attachment, _MANAGED, name)))
            for role in links.of(attachment, ROLES, owner).found:
                self._add(role, *documents)
        for policy in stack.of(_NATIVE_MANAGED):
            documents = list(_managed(Linked(found=[policy])))
            for role in links.of(policy, ROLES, "roles").found:
                self._add(role, *documents)

    def of(self, runtime: Resource) -> tuple[set[str], bool]:
        """The services by the name of their endpoint, and whether all policies are known.

        A role of another stack grants what nobody can tell here.
        """
        role = self._links.of(runtime, ROLES, "roleArn").one
        if role is None:
            return set(), False
        services: set[str] = set()
        is_whole = True
        for document in (*self._said_by(role), *self._documents.get(role.urn, ())):
            if document is None or document.unknown:
                is_whole = False
            if document is not None:
                services |= _services(document)
        return services, is_whole

    def _add(self, role: Resource, *documents: Document | None) -> None:
        self._documents.setdefault(role.urn, []).extend(documents)

    def _said_by(self, role: Resource) -> Iterator[Document | None]:
        yield from _inline(role)
        if not is_computed(role, "managedPolicyArns"):
            yield from _managed(self._links.of_list(role, _MANAGED, "managedPolicyArns"))


def _services(document: Document) -> set[str]:
    """The services of what is allowed; of those a wildcard means nobody can tell which are used."""
    return {
        service
        for statement in document.statements
        if statement.effect == "Allow"
        for pattern in statement.actions.known
        if not has_wildcard(pattern.partition(":")[0])
        for service, actions in _ENDPOINTS.items()
        if any(reaches(pattern, action) for action in actions)
    }


def _managed(policies: Linked) -> Iterator[Document | None]:
    """The documents of policies; None for those that cannot be looked at."""
    for policy in policies.found:
        name = _MANAGED[policy.type]
        yield read(policy.at(name), name)
    if not policies.is_known:
        yield None


def _inline(role: Resource) -> Iterator[Document | None]:
    for block, name in (("inlinePolicies", "policy"), ("policies", "policyDocument")):
        if is_computed(role, block):
            continue
        for entry in elements(role.at(block)):
            if is_hidden(entry):
                yield None
            elif isinstance(entry, Mapping) and entry.get(name):
                yield read(entry[name], block)
