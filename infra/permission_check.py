"""What a runtime's own config requires of its execution role, held against policy documents.

The requirements are written down here a second time, apart from the contract the stack's own roles
are rendered from: a contract that is edited is checked too, and so is a role the user brings.

Only what the runtime cannot do its work without is required. Routing spans to the agent's own log
group, reading about inference profiles and showing a browser to a person are granted to the stack's
own roles, but not required.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from infra.documents.execution_role import Grants
from infra.documents.granted_arns import GrantedArns
from infra.naming import StackNames
from infra.policy_evaluation import Decision, Document, Request, Verdict, decide

RUNTIME_SERVICE: Final = "bedrock-agentcore.amazonaws.com"
_METRIC_NAMESPACE: Final = "bedrock-agentcore"

_IMAGE: Final = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_TRACES: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
_MODEL: Final = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
_MEMORY: Final = tuple(
    f"bedrock-agentcore:{action}"
    for action in (
        "CreateEvent",
        "DeleteEvent",
        "GetEvent",
        "GetMemoryRecord",
        "ListActors",
        "ListEvents",
        "ListMemoryRecords",
        "ListSessions",
        "RetrieveMemoryRecords",
    )
)
_CODE_INTERPRETER: Final = tuple(
    f"bedrock-agentcore:{action}"
    for action in (
        "InvokeCodeInterpreter",
        "StartCodeInterpreterSession",
        "StopCodeInterpreterSession",
    )
)
_BROWSER: Final = tuple(
    f"bedrock-agentcore:{action}"
    for action in ("ConnectBrowserAutomationStream", "StartBrowserSession", "StopBrowserSession")
)


class MissingPermissionsError(Exception):
    """An execution role lacks what its runtime needs; the message has a line for each lack."""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One permission that is needed.

    Attributes:
        config_key: the key of the stack's config that requires it.
        request: what is asked of the role's policies.
    """

    config_key: str
    request: Request

    def __str__(self) -> str:
        on = "" if self.request.resource == "*" else f" on {self.request.resource}"
        own = [
            f"{key} = {value}"
            for key, value in self.request.context.items()
            if value is not None and not key.startswith("aws:")
        ]
        when = f" when {' and '.join(own)}" if own else ""
        return f"{self.request.action}{on}{when} (required by {self.config_key})"


@dataclass(frozen=True, kw_only=True)
class RoleDocuments:
    """Every document that decides what a role may do.

    Attributes:
        role_arn: whose they are.
        trust: who may assume it.
        identity: its inline and managed policies.
        boundary: its permissions boundary, if it has one that is known.
    """

    role_arn: str
    trust: Document
    identity: Sequence[Document]
    boundary: Document | None = None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a role lacks, and what nobody can tell before deployment."""

    missing: Sequence[str] = field(default_factory=list[str])
    undecided: Sequence[str] = field(default_factory=list[str])


def required_permissions(names: StackNames, agent: str, grants: Grants) -> list[Requirement]:
    """Everything the agent's role has to allow, after its config."""
    prefix = f"{names.project}:agents.{agent}"
    return [
        Requirement(config_key=f"{prefix}{key}", request=request)
        for key, request in _requests(names, agent, grants)
    ]


def check_role(
    names: StackNames, agent: str, required: Iterable[Requirement], role: RoleDocuments
) -> Findings:
    """Hold a role's documents against what is required of it.

    Not seen are organisation policies, policies of the resources themselves, and whether what is
    named exists.
    """
    missing: list[str] = []
    undecided: list[str] = []
    assumed = decide([role.trust], _assumption(names, agent))
    trusted = f"{RUNTIME_SERVICE} to assume it for {names.runtime(agent)}"
    _note(f"sts:AssumeRole: {role.trust.name} has to admit {trusted}", assumed, missing, undecided)
    for each in required:
        request = _of_principal(each.request, names, role.role_arn)
        granted = decide(role.identity, request)
        _note(str(each), granted, missing, undecided)
        if role.boundary is not None and granted.verdict in (Verdict.ALLOWED, Verdict.UNDECIDED):
            _note(str(each), decide([role.boundary], request), missing, undecided, role.boundary)
    return Findings(missing=missing, undecided=undecided)


def _note(
    what: str,
    decision: Decision,
    missing: list[str],
    undecided: list[str],
    boundary: Document | None = None,
) -> None:
    reasons = "; ".join(decision.reasons)
    match decision.verdict:
        case Verdict.ALLOWED:
            pass
        case Verdict.DENIED:
            missing.append(f"{what}: denied by {reasons}")
        case Verdict.SILENT if boundary is not None:
            missing.append(f"{what}: not within {boundary.name}")
        case Verdict.SILENT:
            missing.append(f"{what}: no statement allows it")
        case Verdict.UNDECIDED:
            undecided.append(f"{what}: cannot be told before deployment: {reasons}")


def _assumption(names: StackNames, agent: str) -> Request:
    source = f"arn:{names.partition}:bedrock-agentcore:{names.region}:{names.account_id}"
    return Request(
        action="sts:AssumeRole",
        service=RUNTIME_SERVICE,
        context={
            "aws:SourceAccount": names.account_id,
            "aws:SourceArn": f"{source}:runtime/{names.runtime(agent)}-*",
        },
    )


