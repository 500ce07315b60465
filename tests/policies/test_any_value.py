"""Whatever a property holds, the rules of runtimes and their network say something or nothing."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.model import SECRET, UNKNOWN, Resource, Stack
from agentcore_policies.rule import Context, Finding, NotChecked, Rule
from agentcore_policies.rules import runtime, security_groups, subnets, vpc_endpoints, vpc_mode
from tests.policies.small_network import AWS, NATIVE, SmallNetwork

RULES: Final[list[Rule]] = [
    *runtime.RULES,
    *vpc_mode.RULES,
    *subnets.RULES,
    *security_groups.RULES,
    *vpc_endpoints.RULES,
]
HIDDEN_TEXT: Final = "AKIA" + "ABCDEFGHIJKLMNOP"
LEAVES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from((UNKNOWN, SECRET, HIDDEN_TEXT, "0.0.0.0/0", "-1", "*", "Gateway", "VPC")),
)
KEYS: Final = st.sampled_from(
    (
        *("subnetId", "gatewayId", "cidrBlock", "fromPort", "protocol", "Statement", "Principal"),
        *("networkMode", "networkModeConfig", "subnets", "customJwtAuthorizer", "discoveryUrl"),
        *("containerConfiguration", "containerUri", "maxLifetime", "cidrBlocks", "self"),
    )
)
VALUES: Final[st.SearchStrategy[Any]] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)
MORE: Final = st.sampled_from(
    (
        *("routes", "ingress", "egress", "securityGroupEgress", "environmentVariables"),
        *("lifecycleConfiguration", "lifecycleConfigurations", "authorizerConfiguration"),
        *("requestHeaderConfiguration", "protocolConfiguration", "inlinePolicies", "policies"),
        *("managedPolicyArns", "subnetConfigurations", "region", "prefixListId", "id"),
    )
)


def everything_said(resources: list[Resource]) -> list[Finding | NotChecked]:
    said: list[Finding | NotChecked] = []
    stack = Stack(name="prod", resources=resources)
    for rule in RULES:
        settings = {name: setting.default for name, setting in rule.settings.items()}
        context = Context(stack="prod", production=True, settings=settings)
        if rule.check_stack:
            said += rule.check_stack(stack, context)
        elif rule.check:
            for resource in stack.of(*rule.types):
                said += rule.check(resource, context)
    return said


@pytest.mark.parametrize("types", [AWS, NATIVE])
@given(data=st.data())
def test_no_value_makes_a_rule_crash_or_tell_a_secret(types: Any, data: st.DataObject) -> None:
    network = SmallNetwork(types)
    for _ in range(data.draw(st.integers(min_value=1, max_value=4))):
        node = network[data.draw(st.sampled_from(sorted(network.nodes)))]
        node[data.draw(st.one_of(st.sampled_from([*sorted(node), "tags"]), MORE))] = data.draw(
            VALUES
        )
    for preview in (True, False):
        for one in everything_said(network.build(preview=preview)):
            assert HIDDEN_TEXT not in str(one), "no message shows what looks like a secret"
