"""The configuration of a provider instance: what is honoured, what is refused, and why.

Refused are all settings that bring credentials of their own or lead to another endpoint: the
offline AWS never touches real credentials, and its providers are tied to one account. A setting the
real provider has and this one does not implement is an error naming it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from emulator.providers import sdk_types
from emulator.providers.errors import ProviderError
from emulator.providers.retries import MAX_ATTEMPTS
from emulator.providers.sdk_types import Failure
from emulator.providers.values import Json, Object, is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.providers.clients import Clients

HONOURED = {"region", "allowedAccountIds", "forbiddenAccountIds", "defaultTags", "maxRetries"}
WITHOUT_EFFECT = {
    "skipCredentialsValidation",
    "skipGetEc2Platforms",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
}
"""Accepted and without effect: there is nothing to skip. The account is always checked."""

CREDENTIALS = {
    "accessKey",
    "assumeRole",
    "assumeRoleWithWebIdentity",
    "assumeRoles",
    "profile",
    "roleArn",
    "secretKey",
    "sharedConfigFiles",
    "sharedCredentialsFile",
    "sharedCredentialsFiles",
    "token",
}
ENDPOINTS = {"endpoints"}
NOT_CONFIGURATION = {"version", "pluginDownloadURL"}
"""What the engine keeps beside a provider's own inputs."""


@dataclass(frozen=True)
class Configuration:
    """What a provider instance was configured with."""

    region: str
    account: str
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])
    max_attempts: int = MAX_ATTEMPTS


def decoded(args_class: type, inputs: Object) -> Object:
    """Provider inputs as values: the SDK sends everything but strings as JSON text."""
    types = sdk_types.properties(args_class)
    result: Object = {}
    for name, value in inputs.items():
        if name in NOT_CONFIGURATION or name.startswith("__"):
            continue
        is_text = name in types and types[name].kind == "string"
        if isinstance(value, str) and not is_text and not is_unknown(value):
            try:
                result[name] = json.loads(value)
            except ValueError:
                result[name] = value
        else:
            result[name] = value
    return result


def check(package: str, args_class: type, inputs: Object) -> list[Failure]:
    """What is wrong with a provider's configuration, all at once."""
    values = decoded(args_class, inputs)
    known = sdk_types.properties(args_class)
    failures = sdk_types.check(f'the "{package}" provider', args_class, values)
    for name in values:
        if name == "sharedCredentialsFile" and values[name] == os.devnull:
            # The aws-native SDK takes it from AWS_SHARED_CREDENTIALS_FILE, which the offline
            # environment points at nothing, so that no client finds real credentials.
            continue
        if name in CREDENTIALS:
            reason = (
                f'"{name}" brings credentials of its own, and the offline AWS never touches real '
                "ones: its providers are tied to one offline account. Remove it from the "
                "configuration of offline stacks"
            )
        elif name in ENDPOINTS:
            reason = (
                f'"{name}" leads to another endpoint than the offline AWS this provider is '
                "attached to. Remove it, or use Pulumi's own plugins"
            )
        elif name in known and name not in HONOURED | WITHOUT_EFFECT:
            reason = f'"{name}" is not supported by the offline AWS\'s "{package}" provider'
        else:
            continue
        failures.append(Failure(name, reason))
    if "allowedAccountIds" in values and "forbiddenAccountIds" in values:
        failures.append(
            Failure("allowedAccountIds", '"allowedAccountIds" conflicts with "forbiddenAccountIds"')
        )
    for name in ("allowedAccountIds", "forbiddenAccountIds"):
        failures += _check_accounts(name, values.get(name))
    return failures


def _check_accounts(name: str, accounts: Json) -> list[Failure]:
    if not isinstance(accounts, list):
        return []
    return [
        Failure(f"{name}[{index}]", f'"{name}[{index}]" must be 12 digits, not "{account}"')
        for index, account in enumerate(cast("list[Json]", accounts))
        if not is_unknown(account) and not re.fullmatch(r"\d{12}", str(account))
    ]


def configure(
    package: str, args_class: type, inputs: Object, clients: Clients, account_not_allowed: str
) -> Configuration:
    """The configuration of an instance, after the account was found to be an allowed one.

    Args:
        package: The provider's package.
        args_class: The SDK's class of provider arguments.
        inputs: The configured values.
        clients: The account's clients.
        account_not_allowed: The real provider's words, with `{account}` in it.

    Raises:
        ProviderError: Something is wrong with the configuration, or the account is not allowed.
    """
    failures = check(package, args_class, inputs)
    if failures:
        raise ProviderError("; ".join(failure.reason for failure in failures))
    values = decoded(args_class, inputs)
    region = str(values.get("region", ""))
    if not region:
        raise ProviderError(
            f'missing required configuration key "{package}:region": '
            "The region where AWS operations will take place. Examples are us-east-1, us-west-2, "
            f"etc. Set it with `pulumi config set {package}:region <value>` or AWS_REGION"
        )
    max_attempts = int(values.get("maxRetries", MAX_ATTEMPTS)) or 1
    account = clients.get("sts", region, max_attempts).get_caller_identity()["Account"]
    allowed = cast("list[str] | None", values.get("allowedAccountIds"))
    forbidden = cast("list[str]", values.get("forbiddenAccountIds", []))
    if account in forbidden or (allowed and account not in allowed):
        raise ProviderError(account_not_allowed.format(account=account))
    default_tags = cast("dict[str, dict[str, str]]", values.get("defaultTags", {})).get("tags", {})
    return Configuration(region, account, default_tags, max_attempts)
