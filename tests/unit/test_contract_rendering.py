"""A contract and values that do not fit are refused with the name of the placeholder."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.documents.contract import ContractError, DocumentTooLongError, Entries, Value, render


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A contract of the test's own; its name is unique, because contracts are read once."""
    monkeypatch.setattr("infra.documents.contract._CONTRACTS", tmp_path)
    return tmp_path / f"{tmp_path.name}.json"


def _rendered(
    written: Path,
    document: object,
    values: dict[str, Value],
    *,
    flags: Sequence[str] = (),
    entries: Entries | None = None,
    limit: int = 1000,
) -> str:
    written.write_text(json.dumps(document), "utf-8")
    return render(written.name, values, flags=flags, entries=entries, limit=limit)


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("${unknown}", {}, "no value for ${unknown}"),
        ("a ${unknown} b", {"known": "x"}, "no value for ${unknown} in 'a ${unknown} b'"),
        ("arn:${many}:x", {"many": ["a", "b"]}, "${many} is a list and stands inside the text"),
        ("${many}${many}", {"many": ["a"]}, "${many} is a list and stands inside the text"),
        ("costs 5 $", {}, "holds a $ that begins no placeholder"),
        ("${aws:username}", {}, "holds a $ that begins no placeholder"),
        ("${}", {}, "holds a $ that begins no placeholder"),
    ],
)
def test_what_does_not_fit_is_named(
    written: Path, text: str, values: dict[str, Value], says: str
) -> None:
    with pytest.raises(ContractError) as refused:
        _rendered(written, {"Statement": [{"Resource": text}]}, values)

    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("${one}", {"one": "a"}, "a"),
        ("${many}", {"many": ["a", "b"]}, ["a", "b"]),
        ("${many}", {"many": ()}, []),
        ("x:${one}:${one}", {"one": "a"}, "x:a:a"),
        ("$$", {}, "$"),
        ("${one}", {"one": "${one}"}, "${one}"),
        ("plain", {"unused": "a"}, "plain"),
    ],
)
def test_what_fits_is_replaced_once(
    written: Path, text: str, values: dict[str, Value], expected: object
) -> None:
    assert json.loads(_rendered(written, {"a": text}, values)) == {"a": expected}


def test_a_conditional_statement_is_kept_by_its_flag_only(written: Path) -> None:
    document = [{"Sid": "always"}, {"Sid": "sometimes", "x-when": "flag", "x-reason": "why"}]

    assert json.loads(_rendered(written, document, {})) == [{"Sid": "always"}]
    assert json.loads(_rendered(written, document, {}, flags=["flag"])) == [
        {"Sid": "always"},
        {"Sid": "sometimes"},
    ]


def test_a_conditional_value_is_kept_with_its_key_by_its_flag_only(written: Path) -> None:
    document = {"always": "a", "sometimes": {"x-when": "flag", "x-value": "${one}"}}

    assert json.loads(_rendered(written, document, {})) == {"always": "a"}
    assert json.loads(_rendered(written, document, {"one": "b"}, flags=["flag"])) == {
        "always": "a",
        "sometimes": "b",
    }


def test_the_way_out_of_a_document_that_is_too_long_is_the_callers_to_say(written: Path) -> None:
    written.write_text('{"a":"b"}', "utf-8")

    with pytest.raises(DocumentTooLongError, match=r"at most 1 are allowed\. Leave b out\.$"):
        render(written.name, {}, limit=1, way_out="Leave b out.")


def test_placeholders_of_a_statement_that_is_left_out_need_no_value(written: Path) -> None:
    document = [{"x-when": "flag", "Resource": "${unknown}"}]

    assert _rendered(written, document, {}) == "[]"


def test_a_statement_is_repeated_for_each_entry_with_its_number(written: Path) -> None:
    document = [{"Sid": "A${number}", "x-each": "keys", "Resource": "${arn}", "By": "${who}"}]
    entries: Entries = {"keys": [{"arn": "a"}, {"arn": ["b", "c"]}]}

    assert json.loads(_rendered(written, document, {"who": "me"}, entries=entries)) == [
        {"Sid": "A1", "Resource": "a", "By": "me"},
        {"Sid": "A2", "Resource": ["b", "c"], "By": "me"},
    ]
    assert _rendered(written, document, {}, entries={"keys": []}) == "[]"


def test_entries_that_are_not_given_are_named(written: Path) -> None:
    with pytest.raises(ContractError, match="no entries for keys"):
        _rendered(written, [{"x-each": "keys"}], {})


def test_an_entry_counts_for_its_own_statement_only(written: Path) -> None:
    document = [{"x-each": "keys", "Resource": "${arn}"}, {"Resource": "${arn}"}]

    with pytest.raises(ContractError, match="no value for"):
        _rendered(written, document, {}, entries={"keys": [{"arn": "a"}]})


def test_what_is_no_text_stays_as_it_is(written: Path) -> None:
    assert _rendered(written, {"a": [1, True, None, 1.5]}, {}) == '{"a":[1,true,null,1.5]}'


def test_the_limit_counts_characters_of_the_rendered_text(written: Path) -> None:
    assert _rendered(written, {"a": "${one}"}, {"one": "xyz"}, limit=11) == '{"a":"xyz"}'
    with pytest.raises(DocumentTooLongError, match="11 characters, at most 10"):
        _rendered(written, {"a": "${one}"}, {"one": "xyz"}, limit=10)
