"""The two documents of an agent's execution role: who may assume it, and what it may do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from infra.documents.contract import Value, render
from infra.documents.granted_arns import GrantedArns
from infra.naming import StackNames

# IAM quotas: a role's trust policy (default, adjustable) and the sum of its inline policies.
TRUST_POLICY_MAX: Final = 2048
INLINE_POLICIES_MAX: Final = 10_240

_WORKLOAD_TOKENS: Final = ("GetWorkloadAccessToken", "GetWorkloadAccessTokenForJWT")
_WORKLOAD_TOKEN_FOR_USER: Final = "GetWorkloadAccessTokenForUserId"  # noqa: S105 - an action's name


@dataclass(frozen=True, kw_only=True)
class KeyGrant:
    """A KMS key that is used through services, never by calling KMS.

    Attributes:
        arn: the key's ARN; aliases are not granted on.
        services: names as in the services' endpoints, such as ``secretsmanager`` and ``s3``.
        write: whether data is also encrypted with it.
    """

    arn: str
    services: Sequence[str]
    write: bool = False


@dataclass(frozen=True, kw_only=True)
class ObjectGrant:
    """Objects of a bucket whose keys begin with a prefix; ``write`` adds putting to getting."""

    bucket: str
    prefix: str
    write: bool = False


@dataclass(frozen=True, kw_only=True)
class Grants:
    """What one agent may call, beyond what every container agent needs.

    Attributes:
        repository_arn: the one repository its image is pulled from.
        models: foundation model ids, granted in the stack's region.
        profiles: inference profile ids, each with the regions it routes to (none: global).
        secrets: names of secrets of the stack's account and region, or full ARNs.
        keys: the keys its secrets and objects are encrypted with.
        memories: ids of memories; their data plane only.
        gateways: ids of gateways that are called with IAM.
        code_interpreters: ids of code interpreters; AWS's own is ``aws.codeinterpreter.v1``.
        browsers: ids of browsers; AWS's own is ``aws.browser.v1``.
        objects: what it reads and writes in S3.
        tracing: whether spans and sampling rules go through X-Ray.
        metrics: whether it puts metrics of its own.
        jwt: callers authenticate by JWT, so tokens by user id alone are denied.
    """

    repository_arn: str
    models: Sequence[str] = ()
    profiles: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    secrets: Sequence[str] = ()
    keys: Sequence[KeyGrant] = ()
    memories: Sequence[str] = ()
    gateways: Sequence[str] = ()
    code_interpreters: Sequence[str] = ()
    browsers: Sequence[str] = ()
    objects: Sequence[ObjectGrant] = ()
    tracing: bool = True
    metrics: bool = True
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
    arns = GrantedArns(names)
    written = [entry for entry in grants.objects if entry.write]
    flags = {
        "browsers": grants.browsers,
        "code_interpreters": grants.code_interpreters,
        "gateways": grants.gateways,
        "jwt": grants.jwt,
        "memories": grants.memories,
        "metrics": grants.metrics,
        "models": grants.models,
        "objects_read": grants.objects,
        "objects_written": written,
        "profiles": grants.profiles,
        "secrets": grants.secrets,
        "tracing": grants.tracing,
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
            "model_arns": [arns.model(model) for model in grants.models],
            "profile_arns": [arns.profile(profile) for profile in grants.profiles],
            "profile_model_arns": _once(
                arn
                for profile, regions in grants.profiles.items()
                for arn in arns.models_behind(profile, regions)
            ),
            "secret_arns": [arns.secret(secret) for secret in grants.secrets],
            "memory_arns": [arns.memory(memory) for memory in grants.memories],
            "gateway_arns": [arns.gateway(gateway) for gateway in grants.gateways],
            "code_interpreter_arns": [
                arns.code_interpreter(each) for each in grants.code_interpreters
            ],
            "browser_arns": [arns.browser(browser) for browser in grants.browsers],
            "read_object_arns": _once(
                arns.objects(entry.bucket, entry.prefix) for entry in grants.objects
            ),
            "written_object_arns": _once(
                arns.objects(entry.bucket, entry.prefix) for entry in written
            ),
        },
        flags=[flag for flag, is_set in flags.items() if is_set],
        entries={
            "decrypting_keys": _key_entries(arns, grants.keys, write=False),
            "encrypting_keys": _key_entries(arns, grants.keys, write=True),
            "listed_buckets": [
                {"bucket_arn": arns.bucket(bucket), "prefixes": prefixes}
                for bucket, prefixes in _prefixes_by_bucket(grants.objects).items()
            ],
        },
        limit=INLINE_POLICIES_MAX,
    )


def _key_entries(
    arns: GrantedArns, keys: Sequence[KeyGrant], *, write: bool
) -> list[dict[str, Value]]:
    """One statement for all keys that are used through the same services."""
    by_services: dict[tuple[str, ...], list[str]] = {}
    for key in keys:
        if key.write is write:
            via = tuple(arns.via(key.arn, service) for service in key.services)
            by_services.setdefault(via, []).append(key.arn)
    return [{"key_arns": found, "via": via} for via, found in by_services.items()]


def _prefixes_by_bucket(objects: Sequence[ObjectGrant]) -> dict[str, list[str]]:
    prefixes: dict[str, list[str]] = {}
    for grant in objects:
        listed = prefixes.setdefault(grant.bucket, [])
        if f"{grant.prefix}*" not in listed:
            listed.append(f"{grant.prefix}*")
    return prefixes


def _once(arns: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(arns))
