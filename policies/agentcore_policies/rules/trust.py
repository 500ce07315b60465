"""Who may assume a role: AgentCore's own roles by the service only, and no role by a stand-in."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import HARNESSES, RUNTIMES, role_path
from agentcore_policies.credentials import shown
from agentcore_policies.iam_actions import listed
from agentcore_policies.iam_document import (
    ARNS_EQUAL,
    STRINGS_EQUAL,
    ConditionKey,
    Document,
    Statement,
    Words,
)
from agentcore_policies.iam_policies import ROLES, allowing, roles_of, trust_document
from agentcore_policies.iam_wildcards import has_wildcard, is_all
from agentcore_policies.model import Resource, Stack
from agentcore_policies.provider_inputs import own_accounts
from agentcore_policies.resource_policy import is_bound_to
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

SERVICE: Final = "bedrock-agentcore.amazonaws.com"
_ASSUME: Final = "sts:assumerole"
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_WHOLE_ACCOUNT: Final = re.compile(r"[0-9]{12}|arn:[a-z-]+:iam::[0-9]{12}:root")
_ROLE: Final = re.compile(r"arn:[a-z-]+:iam::(?P<account>[0-9]{12}):role/.+")
_WILDCARD: Final = re.compile(r"[*?]")
# Issuers that everybody has tokens of, for an audience that everybody may choose.
_SHARED_ISSUERS: Final = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "agent.buildkite.com",
)
# What tells whose a token of theirs is; a branch, an environment or a workflow tells nothing.
_OWNER_CLAIMS: Final = frozenset(
    {
        *("sub", "actor", "actor_id", "enterprise_id", "job_workflow_ref"),
        *("repository", "repository_id", "repository_owner_id"),
        *("namespace_id", "project_id", "user_id", "user_login", "user_email"),
        *("cluster_id", "organization_id", "organization_slug", "pipeline_id"),
    }
)
# Of other issuers as well: the audience, which is a client of one's own, or what is called else.
_SUBJECT_CLAIMS: Final = frozenset(
    {
        *("aud", "oaud", "app_id", "id", "rpst_id"),
        *("google/organization_number", "oidc.circleci.com/project-id"),
    }
)
# A SAML provider knows one organization's people; the form of a name tells nothing of them.
_SAML: Final = "saml"
_SAML_FORM: Final = "sub_type"
# The owner in a subject: GitHub's repo:OWNER/NAME:..., GitLab's project_path:GROUP/NAME:...,
# organization:NAME:... of Terraform and Buildkite, and GitHub's where it is made of other claims.
_OWNED_SUBJECT: Final = re.compile(
    r"(?:(?:repo|repository|project_path|job_workflow_ref):[^/:]+/"
    r"|(?:organization|enterprise|enterprise_id|actor|actor_id"
    r"|repository_id|repository_owner|repository_owner_id):[^:]+:).*",
    re.DOTALL,
)
_SOURCE_KEYS: Final = (
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
)
_CALLER_KEYS: Final = (
    *("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
)


def _services(statement: Statement) -> Iterator[str]:
    """The services that a statement names."""
    for kind, names in statement.principals():
        if kind == "Service":
            yield from (name.lower() for name in names.known)


def _allowing(document: Document) -> tuple[list[Statement], list[NotChecked]]:
    found: list[Statement] = []
    hidden: list[NotChecked] = []
    for entry in allowing([document]):
        if isinstance(entry, NotChecked):
            hidden.append(entry)
        else:
            found.append(entry)
            hidden += [
                NotChecked(path=names.path) for _, names in entry.principals() if not names.is_whole
            ]
    return found, hidden


def is_for_agentcore(role: Resource) -> bool:
    """Whether a role's trust names the AgentCore service, as far as it is known."""
    statements, _ = _allowing(trust_document(role))
    return any(SERVICE in _services(statement) for statement in statements)


def _principal(role: Resource, _context: Context) -> Judged:
    statements, hidden = _allowing(trust_document(role))
    yield from hidden
    if not is_for_agentcore(role):
        return
    for statement in statements:
        others = [
            _described(kind, name)
            for kind, names in statement.principals()
            for name in names.known
            if not (kind == "Service" and name.lower() == SERVICE)
        ]
        if others:
            yield Finding(
                path=f"{statement.path}.Principal",
                message=f"besides AgentCore the role may be assumed by {listed(others)}. Trust "
                f"{SERVICE} and nobody else; give others a role of their own.",
            )


