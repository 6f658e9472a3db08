"""YAML text to data: what it means, where it stands, and what hostile files cannot do."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.workspace.document import MAX_ALIASED, MAX_BYTES, MAX_DEPTH, parse_document
from qqgroup_provision.workspace.positions import Positions


def parse(text: str | bytes) -> object:
    content = text.encode() if isinstance(text, str) else text
    document, found = parse_document(content, "f.yaml", Positions())
    assert [] == found
    assert document is not None
    return document.data


def faults(text: str | bytes) -> list[tuple[str, int, int]]:
    """(code, line, column) of everything wrong."""
    content = text.encode() if isinstance(text, str) else text
    document, found = parse_document(content, "f.yaml", Positions())
    assert document is None
    assert all(isinstance(item, Diagnostic) and item.place is not None for item in found)
    return [(item.code, item.place.line, item.place.column) for item in found if item.place]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("20:00", "20:00"),
        ("2026-11-23", "2026-11-23"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("731000001", 731000001),
        ("-7", -7),
        ("0", 0),
        ("0xff", 255),
        ("1.10", 1.1),
        (".5", 0.5),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        ("'true'", "true"),
        ('"0123"', "0123"),
        ("0.9.1", "0.9.1"),
        ("@x", None),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(written: str, value: object) -> None:
    if written == "@x":
        assert [("QG102", 1, 4)] == faults("k: @x\n")
    else:
        assert {"k": value} == parse(f"k: {written}\n")


@pytest.mark.parametrize("written", ["0123", "010086", "-007", "1" * 19, "1" * 5000, "1e3", "0E0", "0o17", "+.5"])
def test_a_number_readers_disagree_about_is_refused(written: str) -> None:
    assert [("QG112", 2, 4)] == faults(f"a: 1\nk: {written}\n")


def test_a_duplicate_key_is_told_with_the_line_of_the_first() -> None:
    document, found = parse_document(b"a: 1\nb: 2\na: 3\n", "f.yaml", Positions())

    assert document is None
    assert ["QG108"] == [item.code for item in found]
    assert Place("f.yaml", 3, 1, 3, 2) == found[0].place
    assert "line 1" in str(found[0].summary)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", ("QG103", 2, 1)),
        ("a: [1\n", ("QG102", 2, 1)),
        ("a: 'x\n", ("QG102", 2, 1)),
        ("", ("QG106", 1, 1)),
        ("# nothing\n", ("QG106", 1, 1)),
        ("---\n", ("QG106", 1, 1)),
        ("a: 1\n---\nb: 2\n", ("QG107", 2, 1)),
        ("1: x\n", ("QG109", 1, 1)),
        ("true: x\n", ("QG109", 1, 1)),
        ("null: x\n", ("QG109", 1, 1)),
        ("? [a]\n: x\n", ("QG109", 1, 3)),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", ("QG110", 3, 3)),
        ("a: !!python/object:os.system x\n", ("QG111", 1, 4)),
        ("a: !!str x\n", ("QG111", 1, 4)),
        ("a: ! x\n", ("QG111", 1, 4)),
        ("a: !t [1]\n", ("QG111", 1, 4)),
        ("a: *nobody\n", ("QG113", 1, 4)),
        ("a: &x [*x]\n", ("QG113", 1, 8)),
    ],
)
def test_each_fault_is_told_with_its_place(text: str, expected: tuple[str, int, int]) -> None:
    assert expected in faults(text)


def test_a_fault_does_not_hide_the_next() -> None:
    assert [("QG108", 2, 1), ("QG112", 3, 4), ("QG108", 4, 1)] == faults("a: 1\na: 2\nb: 007\na: 3\n")


def test_a_hundred_thousand_open_brackets_are_one_message() -> None:
    assert [("QG105", 1, MAX_DEPTH + 1)] == faults("[" * 100_000)


def test_nesting_up_to_the_limit_is_fine() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_an_alias_bomb_is_stopped_before_it_goes_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    assert ["QG114"] == [code for code, *_ in faults("\n".join(lines))]


def test_aliases_within_the_budget_are_written_out() -> None:
    assert {"a": ["x", "y"], "b": ["x", "y"], "c": "x"} == parse("a: &l [&s x, y]\nb: *l\nc: *s\n")
    assert MAX_ALIASED < 100_000


def test_a_file_over_the_limit_is_not_parsed() -> None:
    assert [("QG104", 1, 1)] == faults(b"a: 1\n" + b"#" * MAX_BYTES)


def test_bytes_that_are_not_utf8_are_told_with_their_line() -> None:
    assert [("QG101", 2, 1)] == faults("a: 1\nb: 群公告\n".encode("gbk"))


def test_a_byte_order_mark_is_not_part_of_the_first_key() -> None:
    assert {"a": 1} == parse("\ufeffa: 1\n")


def test_places_count_characters_from_one_also_behind_chinese() -> None:
    positions = Positions()
    document, _ = parse_document("甲: {乙: 丙丁, 戊: 1}\n列: [一, 二]\n".encode(), "f.yaml", positions)

    assert document is not None
    inner = document.data["甲"]
    nowhere = Place("")
    assert Place("f.yaml", 1, 8, 1, 10) == positions.value(inner, "乙", nowhere)
    assert Place("f.yaml", 1, 12, 1, 13) == positions.key(inner, "戊", nowhere)
    assert Place("f.yaml", 2, 8, 2, 9) == positions.value(document.data["列"], 1, nowhere)
    assert nowhere == positions.value(inner, "nothing", nowhere)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
data = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(data)
def test_what_a_yaml_writer_writes_is_read_back_as_it_was(value: object) -> None:
    written = yaml.safe_dump({"root": value}, allow_unicode=True)
    document, found = parse_document(written.encode(), "f.yaml", Positions())

    if any(item.code in ("QG112", "QG110", "QG109") for item in found):
        return  # a YAML 1.1 writer leaves texts such as 0123 and keys such as << unquoted
    assert [] == found
    assert document is not None
    assert {"root": value} == document.data


@given(st.binary(max_size=200))
def test_no_bytes_are_worse_than_a_diagnostic(content: bytes) -> None:
    document, found = parse_document(content, "f.yaml", Positions())

    assert (document is None) == bool(found)


def test_a_character_that_yaml_forbids_is_shown_where_it_stands() -> None:
    assert [("QG102", 2, 5)] == faults("甲: 乙\n丙: 丁\x07\n")
    assert [("QG102", 2, 5)] == faults("\ufeff甲: 乙\n丙: 丁\x07\n")
