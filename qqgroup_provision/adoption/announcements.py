"""Live announcements as YAML names them: those it knows keep their keys, the others are given one later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import plain
from qqgroup_provision.ports import LiveNotice
from qqgroup_provision.resources.announcement import LISTED
from qqgroup_provision.workspace.limits import NOTICE_CHARACTERS

Item = dict[str, Any]
LeaveOut = Callable[[Text, Text], None]


def announcements(before: Iterable[Item], notices: tuple[LiveNotice, ...], leave_out: LeaveOut) -> list[Item]:
    """The list that describes `notices`, which come newest first. New items have an empty key.

    One whose text is not up any more goes, unless the listing is empty, which may mean nothing, or so long that it
    may have been cut. Where one is gone and one is new, it is taken for the same with another text.
    """
    items = [dict(item) for item in before]
    if items and not notices:
        leave_out(say("that no announcement is up"), say("a server that knows nothing of them answers the same"))
        return items
    waiting = {notice.notice_id: notice for notice in notices}
    found: dict[int, LiveNotice] = {}
    for index, item in enumerate(items):
        text = plain(item["text"])
        equal = next((notice for notice in waiting.values() if notice.text == text), None)
        if equal is not None:
            found[index] = waiting.pop(equal.notice_id)
    fresh = _writable(waiting.values(), {notice.text for notice in found.values()}, leave_out)
    gone = [index for index in range(len(items)) if index not in found]
    cut = len(notices) >= LISTED
    gone = [index for index in gone if not items[index].get("publish")]  # its time may not have come, or be over
    if len(gone) == len(fresh) == 1 and not cut:
        found[gone[0]] = fresh.pop()
        items[gone[0]]["text"] = found[gone[0]].text
    described = [
        _described(item, found[index]) if index in found else item
        for index, item in enumerate(items)
        if index in found or cut or index not in gone
    ]
    for notice in [*found.values(), *fresh]:
        if notice.images and not any(item.get("image") for item in described if plain(item["text"]) == notice.text):
            leave_out(say("the picture of “{start}”", start=_start(notice)), say("QQ does not give it back"))
    return described + [_described({"key": "", "text": notice.text}, notice) for notice in fresh]


def _writable(notices: Iterable[LiveNotice], texts: set[str], leave_out: LeaveOut) -> list[LiveNotice]:
    """Those that YAML can hold: with a text, which is not too long, and no other has."""
    kept: list[LiveNotice] = []
    for notice in notices:
        what = say("the announcement “{start}”", start=_start(notice))
        if not notice.text:
            leave_out(what, say("it has no text"))
        elif len(notice.text) > NOTICE_CHARACTERS:
            leave_out(what, say("it has more than {limit} characters", limit=NOTICE_CHARACTERS))
        elif notice.text in texts:
            leave_out(what, say("another has the same text"))
        else:
            texts.add(notice.text)
            kept.append(notice)
    return kept


def _described(item: Item, notice: LiveNotice) -> Item:
    """The item with the flags that can be read. A flag that is off need not be written."""
    for flag, live in (("pinned", notice.pinned), ("confirm", notice.confirm)):
        if live is not None and bool(item.get(flag)) != live:
            item[flag] = live
    if item.get("image") and not notice.images:
        item["image"] = None
    return item


def _start(notice: LiveNotice) -> str:
    return " ".join(notice.text.split())[:24]


def hint(item: Mapping[str, Any]) -> str:
    """What an announcement's key is made of: its first words."""
    return str(item["text"]).split("\n", 1)[0]
