"""Which images of an agent's repository expire."""

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """Images whose every tag matches the pattern expire so many days after their push."""

    pattern: str
    days: int


def lifecycle_policy(*, untagged_days: int, expire: Sequence[Expiry] = ()) -> str:
    """Untagged images expire, and images of the patterns named; a release tag never does.

    ECR knows nothing of runtimes: a rule that matches a running image's tag deletes it. So there is
    no rule for any image and none by count. Priorities follow the order given, the untagged rule
    last (ECR user guide, lifecycle policy parameters: no two rules may share a priority).
    """
    tagged = [
        {
            "rulePriority": priority,
            "description": f"{entry.pattern} expires after {entry.days} days",
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": [entry.pattern],
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": entry.days,
            },
            "action": {"type": "expire"},
        }
        for priority, entry in enumerate(expire, start=1)
    ]
    untagged = {
        "rulePriority": len(tagged) + 1,
        "description": f"untagged images expire after {untagged_days} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": untagged_days,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [*tagged, untagged]}, separators=(",", ":"))
