"""The stack exports exactly what contracts/agentcore-stack.yaml promises."""

import copy
import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from tests.contract.stack_contract import SCHEMA, breaches
from tests.program.configs import STACKS, every_config, several_agents
from tests.program.program_run import run_program
from tests.stack_files import committed, with_images


def _outputs(stack: str, config: dict[str, Any]) -> dict[str, Any]:
    """As `pulumi stack output --json` would hand them out."""
    return json.loads(json.dumps(run_program(stack, config).outputs))


@pytest.fixture(scope="module")
def full() -> dict[str, Any]:
    """Outputs with everything there can be, a network among it."""
    return _outputs("prod", several_agents("prod"))


def test_the_contract_is_itself_a_right_schema() -> None:
    cast("Any", Draft202012Validator).check_schema(SCHEMA)


def _properties(node: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        schema = cast("dict[str, Any]", node)
        yield from cast("dict[str, dict[str, Any]]", schema.get("properties", {})).items()
        for key, inner in schema.items():
            if key != "if":  # a condition on properties, which promises none
                yield from _properties(inner)


def test_every_output_is_described() -> None:
    described = {name: schema.get("description", "") for name, schema in _properties(SCHEMA)}

    assert len(described) >= 15
    assert [name for name, text in described.items() if len(text) < 10] == []


@pytest.mark.parametrize(
    ("stack", "config"),
    [pytest.param(stack, config, id=name) for name, stack, config in every_config()],
)
def test_what_a_stack_exports_is_what_is_promised(stack: str, config: dict[str, Any]) -> None:
    assert breaches(_outputs(stack, config)) == []


@pytest.mark.parametrize("stack", STACKS)
def test_the_outputs_say_whose_they_are(stack: str) -> None:
    outputs = _outputs(stack, committed(stack))

    assert outputs["accountId"] == committed(stack)["agentcore:accountId"]
    assert outputs["region"] == "us-east-1"
    assert outputs["size"] == committed(stack)["agentcore:size"]


NETWORK = (
    *("subnetIds", "routeTableIds", "availabilityZoneIds"),
    *("vpcEndpoints", "vpcEndpointIds", "vpcEndpointDnsNames", "securityGroupIds"),
)


def test_a_stack_without_a_network_tells_none(full: dict[str, Any]) -> None:
    outputs = _outputs("dev", committed("dev"))

    assert "vpcId" not in outputs
    assert not any(outputs[name] for name in NETWORK), "every agent is PUBLIC"
    assert outputs["monthlyFixedCost"]["total"] == 0
    assert full["vpcId"]
    assert all(full[name] for name in NETWORK), "so the lines above can fail"
    assert full["monthlyFixedCost"]["total"] > 0


def test_a_network_is_told_with_its_vpc(full: dict[str, Any]) -> None:
    assert breaches({key: value for key, value in full.items() if key != "vpcId"})


def test_an_agent_without_image_has_its_foundation_and_the_way_on() -> None:
    (agent,) = _outputs("dev", committed("dev"))["agents"].values()

    assert set(agent) == {"repositoryArn", "repositoryUrl", "executionRoleArn", "pushCommand"}
    assert agent["pushCommand"].endswith(agent["repositoryUrl"])


def test_an_agent_with_image_has_its_runtime_as_the_service_answers_it() -> None:
    (agent,) = _outputs("dev", with_images(committed("dev")))["agents"].values()

    runtime = agent["runtime"]
    assert runtime["id"] == "agentcore_dev_assistant-0123456789"
    assert runtime["arn"].endswith(f":999999999999:runtime/{runtime['id']}"), (
        "the answer, not what the program made up"
    )
    assert (runtime["version"], runtime["status"]) == ("1", "READY")
    assert runtime["executionRoleArn"] == agent["executionRoleArn"]
    assert runtime["invocationUrl"].endswith("/invocations?qualifier=DEFAULT")
    assert agent["endpoints"] == {}


def test_named_endpoints_are_told_with_their_version_and_url(full: dict[str, Any]) -> None:
    endpoints = full["agents"]["assistant"]["endpoints"]

    assert {name: e["liveVersion"] for name, e in endpoints.items()} == {"live": "1", "next": "2"}
    for name, endpoint in endpoints.items():
        assert endpoint["arn"].endswith(f"/runtime-endpoint/{name}")
        assert endpoint["invocationUrl"].endswith(f"?qualifier={name}")


Path = tuple[str, ...]


def _mappings(node: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(node, dict):
        yield path
        for key, inner in cast("dict[str, Any]", node).items():
            yield from _mappings(inner, (*path, key))


_ASSISTANT = ("agents", "assistant")
_CLOSED: list[Path] = [
    (),
    ("size",),
    ("monthlyFixedCost",),
    _ASSISTANT,
    ("agents", "writer"),
    (*_ASSISTANT, "runtime"),
    (*_ASSISTANT, "endpoints", "live"),
]


def _at(outputs: dict[str, Any], path: Path) -> dict[str, Any]:
    node = outputs
    for part in path:
        node = node[part]
    return node


@pytest.mark.parametrize("path", _CLOSED, ids=".".join)
def test_a_key_too_many_or_too_few_breaks_the_promise(full: dict[str, Any], path: Path) -> None:
    assert breaches(full) == [], "the outputs are right before"

    more = copy.deepcopy(full)
    _at(more, path)["unpromised"] = "x"
    assert breaches(more), "what is not promised is not exported"
    for key in _at(full, path):
        fewer = copy.deepcopy(full)
        del _at(fewer, path)[key]
        assert breaches(fewer), f"{key} is promised"


def test_every_mapping_of_the_outputs_is_held_against_the_contract(full: dict[str, Any]) -> None:
    free = {
        ("agents",),
        ("vpcEndpoints",),
        (*_ASSISTANT, "endpoints"),
        ("agents", "tagged", "endpoints"),
    }
    same: dict[Path, Path] = {
        ("agents", "tagged"): _ASSISTANT,
        ("agents", "tagged", "runtime"): (*_ASSISTANT, "runtime"),
        (*_ASSISTANT, "endpoints", "next"): (*_ASSISTANT, "endpoints", "live"),
    }

    held = {same.get(path, path) for path in _mappings(full) if path not in free}

    assert held == set(_CLOSED), "the test above leaves no mapping out"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("accountId",), "11111111111"),
        (("accountId",), 111111111111),
        (("region",), "us-east1"),
        (("vpcEndpointIds",), None),
        (("vpcEndpointIds",), ["eni-1"]),
        (("vpcEndpoints",), {"Ecr Api": "vpce-0123456789abcdef0"}),
        (("vpcEndpoints",), {"ecr.api": "eni-1"}),
        (("vpcId",), "10.0.0.0/16"),
        (("availabilityZoneIds",), ["us-east-1a"]),
        (("monthlyFixedCost", "total"), "12.5"),
        (("securityGroupIds",), ["sg-1", "sg-1"]),
        (("agents", "my-agent"), None),
        ((*_ASSISTANT, "endpoints", "DEFAULT"), None),
        ((*_ASSISTANT, "runtime", "version"), 1),
        ((*_ASSISTANT, "runtime", "version"), "0"),
        ((*_ASSISTANT, "runtime", "status"), "ACTIVE"),
        ((*_ASSISTANT, "runtime", "invocationUrl"), "http://localhost/invocations"),
        ((*_ASSISTANT, "runtime"), None),
        ((*_ASSISTANT, "repositoryUrl"), "999999999999.dkr.ecr.us-east-1.amazonaws.com/a:latest"),
    ],
)
def test_a_value_of_another_form_breaks_the_promise(
    full: dict[str, Any], path: Path, value: object
) -> None:
    broken = copy.deepcopy(full)
    _at(broken, path[:-1])[path[-1]] = value

    assert breaches(broken)
