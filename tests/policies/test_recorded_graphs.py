"""The program passes the pack: every shape a deployment can have, previewed and deployed."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

import pytest

from agentcore_policies.model import is_known
from tests.policies.graphs import NAMES, recorded
from tests.policies.verdicts import Verdict, verdicts


@dataclass(frozen=True)
class _Unchecked:
    """What a rule cannot look at, not even after deployment: nothing of it is in the stack.

    Attributes:
        why: what it is.
        graphs: a pattern of the graphs' names.
        path: of the resource.
        rules: those that would look.
    """

    why: str
    graphs: str
    path: str
    rules: frozenset[str]

    def allows(self, graph: str, verdict: Verdict) -> bool:
        return (
            fnmatchcase(graph, self.graphs)
            and verdict.path == self.path
            and verdict.rule in self.rules
        )


_MODE: Final = "networkConfiguration.networkModeConfig"
_SUBNETS: Final = frozenset(
    {
        *("runtime-endpoints-complete", "runtime-subnet-private"),
        *("runtime-zones", "runtime-zones-supported"),
    }
)
_DNS: Final = frozenset({"vpc-private-dns"})
UNCHECKED: Final = (
    *tuple(
        _Unchecked(why, graphs, path, rules)
        for why, graphs in (
            ("somebody else's VPC", "*, a network that exists"),
            ("somebody else's VPC", "*, endpoints that exist"),
            ("another stack's VPC", "*, another stack's network"),
        )
        for path, rules in ((f"{_MODE}.subnets", _SUBNETS), ("vpcId", _DNS))
    ),
    _Unchecked(
        "a role that config names",
        "dev, a role that exists",
        "roleArn",
        frozenset(
            {
                "execution-role-control-plane",
                "execution-role-image-pull",
                "runtime-role-trust",
            }
        ),
    ),
    _Unchecked(
        "a security group that config names",
        "*, every use of a network",
        f"{_MODE}.securityGroups",
        frozenset({"runtime-security-group-ingress"}),
    ),
)


@cache
def _said(name: str) -> Sequence[Verdict]:
    graph = recorded(name)
    return [*verdicts(graph.preview), *verdicts(graph.deployed)]


def _unchecked(name: str) -> list[Verdict]:
    return [verdict for verdict in _said(name) if not verdict.is_finding]


@pytest.mark.parametrize("name", NAMES)
def test_the_program_passes_every_rule(name: str) -> None:
    found = [verdict for verdict in _said(name) if verdict.is_finding]
    assert found == [], "it does what the pack asks"


@pytest.mark.parametrize("name", NAMES)
def test_what_could_be_known_is_looked_at_from_the_first_preview_on(name: str) -> None:
    surprising = [
        verdict
        for verdict in _unchecked(name)
        if not any(allowed.allows(name, verdict) for allowed in UNCHECKED)
    ]
    assert surprising == [], "the program knows these values, or a rule could do without"


def test_every_allowance_is_for_something_that_happens() -> None:
    unused = [
        (allowed.graphs, allowed.path, rule)
        for allowed in UNCHECKED
        for rule in sorted(allowed.rules)
        if not any(
            verdict.rule == rule and allowed.allows(name, verdict)
            for name in NAMES
            for verdict in _unchecked(name)
        )
    ]
    assert unused == [], "the rule looks there, so nothing needs an excuse"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_judged_is_known_as_far_as_the_engine_knows_it(name: str) -> None:
    graph = recorded(name)

    for stack in (graph.deployed.inputs, graph.deployed.outputs):
        assert all(is_known(one.props) for one in stack.resources), "AWS has answered"
    for inputs, outputs in zip(
        graph.preview.inputs.resources, graph.preview.outputs.resources, strict=True
    ):
        assert inputs.urn == outputs.urn
        assert not is_known(outputs.props) or inputs.type == "aws:iam/rolePolicy:RolePolicy"
    tagged = [one for one in graph.preview.inputs.resources if "tagsAll" in one.props]
    assert all(one.at("tagsAll", "Owner") for one in tagged), "the provider's tags are filled in"
    assert "999999999999" not in repr(graph), "AWS answers of the stack's account"
