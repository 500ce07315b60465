"""Patterns are compared as the sets of texts they match."""

import fnmatch
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.wildcards import covers, overlap

_PATTERNS = st.text(alphabet="ab*?", max_size=4)
# Long enough to tell any two patterns of that length apart, with a letter that is in neither.
_TEXTS = ["".join(text) for n in range(7) for text in itertools.product("abx", repeat=n)]


def _matched(pattern: str) -> set[str]:
    form = re.compile(fnmatch.translate(pattern))
    return {text for text in _TEXTS if form.match(text)}


@given(_PATTERNS, _PATTERNS)
def test_a_pattern_covers_another_when_it_matches_every_text_of_it(one: str, other: str) -> None:
    assert covers(one, other) is (_matched(other) <= _matched(one))


@given(_PATTERNS, _PATTERNS)
def test_patterns_overlap_when_there_is_a_text_of_both(one: str, other: str) -> None:
    assert overlap(one, other) is bool(_matched(one) & _matched(other))
    assert overlap(one, other) is overlap(other, one)


@pytest.mark.parametrize(
    ("pattern", "wanted", "is_covered", "is_touched"),
    [
        ("log-group:/runtimes/*", "log-group:/runtimes/agent-*", True, True),
        ("log-group:/runtimes/agent-*", "log-group:/runtimes/*", False, True),
        ("log-group:/runtimes/agent-a*", "log-group:/runtimes/agent-*", False, True),
        ("log-group:/runtimes/other-*", "log-group:/runtimes/agent-*", False, False),
        ("secret:token-*", "secret:token-??????", True, True),
        ("secret:token-??????", "secret:token-*", False, True),
        ("secret:token-AbCdEf", "secret:token-??????", False, True),
        ("secret:token-?????", "secret:token-??????", False, False),
        ("arn:*:s3:::papers/?*", "arn:aws:s3:::papers/drafts/*", True, True),
        ("Bucket", "bucket", False, False),
        ("*", "", True, True),
        ("", "*", False, True),
    ],
)
def test_what_arns_of_a_grant_cover_and_touch(
    pattern: str, wanted: str, *, is_covered: bool, is_touched: bool
) -> None:
    assert covers(pattern, wanted) is is_covered
    assert overlap(pattern, wanted) is is_touched


def test_many_stars_are_compared_at_once() -> None:
    assert covers("*a" * 20 + "*", "*a" * 21 + "*"), "the subsets of places stay few"
    assert not covers("*a" * 21 + "*", "*a" * 20 + "*")
