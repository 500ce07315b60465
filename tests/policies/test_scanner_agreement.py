"""Checkov and the pack agree on what is wrong; where they do not, it is accepted with a reason.

Checkov knows nothing of the pack: it reads a plan of Terraform, written of the resources that the
rules judge. Both judge the program, the mutations of every rule that cites one of Checkov's checks,
and what those checks are plainly about. An acceptance that nothing needs fails, as in
:mod:`tests.judgement.test_policy_documents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from agentcore_policies import catalogue
from agentcore_policies.pack_config import PackConfig
from agentcore_policies.rule import Finding
from tests.judgement.terraform_plan import address, is_written, plan
from tests.judgement.terraform_scanner import check_names, known_types, scanned
from tests.policies.documents import allowing
from tests.policies.edits import edited
from tests.policies.forms import GROUP, KEY, LOG_GROUP, ROLE, ROLE_POLICY
from tests.policies.graphs import recorded
from tests.policies.mutation import BASE, Mutation, values
from tests.policies.mutations import MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from agentcore_policies.model import Resource, Stack
    from agentcore_policies.rule import Rule
    from tests.policies.edits import Edit
    from tests.policies.graphs import Graph, Views

_AGENT: Final = "tagged"
_DELIVERER: Final = "agentcore-prod"
"""The role that delivers flow logs: no agent's."""


