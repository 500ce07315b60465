"""Whole deployments by the providers, with every request and every answer of them judged."""

import json
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import botocore.session
import pytest
from botocore.model import OperationModel, ServiceModel
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers import clients
from emulator.providers.server import ProviderServers
from tests.emulator.aws.cloud import Cloud, random_account
from tests.emulator.aws.serving import serving
from tests.emulator.deployment import Deployment
from tests.judgement import request_judge, response_judge
from tests.program.configs import every_use_of_a_network
from tests.program.looked_up import OWN_NETWORK
from tests.program.program_run import run_program
from tests.stack_files import PROJECT, committed, with_images

_TAG = "1.4.2"
_CONTROL = "bedrock-agentcore-control"


def _config(stack: str) -> dict[str, Any]:
    """One agent: with everything in dev, as committed in prod; which has a key and a network too.

    Dev has a network with a way out, production's has none.
    """
    if stack == "prod":
        return with_images(committed(stack), _TAG)
    config = every_use_of_a_network(stack)
    agents = config[f"{PROJECT}:agents"]
    network = config[f"{PROJECT}:network"]
    # What the account does not have: groups and prefix lists of others.
    network["egressRules"] = [rule for rule in network["egressRules"] if "cidr" in rule]
    # One more of everything would be the same requests again.
    network.update(availabilityZones=2, natGateways="single", additionalEndpoints=[])
    # A version exists once a runtime was updated, which a first deployment does not.
    agent = {**agents["assistant"], "image": _TAG, "endpoints": {"live": 1}}
    return {**config, f"{PROJECT}:agents": {"assistant": agent}}


@dataclass
class Traffic:
    """What the providers sent, and what was wrong with the answers."""

    requests: list[tuple[OperationModel, dict[str, Any]]] = field(default_factory=list[Any])
    answers: int = 0
    violations: list[str] = field(default_factory=list[str])

    def sent(self, model: OperationModel, params: dict[str, Any], **_event: object) -> None:
        self.requests.append((model, dict(params)))

    def answered(
        self, operation_model: OperationModel, response_dict: dict[str, Any], **_event: object
    ) -> None:
        self.answers += 1
        found = response_judge.violations(operation_model, response_dict)
        self.violations += [f"{operation_model.name}: {one}" for one in found]


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    """All that is said while dev and prod are deployed, and dev is taken down again."""
    recorded = Traffic()

    class Recorded(Session):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.register("provide-client-params", recorded.sent)
            self.register("before-parse", recorded.answered)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "Session", Recorded)
        with serving(ProviderServers) as url, closing(ProviderServers(url)) as servers:
            for stack in ("dev", "prod"):
                _deploy(url, servers, stack)
    return recorded


def _deploy(url: str, servers: ProviderServers, stack: str) -> None:
    config = _config(stack)
    cloud = Cloud(url, random_account())
    with Deployment(
        servers.open(cloud.account),
        cloud.account,
        home=str(config[f"{PROJECT}:accountId"]),
        push=lambda name: cloud.push(repository=name, tag=_TAG),
    ) as deployment:
        answers = {token: partial(deployment.look_up, token) for token in OWN_NETWORK}
        run = run_program(stack, config, answers=answers)
        assert run.errors == []
        deployment.up(run.resources)
        assert deployment.created
        if stack == "dev":  # in production repositories with images are kept
            deployment.destroy()


@cache
def _service(name: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(name)


def _desired_states(traffic: Traffic) -> list[tuple[str, dict[str, Any]]]:
    return [
        (sent["TypeName"], json.loads(sent["DesiredState"]))
        for model, sent in traffic.requests
        if model.name == "CreateResource"
    ]


def test_every_answer_to_the_providers_is_one_of_the_service(traffic: Traffic) -> None:
    assert traffic.violations == []
    assert traffic.answers == len(traffic.requests), "each was judged"
    assert {model.service_model.service_name for model, _ in traffic.requests} == {
        "cloudcontrol",
        "ec2",
        "ecr",
        "iam",
        "kms",
        "logs",
        "sts",
    }


def test_every_request_of_the_providers_is_one_the_service_takes(traffic: Traffic) -> None:
    found = [
        f"{model.name}: {violation}"
        for model, sent in traffic.requests
        for violation in request_judge.violations(model, sent)
    ]
    assert found == []


def test_every_desired_state_is_one_the_api_behind_its_type_takes(traffic: Traffic) -> None:
    states = _desired_states(traffic)
    assert {name for name, _ in states} == request_judge.HANDLED_BY.keys()
    for type_name, desired in states:
        judged = request_judge.desired_state_violations(_service(_CONTROL), type_name, desired)
        assert judged == [], type_name


@given(data=st.data())
def test_a_request_with_one_member_broken_is_found(traffic: Traffic, data: st.DataObject) -> None:
    model, sent = data.draw(st.sampled_from([each for each in traffic.requests if each[1]]))
    name = data.draw(st.sampled_from(sorted(sent)))
    broken: list[dict[str, Any]] = [{**sent, name: object()}, {**sent, f"{name}s_": sent[name]}]
    if model.input_shape and name in model.input_shape.required_members:
        broken.append({other: value for other, value in sent.items() if other != name})
    assert all(request_judge.violations(model, wrong) for wrong in broken)


@pytest.mark.parametrize(
    ("type_name", "changes", "said"),
    [
        ("AWS::BedrockAgentCore::Runtime", {"AgentRuntimeName": "a-b"}, "does not match"),
        ("AWS::BedrockAgentCore::Runtime", {"RoleArn": "x"}, "does not match"),
        ("AWS::BedrockAgentCore::Runtime", {"Description": "d" * 5000}, "over the maximum"),
        ("AWS::BedrockAgentCore::Runtime", {"ProtocolConfiguration": "FTP"}, "none of"),
        ("AWS::BedrockAgentCore::Runtime", {"Colour": "red"}, "unknown to the model"),
        ("AWS::BedrockAgentCore::RuntimeEndpoint", {"Name": "a b"}, "does not match"),
    ],
)
def test_a_desired_state_with_one_property_broken_is_found(
    traffic: Traffic, type_name: str, changes: dict[str, Any], said: str
) -> None:
    desired = next(state for name, state in _desired_states(traffic) if name == type_name)
    judged = request_judge.desired_state_violations(
        _service(_CONTROL), type_name, {**desired, **changes}
    )
    assert said in "\n".join(judged)
