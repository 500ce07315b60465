"""A sample of the campaign; `make campaign` runs all of it."""

from pathlib import Path

import pytest

from emulator.instance import Instance
from tests.campaign.campaign import Reference, recovered, undisturbed
from tests.campaign.disturbances import Kind, Scenario, scenarios, uncovered
from tests.campaign.jobs import EXTENDED
from tests.campaign.site import Site
from tests.campaign.steps import Event, LoggedRequest, UnknownStepError, steps_of

REPOSITORY = Event("resOutputsEvent", "urn:repository", "aws:ecr/repository:Repository")
ROLE = Event("resOutputsEvent", "urn:role", "aws:iam/role:Role")
QUEUE = Event("resOutputsEvent", "urn:queue", "aws:sqs/queue:Queue")
CREATE_REPOSITORY = LoggedRequest("ecr", "CreateRepository", "200")
CREATE_ROLE = LoggedRequest("iam", "CreateRole", "200")


def test_every_step_is_disturbed_in_every_way_it_can_be() -> None:
    steps = steps_of([REPOSITORY, ROLE], [CREATE_ROLE, CREATE_REPOSITORY])
    assert [step.operation for step in steps] == ["CreateRole", "CreateRepository"], "as logged"
    planned = list(scenarios(steps))
    resources = [step.resource for step in steps]
    assert uncovered(planned, resources) == []
    assert uncovered(planned[1:], resources) == ["aws:iam/role:Role: kill before"]


def test_what_the_campaign_would_not_disturb_is_no_plan() -> None:
    with pytest.raises(UnknownStepError, match="sqs"):
        steps_of([REPOSITORY, QUEUE], [CREATE_REPOSITORY])
    with pytest.raises(UnknownStepError, match="TagRole"):
        steps_of([ROLE], [CREATE_ROLE, LoggedRequest("iam", "TagRole", "200")])
    assert steps_of([ROLE], [CREATE_ROLE, LoggedRequest("iam", "GetRole", "200")])


@pytest.fixture(scope="module")
def reference(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return undisturbed(EXTENDED, instance, tmp_path_factory.mktemp("undisturbed") / "site")


@pytest.mark.engine
def test_a_disturbed_deployment_ends_as_if_nothing_had_happened(
    reference: Reference, instance: Instance, tmp_path: Path
) -> None:
    def is_wanted(scenario: Scenario) -> bool:
        return (scenario.step.operation, scenario.kind) == ("CreateRole", Kind.LOST)

    scenario = next(filter(is_wanted, scenarios(reference.steps)))
    site = Site(tmp_path / "site", instance, EXTENDED)
    assert recovered(site, scenario, reference) == []
    said = site.output.read_text("utf-8")
    assert "Role assistant: found as agentcore-dev-assistant-us-east-1, imported" in said
    assert "assistant: READY version 1" in said
    assert said.count("dev: runtimes") == 1, "an up that lost an answer goes on by itself"
