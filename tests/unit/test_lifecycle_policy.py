"""Expiry rules: no pattern reaches a release tag, and the order is the one given."""

import fnmatch
import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from infra.config_values import ExpiringPattern
from infra.documents.lifecycle_policy import RELEASE_WORDS, Expiry, lifecycle_policy

_PATTERN = TypeAdapter[str](ExpiringPattern)
_TEXTS = st.from_regex(r"[a-zA-Z0-9_.*-]{1,8}", fullmatch=True)
# Tags that tell a version: 1, v1.4, 1.4.2, v2.0.0-rc.1, 2026.11.22
_VERSIONS = st.from_regex(
    r"[vV]?[0-9]{1,4}(\.[0-9]{1,3}){0,3}(-[a-z]{1,4}(\.[0-9])?)?", fullmatch=True
)
# Tags that tell it by a word: stable, Release-7, prod_eu
_NAMED = st.from_regex(
    rf"(?i:{'|'.join(RELEASE_WORDS)})([0-9._-][a-zA-Z0-9._-]{{0,4}})?", fullmatch=True
)
# The tag that a push is given when it names none; the digest alone stands in the config.
_PUSHED = st.from_regex(r"sha-[0-9a-f]{12}", fullmatch=True)
_RELEASES = _VERSIONS | _NAMED | _PUSHED


def _patterns_near(tag: str) -> st.SearchStrategy[str]:
    """Patterns that share the tag's beginning, and so are likelier to match than any text."""
    heads = st.integers(0, len(tag)).map(lambda length: tag[:length])
    return st.tuples(heads, _TEXTS).map(lambda parts: f"{parts[0]}{parts[1]}*")


def _is_taken(pattern: str) -> bool:
    try:
        _PATTERN.validate_python(pattern)
    except ValidationError:
        return False
    return True


def _rules(expire: list[Expiry]) -> list[dict[str, Any]]:
    return json.loads(lifecycle_policy(untagged_days=14, expire=expire))["rules"]


@given(_TEXTS | _RELEASES.flatmap(_patterns_near), _RELEASES)
def test_no_pattern_that_the_config_takes_matches_a_release_tag(pattern: str, tag: str) -> None:
    assume(_is_taken(pattern))

    assert not fnmatch.fnmatchcase(tag, pattern), "the runtime's image would be deleted"


@given(_RELEASES, st.integers(0, 16), st.integers(0, 16))
def test_no_pattern_cut_from_a_release_tag_is_taken(tag: str, head: int, tail: int) -> None:
    assert not _is_taken(f"{tag[:head]}*{tag[max(head, tail) :]}"), "it would match the tag"
    assert not _is_taken(tag), "it is the tag"


@given(st.lists(st.tuples(_TEXTS, st.integers(1, 730)), max_size=12))
def test_rules_follow_the_order_given_and_the_untagged_one_is_last(
    entries: list[tuple[str, int]],
) -> None:
    rules = _rules([Expiry(pattern=pattern, days=days) for pattern, days in entries])

    assert [rule["rulePriority"] for rule in rules] == list(range(1, len(rules) + 1)), (
        "ECR refuses a priority used twice"
    )
    assert [rule["selection"].get("tagPatternList") for rule in rules[:-1]] == [
        [pattern] for pattern, _ in entries
    ]
    assert [rule["selection"]["countNumber"] for rule in rules[:-1]] == [d for _, d in entries]
    assert rules[-1]["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    }


def test_there_is_no_rule_for_any_image_and_none_by_count() -> None:
    for rule in _rules([Expiry(pattern="pr-*", days=3)]):
        assert rule["selection"]["tagStatus"] in {"tagged", "untagged"}, "any would match releases"
        assert rule["selection"]["countType"] == "sinceImagePushed", "a count expires what runs"
        assert rule["action"] == {"type": "expire"}
