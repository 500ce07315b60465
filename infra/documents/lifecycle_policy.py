"""Which images of an agent's repository expire."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# What teams begin the tags with that runtimes are deployed from; sha-1f2e3d4c5b6a is the tag the
# push command gives when it is told none.
RELEASE_WORDS: Final = (
    "final",
    "ga",
    "gold",
    "hotfix",
    "live",
    "lts",
    "prd",
    "prod",
    "production",
    "r",
    "rc",
    "rel",
    "release",
    "sha",
    "stable",
    "v",
    "ver",
    "version",
)
_RELEASE_BEGINNINGS: Final = (
    *"0123456789",
    *(f"{word}{after}" for word in RELEASE_WORDS for after in "0123456789._-"),
)


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """Images with a tag that matches the pattern expire so many days after their push."""

    pattern: str
    days: int


def can_match_release_tag(pattern: str) -> bool:
    """Whether a tag pattern of ECR (literal but for ``*``) matches the tag of some release.

    A release tag is a version number (``1.4.2``, ``v2-rc.1``, ``2026.11``), or one of
    ``RELEASE_WORDS`` in any case, alone or with a digit or one of ``. _ -`` after it
    (``release-7``, ``Prod_eu``, ``sha-1f2e3d4c5b6a``). A team's other conventions are not known
    here: the config also refuses a pattern that matches the tag of an agent's image.
    """
    head, star, _ = pattern.lower().partition("*")
    if not star:
        return head in RELEASE_WORDS or head.startswith(_RELEASE_BEGINNINGS)
    return any(
        head.startswith(beginning) or beginning.startswith(head)
        for beginning in _RELEASE_BEGINNINGS
    )


def lifecycle_policy(*, untagged_days: int, expire: Sequence[Expiry] = ()) -> str:
    """Untagged images expire, and images of the patterns named.

    ECR knows nothing of runtimes: a rule that matches one tag of a running image deletes it, also
    when the runtime names the image by digest. So there is no rule for any image and none by count,
    and the config takes no pattern of which :func:`can_match_release_tag` is true. An image pushed
    with a throw-away tag only does expire, whoever runs it. Priorities follow the order given, the
    untagged rule last (ECR user guide, lifecycle policy parameters: no two rules may share one).
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
