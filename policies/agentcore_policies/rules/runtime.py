"""What an AgentCore runtime runs, and how: image, environment, sessions, callers, endpoints."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard, cast

from agentcore_policies.agent_runtime import (
    AWS_HARNESS,
    AWS_RUNTIME,
    ENDPOINTS,
    HARNESSES,
    RUNTIMES,
    at_path,
    elements,
    is_custom_capacity,
    is_hidden,
)
from agentcore_policies.credentials import holds_secret, is_withheld, looks_secret, shown
from agentcore_policies.model import Resource, Secret, Unknown, Value
from agentcore_policies.provider_inputs import own_accounts
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

# AWS::BedrockAgentCore::Runtime, AgentRuntimeName, and ...::RuntimeEndpoint, Name.
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,47}")
_NAME_RULE: Final = (
    "a name is 1 to 48 letters, digits and underscores, beginning with a letter (no hyphens)"
)
# Pulumi's auto-naming appends a hyphen and hexadecimal digits; a pattern of its own may use others.
_RANDOM_SUFFIX: Final = re.compile(r"[-_]?[0-9a-f]{7,8}")

_ARTIFACTS: Final[Mapping[str, str]] = dict.fromkeys(HARNESSES, "environmentArtifact")
_PRIVATE_ECR: Final = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
)
_ROLE: Final = re.compile(r"arn:[a-z-]+:iam::(?P<account>[0-9]{12}):role/.+")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
# Moving by convention: the same name, later another image, and no new runtime version.
_MOVING_TAGS: Final = (
    "current",
    "dev",
    "develop",
    "edge",
    "head",
    "latest",
    "main",
    "master",
    "nightly",
    "prod",
    "production",
    "release",
    "stable",
    "staging",
)

# Which machine a tag is for makes it no other one.
_MACHINE: Final = re.compile(
    r"(?:^|[-_.])(?:linux[-_.])?(?:arm64(?:[-_.]?v8)?|aarch64|amd64|x86_64)(?:[-_.]|$)"
)

_VARIABLES: Final = "environmentVariables"
_VARIABLE: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
# CreateAgentRuntime: 50 variables, names to 100 characters, values to 5000; CloudFormation, and so
# aws-native, takes values to 2048.
_MAX_VARIABLES: Final = 50
_MAX_VARIABLE_NAME: Final = 100
_MAX_VARIABLE_VALUE: Final[Mapping[str, int]] = {AWS_RUNTIME: 5000, AWS_HARNESS: 5000}
_MAX_NATIVE_VARIABLE_VALUE: Final = 2048
_RESERVED_VARIABLES: Final = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    }
)

# Developer guide, runtime-lifecycle-settings: microVMs; the schema's bound is for capacity
# providers.
_MIN_SECONDS: Final = 60
_MAX_MICROVM_SECONDS: Final = 28_800
_MAX_CAPACITY_PROVIDER_SECONDS: Final = 1_209_600

_PROTOCOLS: Final = ("MCP", "HTTP", "A2A", "AGUI")

_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,255}")
_MAX_HEADERS: Final = 20
_UNFORWARDABLE: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"}
)

_AUTHORIZER: Final = "authorizerConfiguration.customJwtAuthorizer"
_DISCOVERY: Final = re.compile(
    r"https://(?P<user>[^/?#@]*@)?[^/?#@\s]+(?:/[^?#\s]*)?/\.well-known/openid-configuration"
)
# Names in pulumi-aws and in aws-native.
_BOUNDS: Final = (
    "allowedAudiences",
    "allowedAudience",
    "allowedClients",
    "allowedScopes",
    "customClaims",
)

_VERSION: Final = re.compile(r"[1-9][0-9]{0,4}")

_S3_FLAG: Final = "networkConfiguration.networkModeConfig.requireServiceS3Endpoint"


def _artifact(runtime: Resource, _context: Context) -> Judged:
    path = "agentRuntimeArtifact"
    if is_hidden(runtime.at(path)):
        yield NotChecked(path=path)
        return
    kinds = ("containerConfiguration", "codeConfiguration")
    given = [kind for kind in kinds if runtime.at(path, kind) not in (None, {})]
    if len(given) == 1:
        return
    what = "both a container and code" if given else "neither a container nor code"
    yield Finding(
        path=path,
        message=f"{what} is given; a runtime runs exactly one of containerConfiguration and "
        "codeConfiguration. Keep one.",
    )


def _container_path(runtime: Resource) -> str:
    artifact = _ARTIFACTS.get(runtime.type, "agentRuntimeArtifact")
    return f"{artifact}.containerConfiguration"


def _image_path(runtime: Resource) -> str:
    return f"{_container_path(runtime)}.containerUri"


def _image_uri(runtime: Resource) -> str | NotChecked | None:
    """The image's URI; None where there is none, which the rule of the artifact judges."""
    path = _image_path(runtime)
    value = at_path(runtime, path)
    if is_hidden(value):
        return NotChecked(path=path)
    return value if isinstance(value, str) and value else None


