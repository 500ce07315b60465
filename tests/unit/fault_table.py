"""What a table of faults is made of: a right config, edits of it, and what a finding has to say."""

import copy
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.stack_files import DIGEST

REGISTRY_HOST: Final = "111111111111.dkr.ecr.us-east-1.amazonaws.com"
TAGS: Final = {
    "Project": "agentcore",
    "Environment": "dev",
    "Owner": "platform@example.com",
    "CostCenter": "CC-1000",
}
PROFILE: Final = "us.anthropic.claude-sonnet-4-20250514-v1:0"
DISCOVERY: Final = "https://login.example.com/.well-known/openid-configuration"
SECRET_ARN: Final = "arn:aws:secretsmanager:us-east-1:111111111111:secret:db-AbCdEf"
KEY_ARN: Final = "arn:aws:kms:us-east-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
ROLE_ARN: Final = "arn:aws:iam::111111111111:role/agents/assistant"
BOUNDARY_ARN: Final = "arn:aws:iam::111111111111:policy/agents/boundary"
ARABIC_ONE: Final = "\N{ARABIC-INDIC DIGIT ONE}"  # a digit to str.isdigit and to \\d

Path = tuple[str | int, ...]
REMOVED: Final = object()


def right_config() -> dict[str, Any]:
    """A config without fault, in which every key that can be given is given."""
    return {
        "accountId": "111111111111",
        "region": "us-east-1",
        "production": False,
        "tags": {**TAGS, "Team": "agents"},
        "size": {"cpu": 512, "memory": 1024},
        "registry": {
            "untaggedDays": 14,
            "expire": [{"pattern": "pr-*", "days": 14}],
            "encryption": "AES256",
        },
        "trustedImageAccounts": ["333333333333"],
        "additionalRegions": ["us-east-9"],
        "additionalAvailabilityZoneIds": ["use1-az3"],
        "permissionsBoundary": BOUNDARY_ARN,
        "organizationId": "o-a1b2c3d4e5",
        "network": {
            "cidr": "10.64.0.0/16",
            "availabilityZoneIds": ["use1-az1", "use1-az2"],
            "egress": "nat",
            "natGateways": "single",
            "flowLogRetentionDays": 30,
            "additionalEndpoints": ["sts"],
            "egressRules": [
                {"description": "partner", "fromPort": 443, "cidr": "0.0.0.0/0"},
                {
                    "description": "orders database",
                    "protocol": "tcp",
                    "fromPort": 5432,
                    "toPort": 5433,
                    "cidr": "10.65.0.0/16",
                },
            ],
            "endpointCallers": ["arn:aws:iam::333333333333:role/app"],
            "guestRoles": ["arn:aws:iam::111111111111:role/guest"],
        },
        "agents": {
            "assistant": {
                "description": "answers",
                "image": DIGEST,
                "networkMode": "VPC",
                "additionalSecurityGroupIds": ["sg-0123456789abcdef0"],
                "executionRoleArn": ROLE_ARN,
                "tracing": False,
                "metrics": True,
                "secrets": ["db/orders"],
                "kmsKeys": [{"arn": KEY_ARN, "via": ["secretsmanager"], "write": False}],
                "memories": ["notes-0123456789"],
                "gateways": ["tools-0123456789"],
                "codeInterpreters": ["aws.codeinterpreter.v1"],
                "browsers": ["aws.browser.v1"],
                "s3Prefixes": [{"bucket": "orders", "prefix": "reports/", "write": True}],
                "models": ["anthropic.claude-3-haiku-20240307-v1:0"],
                "inferenceProfiles": [
                    {"id": PROFILE, "destinationRegions": ["us-east-1", "us-west-2"]}
                ],
                "environment": {"LOG_LEVEL": "info"},
                "protocol": "HTTP",
                "lifecycle": {"idleTimeout": 600, "maxLifetime": 3600},
                "requestHeaders": ["X-Trace"],
                "authorizer": {
                    "discoveryUrl": DISCOVERY,
                    "allowedAudience": ["agents"],
                    "allowedClients": [],
                    "allowedScopes": ["agents/invoke"],
                },
                "endpoints": {"live": 1},
            },
            "writer": {},
        },
    }


