"""A change of a text leaves every other character of it as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.adoption.edits import apply_edits
from qqgroup_provision.adoption.render import render
from qqgroup_provision.adoption.rewrite import CannotRewrite, Edit, Items, Put, Set, read, rewrite
from tests.adoption.material import hostile

TEXT = """\
# head
kind: Group   # kind
profile:
    name:   "old"     # name
    remark:           # none yet
roles:
# of a
- key: a
  members: [x, y , z]   # row
- key: b
  members:
  - x   # x
  # about y
  - y
announcements: []
# tail
"""


def made(text: str, *edits: Edit) -> str:
    return rewrite(text, edits, apply_edits(read(text), edits))


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (Set(("profile", "name"), "new: x"), '   "old"     # name', ' "new: x"     # name'),
        (Set(("profile", "name"), "a\nb"), '   "old"     # name', ' "a\\nb"     # name'),
        (Set(("profile", "remark"), "r"), "remark:           # none yet", "remark: r           # none yet"),
        (Set(("announcements",), ["a"]), "announcements: []", "announcements: [a]"),
        (Put(("profile",), "x", False), "# none yet\n", "# none yet\n    x: false\n"),
        (Put((), "id", 1, ("kind", "key")), "# kind\n", "# kind\nid: 1\n"),
        (Items(("roles", 0, "members"), frozenset({0}), ()), "[x, y , z]", "[y , z]"),
        (Items(("roles", 0, "members"), frozenset({1, 2}), ("w",)), "[x, y , z]", "[x, w]"),
        (Items(("roles", 0, "members"), frozenset(), ("v", "w")), "[x, y , z]", "[x, y , z, v, w]"),
        (Items(("roles", 1, "members"), frozenset({0}), ()), "  - x   # x\n", ""),
        (Items(("roles", 1, "members"), frozenset({1}), ("w",)), "  - y\n", "  - w\n"),
        (Items(("roles",), frozenset(), ({"key": "c"},)), "  - y\n", "  - y\n- key: c\n"),
    ],
)  # fmt: skip
def test_one_edit_changes_one_place(edit: Edit, before: str, after: str) -> None:
    assert 1 == TEXT.count(before)
    assert TEXT.replace(before, after) == made(TEXT, edit)


def test_a_windows_file_stays_one() -> None:
    assert (
        made("kind: Group\r\nkey: a\r\n", Set(("key",), "b"), Put((), "id", 1))
        == "kind: Group\r\nkey: b\r\nid: 1\r\n"
    )


def test_a_file_without_a_last_line_break_gets_lines() -> None:
    assert made("kind: Group", Put((), "id", 1), Put((), "key", "a")) == "kind: Group\nid: 1\nkey: a"


def test_aliases_are_not_written_into() -> None:
    with pytest.raises(CannotRewrite):
        made("a: &x {k: 1}\nb: *x\n", Set(("a", "k"), 2))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | hostile,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["a", "on", "-", "key 1"]), below, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(values, values, st.lists(values, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_any_value_comes_back_from_any_place(one: Any, two: Any, more: list[Any], newline: str) -> None:
    text = TEXT.replace("\n", newline)
    edits = (
        Set(("profile", "name"), one),
        Put(("profile",), "x", two),
        Put((), "y", more),
        Items(("roles", 0, "members"), frozenset({1}), tuple(more)),
        Items(("roles", 1, "members"), frozenset({0}), tuple(more)),
        Items(("roles",), frozenset(), (one, two)),
    )
    expected = apply_edits(read(text), edits)

    assert read(rewrite(text, edits, expected)) == expected


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["kind", "a", "b"]), values, min_size=1))
def test_a_rendered_file_says_what_it_was_made_of(data: dict[str, Any]) -> None:
    assert read(render(data, "a comment")) == data
