"""One value is put into a YAML file, and every other byte of it stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.adoption.put_value import put_value, says
from qqgroup_provision.workspace.document import parse_document
from qqgroup_provision.workspace.positions import Positions

FILE = """\
# 总群
kind: Group   # what it is
key: hub
profile: {name: "旧 \\"名\\"", remark: '备注'}  # flow
mute_all: true
roles:
  # who
  - key: one
    members: [alice]
    title: 维护者   # six characters
    card: null
  - {key: two, title: 乙}
announcements:
  - key: rules
    text: |
      第一
        第二

    pinned: false

  - key: folded
    text: >-
      一
      二
  - key: last
    text: end
"""
WAYS = [
    ("profile", "name"),
    ("profile", "remark"),
    ("mute_all",),
    ("roles", "one", "title"),
    ("roles", "one", "card"),
    ("roles", "two", "title"),
    ("announcements", "rules", "text"),
    ("announcements", "rules", "pinned"),
    ("announcements", "folded", "text"),
    ("announcements", "last", "text"),
]
NOT_PLAIN = ("true", "null", "~", "12", "0x1", "1.5", "- a", "a: b", "a #b", "#a", "'", '"', "{x}", "[")
SIGNS = ("*a", "&a", "!t", "|", ">", "---", "...", "@", "`", "%", "\x00", "\x07", "\u2028", "\ufeff", "😀")
LINES = ("一\n二", "一\n\n二\n", " 一\n二", "一 \n二", "\n")
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1) | st.sampled_from(
    NOT_PLAIN + SIGNS + LINES
)


def data(content: bytes) -> Any:
    document, found = parse_document(content, "f", Positions())
    assert document is not None, found
    return document.data


def with_value(whole: Any, way: tuple[str, ...], value: Any) -> Any:
    changed = copy.deepcopy(whole)
    here = changed
    for step in way[:-1]:
        here = next(item for item in here if item["key"] == step) if isinstance(here, list) else here[step]
    here[way[-1]] = value
    return changed


@given(st.sampled_from(WAYS), texts | st.none() | st.booleans() | st.integers(0, 10**9))
def test_whatever_the_value_only_it_is_changed(way: tuple[str, ...], value: Any) -> None:
    new = put_value(FILE.encode(), way, value)

    assert new is not None
    assert with_value(data(FILE.encode()), way, value) == data(new)


@given(st.sampled_from(WAYS), texts | st.none() | st.booleans())
def test_comments_and_everything_around_stay_as_they_were_written(way: tuple[str, ...], value: Any) -> None:
    new = put_value(FILE.encode(), way, value)
    assert new is not None
    head, tail = 0, 0
    old = FILE.encode()
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    changed = old[head : len(old) - tail]

    assert b"# " not in changed
    assert changed.count(b"\n") <= 3


def test_a_short_text_stays_plain_and_a_long_one_becomes_a_block() -> None:
    plain = put_value(FILE.encode(), ("roles", "one", "title"), "组长")
    block = put_value(FILE.encode(), ("announcements", "last", "text"), "一\n二")

    assert plain is not None
    assert "    title: 组长   # six characters\n" in plain.decode()
    assert block is not None
    assert block.decode().endswith("    text: |-\n      一\n      二\n")


@pytest.mark.parametrize(
    "way", [("profile", "avatar"), ("permissions", "upload_album"), ("roles", "three", "title"), ()]
)
def test_what_the_file_does_not_say_is_not_invented(way: tuple[str, ...]) -> None:
    assert (None, False) == (put_value(FILE.encode(), way, "x"), says(FILE.encode(), way))


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    old = b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode()
    new = put_value(old, ("announcements", "last", "text"), "一\n二")

    assert new is not None
    assert new.startswith(b"\xef\xbb\xbf# ")
    assert new.count(b"\n") == new.count(b"\r\n")


def test_an_anchor_that_others_use_is_not_cut_off() -> None:
    file = b"a: &name x\nb: *name\n"

    assert put_value(file, ("a",), "y") is None
    assert (new := put_value(file, ("b",), "y")) is not None
    assert {"a": "x", "b": "y"} == data(new)


def test_a_file_that_is_no_yaml_is_left_alone() -> None:
    assert put_value(b"a: [", ("a",), 1) is None
    assert not says(b"\xff", ("a",))
