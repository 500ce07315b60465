"""What a provider instance may be configured with."""

import json
from typing import Any

import pytest
from pulumi_aws.provider import ProviderArgs
from pulumi_aws_native.provider import ProviderArgs as NativeProviderArgs

from emulator.providers import sdk_types
from emulator.providers.aws.provider import AwsProvider
from emulator.providers.aws_native.provider import AwsNativeProvider
from emulator.providers.clients import Clients
from emulator.providers.configuration import (
    CREDENTIALS,
    ENDPOINTS,
    HONOURED,
    WITHOUT_EFFECT,
    Configuration,
    check,
    configure,
)
from emulator.providers.errors import ProviderError
from emulator.providers.provider import ResourceProvider

CLASSES: dict[str, type] = {"aws": ProviderArgs, "aws-native": NativeProviderArgs}
PROVIDERS: list[type[ResourceProvider]] = [AwsProvider, AwsNativeProvider]


def configured(provider: type[ResourceProvider], clients: Clients, **inputs: Any) -> Configuration:
    """Configured as the SDK sends it: everything but strings as JSON text."""
    return configure(
        provider.package,
        provider.args_class,
        {name: v if isinstance(v, str) else json.dumps(v) for name, v in inputs.items()},
        clients,
        provider.account_not_allowed,
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_honoured_is_kept(provider: type[ResourceProvider], clients: Clients) -> None:
    kept = configured(
        provider,
        clients,
        region="eu-west-1",
        allowedAccountIds=[clients.account],
        defaultTags={"tags": {"Project": "p"}},
        maxRetries=3,
        skipMetadataApiCheck=True,
    )
    assert kept == Configuration("eu-west-1", clients.account, {"Project": "p"}, 3)


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        (AwsProvider, "AWS account ID not allowed: {account}"),
        (AwsNativeProvider, "account ID not allowed ({account})"),
    ],
)
def test_another_account_is_refused_in_the_real_providers_words(
    provider: type[ResourceProvider], message: str, clients: Clients
) -> None:
    other = "000000000000"
    for pin in ({"allowedAccountIds": [other]}, {"forbiddenAccountIds": [clients.account]}):
        with pytest.raises(ProviderError) as caught:
            configured(provider, clients, region="us-east-1", **pin)
        assert str(caught.value) == message.format(account=clients.account)
    configured(provider, clients, region="us-east-1", allowedAccountIds=[other, clients.account])
    configured(provider, clients, region="us-east-1", forbiddenAccountIds=[other])


@pytest.mark.parametrize(
    ("package", "name"),
    [
        (package, name)
        for package, args_class in CLASSES.items()
        for name in sdk_types.properties(args_class)
        if name in CREDENTIALS
    ],
)
def test_credentials_are_refused_by_name(package: str, name: str) -> None:
    failures = check(package, CLASSES[package], {name: "x"})
    assert any(
        failure.path == name and "never touches real ones" in failure.reason for failure in failures
    )


@pytest.mark.parametrize("package", CLASSES)
def test_every_other_setting_is_honoured_or_refused_by_name(package: str) -> None:
    args_class = CLASSES[package]
    decided = HONOURED | WITHOUT_EFFECT | CREDENTIALS | ENDPOINTS
    for name in set(sdk_types.properties(args_class)) - decided:
        reasons = [failure.reason for failure in check(package, args_class, {name: "1"})]
        assert f'"{name}" is not supported by the offline AWS\'s "{package}" provider' in reasons


@pytest.mark.parametrize("package", CLASSES)
def test_an_endpoint_of_ones_own_is_refused(package: str) -> None:
    reasons = [failure.reason for failure in check(package, CLASSES[package], {"endpoints": "[]"})]
    assert any(reason.startswith('"endpoints" leads to another endpoint') for reason in reasons)


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"regio": "us-east-1"}, 'unknown property "regio" of the "aws" provider; did you mean'),
        ({"allowedAccountIds": '["123"]'}, '"allowedAccountIds[0]" must be 12 digits, not "123"'),
        ({"allowedAccountIds": '"111111111111"'}, "must be a list"),
        ({"defaultTags": '{"tag": {}}'}, 'unknown property "defaultTags.tag"'),
        ({"defaultTags": '{"tags": {"a": 1}}'}, '"defaultTags.tags.a" of the "aws" provider must'),
        (
            {"allowedAccountIds": "[]", "forbiddenAccountIds": "[]"},
            '"allowedAccountIds" conflicts with "forbiddenAccountIds"',
        ),
    ],
)
def test_a_mistake_in_the_configuration_is_named(inputs: dict[str, str], reason: str) -> None:
    assert any(reason in failure.reason for failure in check("aws", ProviderArgs, inputs))


def test_what_the_engine_adds_is_no_mistake() -> None:
    inputs = {"region": "us-east-1", "version": "7.51.1", "__internal": "{}"}
    assert check("aws", ProviderArgs, inputs) == []


def test_without_a_region_the_message_says_how_to_set_one(clients: Clients) -> None:
    with pytest.raises(ProviderError, match=r'"aws:region".*pulumi config set aws:region'):
        configured(AwsProvider, clients)


def test_a_profile_of_the_shell_does_not_count(
    monkeypatch: pytest.MonkeyPatch, aws_url: str
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    clients = Clients(aws_url, "123412341234")
    assert configured(AwsProvider, clients, region="us-east-1").account == "123412341234"
