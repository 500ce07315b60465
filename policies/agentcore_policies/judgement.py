"""Runs one rule: its verdicts become what is said, at the level config sets, whatever happens."""

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from agentcore_policies.credentials import looks_secret
from agentcore_policies.model import Resource, Stack
from agentcore_policies.pack_config import Exemption, PackConfig, RuleConfig
from agentcore_policies.rule import Context, Finding, NotChecked, Rule, Verdicts

_WITHHELD: Final = "(property not shown: it looks like a secret)"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is said of a resource or the stack.

    Attributes:
        level: a mandatory one refuses the deployment.
        message: with the rule's id, the property and the way out; never a secret, and whatever a
            rule says, text that can be sent.
        urn: the resource; empty for the whole stack.
        not_checked: whether it tells that the rule could not look.
        place: the property it could not look at, and whose, where it judges the stack.
        failed: whether it tells that the rule itself failed.
        exemption: what has it refuse nothing.
    """

    level: Literal["advisory", "mandatory"]
    message: str
    urn: str
    not_checked: bool = False
    place: str = ""
    failed: bool = False
    exemption: Exemption | None = None


def judge(
    rule: Rule, subject: Resource | Stack, stack: str, config: PackConfig, *, preview: bool
) -> Iterator[Report]:
    """All that one rule has to say of a resource, or of the stack.

    A rule that crashes says that it did, at its own level: a rule that did not run refuses as the
    finding it might have made would. Its error is told by type and place only, because the text of
    an error may hold a value.
    """
    of_rule = config.rules[rule.id]
    level = of_rule.level_in(stack)
    context = config.context(rule, stack)
    if level == "disabled" or (rule.production_only and not context.production):
        return
    own_urn = subject.urn if isinstance(subject, Resource) else ""
    try:
        for verdict in _verdicts(rule, subject, context):
            urn = _sendable(verdict.urn) or own_urn
            if isinstance(verdict, NotChecked):
                place = _place(verdict)
                yield Report(
                    level="advisory",
                    message=not_checked([rule.id], place, preview=preview),
                    urn=urn,
                    not_checked=True,
                    place=place,
                )
            else:
                yield _finding(rule, verdict, urn, stack, of_rule, level)
    except Exception as error:  # noqa: BLE001 - a rule's crash is a finding, not a dead command
        yield Report(level=level, message=_crash(rule, error), urn=own_urn, failed=True)


def _verdicts(rule: Rule, subject: Resource | Stack, context: Context) -> Verdicts:
    if isinstance(subject, Resource):
        return rule.check(subject, context) if rule.check else ()
    return rule.check_stack(subject, context) if rule.check_stack else ()


def _finding(
    rule: Rule,
    finding: Finding,
    urn: str,
    stack: str,
    config: RuleConfig,
    level: Literal["advisory", "mandatory"],
) -> Report:
    exemption = config.exemption_of(subject_of(urn, stack), stack)
    path = _path(finding.path)
    lines = [f"[{rule.id}] {path + ': ' if path else ''}{_sendable(finding.message)}"]
    if exemption:
        level = "advisory"
        lines.append(f"Exempt until {exemption.expires.isoformat()}: {exemption.reason}")
    also = ", ".join(map(str, rule.references))
    lines.append(f"Way out: {rule.remediation}")
    if also:
        lines.append(f"See also: {also}")
    message = "\n".join([rule.description, *lines])
    return Report(level=level, message=message, urn=urn, exemption=exemption)


def not_checked(rules: Iterable[str], place: str, *, preview: bool) -> str:
    """What is said of a place that some rules could not look at."""
    when, way_out = (
        (
            "not checked at preview",
            "Build it in this stack, from parts that are known before the deployment and no "
            "secrets; what is known only then is judged then, in `pulumi up`.",
        )
        if preview
        else ("not checked", "Build it in this stack and without secrets, or review it by hand.")
    )
    return f"[{', '.join(rules)}] {when}: {place}\nWay out: {way_out}"


def _place(verdict: NotChecked) -> str:
    of = f" of {name_in(_sendable(verdict.urn))}" if verdict.urn else ""
    return f"{_path(verdict.path)}{of}"


def _path(path: str) -> str:
    """A property; the keys in it are the program's and may hold anything."""
    return _WITHHELD if looks_secret(path) else _sendable(path)


def _sendable(text: str) -> str:
    """Text that can be sent: JSON may hold halves of characters, which no encoding knows."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _crash(rule: Rule, error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else "nowhere"
    return (
        f"[{rule.id}] the rule itself failed, so nothing is known of what it judges: "
        f"{type(error).__name__} in {place}.\n"
        "Way out: report it to whoever publishes the pack; until it is repaired, set the rule to "
        "advisory in the pack's config."
    )


def not_made(report: Report) -> Report:
    """The report on a resource of the stack that the program does not make: it refuses nothing."""
    note = "The program does not make it, and the deployment leaves it as it is."
    return replace(report, level="advisory", message=f"{report.message}\n{note}")


def subject_of(urn: str, stack: str) -> str:
    """What an exemption calls the subject of a report: a resource, or the stack as a whole."""
    return name_in(urn) if urn else stack


def name_in(urn: str) -> str:
    """The logical name of a resource."""
    return urn.split("::", 3)[-1]


def stack_in(urn: str) -> str:
    """The stack of a resource: what ``pulumi policy analyze`` does not tell otherwise."""
    return urn.removeprefix("urn:pulumi:").split("::", 1)[0]