def _image_registry(runtime: Resource, context: Context) -> Judged:
    uri = _image_uri(runtime)
    if not isinstance(uri, str):
        if uri is not None:
            yield uri
        elif at_path(runtime, _container_path(runtime)) not in (None, {}):
            yield Finding(
                path=_image_path(runtime),
                message="no image is given. Name one in a private ECR registry.",
            )
        return
    host = uri.partition("/")[0]
    registry = _PRIVATE_ECR.fullmatch(host)
    if registry is None:
        yield Finding(
            path=_image_path(runtime),
            message=f"the image is from {shown(host)}; only private ECR registries are allowed, by "
            "the one name that the service takes, neither FIPS nor dual-stack: "
            "ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY, the account with 12 digits. "
            "Copy the image into a repository of your own, and name it so.",
        )
        return
    own = _own_accounts(runtime)
    accounts = (*own, *cast("Sequence[str]", context.settings["allowedAccounts"]))
    if registry["account"] in accounts:
        return
    if not own:
        yield NotChecked(path="roleArn")
        return
    yield Finding(
        path=_image_path(runtime),
        message=f"the image is of account {registry['account']}; allowed are "
        f"{', '.join(dict.fromkeys(accounts))}. Copy the image into a repository there, or add "
        "the account to allowedAccounts.",
    )


def _own_accounts(runtime: Resource) -> Sequence[str]:
    """The runtime's account: of its provider, or of its role, which is in the same one."""
    role = runtime.at("roleArn") or runtime.at("executionRoleArn")
    of_role = _ROLE.fullmatch(role) if isinstance(role, str) else None
    return own_accounts(runtime) or ([of_role["account"]] if of_role else [])


def _image_region(runtime: Resource, _context: Context) -> Judged:
    uri = _image_uri(runtime)
    if not isinstance(uri, str):
        if uri is not None:
            yield uri
        return
    registry = _PRIVATE_ECR.fullmatch(uri.partition("/")[0])
    if registry is None:
        return
    region = runtime.at("region") or runtime.provider.get("region")
    if not isinstance(region, str):
        yield NotChecked(path="region")
    elif registry["region"] != region:
        yield Finding(
            path=_image_path(runtime),
            message=f"the image is in {registry['region']}, the runtime in {shown(region)}; a "
            "start would depend on another region. Replicate the repository and name the image "
            "of this region.",
        )


def _pin(uri: str) -> tuple[str, str]:
    """Tag and digest; empty where there is none. A port is no tag."""
    path, _, digest = uri.partition("@")
    return path.rpartition("/")[2].partition(":")[2], digest


