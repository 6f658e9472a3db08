"""Lagrange.OneBot and go-cqhttp in their own words: answers as their sources write them, and what is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from qqgroup_provision.platforms.connection import Connection
from qqgroup_provision.ports import (
    Capability,
    FileDraft,
    Known,
    LiveEssence,
    LiveFile,
    LiveFolder,
    LiveSpace,
    Unknown,
    Unsupported,
)
from tests.platforms.stub import Stub, failed, ok, stub

GROUP, ALICE = 731000001, 100000001
FILE = {
    "group_id": GROUP, "file_id": "/ab12", "file_name": "说明.txt", "file_size": 5, "upload_time": 1700000000,
    "dead_time": 0, "modify_time": 1700000000, "download_times": 3, "uploader": ALICE, "uploader_name": "A",
}  # fmt: skip
FOLDER = {
    "group_id": GROUP, "folder_id": "/cd34", "folder_name": "资料", "create_time": 1700000000, "creator": ALICE,
    "creator_name": "A", "total_file_count": 0,
}  # fmt: skip
LIVE = LiveFile("/ab12", "说明.txt", "", 5, ALICE, 1700000000)
ROOT = {"get_group_root_files": ok({"files": [{**FILE, "busid": 102}], "folders": [FOLDER]}),
        "get_group_files_by_folder": ok({"files": [], "folders": []})}  # fmt: skip


@pytest.fixture
def server() -> Iterator[Stub]:
    with stub() as found:
        yield found


def run(server: Stub, what: Callable[[Connection], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        connection = await server.connect()
        try:
            return await what(connection)
        finally:
            await connection.close()

    return asyncio.run(go())


def sent(server: Stub) -> list[tuple[str, Any]]:
    """The requests after the introduction and the listings: action and parameters."""
    return [(action, body) for action, _, body in server.requests if not action.startswith("get_")]


def gocq(server: Stub) -> None:
    server.introduce({"app_name": "go-cqhttp", "app_version": "v1.2.0"})
    server.answers |= ROOT


def lagrange(server: Stub) -> None:
    server.introduce({"app_name": "Lagrange.OneBot", "app_version": "0.0.3"})
    server.answers |= ROOT


def test_go_cqhttp_makes_null_of_an_empty_list(server: Stub) -> None:
    gocq(server)
    server.answers["get_group_files_by_folder"] = ok({"files": None, "folders": None})
    space = {"file_count": 1, "limit_count": 10000, "total_space": 10 << 30, "used_space": 5, "group_id": GROUP}
    server.answers["get_group_file_system_info"] = ok(space)
    found = run(server, lambda connection: connection.reader.files(GROUP))
    room = run(server, lambda connection: connection.reader.file_space(GROUP))

    assert isinstance(found, Known)
    assert (LiveFolder("/cd34", "资料", 0),) == found.value.folders
    assert ["/ab12"] == [file.file_id for file in found.value.files]
    assert Known(LiveSpace(5, 10 << 30, 1, 10000)) == room


def test_a_folder_that_says_it_holds_more_is_not_read(server: Stub) -> None:
    gocq(server)
    server.answers["get_group_root_files"] = ok({"files": None, "folders": [{**FOLDER, "total_file_count": 2}]})

    assert isinstance(run(server, lambda connection: connection.reader.files(GROUP)), Unknown)


@pytest.mark.parametrize(("introduce", "folder_deleted", "named"), [
    (gocq, "delete_group_folder", {"busid": 102}), (lagrange, "delete_group_file_folder", {}),
])  # fmt: skip
def test_what_is_sent_is_in_their_words(
    server: Stub, introduce: Callable[[Stub], None], folder_deleted: str, named: dict[str, Any]
) -> None:
    introduce(server)
    for action in ("create_group_file_folder", folder_deleted, "upload_group_file", "delete_group_file"):
        server.answers[action] = ok(None)
    draft = FileDraft("说明.txt", "资料", 5, "0" * 64, lambda _: iter([b"12345"]), "/srv/说明.txt")

    async def everything(connection: Connection) -> None:
        await connection.writer.create_folder(GROUP, "资料")
        await connection.writer.upload_file(GROUP, draft)
        await connection.writer.delete_file(GROUP, LIVE)
        await connection.writer.delete_folder(GROUP, "资料")
        with pytest.raises(Unsupported):
            await connection.writer.rename_file(GROUP, LIVE, "x")
        with pytest.raises(Unsupported):
            await connection.writer.keep_file(GROUP, LIVE)

    run(server, everything)
    assert [
        ("create_group_file_folder", {"group_id": GROUP, "name": "资料", "folder_name": "资料", "parent_id": "/"}),
        ("upload_group_file", {"group_id": GROUP, "name": "说明.txt", "upload_file": True, "folder": "/cd34",
                               "file": "/srv/说明.txt"}),
        ("delete_group_file", {"group_id": GROUP, "file_id": "/ab12", **named}),
        (folder_deleted, {"group_id": GROUP, "folder_id": "/cd34"}),
    ] == sent(server)  # fmt: skip


def test_lagrange_says_nothing_of_room_and_knows_messages_by_name_newest_last(server: Stub) -> None:
    lagrange(server)
    text = [{"type": "text", "data": {"text": "一"}}]
    server.answers |= {
        "get_essence_msg_list": ok([{
            "sender_id": ALICE, "sender_nick": "A", "sender_time": 1, "operator_id": ALICE, "operator_nick": "A",
            "operator_time": 2, "message_id": -7, "content": text,
        }]),
        "get_group_msg_history": ok({"messages": [
            {"message_type": "group", "message_id": name, "group_id": GROUP, "user_id": ALICE, "message": text}
            for name in (9, -7, 3)
        ]}),
        "set_essence_msg": ok(None), "delete_essence_msg": ok(None),
    }  # fmt: skip

    async def both(connection: Connection) -> Any:
        await connection.writer.mark_essence(GROUP, ALICE, "一", 0)
        await connection.writer.unmark_essence(GROUP, -7)
        return await connection.reader.essence(GROUP), await connection.reader.file_space(GROUP)

    essence, room = run(server, both)
    assert Known(LiveSpace()) == room
    assert (LiveEssence(-7, ALICE, "一", handle="-7"),) == essence.value.marked
    assert [3, -7, 9] == [each.sequence for each in essence.value.recent]
    assert [("set_essence_msg", {"message_id": 3}), ("delete_essence_msg", {"message_id": -7})] == sent(server)


def test_what_they_cannot_do_is_in_no_list_of_theirs(server: Stub) -> None:
    missing = {Capability.RENAME_FILE, Capability.KEEP_FILE}
    for introduce, more in ((gocq, {Capability.READ_ESSENCE, Capability.MARK_ESSENCE}), (lagrange, set())):
        introduce(server)
        facts = run(server, _facts)
        assert missing | more == (missing | {Capability.READ_ESSENCE, Capability.MARK_ESSENCE}) - facts.capabilities
        assert Capability.UPLOAD_FILE in facts.capabilities


async def _facts(connection: Connection) -> Any:
    return connection.facts


def test_a_list_that_fails_is_unknown(server: Stub) -> None:
    lagrange(server)
    server.answers["get_group_root_files"] = failed("", -1)

    assert isinstance(run(server, lambda connection: connection.reader.files(GROUP)), Unknown)
