"""Mutants that no test can kill, each with the reason: they say the same as the original."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.mutants.mutants import Key


@dataclass(frozen=True)
class Accepted:
    """A mutant that changes no verdict; one that does not exist, or is killed, fails the run.

    Attributes:
        module: such as ``rules.keys``.
        function: the function or method it is in; empty for the module's own code.
        was: the lines that are changed, on one line.
        becomes: the same after the change.
        why: what makes both the same.
    """

    module: str
    function: str
    was: str
    becomes: str
    why: str

    @property
    def key(self) -> Key:
        """As :attr:`tests.mutants.mutants.Mutant.key`."""
        return self.module, self.function, self.was, self.becomes


_NUMBERS: Final = (
    "if not (problems or wrong_count) and _is_number(metric.period) and _is_number(periods):"
)
_NOT_ON: Final = "not any(escalation.on in template for template in meant.templates):"
_NOT_IDENTITY: Final = "a document is read as that of an identity, or not"
_AGENTS: Final = "agents = {holder.urn for _, holder in roles.execution_roles() if"

_NAMED_GROUPS: Final = (
    'return network.links.of_values(rule.resource, GROUPS, rule.path.partition("[")[0], ids)'
)

ACCEPTED: Final[Sequence[Accepted]] = (
    Accepted(
        module="iam_actions",
        function="",
        was="_ANY_NAME: Final = UNSPELLED * 16",
        becomes="_ANY_NAME: Final = UNSPELLED * 17",
        why="wildcards that count characters of a name are widened to any number of them",
    ),
    Accepted(
        module="iam_actions",
        function="Action.service",
        was='return self.name.partition(":")[0]',
        becomes='return self.name.rpartition(":")[0]',
        why="neither a service nor an operation has a colon in its name",
    ),
    Accepted(
        module="iam_actions",
        function="action",
        was='service, _, operation = name.lower().partition(":")',
        becomes='service, _, operation = name.lower().rpartition(":")',
        why="neither a service nor an operation has a colon in its name",
    ),
    Accepted(
        module="iam_actions",
        function="expand",
        was='service, _, operations = pattern.lower().partition(":")',
        becomes='service, _, operations = pattern.lower().rpartition(":")',
        why="neither a service nor an operation has a colon in its name",
    ),
    Accepted(
        module="iam_actions",
        function="expand",
        was="if not has_wildcard(pattern):",
        becomes="if False:",
        why="what has no wildcard matches itself only; to know it is quicker",
    ),
    Accepted(
        module="iam_wildcards",
        function="",
        was='_BEGINNING: Final = re.compile(r"[^*?]+")',
        becomes='_BEGINNING: Final = re.compile(r"XX[^*?]+XX")',
        why="the pattern tells as well what its beginning tells sooner",
    ),
    Accepted(
        module="iam_wildcards",
        function="matches",
        was="if literal and not text.startswith(literal[0]):",
        becomes="if False:",
        why="the pattern tells as well what its beginning tells sooner",
    ),
    Accepted(
        module="iam_wildcards",
        function="overlap",
        was="reached = set(range(min(reached), len(other) + 1))",
        becomes="reached = set(range(min(reached), len(other) + 2))",
        why="a place behind the end leads nowhere",
    ),
    Accepted(
        module="iam_privileges",
        function="",
        was='on: str = ""',
        becomes='on: str = "XXXX"',
        why="no type has it in its ARN, so that nothing needs to be named",
    ),
    Accepted(
        module="model",
        function="at",
        was="if isinstance(step, str) and isinstance(value, Mapping):",
        becomes="if isinstance(value, Mapping):",
        why="no key of an object is a number; the types do not tell",
    ),
    *(
        Accepted(
            module="rules.alarms",
            function="_evaluation",
            was=_NUMBERS,
            becomes=becomes,
            why="what is no number is a problem already; the types do not tell",
        )
        for becomes in (
            "if not (problems or wrong_count) and _is_number(metric.period):",
            "if not (problems or wrong_count) and _is_number(periods):",
        )
    ),
    *(
        Accepted(
            module=module,
            function=function,
            was=f'return {reader}({value}, path, "trust")',
            becomes=f'return {reader}({value}, path, "XXtrustXX")',
            why="whatever is no identity's policy is read as one that says who is let in",
        )
        for module, function, reader, value in (
            ("iam_policies", "trust_document", "read", "role.at(path)"),
            ("resource_policy", "document_of", "iam_document.read", "value"),
        )
    ),
    Accepted(
        module="rules.escalation",
        function="_Grant._is_on",
        was=f"if meant is None or {_NOT_ON}",
        becomes=f"if {_NOT_ON}",
        why="every action of an escalation is one that IAM knows; the types do not tell",
    ),
    Accepted(
        module="rules.escalation",
        function="_grants",
        was="if not is_all(word) and _meant(word)",
        becomes="if not is_all(word)",
        why="what means no action of an escalation gives none; to know it is quicker",
    ),
    Accepted(
        module="rules.escalation",
        function="_paths",
        was="if not grants:",
        becomes="if False:",
        why="who is granted nothing has no path; to know it is quicker",
    ),
    Accepted(
        module="rules.escalation",
        function="_together",
        was=f"{_AGENTS} isinstance(holder, Holder)}}",
        becomes=f"{_AGENTS} True}}",
        why="what is not checked is told of the runtime, which is no role",
    ),
    Accepted(
        module="iam_policies",
        function="Roles.__init__",
        was="index.update({each: holder for each in physical if isinstance(each, str)})",
        becomes="index.update({each: holder for each in physical if True})",
        why="nothing is looked up by what is no text",
    ),
    Accepted(
        module="rules.logs",
        function="_retention",
        was="elif isinstance(days, int | float) and days < least:",
        becomes="elif days < least:",
        why="what is among the allowed days is a number; the types do not tell",
    ),
    Accepted(
        module="rules.permissions",
        function="_action_wildcard",
        was='elif has_wildcard(word.partition(":")[0]):',
        becomes='elif has_wildcard(word.rpartition(":")[0]):',
        why="a whole service is one colon and wildcards, where the service itself is none",
    ),
    Accepted(
        module="rules.permissions",
        function="_is_anywhere",
        was='spelled = _POLICY_VARIABLE.sub("x", resource)',
        becomes='spelled = _POLICY_VARIABLE.sub("XXxXX", resource)',
        why="a value of a variable is any text without wildcards",
    ),
    Accepted(
        module="rules.permissions",
        function="_managed_policy",
        was='owner, _, name = arn.lower().partition(":policy/")',
        becomes='owner, _, name = arn.lower().rpartition(":policy/")',
        why="an ARN holds it once",
    ),
    Accepted(
        module="rules.registry",
        function="_expired_releases",
        was="if isinstance(tag, str)",
        becomes="if True",
        why="an unknown tag ends the function two lines later, and any other is a problem already",
    ),
    Accepted(
        module="rules.tagging",
        function="",
        was='_ANY: Final = _Characters(re.compile(r".", re.DOTALL), "all")',
        becomes='_ANY: Final = _Characters(re.compile(r".", re.DOTALL), "XXallXX")',
        why="what is allowed is told of a character that is not, and here each one is",
    ),
    Accepted(
        module="rules.security_groups",
        function="_peer_groups",
        was=_NAMED_GROUPS,
        becomes=_NAMED_GROUPS.replace(".partition", ".rpartition"),
        why="the path of a rule within a group has one bracket",
    ),
    Accepted(
        module="rules.vpc_endpoints",
        function="_document",
        was='return path, read(resource.at(path), path, "trust")',
        becomes='return path, read(resource.at(path), path, "XXtrustXX")',
        why=_NOT_IDENTITY,
    ),
    Accepted(
        module="rules.vpc_endpoints",
        function="_is_left_to_aws",
        was='statements = read(given, path, "trust").statements',
        becomes='statements = read(given, path, "XXtrustXX").statements',
        why=_NOT_IDENTITY,
    ),
)