def _image_pinned(runtime: Resource, _context: Context) -> Judged:
    uri = _image_uri(runtime)
    if not isinstance(uri, str):
        if uri is not None:
            yield uri
        return
    tag, digest = _pin(uri)
    if not tag and not digest:
        yield Finding(
            path=_image_path(runtime),
            message=f"{shown(uri)} has neither tag nor digest, which means :latest. "
            "Append @sha256:..., or a tag that never moves.",
        )
    elif digest and not _DIGEST.fullmatch(digest):
        yield Finding(
            path=_image_path(runtime),
            message=f"{shown(digest)} is no digest; that is sha256: and 64 lower-case hexadecimal "
            "digits. Copy it whole.",
        )
    elif tag and not _TAG.fullmatch(tag):
        yield Finding(
            path=_image_path(runtime),
            message=f"{shown(tag)} is no tag; that is 1 to 128 letters, digits and . _ -, not "
            "beginning with . or -. Name the tag the image was pushed with.",
        )


def _image_moving_tag(runtime: Resource, context: Context) -> Judged:
    uri = _image_uri(runtime)
    if not isinstance(uri, str):
        if uri is not None:
            yield uri
        return
    tag, digest = _pin(uri)
    # Beside a digest a tag only tells people which image it is.
    moving = cast("Sequence[str]", context.settings["movingTags"])
    if not digest and _MACHINE.sub("", tag.lower()) in moving:
        yield Finding(
            path=_image_path(runtime),
            message=f"the tag {shown(tag)} moves: pushed again, it starts no new version, and one "
            "version runs different images. Pin a digest, or an immutable release tag.",
        )


def _name(runtime: Resource, _context: Context) -> Judged:
    yield from _judge_name(runtime, "agentRuntimeName")


def _judge_name(resource: Resource, path: str) -> Judged:
    match resource.at(path):
        case Unknown() | Secret():
            yield NotChecked(path=path)
        case None | "":
            yield Finding(path=path, message=f"no name is given; {_NAME_RULE}. Give one.")
        case str() as name if not _NAME.fullmatch(name):
            way_out = "Give one" if is_withheld(name) else f"Write {shown(_as_name(name))}"
            yield Finding(
                path=path,
                message=f"{shown(name)} has {len(name)} characters; {_NAME_RULE}. {way_out}.",
            )
        case str() as name if _is_auto_named(resource.name, name):
            yield Finding(
                path=path,
                message=f"{shown(name)} is the resource's name with a random end, as auto-naming "
                "makes it; callers and policies need a name that is known. Give one.",
            )
        case str():
            pass
        case other:
            yield Finding(path=path, message=f"{shown(other)} is no text; {_NAME_RULE}.")


def _as_name(name: str) -> str:
    spelled = re.sub(r"[^a-zA-Z0-9_]+", "_", name)
    return (spelled if spelled[:1].isalpha() else f"agent_{spelled.lstrip('_')}")[:48]


def _is_auto_named(logical: str, name: str) -> bool:
    return name.startswith(logical) and bool(_RANDOM_SUFFIX.fullmatch(name[len(logical) :]))


def _variables(runtime: Resource) -> Mapping[str, Value] | NotChecked:
    match runtime.at(_VARIABLES):
        case Unknown() | Secret():
            return NotChecked(path=_VARIABLES)
        case Mapping() as variables:
            return cast("Mapping[str, Value]", variables)
        case _:
            return {}


def _environment_secrets(runtime: Resource, context: Context) -> Judged:
    if isinstance(runtime.at(_VARIABLES), Secret):
        yield Finding(
            path=_VARIABLES,
            message="the variables are a Pulumi secret, and the service returns them in the "
            "clear to everybody who may read the runtime. Put the secret ones into Secrets "
            "Manager and pass their ARNs.",
        )
        return
    variables = _variables(runtime)
    if isinstance(variables, NotChecked):
        yield variables
        return
    allowed = cast("Sequence[str]", context.settings["allowedVariables"])
    for name, value in variables.items():
        path = f"{_VARIABLES}.{_shown_name(name)}"
        match value:
            case Secret():
                why = "its value is a Pulumi secret"
            case Unknown():
                yield NotChecked(path=path)
                continue
            case _ if name in allowed:
                continue
            case str() if looks_secret(value):
                why = "its value looks like a credential"
            case str() if holds_secret(name, value):
                why = "a variable of this name holds a credential"
            case _:
                continue
        yield Finding(
            path=path,
            message=f"{why}, and the service returns variables in the clear to everybody who may "
            "read the runtime. Put the secret into Secrets Manager and pass its ARN; a variable "
            "that holds none is named in allowedVariables.",
        )


