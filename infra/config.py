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
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from infra.agent_config import Agent
from infra.config_arns import BoundaryArn
from infra.config_model import Closed, Surroundings, around, refused
from infra.config_report import Finding, findings_of, shown, shown_name
from infra.config_values import (
    EMAIL,
    MAX_LIFECYCLE_RULES,
    PRODUCTION_NAME,
    AccountId,
    AgentName,
    AtMostFiftyTags,
    CpuUnits,
    Days,
    ExpiringPattern,
    Mebibytes,
    OrganizationId,
    RegionName,
    TagKey,
    TagValue,
)
from infra.naming import StackNames
from infra.network_config import NetworkBlock
from infra.network_values import ZoneId
from infra.regions import RUNTIME_REGIONS, has_endpoints, partition_of


class ConfigError(Exception):
    """The config of a stack is refused; ``str()`` is the whole message, one line a finding."""

    def __init__(self, stack: str, findings: list[Finding]) -> None:
        count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        head = f"the config of stack {stack} is refused ({count}); no resource was touched."
        lines = sorted(str(finding) for finding in findings)
        super().__init__("\n".join([head, *(f"  - {line}" for line in lines)]))
        self.findings = findings


class Tags(Closed):
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


class Size(Closed):
    """Size of an agent's session: CPU units (1024 = one vCPU) and MiB.

    A runtime has no size property: a microVM session may use up to 2 vCPU and 8 GiB and is
    billed by use. The size is held against that ceiling and handed to the container, which
    sizes its worker pools by it.
    """

    cpu: CpuUnits
    memory: Mebibytes


class ExpiringTags(Closed):
    """Images with a tag that matches the pattern expire so many days after their push."""

    pattern: ExpiringPattern
    days: Days


class Registry(Closed):
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


class StackConfig(Closed):
    """Everything a stack is told."""

    account_id: AccountId
    region: RegionName
    production: bool = Field(default=False, validate_default=True)
    tags: Annotated[Tags, AtMostFiftyTags]
    size: Size
    registry: Registry = Registry()
    trusted_image_accounts: tuple[AccountId, ...] = ()
    additional_regions: tuple[RegionName, ...] = ()
    additional_availability_zone_ids: tuple[ZoneId, ...] = ()
    network: NetworkBlock | None = None
    permissions_boundary: BoundaryArn | None = None
    organization_id: OrganizationId | None = None
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
_TEXT_KEYS: Final = frozenset({"accountId", "region", "permissionsBoundary", "organizationId"})
_ACCOUNT_ID: Final = TypeAdapter[str](AccountId)
_REGION_NAME: Final = TypeAdapter[str](RegionName)
_EXPIRING_PATTERN: Final = TypeAdapter[str](ExpiringPattern)


def _decoded(key: str, value: object) -> object:
    """Pulumi hands over text; what is not text in the model is JSON inside it."""
    if key in _TEXT_KEYS or not isinstance(value, str):
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
        has_network=own.get("network") is not None,
        additional_availability_zone_ids=tuple(
            zone
            for zone in entries(own.get("additionalAvailabilityZoneIds"))
            if isinstance(zone, str)
        ),
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
