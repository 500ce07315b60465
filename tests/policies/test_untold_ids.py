"""A provider need not tell a resource's id among its outputs: rules judge what others call it by.

The engine passes a policy pack the outputs only. Pulumi's `aws` tells the id there, `aws-native`
and the attached providers do not.
"""

from dataclasses import replace

from agentcore_policies import catalogue
from agentcore_policies.model import Stack
from tests.policies.edits import edited
from tests.policies.graphs import Graph, Views, recorded
from tests.policies.mutation import BASE
from tests.policies.mutations import MUTATIONS
from tests.policies.verdicts import Verdict, verdicts

_OF_STACK = {rule.id for rule in catalogue.rules() if rule.check_stack}


def without_ids(graph: Graph) -> list[Verdict]:
    """What is said of the deployed graph when no resource tells its id."""
    outputs = graph.deployed.outputs
    bare = [
        replace(one, props={name: value for name, value in one.props.items() if name != "id"})
        for one in outputs.resources
    ]
    assert bare != list(outputs.resources), "there are ids to leave out"
    views = Views(graph.deployed.inputs, Stack(name=outputs.name, resources=bare))
    return [one for one in verdicts(views) if one.rule in _OF_STACK]


def test_the_program_passes_and_all_is_looked_at() -> None:
    assert without_ids(recorded(BASE)) == []


def test_what_is_wrong_with_the_stack_is_found_all_the_same() -> None:
    missed = {
        str(mutation): said
        for mutation in MUTATIONS
        if mutation.rule in _OF_STACK and mutation.graph == BASE
        for said in [without_ids(edited(recorded(BASE), *mutation.bad))]
        if {one.rule for one in said if one.is_finding} != {mutation.rule}
    }
    assert missed == {}