def _described(kind: str, name: str) -> str:
    if is_all(name):
        return "anyone in any account (*)"
    if kind == "AWS" and _WHOLE_ACCOUNT.fullmatch(name):
        return f"the whole account {_ACCOUNT.findall(name)[0]}"
    return shown(name)


def _action(role: Resource, _context: Context) -> Judged:
    statements, hidden = _allowing(trust_document(role))
    yield from hidden
    is_agentcore = is_for_agentcore(role)
    for statement in statements:
        if not statement.actions.is_whole:
            yield NotChecked(path=statement.actions.path)
        wrong = [
            shown(word)
            for word in statement.actions.known
            if (word.lower() != _ASSUME if is_agentcore else has_wildcard(word))
        ]
        if wrong:
            allowed = "sts:AssumeRole only" if is_agentcore else "the actions that are used"
            yield Finding(
                path=statement.actions.path,
                message=f"{listed(wrong)} is allowed. Allow {allowed}.",
            )


def _source(role: Resource, _context: Context) -> Judged:
    statements, hidden = _allowing(trust_document(role))
    yield from hidden
    own = own_accounts(role) or _account_of(role)
    region = role.provider.get("region")
    for statement in statements:
        # Who else it names is refused by another rule, whatever the conditions.
        if SERVICE in _services(statement):
            yield from _source_of(statement, own, region if isinstance(region, str) else "")


def _account_of(role: Resource) -> Sequence[str]:
    """The account of a role that is there; none before it is made."""
    arn = role.at("arn")
    found = _ROLE.fullmatch(arn) if isinstance(arn, str) else None
    return [found["account"]] if found else []


def _source_of(statement: Statement, own: Sequence[str], region: str) -> Judged:
    accounts = _bound(statement, "aws:SourceAccount", STRINGS_EQUAL)
    arns = _bound(statement, "aws:SourceArn", ARNS_EQUAL)
    missing = [
        key
        for key, words in (("aws:SourceAccount", accounts), ("aws:SourceArn", arns))
        if not words
    ]
    if missing and statement.hidden_conditions:
        yield from (NotChecked(path=path) for path in statement.hidden_conditions)
    elif missing:
        yield Finding(
            path=f"{statement.path}.Condition",
            message=f"the statement does not bound {' and '.join(missing)}, so the service may act "
            "for a resource of another account (confused deputy). Every allowing statement needs "
            "StringEquals aws:SourceAccount and ArnLike aws:SourceArn, without IfExists.",
        )
    named: set[str] = set()
    if accounts:
        named = {value for value in accounts.known if _ACCOUNT.fullmatch(value)}
        yield from _accounts(accounts, own)
    if arns:
        yield from _arns(arns, named, region)


def _accounts(accounts: Words, own: Sequence[str]) -> Judged:
    if not accounts.is_whole:
        yield NotChecked(path=accounts.path)
    wrong = [value for value in accounts.known if not _ACCOUNT.fullmatch(value)]
    if wrong:
        yield Finding(
            path=accounts.path,
            message=f"{listed([shown(value) for value in wrong])} is given; it is one account's 12 "
            "digits.",
        )
    foreign = [value for value in accounts.known if value not in wrong and own and value not in own]
    if foreign:
        yield Finding(
            path=accounts.path,
            message=f"account {', '.join(foreign)} is given; the role is in {', '.join(own)}. Name "
            "the role's own account only.",
        )
    elif not wrong and len(set(accounts.known)) > 1:
        yield Finding(
            path=accounts.path,
            message=f"accounts {', '.join(accounts.known)} are given. Name the role's own account "
            "only.",
        )
    elif not own and accounts.known and not wrong:
        yield NotChecked(path=accounts.path)  # nobody tells whose account it is


def _arns(arns: Words, accounts: set[str], region: str) -> Judged:
    if not arns.is_whole:
        yield NotChecked(path=arns.path)
    for arn in arns.known:
        sections = arn.split(":")
        if len(sections) < 6 or sections[0] != "arn" or sections[2] != "bedrock-agentcore":
            what = "is no ARN of bedrock-agentcore"
        elif not _ACCOUNT.fullmatch(sections[4]) or (accounts and sections[4] not in accounts):
            what = "is not in the account that aws:SourceAccount names"
        elif not sections[3] or has_wildcard(sections[3]):
            what = "is not in one region"
        elif region and sections[3] != region:
            what = f"is not in the role's provider's region {region}"
        else:
            continue
        yield Finding(
            path=arns.path,
            message=f"{shown(arn)} {what}. Use "
            "arn:<partition>:bedrock-agentcore:<region>:<account>:*, or narrower.",
        )


