"""The services that a role's policies grant, one row for each action that is known."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from agentcore_policies.granted_services import GrantedServices
from agentcore_policies.links import Links
from agentcore_policies.model import SECRET, UNKNOWN, Resource, Stack
from tests.policies.documents import document
from tests.policies.judged import resource, urn
from tests.policies.policy_forms import ACCOUNT, ROLE_ARN, allow

ROLE: Final = "aws:iam/role:Role"
NATIVE_ROLE: Final = "aws-native:iam:Role"
RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
POLICY_ARN: Final = f"arn:aws:iam::{ACCOUNT}:policy/p"
LOGGING: Final = document(allow("cloudwatch:PutMetricData", "*"))
METRICS: Final = ({"monitoring"}, True)
# An action, and the endpoint that its calls go to.
ACTIONS: Final[Mapping[str, str]] = {
    "bedrock-agentcore:CreateEvent": "bedrock-agentcore",
    "bedrock-agentcore:GetWorkloadAccessToken": "bedrock-agentcore",
    "bedrock-agentcore:GetWorkloadAccessTokenForJWT": "bedrock-agentcore",
    "bedrock-agentcore:InvokeAgentRuntime": "bedrock-agentcore",
    "bedrock-agentcore:ListEvents": "bedrock-agentcore",
    "bedrock-agentcore:RetrieveMemoryRecords": "bedrock-agentcore",
    "bedrock-agentcore:StartBrowserSession": "bedrock-agentcore",
    "bedrock-agentcore:StartCodeInterpreterSession": "bedrock-agentcore",
    "bedrock-agentcore:InvokeGateway": "bedrock-agentcore.gateway",
    "bedrock:InvokeModel": "bedrock-runtime",
    "bedrock:InvokeModelWithResponseStream": "bedrock-runtime",
    "cloudwatch:PutMetricData": "monitoring",
    "secretsmanager:GetSecretValue": "secretsmanager",
    "xray:PutTelemetryRecords": "xray",
    "xray:PutTraceSegments": "xray",
}


def role(kind: str = ROLE, **props: Any) -> Resource:
    return resource(kind, {"arn": ROLE_ARN, "name": "support", "roleName": "support", **props})


def granted(*resources: Resource) -> tuple[set[str], bool]:
    """What the runtime's role grants, and whether all of it is known."""
    runtime = resource(RUNTIME, {"roleArn": ROLE_ARN}, "runtime")
    stack = Stack(name="prod", resources=[*resources, runtime])
    return GrantedServices(stack, Links(stack)).of(runtime)


def inline(*statements: dict[str, Any]) -> Resource:
    return resource(
        "aws:iam/rolePolicy:RolePolicy", {"role": "support", "policy": document(*statements)}
    )


@pytest.mark.parametrize(("action", "service"), ACTIONS.items())
def test_an_action_needs_the_endpoint_of_its_service(action: str, service: str) -> None:
    assert granted(role(), inline(allow(action, "*"))) == ({service}, True)
    assert granted(role(), inline(allow(f"{action}*", "*"))) == ({service}, True)
    assert granted(role(), inline(allow(f"{action}More", "*"))) == (set(), True)
    denied = {**allow(action, "*"), "Effect": "Deny"}
    assert granted(role(), inline(denied)) == (set(), True)


WILDCARDS: Final[Sequence[tuple[Any, set[str]]]] = (
    ("*", set()),
    ("bedrock*:InvokeModel", set()),
    ("bedrock:*", {"bedrock-runtime"}),
    ("bedrock-agentcore:*", {"bedrock-agentcore", "bedrock-agentcore.gateway"}),
    (["xray:PutTraceSegments", "bedrock:InvokeModel"], {"bedrock-runtime", "xray"}),
    ("kms:Decrypt", set()),
)


@pytest.mark.parametrize(
    ("actions", "services"), WILDCARDS, ids=[str(actions) for actions, _ in WILDCARDS]
)
def test_a_wildcard_needs_the_endpoint_of_the_service_that_it_names(
    actions: Any, services: set[str]
) -> None:
    assert granted(role(), inline(allow(actions, "*"))) == (services, True)


