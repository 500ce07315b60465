"""The two documents of an agent's execution role: who may assume it, and what it may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from infra.documents.contract import render
from infra.naming import StackNames

# IAM quotas: a role's trust policy (default, adjustable) and the sum of its inline policies.
TRUST_POLICY_MAX: Final = 2048
INLINE_POLICIES_MAX: Final = 10_240

_WORKLOAD_TOKENS: Final = ("GetWorkloadAccessToken", "GetWorkloadAccessTokenForJWT")
_WORKLOAD_TOKEN_FOR_USER: Final = "GetWorkloadAccessTokenForUserId"  # noqa: S105 - an action's name


@dataclass(frozen=True, kw_only=True)
class Grants:
    """What one agent may call, beyond what every container agent needs.

    Attributes:
        repository_arn: the one repository its image is pulled from.
        models: foundation model ids, granted in the stack's region.
        profiles: inference profile ids, each with the regions it routes to (none: global).
        jwt: callers authenticate by JWT, so tokens by user id alone are denied.
    """

    repository_arn: str
    models: Sequence[str] = ()
    profiles: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    jwt: bool = False


def trust_policy(names: StackNames) -> str:
    """The AgentCore service, acting for this account and region, and nobody else.

    Raises:
        DocumentTooLongError: over IAM's limit.
    """
    return render(
        "execution-role-trust.json",
        {"account_id": names.account_id, "partition": names.partition, "region": names.region},
        limit=TRUST_POLICY_MAX,
    )


def permissions_policy(names: StackNames, agent: str, grants: Grants) -> str:
    """What the agent's container may do; nothing that its config does not name.

    A profile is granted together with the model behind it in every region it routes to, bound to
    the profile by ``bedrock:InferenceProfileArn`` (Bedrock user guide, inference-profiles-prereq);
    a global profile also needs the model's ARN without a region.

    Raises:
        DocumentTooLongError: over IAM's limit.
    """
    tokens = _WORKLOAD_TOKENS if grants.jwt else (*_WORKLOAD_TOKENS, _WORKLOAD_TOKEN_FOR_USER)
    regions = {
        profile: destinations or (names.region, "")
        for profile, destinations in grants.profiles.items()
    }
    flags = {
        "jwt": grants.jwt,
        "models": bool(grants.models),
        "profiles": bool(grants.profiles),
    }
    return render(
        "execution-role-permissions.json",
        {
            "account_id": names.account_id,
            "partition": names.partition,
            "region": names.region,
            "repository_arn": grants.repository_arn,
            "runtime_name": names.runtime(agent),
            "workload_token_actions": [f"bedrock-agentcore:{action}" for action in tokens],
            "model_arns": [_model_arn(names, names.region, model) for model in grants.models],
            "profile_arns": [_profile_arn(names, profile) for profile in grants.profiles],
            "profile_model_arns": list(
                dict.fromkeys(
                    _model_arn(names, region, profile.partition(".")[2])
                    for profile, destinations in regions.items()
                    for region in destinations
                )
            ),
        },
        flags=[flag for flag, is_set in flags.items() if is_set],
        limit=INLINE_POLICIES_MAX,
    )


def _model_arn(names: StackNames, region: str, model: str) -> str:
    return f"arn:{names.partition}:bedrock:{region}::foundation-model/{model}"


def _profile_arn(names: StackNames, profile: str) -> str:
    owner = f"{names.region}:{names.account_id}"
    return f"arn:{names.partition}:bedrock:{owner}:inference-profile/{profile}"
