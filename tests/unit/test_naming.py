"""Physical names are what AWS takes, tell what they belong to, and differ where they must."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.naming import StackNames
from infra.regions import RUNTIME_REGIONS, dns_suffix_of, has_endpoints, partition_of
from tests.unit.config_faults import findings
from tests.unit.fault_table import right_config

NAMES = StackNames(project="agentcore", stack="dev", account_id="111111111111", region="us-east-1")
_AGENTS = st.from_regex(r"[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,5}){0,3}", fullmatch=True)


def _stack(stack: str) -> StackNames:
    return StackNames(
        project="agentcore", stack=stack, account_id="111111111111", region="us-east-1"
    )


@given(_AGENTS, st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,8}", fullmatch=True))
def test_every_agent_the_config_takes_gets_names_that_aws_takes(agent: str, stack: str) -> None:
    names = _stack(stack)

    assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]{0,47}", names.runtime(agent))
    assert re.fullmatch(r"[\w+=,.@-]{1,64}", names.role(agent))
    assert re.fullmatch(
        r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*", names.repository(agent)
    )
    assert re.fullmatch(r"alias/[a-zA-Z0-9/_-]+", names.key_alias)


@given(_AGENTS, _AGENTS)
def test_two_agents_share_no_name(one: str, other: str) -> None:
    for name in (NAMES.runtime, NAMES.role, NAMES.repository):
        assert (name(one) == name(other)) is (one == other)


def test_the_role_carries_the_region_because_iam_is_global() -> None:
    assert NAMES.role("assistant") == "agentcore-dev-assistant-us-east-1"


@pytest.mark.parametrize(
    ("stack", "longest"), [("dev", 34), ("prod", 33), ("a-long-stack-name", 20)]
)
def test_a_name_is_refused_exactly_where_aws_would_cut_it(stack: str, longest: int) -> None:
    config = right_config()
    config["tags"]["Environment"] = stack
    config["production"] = stack == "prod"
    config["registry"]["encryption"] = "KMS"

    config["agents"] = {"a" * longest: {"networkMode": "VPC"}}
    assert findings(config, stack=stack) == []
    assert len(_stack(stack).runtime("a" * longest)) == 48

    config["agents"] = {"a" * (longest + 1): {"networkMode": "VPC"}}
    assert _stack(stack).runtime("a" * (longest + 1)) in findings(config, stack=stack)[0], (
        "the composed name is shown, because it is that which is too long"
    )


@pytest.mark.parametrize("agents", [{}, {"a": {}}])
def test_a_network_is_refused_exactly_when_the_role_of_its_flow_logs_would_not_fit(
    agents: dict[str, Any],
) -> None:
    config = right_config()
    config["network"], config["agents"] = {"cidr": "10.64.0.0/16"}, agents
    room = 64 - len(_stack("").flow_log_role)
    fits, too_long = "s" * (room - 1), "s" * room

    for stack in (fits, too_long):
        config["tags"]["Environment"] = stack
        found = findings(config, stack=stack)
        assert [_stack(stack).flow_log_role in one for one in found] == [True] * len(found)
        assert bool(found) is (stack == too_long), found


@pytest.mark.parametrize("region", sorted(RUNTIME_REGIONS))
def test_every_region_has_a_partition_and_a_domain(region: str) -> None:
    names = StackNames(project="p", stack="s", account_id="111111111111", region=region)

    assert has_endpoints(region)
    assert names.partition in {"aws", "aws-us-gov"}
    assert (
        names.repository_arn("r") == f"arn:{names.partition}:ecr:{region}:111111111111:repository/r"
    )
    assert names.image_uri("r") == f"111111111111.dkr.ecr.{region}.amazonaws.com/r"


@pytest.mark.parametrize("region", ["cn-north-1", "cn-northwest-1"])
def test_a_partition_without_the_service_has_no_domain(region: str) -> None:
    assert partition_of(region) == "aws-cn"
    assert not has_endpoints(region)
    with pytest.raises(KeyError):
        dns_suffix_of(region)


def test_an_image_of_another_account_is_named_with_that_account() -> None:
    assert NAMES.image_uri("r", "333333333333").startswith("333333333333.dkr.ecr.")
    assert ":333333333333:" in NAMES.repository_arn("r", "333333333333")


def test_the_invocation_url_holds_the_arn_as_one_path_segment() -> None:
    arn = "arn:aws:bedrock-agentcore:us-east-1:111111111111:runtime/agentcore_dev_a-0123456789"

    url = urlsplit(NAMES.invocation_url(arn, "live"))

    assert url.scheme == "https"
    assert url.netloc == "bedrock-agentcore.us-east-1.amazonaws.com"
    empty, runtimes, encoded, invocations = url.path.split("/")
    assert (empty, runtimes, invocations) == ("", "runtimes", "invocations")
    assert unquote(encoded) == arn, "colons and slashes of the ARN do not become path"
    assert url.query == "qualifier=live"
    assert NAMES.invocation_url(arn).endswith("?qualifier=DEFAULT")
