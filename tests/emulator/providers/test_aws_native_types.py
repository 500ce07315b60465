"""Generated from the samples: types of `aws-native` go through the same life.

Which properties replace is what the SDK's classes say, not the schemas the provider reads.
"""

import inspect
import re

import pulumi_aws_native.bedrockagentcore as sdk
import pytest

from emulator.providers import sdk_types
from emulator.providers.aws_native.schemas import resource_schema
from emulator.providers.errors import ProviderError
from tests.emulator.aws.cloud import Cloud
from tests.emulator.providers.conftest import REGION
from tests.emulator.providers.engine_calls import EngineCalls
from tests.emulator.providers.native_samples import NATIVE_SAMPLES, PREFIX, Account

TOKENS = sorted(NATIVE_SAMPLES)


def sdk_class(token: str, suffix: str = "") -> type:
    return getattr(sdk, token.removeprefix(PREFIX) + suffix)


def replacing(token: str) -> set[str]:
    """The properties the SDK registers with `replace_on_changes`."""
    source = inspect.getsource(sdk_class(token))
    found = re.search(r"replace_on_changes=\[(.*)\]\)", source)
    return set(re.findall(r'"([^"]+)"', found.group(1))) if found else set()


@pytest.fixture
def account(native: EngineCalls, cloud: Cloud) -> Account:
    return Account(native, cloud)


@pytest.mark.parametrize("token", TOKENS)
def test_a_resource_reads_back_is_adopted_and_goes(
    native: EngineCalls, account: Account, token: str
) -> None:
    inputs = NATIVE_SAMPLES[token].inputs(account)
    managed = native.create(token, inputs)
    read = native.refreshed(managed)
    assert read.outputs == managed.outputs, "reading it again tells the same"
    assert read.inputs == managed.inputs, "a refresh of an untouched resource shows no drift"
    assert not native.diff(managed, inputs).changes, "a second up changes nothing"

    imported = native.imported(token, managed.resource_id)
    unseen = {path[0] for path in resource_schema(token, REGION).write_only}
    differing = set(native.diff(imported, managed.inputs).diffs)
    assert not differing.intersection(managed.inputs.keys() - unseen), (
        "adopted, only what AWS filled in or does not show can differ from the program"
    )

    native.delete(managed)
    assert native.read(managed) is None, "a refresh drops it from the state"
    native.delete(managed)


@pytest.mark.parametrize("token", TOKENS)
def test_each_property_changed_alone_updates_or_replaces_as_the_sdk_says(
    native: EngineCalls, account: Account, token: str
) -> None:
    sample = NATIVE_SAMPLES[token]
    changes = sample.changes(account)
    assert changes.keys() == sdk_types.properties(sdk_class(token, "Args")).keys()
    managed = native.create(token, sample.inputs(account))
    for name, value in changes.items():
        changed = {**managed.inputs, name: value()}
        diff = native.diff(managed, changed)
        assert diff.diffs == [name]
        if name in replacing(token):
            assert diff.replaces, f"{name} is among the SDK's replace_on_changes"
            assert all(path.startswith(name) for path in diff.replaces)
            assert diff.delete_before_replace, "pulumi-aws-native always deletes first"
            continue
        assert not diff.replaces, f"{name} is not among the SDK's replace_on_changes"
        if name in sample.refused:
            with pytest.raises(ProviderError):
                native.update(managed, changed)
            continue
        managed = native.update(managed, changed)
        assert not native.diff(managed, changed).changes, f"{name} converges"
        refreshed = native.refreshed(managed)
        assert refreshed.outputs == managed.outputs, f"AWS took {name}"
        assert refreshed.inputs[name] == changed[name], f"{name} has its new value"
