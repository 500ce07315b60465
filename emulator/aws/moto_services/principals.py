"""Which principals of a policy document exist: AWS refuses a policy that names one which does not.

Source: "AWS JSON policy elements: Principal" of the IAM user guide. Any account exists here. Which
service principals there are is not known here: their form is looked at. Federated principals,
federated users (sessions that no IAM entity stands for) and canonical users are taken unseen.
"""

import re
from collections.abc import Iterable, Iterator
from typing import cast

from moto.iam.models import iam_backends

from emulator.aws.moto_services.policy_document import JsonObject, listed

_ACCOUNT = re.compile(r"\d{12}|arn:aws[a-z-]*:iam::\d{12}:root")
_ENTITY = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):(?P<kind>role|user)/\S+"
)
_SESSION = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/\S+"
)
_FEDERATED_USER = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:federated-user/\S+")
_UNIQUE_ID = re.compile(r"A(IDA|ROA)[A-Z0-9]{12,}")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")


def unknown_principals(statements: Iterable[JsonObject]) -> Iterator[tuple[str, str]]:
    """Yield the kind ("AWS", "Service") and the name of each principal that does not exist."""
    for statement in statements:
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element, {})
            if named == "*":
                continue
            for kind, names in cast("JsonObject", named).items():
                for name in listed(names):
                    if not _exists(kind, name):
                        yield kind, name


def _exists(kind: str, name: str) -> bool:
    match kind:
        case "Service":
            return _SERVICE.fullmatch(name) is not None
        case "AWS":
            return (
                name == "*"
                or _ACCOUNT.fullmatch(name) is not None
                or _FEDERATED_USER.fullmatch(name) is not None
                or _UNIQUE_ID.fullmatch(name) is not None
                or _is_entity(name)
            )
        case _:
            return True


def _is_entity(arn: str) -> bool:
    if session := _SESSION.fullmatch(arn):
        roles = iam_backends[session["account"]][session["partition"]].roles
        return any(role.name == session["role"] for role in list(roles.values()))
    entity = _ENTITY.fullmatch(arn)
    if entity is None:
        return False
    backend = iam_backends[entity["account"]][entity["partition"]]
    known = backend.roles if entity["kind"] == "role" else backend.users
    return any(one.arn == arn for one in list(known.values()))
