"""JSON of the tool's own files: what no version has written is refused where it is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.own_json import own_json

texts = st.text(max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(values, st.booleans())
def test_what_was_written_is_read(value: Any, ascii_only: bool) -> None:
    assert value == own_json(json.dumps(value, ensure_ascii=ascii_only).encode())


@pytest.mark.parametrize(
    "written",
    [
        b"NaN",
        b"[-Infinity]",
        b"1e400",
        b'{"a": [1, -1e999]}',
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\xed\xa0\x80"',
        b"",
        b"\xff",
        b"9" * 5000,
    ],
)
def test_what_no_version_writes_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        own_json(written)


def test_a_whole_character_of_two_halves_and_the_mark_of_some_editors_are_taken() -> None:
    assert "😀" == own_json(b'\xef\xbb\xbf"\\ud83d\\ude00"')