def _shown_name(name: str) -> str:
    """A variable's name, unless somebody wrote the secret there."""
    return "(not shown)" if looks_secret(name) else name


def _environment(runtime: Resource, _context: Context) -> Judged:
    variables = _variables(runtime)
    if isinstance(variables, NotChecked):
        yield variables
        return
    if not variables and runtime.at(_VARIABLES) is not None:
        yield Finding(
            path=_VARIABLES,
            message="the map is empty, which the service tells as none, so that every update would "
            "change it. Leave it out.",
        )
    if len(variables) > _MAX_VARIABLES:
        yield Finding(
            path=_VARIABLES,
            message=f"these are {len(variables)} variables; a runtime takes {_MAX_VARIABLES}. "
            "Move settings into a file of the image, or into Parameter Store.",
        )
    most = _MAX_VARIABLE_VALUE.get(runtime.type, _MAX_NATIVE_VARIABLE_VALUE)
    for name, value in variables.items():
        path = f"{_VARIABLES}.{_shown_name(name)}"
        if not _VARIABLE.fullmatch(name) or len(name) > _MAX_VARIABLE_NAME:
            yield Finding(
                path=path,
                message=f"a variable's name is 1 to {_MAX_VARIABLE_NAME} letters, digits and "
                "underscores, not beginning with a digit. Rename it.",
            )
        elif name.upper() in _RESERVED_VARIABLES:
            yield Finding(
                path=path, message="the service sets this variable itself. Choose another name."
            )
        if isinstance(value, str) and len(value) > most:
            yield Finding(
                path=path,
                message=f"its value has {len(value)} characters; {most} are taken. Move it into a "
                "file of the image, or into Parameter Store.",
            )
        elif isinstance(value, Unknown):
            yield NotChecked(path=path)


def _lifecycle(runtime: Resource, context: Context) -> Judged:
    path, block = _lifecycle_block(runtime)
    if is_hidden(block):
        yield NotChecked(path=path)
        return
    if not isinstance(block, Mapping) or not block:
        yield Finding(
            path=path,
            message="it is not given, so an update resets it to the service's defaults, and "
            "memory is paid for until a session ends. Give idleRuntimeSessionTimeout and "
            "maxLifetime.",
        )
        return
    most = (
        _MAX_CAPACITY_PROVIDER_SECONDS
        if is_custom_capacity(runtime)
        else cast("int", context.settings["maximumSeconds"])
    )
    fields = ("idleRuntimeSessionTimeout", "maxLifetime")
    for field in fields:
        yield from _seconds(f"{path}.{field}", block.get(field), most)
    idle, lifetime = (block.get(field) for field in fields)
    if _is_number(idle) and _is_number(lifetime) and idle > lifetime:
        yield Finding(
            path=path,
            message=f"idleRuntimeSessionTimeout {shown(idle)} is longer than maxLifetime "
            f"{shown(lifetime)}, which the service refuses. Shorten the idle timeout.",
        )


def _lifecycle_block(runtime: Resource) -> tuple[str, Value]:
    """Path and value of the block; pulumi-aws has a list of one."""
    if runtime.type != AWS_RUNTIME:
        return "lifecycleConfiguration", runtime.at("lifecycleConfiguration")
    path = "lifecycleConfigurations"
    given = runtime.at(path)
    entries = elements(given)
    return (path, given) if is_hidden(given) or not entries else (f"{path}[0]", entries[0])


