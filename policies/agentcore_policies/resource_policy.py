"""Policies of resources: which property holds one, and whom its statements let in."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from agentcore_policies import iam_document
from agentcore_policies.iam_document import ConditionKey, Document, Fault, Statement
from agentcore_policies.iam_wildcards import has_wildcard
from agentcore_policies.model import Resource

ECR_POLICIES: Final[Mapping[str, str]] = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": "repositoryPolicy",
    "aws-native:ecr:Repository": "repositoryPolicyText",
    "aws-native:ecr:RegistryPolicy": "policyText",
    "aws-native:ecr:RepositoryCreationTemplate": "repositoryPolicy",
}
KMS_POLICIES: Final[Mapping[str, str]] = {
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:kms/replicaKey:ReplicaKey": "policy",
    "aws:kms/externalKey:ExternalKey": "policy",
    "aws:kms/replicaExternalKey:ReplicaExternalKey": "policy",
    "aws-native:kms:Key": "keyPolicy",
    "aws-native:kms:ReplicaKey": "keyPolicy",
}
SNS_POLICIES: Final[Mapping[str, str]] = {
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws-native:sns:TopicPolicy": "policyDocument",
    "aws-native:sns:TopicInlinePolicy": "policyDocument",
}
SECRET_POLICIES: Final[Mapping[str, str]] = {
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws-native:secretsmanager:ResourcePolicy": "resourcePolicy",
}
ENDPOINT_POLICIES: Final[Mapping[str, str]] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "policy",
    "aws-native:ec2:VpcEndpoint": "policyDocument",
}
AGENTCORE_POLICIES: Final[Mapping[str, str]] = {
    "aws:bedrock/agentcoreResourcePolicy:AgentcoreResourcePolicy": "policy",
    "aws-native:bedrockagentcore:ResourcePolicy": "policy",
}
LOGS_POLICIES: Final[Mapping[str, str]] = {
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    "aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy": (
        "deliveryDestinationPolicy"
    ),
    "aws-native:logs:ResourcePolicy": "policyDocument",
    "aws-native:logs:Destination": "destinationPolicy",
    "aws-native:logs:LogGroup": "resourcePolicyDocument",
}
# Types that are nothing but a policy: without one they hold a fault, not AWS's default.
POLICY_ONLY: Final = frozenset(
    {
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:ecr/registryPolicy:RegistryPolicy",
        "aws-native:ecr:RegistryPolicy",
        "aws:kms/keyPolicy:KeyPolicy",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws-native:sns:TopicPolicy",
        "aws-native:sns:TopicInlinePolicy",
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        "aws-native:secretsmanager:ResourcePolicy",
        *AGENTCORE_POLICIES,
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy",
        "aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy",
        "aws-native:logs:ResourcePolicy",
    }
)


def document_of(resource: Resource, policies: Mapping[str, str]) -> Document | None:
    """The policy a resource has; None where AWS's default holds, which lets in nobody else."""
    path = policies[resource.type]
    value = resource.at(path)
    if value in (None, "") and resource.type not in POLICY_ONLY:
        return None
    return iam_document.read(value, path, "trust")


def faults_of(document: Document) -> Iterator[Fault]:
    """What a service would refuse in the policy of its resource.

    It is read as a trust policy, which may name neither resources nor an older grammar.
    """
    for fault in document.faults:
        if not fault.path.endswith((".Resource", ".NotResource", ".Version")):
            yield fault


def open_principals(statement: Statement) -> Sequence[str]:
    """Principals of a statement that are not certain ones: wildcards, and everybody but some."""
    found = [
        f"{kind} {name}" if kind != "*" else name
        for kind, names in statement.principals()
        for name in names.known
        if has_wildcard(name)
    ]
    if "NotPrincipal" in statement.elements:
        found.append("everybody but those in NotPrincipal")
    return found


def hidden_principals(statement: Statement) -> Iterator[str]:
    """Paths of principals that are not known."""
    return (names.path for _, names in statement.principals() if not names.is_whole)


def bounds(statement: Statement) -> bool:
    """Whether a condition of the statement holds for callers of certain accounts or networks only.

    A condition counts when a request that lacks its key does not meet it, and when every value it
    allows is bounded: an account, an organization, an ARN with account, a VPC or its endpoint, a
    range of addresses. Tags, user agents, times and services do not count: anybody can have them.
    """
    return any(_is_bound(condition) for condition in statement.conditions)


def bounds_encryption(statement: Statement) -> bool:
    """Whether a key is used for encryption of a certain account's resource only.

    The context that a service encrypts with names the resource by its ARN, as
    ``kms:EncryptionContext:aws:sns:topicArn`` does.
    """
    return any(
        condition.key.lower().startswith(_ENCRYPTION_CONTEXT)
        and _is_bound(condition, {condition.key.lower(): _is_arn})
        for condition in statement.conditions
    )


