"""KMS keys: they rotate, are not lost by mistake, and who administers them stays in reach.

Judged are keys that KMS makes and rotates; asymmetric and HMAC keys, imported material and keys of
custom stores cannot rotate by themselves.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import is_hidden
from agentcore_policies.credentials import shown
from agentcore_policies.iam_document import Statement
from agentcore_policies.iam_wildcards import SECTION, matches, overlap
from agentcore_policies.links import Links, is_computed, links_of
from agentcore_policies.model import Resource, Stack, Unknown, Value
from agentcore_policies.provider_inputs import own_accounts
from agentcore_policies.resource_policy import (
    KMS_POLICIES,
    account_of,
    document_of,
    is_account,
    is_bound_to,
)
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_KEY: Final = "aws:kms/key:Key"
_NATIVE_KEY: Final = "aws-native:kms:Key"
_KEY_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
_REPLICAS: Final = ("aws:kms/replicaKey:ReplicaKey", "aws-native:kms:ReplicaKey")
_EXTERNAL: Final = (
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
)
_KEYS: Final = (_KEY, _NATIVE_KEY, *_REPLICAS, *_EXTERNAL)
_LOG_GROUPS: Final = ("aws:cloudwatch/logGroup:LogGroup", "aws-native:logs:LogGroup")

# An empty text is as good as nothing.
_SYMMETRIC: Final = (None, "", "SYMMETRIC_DEFAULT")
_ENCRYPTS: Final = (None, "", "ENCRYPT_DECRYPT")
# What says that a key cannot rotate, and the values with which it can.
_ROTATABLE: Final = {
    "customerMasterKeySpec": _SYMMETRIC,
    "keySpec": _SYMMETRIC,
    "keyUsage": _ENCRYPTS,
    "customKeyStoreId": (None, ""),
    "xksKeyId": (None, ""),
    "origin": (None, "", "AWS_KMS"),
}
# KMS API, EnableKeyRotation and ScheduleKeyDeletion.
_ROTATION_DAYS: Final = (90, 2560)
_DELETION_DAYS: Final = (7, 30)
_ADMINISTER: Final = "kms:PutKeyPolicy"
# CloudWatch Logs user guide, encrypt-log-data-kms.
_LOGS_ACTIONS: Final = (
    *("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
    *("kms:ReEncryptFrom", "kms:ReEncryptTo"),
)
_LOGS: Final = re.compile(r"logs\.(?:(?P<region>[a-z0-9-]+)\.)?amazonaws\.com(?:\.cn)?")
_LOGS_CONTEXT: Final = "kms:encryptioncontext:aws:logs:arn"


def _rotation(key: Resource, context: Context) -> Judged:
    hidden: list[str] = []
    for name, values in _ROTATABLE.items():
        value = key.at(name)
        if is_hidden(value):
            hidden.append(name)
        elif value not in values:
            return
    given = key.at("enableKeyRotation")
    path = "enableKeyRotation"
    if is_hidden(given):
        hidden.append(path)
    if given is not True and hidden:
        for name in hidden:
            yield NotChecked(path=name)
    elif given is not True:
        what = "rotation is not configured" if given is None else f"{shown(given)} is given"
        yield Finding(path=path, message=f"{what}, and KMS rotates no key by itself.")
    else:
        yield from _rotation_period(key, cast("int", context.settings["maximumRotationDays"]))


def _rotation_period(key: Resource, maximum: int) -> Judged:
    path = "rotationPeriodInDays"
    days = key.at(path)
    least, most = _ROTATION_DAYS[0], min(maximum, _ROTATION_DAYS[1])
    # KMS takes 365 days where nothing is given.
    given = 365 if days is None else days
    if is_hidden(given):
        yield NotChecked(path=path)
    elif not isinstance(given, int | float) or not least <= given <= most:
        yield Finding(
            path=path, message=f"{shown(given)} is given; {least} to {most} days are allowed."
        )


def _deletion_window(key: Resource, context: Context) -> Judged:
    is_native = key.type.startswith("aws-native:")
    path = "pendingWindowInDays" if is_native else "deletionWindowInDays"
    given = key.at(path)
    least, most = _DELETION_DAYS
    if context.production:
        least = max(least, cast("int", context.settings["productionDays"]))
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given is not None and not (isinstance(given, int | float) and least <= given <= most):
        allowed = f"{least} to {most} days are" if least < most else f"{most} days is"
        where = " in production" if context.production else ""
        yield Finding(
            path=path,
            message=f"{shown(given)} is given; {allowed} allowed{where}. What the key encrypted is "
            "lost with it.",
        )


def _lockout_check(key: Resource, _context: Context) -> Judged:
    path = "bypassPolicyLockoutSafetyCheck"
    given = key.at(path)
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given not in (None, False):
        yield Finding(
            path=path,
            message=f"{shown(given)} is given: KMS would take a policy that nobody can change "
            "again. Remove it.",
        )


def _lockout(key: Resource, context: Context) -> Judged:
    document = document_of(key, KMS_POLICIES)
    if document is None:
        return
    path = KMS_POLICIES[key.type]
    accounts = own_accounts(key)
    roles = bool(context.settings["rolesSuffice"])
    denying = [
        statement
        for statement in document.statements
        if statement.effect == "Deny" and _denies_everybody(statement)
    ]
    for statement in denying:
        yield Finding(
            path=statement.path,
            message=f"{_ADMINISTER} is denied to everybody: nobody can change the policy again. "
            "Bound the Deny by a condition.",
        )
    allowing = [statement for statement in document.statements if statement.effect != "Deny"]
    if denying or any(_administers(statement, accounts, roles=roles) for statement in allowing):
        return
    hidden = [*document.unknown, *(path for one in allowing for path in _hidden(one))]
    if hidden:
        for where in hidden:
            yield NotChecked(path=where)
    elif document.statements:
        yield Finding(
            path=path,
            message=f"no statement lets the account itself use {_ADMINISTER} without a condition: "
            "when the roles it names are gone, nobody can administer the key. Allow kms:* to "
            "arn:aws:iam::ACCOUNT:root.",
        )


def _administers(statement: Statement, accounts: Sequence[str], *, roles: bool) -> bool:
    if statement.effect != "Allow" or "Condition" in statement.elements:
        return False
    return _covers(statement, _ADMINISTER) and any(
        _is_administrator(name, accounts, roles=roles)
        for kind, names in statement.principals()
        if kind == "AWS"
        for name in names.known
    )


def _is_administrator(name: str, accounts: Sequence[str], *, roles: bool) -> bool:
    account = account_of(name)
    if account is None or (accounts and account not in accounts):
        return False
    return roles or is_account(name)


def _covers(statement: Statement, action: str) -> bool:
    """Whether a statement is about an action; letter case does not count."""
    lowered = action.lower()
    if "NotAction" in statement.elements:
        words = statement.words("NotAction")
        return words.is_whole and not any(matches(one.lower(), lowered) for one in words.known)
    return any(matches(one.lower(), lowered) for one in statement.actions.known)


def _denies_everybody(statement: Statement) -> bool:
    return (
        "Condition" not in statement.elements
        and _covers(statement, _ADMINISTER)
        and any(
            name == "*" or is_account(name)
            for _, names in statement.principals()
            for name in names.known
        )
    )


def _hidden(statement: Statement) -> Iterator[str]:
    """Paths of what is not known of whom a statement allows what."""
    if isinstance(statement.effect, Unknown):
        yield f"{statement.path}.Effect"
    yield from (names.path for _, names in statement.principals() if not names.is_whole)
    for element in ("Action", "NotAction"):
        words = statement.words(element)
        if not words.is_whole:
            yield words.path


def _logs_context(key: Resource, _context: Context) -> Judged:
    document = document_of(key, KMS_POLICIES)
    if document is None:
        return
    for path in document.unknown:
        yield NotChecked(path=path)
    for statement in document.statements:
        services = [name for name in _services(statement) if _LOGS.fullmatch(name)]
        if statement.effect == "Deny" or not services or is_bound_to(statement, _LOGS_CONTEXT):
            continue
        hidden = [
            *statement.hidden_conditions,
            *(
                condition.path
                for condition in statement.conditions
                if condition.key.lower() == _LOGS_CONTEXT and not condition.values.is_whole
            ),
        ]
        for path in hidden:
            yield NotChecked(path=path)
        if not hidden:
            yield Finding(
                path=statement.path,
                message=f"{services[0]} may use the key for log groups of every account. Bound it "
                "by the condition ArnLike kms:EncryptionContext:aws:logs:arn, which names the "
                "log group's ARN, its account included.",
            )


def _services(statement: Statement) -> Iterator[str]:
    for kind, names in statement.principals():
        if kind == "Service":
            yield from names.known


def _logs_grant(stack: Stack, _context: Context) -> Judged:
    links = links_of(stack)
    for group in stack.of(*_LOG_GROUPS):
        value = group.at("kmsKeyId")
        if not value:
            continue
        found = _named(stack, value, links.depended(group, "kmsKeyId", _KEYS))
        if isinstance(value, str) and not found:
            continue
        if len(found) != 1:
            yield NotChecked(path="kmsKeyId", urn=group.urn)
            continue
        yield from _grant_of(stack, links, found[0], group)


def _named(stack: Stack, value: Value, depended: Sequence[Resource]) -> Sequence[Resource]:
    """The keys that are meant by an id or ARN, or by an unknown that depends on them."""
    if not isinstance(value, str):
        return depended
    return [
        key for key in stack.of(*_KEYS) if value in (key.at("arn"), key.at("keyId"), key.at("id"))
    ]


def _grant_of(stack: Stack, links: Links, key: Resource, group: Resource) -> Judged:
    policy = next(
        (
            one
            for one in stack.of(_KEY_POLICY)
            if key in _named(stack, one.at("keyId"), links.depended(one, "keyId", _KEYS))
        ),
        key,
    )
    path = KMS_POLICIES[policy.type]
    document = None if is_computed(policy, path) else document_of(policy, KMS_POLICIES)
    if document and document.unknown:
        yield NotChecked(path=path, urn=policy.urn)
        return
    statements = document.statements if document else ()
    granting = [one for one in statements if one.effect != "Deny" and _is_for(one, group)]
    missing = [
        action
        for action in _LOGS_ACTIONS
        if not any(_covers(statement, action) for statement in granting)
    ]
    if not missing:
        return
    hidden = [where for one in statements if one.effect != "Deny" for where in _hidden(one)]
    for where in hidden:
        yield NotChecked(path=where, urn=policy.urn)
    if not hidden:
        yield Finding(
            path="kmsKeyId",
            message=f"the policy of the key {key.name} does not let CloudWatch Logs use "
            f"{', '.join(missing)} for this log group, so that nothing could be written to it. "
            "Allow them to the service logs.REGION.amazonaws.com, bounded by the condition "
            "kms:EncryptionContext:aws:logs:arn.",
            urn=group.urn,
        )


def _is_for(statement: Statement, group: Resource) -> bool:
    """Whether a statement is about the service of the log group's region and about the group."""
    region = group.at("region") or group.provider.get("region")
    services = [found for name in _services(statement) if (found := _LOGS.fullmatch(name))]
    if not any(one["region"] in (None, region) or not isinstance(region, str) for one in services):
        return False
    name = group.at("name") or group.at("logGroupName")
    if not isinstance(name, str):
        return True
    own = f"arn:{SECTION}:logs:{SECTION}:{SECTION}:log-group:{name}"
    return all(
        any(overlap(value, own) or overlap(value, f"{own}:*") for value in condition.values.known)
        or not condition.values.is_whole
        for condition in statement.conditions
        if condition.key.lower() == _LOGS_CONTEXT
    )


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="kms-key-rotation",
        description="A key that KMS can rotate is rotated once a year.",
        severity="medium",
        types=(_KEY, _NATIVE_KEY),
        remediation="Set enableKeyRotation to true.",
        references=(
            Reference(framework="Security Hub", id="KMS.4"),
            Reference(framework="CIS", id="3.6"),
            Reference(framework="CKV", id="CKV_AWS_7"),
            Reference(framework="AVD", id="AVD-AWS-0065"),
            Reference(framework="cdk-nag", id="AwsSolutions-KMS5"),
        ),
        settings={
            "maximumRotationDays": Setting(
                schema={
                    "type": "integer",
                    "minimum": _ROTATION_DAYS[0],
                    "maximum": _ROTATION_DAYS[1],
                },
                default=365,
                description="The longest period between two rotations, in days.",
            )
        },
        check=_rotation,
    ),
    Rule(
        id="kms-deletion-window",
        description="A key that is deleted by mistake can be had back for long enough.",
        severity="medium",
        types=_KEYS,
        remediation="Set deletionWindowInDays (aws-native: pendingWindowInDays) to 30.",
        references=(Reference(framework="Security Hub", id="KMS.3"),),
        settings={
            "productionDays": Setting(
                schema={
                    "type": "integer",
                    "minimum": _DELETION_DAYS[0],
                    "maximum": _DELETION_DAYS[1],
                },
                default=_DELETION_DAYS[1],
                description="The shortest window in production, in days.",
            )
        },
        check=_deletion_window,
    ),
    Rule(
        id="kms-lockout-check",
        description="KMS checks that a key's policy locks nobody out for good.",
        severity="high",
        types=(_KEY, _NATIVE_KEY, *_REPLICAS, *_EXTERNAL, _KEY_POLICY),
        remediation="Leave bypassPolicyLockoutSafetyCheck out.",
        check=_lockout_check,
    ),
    Rule(
        id="kms-policy-lockout",
        description="The account itself can always change the policy of its key.",
        severity="high",
        types=tuple(KMS_POLICIES),
        remediation="Keep the statement of KMS's default policy: kms:* for the account's root.",
        settings={
            "rolesSuffice": Setting(
                schema={"type": "boolean"},
                default=False,
                description="Whether a role or user of the account is enough to administer a key.",
            )
        },
        check=_lockout,
    ),
    Rule(
        id="kms-logs-context",
        description="CloudWatch Logs may use a key for certain log groups only.",
        severity="medium",
        types=tuple(KMS_POLICIES),
        remediation="Add the condition kms:EncryptionContext:aws:logs:arn to the statement.",
        check=_logs_context,
    ),
    Rule(
        id="kms-logs-grant",
        description="The key of a log group lets CloudWatch Logs write to the group.",
        severity="high",
        types=(*_LOG_GROUPS, *KMS_POLICIES),
        remediation="Allow the service logs.REGION.amazonaws.com to use the key for the group.",
        check_stack=_logs_grant,
    ),
)
