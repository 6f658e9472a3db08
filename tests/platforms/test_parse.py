"""Items of answers: read as each implementation writes them, or refused as a whole."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.platforms.members import member
from qqgroup_provision.platforms.onebot11 import parse
from qqgroup_provision.platforms.onebot11.dialect import LLBOT, NAPCAT
from qqgroup_provision.platforms.shape import WrongShape, distinct, flag, integer, version
from qqgroup_provision.ports import LiveMember, LiveNotice, LiveProfile, NoticeDraft, Rank

MEMBER = {
    "group_id": 1,
    "user_id": 100000001,
    "nickname": "Alice",
    "card": "牌",
    "role": "admin",
    "title": "头衔",
    "level": "1",
}
NAPCAT_GROUP = {
    "group_all_shut": -1,
    "group_remark": "备注",
    "group_id": 1,
    "group_name": "群",
    "member_count": 3,
    "max_member_count": 500,
}
LLBOT_GROUP = {
    "group_id": 1,
    "group_name": "群",
    "member_count": 3,
    "max_member_count": 500,
    "remark_name": "备注",
    "shut_up_all_timestamp": 4294967295,
    "owner_id": 0,
}
NAPCAT_NOTICE = {
    "notice_id": "ab",
    "sender_id": 7,
    "publish_time": 9,
    "message": {"text": "a&nbsp;&lt;b&gt;&#10;&amp;&quot;&#39;&nbsp;", "image": [], "images": []},
    "settings": {"confirm_required": 1, "tip_window_type": 1},
    "read_num": 0,
}
LLBOT_NOTICE = {
    "notice_id": "ab",
    "sender_id": 7,
    "publish_time": 9,
    "message": {"text": "a", "images": [{"id": "p", "height": "1", "width": "2"}]},
    "settings": {"confirm_required": False, "pinned": True},
}
READERS: list[tuple[Callable[[Any], Any], dict[str, Any]]] = [
    (member, MEMBER),
    (lambda item: parse.profile(item, NAPCAT.remark_key, NAPCAT.muted), NAPCAT_GROUP),
    (lambda item: parse.profile(item, LLBOT.remark_key, LLBOT.muted), LLBOT_GROUP),
    (parse.notice, NAPCAT_NOTICE),
    (parse.notice, LLBOT_NOTICE),
]


def test_a_member_is_read_as_both_write_one() -> None:
    assert LiveMember(100000001, Rank.ADMIN, "Alice", "牌", "头衔") == member(MEMBER)
    bare = {"user_id": "100000001", "role": "member", "card": None}
    assert LiveMember(100000001, Rank.MEMBER) == member(bare)


def test_a_group_is_read_as_each_writes_one() -> None:
    read_napcat, read_llbot = READERS[1][0], READERS[2][0]

    assert LiveProfile("群", "备注", True, 3, 500) == read_napcat(NAPCAT_GROUP) == read_llbot(LLBOT_GROUP)
    assert not read_napcat({**NAPCAT_GROUP, "group_all_shut": 0}).mute_all
    assert not read_llbot({**LLBOT_GROUP, "shut_up_all_timestamp": 0}).mute_all
    assert read_napcat({k: v for k, v in NAPCAT_GROUP.items() if k != "group_remark"}).remark is None
    with pytest.raises(WrongShape):
        read_llbot(NAPCAT_GROUP)


def test_a_notice_is_read_as_each_writes_one() -> None:
    assert LiveNotice("ab", "a <b>\n&\"'", 7, 9, (), None, True) == parse.notice(NAPCAT_NOTICE)
    assert LiveNotice("ab", "a", 7, 9, ("p",), True, False) == parse.notice(LLBOT_NOTICE)
    old = {key: value for key, value in NAPCAT_NOTICE.items() if key != "settings"}
    assert (None, None) == (parse.notice(old).pinned, parse.notice(old).confirm)
    assert parse.notice({**old, "settings": None}).confirm is None
    only_image = {**old, "message": {"text": "", "image": [{"id": "p"}]}}
    assert ("p",) == parse.notice(only_image).images


@pytest.mark.parametrize("changed", [{"notice_id": ""}, {"message": []}, {"settings": []}, {"publish_time": None}])
def test_a_notice_without_what_it_is_known_by_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(WrongShape):
        parse.notice({**LLBOT_NOTICE, **changed})


@pytest.mark.parametrize("role", ["", "Owner", "moderator", None, 1])
def test_a_role_nobody_knows_is_not_taken_for_a_member(role: Any) -> None:
    with pytest.raises(WrongShape):
        member({**MEMBER, "role": role})


@pytest.mark.parametrize("value", [True, None, 1.0, "", "-", "1.5", " 1", "١", "0x1", "1" * 5000, [], {}])
def test_what_is_no_whole_number_is_none(value: Any) -> None:
    with pytest.raises(WrongShape):
        integer({"n": value}, "n")


@given(st.integers(-(10**18), 10**18))
def test_a_number_may_come_as_a_text(value: int) -> None:
    assert value == integer({"n": value}, "n") == integer({"n": str(value)}, "n")


@pytest.mark.parametrize(("value", "expected"), [(0, False), (1, True), (True, True), (False, False), (None, None)])
def test_a_flag_may_be_a_number(value: Any, expected: bool | None) -> None:
    assert expected is flag({"f": value}, "f")


@pytest.mark.parametrize("value", [2, -1, "1", "true", [], 1.0])
def test_a_flag_that_is_neither_is_refused(value: Any) -> None:
    with pytest.raises(WrongShape):
        flag({"f": value}, "f")


def test_a_list_with_two_items_of_one_key_is_not_believed() -> None:
    with pytest.raises(WrongShape, match="100000001"):
        distinct([MEMBER, MEMBER], member, lambda one: one.user_id)
    assert {} == distinct([], member, lambda one: one.user_id)
    with pytest.raises(WrongShape):
        distinct(None, member, lambda one: one.user_id)


def test_half_of_an_emoji_does_not_get_in() -> None:
    found = member({**MEMBER, "nickname": "a\ud83d", "card": "\ude00"})

    assert ("a\ufffd", "\ufffd") == (found.nickname, found.card)
    group = READERS[1][0]({**NAPCAT_GROUP, "group_name": "群\ud83d", "group_remark": "\ud83d"})
    assert ("群\ufffd", "\ufffd") == (group.name, group.remark)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(("read", "item"), READERS)
def test_any_value_in_the_place_of_any_other_is_read_or_refused(read: Callable[[Any], Any], item: Any) -> None:
    spots = [(key,) for key in item] + [(key, k) for key, v in item.items() if isinstance(v, dict) for k in v]

    @settings(max_examples=120, deadline=None)
    @given(st.sampled_from(spots), st.just(...) | json_values)
    def changed(path: tuple[str, ...], value: Any) -> None:
        other = copy.deepcopy(item)
        container = other
        for part in path[:-1]:
            container = container[part]
        if value is ...:
            del container[path[-1]]
        else:
            container[path[-1]] = value
        try:
            found = read(other)
        except WrongShape:
            return
        assert type(found) is type(read(item))
        assert repr(found).encode()

    changed()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([read for read, _ in READERS]), json_values)
def test_any_json_in_the_place_of_an_item_is_refused(read: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(WrongShape):
        read(value)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [("4.18.13", (4, 18, 13)), ("v8.1.7", (8, 1, 7)), ("8.1.7-beta.2", (8, 1, 7)), ("5", (5,)), ("04.1", (4, 1))],
)
def test_a_version_is_its_numbers(written: str, numbers: tuple[int, ...]) -> None:
    assert numbers == version(written, "app_version")


@pytest.mark.parametrize("written", ["", "x", "4.x", "4..1", "-1", "4. 1", "4.١", "1" * 5000])
def test_what_is_no_version_is_refused(written: str) -> None:
    with pytest.raises(WrongShape):
        version(written, "app_version")


@given(st.booleans(), st.booleans(), st.none() | st.binary(max_size=9))
def test_every_flag_of_a_draft_is_sent_in_each_ones_own_type(
    pinned: bool, confirm: bool, image: bytes | None
) -> None:
    draft = NoticeDraft("文", image, pinned, confirm)
    napcat, llbot = NAPCAT.draft(draft), LLBOT.draft(draft)

    assert {"content": "文", "pinned": int(pinned), "confirm_required": int(confirm), "tip_window_type": 1} == {
        key: napcat[key] for key in ("content", "pinned", "confirm_required", "tip_window_type")
    }
    assert all(
        isinstance(napcat[key], int) and not isinstance(napcat[key], bool) for key in ("pinned", "confirm_required")
    )
    assert (pinned, confirm, False, False) == tuple(
        llbot[key] for key in ("pinned", "confirm_required", "tip_window", "send_new_member")
    )
    assert all(isinstance(value, bool) for key, value in llbot.items() if key not in ("content", "image"))
    assert ("image" in napcat) == ("image" in llbot) == (image is not None)
    if image is not None:
        assert napcat["image"].startswith("base64://")