def _granted(rule: str, action: str, to: str = _DELIVERER) -> Iterable[Mutation]:
    """An action on everything, and one on something."""
    bad = {f"{action} on everything": allowing({"Action": action, "Resource": "*"})}
    good = allowing({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::papers/drafts/*"})
    return values(rule, ROLE_POLICY, "policy", bad, good, to)


def _within_group(rule: str, direction: str, protocol: str, port: int) -> Iterable[Mutation]:
    """A rule that a security group holds, of everywhere and of the VPC."""
    given: Any = {"description": "one", "protocol": protocol, "fromPort": port, "toPort": port}
    bad = {f"{protocol} {port}, in the group": [{**given, "cidrBlocks": ["0.0.0.0/0"]}]}
    good = [{**given, "cidrBlocks": ["10.64.0.0/16"]}]
    return values(rule, GROUP, direction, bad, good, "-agents")


PLAIN: Final = (
    *_granted("iam-action-wildcard-privileged", "iam:Put*"),
    *_granted("iam-resource-star", "s3:PutObject"),
    *_granted("iam-secret-scope", "secretsmanager:GetSecretValue"),
    *_granted("role-privilege-escalation", "iam:CreatePolicyVersion"),
    *_granted("execution-role-control-plane", "ecr:SetRepositoryPolicy", _AGENT),
    *values(
        "role-confused-deputy",
        ROLE,
        "assumeRolePolicy",
        {
            f"{who} at any time": allowing({"Action": "sts:AssumeRole", "Principal": {"AWS": who}})
            for who in ("*", "arn:aws:iam::333333333333:root")
        },
        allowing({"Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}),
        _DELIVERER,
    ),
    *_within_group("security-group-ingress-open", "ingress", "tcp", 22),
    *_within_group("security-group-ingress-open", "ingress", "tcp", 80),
    *_within_group("security-group-ingress-open", "ingress", "-1", 0),
    *_within_group("security-group-egress-open", "egress", "-1", 0),
    *values("log-retention", LOG_GROUP, "retentionInDays", {"for ever, not a year": None}, 365),
)
"""What a check is plainly about, where no mutation of the rule is; other rules may find it too."""

PROGRAMS: Final = (
    "dev, with images",
    "prod, with images",
    BASE,
    "dev, every use of a network",
    "prod, every use of a network",
)

# Accepted differences -----------------------------------------------------------------------------

_ATTACHED: Final = "its runtimes have the group, and runtimes are unknown to the check"
_ONE_YEAR: Final = "flow logs are kept as long as config says; the pack demands 30 days"
_OWN_KEY: Final = "outside production AWS's own keys encrypt"
FOUND: Final[Mapping[tuple[str, str, str], str]] = {
    ("CKV_AWS_136", "dev, with images", "assistant"): _OWN_KEY,
    ("CKV_AWS_136", "dev, every use of a network", "assistant"): _OWN_KEY,
    ("CKV_AWS_136", "dev, every use of a network", "tagged"): _OWN_KEY,
    ("CKV_AWS_136", "dev, every use of a network", "writer"): _OWN_KEY,
    ("CKV_AWS_158", "dev, every use of a network", "agentcore-dev"): _OWN_KEY,
    ("CKV_AWS_338", "dev, every use of a network", "agentcore-dev"): _ONE_YEAR,
    ("CKV_AWS_338", "prod, every use of a network", "agentcore-prod"): _ONE_YEAR,
    ("CKV2_AWS_5", "prod, with images", "agentcore-prod-10-64-0-0-16-agents"): _ATTACHED,
    ("CKV2_AWS_5", BASE, "agentcore-prod-10-64-0-0-16-agents"): _ATTACHED,
    (
        *("CKV2_AWS_5", "dev, every use of a network"),
        "agentcore-dev-10-80-0-0-18-agents",
    ): _ATTACHED,
    (
        *("CKV2_AWS_5", "prod, every use of a network"),
        "agentcore-prod-10-80-0-0-18-agents",
    ): _ATTACHED,
}
"""What Checkov finds on a resource of the program: by check, graph and resource."""

_ON_SOMETHING: Final = "what is granted on anything but the one star is bounded enough"
_PERMISSIONS: Final = "only to manage permissions is to administer"
_ALL: Final = "only the one star is all actions"
_ONE_POLICY: Final = "two policies of AWS's are too much, AdministratorAccess and IAMFullAccess"
_NO_CHECK: Final = "it has no such check of the type"
_OF_AWS: Final = "of who is trusted it reads AWS principals, and no star in their place"
_BOUNDED: Final = "who is trusted matters, and not on what condition"
_PORTS: Final = "the ports 22, 80 and all of them are too much to open"
_PROTOCOL: Final = "of a rule that is a resource it reads ports, and no protocol"
MISSED: Final[Mapping[str, str]] = {
    "iam-action-wildcard: everything, in two parts": _ALL,
    "iam-action-wildcard: a service": _ALL,
    "iam-action-wildcard: a service in capitals": _ALL,
    "iam-action-wildcard-privileged: writing policies": _ON_SOMETHING,
    "iam-action-wildcard-privileged: in other letters": "a question mark is a letter",
    "iam-action-wildcard-privileged: passing roles": _ON_SOMETHING,
    "iam-action-wildcard-privileged: commands in an agent": _ON_SOMETHING,
    "iam-resource-star: a star for each part": _ON_SOMETHING,
    "iam-resource-star: all of AWS": _ON_SOMETHING,
    "iam-secret-scope: all secrets": _ON_SOMETHING,
    "iam-secret-scope: all keys": _ON_SOMETHING,
    "iam-secret-scope: all parameters": _ON_SOMETHING,
    "iam-secret-scope: everything": "to decrypt is not to read data",
    "iam-managed-admin-policy: AgentCore's whole": _ONE_POLICY,
    "iam-managed-admin-policy: attached by RolePolicyAttachment": _ONE_POLICY,
    "iam-managed-admin-policy: attached by PolicyAttachment": _ONE_POLICY,
    "iam-managed-admin-policy: attached with all others": _NO_CHECK,
    "iam-users-and-groups: Group": _NO_CHECK,
    "iam-users-and-groups: AccessKey": _NO_CHECK,
    "iam-users-and-groups: ServiceSpecificCredential": _NO_CHECK,
    "iam-users-and-groups: SshKey": _NO_CHECK,
    "role-privilege-escalation: a policy of its own": _ON_SOMETHING,
    "role-privilege-escalation: code as another role, in two statements": _ON_SOMETHING,
    "execution-role-control-plane: images": _PERMISSIONS,
    "execution-role-control-plane: runtimes": _PERMISSIONS,
    "agentcore-role-principal: another service too": _OF_AWS,
    "agentcore-role-principal: everybody": _OF_AWS,
    "role-confused-deputy: any account's": _BOUNDED,
    "role-confused-deputy: every other account's": _BOUNDED,
    "security-group-ingress-open: {'cidrIpv4': '0.0.0.0/0'}": _PORTS,
    "security-group-ingress-open: {'cidrIpv6': '::/0'}": _PORTS,
    "security-group-ingress-open: {'cidrIpv4': '128.0.0.0/1'}": _PORTS,
    "security-group-egress-open: all of it": _PROTOCOL,
    "security-group-egress-open: what has no ports": _PROTOCOL,
    "security-group-egress-open: all ports": "all ports of one protocol are not all there is",
    "security-group-egress-open: all of IPv6": _PROTOCOL,
    "security-group-egress-open: all of it to a great public block": (
        "every other block than all there is will do"
    ),
    "security-group-description: none of a group": "the text that Pulumi fills in is a text",
    "subnet-public-ip: of a default subnet": _NO_CHECK,
    "vpc-flow-logs: what is accepted": "flow logs of a part of the traffic are flow logs",
    "vpc-flow-logs: what is rejected": "flow logs of a part of the traffic are flow logs",
    "kms-key-rotation: too seldom": "any period will do",
    "kms-key-rotation: too often": "any period will do",
    "log-retention: 45 days": "a year is demanded, of what is right too",
    "log-retention: too short": "a year is demanded, of what is right too",
    "log-retention: none": "0 days are for ever, which is long enough",
    "ecr-immutable-tags: of a template of aws": _NO_CHECK,
    "ecr-scan-on-push: the registry scans others": "it reads the repository's own word only",
    "ecr-encryption: of a template of aws": _NO_CHECK,
    "ecr-policy-public: of a RepositoryCreationTemplate of aws": _NO_CHECK,
    "ecr-policy-public: of a RegistryPolicy of aws": _NO_CHECK,
    "sns-policy-public: of a Topic of aws": "the policy that is a resource of its own is read",
    "alarm-actions: nobody is told of aws": "actions are enabled, if there were any",
}
"""What Checkov does not find on the resource that the rule finds: mutations, and how it sees it."""

STRICTER: Final[Mapping[tuple[str, str], str]] = {
    ("CKV_AWS_338", "log-retention"): "30 days are right, and it demands a year",
}
"""Checks that a mutation's good twin fails: by check and rule."""

_OF_DATA: Final = "of Terraform's data sources what the rule's other check is of resources"
UNSEEN: Final[Mapping[tuple[str, str], str]] = {
    ("CKV_AWS_275", "iam-managed-admin-policy"): _OF_DATA,
    ("CKV_AWS_108", "iam-secret-scope"): _OF_DATA,
    ("CKV_AWS_51", "runtime-image-moving-tag"): "of the repository that the image is in",
    ("CKV_AWS_45", "runtime-environment-secrets"): "of the variables of a Lambda function",
}
"""Checks that fail on no mutation: by check and the rule that cites it."""

# Both judges --------------------------------------------------------------------------------------

_RULES: Final = {rule.id: rule for rule in catalogue.rules()}
_CONFIG: Final = PackConfig.default(catalogue.rules())


def _cited(rule: str) -> frozenset[str]:
    """Checkov's checks of which a rule says that they are the same."""
    return frozenset(one.id for one in _RULES[rule].references if one.framework == "CKV")


def _found(rule: Rule, views: Views) -> frozenset[str]:
    """URNs of what a rule finds something on."""
    context = _CONFIG.context(rule, views.inputs.name)
    if rule.check_stack:
        said = rule.check_stack(views.outputs, context)
        return frozenset(one.urn for one in said if isinstance(one, Finding))
    return frozenset(
        resource.urn
        for resource in views.inputs.resources
        if rule.check and resource.type in rule.types
        for one in rule.check(resource, context)
        if isinstance(one, Finding)
    )


@dataclass(frozen=True)
class _Tried:
    """A mutation with what Checkov judges of it: what the rule finds, and of the twin what changes.

    To a rule of the stack it is all that changes, and what that depends on: what is wrong may be
    found on either.
    """

    mutation: Mutation
    wrong: Sequence[Resource]
    right: Sequence[Resource]


def _tried(mutation: Mutation) -> _Tried | None:
    """None where Terraform has nothing of what the rule finds."""
    rule = _RULES[mutation.rule]
    wrong, right = (
        _after(mutation, edits).deployed.inputs for edits in (mutation.bad, mutation.good)
    )
    found = _found(rule, _after(mutation, mutation.bad).deployed)
    if not any(is_written(one) for one in wrong.resources if one.urn in found):
        return None
    touched = [edit.touched for edit in (*mutation.bad, *mutation.good)]

    def of(stack: Stack, *, changed: bool) -> Sequence[Resource]:
        chosen = [
            one
            for one in stack.resources
            if one.urn in found
            or (
                changed
                and any(one.type == kind and one.name.endswith(end) for kind, end in touched)
            )
        ]
        taken = {one.urn for one in chosen}
        if rule.check_stack:
            taken.update(
                urn for one in chosen for urns in one.dependencies.values() for urn in urns
            )
        return [one for one in stack.resources if one.urn in taken]

    return _Tried(mutation, of(wrong, changed=bool(rule.check_stack)), of(right, changed=True))


def _after(mutation: Mutation, edits: Sequence[Edit]) -> Graph:
    return edited(recorded(mutation.graph), *edits)


@pytest.mark.parametrize("mutation", PLAIN, ids=str)
def test_what_a_check_is_plainly_about_is_found_by_the_rule(mutation: Mutation) -> None:
    rule = _RULES[mutation.rule]
    assert _found(rule, _after(mutation, mutation.bad).deployed)
    assert not _found(rule, _after(mutation, mutation.good).deployed)


@dataclass(frozen=True)
class _Verdict:
    """What Checkov finds of a mutation and of its good twin, of the checks its rule cites."""

    mutation: Mutation
    wrong: frozenset[str]
    right: frozenset[str]


@dataclass(frozen=True)
class _Verdicts:
    """What Checkov finds: by check, graph and resource, and by mutation; of which of its types."""

    of_programs: frozenset[tuple[str, str, str]]
    of_mutations: Sequence[_Verdict]
    types: frozenset[str]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> _Verdicts:
    """Of all there is in one plan, for most of the time is Checkov's own start."""
    cited = [one for one in (*MUTATIONS, *PLAIN) if _cited(one.rule)]
    tried = [one for mutation in cited if (one := _tried(mutation))]
    cases = {name: recorded(name).deployed.inputs.resources for name in PROGRAMS}
    for number, one in enumerate(tried):
        cases |= {f"wrong {number}": one.wrong, f"right {number}": one.right}
    own = {
        address(case, one.urn): (case, one.name)
        for case, resources in cases.items()
        for one in resources
        if is_written(one)
    }
    found = [
        (failed.check, *own[failed.address])
        for failed in scanned(plan(cases), tmp_path_factory.mktemp("plan"))
    ]

    def of(case: str, mutation: Mutation) -> frozenset[str]:
        failed = {check for check, judged, _ in found if judged == case}
        return _cited(mutation.rule) & failed

    return _Verdicts(
        of_programs=frozenset(one for one in found if one[1] in PROGRAMS),
        of_mutations=[
            _Verdict(
                one.mutation,
                of(f"wrong {number}", one.mutation),
                of(f"right {number}", one.mutation),
            )
            for number, one in enumerate(tried)
        ],
        types=frozenset(called.partition(".")[0] for called in own),
    )


def test_every_type_that_is_written_is_judged(verdicts: _Verdicts) -> None:
    assert verdicts.types - known_types() == set(), "of a misspelt type nothing would be found"


def test_nothing_is_found_on_the_program_but_what_is_accepted(verdicts: _Verdicts) -> None:
    assert verdicts.of_programs - set(FOUND) == set(), "judge each: repair it, or accept it"
    assert set(FOUND) - verdicts.of_programs == set(), "nothing needs this acceptance: take it out"


def test_what_a_rule_finds_is_found_on_the_same_resource(verdicts: _Verdicts) -> None:
    missed = {str(one.mutation) for one in verdicts.of_mutations if not one.wrong - one.right}

    assert missed - set(MISSED) == set(), "judge each: is the rule wrong, or Checkov?"
    assert set(MISSED) - missed == set(), "nothing needs this acceptance: take it out"


def test_what_a_rule_passes_is_passed(verdicts: _Verdicts) -> None:
    stricter = {(check, one.mutation.rule) for one in verdicts.of_mutations for check in one.right}
    assert stricter - set(STRICTER) == set(), "judge each: is the rule too lax, or Checkov strict?"
    assert set(STRICTER) - stricter == set(), "nothing needs this acceptance: take it out"


def test_a_check_that_a_rule_cites_is_about_the_same(verdicts: _Verdicts) -> None:
    cited = {(check, rule) for rule in _RULES for check in _cited(rule)}
    assert {check for check, _ in cited} - check_names().keys() == set(), "there are such checks"

    seen = {
        (check, one.mutation.rule)
        for one in verdicts.of_mutations
        for check in one.wrong - one.right
    }
    assert cited - seen - set(UNSEEN) == set(), "it fails on no mutation of the rule"
    assert set(UNSEEN) & seen == set(), "nothing needs this acceptance: take it out"
    assert set(UNSEEN) <= cited, "the rule does not cite it"


def test_a_check_that_crashes_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from checkov.terraform.checks.resource.aws.KMSRotation import check  # noqa: PLC0415

    def crash(_: object) -> None:
        raise TypeError("it is older than what it imports")

    keys = [one for one in recorded(BASE).deployed.inputs.resources if one.type == KEY]
    monkeypatch.setattr(check, "scan_resource_conf", crash)
    with pytest.raises(ValueError, match="Failed to run check CKV_AWS_7"):
        scanned(plan({"crash": keys}), tmp_path)
