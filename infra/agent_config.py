"""One agent in the config: its image, its network mode, what its role may do, its callers."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from infra.config_arns import RoleArn, Secret
from infra.config_model import Closed, around, refused, without_repetition
from infra.config_values import (
    MAX_HEADERS,
    Description,
    DiscoveryUrl,
    Endpoints,
    Environment,
    HeaderName,
    Image,
    ModelId,
    NotBlank,
    ProfileId,
    RegionName,
    Scope,
    Seconds,
    outside,
)
from infra.grant_config import (
    BrowserId,
    CodeInterpreterId,
    GatewayId,
    KmsKey,
    MemoryId,
    S3Prefix,
)
from infra.image_reference import ImageReference, parse_image
from infra.network_config import MAX_ADDITIONAL_SECURITY_GROUPS
from infra.network_values import SecurityGroupId


class Lifecycle(Closed):
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


class InferenceProfile(Closed):
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


class Authorizer(Closed):
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


class Agent(Closed):
    """One agent: its image, where it runs, what its role may do, and how its runtime behaves.

    Attributes:
        network_mode: VPC runs it in the stack's network, PUBLIC in the service's own.
        additional_security_group_ids: of its interfaces, besides the stack's own group.
        tracing: whether its role may send traces to X-Ray.
        metrics: whether its role may put CloudWatch metrics.
        secrets: by name, where they are the stack's own account's, or by ARN.
        execution_role_arn: a role made elsewhere; the stack then makes none for this agent.
    """

    description: Description | None = None
    image: Image | None = None
    network_mode: Literal["PUBLIC", "VPC"] = Field(default="PUBLIC", validate_default=True)
    additional_security_group_ids: tuple[SecurityGroupId, ...] = ()
    execution_role_arn: RoleArn | None = None
    models: tuple[ModelId, ...] = ()
    inference_profiles: tuple[InferenceProfile, ...] = ()
    tracing: bool = True
    metrics: bool = True
    secrets: tuple[Secret, ...] = ()
    kms_keys: tuple[KmsKey, ...] = ()
    memories: tuple[MemoryId, ...] = ()
    gateways: tuple[GatewayId, ...] = ()
    code_interpreters: tuple[CodeInterpreterId, ...] = ()
    browsers: tuple[BrowserId, ...] = ()
    s3_prefixes: tuple[S3Prefix, ...] = ()
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

    @field_validator("network_mode")
    @classmethod
    def _fits_the_network(cls, value: str, info: ValidationInfo) -> str:
        stack = around(info)
        if value == "VPC" and not stack.has_network:
            raise refused(
                "an agent in VPC mode needs a network, and this stack has none",
                "Add the network block, such as cidr 10.64.0.0/16"
                + ("." if stack.production else ", or set networkMode to PUBLIC."),
            )
        if value == "PUBLIC" and stack.production:
            raise refused(
                "production agents run in VPC mode (AWS Security Hub, BedrockAgentCore.1), and "
                "PUBLIC is what an agent has that says nothing",
                "Set networkMode to VPC, and give the stack a network.",
            )
        return value

    @field_validator("additional_security_group_ids")
    @classmethod
    def _fit_a_runtime(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if value and info.data.get("network_mode") == "PUBLIC":
            raise refused(
                "an agent in PUBLIC mode has no security groups: these would be ignored",
                "Set networkMode to VPC, or remove them.",
            )
        if len(value) > MAX_ADDITIONAL_SECURITY_GROUPS:
            raise refused(
                f"a runtime takes {MAX_ADDITIONAL_SECURITY_GROUPS} security groups besides the "
                f"stack's own, these are {len(value)}",
                "Shorten the list.",
            )
        return without_repetition(value)

    @field_validator("models", "secrets", "memories", "gateways", "code_interpreters", "browsers")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return without_repetition(value)

    @field_validator("inference_profiles")
    @classmethod
    def _profiles_once(cls, value: tuple[InferenceProfile, ...]) -> tuple[InferenceProfile, ...]:
        without_repetition(tuple(profile.id for profile in value))
        return value

    @field_validator("kms_keys")
    @classmethod
    def _keys_once(cls, value: tuple[KmsKey, ...]) -> tuple[KmsKey, ...]:
        without_repetition(tuple(key.arn for key in value))
        return value

    @field_validator("s3_prefixes")
    @classmethod
    def _prefixes_once(cls, value: tuple[S3Prefix, ...]) -> tuple[S3Prefix, ...]:
        without_repetition(tuple(f"{entry.bucket}/{entry.prefix}" for entry in value))
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
