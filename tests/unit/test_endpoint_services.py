"""Endpoints are derived from what the agents use: nothing is missing, nothing is paid for idle."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.endpoint_services import AgentNeeds, EndpointService, needed_services

ALWAYS = ["bedrock-agentcore", "ecr.api", "ecr.dkr", "logs", "s3"]
BY_NEED = {
    "models": "bedrock-runtime",
    "tracing": "xray",
    "metrics": "monitoring",
    "secrets": "secretsmanager",
    "gateways": "bedrock-agentcore.gateway",
}
_NEEDS = st.builds(AgentNeeds, **{need: st.booleans() for need in BY_NEED})
_ADDITIONAL = st.sets(st.sampled_from(["sts", "ssm", "kms", "xray", "s3", "dynamodb", "sqs"]))


def _names(agents: list[AgentNeeds], additional: set[str] | None = None) -> list[str]:
    return [service.name for service in needed_services(agents, additional or ())]


def test_every_need_is_tested() -> None:
    assert [field.name for field in dataclasses.fields(AgentNeeds)] == list(BY_NEED)


def test_a_network_without_agents_has_what_every_agent_needs() -> None:
    assert _names([]) == ALWAYS
    assert _names([AgentNeeds()]) == ALWAYS


@pytest.mark.parametrize(("need", "service"), BY_NEED.items())
def test_a_need_brings_its_service_and_no_other(need: str, service: str) -> None:
    assert _names([AgentNeeds(**{need: True})]) == sorted([*ALWAYS, service])


@given(st.lists(_NEEDS, max_size=4), _ADDITIONAL)
def test_the_services_are_exactly_those_used_by_any_agent_or_named(
    agents: list[AgentNeeds], additional: set[str]
) -> None:
    used = {BY_NEED[need] for need in BY_NEED if any(getattr(agent, need) for agent in agents)}

    assert set(_names(agents, additional)) == {*ALWAYS, *used, *additional}


@given(st.lists(_NEEDS, max_size=4), _ADDITIONAL)
def test_order_and_repetition_do_not_matter(agents: list[AgentNeeds], additional: set[str]) -> None:
    backwards = needed_services([*reversed(agents), *agents], [*additional, *sorted(additional)])

    assert needed_services(agents, additional) == backwards, "another order is a change to deploy"
    assert [service.name for service in backwards] == sorted(
        {service.name for service in backwards}
    ), "a VPC has one private DNS name of a service"


def test_services_that_have_gateway_endpoints_get_those_because_they_cost_nothing() -> None:
    services = needed_services([AgentNeeds(gateways=True)], ["dynamodb", "sts"])

    assert {one.name for one in services if one.type == "Gateway"} == {"dynamodb", "s3"}


def test_the_full_name_is_what_an_endpoint_is_created_with() -> None:
    service = EndpointService(name="ecr.api", type="Interface")

    assert service.full_name("eu-west-1") == "com.amazonaws.eu-west-1.ecr.api"