def _bound(statement: Statement, key: str, operators: frozenset[str]) -> Words | None:
    bounds = statement.bounds(key, operators)
    return bounds[0] if bounds else None


def _confused_deputy(role: Resource, context: Context) -> Judged:
    if is_for_agentcore(role):
        return
    telling_none = cast("Sequence[str]", context.settings["services_without_source"])
    statements, hidden = _allowing(trust_document(role))
    yield from hidden
    for statement in statements:
        services = [name for name in _services(statement) if name not in telling_none]
        if services and not _is_bounded(statement, _SOURCE_KEYS):
            yield from _unbounded(
                statement,
                f"{listed(services)} may assume the role for a resource of any account. Add "
                "StringEquals aws:SourceAccount and ArnLike aws:SourceArn; a service that tells "
                "neither is named in services_without_source.",
            )
        yield from _wide(statement)
        yield from _federated(statement)


def _wide(statement: Statement) -> Judged:
    names = [
        name
        for kind, names in statement.principals()
        for name in names.known
        if kind in ("AWS", "*") and (has_wildcard(name) or _WHOLE_ACCOUNT.fullmatch(name))
    ]
    if not names or _is_bounded(statement, _CALLER_KEYS):
        return
    described = listed([_described("AWS", name) for name in names])
    if any(map(has_wildcard, names)):
        yield from _unbounded(
            statement,
            f"{described} may assume the role. Name the role that does, or bound aws:PrincipalArn "
            "or aws:PrincipalOrgID; sts:ExternalId is no secret, and leaves in who knows it.",
        )
    elif not _has_external_id(statement):
        yield from _unbounded(
            statement,
            f"{described} may assume the role. Name the role that does, or bound "
            "sts:ExternalId, aws:PrincipalArn or aws:PrincipalOrgID.",
        )


def _federated(statement: Statement) -> Judged:
    for kind, names in statement.principals():
        for name in names.known if kind == "Federated" else ():
            issuer = name.rpartition(":oidc-provider/")[2].lower()
            prefix = _SAML if ":saml-provider/" in name else issuer
            if any(_is_of_subject(condition, prefix) for condition in statement.conditions):
                continue
            if prefix in _SHARED_ISSUERS:
                way_out = f"Bound {prefix}:sub to an owner, such as repo:OWNER/REPOSITORY:*"
            else:
                way_out = f"Bound {prefix}:sub, or :aud where it is yours alone"
            yield from _unbounded(
                statement,
                f"anyone {shown(name)} knows may assume the role. {way_out}, by StringEquals or "
                "StringLike.",
            )


def _is_of_subject(condition: ConditionKey, prefix: str) -> bool:
    """Whether a condition on a token's claims leaves only some subjects in."""
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    issuer, _, claim = condition.key.lower().partition(f"{prefix}:")
    values = condition.values
    if issuer or not claim or operator not in STRINGS_EQUAL or not (values and values.is_whole):
        return False
    if prefix in _SHARED_ISSUERS:
        return claim in _OWNER_CLAIMS and all(_names_owner(claim, one) for one in values.known)
    if claim == _SAML_FORM if prefix == _SAML else claim not in _SUBJECT_CLAIMS | _OWNER_CLAIMS:
        return False
    return not any(map(_is_any_subject, values.known))


def _names_owner(claim: str, value: str) -> bool:
    """Whether a claim of a shared issuer is of one owner: ``repo:org/*``, not ``repo:org*``."""
    literal = _before_wildcard(value)
    if claim == "sub":
        # An exact subject ends where it ends, a pattern's owner at what parts it from the rest.
        return bool(_OWNED_SUBJECT.fullmatch(literal if has_wildcard(value) else f"{literal}:"))
    return not has_wildcard(value) or "/" in literal


def _is_any_subject(value: str) -> bool:
    """Whether a pattern leaves open whose it is: of ``repo:org/name:*`` the ``org``."""
    return has_wildcard(value) and not _before_wildcard(value).partition(":")[2]