def _seconds(path: str, value: Value, most: int) -> Judged:
    if is_hidden(value):
        yield NotChecked(path=path)
    elif not _is_number(value) or value % 1 != 0 or not _MIN_SECONDS <= value <= most:
        yield Finding(
            path=path,
            message=f"it is {shown(value)}; allowed is a whole number of seconds from "
            f"{_MIN_SECONDS} to {most}. Choose one.",
        )


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _protocol(runtime: Resource, _context: Context) -> Judged:
    path = "protocolConfiguration"
    if runtime.type == AWS_RUNTIME and runtime.at(path) is not None:
        path = "protocolConfiguration.serverProtocol"
    value = at_path(runtime, path)
    # HTTP, by the service's documented default.
    is_default = value is None and path == "protocolConfiguration"
    if is_hidden(value):
        yield NotChecked(path=path)
    elif not is_default and value not in _PROTOCOLS:
        yield Finding(
            path=path,
            message=f"{shown(value)} is no protocol; allowed are {', '.join(_PROTOCOLS)}, "
            "written exactly so.",
        )


def _headers(runtime: Resource, _context: Context) -> Judged:
    block = "requestHeaderConfiguration"
    name = "requestHeaderAllowlists" if runtime.type == AWS_RUNTIME else "requestHeaderAllowlist"
    path = f"{block}.{name}"
    if runtime.at(block) is None:
        return
    given = runtime.at(block, name)
    if is_hidden(given):
        yield NotChecked(path=path)
        return
    headers = elements(given)
    if not 1 <= len(headers) <= _MAX_HEADERS:
        yield Finding(
            path=path,
            message=f"these are {len(headers)} headers; 1 to {_MAX_HEADERS} are taken. "
            "Name those the agent reads, or leave the whole block out.",
        )
    seen: set[str] = set()
    for index, header in enumerate(headers):
        here = f"{path}[{index}]"
        if not isinstance(header, str):
            yield (
                NotChecked(path=here)
                if is_hidden(header)
                else Finding(path=here, message=f"{shown(header)} is no header's name.")
            )
            continue
        if not _HEADER.fullmatch(header):
            yield Finding(
                path=here,
                message=f"{shown(header)} is no header's name: 1 to 256 letters, digits, - and _, "
                "beginning with a letter; no wildcards. Name one header an entry.",
            )
        elif header.lower() in _UNFORWARDABLE:
            yield Finding(
                path=here,
                message=f"{shown(header)} belongs to the connection and is not forwarded. Remove "
                "it.",
            )
        elif header.lower() in seen:
            yield Finding(path=here, message=f"{shown(header)} is there twice. Remove one.")
        seen.add(header.lower())


def _authorizer(runtime: Resource, _context: Context) -> Judged:
    if runtime.at("authorizerConfiguration") is None:
        return  # callers are authorized by IAM
    yield from judge_jwt(runtime)


def judge_jwt(resource: Resource) -> Judged:
    """Whether a runtime, or a gateway, knows whose tokens it takes."""
    jwt = at_path(resource, _AUTHORIZER)
    if is_hidden(jwt):
        yield NotChecked(path=_AUTHORIZER)
        return
    if not isinstance(jwt, Mapping) or not jwt:
        yield Finding(
            path=_AUTHORIZER,
            message="the authorizer is empty. Describe the JWT that callers bring, or let IAM "
            "authorize them, without authorizerConfiguration.",
        )
        return
    yield from _discovery_url(jwt.get("discoveryUrl"))
    bounds = [jwt[name] for name in _BOUNDS if name in jwt]
    if any(elements(bound) and not is_hidden(bound) for bound in bounds):
        return
    if any(map(is_hidden, bounds)):
        yield NotChecked(path=_AUTHORIZER)
        return
    yield Finding(
        path=_AUTHORIZER,
        message="every token of the issuer is taken, whoever it was made for. Name at least one "
        "allowed audience, client, scope or custom claim.",
    )


