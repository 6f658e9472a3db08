"""Milky's entities: read as the specification writes them, or refused as a whole."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.platforms.milky import parse
from qqgroup_provision.platforms.shape import WrongShape
from qqgroup_provision.ports import LiveNotice, LiveProfile, LiveSettings

GROUP = {
    "group_id": 10001, "group_name": "群", "member_count": 3, "max_member_count": 500, "remark": "备注",
    "created_time": 1, "description": "简介", "question": "暗号？", "announcement": "预览",
}  # fmt: skip
NOTICE = {
    "group_id": 10001, "announcement_id": "ab", "user_id": 10007, "time": 9,
    "content": "a&nbsp;&lt;b&gt;&#10;&amp;&quot;&#39;&nbsp;",
}  # fmt: skip
READERS: list[tuple[Callable[[Any], Any], dict[str, Any]]] = [
    (parse.profile, GROUP), (parse.settings, GROUP), (parse.notice, NOTICE),
]  # fmt: skip


def test_a_group_is_read_and_whether_it_is_muted_stays_open() -> None:
    assert LiveProfile("群", "备注", None, 3, 500, "简介") == parse.profile(GROUP)


def test_of_a_groups_settings_only_description_and_question_can_be_read() -> None:
    assert LiveSettings(description="简介", join_question="暗号？") == parse.settings(GROUP)


def test_an_announcement_is_read_without_its_flags_and_its_text_is_plain() -> None:
    assert LiveNotice("ab", "a <b>\n&\"'", 10007, 9) == parse.notice(NOTICE)
    url = "https://gdynamic.qpic.cn/gdynamic/x/0"
    assert ((url,), ()) == tuple(parse.notice({**NOTICE, "image_url": image}).images for image in (url, None))


@pytest.mark.parametrize("changed", [{"announcement_id": ""}, {"content": None}, {"time": None}, {"user_id": None}])
def test_an_announcement_without_what_it_is_known_by_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(WrongShape):
        parse.notice({**NOTICE, **changed})


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(("read", "item"), READERS, ids=["profile", "settings", "notice"])
def test_any_value_in_the_place_of_any_other_is_read_or_refused(read: Callable[[Any], Any], item: Any) -> None:
    @settings(max_examples=120, deadline=None)
    @given(st.sampled_from(sorted(item)), st.just(...) | json_values)
    def changed(key: str, value: Any) -> None:
        other = copy.deepcopy(item)
        other[key] = value
        if value is ...:
            del other[key]
        try:
            found = read(other)
        except WrongShape:
            return
        assert type(found) is type(read(item))
        assert repr(found).encode()

    changed()


@given(st.sampled_from([read for read, _ in READERS]), json_values)
def test_any_json_in_the_place_of_an_item_is_refused(read: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(WrongShape):
        read(value)
