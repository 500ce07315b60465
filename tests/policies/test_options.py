"""What the program asks of the engine reaches the rules, whoever serves them."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi_policy.policy import (
    EnforcementLevel,
    _PolicyAnalyzerServicer,  # pyright: ignore[reportPrivateUsage]
)

from agentcore_policies.model import Options, Resource, Stack
from agentcore_policies.pack import Analyzer
from agentcore_policies.rule import Context, Rule, Verdicts
from agentcore_policies.sdk import policies
from tests.policies.engine_calls import URN
from tests.policies.tiny_rules import REPOSITORY

_URN: Final = URN.format(stack="dev", type=REPOSITORY, name="one")
_ON_THE_WIRE: Final = (
    (messages.AnalyzerResourceOptions(), Options()),
    (
        messages.AnalyzerResourceOptions(
            protect=True,
            deleteBeforeReplace=True,
            deleteBeforeReplaceDefined=True,
            ignoreChanges=["name", "description"],
            customTimeouts=messages.AnalyzerResourceOptions.CustomTimeouts(create=60, delete=90),
        ),
        Options(
            protect=True,
            delete_before_replace=True,
            ignore_changes=("name", "description"),
            delete_seconds=90,
        ),
    ),
    (
        messages.AnalyzerResourceOptions(deleteBeforeReplaceDefined=True),
        Options(delete_before_replace=False),
    ),
)


def own(*rules: Rule) -> Any:
    return Analyzer(rules)


def hosted(*rules: Rule) -> Any:
    return _PolicyAnalyzerServicer("own", "1", policies(rules, ["prod"]), EnforcementLevel.ADVISORY)


@pytest.mark.parametrize("serve", [own, hosted])
@pytest.mark.parametrize(("told", "options"), _ON_THE_WIRE, ids=["none", "all", "denied"])
def test_a_rule_sees_how_the_engine_treats_a_resource(
    serve: Callable[..., Any], told: messages.AnalyzerResourceOptions, options: Options
) -> None:
    seen: list[Resource] = []

    def of_resource(resource: Resource, _context: Context) -> Verdicts:
        seen.append(resource)
        return ()

    def of_stack(stack: Stack, _context: Context) -> Verdicts:
        seen.extend(stack.resources)
        return ()

    rules = (
        Rule(id="one", description="d", severity="low", types=[REPOSITORY], remediation="r",
             check=of_resource),
        Rule(id="every", description="d", severity="low", types=[REPOSITORY], remediation="r",
             check_stack=of_stack),
    )  # fmt: skip
    server = serve(*rules)
    entry = messages.AnalyzerResource(type=REPOSITORY, name="one", urn=_URN, options=told)
    entry.provider.urn = "urn:pulumi:dev::project::pulumi:providers:aws::default"

    server.Analyze(
        messages.AnalyzeRequest(type=REPOSITORY, name="one", urn=_URN, options=told), None
    )
    server.AnalyzeStack(messages.AnalyzeStackRequest(resources=[entry]), None)

    assert [one.options for one in seen] == [options, options]