def _discovery_url(value: Value) -> Judged:
    path = f"{_AUTHORIZER}.discoveryUrl"
    match value:
        case Unknown() | Secret():
            yield NotChecked(path=path)
        case str() if (url := _DISCOVERY.fullmatch(value)) and not url["user"]:
            pass
        case _:
            yield Finding(
                path=path,
                message=f"{shown(value)} is no discovery URL; that is https://HOST, no user, and "
                "a path ending in /.well-known/openid-configuration. Copy it from the issuer.",
            )


def _endpoint_name(endpoint: Resource, _context: Context) -> Judged:
    if endpoint.at("name") == "DEFAULT":
        yield Finding(
            path="name",
            message="the service makes the endpoint DEFAULT and moves it itself. Choose another "
            "name.",
        )
        return
    yield from _judge_name(endpoint, "name")


def _endpoint_version(endpoint: Resource, _context: Context) -> Judged:
    path = "agentRuntimeVersion"
    match endpoint.at(path):
        case Unknown() | Secret():
            yield NotChecked(path=path)
        case str() as version if _VERSION.fullmatch(version):
            pass
        case None | "":
            yield Finding(
                path=path,
                message="no version is given, so the endpoint stays on the one there is when it "
                "is made, and nothing says which. Pin a version.",
            )
        case other:
            yield Finding(
                path=path,
                message=f"{shown(other)} is no version; that is a number from 1 to 99999, as text.",
            )


def _service_s3_endpoint(runtime: Resource, _context: Context) -> Judged:
    if is_hidden(runtime.at("networkConfiguration", "networkModeConfig")):
        yield NotChecked(path="networkConfiguration.networkModeConfig")
    elif at_path(runtime, _S3_FLAG) is not None:
        yield Finding(
            path=_S3_FLAG,
            message="the service refuses it on new runtimes: reaching S3 is the VPC's own. "
            "Remove it, and give the VPC an S3 gateway endpoint.",
        )


_AGENTS: Final = (*RUNTIMES, *HARNESSES)

