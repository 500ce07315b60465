"""Policies of resources: nobody is let in whom nobody knows, and no service for just anybody.

Judged is who may call, not what: an account that is named is trusted. What a wildcard lets in has
to be bounded by a condition of the same statement; a Deny elsewhere is not weighed against it.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, cast

from agentcore_policies.credentials import shown
from agentcore_policies.iam_document import Statement
from agentcore_policies.iam_wildcards import has_wildcard
from agentcore_policies.model import Resource, Unknown
from agentcore_policies.resource_policy import (
    AGENTCORE_POLICIES,
    ECR_POLICIES,
    ENDPOINT_POLICIES,
    KMS_POLICIES,
    LOGS_POLICIES,
    SECRET_POLICIES,
    SNS_POLICIES,
    bounds,
    bounds_encryption,
    document_of,
    faults_of,
    hidden_bounds,
    hidden_principals,
    open_principals,
)
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_ALL: Final[Mapping[str, str]] = {
    **ECR_POLICIES,
    **KMS_POLICIES,
    **SNS_POLICIES,
    **SECRET_POLICIES,
    **AGENTCORE_POLICIES,
    **LOGS_POLICIES,
    **ENDPOINT_POLICIES,
}


def _public(policies: Mapping[str, str], resource: Resource, _context: Context) -> Judged:
    document = document_of(resource, policies)
    if document is None:
        return
    for path in document.unknown:
        yield NotChecked(path=path)
    for statement in document.statements:
        if statement.effect == "Deny" or bounds(statement):
            continue
        found = open_principals(statement)
        yield from _let_in(
            statement,
            found,
            ", and no condition says of which accounts, organization or network. Name principals, "
            "or bound the statement with aws:PrincipalAccount, aws:PrincipalOrgID, aws:SourceVpce "
            "or the like, by an operator that is neither negated nor ...IfExists.",
        )


def _let_in(statement: Statement, names: Sequence[str], what: str) -> Judged:
    """What is to be said of a statement that lets these in, and of what it does not tell.

    Hidden may be what would bound whom it lets in, or what says whom.
    """
    hidden = list(hidden_bounds(statement) if names else hidden_principals(statement))
    if isinstance(statement.effect, Unknown) and (names or hidden):
        hidden.append(f"{statement.path}.Effect")
    for path in hidden:
        yield NotChecked(path=path)
    if names and not hidden:
        allowed = ", ".join(map(shown, names))
        yield Finding(path=statement.path, message=f"{allowed} is allowed{what}")


_DEPUTIES: Final[Mapping[str, str]] = {
    kind: path for kind, path in _ALL.items() if kind not in ENDPOINT_POLICIES
}
# The rule about keys for logs tells of them, and of the one condition that they meet.
_LOGS_SERVICE: Final = re.compile(r"logs\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?")


def _confused_deputy(resource: Resource, context: Context) -> Judged:
    document = document_of(resource, _DEPUTIES)
    if document is None:
        return
    telling_none = cast("Sequence[str]", context.settings["services_without_source"])
    for path in document.unknown:
        yield NotChecked(path=path)
    for statement in document.statements:
        if statement.effect == "Deny" or bounds(statement) or bounds_encryption(statement):
            continue
        services = [
            name
            for kind, names in statement.principals()
            for name in (names.known if kind == "Service" else ())
            if not (
                has_wildcard(name)
                or name in telling_none
                or (resource.type in KMS_POLICIES and _LOGS_SERVICE.fullmatch(name))
            )
        ]
        yield from _let_in(
            statement,
            services,
            ", for resources of any account (confused deputy). Add StringEquals aws:SourceAccount "
            "or ArnLike aws:SourceArn; a service that tells neither is named in "
            "services_without_source.",
        )


def _malformed(resource: Resource, _context: Context) -> Judged:
    document = document_of(resource, _ALL)
    if document is None:
        return
    for path in document.unknown:
        yield NotChecked(path=path)
    for fault in faults_of(document):
        yield Finding(path=fault.path, message=fault.message)


def _rule(id_: str, what: str, policies: Mapping[str, str], *references: tuple[str, str]) -> Rule:
    return Rule(
        id=id_,
        description=f"The policy of {what} lets in nobody whom it does not name or bound.",
        severity="critical",
        types=tuple(policies),
        remediation="Name the principals that need access, or bound the wildcard by a condition.",
        references=tuple(Reference(framework=name, id=own) for name, own in references),
        check=partial(_public, policies),
    )


RULES: Final[Sequence[Rule]] = (
    _rule(
        "ecr-policy-public",
        "an ECR repository or registry",
        ECR_POLICIES,
        ("CKV", "CKV_AWS_32"),
        ("AVD", "AVD-AWS-0032"),
        ("cdk-nag", "AwsSolutions-ECR1"),
        ("Prowler", "ecr_repositories_not_publicly_accessible"),
    ),
    _rule(
        "kms-policy-public",
        "a KMS key",
        KMS_POLICIES,
        ("Security Hub", "KMS.5"),
        ("CKV", "CKV_AWS_33"),
        ("Guard", "kms_no_wildcard_principal"),
    ),
    _rule(
        "sns-policy-public",
        "an SNS topic",
        SNS_POLICIES,
        ("Security Hub", "SNS.4"),
        ("CKV", "CKV_AWS_169"),
    ),
    _rule("secret-policy-public", "a secret", SECRET_POLICIES),
    _rule(
        "agentcore-policy-public",
        "an AgentCore runtime, endpoint or gateway",
        AGENTCORE_POLICIES,
    ),
    _rule("logs-policy-public", "CloudWatch Logs", LOGS_POLICIES),
    Rule(
        id="resource-policy-confused-deputy",
        description="A service that the policy of a resource lets in acts for a known account.",
        severity="high",
        types=tuple(_DEPUTIES),
        remediation="Bound aws:SourceAccount or aws:SourceArn in every statement for a service.",
        references=(Reference(framework="Well-Architected", id="SEC03-BP08"),),
        settings={
            "services_without_source": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                default=(),
                description="Services that tell no source account or ARN when they call.",
            )
        },
        check=_confused_deputy,
    ),
    Rule(
        id="resource-policy-malformed",
        description="The policy of a resource is one that AWS takes and that says one thing only.",
        severity="medium",
        types=tuple(_ALL),
        remediation="Correct the document as the message says.",
        check=_malformed,
    ),
)
