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


def granted_services(runtime: Resource, stack: Stack, links: Links) -> tuple[set[str], bool]:
    """The services by the name of their endpoint, and whether all of the role's policies are known.

    A role of another stack grants what nobody can tell here.
    """
    role = links.of(runtime, ROLES, "roleArn").one
    if role is None:
        return set(), False
    services: set[str] = set()
    is_whole = True
    for document in _documents(role, stack, links):
        if document is None or document.unknown:
            is_whole = False
        if document is not None:
            services |= _services(document)
    return services, is_whole


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


def _documents(role: Resource, stack: Stack, links: Links) -> Iterator[Document | None]:
    """The documents of a role; None for one that cannot be looked at."""
    yield from _inline(role)
    for policy in stack.of(*_INLINE):
        owner, document = _INLINE[policy.type]
        if links.of(policy, ROLES, owner).one is role:
            yield read(policy.at(document), document)
    for policies in _attached(role, stack, links):
        for policy in policies.found:
            document = _MANAGED[policy.type]
            yield read(policy.at(document), document)
        if not policies.is_known:
            yield None
    for policy in stack.of(_NATIVE_MANAGED):
        if role in links.of(policy, ROLES, "roles").found:
            yield read(policy.at("policyDocument"), "policyDocument")


def _inline(role: Resource) -> Iterator[Document | None]:
    for block, name in (("inlinePolicies", "policy"), ("policies", "policyDocument")):
        if is_computed(role, block):
            continue
        for entry in elements(role.at(block)):
            if is_hidden(entry):
                yield None
            elif isinstance(entry, Mapping) and entry.get(name):
                yield read(entry[name], block)


def _attached(role: Resource, stack: Stack, links: Links) -> Iterator[Linked]:
    for attachment in stack.of(*_ATTACHMENTS):
        owner, policy = _ATTACHMENTS[attachment.type]
        if role in links.of(attachment, ROLES, owner).found:
            yield links.of(attachment, _MANAGED, policy)
    if not is_computed(role, "managedPolicyArns"):
        yield links.of_list(role, _MANAGED, "managedPolicyArns")
