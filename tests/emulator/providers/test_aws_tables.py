"""Generated from the tables: every type of the `aws` provider goes through the same life.

What is expected of a type comes from the recorded facts, not from its table.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from emulator.providers import sdk_types
from emulator.providers.aws.equivalence import exact
from emulator.providers.aws.provider import AwsProvider
from emulator.providers.aws.table import ExactlyOneOf
from emulator.providers.aws.types import TYPES
from emulator.providers.clients import Clients
from emulator.providers.configuration import Configuration
from emulator.providers.provider import Resource
from emulator.providers.values import UNKNOWN, Json, Object
from tests.emulator.aws.cloud import REGION, random_account
from tests.emulator.providers.engine_calls import EngineCalls, Managed
from tests.emulator.providers.pulumi_aws_facts import FACTS
from tests.emulator.providers.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKENS = sorted(TYPES)
UNREAD = {
    "bypassPolicyLockoutSafetyCheck",
    "deletionWindowInDays",
    "forceDelete",
    "revokeRulesOnDelete",
    "skipDestroy",
}
"""What lives in Pulumi's state only; terraform's import tests leave these out (importIgnore)."""
MOTO_FORGETS = {"rotationPeriodInDays"}


@dataclass(frozen=True)
class Untouched:
    """A resource of a type, for all tests that change nothing of it."""

    aws: EngineCalls
    inputs: Object
    managed: Managed


@pytest.fixture(scope="module", params=TOKENS)
def token(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def their_account(aws_url: str) -> AwsProvider:
    """An account for what is not touched: a VPC has one internet gateway, a subnet one table."""
    return AwsProvider(Clients(aws_url, random_account()))


@pytest.fixture(scope="module")
def untouched(their_account: AwsProvider, token: str) -> Iterator[Untouched]:
    aws = EngineCalls(their_account, Configuration(REGION, their_account.clients.account))
    inputs = SAMPLES[token].inputs(aws)
    yield Untouched(aws, inputs, aws.create(token, inputs))
    aws.delete_networks()


def _module(token: str) -> str:
    return TYPES[token].args_class.__module__


def _alternatives(token: str) -> set[str]:
    """The properties of which one has to be given."""
    combinations = TYPES[token].combinations
    exclusive = [one for one in combinations if isinstance(one, ExactlyOneOf)]
    return {name for one in exclusive for name in one.properties}


def test_every_property_of_the_real_type_is_in_the_table_or_refused_by_it(token: str) -> None:
    table = TYPES[token]
    common = {"region"} if table.regional else set[str]()
    common |= {"tags"} if table.tags else set[str]()
    known = {*table.properties, *table.fixed, *table.unsupported, *common}
    assert known == set(sdk_types.properties(table.args_class)), (
        "a property that is in neither list would be accepted and forgotten"
    )


def test_no_output_has_a_name_the_real_type_does_not_have(token: str) -> None:
    table = TYPES[token]
    outputs = set(sdk_types.properties(table.state_class)) | {"defaultVersion", "id"}
    read = {name for read in table.reads for name in read.values}
    assert read <= outputs, f"{read - outputs} would never reach the program"


def test_every_updatable_property_has_an_operation_that_writes_it(token: str) -> None:
    table = TYPES[token]
    written = {name for update in table.updates for name in update.properties}
    for name, definition in table.properties.items():
        assert definition.replaces or definition.local or name in written, (
            f"a change of {name} would be shown and never made"
        )


def test_the_samples_change_every_property() -> None:
    assert set(SAMPLES) == set(TYPES), "every type needs a sample"


def test_what_was_created_reads_back_without_a_difference(untouched: Untouched, token: str) -> None:
    aws, managed = untouched.aws, untouched.managed
    assert FACTS[token].has_its_id(managed)
    read = aws.refreshed(managed)
    assert read.outputs == managed.outputs, "reading it again tells the same"
    assert read.inputs == managed.inputs, "a refresh of an untouched resource shows no drift"
    diff = aws.diff(managed, managed.inputs)
    assert diff.changes is False, f"a second up would change {diff.diffs}"


def test_previewed_outputs_become_true(untouched: Untouched, token: str) -> None:
    aws, created = untouched.aws, untouched.managed.outputs
    checked = aws.checked(token, "previewed", untouched.inputs)
    preview = aws.provider.preview_resource(Resource(token, "previewed"), checked, None)
    for name, value in preview.items():
        if value != UNKNOWN and name != "name" and name in created:
            assert created[name] == value or TYPES[token].properties[name].same(
                created[name], value
            ), f"the preview promised another {name}"
    missing = created.keys() - preview.keys()
    assert not {name for name in missing if name not in TYPES[token].properties} - {"tags"}, (
        f"a program could not wait for {missing} at preview"
    )


def test_each_property_changed_alone_updates_or_replaces_as_its_source_says(
    aws: EngineCalls, token: str
) -> None:
    sample, table, facts = SAMPLES[token], TYPES[token], FACTS[token]
    inputs = sample.inputs(aws)
    managed, changes = aws.create(token, inputs), sample.changes(aws)
    for name in sdk_types.properties(table.args_class).keys() - {*table.unsupported, *table.fixed}:
        changed = sample.changed(changes, inputs, name)
        diff = aws.diff(managed, changed)
        assert name in diff.diffs, f"the change of {name} is not seen"
        if name in facts.replacing or name == "region":
            assert any(path.startswith(name) for path in diff.replaces), f"{facts.source}: ForceNew"
            assert diff.delete_before_replace is facts.delete_before_replace, (
                "resource_overrides.go"
            )
            continue
        assert not diff.replaces, f"{name} is not ForceNew in {facts.source}"
        updated = aws.update(managed, changed)
        after = aws.diff(updated, changed)
        assert after.changes is False, f"after the update {after.diffs} still differ"
        refreshed = aws.refreshed(updated)
        assert refreshed.outputs == updated.outputs, "AWS took the update"
        same = table.properties[name].same if name in table.properties else exact
        assert same(refreshed.outputs.get(name, {}), changed[name]), f"{name} has its new value"
        managed = aws.update(refreshed, inputs)


def test_the_table_replaces_what_is_force_new_in_the_source_it_names(token: str) -> None:
    replacing = {name: rule.replaces for name, rule in TYPES[token].properties.items()}
    every = FACTS[token].replacing | FACTS[token].replacing_sometimes
    assert {name for name, source in replacing.items() if source} == every
    file = FACTS[token].source.split(" ")[0]
    assert all(source.startswith(file) for source in replacing.values() if source)


def test_check_fills_in_exactly_what_pulumi_aws_does(untouched: Untouched, token: str) -> None:
    aws, facts = untouched.aws, FACTS[token]
    required = {*sdk_types.required(TYPES[token].args_class), *_alternatives(token)}
    given = {name: value for name, value in untouched.inputs.items() if name in required}
    checked = aws.checked(token, "thing", given)
    made = {"name"} if facts.name_length else set[str]()
    assert set(checked.pop("__defaults")) == {*facts.defaults, *made}
    if made:
        name = checked.pop("name")
        assert re.fullmatch(re.escape(facts.name_prefix) + "thing-[0-9a-f]{7}", name)
    expected = {**given, **facts.defaults}
    expected |= {"tagsAll": {}} if facts.tags else {}
    expected |= {"region": aws.configuration.region} if facts.region else {}
    assert checked == expected


@pytest.mark.parametrize("token", [token for token in TOKENS if FACTS[token].name_length])
def test_an_automatic_name_that_would_be_too_long_is_refused(aws: EngineCalls, token: str) -> None:
    inputs = SAMPLES[token].inputs(aws)
    longest = FACTS[token].name_length - len("-1234567")
    assert not aws.check(token, "n" * longest, inputs)[1]
    (failure,) = aws.check(token, "n" * (longest + 1), inputs)[1]
    assert f"longer than maximum length {FACTS[token].name_length}" in failure.reason


def test_json_documents_can_be_given_as_objects(untouched: Untouched, token: str) -> None:
    kinds = sdk_types.properties(TYPES[token].args_class)
    documents = {name for name, of in kinds.items() if of.kind == "document"}
    assert documents == FACTS[token].documents, "as the SDK types them"
    inputs = untouched.inputs
    for name in documents:
        checked = untouched.aws.checked(token, "thing", {**inputs, name: json.loads(inputs[name])})
        assert json.loads(checked[name]) == json.loads(inputs[name])


def test_leaving_out_what_aws_can_choose_is_no_difference(untouched: Untouched, token: str) -> None:
    for chosen in sorted(FACTS[token].computed):
        inputs = {name: value for name, value in untouched.inputs.items() if name != chosen}
        diff = untouched.aws.diff(untouched.managed, inputs)
        assert not diff.changes, f"{chosen} in {FACTS[token].source}: Optional and Computed"


def test_the_documented_import_id_is_understood(token: str) -> None:
    table, facts = TYPES[token], FACTS[token]
    documented = re.search(
        rf"pulumi import {token} \S+ (\S+)", inspect.getsource(sys.modules[_module(token)])
    )
    assert documented, "the SDK says how it is imported"
    assert documented.group(1) == facts.import_id
    table.parse_id(facts.import_id)


def test_what_was_deleted_is_gone_and_deleting_it_again_is_no_error(
    aws: EngineCalls, token: str
) -> None:
    managed = aws.create(token, SAMPLES[token].inputs(aws))
    aws.delete(managed)
    gone = aws.read(managed) is None
    assert gone is not FACTS[token].stays, "a refresh drops it from the state"
    aws.delete(managed)


def test_an_imported_resource_matches_the_program_that_made_it(
    untouched: Untouched, token: str
) -> None:
    aws, managed = untouched.aws, untouched.managed
    imported = aws.imported(token, FACTS[token].import_id_of(managed))
    assert imported.resource_id == managed.resource_id, "the state's id, whatever the import's is"
    program = {
        name: value
        for name, value in managed.inputs.items()
        if name in {"tags", *TYPES[token].properties}
    }
    differing = set(aws.diff(imported, program).diffs) - UNREAD - MOTO_FORGETS
    assert not differing, f"adopting it with import_ would change {differing}"


def test_an_unknown_property_is_named_with_the_nearest_one(
    untouched: Untouched, token: str
) -> None:
    aws, inputs = untouched.aws, untouched.inputs
    assert aws.reasons(token, inputs) == "", "the twin without it passes"
    name = min(inputs)
    misspelt = name + "s" if not name.endswith("s") else name[:-1]
    reasons = aws.reasons(token, {**inputs, misspelt: "x"})
    assert f'unknown property "{misspelt}" of {token}; did you mean "{name}"?' in reasons


@pytest.mark.parametrize("token", [token for token in TOKENS if TYPES[token].unsupported])
def test_a_property_the_table_lacks_is_refused_by_name(aws: EngineCalls, token: str) -> None:
    kinds = sdk_types.properties(TYPES[token].args_class)
    values: dict[str, Json] = {
        "string": "x",
        "integer": 1,
        "list": [],
        "boolean": True,
        "object": {},
    }
    given = {name: values[kinds[name].kind] for name in TYPES[token].unsupported}
    reasons = aws.reasons(token, {**SAMPLES[token].inputs(aws), **given})
    for name in given:
        assert f'"{name}" of {token} is not supported' in reasons


@pytest.mark.parametrize("token", [token for token in TOKENS if TYPES[token].fixed])
def test_a_property_with_one_value_takes_no_other(aws: EngineCalls, token: str) -> None:
    inputs, fixed = SAMPLES[token].inputs(aws), TYPES[token].fixed
    assert aws.reasons(token, inputs | {name: one.value for name, one in fixed.items()}) == ""
    reasons = aws.reasons(token, inputs | {name: not one.value for name, one in fixed.items()})
    for name in fixed:
        assert f'"{name}" of {token} is not supported' in reasons


def test_each_missing_required_property_is_named(aws: EngineCalls, token: str) -> None:
    missing = sdk_types.required(TYPES[token].args_class)
    reasons = aws.reasons(token, {})
    for name in missing:
        assert f'missing required property "{name}" of {token}' in reasons
