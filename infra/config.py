"""The stack's config: closed, frozen models, and the only reader of Pulumi's config.

A wrong config raises :class:`ConfigError` with every finding, before any resource is registered.
The models look at nothing outside the config: whether an image exists or an account can be
reached is the cloud's to say.
"""

import difflib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, cast

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, get_config_secret_keys_env
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel

from infra.config_report import Finding, findings_of, shown, shown_name
from infra.config_values import (
    EMAIL,
    MAX_HEADERS,
    MAX_LIFECYCLE_RULES,
    PRODUCTION_NAME,
    AccountId,
    AgentName,
    AtMostFiftyTags,
    CpuUnits,
    Days,
    Description,
    DiscoveryUrl,
    Endpoints,
    Environment,
    ExpiringPattern,
    HeaderName,
    Image,
    Mebibytes,
    ModelId,
    NotBlank,
    ProfileId,
    RegionName,
    Scope,
    Seconds,
    Surroundings,
    TagKey,
    TagValue,
    around,
    outside,
    refused,
    without_repetition,
)
from infra.image_reference import ImageReference, parse_image
from infra.naming import StackNames
from infra.regions import RUNTIME_REGIONS, has_endpoints, partition_of


class ConfigError(Exception):
    """The config of a stack is refused; ``str()`` is the whole message, one line a finding."""

    def __init__(self, stack: str, findings: list[Finding]) -> None:
        count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        head = f"the config of stack {stack} is refused ({count}); no resource was touched."
        lines = sorted(str(finding) for finding in findings)
        super().__init__("\n".join([head, *(f"  - {line}" for line in lines)]))
        self.findings = findings


class _Closed(BaseModel):
    """Closed: an unknown key is an error. Frozen. camelCase outside, snake_case inside."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)


class Tags(_Closed):
    """The tags of every resource: four required ones, and others as wanted."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[TagKey, TagValue] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    project: TagValue = Field(alias="Project")
    environment: TagValue = Field(alias="Environment")
    owner: TagValue = Field(alias="Owner")
    cost_center: TagValue = Field(alias="CostCenter")

    @field_validator("environment")
    @classmethod
    def _is_the_stack(cls, value: str, info: ValidationInfo) -> str:
        stack = around(info).stack
        if value != stack:
            raise refused(f"the environment of this stack is {stack}", f"Write {stack}.")
        return value

    @field_validator("owner")
    @classmethod
    def _can_be_reached(cls, value: str) -> str:
        if "@" in value and not EMAIL.fullmatch(value):
            raise refused(
                "an owner is a team's name or an e-mail address",
                "Correct the address, such as platform@example.com.",
            )
        return value

    @property
    def all(self) -> dict[str, str]:
        """Every tag by its key."""
        return self.model_dump(by_alias=True)


class Size(_Closed):
    """Size of an agent's session: CPU units (1024 = one vCPU) and MiB.

    A runtime has no size property: a microVM session may use up to 2 vCPU and 8 GiB and is
    billed by use. The size is held against that ceiling and handed to the container, which
    sizes its worker pools by it.
    """

    cpu: CpuUnits
    memory: Mebibytes


class Lifecycle(_Closed):
    """When the service ends a session, in seconds: after idling, and at the latest."""

    idle_timeout: Seconds = 900
    max_lifetime: Seconds = 28_800

    @field_validator("max_lifetime")
    @classmethod
    def _idle_fits(cls, value: int, info: ValidationInfo) -> int:
        idle = info.data.get("idle_timeout")
        if idle is not None and value < idle:
            raise refused(
                "a session must not end ({latest} s) before it may idle ({idle} s)",
                "Set idleTimeout to at most {latest}, or maxLifetime to at least {idle}.",
                latest=str(value),
                idle=str(idle),
            )
        return value