def _before_wildcard(pattern: str) -> str:
    return _WILDCARD.split(pattern)[0]


def _unbounded(statement: Statement, message: str) -> Judged:
    hidden = [
        *statement.hidden_conditions,
        *(one.path for one in statement.conditions if not one.values.is_whole),
    ]
    if hidden:
        yield from (NotChecked(path=path) for path in hidden)
    else:
        yield Finding(path=f"{statement.path}.Condition", message=message)


def _is_bounded(statement: Statement, keys: Sequence[str]) -> bool:
    return any(is_bound_to(statement, key.lower()) for key in keys)


def _has_external_id(statement: Statement) -> bool:
    return any(
        words.known and words.is_whole and all(map(_before_wildcard, words.known))
        for words in statement.bounds("sts:ExternalId", STRINGS_EQUAL)
    )


def _runtime_role(stack: Stack, _context: Context) -> Judged:
    told: set[str] = set()
    for runtime, holder in roles_of(stack).execution_roles():
        if isinstance(holder, NotChecked) or holder.role is None:
            yield NotChecked(path=role_path(runtime), urn=runtime.urn)
            continue
        if holder.urn in told:
            continue
        told.add(holder.urn)
        statements, hidden = _allowing(trust_document(holder.role))
        if any(SERVICE in _services(statement) for statement in statements):
            continue
        yield from (NotChecked(path=entry.path, urn=holder.urn) for entry in hidden)
        if hidden:
            continue
        trusted = sorted({name for statement in statements for name in _services(statement)})
        yield Finding(
            path="",
            urn=holder.urn,
            message=f"the runtime {runtime.name} runs as this role, which trusts "
            f"{listed(trusted) or 'no service'}. It has to trust {SERVICE}, and nobody else.",
        )


_PROWLER: Final = Reference(
    framework="Prowler", id="iam_role_cross_service_confused_deputy_prevention"
)

RULES: Final[Sequence[Rule]] = (
    Rule(
        id="agentcore-role-principal",
        description="A role that AgentCore assumes is assumed by AgentCore only.",
        severity="critical",
        types=ROLES,
        remediation="Trust the AgentCore service and nobody else.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_60"),
            Reference(framework="CKV", id="CKV_AWS_61"),
            Reference(framework="Guard", id="iam_role_no_full_access_on_trust_policy"),
            Reference(framework="Well-Architected", id="SEC03-BP07"),
        ),
        check=_principal,
    ),
    Rule(
        id="agentcore-role-source",
        description="Every statement that lets AgentCore assume a role bounds the account and the "
        "ARN it acts for.",
        severity="high",
        types=ROLES,
        remediation="Add StringEquals aws:SourceAccount and ArnLike aws:SourceArn to every "
        "allowing statement.",
        references=(_PROWLER, Reference(framework="Well-Architected", id="SEC03-BP08")),
        check=_source,
    ),
    Rule(
        id="role-trust-action",
        description="A trust policy allows sts:AssumeRole to AgentCore, and no wildcard to anyone.",
        severity="high",
        types=ROLES,
        remediation="Allow sts:AssumeRole only.",
        references=(
            Reference(framework="Guard", id="iam_role_no_allow_plus_not_action_on_trust_policy"),
        ),
        check=_action,
    ),
    Rule(
        id="role-confused-deputy",
        description="Who may assume another role is bounded: a service to an account, an account "
        "to a caller, an identity provider to a subject.",
        severity="high",
        types=ROLES,
        remediation="Add the condition the message names.",
        references=(
            _PROWLER,
            Reference(framework="CKV", id="CKV_AWS_60"),
            Reference(framework="CKV", id="CKV_AWS_61"),
            Reference(framework="Well-Architected", id="SEC03-BP08"),
        ),
        settings={
            "services_without_source": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                default=["ec2.amazonaws.com", "lambda.amazonaws.com"],
                description="Services that tell no source account or ARN when they assume a role.",
            )
        },
        check=_confused_deputy,
    ),
    Rule(
        id="runtime-role-trust",
        description="The role a runtime names lets AgentCore assume it.",
        severity="high",
        types=(*ROLES, *RUNTIMES, *HARNESSES),
        remediation="Give the runtime a role that trusts the AgentCore service.",
        check_stack=_runtime_role,
    ),
)
