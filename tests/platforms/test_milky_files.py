"""Milky's answers about files and messages, as they may come: what is not as it should be is never taken for less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from qqgroup_provision.platforms.milky.essence import history, page
from qqgroup_provision.platforms.milky.files import listing
from qqgroup_provision.platforms.shape import WrongShape
from qqgroup_provision.ports import LiveEssence, LiveFile, LiveFolder
from tests.platforms.test_files import json_values

FILE: dict[str, Any] = {
    "group_id": 731000001, "file_id": "/x", "file_name": "a.txt", "parent_folder_id": "/", "file_size": 5,
    "uploaded_time": 7, "uploader_id": 100000001, "downloaded_times": 0,
}  # fmt: skip
FOLDER: dict[str, Any] = {"folder_id": "/y", "folder_name": "资料", "file_count": 1}
MESSAGE: dict[str, Any] = {
    "message_seq": 12, "sender_id": 100000001, "segments": [{"type": "text", "data": {"text": "一"}}],
}  # fmt: skip
IMAGE = {"type": "image", "data": {"resource_id": "x"}}


@pytest.mark.parametrize(
    ("expires", "temporary"),
    [({}, False), ({"expire_time": None}, False), ({"expire_time": 0}, False), ({"expire_time": 9}, True)],
)
def test_a_listing_is_read(expires: dict[str, Any], temporary: bool) -> None:
    found = listing({"files": [{**FILE, **expires}], "folders": [FOLDER]}, "里")

    assert (LiveFolder("/y", "资料", 1),) == found.folders
    assert (LiveFile("/x", "a.txt", "里", 5, 100000001, 7, temporary),) == found.files


def test_messages_are_read_with_what_comes_after_them() -> None:
    found = LiveEssence(12, 100000001, "一")

    assert ((found,), True) == page({"messages": [MESSAGE], "is_end": True})
    assert ((found,), None) == history({"messages": [MESSAGE]})
    assert ((found,), 11) == history({"messages": [MESSAGE], "next_message_seq": 11})
    (picture,), _ = history({"messages": [{**MESSAGE, "segments": [*MESSAGE["segments"], IMAGE]}]})
    assert ("一[image]", False) == (picture.text, picture.plain)


@pytest.mark.parametrize(("read", "data"), [
    (listing, None), (listing, {"files": []}), (listing, {"files": [FILE, FILE], "folders": []}),
    (listing, {"files": [{**FILE, "file_id": ""}], "folders": []}),
    (listing, {"files": [{**FILE, "expire_time": "never"}], "folders": []}),
    (listing, {"files": [], "folders": [FOLDER, FOLDER]}),
    (page, {"messages": []}), (page, {"messages": [], "is_end": 1}),
    (page, {"messages": [MESSAGE] * 2, "is_end": True}),
    (history, []), (history, {"messages": [{**MESSAGE, "segments": "一"}]}),
    (history, {"messages": [MESSAGE], "next_message_seq": "x"}),
])  # fmt: skip
def test_what_is_not_whole_is_nothing(read: Callable[..., Any], data: Any) -> None:
    with pytest.raises(WrongShape):
        read(data, "") if read is listing else read(data)


@given(json_values)
@settings(max_examples=100, deadline=None)
def test_whatever_comes_is_a_value_or_a_wrong_shape(data: Any) -> None:
    for value in (data, {"files": [data], "folders": []}, {"messages": [data], "is_end": True},
                  {"messages": [{**MESSAGE, "segments": [data]}]}):  # fmt: skip
        for read in (lambda it: listing(it, ""), page, history):
            try:
                read(value)
            except WrongShape:
                continue