class InferenceProfile(_Closed):
    """A system-defined cross-region inference profile: where it may route a request to.

    The regions differ by profile and by source region, so they are given and not guessed:
    ``aws bedrock get-inference-profile --inference-profile-identifier ID`` lists them. A global
    profile has none. Application inference profiles are not covered.
    """

    id: ProfileId
    destination_regions: tuple[RegionName, ...] = Field(default=(), validate_default=True)

    @field_validator("destination_regions")
    @classmethod
    def _fit_the_profile(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        profile_id = info.data.get("id")
        if profile_id is None:
            return value
        if profile_id.startswith("global."):
            if value:
                raise refused("a global profile routes everywhere", "Remove destinationRegions.")
        elif not value:
            raise refused(
                "the role needs the model behind the profile in every region it routes to",
                "List them with: aws bedrock get-inference-profile "
                "--inference-profile-identifier {profile}",
                profile=profile_id,
            )
        elsewhere = outside(profile_id, value, around(info))
        if elsewhere:
            raise refused(
                "{profile} does not route to {regions}: outside its geography or the "
                "stack's partition",
                "List its regions with: aws bedrock get-inference-profile "
                "--inference-profile-identifier {profile}",
                profile=profile_id,
                regions=", ".join(elsewhere),
            )
        return without_repetition(value)


class Authorizer(_Closed):
    """Callers prove themselves by a JWT of this issuer, instead of by IAM."""

    discovery_url: DiscoveryUrl
    allowed_audience: tuple[NotBlank, ...] = ()
    allowed_clients: tuple[NotBlank, ...] = ()
    allowed_scopes: tuple[Scope, ...] = Field(default=(), validate_default=True)

    @field_validator("allowed_audience", "allowed_clients")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return without_repetition(value)

    @field_validator("allowed_scopes")
    @classmethod
    def _is_bounded(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        bounds = (value, info.data.get("allowed_audience"), info.data.get("allowed_clients"))
        if not any(bounds) and None not in bounds:
            raise refused(
                "without allowedAudience, allowedClients or allowedScopes any token of the "
                "issuer gets in",
                "Name at least one audience, client or scope.",
            )
        return without_repetition(value)


class Agent(_Closed):
    """One agent: its image, what its role may call, and how its runtime behaves."""

    description: Description | None = None
    image: Image | None = None
    models: tuple[ModelId, ...] = ()
    inference_profiles: tuple[InferenceProfile, ...] = ()
    environment: Environment = Field(default_factory=dict[str, str])
    protocol: Literal["HTTP", "MCP", "A2A", "AGUI"] = "HTTP"
    lifecycle: Lifecycle = Lifecycle()
    request_headers: tuple[HeaderName, ...] = ()
    authorizer: Authorizer | None = None
    endpoints: Endpoints = Field(default_factory=dict[str, int])

    @property
    def image_reference(self) -> ImageReference | None:
        """The image, read; None while the agent has none and only its foundation is deployed."""
        return None if self.image is None else parse_image(self.image)

    @field_validator("models")
    @classmethod
    def _models_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return without_repetition(value)

    @field_validator("inference_profiles")
    @classmethod
    def _profiles_once(cls, value: tuple[InferenceProfile, ...]) -> tuple[InferenceProfile, ...]:
        without_repetition(tuple(profile.id for profile in value))
        return value

    @field_validator("request_headers")
    @classmethod
    def _headers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) > MAX_HEADERS:
            raise refused(f"at most {MAX_HEADERS} headers are forwarded", "Shorten the list.")
        return without_repetition(value, fold_case=True)

    @field_validator("endpoints")
    @classmethod
    def _have_a_runtime(cls, value: Mapping[str, int], info: ValidationInfo) -> Mapping[str, int]:
        if value and "image" in info.data and info.data["image"] is None:
            raise refused(
                "endpoints need a runtime, and the agent has no image yet",
                "Set image, or leave endpoints out until it is pushed.",
            )
        return value


class ExpiringTags(_Closed):
    """Images with a tag that matches the pattern expire so many days after their push."""

    pattern: ExpiringPattern
    days: Days


class Registry(_Closed):
    """What expires in an agent's repository, and how it is encrypted at rest."""

    untagged_days: Days = 14
    expire: tuple[ExpiringTags, ...] = ()
    encryption: Literal["AES256", "KMS"] | None = None

    @field_validator("expire")
    @classmethod
    def _fit_the_policy(cls, value: tuple[ExpiringTags, ...]) -> tuple[ExpiringTags, ...]:
        if len(value) + 1 > MAX_LIFECYCLE_RULES:
            raise refused(
                f"a lifecycle policy has at most {MAX_LIFECYCLE_RULES} rules, one of them for "
                f"untagged images; these are {len(value)}",
                "Give throw-away tags a common beginning.",
            )
        return value

    @field_validator("encryption")
    @classmethod
    def _own_key_in_production(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value == "AES256" and around(info).production:
            raise refused("production repositories are encrypted with the stack's key", "Use KMS.")
        return value


class StackConfig(_Closed):
    """Everything a stack is told."""

    account_id: AccountId
    region: RegionName
    production: bool = Field(default=False, validate_default=True)
    tags: Annotated[Tags, AtMostFiftyTags]
    size: Size
    registry: Registry = Registry()
    trusted_image_accounts: tuple[AccountId, ...] = ()
    additional_regions: tuple[RegionName, ...] = ()
    agents: Mapping[AgentName, Agent]

    @field_validator("region")
    @classmethod
    def _has_agentcore(cls, value: str, info: ValidationInfo) -> str:
        if value not in RUNTIME_REGIONS | set(around(info).additional_regions):
            raise refused(
                "AgentCore Runtime is not known to exist there",
                f"Choose one of {', '.join(sorted(RUNTIME_REGIONS))}; a region added since is let "
                "in by additionalRegions.",
            )
        if not has_endpoints(value):
            raise refused(
                f"partition {partition_of(value)} has no AgentCore", "Choose another region."
            )
        return value

    @field_validator("production")
    @classmethod
    def _says_so(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's form
        stack = around(info).stack
        if not value and PRODUCTION_NAME.search(stack.lower()):
            raise refused(
                f"stack {stack} is named as a production stack, whose repositories and keys are "
                "protected",
                "Set production to true, or rename the stack.",
            )
        return value

    @property
    def own_key(self) -> bool:
        """Whether repositories are encrypted with a key of the stack's own."""
        return (self.registry.encryption or ("KMS" if self.production else "AES256")) == "KMS"

    @classmethod
    def read(cls, raw: Mapping[str, Any], *, project: str, stack: str, secret: set[str]) -> Self:
        """Validate a stack's config as Pulumi hands it to a program.

        Args:
            raw: every config key with its namespace (``agentcore:region``, ``aws:region``) and
                its value: text, or JSON text for what is structured.
            project: the Pulumi project, which is the namespace of our keys.
            stack: the stack's name.
            secret: the keys that hold a Pulumi secret.

        Raises:
            ConfigError: with every finding.
        """
        own = {
            key.removeprefix(f"{project}:"): _decoded(key.removeprefix(f"{project}:"), value)
            for key, value in raw.items()
            if key.startswith(f"{project}:")
        }
        hidden = {key.removeprefix(f"{project}:") for key in secret}
        findings = [
            *_name_findings(project, stack),
            *_namespace_findings(raw, project),
            *_provider_findings(raw, project),
            *_secret_findings(project, hidden & set(own)),
        ]
        try:
            config = cls.model_validate_json(
                json.dumps(own), context=_surroundings(own, project=project, stack=stack)
            )
        except ValidationError as error:
            findings += findings_of(
                error, config=own, namespace=project, model=cls, withheld=hidden
            )
        else:
            if not findings:
                return config
        raise ConfigError(stack, findings)


_ENGINE_NAMESPACE: Final = "pulumi"
_PROVIDER_NAMESPACES: Final = ("aws", "aws-native")
_ACCOUNT_ID: Final = TypeAdapter[str](AccountId)
_REGION_NAME: Final = TypeAdapter[str](RegionName)
_EXPIRING_PATTERN: Final = TypeAdapter[str](ExpiringPattern)


def _decoded(key: str, value: object) -> object:
    """Pulumi hands over text; what is not text in the model is JSON inside it."""
    if key in ("accountId", "region") or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):  # the latter for thousands of brackets
        return value


def _surroundings(own: Mapping[str, object], *, project: str, stack: str) -> Surroundings:
    def right(kind: TypeAdapter[str], value: object) -> str:
        try:
            return kind.validate_python(value, strict=True)
        except ValidationError:
            return ""

    def all_right(kind: TypeAdapter[str], values: object) -> tuple[str, ...]:
        return tuple(filter(None, (right(kind, value) for value in entries(values))))

    def entries(value: object) -> list[object]:
        return cast("list[object]", value) if isinstance(value, list) else []

    def entry(value: object, key: str) -> object:
        return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None

    additional = all_right(_REGION_NAME, own.get("additionalRegions"))
    region = right(_REGION_NAME, own.get("region"))
    return Surroundings(
        project=project,
        stack=stack,
        account_id=right(_ACCOUNT_ID, own.get("accountId")),
        region=region
        if region in RUNTIME_REGIONS | set(additional) and has_endpoints(region)
        else "",
        trusted_image_accounts=all_right(_ACCOUNT_ID, own.get("trustedImageAccounts")),
        additional_regions=additional,
        expiring_patterns=all_right(
            _EXPIRING_PATTERN,
            [entry(rule, "pattern") for rule in entries(entry(own.get("registry"), "expire"))],
        ),
        production=own.get("production") is True,
    )


def _name_findings(project: str, stack: str) -> list[Finding]:
    """The names AWS limits begin with the project's; without a letter there no agent is right."""
    prefix = StackNames(project=project, stack=stack, account_id="", region="").prefix
    if prefix[:1].isalpha():
        return []
    return [
        Finding(
            key="Pulumi.yaml: name",
            given=shown(project),
            message="the name of a runtime begins with the project's, and AgentCore wants a letter "
            "there. Rename the project.",
        )
    ]


def _namespace_findings(raw: Mapping[str, Any], project: str) -> list[Finding]:
    """Pulumi hands over the keys of every namespace: a typo there would be silently ignored."""
    findings: list[Finding] = []
    for key in sorted(raw):
        namespace, _, name = key.partition(":")
        if namespace in (project, _ENGINE_NAMESPACE, *_PROVIDER_NAMESPACES):
            continue
        known = [field.alias or own for own, field in StackConfig.model_fields.items()]
        near_key = difflib.get_close_matches(name, known, n=1)
        near_namespace = difflib.get_close_matches(
            namespace, [project, _ENGINE_NAMESPACE, *_PROVIDER_NAMESPACES], n=1
        )
        if near_key and near_namespace in ([], [project]):
            hint = f" Did you mean {project}:{near_key[0]}?"
        else:
            hint = f" Did you mean the namespace {near_namespace[0]}?" if near_namespace else ""
        findings.append(
            Finding(
                key=shown_name(key),
                given=None,
                message=f"is not read: the keys of this program begin with {project}:, and it uses "
                f"no other package that takes settings.{hint} Correct or remove it.",
            )
        )
    return findings


def _provider_findings(raw: Mapping[str, Any], project: str) -> list[Finding]:
    """The program makes its own providers: settings for the default ones would be ignored."""
    findings: list[Finding] = []
    for key, value in sorted(raw.items()):
        namespace, _, name = key.partition(":")
        if namespace not in _PROVIDER_NAMESPACES or namespace == project:
            continue
        if name == "region" and value == raw.get(f"{project}:region"):
            continue
        findings.append(
            Finding(
                key=shown_name(key),
                given=None,
                message=f"differs from {project}:region, which counts. Remove it."
                if name == "region"
                else "is not read: region and account come from this project's config, "
                "credentials from the environment. Remove it; set AWS_PROFILE instead.",
            )
        )
    return findings


def _secret_findings(project: str, keys: set[str]) -> list[Finding]:
    return [
        Finding(
            key=f"{project}:{key}",
            given=None,
            message="holds a Pulumi secret, and nothing in this config reaches a runtime "
            "encrypted. Put it into Secrets Manager and pass the secret's ARN.",
        )
        for key in sorted(keys)
    ]


def load_config() -> StackConfig:
    """Read the config of the stack that is being deployed.

    Raises:
        ConfigError: with every finding.
    """
    return StackConfig.read(
        {**get_config_env(), **CONFIG.get()},
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        secret=set(get_config_secret_keys_env()),
    )
