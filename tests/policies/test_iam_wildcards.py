import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.iam_wildcards import (
    DIGIT,
    SECTION,
    has_wildcard,
    is_all,
    matches,
    overlap,
)

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


@given(st.text("a1:/*?", max_size=6), st.text(f"a1:/*{SECTION}{DIGIT}", max_size=5))
def test_a_section_holds_nothing_that_parts_an_arn(pattern: str, other: str) -> None:
    wildcards = {"*": ".*", SECTION: "[^:/]*", DIGIT: "[0-9]"}
    form = re.compile("".join(wildcards.get(char, re.escape(char)) for char in other))
    shared = any(
        matches(pattern, text) and form.fullmatch(text)
        for length in range(5)
        for text in map("".join, product("a1:/", repeat=length))
    )
    if shared:
        assert overlap(pattern, other)
    if "*" not in pattern:
        texts = map("".join, product("a1:/", repeat=len(pattern)))
        alike = any(matches(pattern, text) and form.fullmatch(text) for text in texts)
        assert overlap(pattern, other) == alike, "without a star its texts are as long as it"


@pytest.mark.parametrize(
    ("pattern", "other", "expected"),
    [
        ("a:*", f"a:{SECTION}:b", True),
        ("a:*:c", f"a:{SECTION}:b", False),
        ("a:b:c", f"a:{SECTION}", False),
        ("a:b", f"a:{SECTION}", True),
        ("a:X", f"a:{SECTION}", True),
        ("a:", f"a:{SECTION}", True),
        ("a:b/c", f"a:{SECTION}", False),
        ("a?b", f"a:{SECTION}", True),
        *((f"a:{digit}", f"a:{DIGIT}", True) for digit in (*"0123456789", "?", "*")),
        *((f"a:{other}", f"a:{DIGIT}", False) for other in ("", ":", "x", "??", "12")),
    ],
)
def test_a_wildcard_means_what_parts_an_arn_and_a_section_does_not(
    pattern: str, other: str, *, expected: bool
) -> None:
    assert overlap(pattern, other) is expected


def test_only_stars_and_question_marks_are_wildcards() -> None:
    assert not matches("[ab]", "a")
    assert matches("[ab]", "[ab]")
    assert not has_wildcard("[ab].+")
    assert is_all("?*")
    assert not is_all("?"), "one character is not everything"
    assert not is_all("")


def test_many_stars_take_no_time() -> None:
    assert not matches("*a" * 30 + "b", "a" * 200)
