"""What all policies of one role add up to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agentcore_policies.iam_actions import action, listed, reaches
from agentcore_policies.iam_document import STRINGS_EQUAL, Document, Statement
from agentcore_policies.iam_policies import (
    INLINE_LIMIT,
    INLINE_OF_ROLES,
    STACK_TYPES,
    Holder,
    roles_of,
)
from agentcore_policies.iam_privileges import ALONE, TOGETHER, Escalation
from agentcore_policies.iam_wildcards import has_wildcard, is_all, matches
from agentcore_policies.model import Stack, Unknown
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule

_KNOWN: Final = frozenset(name for known in (*ALONE, *TOGETHER) for name in known.actions)


@lru_cache(maxsize=4096)
def _meant(pattern: str) -> frozenset[str]:
    """The actions of escalations that a pattern means; most patterns mean none."""
    return frozenset(name for name in _KNOWN if reaches(pattern, name))


@dataclass(frozen=True)
class _Grant:
    """An entry of a statement that allows; the pattern is empty for an inverted statement."""

    pattern: str
    statement: Statement

    def gives(self, name: str, escalation: Escalation) -> bool:
        """Whether it allows an action, so that it serves an escalation."""
        if self.pattern:
            is_named = name in _meant(self.pattern)
        else:
            excepted = self.statement.words("NotAction")
            is_named = excepted.is_whole and not any(name in _meant(e) for e in excepted.known)
        return is_named and self._is_to(name, escalation.service) and self._is_on(name, escalation)

    def _is_to(self, name: str, service: str) -> bool:
        """Whether a role that is passed may be passed to the service."""
        if name != "iam:PassRole":
            return True
        return all(
            not bound.is_whole or any(matches(value, service) for value in bound.known)
            for bound in self.statement.bounds("iam:PassedToService", STRINGS_EQUAL)
        )

    def _is_on(self, name: str, escalation: Escalation) -> bool:
        """Whether it reaches more than what is named, where it has to."""
        if not escalation.on or "NotResource" in self.statement.elements:
            return True
        meant = action(name)
        if meant is None or not any(escalation.on in template for template in meant.templates):
            return True
        return any(
            meant.is_every_one(word, escalation.on) for word in self.statement.resources.known
        )


def _grants(holder: Holder) -> list[_Grant]:
    """What a role is allowed; everything at once is left to the rule of wildcards."""
    grants: list[_Grant] = []
    for _, document in holder.documents:
        for statement in document.statements:
            if statement.effect != "Allow":
                continue
            grants += [
                _Grant(word, statement)
                for word in statement.actions.known
                if not is_all(word) and _meant(word)
            ]
            if "NotAction" in statement.elements:
                grants.append(_Grant("", statement))
    return grants


def _denied(holder: Holder) -> list[str]:
    """Patterns of actions that are denied on everything, whatever the circumstances."""
    return [
        word
        for _, document in holder.documents
        for statement in document.statements
        if statement.effect == "Deny"
        and not statement.elements.get("Condition")
        and any(map(is_all, statement.resources.known))
        for word in statement.actions.known
    ]


def _paths(holder: Holder, known: Sequence[Escalation]) -> Judged:
    found: dict[str, list[str]] = {}
    grants, denied = _grants(holder), _denied(holder)
    if not grants:
        return
    for escalation in known:
        names = escalation.actions
        if not all(_is_within(name, holder.boundary) for name in names):
            continue
        if any(name in _meant(pattern) for pattern in denied for name in names):
            continue
        giving = [[grant for grant in grants if grant.gives(name, escalation)] for name in names]
        # One wildcard that reaches all of it is told where it stands.
        by_one_wildcard = any(
            has_wildcard(grant.pattern) and _meant(grant.pattern).issuperset(names)
            for grant in giving[0]
        )
        if all(giving) and not by_one_wildcard:
            found.setdefault(escalation.what, []).append(" + ".join(names))
    if found and isinstance(holder.boundary, NotChecked):
        yield holder.boundary
        return
    for what, combinations in found.items():
        yield Finding(
            path="",
            urn=holder.urn,
            message=f"{listed(combinations)}: whoever acts as the role can {what}. Take one of the "
            "actions away, or give it to a role of its own.",
        )


def _is_within(name: str, boundary: Sequence[Document] | NotChecked | None) -> bool:
    """Whether a permissions boundary lets an action through, as far as it is known."""
    if boundary is None or isinstance(boundary, NotChecked):
        return True
    statements = [statement for document in boundary for statement in document.statements]
    denied = any(
        statement.effect == "Deny" and _denies_always(statement) and _means(statement, name)
        for statement in statements
    )
    return not denied and any(
        statement.effect != "Deny" and _means(statement, name) for statement in statements
    )


def _means(statement: Statement, name: str) -> bool:
    """Whether a statement is about an action; where that is not known, as if it were."""
    if "NotAction" in statement.elements:
        excepted = statement.words("NotAction")
        return not any(name in _meant(word) for word in excepted.known)
    actions = statement.actions
    return not actions.is_whole or any(name in _meant(word) for word in actions.known)


def _denies_always(statement: Statement) -> bool:
    return (
        not statement.elements.get("Condition")
        and statement.actions.is_whole
        and any(map(is_all, statement.resources.known))
    )


def _together(stack: Stack, _context: Context) -> Judged:
    roles = roles_of(stack)
    yield from roles.not_checked
    agents = {holder.urn for _, holder in roles.execution_roles() if isinstance(holder, Holder)}
    for holder in roles:
        yield from (*holder.not_checked, *holder.unread)
        yield from _hidden(holder)
        # What an agent's role must not hold is told one by one.
        known = TOGETHER if holder.urn in agents else (*ALONE, *TOGETHER)
        yield from _paths(holder, known)


def _hidden(holder: Holder) -> Iterator[NotChecked]:
    """What is not known of the actions of statements."""
    for urn, document in holder.documents:
        for statement in document.statements:
            if isinstance(statement.effect, Unknown):
                yield NotChecked(path=f"{statement.path}.Effect", urn=urn)
            elif statement.effect == "Allow" and not statement.actions.is_whole:
                yield NotChecked(path=statement.actions.path, urn=urn)


def _inline_size(stack: Stack, _context: Context) -> Judged:
    roles = roles_of(stack)
    yield from roles.not_checked
    inline = {resource.urn for resource in stack.of(*INLINE_OF_ROLES)}
    for holder in roles:
        sizes: dict[str, int] = {}
        for urn, document in holder.documents:
            if urn in inline:
                sizes[urn] = sizes.get(urn, 0) + document.characters
        # One that is too long alone is told where it stands.
        if any(size > INLINE_LIMIT for size in sizes.values()):
            continue
        if sum(sizes.values()) > INLINE_LIMIT:
            yield Finding(
                path="",
                urn=holder.urn,
                message=f"the {len(sizes)} inline policies are {sum(sizes.values())} characters "
                f"together, white space left out; IAM takes {INLINE_LIMIT} of a role. Fold "
                "statements, or make some of them managed policies.",
            )
        else:
            yield from (one for one in holder.not_checked if one.urn in inline)


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="role-privilege-escalation",
        description="All policies of a role together do not let its holder become more.",
        severity="critical",
        types=STACK_TYPES,
        remediation="Take one of the actions away, or give it to a role of its own.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_286"),
            Reference(framework="Prowler", id="iam_policy_allows_privilege_escalation"),
            Reference(framework="Well-Architected", id="SEC03-BP02"),
        ),
        check_stack=_together,
    ),
    Rule(
        id="role-inline-policy-size",
        description="All inline policies of a role together are no longer than IAM takes.",
        severity="low",
        types=STACK_TYPES,
        remediation="Fold statements with the same resources, or use managed policies.",
        check_stack=_inline_size,
    ),
)
