"""What can be wrong with tags."""

from typing import Final

from tests.policies.forms import REPOSITORY
from tests.policies.mutation import TAGS, values

_AGENT: Final = "tagged"

MUTATIONS: Final = (
    *values(
        "tags-required",
        REPOSITORY,
        "tagsAll",
        {
            **{f"no {key}": {k: v for k, v in TAGS.items() if k != key} for key in TAGS},
            "an empty one": {**TAGS, "Owner": ""},
            "another case": {("owner" if k == "Owner" else k): v for k, v in TAGS.items()},
            "none": {},
        },
        TAGS,
        _AGENT,
    ),
    *values(
        "tags-well-formed",
        REPOSITORY,
        "tagsAll",
        {
            "a key of AWS's": {**TAGS, "aws:team": "a"},
            "a key of 129 characters": {**TAGS, "k" * 129: "a"},
            "a value of 257 characters": {**TAGS, "Team": "v" * 257},
            "51 tags": {**TAGS, **{f"Tag{n}": "a" for n in range(47)}},
            "a semicolon": {**TAGS, "Team": "a;b"},
            "a comma": {**TAGS, "Team": "a, b"},
            "no text": {**TAGS, "Team": True},
        },
        {**TAGS, "k" * 128: "v" * 256, **{f"Tag{n}": "a b" for n in range(45)}},
        _AGENT,
    ),
    *values(
        "tags-allowed-values",
        REPOSITORY,
        "tagsAll.Owner",
        {"no host": "platform-team@", "two": "a@example.com b@example.com"},
        "platform-team",
        _AGENT,
    ),
    *values(
        "tags-environment",
        REPOSITORY,
        "tagsAll.Environment",
        {"of another stack": "dev", "in capitals": "PROD"},
        "prod",
        _AGENT,
    ),
)
"""Of a repository in production."""
