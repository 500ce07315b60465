"""A graph with one thing wrong trips the rule about it and no other, in every form it can have."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase
from functools import cache, reduce
from typing import TYPE_CHECKING, Final

import pytest

from agentcore_policies import catalogue
from tests.policies.edits import Edit, Put, edited
from tests.policies.forms import FORMS, Form
from tests.policies.graphs import Graph, recorded
from tests.policies.mutation import BASE, Mutation
from tests.policies.mutations import MUTATIONS
from tests.policies.verdicts import Verdict, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def _changed(name: str, edits: Iterable[Edit], forms: Iterable[Form]) -> Graph:
    return reduce(lambda graph, form: form.of(graph), forms, edited(recorded(name), *edits))


def _findings(said: Iterable[Verdict]) -> set[str]:
    return {verdict.rule for verdict in said if verdict.is_finding}


@cache
def _after(index: int, form: int | None) -> Sequence[Verdict]:
    """What is said of a deployed graph with a mutation, by their numbers."""
    mutation = MUTATIONS[index]
    forms = [] if form is None else [FORMS[form]]
    return verdicts(_changed(mutation.graph, mutation.bad, forms).deployed)


def _numbers(form: Form) -> Iterator[int]:
    """A mutation of each rule and type that the form says otherwise; not the same in every form."""
    turn = FORMS.index(form)
    alike: dict[tuple[str, frozenset[str]], list[int]] = {}
    for number, mutation in enumerate(MUTATIONS):
        if form.carries(mutation.bad):
            kinds = form.types & {edit.touched[0] for edit in mutation.bad}
            alike.setdefault((mutation.rule, kinds), []).append(number)
    return (numbers[turn % len(numbers)] for numbers in alike.values())


@pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=map(str, MUTATIONS))
def test_a_mutation_trips_its_rule_and_no_other(number: int) -> None:
    mutation = MUTATIONS[number]

    assert _findings(_after(number, None)) == {mutation.rule}
    said = verdicts(_changed(mutation.graph, mutation.bad, ()).preview)
    assert _findings(said) <= {mutation.rule}
    assert mutation.rule in {one.rule for one in said}, "at preview it is found, or not passed"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_rule_is_tripped_in_another_form_as_well(form: Form) -> None:
    wrong = {
        str(MUTATIONS[number]): found
        for number in _numbers(form)
        if (found := _findings(_after(number, FORMS.index(form)))) != {MUTATIONS[number].rule}
    }
    assert wrong == {}


@pytest.mark.parametrize("form", [None, *FORMS], ids=lambda form: form.name if form else "own")
def test_the_twin_of_a_mutation_is_right(form: Form | None) -> None:
    for together in _twins(form):
        edits = [edit for mutation in together for edit in mutation.good]
        graph = _changed(together[0].graph, edits, [form] if form else [])

        found = [*verdicts(graph.preview), *verdicts(graph.deployed)]
        told = [str(mutation) for mutation in together]
        assert [one for one in found if one.is_finding] == [], told


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_program_would_pass_in_every_form(form: Form) -> None:
    name = "prod, every use of a network"
    graph = _changed(name, (), [form])

    assert graph.deployed != recorded(name).deployed, "it is another form of something there is"
    found = [*verdicts(graph.preview), *verdicts(graph.deployed)]
    assert [one for one in found if one.is_finding] == []


# Every rule, every type ---------------------------------------------------------------------------

UNTRIPPED: Final[Mapping[tuple[str, str], str]] = {
    ("iam-*", "*[uU]ser*"): "users are refused as a whole, by another rule too",
    ("iam-*", "*[gG]roup*"): "groups are refused as a whole, by another rule too",
    ("kms-lockout-check", "aws-native:kms:ReplicaKey"): "CloudFormation has no such property",
    ("security-group-ingress-open", "*Egress*"): "what is about the way out lets nothing in",
    ("security-group-egress-open", "*Ingress*"): "what is about the way in lets nothing out",
    ("security-group-*", "*:DefaultSecurityGroup"): "any rule of it is refused by another rule",
    (
        "hidden-by-secret",
        "*",
    ): "a secret is one in every type, and the rule itself is tried with all",
    ("tags-*", "*"): "the rule itself is tried with every type, and its findings with one",
}
"""Why a rule finds nothing alone on a type that it judges: by pattern of rule and of type."""


def _is_excused(rule: str, kind: str, excuse: tuple[str, str]) -> bool:
    return fnmatchcase(rule, excuse[0]) and fnmatchcase(kind, excuse[1])


@cache
def _untripped() -> Sequence[tuple[str, str]]:
    """Rules of one resource, each with the types on which no mutation trips it."""
    said = [
        *(verdict for number in range(len(MUTATIONS)) for verdict in _after(number, None)),
        *(
            verdict
            for turn, form in enumerate(FORMS)
            for number in _numbers(form)
            for verdict in _after(number, turn)
        ),
    ]
    tripped = {(verdict.rule, verdict.type) for verdict in said if verdict.is_finding}
    judged = [(rule.id, kind) for rule in catalogue.rules() if rule.check for kind in rule.types]
    return [one for one in judged if one not in tripped]


def test_every_rule_is_tripped_on_every_type_it_judges() -> None:
    missing = [
        (rule, kind)
        for rule, kind in _untripped()
        if not any(_is_excused(rule, kind, excuse) for excuse in UNTRIPPED)
    ]
    assert missing == [], "a form nobody breaks is one that may slip by"


def test_every_excuse_is_needed() -> None:
    unused = [
        excuse
        for excuse in UNTRIPPED
        if not any(_is_excused(rule, kind, excuse) for rule, kind in _untripped())
    ]
    assert unused == [], "the rule is tripped there"


def test_every_rule_is_tripped() -> None:
    without = {rule.id for rule in catalogue.rules()} - {mutation.rule for mutation in MUTATIONS}
    assert without == set(), "each rule needs a mutation that trips it"


# Together -----------------------------------------------------------------------------------------

COMBINATIONS: Final = 60


def _meet(edits: Iterable[Edit], others: Iterable[Edit]) -> bool:
    """Whether some of both change the same resource."""
    pairs = [(edit.touched, other.touched) for edit in edits for other in others]
    return any(
        kind == other_kind and (name.endswith(ending) or ending.endswith(name))
        for (kind, name), (other_kind, ending) in pairs
    )


def _clash(edits: Iterable[Edit], others: Iterable[Edit]) -> bool:
    """Whether one of some would undo one of the others."""
    return any(
        _meet([edit], [other])
        and not (isinstance(edit, Put) and isinstance(other, Put) and _adds(edit, other))
        for edit in edits
        for other in others
    )


def _adds(edit: Put, other: Put) -> bool:
    """Whether both hold, one after the other: of several properties, or from what there is."""
    path, path_of_other = f"{edit.path}.", f"{other.path}."
    within = path.startswith(path_of_other) or path_of_other.startswith(path)
    return not within or (callable(edit.value) and callable(other.value))


def _twins(form: Form | None) -> Iterable[Sequence[Mutation]]:
    """Groups of mutations of one graph whose twins can be made together, each twin once."""
    groups: list[list[Mutation]] = []
    tried: list[tuple[str, Sequence[Edit]]] = []
    for mutation in MUTATIONS:
        twin = (mutation.graph, mutation.good)
        if twin in tried or not (form is None or form.carries(mutation.good)):
            continue
        tried.append(twin)
        for group in groups:
            alike = group[0].graph == mutation.graph
            if alike and not any(_clash(mutation.good, other.good) for other in group):
                group.append(mutation)
                break
        else:
            groups.append([mutation])
    return groups


def _combined(chance: random.Random) -> tuple[Sequence[Mutation], Sequence[Form]]:
    """Mutations of different resources, in forms of different types."""
    chosen: list[Mutation] = []
    candidates = [one for one in MUTATIONS if one.graph == BASE and not one.alone]
    for mutation in chance.sample(candidates, len(candidates)):
        if not any(_meet(mutation.bad, other.bad) for other in chosen):
            chosen.append(mutation)
    chosen = chosen[: chance.randint(2, 12)]
    forms: list[Form] = []
    for form in chance.sample(FORMS, len(FORMS)):
        lost = any(form.lacks(mutation.bad) for mutation in chosen)
        if not lost and not any(form.types & other.types for other in forms):
            forms.append(form)
    return chosen, forms[: chance.randint(0, 4)]


@pytest.mark.parametrize("seed", range(COMBINATIONS))
def test_mutations_together_trip_exactly_their_rules(seed: int) -> None:
    mutations, forms = _combined(random.Random(seed))  # noqa: S311 - the same each time
    edits = [edit for mutation in mutations for edit in mutation.bad]

    graph = _changed(BASE, edits, forms)

    told = f"{[str(one) for one in mutations]} in {[form.name for form in forms]}"
    rules = {one.rule for one in mutations}
    assert _findings(verdicts(graph.deployed)) == rules, told
    said = verdicts(graph.preview)
    assert _findings(said) <= rules <= {one.rule for one in said}, told
