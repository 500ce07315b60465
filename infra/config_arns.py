"""ARNs in the config, and the names of secrets: whole, exact, and of the stack's own partition.

A wildcard or a policy variable would grant what nobody listed, so none is taken. The forms come
from the Service Authorization Reference ("Resource types" of IAM, KMS and Secrets Manager).
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, ValidationInfo

from infra.config_model import Surroundings, around, refused
from infra.config_report import looks_secret
from infra.regions import partition_of

_ARN: Final = re.compile(
    r"arn:(?P<partition>[a-z-]+):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*)"
    r":(?P<account>[0-9]{12}|aws)?:(?P<resource>.+)"
)
# IAM: a path of visible characters between slashes, a name of 64 (roles, users) or 128 (policies).
_PATH: Final = r"(?:[\x21-\x7E]{1,510}/)?"
_NAME: Final = r"[a-zA-Z0-9+=,.@_-]"
_SECRET_NAME: Final = re.compile(r"[a-zA-Z0-9/_+=.@!-]{1,512}")


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """One kind of ARN: what it is called, how it reads, and where the right one is found."""

    what: str
    service: str
    resource: re.Pattern[str]
    reads: str
    found: str
    regional: bool = False
    may_be_of_aws: bool = False


_ROLE: Final = _Kind(
    what="an execution role",
    service="iam",
    resource=re.compile(rf"role/(?!aws-service-role/){_PATH}{_NAME}{{1,64}}"),
    reads="arn:aws:iam::ACCOUNT:role/NAME",
    found="List yours with: aws iam list-roles",
)
_CALLER: Final = _Kind(
    what="a caller of the endpoint",
    service="iam",
    resource=re.compile(rf"(?:role|user)/{_PATH}{_NAME}{{1,64}}"),
    reads="arn:aws:iam::ACCOUNT:role/NAME, or user/NAME; a session is covered by its role",
    found="List roles with: aws iam list-roles",
)
_BOUNDARY: Final = _Kind(
    what="a permissions boundary",
    service="iam",
    resource=re.compile(rf"policy/{_PATH}{_NAME}{{1,128}}"),
    reads="arn:aws:iam::ACCOUNT:policy/NAME",
    found="List yours with: aws iam list-policies --scope Local",
    may_be_of_aws=True,
)
_KEY: Final = _Kind(
    what="a KMS key",
    service="kms",
    resource=re.compile(
        r"key/(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})"
    ),
    reads="arn:aws:kms:REGION:ACCOUNT:key/ID; an alias may be moved to another key",
    found="Find the key behind an alias with: aws kms describe-key --key-id ALIAS",
    regional=True,
)
_SECRET: Final = _Kind(
    what="a secret",
    service="secretsmanager",
    resource=re.compile(rf"secret:{_SECRET_NAME.pattern}-[a-zA-Z0-9]{{6}}"),
    reads="arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX with its six last characters; "
    "a secret of the stack's own account may be given by name",
    found="Find it with: aws secretsmanager describe-secret --secret-id NAME",
    regional=True,
)


def _read(value: str, stack: Surroundings, kind: _Kind) -> re.Match[str]:
    if any(wildcard in value for wildcard in "*?$"):
        raise refused(
            f"{kind.what} is named exactly: wildcards and policy variables are not taken",
            kind.found,
        )
    arn = _ARN.fullmatch(value)
    if (
        arn is None
        or arn["service"] != kind.service
        or arn["account"] in (None, *(() if kind.may_be_of_aws else ("aws",)))
        or bool(arn["region"]) is not kind.regional
        or not kind.resource.fullmatch(arn["resource"])
    ):
        raise refused(f"{kind.what} reads {kind.reads}", kind.found)
    if not stack.region:
        return arn
    partition = partition_of(stack.region)
    if arn["partition"] != partition:
        raise refused(
            f"the stack's region ({{region}}) lies in partition {partition}, whose ARNs begin with "
            f"arn:{partition}:",
            kind.found,
            region=stack.region,
        )
    if kind.regional and arn["region"] != stack.region:
        raise refused(
            f"{kind.what} is used in the stack's own region ({{region}}): its endpoint there does "
            "not reach another",
            "Replicate it to that region, or name one that is there.",
            region=stack.region,
        )
    return arn


def _role_arn(value: str, info: ValidationInfo) -> str:
    stack = around(info)
    arn = _read(value, stack, _ROLE)
    if stack.account_id and arn["account"] != stack.account_id:
        raise refused(
            "a runtime takes a role of the stack's own account ({account}) only",
            "Create the role there; it may assume one of the other account.",
            account=stack.account_id,
        )
    made = stack.names.role("NAME")
    if stack.region and re.fullmatch(
        re.escape(made).replace("NAME", "[a-z0-9_]+"), value.rpartition("/")[2]
    ):
        raise refused(
            "a role of this name is made, and deleted, by this stack ({made})",
            "Bring a role that is made elsewhere, or leave the key out and keep the stack's own.",
            made=made,
        )
    return value


def _boundary_arn(value: str, info: ValidationInfo) -> str:
    stack = around(info)
    arn = _read(value, stack, _BOUNDARY)
    if stack.account_id and arn["account"] not in (stack.account_id, "aws"):
        raise refused(
            "a permissions boundary is a policy of the stack's own account ({account}), or of AWS",
            "Create the policy there.",
            account=stack.account_id,
        )
    if arn["account"] == "aws" and arn["resource"] == "policy/AdministratorAccess":
        raise refused(
            "this policy allows everything and bounds nothing",
            "Name one that bounds, or leave the key out.",
        )
    return value


def _caller_arn(value: str, info: ValidationInfo) -> str:
    _read(value, around(info), _CALLER)
    return value


def _key_arn(value: str, info: ValidationInfo) -> str:
    _read(value, around(info), _KEY)
    return value


def _secret(value: str, info: ValidationInfo) -> str:
    if value.startswith("arn:") or not _SECRET_NAME.fullmatch(value):
        _read(value, around(info), _SECRET)
    elif looks_secret(value):
        raise refused(
            "this looks like a secret itself, and a config is read by many",
            "Put it into Secrets Manager and write its name or ARN.",
        )
    return value


RoleArn = Annotated[str, AfterValidator(_role_arn)]
BoundaryArn = Annotated[str, AfterValidator(_boundary_arn)]
CallerArn = Annotated[str, AfterValidator(_caller_arn)]
KeyArn = Annotated[str, AfterValidator(_key_arn)]
Secret = Annotated[str, AfterValidator(_secret)]