def is_bound_to(statement: Statement, key: str) -> bool:
    """Whether a condition on this key, in lower case, bounds the statement."""
    return any(
        condition.key.lower() == key and _is_bound(condition) for condition in statement.conditions
    )


def names_callers(condition: ConditionKey) -> bool:
    """Whether a condition leaves only callers in that it names, wherever they call from."""
    return _is_bound(condition, _CALLERS)


def account_of(principal: str) -> str | None:
    """The account of an AWS principal."""
    found = _PRINCIPAL.fullmatch(principal)
    return (found["id"] or found["account"]) if found else None


def is_account(principal: str) -> bool:
    """Whether an AWS principal is an account, and so everybody its IAM policies allow."""
    found = _PRINCIPAL.fullmatch(principal)
    return bool(found and (found["id"] or found["who"] == "root"))


def hidden_bounds(statement: Statement) -> Iterator[str]:
    """Paths of conditions that might bound the statement and are not known."""
    yield from statement.hidden_conditions
    for condition in statement.conditions:
        if not condition.values.is_whole and _bound_of(condition, _BOUNDS):
            yield condition.path


def _is_bound(condition: ConditionKey, bounds: "_Bounds | None" = None) -> bool:
    bound = _bound_of(condition, _BOUNDS if bounds is None else bounds)
    values = condition.values
    return bool(bound and values.known and values.is_whole and all(map(bound, values.known)))


def _bound_of(condition: ConditionKey, bounds: "_Bounds") -> Callable[[str], bool] | None:
    """What a value has to be for the condition to bound; None where none does."""
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    if operator not in _OPERATORS:
        return None
    key = condition.key.lower()
    if operator == "ipaddress":
        is_of_address = bounds is _BOUNDS and key in ("aws:sourceip", "aws:vpcsourceip")
        return _is_narrow if is_of_address else None
    return bounds.get(key)


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)


def _form(pattern: str) -> Callable[[str], bool]:
    expression = re.compile(pattern)
    return lambda value: expression.fullmatch(value) is not None


_PRINCIPAL: Final = re.compile(
    r"(?P<id>[0-9]{12})|arn:[a-z-]+:(?:iam|sts)::(?P<account>[0-9]{12}):(?P<who>.+)"
)
_is_account: Final = _form(r"[0-9]{12}|\$\{aws:ResourceAccount\}")
_is_organization: Final = _form(r"o-[a-z0-9]{10,32}|\$\{aws:ResourceOrgID\}")
_is_path: Final = _form(r"o-[a-z0-9]{10,32}/.*")
_is_vpc: Final = _form(r"vpc-[0-9a-f]{8,17}")
_is_vpc_endpoint: Final = _form(r"vpce-[0-9a-f]{8,17}")
# A bucket's ARN names no account, but a bucket's name is nobody else's.
_is_arn: Final = _form(
    r"arn:[a-z*-]+:[a-z0-9*-]+:[a-z0-9*-]*:(?:[0-9]{12}|\$\{aws:ResourceAccount\}):.+"
    r"|arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{2,62}"
)
_ENCRYPTION_CONTEXT: Final = "kms:encryptioncontext:"
_is_logs_arn: Final = _form(r"arn:[a-z*-]+:logs:[a-z0-9*-]+:[0-9]{12}:.+")

_OPERATORS: Final = (
    *("stringequals", "stringequalsignorecase", "stringlike"),
    *("arnequals", "arnlike", "ipaddress"),
)
# IAM user guide, global condition keys; S3 user guide, "The meaning of public".
_Bounds: TypeAlias = Mapping[str, Callable[[str], bool]]
_BOUNDS: Final[_Bounds] = {
    "aws:principalaccount": _is_account,
    "aws:sourceaccount": _is_account,
    "aws:sourceowner": _is_account,
    "aws:vpceaccount": _is_account,
    "kms:calleraccount": _is_account,
    "aws:principalorgid": _is_organization,
    "aws:sourceorgid": _is_organization,
    "aws:vpceorgid": _is_organization,
    "aws:principalorgpaths": _is_path,
    "aws:sourceorgpaths": _is_path,
    "aws:vpceorgpaths": _is_path,
    "aws:principalarn": _is_arn,
    "aws:sourcearn": _is_arn,
    "aws:sourcevpc": _is_vpc,
    "aws:sourcevpce": _is_vpc_endpoint,
    "kms:encryptioncontext:aws:logs:arn": _is_logs_arn,
}
# What tells who calls: of all of a VPC's calls the network is the same.
_CALLERS: Final[_Bounds] = {
    **{
        key: _BOUNDS[key]
        for key in (
            *("aws:principalaccount", "aws:principalarn", "aws:principalorgid"),
            *("aws:principalorgpaths", "aws:sourceaccount"),
        )
    },
    "aws:principalservicename": _form(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?"),
    "aws:userid": _form(r"A[A-Z0-9]{15,}(?::.*)?|[0-9]{12}"),
}
