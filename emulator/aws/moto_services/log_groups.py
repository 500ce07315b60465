"""CloudWatch Logs as moto has it: a group's retention and key are ones that Logs takes.

Sources: Logs API reference, PutRetentionPolicy; Logs user guide, "Encrypt log data in CloudWatch
Logs using AWS KMS": Logs encrypts in its own name, so the key's policy must let it.
"""

from typing import Any

from moto.logs.models import LogGroup, LogsBackend, logs_backends
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


class StrictLogGroups(BackendUrls, LogsBackend):
    """Logs of one account in one region."""

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
        return super().create_log_group(log_group_name, tags, **kwargs)

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


def install() -> None:
    """Make moto use these groups for every account."""
    logs_backends.backend = StrictLogGroups
