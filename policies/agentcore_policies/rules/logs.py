"""Log groups: what is logged is kept for long enough and no longer, encrypted, where it belongs."""

import re
from collections.abc import Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import RUNTIMES, is_hidden
from agentcore_policies.credentials import shown
from agentcore_policies.links import links_of
from agentcore_policies.model import Resource, Stack, Value
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_NATIVE_GROUP: Final = "aws-native:logs:LogGroup"
_GROUPS: Final = (_GROUP, _NATIVE_GROUP)
_NAMES: Final = {_GROUP: "name", _NATIVE_GROUP: "logGroupName"}
_KEYS: Final = (
    *("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey"),
    *("aws:kms/replicaExternalKey:ReplicaExternalKey", "aws:kms/alias:Alias"),
    *("aws-native:kms:Key", "aws-native:kms:ReplicaKey", "aws-native:kms:Alias"),
)

# CloudWatch Logs API, PutRetentionPolicy.
_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
)
# CloudWatch Logs user guide, log classes: this one keeps two days, whatever is given.
_DELIVERY: Final = "DELIVERY"
_DELIVERY_DAYS: Final = 2

# AgentCore developer guide, observability: the service writes to PREFIX + RUNTIME-ENDPOINT, and the
# execution role's policy names the prefix.
_RUNTIME_PREFIX: Final = "/aws/bedrock-agentcore/runtimes/"
_RUNTIME_GROUP: Final = re.compile(
    re.escape(_RUNTIME_PREFIX) + r"[a-zA-Z][a-zA-Z0-9_]{0,47}-[a-zA-Z0-9]{10}-[a-zA-Z][\w]{0,47}"
)
_MEANS_RUNTIME: Final = re.compile(
    r"agent[-_ ]?core[-_/ ]*(?:agent[-_ ]?)?runtimes?", re.IGNORECASE
)
# What CloudWatch delivers by itself, such as application logs, goes to groups of its own names.
_VENDED: Final = "/aws/vendedlogs/"


def _retention(group: Resource, context: Context) -> Judged:
    path = "retentionInDays"
    kind, days = group.at("logGroupClass"), group.at(path)
    least = cast("int", context.settings["productionDays" if context.production else "minimumDays"])
    if kind == _DELIVERY:
        if least > _DELIVERY_DAYS:
            yield Finding(
                path="logGroupClass",
                message=f"a group of class {_DELIVERY} keeps {_DELIVERY_DAYS} days; at least "
                f"{least} are wanted. Choose another class.",
            )
        return
    hidden = [name for name, value in (("logGroupClass", kind), (path, days)) if is_hidden(value)]
    for name in hidden:
        yield NotChecked(path=name)
    if path in hidden:
        return
    if days in (None, 0):
        yield Finding(
            path=path,
            message="no retention is given, and so logs are kept, and paid for, for ever. Give "
            f"one of {_allowed(least)}.",
        )
    elif isinstance(days, bool) or days not in _RETENTION_DAYS:
        yield Finding(
            path=path,
            message=f"{shown(days)} is given; CloudWatch Logs takes {_allowed(least)}.",
        )
    elif isinstance(days, int | float) and days < least:
        where = " in production" if context.production else ""
        yield Finding(
            path=path,
            message=f"{shown(days)} days are given; at least {least} are wanted{where}: one of "
            f"{_allowed(least)}.",
        )


def _allowed(least: int) -> str:
    return ", ".join(str(days) for days in _RETENTION_DAYS if days >= least)


def _encryption(stack: Stack, _context: Context) -> Judged:
    links = links_of(stack)
    path = "kmsKeyId"
    for group in stack.of(*_GROUPS):
        value = group.at(path)
        if is_hidden(value):
            # Whatever a key of the stack will be called, it is one.
            if not links.depended(group, path, _KEYS):
                yield NotChecked(path=path, urn=group.urn)
        elif value in (None, ""):
            yield Finding(
                path=path,
                message="the log group is encrypted with AWS's own key. Name a key of the account.",
                urn=group.urn,
            )


def _runtime_name(stack: Stack, _context: Context) -> Judged:
    links = links_of(stack)
    for group in stack.of(*_GROUPS):
        path = _NAMES[group.type]
        name = group.at(path)
        runtimes = links.depended(group, path, RUNTIMES)
        if is_hidden(name):
            if runtimes:
                yield NotChecked(path=path, urn=group.urn)
        elif _is_misnamed(name, of_runtime=bool(runtimes)):
            yield Finding(
                path=path,
                message=f"{shown(name)} is given; a runtime writes to "
                f"{_RUNTIME_PREFIX}RUNTIME_ID-ENDPOINT only, and its role may write nowhere else, "
                "so this group stays empty and the other one is kept for ever. Rename it.",
                urn=group.urn,
            )


def _is_misnamed(name: Value, *, of_runtime: bool) -> bool:
    if not isinstance(name, str) or name.startswith(_VENDED) or _RUNTIME_GROUP.fullmatch(name):
        return False
    return of_runtime or bool(_MEANS_RUNTIME.search(name))


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="log-retention",
        description="Every log group says how long it keeps what is logged, and it is long enough.",
        severity="medium",
        types=_GROUPS,
        remediation="Set retentionInDays to one of the allowed values.",
        references=(
            Reference(framework="Security Hub", id="CloudWatch.16"),
            Reference(framework="CKV", id="CKV_AWS_66"),
            Reference(framework="CKV", id="CKV_AWS_338"),
            Reference(framework="Guard", id="cw_loggroup_retention_period_check"),
        ),
        settings={
            "minimumDays": Setting(
                schema={"type": "integer", "minimum": 1, "maximum": 3653},
                default=1,
                description="Days to keep at least, outside production.",
            ),
            "productionDays": Setting(
                schema={"type": "integer", "minimum": 1, "maximum": 3653},
                default=30,
                description="Days to keep at least in production.",
            ),
        },
        check=_retention,
    ),
    Rule(
        id="log-encryption",
        description="Logs in production are encrypted with a key of the account.",
        severity="medium",
        production_only=True,
        types=_GROUPS,
        remediation="Set kmsKeyId to the ARN of a key whose policy lets CloudWatch Logs use it.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_158"),
            Reference(framework="AVD", id="AVD-AWS-0017"),
            Reference(framework="Guard", id="cloudwatch_log_group_encrypted"),
        ),
        check_stack=_encryption,
    ),
    Rule(
        id="log-runtime-group",
        description="A log group that is meant for a runtime has the name the runtime writes to.",
        severity="medium",
        types=(*_GROUPS, *RUNTIMES),
        remediation=f"Name it {_RUNTIME_PREFIX}, the runtime's id, a hyphen and the endpoint's "
        "name.",
        check_stack=_runtime_name,
    ),
)