def attached(kind: str, name: str, policy: str, key: str) -> Sequence[Resource]:
    attachment = {name: ["support"] if name == "roles" else "support", "policyArn": POLICY_ARN}
    props = {"arn": POLICY_ARN, "policyArn": POLICY_ARN, key: LOGGING}
    return [role(), resource(policy, props, "policy"), resource(kind, attachment, "attachment")]


ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
POLICY: Final = "aws:iam/policy:Policy"
NATIVE_POLICY: Final = "aws-native:iam:ManagedPolicy"


@pytest.mark.parametrize(
    "resources",
    [
        [role(), resource("aws:iam/rolePolicy:RolePolicy", {"role": "support", "policy": LOGGING})],
        [
            role(NATIVE_ROLE),
            resource(
                "aws-native:iam:RolePolicy", {"roleName": "support", "policyDocument": LOGGING}
            ),
        ],
        [role(inlinePolicies=[{"name": "one", "policy": LOGGING}])],
        [role(NATIVE_ROLE, policies=[{"policyName": "one", "policyDocument": LOGGING}])],
        attached(ROLE_ATTACHMENT, "role", POLICY, "policy"),
        attached(ROLE_ATTACHMENT, "role", NATIVE_POLICY, "policyDocument"),
        attached(ATTACHMENT, "roles", POLICY, "policy"),
        attached(ATTACHMENT, "roles", NATIVE_POLICY, "policyDocument"),
        [
            role(managedPolicyArns=[POLICY_ARN]),
            resource(POLICY, {"arn": POLICY_ARN, "policy": LOGGING}, "policy"),
        ],
        [
            role(NATIVE_ROLE, managedPolicyArns=[POLICY_ARN]),
            resource(NATIVE_POLICY, {"policyArn": POLICY_ARN, "policyDocument": LOGGING}, "policy"),
        ],
        [
            role(NATIVE_ROLE),
            resource(NATIVE_POLICY, {"roles": ["support"], "policyDocument": LOGGING}, "policy"),
        ],
    ],
    ids=lambda resources: " ".join(one.type.rpartition(":")[2] for one in resources),
)
def test_a_policy_counts_wherever_the_stack_gives_it(resources: Sequence[Resource]) -> None:
    assert granted(*resources) == METRICS
    others = [one for one in resources if one.type not in (ROLE, NATIVE_ROLE)]
    other = role(resources[0].type)
    if others and not resources[0].at("managedPolicyArns"):
        named = {"role": "b", "roleName": "b", "roles": ["b"]}
        moved = [
            resource(one.type, {**one.props, **{k: v for k, v in named.items() if k in one.props}})
            for one in others
        ]
        assert granted(other, *moved) == (set(), True), "it is another role's"


@pytest.mark.parametrize(
    ("kind", "block", "name"),
    [(ROLE, "inlinePolicies", "policy"), (NATIVE_ROLE, "policies", "policyDocument")],
)
def test_each_policy_of_a_role_itself_is_looked_at(kind: str, block: str, name: str) -> None:
    entries: list[Any] = [{}, {"name": "empty", name: ""}, "text", None, {name: LOGGING}]
    assert granted(role(kind, **{block: entries})) == METRICS
    for hidden in (UNKNOWN, SECRET):
        assert granted(role(kind, **{block: [hidden, {name: LOGGING}]})) == ({"monitoring"}, False)
        entry = {name: hidden}
        assert granted(role(kind, **{block: [entry, {name: LOGGING}]})) == ({"monitoring"}, False)
    assert granted(role(kind, **{block: UNKNOWN})) == (set(), True), "the provider fills it in"
    both = {"inlinePolicies": UNKNOWN, "policies": UNKNOWN, block: [{name: LOGGING}]}
    assert granted(role(kind, **both)) == METRICS, "of the other block only"


def test_what_is_of_another_stack_grants_what_nobody_can_tell() -> None:
    assert granted() == (set(), False)
    assert granted(role()) == (set(), True)
    assert granted(role(managedPolicyArns=[POLICY_ARN])) == (set(), False)
    assert granted(role(managedPolicyArns=UNKNOWN)) == (set(), True), "the provider fills it in"
    links = {"managedPolicyArns": [urn(POLICY, "a"), urn(POLICY, "b")]}
    given = resource(ROLE, {"arn": ROLE_ARN, "managedPolicyArns": UNKNOWN}, dependencies=links)
    assert granted(given) == (set(), False)
