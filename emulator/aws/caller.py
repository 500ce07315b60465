"""Who a request comes from: the account is the access key id.

A request signed with anything that is not a 12-digit account id, and not issued here, is refused:
it carries somebody's real credentials, which must never be mixed with an offline deployment.
Signatures are not verified: there are no secrets here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from emulator.aws.errors import AwsError

_ACCOUNT = re.compile(r"\d{12}")
_SIGNED_HEADER = re.compile(r"Credential=([^,\s]+)")
_SIGNED_QUERY = re.compile(r"X-Amz-Credential=([^&]+)")

# Operations of STS that are called without credentials, by design of the service.
_UNSIGNED_STS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")


@dataclass(frozen=True)
class Caller:
    """The account, region and service a request is signed for."""

    account: str
    region: str
    service: str

    @property
    def partition(self) -> str:
        """The partition the region lies in."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"


def is_account(text: str) -> bool:
    """Whether the text is an AWS account id: 12 digits."""
    return _ACCOUNT.fullmatch(text) is not None


@dataclass(frozen=True)
class CredentialScope:
    """What a Signature Version 4 says it was made with and for."""

    access_key: str
    region: str
    service: str


def credential_scope(authorization: str, query: str) -> CredentialScope:
    """Read the scope from the Authorization header or from a presigned query.

    Raises AwsError (403) for an unsigned request.
    """
    found = _SIGNED_HEADER.search(authorization) or _SIGNED_QUERY.search(query)
    if found is None:
        raise AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403)
    parts = unquote(found.group(1)).split("/")
    if len(parts) != 5:
        raise AwsError(
            "IncompleteSignature", "The credential scope is not key/date/region/service", 403
        )
    key, _, region, service, _ = parts
    return CredentialScope(key, region, service.lower())


def caller_of(
    scope: CredentialScope, *, issued_to: Callable[[str], str | None], endpoint: str
) -> Caller:
    """Find the caller's account.

    `issued_to` tells which account an access key that was issued here belongs to.
    Raises AwsError (403) for credentials that are not ours.
    """
    key = scope.access_key
    account = key if is_account(key) else issued_to(key)
    if account is None:
        raise AwsError(
            "InvalidClientTokenId",
            f"This is the offline AWS at {endpoint}, refusing real credentials: its access key id "
            'is a 12-digit account id. Run: eval "$(make -s env)"',
            403,
        )
    return Caller(account, scope.region, scope.service)


def is_unsigned_by_design(body: bytes) -> bool:
    """Whether this is an STS call that AWS takes without credentials."""
    return any(f"Action={action}".encode() in body for action in _UNSIGNED_STS)
