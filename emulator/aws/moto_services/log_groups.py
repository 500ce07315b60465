"""CloudWatch Logs as moto has it: a group's retention and key are ones that Logs takes.

Kept: a group's class, its protection against deletion, and a key that is given or taken away later.
Sources: Logs API reference, PutRetentionPolicy, AssociateKmsKey, PutLogGroupDeletionProtection and
DeleteLogGroup; Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS": Logs encrypts
in its own name, so the key's policy must let it.
"""

from typing import Any, cast

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend, logs_backends
from moto.logs.responses import LogsResponse
from moto.utilities.utils import get_partition

from emulator.aws.iam_evaluation import Action, Decision, decide
from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.refused import Refused
from emulator.aws.moto_services.stricter import backends

_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827),
    *(2192, 2557, 2922, 3288, 3653),
)
_NEEDED = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")
_TAGS_PER_GROUP = 50


class LogGroupResponses(LogsResponse):
    """Requests to Logs, where moto does not see all of them."""

    def create_log_group(self) -> str:
        """Create the group with all that it was given."""
        self.logs_backend.create_log_group(
            self._get_param("logGroupName"),
            self._get_param("tags"),
            kmsKeyId=self._get_param("kmsKeyId"),
            logGroupClass=self._get_param("logGroupClass"),
            deletionProtectionEnabled=self._get_param("deletionProtectionEnabled"),
        )
        return ""

    def associate_kms_key(self) -> str:
        """Encrypt what comes from here on with the key."""
        self._groups.associate_key(self._named(), self._get_param("kmsKeyId"))
        return ""

    def disassociate_kms_key(self) -> str:
        """Encrypt with no key of the account's."""
        self._groups.associate_key(self._named(), None)
        return ""

    def put_log_group_deletion_protection(self) -> str:
        """Protect the group against deletion, or stop to."""
        group = self._groups.group(_name(self._get_param("logGroupIdentifier")))
        group.deletion_protection = bool(self._get_param("deletionProtectionEnabled"))
        return ""

    def _named(self) -> str:
        return _name(self._get_param("logGroupName") or self._get_param("resourceIdentifier"))

    @property
    def _groups(self) -> "StrictLogGroups":
        return cast("StrictLogGroups", self.logs_backend)


class ProtectedLogGroup(LogGroup):
    """A log group that has a class and may be protected."""

    def __init__(self, account_id: str, region: str, name: str, **kwargs: Any) -> None:
        super().__init__(account_id, region, name, **kwargs)
        self.log_group_class = kwargs.get("logGroupClass") or "STANDARD"
        self.deletion_protection = bool(kwargs.get("deletionProtectionEnabled"))

    def to_describe_dict(self) -> dict[str, Any]:
        """Describe it as DescribeLogGroups does."""
        return {
            **super().to_describe_dict(),
            "logGroupClass": self.log_group_class,
            "deletionProtectionEnabled": self.deletion_protection,
        }


class StrictLogGroups(BackendUrls, LogsBackend):
    """Logs of one account in one region."""

    responses = LogGroupResponses

    def create_log_group(
        self, log_group_name: str, tags: dict[str, str], **kwargs: Any
    ) -> LogGroup:
        """Create the group when Logs may use its key."""
        if len(tags or {}) > _TAGS_PER_GROUP:
            raise Refused(
                "InvalidParameterException",
                f"1 validation error detected: Value at 'tags' failed to satisfy constraint: "
                f"Member must have length less than or equal to {_TAGS_PER_GROUP}",
            )
        if log_group_name.startswith("aws/"):
            raise Refused(
                "InvalidParameterException", "Log group names starting with 'aws/' are reserved."
            )
        key = kwargs.get("kmsKeyId")
        if key and log_group_name not in self.groups:
            self._check_key(key, log_group_name)
        super().create_log_group(log_group_name, tags, **kwargs)
        group = cast(
            "ProtectedLogGroup",
            ProtectedLogGroup(self.account_id, self.region_name, log_group_name, **kwargs),
        )
        self.groups[log_group_name] = group
        return group

    def delete_log_group(self, log_group_name: str) -> None:
        """Delete the group unless it is protected."""
        if self.group(log_group_name).deletion_protection:
            raise Refused(
                "ValidationException",
                f"The log group {log_group_name} cannot be deleted: deletion protection is "
                "enabled for it.",
            )
        super().delete_log_group(log_group_name)

    def associate_key(self, log_group_name: str, key: str | None) -> None:
        """Encrypt the group with a key that Logs may use, or with none of the account's."""
        group = self.group(log_group_name)
        if key:
            self._check_key(key, log_group_name)
        group.kms_key_id = key

    def group(self, name: str) -> ProtectedLogGroup:
        """Return the group of that name. Raises ResourceNotFoundException."""
        if name not in self.groups:
            raise ResourceNotFoundException
        return cast("ProtectedLogGroup", self.groups[name])

    def put_retention_policy(self, log_group_name: str, retention_in_days: str) -> None:
        """Keep events for one of the times that Logs offers."""
        if int(retention_in_days) not in _DAYS:
            raise Refused(
                "InvalidParameterException",
                f"1 validation error detected: Value '{retention_in_days}' at 'retentionInDays' "
                "failed to satisfy constraint: Member must satisfy enum value set: "
                f"[{', '.join(map(str, _DAYS))}]",
            )
        super().put_retention_policy(log_group_name, retention_in_days)

    def _check_key(self, arn: str, log_group_name: str) -> None:
        partition = get_partition(self.region_name)
        group = (
            f"arn:{partition}:logs:{self.region_name}:{self.account_id}:log-group:{log_group_name}"
        )
        keys = backends("kms")[self.account_id][self.region_name].keys
        key = keys.get(arn.rpartition("/")[2])
        usable = key is not None and key.arn == arn and key.enabled
        if not usable or not all(self._may(action, key, group) for action in _NEEDED):
            raise Refused(
                "AccessDeniedException",
                "The specified KMS key does not exist or is not allowed to be used with Arn "
                f"'{group}'",
            )

    def _may(self, action: str, key: Any, group: str) -> bool:
        services = (f"logs.{self.region_name}.amazonaws.com", "logs.amazonaws.com")
        asked = Action(
            action,
            resource=key.arn,
            principals=frozenset(f"Service:{service}" for service in services),
            context={
                "kms:EncryptionContext:aws:logs:arn": group,
                "aws:SourceAccount": self.account_id,
                "aws:SourceArn": group,
                "kms:CallerAccount": self.account_id,
                "kms:ViaService": services[0],
            },
        )
        return decide([key.policy], asked) is Decision.ALLOW


def _name(identifier: str) -> str:
    """Return a group's name from its name or its ARN."""
    return identifier.rpartition(":log-group:")[2].removesuffix(":*")


def install() -> None:
    """Make moto use these groups for every account."""
    logs_backends.backend = StrictLogGroups
