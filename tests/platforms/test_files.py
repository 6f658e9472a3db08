"""Answers about files and messages, as they may come: what is not as it should be is never taken for less."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.platforms.essence import said
from qqgroup_provision.platforms.onebot11.essence import listed_with_content, message
from qqgroup_provision.platforms.onebot11.files import listing, space
from qqgroup_provision.platforms.shape import WrongShape
from qqgroup_provision.ports import LiveEssence, LiveFile, LiveFolder, LiveSpace

FILE: dict[str, Any] = {
    "file_id": "x", "file_name": "a.txt", "busid": 102, "size": 5, "file_size": 5, "upload_time": 7, "dead_time": 0,
    "uploader": 100000001,
}  # fmt: skip
FOLDER: dict[str, Any] = {"folder_id": "/y", "folder_name": "资料", "total_file_count": 1}
MESSAGE: dict[str, Any] = {
    "message_id": -5, "real_seq": "12", "user_id": 100000001,
    "message": [{"type": "text", "data": {"text": "一"}}],
}  # fmt: skip
ESSENCE: dict[str, Any] = {"msg_seq": 12, "msg_random": 34, "sender_id": 100000001, "content": MESSAGE["message"]}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_a_listing_is_read_and_a_folder_without_an_id_is_none() -> None:
    found = listing({"files": [FILE], "folders": [FOLDER, {**FOLDER, "folder_id": "", "folder_name": ""}]}, "里")

    assert (LiveFolder("/y", "资料", 1),) == found.folders
    assert (LiveFile("x", "a.txt", "里", 5, 100000001, 7, False, 102),) == found.files
    assert listing({"files": [{**FILE, "dead_time": 9}], "folders": []}, "").files[0].temporary


@pytest.mark.parametrize("data", [
    None, [], {}, {"files": []}, {"folders": []}, {"files": None, "folders": []}, {"files": [], "folders": None},
    {"files": [FILE, FILE], "folders": []},
    {"files": [], "folders": [FOLDER, FOLDER]},
    {"files": [{**FILE, "file_id": ""}], "folders": []},
    {"files": [{**FILE, "file_size": None}], "folders": []},
    {"files": [{**FILE, "uploader": "x"}], "folders": []},
    {"files": [{**FILE, "file_id": str(number)} for number in range(5000)], "folders": []},
])  # fmt: skip
def test_a_listing_that_is_not_whole_is_no_listing(data: Any) -> None:
    with pytest.raises(WrongShape):
        listing(data, "")


def test_an_empty_list_may_be_null_where_go_says_so_and_nowhere_else() -> None:
    empty = {"files": None, "folders": None}

    assert ((), ()) == (listing(empty, "", True).files, listing(empty, "", True).folders)
    assert 1 == len(listing({"files": [FILE], "folders": None}, "", True).files)
    with pytest.raises(WrongShape):
        listing({"files": None}, "", True)


def test_never_may_be_told_as_a_moment_long_ago() -> None:
    data = {"files": [{**FILE, "upload_time": 1_700_000_000, "dead_time": 28800}], "folders": []}

    assert not listing(data, "").files[0].temporary


def test_no_room_at_all_is_no_answer() -> None:
    with pytest.raises(WrongShape):
        space({"file_count": 0, "limit_count": 0, "used_space": 0, "total_space": 0})


def test_space_is_read_in_its_order() -> None:
    data = {"file_count": 1, "limit_count": 2, "used_space": 3, "total_space": 4}

    assert LiveSpace(used=3, total=4, count=1, limit=2) == space(data)


def test_messages_are_known_by_their_number_in_the_group() -> None:
    assert LiveEssence(12, 100000001, "一", handle="-5") == message(MESSAGE, "real_seq")
    assert LiveEssence(12, 100000001, "一", random="34") == listed_with_content(ESSENCE)
    named = {key: value for key, value in ESSENCE.items() if not key.startswith("msg_")}
    assert LiveEssence(-5, 100000001, "一", handle="-5") == listed_with_content(
        {**named, "message_id": -5}, "message_id"
    )


def test_what_is_no_text_equals_no_text() -> None:
    parts = [{"type": "text", "data": {"text": "看 "}}, {"type": "image", "data": {"file": "x"}}]

    assert "看 [image]" == said(parts)
    assert [False, True] == [message({**MESSAGE, "message": each}, "real_seq").plain for each in (parts, parts[:1])]
    assert "a & [b]" == said("a &amp; &#91;b&#93;")


@given(json_values)
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_a_value_or_a_wrong_shape(data: Any) -> None:
    for read in (lambda it: listing(it, ""), space, said, listed_with_content, lambda it: message(it, "real_seq")):
        for value in (data, {"files": [data], "folders": []}, {**ESSENCE, "content": [data]}):
            try:
                read(value)
            except WrongShape:
                continue
