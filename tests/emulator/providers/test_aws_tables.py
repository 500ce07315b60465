"""Generated from the tables: every type of the `aws` provider goes through the same life."""

import copy

import pytest

from emulator.providers import sdk_types
from emulator.providers.aws.types import TYPES
from emulator.providers.provider import Resource
from emulator.providers.values import UNKNOWN, Json
from tests.emulator.providers.engine_calls import EngineCalls
from tests.emulator.providers.samples import SAMPLES

TOKENS = sorted(TYPES)
PROPERTIES = [(token, name) for token in TOKENS for name in TYPES[token].properties] + [
    (token, "tags") for token in TOKENS if TYPES[token].tags
]


@pytest.mark.parametrize("token", TOKENS)
def test_every_property_of_the_real_type_is_in_the_table_or_refused_by_it(token: str) -> None:
    table = TYPES[token]
    common = {"region"} if table.regional else set[str]()
    common |= {"tags"} if table.tags else set[str]()
    known = set(table.properties) | set(table.unsupported) | common
    assert known == set(sdk_types.properties(table.args_class)), (
        "a property that is in neither list would be accepted and forgotten"
    )


@pytest.mark.parametrize("token", TOKENS)
def test_no_output_has_a_name_the_real_type_does_not_have(token: str) -> None:
    table = TYPES[token]
    outputs = set(sdk_types.properties(table.state_class)) | {"defaultVersion"}
    read = {name for read in table.reads for name in read.values}
    assert read <= outputs, f"{read - outputs} would never reach the program"


@pytest.mark.parametrize("token", TOKENS)
def test_every_updatable_property_has_an_operation_that_writes_it(token: str) -> None:
    table = TYPES[token]
    written = {name for update in table.updates for name in update.properties}
    for name, definition in table.properties.items():
        assert definition.replaces or definition.local or name in written, (
            f"a change of {name} would be shown and never made"
        )


def test_the_samples_change_every_property() -> None:
    assert set(SAMPLES) == set(TYPES), "every type needs a sample"


@pytest.mark.parametrize("token", TOKENS)
def test_what_was_created_reads_back_without_a_difference(aws: EngineCalls, token: str) -> None:
    managed = aws.create(token, SAMPLES[token].inputs(aws))
    read = aws.refreshed(managed)
    assert read.outputs == managed.outputs, "reading it again tells the same"
    assert read.inputs == managed.inputs, "a refresh of an untouched resource shows no drift"
    diff = aws.diff(managed, managed.inputs)
    assert diff.changes is False, f"a second up would change {diff.diffs}"


@pytest.mark.parametrize("token", TOKENS)
def test_previewed_outputs_become_true(aws: EngineCalls, token: str) -> None:
    inputs = SAMPLES[token].inputs(aws)
    checked = aws.checked(token, "previewed", inputs)
    preview = aws.provider.preview_resource(Resource(token, "previewed"), checked, None)
    created = aws.create(token, inputs).outputs
    for name, value in preview.items():
        if value != UNKNOWN and name != "name" and name in created:
            assert created[name] == value or TYPES[token].properties[name].same(
                created[name], value
            ), f"the preview promised another {name}"
    missing = created.keys() - preview.keys()
    assert not {name for name in missing if name not in TYPES[token].properties} - {"tags"}, (
        f"a program could not wait for {missing} at preview"
    )


@pytest.mark.parametrize(("token", "name"), PROPERTIES)
def test_a_change_of_one_property_updates_or_replaces_as_its_source_says(
    aws: EngineCalls, token: str, name: str
) -> None:
    sample, table = SAMPLES[token], TYPES[token]
    inputs = sample.inputs(aws)
    managed = aws.create(token, inputs)
    changed = {**copy.deepcopy(managed.inputs), name: sample.changes(aws)[name]}
    changed["__defaults"] = [made for made in managed.inputs["__defaults"] if made != name]
    diff = aws.diff(managed, changed)
    assert name in diff.diffs, f"the change of {name} is not seen"
    if name in table.properties and table.properties[name].replaces:
        assert any(path.startswith(name) for path in diff.replaces), (
            f"{table.properties[name].replaces}"
        )
        return
    assert not diff.replaces, f"{name} is updated in place, its table says"
    updated = aws.update(managed, changed)
    after = aws.diff(updated, changed)
    assert after.changes is False, f"after the update {after.diffs} still differ"
    assert aws.refreshed(updated).outputs == updated.outputs, "AWS took the update"


@pytest.mark.parametrize("token", TOKENS)
def test_what_was_deleted_is_gone_and_deleting_it_again_is_no_error(
    aws: EngineCalls, token: str
) -> None:
    managed = aws.create(token, SAMPLES[token].inputs(aws))
    aws.delete(managed)
    assert aws.read(managed) is None, "a refresh drops it from the state"
    aws.delete(managed)


@pytest.mark.parametrize("token", TOKENS)
def test_an_imported_resource_matches_the_program_that_made_it(
    aws: EngineCalls, token: str
) -> None:
    managed = aws.create(token, SAMPLES[token].inputs(aws))
    imported = aws.imported(token, managed.resource_id)
    program = {
        name: value
        for name, value in managed.inputs.items()
        if name in {"tags", *TYPES[token].properties}
    }
    local = {name for name, rule in TYPES[token].properties.items() if rule.local}
    differing = set(aws.diff(imported, program).diffs) - local
    assert not differing, f"adopting it with import_ would change {differing}"


@pytest.mark.parametrize("token", TOKENS)
def test_an_unknown_property_is_named_with_the_nearest_one(aws: EngineCalls, token: str) -> None:
    inputs = SAMPLES[token].inputs(aws)
    assert aws.reasons(token, inputs) == "", "the twin without it passes"
    name = min(inputs)
    misspelt = name + "s" if not name.endswith("s") else name[:-1]
    reasons = aws.reasons(token, {**inputs, misspelt: "x"})
    assert f'unknown property "{misspelt}" of {token}; did you mean "{name}"?' in reasons


@pytest.mark.parametrize(
    ("token", "name"), [(token, name) for token in TOKENS for name in TYPES[token].unsupported]
)
def test_a_property_the_table_lacks_is_refused_by_name(
    aws: EngineCalls, token: str, name: str
) -> None:
    kind = sdk_types.properties(TYPES[token].args_class)[name].kind
    values: dict[str, Json] = {"string": "x", "integer": 1, "list": []}
    inputs = SAMPLES[token].inputs(aws)
    assert f'"{name}" of {token} is not supported' in aws.reasons(
        token, {**inputs, name: values[kind]}
    )


@pytest.mark.parametrize("token", TOKENS)
def test_each_missing_required_property_is_named(aws: EngineCalls, token: str) -> None:
    missing = sdk_types.required(TYPES[token].args_class)
    reasons = aws.reasons(token, {})
    for name in missing:
        assert f'missing required property "{name}" of {token}' in reasons