def _of_principal(request: Request, names: StackNames, role_arn: str) -> Request:
    """The request as the role makes it: with what is known of every request of its."""
    owner = request.resource.split(":")[4:5]
    context: dict[str, str | None] = {
        "aws:PrincipalAccount": names.account_id,
        "aws:PrincipalArn": role_arn,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": "AssumedRole",
        "aws:RequestedRegion": names.region,
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        **({"aws:ResourceAccount": owner[0]} if owner and owner[0].isdigit() else {}),
        **request.context,
    }
    return Request(action=request.action, resource=request.resource, context=context)


def _requests(names: StackNames, agent: str, grants: Grants) -> Iterator[tuple[str, Request]]:
    arns = GrantedArns(names)
    yield from _each(".image", _IMAGE, [grants.repository_arn])
    yield from _each(".image", ["ecr:GetAuthorizationToken"], ["*"])
    yield from _logs(names, agent)
    yield from _workload_tokens(names, agent, jwt=grants.jwt)
    if grants.tracing:
        yield from _each(".tracing", _TRACES, ["*"])
    if grants.metrics:
        namespace = {"cloudwatch:namespace": _METRIC_NAMESPACE}
        yield from _each(".metrics", ["cloudwatch:PutMetricData"], ["*"], namespace)
    models = [arns.model(model) for model in grants.models]
    yield from _each(".models", _MODEL, models, {"bedrock:InferenceProfileArn": None})
    for profile, regions in grants.profiles.items():
        yield from _profile(arns, profile, regions)
    secrets = [arns.secret(secret) for secret in grants.secrets]
    yield from _each(".secrets", ["secretsmanager:GetSecretValue"], secrets)
    for key in grants.keys:
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if key.write else [])]
        for service in key.services:
            via = {"kms:ViaService": arns.via(key.arn, service), "aws:ViaAWSService": "true"}
            yield from _each(".kmsKeys", actions, [key.arn], via)
    memories = [arns.memory(memory) for memory in grants.memories]
    yield from _each(".memories", _MEMORY, memories)
    gateways = [arns.gateway(gateway) for gateway in grants.gateways]
    yield from _each(".gateways", ["bedrock-agentcore:InvokeGateway"], gateways)
    interpreters = [arns.code_interpreter(each) for each in grants.code_interpreters]
    yield from _each(".codeInterpreters", _CODE_INTERPRETER, interpreters)
    browsers = [arns.browser(browser) for browser in grants.browsers]
    yield from _each(".browsers", _BROWSER, browsers)
    for entry in grants.objects:
        actions = ["s3:GetObject", *(["s3:PutObject"] if entry.write else [])]
        yield from _each(".s3Prefixes", actions, [arns.objects(entry.bucket, entry.prefix)])
        listed = {"s3:prefix": f"{entry.prefix}*"}
        yield from _each(".s3Prefixes", ["s3:ListBucket"], [arns.bucket(entry.bucket)], listed)


def _each(
    key: str,
    actions: Iterable[str],
    resources: Iterable[str],
    context: Mapping[str, str | None] | None = None,
) -> Iterator[tuple[str, Request]]:
    for resource in resources:
        for action in actions:
            yield key, Request(action=action, resource=resource, context=context or {})


def _logs(names: StackNames, agent: str) -> Iterator[tuple[str, Request]]:
    """The service writes the logs of every runtime with its role."""
    logs = f"arn:{names.partition}:logs:{names.region}:{names.account_id}:log-group:"
    own = f"{logs}/aws/bedrock-agentcore/runtimes/{names.runtime(agent)}-*"
    yield from _each("", ["logs:CreateLogGroup", "logs:DescribeLogStreams"], [own])
    yield from _each("", ["logs:DescribeLogGroups"], [f"{logs}*"])
    streams = f"{own}:log-stream:*"
    yield from _each("", ["logs:CreateLogStream", "logs:PutLogEvents"], [streams])


def _workload_tokens(names: StackNames, agent: str, *, jwt: bool) -> Iterator[tuple[str, Request]]:
    owner = f"arn:{names.partition}:bedrock-agentcore:{names.region}:{names.account_id}"
    directory = f"{owner}:workload-identity-directory/default"
    identity = f"{directory}/workload-identity/{names.runtime(agent)}-*"
    kinds = ["", "ForJWT", *([] if jwt else ["ForUserId"])]
    actions = [f"bedrock-agentcore:GetWorkloadAccessToken{kind}" for kind in kinds]
    yield from _each(".authorizer" if jwt else "", actions, [directory, identity])


def _profile(
    arns: GrantedArns, profile: str, regions: Sequence[str]
) -> Iterator[tuple[str, Request]]:
    key = ".inferenceProfiles"
    arn = arns.profile(profile)
    yield from _each(key, _MODEL, [arn])
    for model in arns.models_behind(profile, regions):
        # Bedrock user guide, global-cross-region-inference: the region is then "unspecified".
        context = {
            "bedrock:InferenceProfileArn": arn,
            "aws:RequestedRegion": model.split(":")[3] or "unspecified",
        }
        yield from _each(key, _MODEL, [model], context)