def right_config_of(region: str) -> dict[str, Any]:
    """The same config for another region, without what belongs to one."""
    config = right_config()
    config["region"] = region
    del config["additionalAvailabilityZoneIds"], config["network"]["availabilityZoneIds"]
    del config["agents"]["assistant"]["kmsKeys"]
    return config


@dataclass(frozen=True)
class Edit:
    """One place of a config and what stands there; REMOVED takes the key out."""

    path: Path
    value: object

    def applied(self, config: dict[str, Any]) -> dict[str, Any]:
        edited = copy.deepcopy(config)
        node: Any = edited
        for part in self.path[:-1]:
            node = node[part]
        last = self.path[-1]
        if self.value is REMOVED:
            del node[last]
        else:
            node[last] = copy.deepcopy(self.value)
        return edited


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A wrong edit, the right one beside it, and what the one finding has to say.

    Attributes:
        key: where the finding points to, without the project.
        says: parts of the message: what is allowed, and the way out.
        shows: what of the value is told; None where it has to be withheld or there is none.
        undone_by: paths whose own faults leave nothing to hold this one against.
    """

    bad: Edit
    good: Edit
    key: str
    says: tuple[str, ...]
    shows: str | None
    undone_by: tuple[Path, ...] = ()
    stack: str = "dev"

    @property
    def name(self) -> str:
        given = "removed" if self.bad.value is REMOVED else repr(self.bad.value)
        path = dotted(self.bad.path)
        where = self.key if path == self.key else f"{self.key} by {path}"
        text = f"{where}={given}".encode("ascii", "backslashreplace").decode()
        return text if len(text) < 80 else f"{text[:76]}...{zlib.crc32(text.encode()):08x}"


def dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _shows(value: object) -> str | None:
    if value is REMOVED or value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value[:50]}' if value.isprintable() and not set('"\\') & set(value) else None
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else str(value)


@dataclass
class Table:
    faults: list[Fault] = field(default_factory=list[Fault])

    def values(
        self,
        path: Path,
        bad: Sequence[object],
        good: Sequence[object],
        *says: str,
        key: str | None = None,
        shown: bool = True,
        undone_by: tuple[Path, ...] = (),
        stack: str = "dev",
    ) -> None:
        """Wrong values of one key, each beside a right one (the last right one serves the rest)."""
        for index, value in enumerate(bad):
            self.faults.append(
                Fault(
                    bad=Edit(path, value),
                    good=Edit(path, good[min(index, len(good) - 1)]),
                    key=key or dotted(path),
                    says=says,
                    shows=_shows(value) if shown and key is None else None,
                    undone_by=undone_by,
                    stack=stack,
                )
            )

    def keys(
        self,
        path: Path,
        pairs: Sequence[tuple[str, str, str]],
        value: object,
        *says: str,
        undone_by: tuple[Path, ...] = (),
    ) -> None:
        """Wrong keys of a mapping: (wrong, right, what the message says besides)."""
        for bad, good, also in pairs:
            self.faults.append(
                Fault(
                    bad=Edit((*path, bad), value),
                    good=Edit((*path, good), value),
                    key=dotted((*path, bad.replace("\n", "\\n").replace("\t", "\\t"))),
                    says=(*says, also) if also else says,
                    shows=_shows(bad),
                    undone_by=undone_by,
                )
            )

    def unknown_key(self, path: Path, near: str | None) -> None:
        """A key that nobody reads, and the nearest known one, if any is near."""
        says = f"Did you mean {near}?" if near else "Known here:"
        self.faults.append(
            Fault(
                bad=Edit(path, "hunter2"),
                good=Edit(("production",), value=False),
                key=dotted(path),
                says=("unknown key.", says, "Known here:"),
                shows=None,
            )
        )


NOT_TEXT: Final[tuple[object, ...]] = (5, True, 1.5, None, [], {})
NOT_MAPPINGS: Final[tuple[object, ...]] = ("x", 5, True, None, [])
NOT_LISTS: Final[tuple[object, ...]] = ("x", 5, False, None, {})
NOT_NUMBERS: Final[tuple[object, ...]] = ("512", "0x200", 512.5, True, None, [], {})
AGENT: Final[Path] = ("agents", "assistant")
TEXT: Final = "must be text; quote it in the YAML file"
NUMBER: Final = "must be a whole number"
MAPPING: Final = "must be a mapping (key: value)"
LIST: Final = "must be a list"
