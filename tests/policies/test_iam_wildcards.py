import re
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.iam_wildcards import has_wildcard, is_all, matches, overlap

PATTERNS = st.text("ab:*?", max_size=7)
TEXTS = st.text("ab:", max_size=6)


@given(PATTERNS, TEXTS)
def test_a_pattern_matches_what_the_regular_expression_does(pattern: str, text: str) -> None:
    form = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    assert matches(pattern, text) == bool(re.fullmatch(form, text))


@given(PATTERNS, PATTERNS)
def test_patterns_overlap_when_a_text_matches_both(one: str, other: str) -> None:
    assert overlap(one, other) == overlap(other, one), "it does not matter which is asked"
    shared = any(
        matches(one, text) and matches(other, text)
        for length in range(5)
        for text in map("".join, product("ab:", repeat=length))
    )
    if shared:
        assert overlap(one, other)


@given(PATTERNS, TEXTS)
def test_a_pattern_overlaps_a_text_when_it_matches_it(pattern: str, text: str) -> None:
    assert overlap(pattern, text) == matches(pattern, text)


def test_only_stars_and_question_marks_are_wildcards() -> None:
    assert not matches("[ab]", "a")
    assert matches("[ab]", "[ab]")
    assert not has_wildcard("[ab].+")
    assert is_all("?*")
    assert not is_all("?"), "one character is not everything"
    assert not is_all("")


def test_many_stars_take_no_time() -> None:
    assert not matches("*a" * 30 + "b", "a" * 200)
