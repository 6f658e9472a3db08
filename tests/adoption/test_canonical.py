"""The canonical form: the same data, the same comments, and nothing left to do for a second run."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.adoption.canonical import canonical
from qqgroup_provision.adoption.key_order import KeyOrder
from qqgroup_provision.adoption.rewrite import CannotRewrite, read
from qqgroup_provision.workspace.scalars import AmbiguousNumber, resolve
from qqgroup_provision.workspace.schema import load_schema
from tests.adoption.material import hostile

GROUP = load_schema("group")
ORDER = KeyOrder(GROUP, GROUP)


def is_clear(text: str) -> bool:
    """Whether a YAML 1.1 writer leaves nothing unquoted that our reader refuses."""
    try:
        resolve(text)
    except AmbiguousNumber:
        return False
    return not {"\x85", "\u2028", "\u2029"} & set(text)


texts = hostile.filter(is_clear)
items = st.fixed_dictionaries(
    {}, optional={"text": texts, "key": texts, "pinned": st.booleans(), "confirm": st.none()}
)
roles = st.fixed_dictionaries(
    {"members": st.lists(texts, max_size=3)}, optional={"title": texts, "key": texts, "card": texts}
)
bodies = st.fixed_dictionaries(
    {"kind": st.just("Group")},
    optional={
        "roles": st.lists(roles, max_size=3),
        "announcements": st.lists(items, max_size=3),
        "profile": st.fixed_dictionaries({}, optional={"remark": texts, "name": texts}),
        "other": texts,
        "id": st.integers(-(10**9), 10**9),
        "key": texts,
    },
)  # fmt: skip
remarks = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["", "# c", "    # deep: - x", "  # 'q", " @ # end"]))
)


@st.composite
def layouts(draw: st.DrawFn) -> str:
    """A group's file as somebody may have laid it out, with blank lines and comments anywhere."""
    data = draw(bodies.flatmap(lambda body: st.permutations(list(body.items())).map(dict)))
    text: str = yaml.safe_dump(
        data,
        sort_keys=False,
        allow_unicode=True,
        indent=draw(st.sampled_from([2, 3, 4, 7])),
        width=1 << 20,
        default_flow_style=draw(st.sampled_from([False, False, None])),
    )
    lines = text.split("\n")
    if not re.search(r"'[^'\n]*\n", text):  # a quoted text of several lines has no room for comments
        for at, remark in draw(remarks):
            at = min(at, len(lines) - 1)  # noqa: PLW2901
            if remark.startswith(" @"):
                lines[at] += remark.removeprefix(" @") if lines[at] else ""
            else:
                lines.insert(at, remark)
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def words(text: str) -> list[str]:
    return sorted(re.findall(r"# (?:c|deep: - x|'q|end)(?=\r?\n|$)", text))


@settings(deadline=None, max_examples=60)
@given(layouts())
def test_data_and_comments_stay_and_a_second_run_changes_nothing(text: str) -> None:
    made = canonical(text, ORDER)

    assert read(text) == read(made)
    assert words(text) == words(made)
    assert canonical(made, ORDER) == made
    assert made.endswith("\n")
    assert not made.endswith("\n\n")
    assert "\r" not in made


def form(text: str) -> str:
    return canonical(text, ORDER)


def test_keys_come_in_the_order_of_the_schema_on_every_level_and_comments_with_them() -> None:
    assert form(
        "# the file\n\nroles:\n# of leads\n- title: x # the title\n  # the key\n  key: a\nid: 731000001\n"
        "# what it is\nkind: Group\nkey: hub\n# the end\n"
    ) == (
        "# the file\n\n# what it is\nkind: Group\nkey: hub\nid: 731000001\nroles:\n  # of leads\n  # the key\n"
        "  - key: a\n    title: x # the title\n# the end\n"
    )  # fmt: skip


def test_a_text_of_several_lines_moves_with_all_its_blanks() -> None:
    before = (
        "kind: Group\nannouncements:\n- text: |2-\n     一\n\n    二\n    \n  key: a\n"
        "- text: >+\n         x\n\n  key: b\nmanage: {}\n"
    )
    made = form(before)

    assert read(before) == read(made)
    assert "  - key: a\n    text: |2-\n" in made


words_in_brackets = st.sampled_from(["a", "'b, [c'", '"d: {e"', "1", "true", "~", "甲", "f#g", "-x", "h:i"])
brackets = st.recursive(
    words_in_brackets,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "甲"]), inner, max_size=3),
    max_leaves=8,
)


def spaced(value: Any, space: Any) -> str:
    """A value in brackets, with what `space` gives wherever a space may stand."""
    if isinstance(value, list):
        return f"[{space()}" + f"{space()},{space()}".join(spaced(item, space) for item in value) + f"{space()}]"
    if isinstance(value, dict):
        pairs = [f"{spaced(key, space)}{space()}: {space()}{spaced(item, space)}" for key, item in value.items()]
        return f"{{{space()}" + f"{space()},{space()}".join(pairs) + f"{space()}}}"
    return str(value)


@settings(deadline=None, max_examples=60)
@given(brackets, st.data())
def test_in_brackets_there_is_one_space_after_commas_and_colons_and_no_other(value: Any, data: st.DataObject) -> None:
    text = spaced(value, lambda: data.draw(st.sampled_from(["", " ", "   "])))
    made = form(f"kind: Group\nother: {text} # c\nlist:\n- {text}\n")

    tight = spaced(value, str).replace(",", ", ") if "'b" not in text else None
    assert read(made) == read(f"kind: Group\nlist:\n- {text}\nother: {text}\n")
    assert form(made) == made
    if tight is not None:
        assert f"other: {tight} # c\n" in made


def test_brackets_over_several_lines_stay_as_somebody_laid_them_out() -> None:
    text = "kind: Group\nother: [a,b, # one\n  c]\n"

    assert text == form(text)


def test_blank_lines_are_one_at_most_and_none_at_the_ends() -> None:
    assert form("\n\nkind: Group\n\n\n\nkey: hub  \n\n\n") == "kind: Group\n\nkey: hub\n"


def test_line_ends_and_a_byte_order_mark_are_put_right() -> None:
    assert form("\ufeffkind: Group\r\nkey: hub") == "kind: Group\nkey: hub\n"


@pytest.mark.parametrize(
    "text",
    [
        "kind: Group\nroles: &r\n- key: a\nannouncements: *r\n",  # moving one would break the other
        "kind: Group\nkey: # a remark\n  hub\n",
        "kind: Group\n? key\n# between\n: hub\n",
    ],
)
def test_what_cannot_be_moved_safely_is_refused_or_kept(text: str) -> None:
    try:
        made = form(text)
    except CannotRewrite:
        return
    assert (read(text), words(text)) == (read(made), words(made))


def test_a_place_the_schema_does_not_know_keeps_its_order() -> None:
    people: Any = load_schema("people")
    text = "kind: People\npeople:\n  zoe: 100000001\n  adam: {name: x, qq: 100000002}\n"

    assert canonical(text, KeyOrder(people, people)) == text
