"""The files of simulated groups: folders of one level, files by digest and size, and room that can run out.

QQ's own rules (qq_protocol §8.1): names of files may repeat, those of folders not; who uploaded a file or an admin
may delete it; what there is no room for is kept for two weeks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS folders (id TEXT PRIMARY KEY, group_id INTEGER, name TEXT, creator INTEGER, time INTEGER);
CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, group_id INTEGER, folder TEXT, name TEXT, size INTEGER,
    sha256 TEXT, uploader INTEGER, time INTEGER, dead_time INTEGER);
CREATE TABLE IF NOT EXISTS room (group_id INTEGER PRIMARY KEY, space INTEGER, claimed INTEGER);
"""
ROOT = "/"
SPACE, LIMIT = 10 << 30, 10_000  # bytes and files of a group
_KEPT = 14 * 86400  # seconds that a file is kept for which there was no room


class FilesRefusal(Exception):
    """QQ says no. `code` is its own, `words` are for people."""

    def __init__(self, code: int, words: str) -> None:
        self.code = code
        self.words = words
        super().__init__(f"{code} {words}")


NOT_ADMIN = FilesRefusal(-36, "只允许群主和管理员操作")
EXISTS = FilesRefusal(-313, "同名文件夹已存在")
NOT_THERE = FilesRefusal(-3, "文件不存在")


class GroupFiles:
    """Folders and files of every group. `rank` gives somebody's standing in a group, -1 for none, `record` a line in
    the timeline and the moment it happened."""

    def __init__(self, db: sqlite3.Connection, rank: Callable[[int, int], int], record: Callable[..., int]) -> None:
        self._db = db
        self._rank = rank
        self._record = record

    def folders(self, group: int) -> list[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT f.*, (SELECT COUNT(*) FROM files WHERE group_id = f.group_id AND folder = f.id) AS size"
            " FROM folders f WHERE group_id = ? ORDER BY time DESC, id",
            (group,),
        )
        return [dict(row) for row in rows]

    def files(self, group: int, folder: str | None = None) -> list[dict[str, Any]]:
        """The files of a folder, newest first; of all without one."""
        where = "" if folder is None else " AND folder = ?"
        values: tuple[int | str, ...] = (group,) if folder is None else (group, folder)
        rows = self._db.execute(
            f"SELECT * FROM files WHERE group_id = ?{where} ORDER BY time DESC, id",  # noqa: S608  (one of two)
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
        moment = self._record("folder_created", group, name=name)
        folder = f"/{group:x}-{moment:x}-folder"
        self._db.execute("INSERT INTO folders VALUES (?, ?, ?, ?, ?)", (folder, group, name, actor, moment))
        return folder

    def delete_folder(self, actor: int, group: int, folder: str) -> None:
        """With everything in it: what QQ does here is not known, so the worst is done."""
        self._require_admin(actor, group)
        found = next((row for row in self.folders(group) if row["id"] == folder), None)
        if found is None:
            raise NOT_THERE
        self._db.execute("DELETE FROM files WHERE group_id = ? AND folder = ?", (group, folder))
        self._db.execute("DELETE FROM folders WHERE id = ?", (folder,))
        self._record("folder_deleted", group, name=found["name"], files=found["size"])

    def upload(self, actor: int, group: int, folder: str, name: str, size: int, sha256: str) -> str:
        if self._rank(group, actor) < 0:
            raise NOT_ADMIN
        if folder != ROOT and not any(row["id"] == folder for row in self.folders(group)):
            raise NOT_THERE
        space = self.space(group)
        moment = self._record("file_uploaded", group, name=name, size=size, sender=actor)
        full = space["used"] + size > space["real"] or space["count"] >= space["limit"]
        file = f"/{group:x}-{moment:x}-file"
        row = (file, group, folder, name, size, sha256, actor, moment, moment + _KEPT if full else 0)
        self._db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return file

    def delete(self, actor: int, group: int, file: str) -> None:
        found = self._mine(actor, group, file)
        self._db.execute("DELETE FROM files WHERE id = ?", (file,))
        self._record("file_deleted", group, name=found["name"])

    def rename(self, actor: int, group: int, file: str, name: str) -> None:
        found = self._mine(actor, group, file)
        self._db.execute("UPDATE files SET name = ? WHERE id = ?", (name, file))
        self._record("file_renamed", group, name=found["name"], to=name)

    def keep(self, actor: int, group: int, file: str) -> None:
        found = self._mine(actor, group, file)
        self._db.execute("UPDATE files SET dead_time = 0 WHERE id = ?", (file,))
        self._record("file_kept", group, name=found["name"])

    def plant(self, group: int, owner: int, seed: Mapping[str, Any]) -> None:
        """What is there when the world begins, and what people do by hand: any of `space` (and
        `claimed`, where the server says that there is another amount of it), `folders`, `upload`
        ({path, size, uploader, sha256}), `delete` (paths) and `remove_folders` (names)."""
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
            self.upload(uploader, group, ids.get(folder, ROOT), name, size, str(item.get("sha256", "0" * 64)))
        for name in seed.get("remove_folders", ()):
            self.delete_folder(owner, group, ids[name])

    def _require_admin(self, actor: int, group: int) -> None:
        if self._rank(group, actor) < 1:
            raise NOT_ADMIN

    def _mine(self, actor: int, group: int, file: str) -> dict[str, Any]:
        """A file that somebody may change: their own, or any for an admin."""
        found = next((row for row in self.files(group) if row["id"] == file), None)
        if found is None:
            raise NOT_THERE
        if found["uploader"] != actor:
            self._require_admin(actor, group)
        return found
