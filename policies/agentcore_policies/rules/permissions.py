"""What IAM policies allow: documents that hold, actions spelled out, resources named.

Every statement of every document is judged on its own; what several of them add up to is judged in
:mod:`agentcore_policies.rules.escalation`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, cast

from agentcore_policies import iam_actions
from agentcore_policies.agent_runtime import elements, is_hidden
from agentcore_policies.credentials import shown
from agentcore_policies.iam_actions import Action, expand, is_whole_service, listed
from agentcore_policies.iam_document import (
    ARNS_EQUAL,
    STRINGS_EQUAL,
    ConditionKey,
    Document,
    Statement,
    Words,
)
from agentcore_policies.iam_policies import (
    ATTACHING,
    ATTACHING_TO_ANYONE,
    HOLDING_PERMISSIONS,
    ROLES,
    USERS_AND_GROUPS,
    allowing,
    attached,
    character_limit,
    permission_documents,
    statements,
    trust_document,
)
from agentcore_policies.iam_privileges import COMMANDS, is_privileged
from agentcore_policies.iam_wildcards import (
    DIGIT,
    SECTION,
    UNSPELLED,
    has_wildcard,
    is_all,
    matches,
    overlap,
)
from agentcore_policies.model import Resource
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

StatementJudge = Callable[[Statement, Context], Judged]

_PASSING: Final = "iam:passrole"
_ASSUMING: Final = "sts:assumerole"
_METRICS: Final = "cloudwatch:putmetricdata"
_MODELS: Final = frozenset({"bedrock:invokemodel", "bedrock:invokemodelwithresponsestream"})
_A_MODEL: Final = ":foundation-model/"
# Models in regions that are not named: what names a region spells out all of it. A model's id may
# go on with numbers, as amazon.titan-embed-text-v1:2:8k does.
_MODELS_ANYWHERE: Final = tuple(
    f"arn:aws{SECTION}:bedrock:{SECTION}{UNSPELLED}{SECTION}:{_A_MODEL}{SECTION}{more}"
    for more in ("", f":{DIGIT}{SECTION}", f":{DIGIT}{SECTION}:{DIGIT}{SECTION}")
)
# What IAM puts in their place is one value, whatever else it is: no pattern of regions.
_POLICY_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_PULLS: Final = frozenset(
    {"ecr:batchgetimage", "ecr:getdownloadurlforlayer", "ecr:batchchecklayeravailability"}
)
_KEY_USES: Final = frozenset(
    {
        "kms:creategrant",
        "kms:decrypt",
        "kms:generatedatakey",
        "kms:generatedatakeypair",
        "kms:reencryptfrom",
        "kms:reencryptto",
        "kms:sign",
    }
)
_SECRET_READS: Final = frozenset(
    {
        *("secretsmanager:getsecretvalue", "ssm:getparameter", "ssm:getparameters"),
        *("ssm:getparametersbypath", "ssm:getparameterhistory"),
    }
)
# Each has a rule that judges its resources.
_SCOPED_ELSEWHERE: Final = frozenset(
    {_PASSING, _ASSUMING, _METRICS, *_MODELS, *_PULLS, *_KEY_USES, *_SECRET_READS}
)

# Granted on ARNs in AWS's own documents, although the reference knows no resource type for them:
# CloudWatch Logs user guide (iam-identity-based-access-control), AgentCore developer guide
# (runtime-permissions, browser-onboarding).
_TAKING_ARNS: Final = (
    "logs:DescribeLogGroups",
    "logs:PutResourcePolicy",
    "bedrock-agentcore:ConnectBrowserAutomationStream",
    "bedrock-agentcore:ConnectBrowserLiveViewStream",
)

# IAM user guide, reference_policies_condition-keys.
_GLOBAL_KEYS: Final = tuple(
    f"aws:{key}"
    for key in (
        *("AssumedRoot", "CalledVia", "CalledViaFirst", "CalledViaLast", "CalledViaAWSMCP"),
        *(
            "ChatbotSourceArn",
            "CurrentTime",
            "Ec2InstanceSourcePrivateIPv4",
            "Ec2InstanceSourceVpc",
        ),
        *("EpochTime", "FederatedProvider", "IsMcpServiceAction", "MultiFactorAuthAge"),
        *("MultiFactorAuthPresent", "PrincipalAccount", "PrincipalArn", "PrincipalIsAWSService"),
        *("PrincipalOrgID", "PrincipalOrgPaths", "PrincipalServiceName"),
        *("PrincipalServiceNamesList", "PrincipalTag/${TagKey}", "PrincipalType", "referer"),
        *("RequestedRegion", "RequestTag/${TagKey}", "ResourceAccount", "ResourceOrgID"),
        *("ResourceOrgPaths", "ResourceTag/${TagKey}", "SecureTransport", "SignInSessionArn"),
        *("SourceAccount", "SourceArn", "SourceIdentity", "SourceIp", "SourceOrgID"),
        *("SourceOrgPaths", "SourceVpc", "SourceVpcArn", "SourceVpce", "TagKeys"),
        *("TokenIssueTime", "UserAgent", "userid", "username", "ViaAWSMCPService"),
        *("ViaAWSService", "VpceAccount", "VpceOrgID", "VpceOrgPaths", "VpcSourceIp"),
    )
)
# IAM user guide, reference_policies_elements_condition_operators.
_OPERATORS: Final = frozenset(
    {
        *("stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase"),
        *("stringlike", "stringnotlike", "numericequals", "numericnotequals", "numericlessthan"),
        *("numericlessthanequals", "numericgreaterthan", "numericgreaterthanequals", "dateequals"),
        *("datenotequals", "datelessthan", "datelessthanequals", "dategreaterthan"),
        *("dategreaterthanequals", "bool", "binaryequals", "ipaddress", "notipaddress"),
        *("arnequals", "arnlike", "arnnotequals", "arnnotlike", "null"),
    }
)

_ADMIN_POLICIES: Final = (
    "*Admin",
    "*AdminAccess",
    "*Administrator*",
    "*PowerUser*",
    "*FullAccess*",
    "*AutomationRole",
    "SecretsManagerReadWrite",
)

_NO_WILDCARD_WAY: Final = "Name each action that is used."


def _on_allow(judge: StatementJudge) -> Callable[[Resource, Context], Judged]:
    """Judges every statement that allows something."""

    def check(resource: Resource, context: Context) -> Judged:
        for entry in allowing(permission_documents(resource)):
            if isinstance(entry, NotChecked):
                yield entry
            else:
                yield from judge(entry, context)

    return check


def _hidden(words: Words) -> Iterator[NotChecked]:
    if not words.is_whole:
        yield NotChecked(path=words.path)


def _setting(context: Context, name: str) -> Sequence[str]:
    return cast("Sequence[str]", context.settings[name])


def _exact(statement: Statement, wanted: frozenset[str]) -> list[Action]:
    """Those of the wanted actions that are spelled out."""
    return [
        action
        for word in statement.actions.known
        if word.lower() in wanted
        for action in expand(word)
    ]


def _reached(statement: Statement, wanted: frozenset[str]) -> list[Action]:
    """Those of the wanted actions that a statement means, be it by a wildcard.

    A statement about everything, which expands to nothing, is left to the rule of wildcards.
    """
    found = {
        action.key: action
        for word in statement.actions.known
        for action in expand(word)
        if action.key in wanted
    }
    return list(found.values())


def _document(resource: Resource, context: Context) -> Judged:
    documents = permission_documents(resource)
    trust = [trust_document(resource)] if resource.type in ROLES else []
    for document in [*trust, *documents]:
        yield from (NotChecked(path=path) for path in document.unknown)
        for fault in document.faults:
            yield Finding(path=fault.path, message=fault.message)
    limit = character_limit(resource)
    yield from _length(documents, limit, "permissions")
    yield from _length(trust, cast("int", context.settings["trust_policy_characters"]), "trust")


def _length(documents: Sequence[Document], limit: int, what: str) -> Judged:
    characters = sum(document.characters for document in documents)
    if characters > limit:
        together = " together" if len(documents) > 1 else ""
        yield Finding(
            path=documents[0].path,
            message=f"the {what} are {characters} characters{together}, white space left out; IAM "
            f"takes {limit}. Fold statements with the same resources into one.",
        )


def _action_wildcard(statement: Statement, _context: Context) -> Judged:
    yield from _hidden(statement.actions)
    for word in statement.actions.known:
        if not is_whole_service(word):
            continue
        if is_all(word):
            what = "every action of every service, so the holder is an administrator"
        elif has_wildcard(word.partition(":")[0]):
            what = "actions of more than one service"
        else:
            names = [action.name for action in expand(word)]
            privileged = [action.name for action in expand(word) if is_privileged(action)]
            among = f", among them {listed(privileged)}" if privileged else ""
            what = f"all {len(names)} actions of the service{among}"
        yield Finding(
            path=statement.actions.path,
            message=f"{shown(word)} allows {what}. {_NO_WILDCARD_WAY}",
        )


def _privileged_wildcard(statement: Statement, _context: Context) -> Judged:
    yield from _hidden(statement.actions)
    for word in statement.actions.known:
        if is_whole_service(word) or not has_wildcard(word):
            continue
        reached = expand(word)
        privileged = [action.name for action in reached if is_privileged(action)]
        if privileged:
            yield Finding(
                path=statement.actions.path,
                message=f"{shown(word)} means {len(reached)} actions, among them "
                f"{listed(privileged)}. {_NO_WILDCARD_WAY}",
            )


def _unknown_action(resource: Resource, context: Context) -> Judged:
    known = _setting(context, "known_actions")
    for entry in statements(permission_documents(resource)):
        if isinstance(entry, NotChecked):
            yield entry
            continue
        for words in (entry.actions, entry.words("NotAction")):
            yield from _hidden(words)
            for word in words.known:
                if is_whole_service(word) and has_wildcard(word.partition(":")[0]):
                    continue
                if not expand(word) and not any(iam_actions.reaches(each, word) for each in known):
                    yield _not_an_action(words.path, word)


def _not_an_action(path: str, word: str) -> Finding:
    service, colon, _ = word.partition(":")
    if not colon:
        what = "has no service; an action is service:Action"
    elif service.lower() not in iam_actions.services():
        what = f"is of a service {shown(service)} that IAM does not know"
    elif has_wildcard(word):
        what = f"matches no action of {service.lower()}"
    else:
        what = "is no action that IAM knows"
    close = None if has_wildcard(word) or not colon else iam_actions.closest_action(word)
    hint = f" Did you mean {close}?" if close else ""
    return Finding(path=path, message=f"{shown(word)} {what}.{hint}")


def _resource_star(statement: Statement, context: Context) -> Judged:
    yield from _hidden(statement.resources)
    wide = [word for word in statement.resources.known if has_wildcard(word)]
    if not wide:
        return
    yield from _hidden(statement.actions)
    allowed = _setting(context, "actions")
    for resource in wide:
        narrowable = [
            action
            for action in _granted(statement)
            if action.key not in _SCOPED_ELSEWHERE
            and not any(iam_actions.reaches(each, action.name) for each in allowed)
            and action.is_everywhere(resource)
        ]
        if narrowable:
            named = [f"{action.name} takes {action.templates[0]}" for action in narrowable]
            yield Finding(
                path=statement.resources.path,
                message=f"{shown(resource)} covers what exists in any account; "
                f"{listed(named)}. Name the ARNs.",
            )


def _granted(statement: Statement) -> list[Action]:
    """Every action of a statement once.

    A word about everything, which expands to nothing, is left to the rule of wildcards.
    """
    return list(
        {action.key: action for word in statement.actions.known for action in expand(word)}.values()
    )


def _resource_type(resource: Resource, context: Context) -> Judged:
    for entry in statements(permission_documents(resource)):
        if isinstance(entry, NotChecked):
            yield entry
            continue
        yield from _hidden(entry.resources)
        resources = [word for word in entry.resources.known if not is_all(word)]
        for word in resources:
            if not word.startswith("arn:"):
                yield Finding(
                    path=entry.resources.path,
                    message=f'{shown(word)} is neither an ARN nor "*"; a resource is one of them.',
                )
        arns = [word for word in resources if word.startswith("arn:")]
        if arns:
            yield from _hidden(entry.actions)
            yield from _mismatches(entry, arns, _setting(context, "actions_taking_arns"))


def _mismatches(statement: Statement, arns: Sequence[str], tolerated: Sequence[str]) -> Judged:
    words = statement.actions.known
    if not words or any(not expand(word) for word in words):
        return  # everything takes them, or another rule tells that nothing is known of the action
    actions = _granted(statement)

    def takes(action: Action, arn: str) -> bool:
        return action.takes(arn) or any(
            iam_actions.reaches(each, action.name) for each in tolerated
        )

    # Whether the other resources suit an action is not known while one of them is not.
    has_all = any(is_all(word) for word in statement.resources.known)
    unsure = has_all or not statement.resources.is_whole
    useless = [
        action
        for word in words
        if not has_wildcard(word) and not unsure
        for action in expand(word)
        if not any(takes(action, arn) for arn in arns)
    ]
    if useless:
        wanted = [
            f"{action.name} takes {', '.join(action.templates[:2]) or 'no ARN'}"
            for action in useless
        ]
        yield Finding(
            path=statement.resources.path,
            message=f"{shown(arns[0])} is of no type that these actions take, so they are not "
            f"granted: {listed(wanted)}.",
        )
        return
    if not statement.actions.is_whole:
        return
    for arn in arns:
        if not any(takes(action, arn) for action in actions):
            yield Finding(
                path=statement.resources.path,
                message=f"{shown(arn)} is of no type that an action of the statement takes.",
            )


def _condition_keys(resource: Resource, context: Context) -> Judged:
    known = _setting(context, "known_condition_keys")
    trust = [trust_document(resource)] if resource.type in ROLES else []
    for entry in statements([*trust, *permission_documents(resource)]):
        if isinstance(entry, NotChecked):
            yield entry
            continue
        yield from (NotChecked(path=path) for path in entry.hidden_conditions)
        for condition in entry.conditions:
            if _base(condition.operator) not in _OPERATORS:
                yield Finding(
                    path=condition.path,
                    message=f"IAM knows no operator {shown(condition.operator)}, such as "
                    "StringEquals or ArnLike.",
                )
            if not any(matches(each.lower(), condition.key.lower()) for each in known):
                yield from _condition_key(entry, condition)


def _condition_key(statement: Statement, condition: ConditionKey) -> Judged:
    prefix = condition.key.partition(":")[0].lower()
    if prefix == "aws":
        templates: tuple[str, ...] = _GLOBAL_KEYS
    else:
        services = {word.partition(":")[0].lower() for word in statement.actions.known}
        templates = tuple(
            key
            for service in sorted({prefix, *services})
            for key in iam_actions.condition_keys(service)
        )
    if iam_actions.is_condition_key(condition.key, templates) or (
        "." in prefix and "principal" in (name.lower() for name in statement.elements)
    ):
        return
    close = iam_actions.closest_key(condition.key, templates)
    hint = f" Did you mean {close}?" if close else ""
    yield Finding(
        path=condition.path,
        message=f"IAM knows no condition key {shown(condition.key)}, so the condition does not "
        f"hold as meant.{hint}",
    )


def _base(operator: str) -> str:
    """The operator without what quantifies it."""
    lowered = operator.lower().removesuffix("ifexists")
    return lowered.removeprefix("forallvalues:").removeprefix("foranyvalue:")


def _inverted(resource: Resource, _context: Context) -> Judged:
    trust = [trust_document(resource)] if resource.type in ROLES else []
    for entry in allowing([*trust, *permission_documents(resource)]):
        if isinstance(entry, NotChecked):
            yield entry
            continue
        for element in ("NotAction", "NotResource", "NotPrincipal"):
            if element in entry.elements:
                yield Finding(
                    path=f"{entry.path}.{element}",
                    message=f"Allow with {element} allows everything that is not named, also what "
                    f"AWS adds later. Use {element.removeprefix('Not')} and name what is meant.",
                )


def _pass_role(statement: Statement, context: Context) -> Judged:
    yield from _hidden(statement.actions)
    passing = _exact(statement, frozenset({_PASSING}))
    if not passing:
        return
    yield from _hidden(statement.resources)
    for word in statement.resources.known:
        if passing[0].is_every_one(word):
            yield Finding(
                path=statement.resources.path,
                message=f"iam:PassRole on {shown(word)} passes every role of the account. Name the "
                "role's ARN.",
            )
    services = _setting(context, "services")
    bounds = statement.bounds("iam:PassedToService", STRINGS_EQUAL)
    if not bounds and statement.hidden_conditions:
        yield from (NotChecked(path=path) for path in statement.hidden_conditions)
    elif not bounds:
        yield Finding(
            path=f"{statement.path}.Condition",
            message="iam:PassRole without iam:PassedToService passes the role to any service. Add "
            f'StringEquals "iam:PassedToService": {shown(services[0])}.',
        )
    elif not any(_only(bound, services) for bound in bounds):
        yield from _hidden(bounds[0])
        foreign = [value for value in bounds[0].known if value not in services]
        if foreign:
            yield Finding(
                path=bounds[0].path,
                message=f"{', '.join(map(shown, foreign))} is given; roles are passed to "
                f"{', '.join(services)} only. Take it out, or add it to the setting services.",
            )


def _assume_role(statement: Statement, _context: Context) -> Judged:
    yield from _hidden(statement.actions)
    assuming = _exact(statement, frozenset({_ASSUMING}))
    if not assuming:
        return
    yield from _hidden(statement.resources)
    for word in statement.resources.known:
        # A wildcard means colons too, so that there may be less than five sections.
        account = word.partition(":role/")[0].split(":")[:5][-1]
        if assuming[0].is_every_one(word) or has_wildcard(account):
            yield Finding(
                path=statement.resources.path,
                message=f"sts:AssumeRole on {shown(word)} assumes every role that lets it, or one "
                "in any account. Name the role's ARN.",
            )


def _only(bound: Words, allowed: Sequence[str]) -> bool:
    """Whether nothing but what is allowed is given."""
    return bound.is_whole and all(value in allowed for value in bound.known)


def _narrows(bound: Words) -> bool:
    """Whether a bound excludes anything."""
    return bool(bound) and not any(map(is_all, bound.known))


def _metric_namespace(statement: Statement, _context: Context) -> Judged:
    yield from _hidden(statement.actions)
    if not _reached(statement, frozenset({_METRICS})):
        return
    bounds = [
        bound
        for bound in statement.bounds("cloudwatch:namespace", STRINGS_EQUAL)
        if _narrows(bound)
    ]
    if any(bound.is_whole for bound in bounds):
        return
    if bounds:
        yield from _hidden(bounds[0])
    elif statement.hidden_conditions:
        yield from (NotChecked(path=path) for path in statement.hidden_conditions)
    else:
        yield Finding(
            path=f"{statement.path}.Condition",
            message="cloudwatch:PutMetricData has no resource to name, so it writes to every "
            'namespace. Add StringEquals "cloudwatch:namespace": "bedrock-agentcore", or your own.',
        )


def _scope(
    wanted: frozenset[str], what: str, way_out: str, *kinds: str
) -> Callable[[Resource, Context], Judged]:
    """Judges that certain actions are not granted on all there is of a kind."""

    def judge(statement: Statement, _context: Context) -> Judged:
        yield from _hidden(statement.actions)
        actions = _reached(statement, wanted)
        if not actions:
            return
        yield from _hidden(statement.resources)
        wide = {
            word: names
            for word in statement.resources.known
            if (names := [action.name for action in actions if action.is_every_one(word, *kinds)])
        }
        if wide:
            names = list(dict.fromkeys(name for found in wide.values() for name in found))
            yield Finding(
                path=statement.resources.path,
                message=f"{listed(names)} on {listed([*map(shown, wide)])} covers {what}. "
                f"{way_out}",
            )

    return _on_allow(judge)


def _model_regions(statement: Statement, _context: Context) -> Judged:
    yield from _hidden(statement.actions)
    actions = _reached(statement, _MODELS)
    if not actions:
        return
    yield from _hidden(statement.resources)
    if any(map(_narrows, statement.bounds("bedrock:InferenceProfileArn", ARNS_EQUAL))):
        return
    wide = [
        word
        for word in statement.resources.known
        if _is_anywhere(word) and not any(action.is_every_one(word, _A_MODEL) for action in actions)
    ]
    if wide and statement.hidden_conditions:
        yield from (NotChecked(path=path) for path in statement.hidden_conditions)
    elif wide:
        yield Finding(
            path=statement.resources.path,
            message=f"{listed([*map(shown, wide)])}: models in every region. Name the regions, or "
            "bound them by bedrock:InferenceProfileArn.",
        )


def _is_anywhere(resource: str) -> bool:
    """Whether it means models in regions that are not named."""
    spelled = _POLICY_VARIABLE.sub("x", resource)
    return any(overlap(spelled, model) for model in _MODELS_ANYWHERE)


def _managed_policy(resource: Resource, context: Context) -> Judged:
    patterns = _setting(context, "policies")
    for entry in attached(resource):
        if isinstance(entry, NotChecked):
            yield entry
            continue
        path, arn = entry
        owner, _, name = arn.lower().partition(":policy/")
        short = name.rpartition("/")[2]
        if owner.endswith("::aws") and any(matches(each.lower(), short) for each in patterns):
            yield Finding(
                path=path,
                message=f"{shown(arn)} is attached, an AWS managed policy that grants far more "
                "than an agent uses. Grant what is used in a policy of your own.",
            )


def _users(resource: Resource, _context: Context) -> Judged:
    if resource.type in USERS_AND_GROUPS:
        yield Finding(
            path="",
            message=f"the stack makes {resource.type.rpartition(':')[2]}: permissions go to roles "
            "only, whose credentials end by themselves.",
        )
        return
    for name in ("users", "groups"):
        value = resource.at(name)
        if any(map(is_hidden, elements(value))):
            yield NotChecked(path=name)
        elif elements(value):
            yield Finding(
                path=name,
                message=f"the policy is attached to {len(elements(value))} of the {name}. Attach "
                "it to roles only.",
            )


def _runtime_command(statement: Statement, _context: Context) -> Judged:
    yield from _hidden(statement.actions)
    for action in _exact(statement, COMMANDS):
        yield Finding(
            path=statement.actions.path,
            message=f"{action.name} is a root shell in the agent's microVM, from which the "
            "credentials of its execution role can be read. It is for a break-glass role only, "
            "with an exemption that says why and until when.",
        )


_STRINGS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}

RULES: Final[Sequence[Rule]] = (
    Rule(
        id="iam-document",
        description="An IAM policy document is one that IAM takes, and no part of it is lost.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="Repair the document where the message points.",
        references=(Reference(framework="Parliament", id="MALFORMED"),),
        settings={
            "trust_policy_characters": Setting(
                schema={"type": "integer", "minimum": 1, "maximum": 4096},
                default=2048,
                description="The account's quota for the length of a trust policy.",
            )
        },
        check=_document,
    ),
    Rule(
        id="iam-action-wildcard",
        description="No statement allows all actions of a service.",
        severity="critical",
        types=HOLDING_PERMISSIONS,
        remediation="List the actions that are used.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_62"),
            Reference(framework="CKV", id="CKV_AWS_63"),
            Reference(framework="AVD", id="AVD-AWS-0057"),
            Reference(framework="Security Hub", id="IAM.1"),
            Reference(framework="Security Hub", id="IAM.21"),
            Reference(framework="CIS", id="1.16"),
            Reference(framework="Well-Architected", id="SEC03-BP02"),
        ),
        check=_on_allow(_action_wildcard),
    ),
    Rule(
        id="iam-action-wildcard-privileged",
        description="No wildcard within an action's name reaches a privileged action.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="List the actions that are used; what is privileged is spelled out.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_289"),
            Reference(framework="cdk-nag", id="AwsSolutions-IAM5"),
            Reference(framework="Well-Architected", id="SEC03-BP02"),
        ),
        check=_on_allow(_privileged_wildcard),
    ),
    Rule(
        id="iam-action-unknown",
        description="Every action is one that IAM knows.",
        severity="medium",
        types=HOLDING_PERMISSIONS,
        remediation="Correct the spelling, or add the action to known_actions if AWS has just "
        "added it.",
        references=(Reference(framework="Parliament", id="UNKNOWN_ACTION"),),
        settings={
            "known_actions": Setting(
                schema=_STRINGS,
                default=[],
                description="Actions, or patterns of them, that are newer than the pack's table.",
            )
        },
        check=_unknown_action,
    ),
    Rule(
        id="iam-resource-star",
        description="An action that can be granted on ARNs is not granted on everything.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="Name the ARNs that the action is used on.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_355"),
            Reference(framework="CKV", id="CKV_AWS_290"),
            Reference(framework="Parliament", id="RESOURCE_STAR"),
            Reference(framework="Well-Architected", id="SEC03-BP02"),
        ),
        settings={
            "actions": Setting(
                schema=_STRINGS,
                default=[],
                description="Actions, or patterns of them, that may be granted on everything.",
            )
        },
        check=_on_allow(_resource_star),
    ),
    Rule(
        id="iam-resource-type",
        description="The ARNs of a statement are of types that its actions take.",
        severity="medium",
        types=HOLDING_PERMISSIONS,
        remediation="Give each action the ARNs it takes, in a statement of its own if need be.",
        references=(Reference(framework="Parliament", id="RESOURCE_MISMATCH"),),
        settings={
            "actions_taking_arns": Setting(
                schema=_STRINGS,
                default=list(_TAKING_ARNS),
                description="Actions that take ARNs of which the pack's table does not know.",
            )
        },
        check=_resource_type,
    ),
    Rule(
        id="iam-condition-key",
        description="Every condition has an operator and a key that IAM knows.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="Correct the spelling, or add the key to known_condition_keys if AWS has just "
        "added it.",
        references=(Reference(framework="Parliament", id="UNKNOWN_CONDITION_FOR_ACTION"),),
        settings={
            "known_condition_keys": Setting(
                schema=_STRINGS,
                default=[],
                description="Keys, or patterns of them, that are newer than the pack's table.",
            )
        },
        check=_condition_keys,
    ),
    Rule(
        id="iam-inverted-allow",
        description="No statement allows everything but what it names.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="Name what is allowed; deny in a statement of its own.",
        references=(
            Reference(framework="Guard", id="iam_role_or_policy_no_allow_plus_not_action"),
            Reference(framework="Guard", id="iam_role_or_policy_no_allow_plus_not_resource"),
            Reference(framework="Guard", id="iam_role_no_allow_plus_not_principal"),
        ),
        check=_inverted,
    ),
    Rule(
        id="iam-pass-role",
        description="iam:PassRole names the role and the service it is passed to.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="Name the role's ARN and add iam:PassedToService.",
        references=(
            Reference(framework="AVD", id="AVD-AWS-0342"),
            Reference(framework="Guard", id="iam_policy_no_wildcard_resource_on_passrole"),
        ),
        settings={
            "services": Setting(
                schema={**_STRINGS, "minItems": 1},
                default=["bedrock-agentcore.amazonaws.com"],
                description="Services that roles may be passed to.",
            )
        },
        check=_on_allow(_pass_role),
    ),
    Rule(
        id="iam-assume-role-scope",
        description="sts:AssumeRole names the role.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="Name the role's ARN, its account included.",
        references=(Reference(framework="Well-Architected", id="SEC03-BP02"),),
        check=_on_allow(_assume_role),
    ),
    Rule(
        id="iam-metric-namespace",
        description="cloudwatch:PutMetricData is bounded to a namespace.",
        severity="medium",
        types=HOLDING_PERMISSIONS,
        remediation="Add a condition on cloudwatch:namespace.",
        check=_on_allow(_metric_namespace),
    ),
    Rule(
        id="iam-managed-admin-policy",
        description="No AWS managed policy with administrative or full access is attached.",
        severity="high",
        types=ATTACHING,
        remediation="Grant what is used in a policy of your own.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_274"),
            Reference(framework="CKV", id="CKV_AWS_275"),
            Reference(framework="CKV", id="CKV2_AWS_56"),
            Reference(framework="cdk-nag", id="AwsSolutions-IAM4"),
            Reference(framework="CIS", id="1.16"),
        ),
        settings={
            "policies": Setting(
                schema=_STRINGS,
                default=list(_ADMIN_POLICIES),
                description="Names, or patterns of them, of AWS managed policies.",
            )
        },
        check=_managed_policy,
    ),
    Rule(
        id="iam-users-and-groups",
        description="The stack has no IAM users, groups or access keys, and attaches nothing to "
        "them.",
        severity="high",
        types=(*USERS_AND_GROUPS, *ATTACHING_TO_ANYONE),
        remediation="Use a role.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_40"),
            Reference(framework="CKV", id="CKV_AWS_273"),
            Reference(framework="Security Hub", id="IAM.2"),
            Reference(framework="CIS", id="1.15"),
        ),
        check=_users,
    ),
    Rule(
        id="iam-runtime-command",
        description="Nobody may run commands in an agent's microVM.",
        severity="critical",
        types=HOLDING_PERMISSIONS,
        remediation="Take the action out.",
        references=(Reference(framework="Prowler", id="iam_policy_allows_privilege_escalation"),),
        check=_on_allow(_runtime_command),
    ),
    Rule(
        id="iam-model-scope",
        description="Models are invoked by name, not all there are.",
        severity="medium",
        types=HOLDING_PERMISSIONS,
        remediation="List the models' ARNs.",
        check=_scope(
            _MODELS,
            "every model or profile",
            "Name the models.",
            _A_MODEL,
            ":inference-profile/",
        ),
    ),
    Rule(
        id="iam-model-regions",
        description="In production a model is invoked in the regions that are named.",
        severity="low",
        types=HOLDING_PERMISSIONS,
        production_only=True,
        remediation="Name the regions.",
        check=_on_allow(_model_regions),
    ),
    Rule(
        id="iam-image-scope",
        description="Images are pulled from named repositories, not from all.",
        severity="medium",
        types=HOLDING_PERMISSIONS,
        remediation="Name the repository's ARN.",
        check=_scope(_PULLS, "every repository", "Name the repository the image is in."),
    ),
    Rule(
        id="iam-secret-scope",
        description="Secrets, parameters and keys are used by name, not all there are.",
        severity="high",
        types=HOLDING_PERMISSIONS,
        remediation="Name the ARNs of the secrets and keys.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_108"),
            Reference(framework="CKV", id="CKV_AWS_288"),
            Reference(framework="Security Hub", id="KMS.1"),
            Reference(framework="Security Hub", id="KMS.2"),
        ),
        check=_scope(
            _KEY_USES | _SECRET_READS,
            "every key or secret",
            "Name the key or the secret.",
        ),
    ),
)
