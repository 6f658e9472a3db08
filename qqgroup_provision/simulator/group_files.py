"""The files of simulated groups: folders of one level, files by digest and size, and room that can run out.

QQ's own rules (qq_protocol §8.1): names of files may repeat, those of folders not; who uploaded a file or an admin
may delete it; what there is no room for is kept for two weeks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from qqgroup_provision.simulator.chat import Chat
from qqgroup_provision.simulator.content import SentFile
from qqgroup_provision.simulator.ledger import Ledger, Refusal
from qqgroup_provision.simulator.roll import Roll

TABLES = """
CREATE TABLE IF NOT EXISTS folders (id TEXT PRIMARY KEY, group_id INTEGER, name TEXT, creator INTEGER, time INTEGER);
CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, group_id INTEGER, folder TEXT, name TEXT, size INTEGER,
    sha256 TEXT, uploader INTEGER, time INTEGER, dead_time INTEGER);
CREATE TABLE IF NOT EXISTS contents (sha256 TEXT PRIMARY KEY, content BLOB);
CREATE TABLE IF NOT EXISTS room (group_id INTEGER PRIMARY KEY, space INTEGER, claimed INTEGER);
"""
ROOT = "/"
SPACE, LIMIT = 10 << 30, 10_000  # bytes and files of a group
_KEPT = 14 * 86400  # seconds that a file is kept for which there was no room
_STORED = 1 << 20  # bytes of a content that is kept; of a larger one its size and digest are


class FilesRefusal(Refusal):
    """QQ says no about a file."""


NOT_ADMIN = FilesRefusal(-36, "只允许群主和管理员操作")
EXISTS = FilesRefusal(-313, "同名文件夹已存在")
NOT_THERE = FilesRefusal(-3, "文件不存在")


class GroupFiles:
    """Folders and files of every group. An upload is a message too."""

    def __init__(self, ledger: Ledger, roll: Roll, chat: Chat) -> None:
        self._ledger = ledger
        self._db = ledger.db
        self._roll = roll
        self._chat = chat
        self.served_at = "http://127.0.0.1:9"  # where downloads are; nothing listens there before the world is served

    def folders(self, group: int) -> list[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT f.*, (SELECT COUNT(*) FROM files WHERE group_id = f.group_id AND folder = f.id) AS size"
            " FROM folders f WHERE group_id = ? ORDER BY time DESC, rowid DESC",
            (group,),
        )
        return [dict(row) for row in rows]

    def files(self, group: int, folder: str | None = None) -> list[dict[str, Any]]:
        """The files of a folder, newest first; of all without one."""
        where = "" if folder is None else " AND folder = ?"
        values: tuple[int | str, ...] = (group,) if folder is None else (group, folder)
        rows = self._db.execute(
            f"SELECT * FROM files WHERE group_id = ?{where} ORDER BY time DESC, rowid DESC",  # noqa: S608  (one of two)
            values,
        )
        return [dict(row) for row in rows]

    def space(self, group: int) -> dict[str, int]:
        used, count = self._db.execute(
            "SELECT COALESCE(SUM(size), 0), COUNT(*) FROM files WHERE group_id = ?", (group,)
        ).fetchone()
        row = self._db.execute("SELECT * FROM room WHERE group_id = ?", (group,)).fetchone()
        space, claimed = (row["space"], row["claimed"]) if row else (SPACE, SPACE)
        return {"used": used, "total": claimed, "real": space, "count": count, "limit": LIMIT}

    def snapshot(self, group: int) -> dict[str, Any]:
        names = {row["id"]: row["name"] for row in self.folders(group)}
        return {
            "folders": sorted(names.values()),
            "files": sorted(
                (
                    {
                        "path": f"{names[row['folder']]}/{row['name']}" if row["folder"] in names else row["name"],
                        "size": row["size"],
                        "sha256": row["sha256"],
                        "uploader": row["uploader"],
                        "temporary": bool(row["dead_time"]),
                    }
                    for row in self.files(group)
                ),
                key=lambda file: (file["path"], file["sha256"]),
            ),
        }

    def create_folder(self, actor: int, group: int, name: str) -> str:
        self._require_admin(actor, group)
        if not name or any(row["name"] == name for row in self.folders(group)):
            raise EXISTS
        number = self._ledger.record("folder_created", group, name=name)
        folder = f"/{group:x}-{number:x}-folder"
        row = (folder, group, name, actor, self._ledger.now())
        self._db.execute("INSERT INTO folders VALUES (?, ?, ?, ?, ?)", row)
        return folder

    def delete_folder(self, actor: int, group: int, folder: str) -> None:
        """With everything in it: what QQ does here is not known, so the worst is done."""
        self._require_admin(actor, group)
        found = next((row for row in self.folders(group) if row["id"] == folder), None)
        if found is None:
            raise NOT_THERE
        self._db.execute("DELETE FROM files WHERE group_id = ? AND folder = ?", (group, folder))
        self._db.execute("DELETE FROM folders WHERE id = ?", (folder,))
        self._ledger.record("folder_deleted", group, name=found["name"], files=found["size"])

    def upload(
        self, actor: int, group: int, folder: str, name: str, size: int, sha256: str, *, told: bool = True
    ) -> str:
        """Upload a file; gives its id. `told` puts the message into the group that comes with it."""
        if self._roll.rank(group, actor) < 0:
            raise NOT_ADMIN
        if folder != ROOT and not any(row["id"] == folder for row in self.folders(group)):
            raise NOT_THERE
        space = self.space(group)
        now = self._ledger.now()
        number = self._ledger.record("file_uploaded", group, name=name, size=size, sender=actor)
        full = space["used"] + size > space["real"] or space["count"] >= space["limit"]
        file = f"/{group:x}-{number:x}-file"
        row = (file, group, folder, name, size, sha256, actor, now, now + _KEPT if full else 0)
        self._db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        if told:
            self._chat.upload(actor, group, SentFile(file, name, size))
        return file

    def store(self, content: bytes) -> None:
        """Keep what a file holds, so that it can be downloaded."""
        if len(content) <= _STORED:
            row = (hashlib.sha256(content).hexdigest(), content)
            self._db.execute("INSERT OR REPLACE INTO contents VALUES (?, ?)", row)

    def of(self, group: int, file: str) -> dict[str, Any]:
        """A file by QQ's own id."""
        found = next((row for row in self.files(group) if row["id"] == file), None)
        if found is None:
            raise NOT_THERE
        return found

    def address(self, group: int, file: str) -> str:
        """Where it can be downloaded."""
        return f"{self.served_at}/ftn_handler/{self.of(group, file)['group_id']}/{file.encode().hex()}"

    def content(self, group: int, file: str) -> Iterator[bytes]:
        """What a file holds, in parts: zeros where nobody said what."""
        found = self.of(group, file)
        row = self._db.execute("SELECT content FROM contents WHERE sha256 = ?", (found["sha256"],)).fetchone()
        left = 0 if row else found["size"]
        if row:
            yield bytes(row["content"])
        while left > 0:
            part = min(left, _STORED)
            left -= part
            yield bytes(part)

    def delete(self, actor: int, group: int, file: str) -> None:
        found = self._mine(actor, group, file)
        self._db.execute("DELETE FROM files WHERE id = ?", (file,))
        self._ledger.record("file_deleted", group, name=found["name"])

    def rename(self, actor: int, group: int, file: str, name: str) -> None:
        found = self._mine(actor, group, file)
        self._db.execute("UPDATE files SET name = ? WHERE id = ?", (name, file))
        self._ledger.record("file_renamed", group, name=found["name"], to=name)

    def keep(self, actor: int, group: int, file: str) -> None:
        found = self._mine(actor, group, file)
        self._db.execute("UPDATE files SET dead_time = 0 WHERE id = ?", (file,))
        self._ledger.record("file_kept", group, name=found["name"])

    def plant(self, group: int, owner: int, seed: Mapping[str, Any], *, told: bool = True) -> None:
        """What is there when the world begins, and what people do by hand: any of `space` (and
        `claimed`, where the server says that there is another amount of it), `folders`, `upload`
        ({path, uploader, and size and sha256 or content}), `delete` (paths) and `remove_folders` (names)."""
        if "space" in seed:
            space = int(seed["space"])
            room = (group, space, int(seed.get("claimed", space)))
            self._db.execute("INSERT OR REPLACE INTO room VALUES (?, ?, ?)", room)
        ids = {row["name"]: row["id"] for row in self.folders(group)}
        for name in seed.get("folders", ()):
            ids[name] = self.create_folder(owner, group, str(name))
        for path in seed.get("delete", ()):
            folder, _, name = str(path).rpartition("/")
            for row in self.files(group, ids.get(folder, ROOT)):
                if row["name"] == name:
                    self.delete(owner, group, row["id"])
        for item in seed.get("upload", ()):
            folder, _, name = str(item["path"]).rpartition("/")
            if folder and folder not in ids:
                ids[folder] = self.create_folder(owner, group, folder)
            uploader, size = int(item.get("uploader", owner)), int(item.get("size", 1))
            digest = str(item.get("sha256", "0" * 64))
            if "content" in item:
                content = str(item["content"]).encode()
                self.store(content)
                size, digest = len(content), hashlib.sha256(content).hexdigest()
            self.upload(uploader, group, ids.get(folder, ROOT), name, size, digest, told=told)
        for name in seed.get("remove_folders", ()):
            self.delete_folder(owner, group, ids[name])

    def _require_admin(self, actor: int, group: int) -> None:
        if self._roll.rank(group, actor) < 1:
            raise NOT_ADMIN

    def _mine(self, actor: int, group: int, file: str) -> dict[str, Any]:
        """A file that somebody may change: their own, or any for an admin."""
        found = self.of(group, file)
        if found["uploader"] != actor:
            self._require_admin(actor, group)
        return found