RULES: Final[Sequence[Rule]] = (
    Rule(
        id="runtime-artifact",
        description="A runtime runs exactly one artifact: a container or code.",
        severity="medium",
        types=RUNTIMES,
        remediation="Give one of containerConfiguration and codeConfiguration.",
        check=_artifact,
    ),
    Rule(
        id="runtime-image-registry",
        description="A runtime's image comes from a private ECR registry of its own account, or "
        "one that is allowed.",
        severity="high",
        types=_AGENTS,
        remediation="Push the image into a private ECR repository and name it there.",
        references=(Reference(framework="Well-Architected", id="SEC06-BP05"),),
        settings={
            "allowedAccounts": Setting(
                schema={"type": "array", "items": {"type": "string", "pattern": "^[0-9]{12}$"}},
                default=(),
                description="Accounts images may come from besides the runtime's own.",
            )
        },
        check=_image_registry,
    ),
    Rule(
        id="runtime-image-region",
        description="A runtime's image is in the runtime's region.",
        severity="low",
        types=_AGENTS,
        remediation="Replicate the repository into the runtime's region.",
        references=(Reference(framework="Well-Architected", id="REL10-BP01"),),
        check=_image_region,
    ),
    Rule(
        id="runtime-image-pinned",
        description="A runtime's image is pinned by a digest or a tag.",
        severity="high",
        types=_AGENTS,
        remediation="Append @sha256:... or an immutable tag to the image.",
        references=(Reference(framework="Well-Architected", id="SEC06-BP05"),),
        check=_image_pinned,
    ),
    Rule(
        id="runtime-image-moving-tag",
        description="A runtime's image in production is not named by a moving tag.",
        severity="high",
        types=_AGENTS,
        remediation="Pin the image's digest, or an immutable release tag.",
        production_only=True,
        references=(Reference(framework="CKV", id="CKV_AWS_51"),),
        settings={
            "movingTags": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=_MOVING_TAGS,
                description="Tags that move by convention, in lower case.",
            )
        },
        check=_image_moving_tag,
    ),
    Rule(
        id="runtime-name",
        description="A runtime has a name that was chosen and that the service takes.",
        severity="low",
        types=RUNTIMES,
        remediation="Set agentRuntimeName to letters, digits and underscores.",
        check=_name,
    ),
    Rule(
        id="runtime-environment-secrets",
        description="A runtime's environment variables hold no secrets.",
        severity="critical",
        types=_AGENTS,
        remediation="Put the secret into Secrets Manager, grant the role to read it, pass its ARN.",
        references=(
            Reference(framework="Well-Architected", id="SEC02-BP03"),
            Reference(framework="CKV", id="CKV_AWS_45"),
        ),
        settings={
            "allowedVariables": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                default=(),
                description="Variables, exactly so spelled, that hold no secret although their "
                "name or value looks so. A value that is a Pulumi secret is refused all the same.",
            )
        },
        check=_environment_secrets,
    ),
    Rule(
        id="runtime-environment",
        description="A runtime's environment variables keep to the service's names and limits.",
        severity="low",
        types=_AGENTS,
        remediation="Rename the variables, or move settings into a file of the image.",
        check=_environment,
    ),
    Rule(
        id="runtime-lifecycle",
        description="A runtime bounds how long a session idles and lives.",
        severity="medium",
        types=RUNTIMES,
        remediation="Give idleRuntimeSessionTimeout and maxLifetime, the first not the longer.",
        references=(Reference(framework="Well-Architected", id="COST02-BP05"),),
        settings={
            "maximumSeconds": Setting(
                schema={"type": "integer", "minimum": 60, "maximum": 28_800},
                default=_MAX_MICROVM_SECONDS,
                description="The longest timeout and lifetime of sessions in microVMs, in seconds.",
            )
        },
        check=_lifecycle,
    ),
    Rule(
        id="runtime-protocol",
        description="A runtime speaks a protocol the service knows.",
        severity="low",
        types=RUNTIMES,
        remediation="Write MCP, HTTP, A2A or AGUI.",
        check=_protocol,
    ),
    Rule(
        id="runtime-request-headers",
        description="A runtime's header allow-list names headers that can be forwarded.",
        severity="low",
        types=RUNTIMES,
        remediation="Name 1 to 20 headers, each once.",
        check=_headers,
    ),
    Rule(
        id="runtime-authorizer",
        description="A runtime that takes JWTs knows their issuer and whom they are made for.",
        severity="high",
        types=_AGENTS,
        remediation="Give the issuer's discovery URL, and audiences, clients, scopes or claims.",
        references=(
            Reference(framework="Well-Architected", id="SEC02-BP04"),
            Reference(framework="Security Hub", id="BedrockAgentCore.2"),
        ),
        check=_authorizer,
    ),
    Rule(
        id="runtime-endpoint-name",
        description="A runtime's named endpoint has a name that was chosen and is not DEFAULT.",
        severity="low",
        types=ENDPOINTS,
        remediation="Name the endpoint after what it is for, such as live.",
        check=_endpoint_name,
    ),
    Rule(
        id="runtime-endpoint-version",
        description="A runtime's named endpoint is pinned to a version.",
        severity="medium",
        types=ENDPOINTS,
        remediation="Set agentRuntimeVersion.",
        check=_endpoint_version,
    ),
    Rule(
        id="runtime-service-s3-endpoint",
        description="A runtime does not ask for the S3 endpoint the service used to bring.",
        severity="medium",
        types=RUNTIMES,
        remediation="Remove requireServiceS3Endpoint; give the VPC an S3 gateway endpoint.",
        check=_service_s3_endpoint,
    ),
)
