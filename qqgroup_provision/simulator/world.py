"""The world itself: groups in SQLite, and QQ's own rules about who may change what.

It knows nothing of OneBot. What QQ would refuse raises `Refusal`; every change is written to a timeline.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.simulator import group_files
from qqgroup_provision.simulator.group_files import GroupFiles
from qqgroup_provision.simulator.seed import Seed, SeedGroup
from qqgroup_provision.simulator.settings import DEFAULTS, is_setting

TITLE_BYTES, CARD_BYTES, NOTICE_CHARACTERS, NAME_BYTES = 18, 60, 600, 90
RANKS = {"member": 0, "admin": 1, "owner": 2}
_BEGINNING = 1_764_000_000  # seconds since 1970, at which the world's clock begins

_TABLES = """
CREATE TABLE IF NOT EXISTS groups (id INTEGER PRIMARY KEY, name TEXT, remark TEXT, capacity INTEGER, muted INTEGER);
CREATE TABLE IF NOT EXISTS members (group_id INTEGER, qq INTEGER, role TEXT, nickname TEXT, card TEXT, title TEXT,
    muted_until INTEGER DEFAULT 0, PRIMARY KEY (group_id, qq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notices (id TEXT PRIMARY KEY, group_id INTEGER, text TEXT, sender INTEGER, time INTEGER,
    pinned INTEGER, confirm INTEGER, image TEXT);
CREATE TABLE IF NOT EXISTS settings (group_id INTEGER, name TEXT, value TEXT, PRIMARY KEY (group_id, name))
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notices_of ON notices (group_id);
CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, group_id INTEGER, sender INTEGER, time INTEGER,
    text TEXT);
CREATE TABLE IF NOT EXISTS essence (seq INTEGER PRIMARY KEY, operator INTEGER, marked_at INTEGER);
CREATE TABLE IF NOT EXISTS timeline (n INTEGER PRIMARY KEY, event TEXT);
"""


class Refusal(Exception):
    """QQ's server says no. `code` is its own, `words` are what implementations pass on."""

    def __init__(self, code: int, words: str) -> None:
        self.code = code
        self.words = words
        super().__init__(f"{code} {words}")


NOT_ADMIN = Refusal(120101005, "ERR_NOT_GROUP_ADMIN")
NO_PERMISSION = Refusal(120101007, "ERR_NO_PERMISSION")


class World:
    """Groups, members, announcements and messages. One connection, one thread."""

    def __init__(self, seed: Seed, database: Path | None = None) -> None:
        self._db = sqlite3.connect(str(database or ":memory:"), isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self.files = GroupFiles(self._db, self._standing, self._record)
        self.version: dict[int, int] = {}  # group -> how often its members changed, for caches
        try:
            self._db.executescript(_TABLES + group_files.TABLES)
            if not self._db.execute("SELECT 1 FROM groups LIMIT 1").fetchone():
                for group in seed.groups:
                    self._plant(group)
        except sqlite3.Error as error:
            self._db.close()
            raise InvalidInput(
                Diagnostic(
                    "QG151",
                    say("The database of the world cannot be used: {reason}.", reason=error),
                    subject=str(database or ""),
                    hint=say("Name a file that `qqgroup simulate --database` wrote, or one that is not there yet."),
                )
            ) from None

    def close(self) -> None:
        self._db.close()

    # Reading

    def groups_of(self, account: int) -> list[dict[str, Any]]:
        """The groups an account is in, with how many members each has."""
        rows = self._db.execute(
            "SELECT g.*, (SELECT COUNT(*) FROM members WHERE group_id = g.id) AS size,"
            " (SELECT qq FROM members WHERE group_id = g.id AND role = 'owner') AS owner"
            " FROM groups g JOIN members m ON m.group_id = g.id AND m.qq = ? ORDER BY g.id",
            (account,),
        )
        return [dict(row) for row in rows]

    def members(self, group: int) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT * FROM members WHERE group_id = ? ORDER BY qq", (group,))
        return [dict(row) for row in rows]

    def member(self, group: int, qq: int) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM members WHERE group_id = ? AND qq = ?", (group, qq)).fetchone()
        return dict(row) if row else None

    def notices(self, group: int) -> list[dict[str, Any]]:
        """Announcements, newest first."""
        rows = self._db.execute("SELECT * FROM notices WHERE group_id = ? ORDER BY time DESC", (group,))
        return [dict(row) for row in rows]

    def settings(self, group: int) -> dict[str, Any]:
        """A group's settings, those nobody ever changed included (settings.py)."""
        rows = self._db.execute("SELECT name, value FROM settings WHERE group_id = ?", (group,))
        return {**DEFAULTS, **{row["name"]: json.loads(row["value"]) for row in rows}}

    def essence(self, group: int) -> list[dict[str, Any]]:
        """Essence messages, the one that was marked last first."""
        rows = self._db.execute(
            "SELECT m.*, e.operator, e.marked_at FROM essence e JOIN messages m ON m.seq = e.seq"
            " WHERE m.group_id = ? ORDER BY e.marked_at DESC",
            (group,),
        )
        return [dict(row) for row in rows]

    def message(self, sequence: int) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM messages WHERE seq = ?", (sequence,)).fetchone()
        return dict(row) if row else None

    def timeline(self) -> list[dict[str, Any]]:
        """Everything that ever changed, in order."""
        rows = self._db.execute("SELECT n, event FROM timeline ORDER BY n")
        return [{"n": row["n"], **json.loads(row["event"])} for row in rows]

    def snapshot(self) -> dict[str, Any]:
        """The whole world as plain data, equal for equal worlds whatever ids their announcements have."""
        return {
            str(row["id"]): self._group_snapshot(row) for row in self._db.execute("SELECT * FROM groups ORDER BY id")
        }

    def _group_snapshot(self, row: sqlite3.Row) -> dict[str, Any]:
        return {
            "name": row["name"],
            "remark": row["remark"],
            "mute_all": bool(row["muted"]),
            "settings": self.settings(row["id"]),
            "members": {
                str(m["qq"]): {key: m[key] for key in ("role", "card", "title", "nickname")}
                for m in self.members(row["id"])
            },
            "announcements": [
                {
                    "id": n["id"], "text": n["text"], "sender": n["sender"], "time": n["time"],
                    "pinned": bool(n["pinned"]), "confirm": bool(n["confirm"]), "image": n["image"],
                }
                for n in self.notices(row["id"])
            ],
            **self.files.snapshot(row["id"]),
            "essence": sorted(message["text"] for message in self.essence(row["id"])),
        }  # fmt: skip

    # Changing, as somebody

    def rename(self, actor: int, group: int, name: str) -> None:
        self._require(actor, group, "admin", Refusal(1287, "not admin"))
        if not name or len(name.encode()) > NAME_BYTES:
            raise Refusal(1010, "group name refused")
        self._set_group(group, "name", name)

    def set_remark(self, actor: int, group: int, remark: str) -> None:
        self._require(actor, group, "member", NO_PERMISSION)
        self._set_group(group, "remark", remark)

    def mute_all(self, actor: int, group: int, muted: bool) -> None:
        self._require(actor, group, "admin", NOT_ADMIN)
        self._set_group(group, "muted", int(muted))

    def set_avatar(self, actor: int, group: int, image: bytes) -> None:
        """QQ keeps the picture re-encoded; here only what was sent is kept, by its digest."""
        if not image.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF")):
            raise Refusal(1004022, "not an image")
        self.change_settings(actor, group, avatar=hashlib.sha256(image).hexdigest())

    def change_settings(self, actor: int, group: int, **values: Any) -> None:
        self._require(actor, group, "admin", NOT_ADMIN)
        self._set_settings(group, values)

    def set_admin(self, actor: int, group: int, qq: int, admin: bool) -> None:
        self._require(actor, group, "owner", NO_PERMISSION)
        target = self._target(group, qq)
        if target["role"] != "owner":
            self._set_member(group, qq, "role", "admin" if admin else "member")

    def set_title(self, actor: int, group: int, qq: int, title: str) -> None:
        self._require(actor, group, "owner", NO_PERMISSION)
        self._target(group, qq)
        if len(title.encode()) > TITLE_BYTES:
            raise Refusal(1, "title too long")
        self._set_member(group, qq, "title", title)

    def set_card(self, actor: int, group: int, qq: int, card: str) -> None:
        mine = self._require(actor, group, "member", NO_PERMISSION)
        target = self._target(group, qq)
        if qq != actor and (RANKS[mine["role"]] < 1 or target["role"] == "owner"):
            raise NO_PERMISSION
        if len(card.encode()) > CARD_BYTES:
            raise Refusal(1, "card too long")
        self._set_member(group, qq, "card", card)

    def publish(self, actor: int, group: int, text: str, *, pinned: bool, confirm: bool, image: bytes | None) -> str:
        """Post an announcement; gives its id, which no implementation passes on."""
        self._require(actor, group, "admin", Refusal(35, "no permission"))
        if not text.strip() or len(text) > NOTICE_CHARACTERS:
            raise Refusal(3, "content length")
        number = self._db.execute("SELECT COALESCE(MAX(n), 0) + 1 AS n FROM timeline").fetchone()["n"]
        picture = hashlib.sha256(image).hexdigest() if image is not None else None
        notice = (
            f"{group:08x}{number:016x}",
            group,
            text,
            actor,
            _BEGINNING + number,
            pinned,
            confirm,
            picture,
        )
        self._db.execute("INSERT INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", notice)
        self._record("announcement_created", group, id=notice[0], text=text)
        return notice[0]

    def withdraw(self, actor: int, group: int, notice_id: str) -> None:
        self._require(actor, group, "admin", Refusal(35, "no permission"))
        row = self._db.execute(
            "SELECT text FROM notices WHERE id = ? AND group_id = ?", (notice_id, group)
        ).fetchone()
        if row is None:
            raise Refusal(2, "no such announcement")
        self._db.execute("DELETE FROM notices WHERE id = ?", (notice_id,))
        self._record("announcement_deleted", group, id=notice_id, text=row["text"])

    def mute(self, actor: int, group: int, qq: int, until: int) -> None:
        self._above(actor, group, qq)
        self._set_member(group, qq, "muted_until", until)

    def kick(self, actor: int, group: int, qq: int) -> None:
        self._above(actor, group, qq)
        self.leave(group, qq)

    def say(self, actor: int, group: int, text: str) -> int:
        """Send a message; gives its sequence number."""
        mine = self._require(actor, group, "member", NO_PERMISSION)
        muted = self._db.execute("SELECT muted FROM groups WHERE id = ?", (group,)).fetchone()["muted"]
        if muted and mine["role"] == "member":
            raise Refusal(120, "muted")
        cursor = self._db.execute(
            "INSERT INTO messages (group_id, sender, time, text) VALUES (?, ?, ?, ?)",
            (group, actor, _BEGINNING, text),
        )
        self._record("message", group, sender=actor, text=text)
        return int(cursor.lastrowid or 0)

    def tell(self, actor: int, group: int, text: str) -> int:
        """A message that comes of something else, such as an upload."""
        cursor = self._db.execute(
            "INSERT INTO messages (group_id, sender, time, text) VALUES (?, ?, ?, ?)",
            (group, actor, _BEGINNING, text),
        )
        return int(cursor.lastrowid or 0)

    def mark(self, actor: int, sequence: int) -> None:
        """Make a message an essence message; one that is one already stays one."""
        found = self._spoken(actor, sequence)
        moment = self._record("essence_marked", found["group_id"], text=found["text"])
        self._db.execute("INSERT OR REPLACE INTO essence VALUES (?, ?, ?)", (sequence, actor, moment))

    def unmark(self, actor: int, sequence: int) -> None:
        found = self._spoken(actor, sequence)
        self._db.execute("DELETE FROM essence WHERE seq = ?", (sequence,))
        self._record("essence_unmarked", found["group_id"], text=found["text"])

    def _spoken(self, actor: int, sequence: int) -> dict[str, Any]:
        found = self.message(sequence)
        if found is None:
            raise Refusal(1, "message not found")
        self._require(actor, found["group_id"], "admin", NO_PERMISSION)
        return found

    def messages(self, group: int, count: int) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT * FROM messages WHERE group_id = ? ORDER BY seq DESC LIMIT ?", (group, count))
        return [dict(row) for row in rows][::-1]

    # Changing, as the people in the group would with their own clients

    def patch(self, group: int, changes: Mapping[str, Any]) -> None:
        """A change made by hand: any of name, remark, mute_all, settings, members, announce, withdraw, files (see
        group_files.py), essence and unmark (texts)."""
        self._set_settings(group, changes.get("settings", {}))
        for key, column in (("name", "name"), ("remark", "remark"), ("mute_all", "muted")):
            if key in changes:
                self._set_group(group, column, int(changes[key]) if key == "mute_all" else changes[key])
        for qq, fields in changes.get("members", {}).items():
            if fields is None:
                self.leave(group, int(qq))
                continue
            if self.member(group, int(qq)) is None:
                self.enter(group, int(qq), str(fields.get("nickname", qq)))
            for column in fields.keys() & {"role", "card", "title", "nickname"}:
                self._set_member(group, int(qq), column, fields[column])
        owner = self._db.execute("SELECT qq FROM members WHERE group_id = ? AND role = 'owner'", (group,)).fetchone()[
            "qq"
        ]
        for text in changes.get("announce", ()):
            self.publish(owner, group, text, pinned=False, confirm=False, image=None)
        for notice_id in changes.get("withdraw", ()):
            self.withdraw(owner, group, notice_id)
        self.files.plant(group, owner, changes.get("files", {}))
        for text in changes.get("essence", ()):
            self.mark(owner, self.say(owner, group, text))
        for row in self.essence(group):
            if row["text"] in changes.get("unmark", ()):
                self.unmark(owner, row["seq"])

    def enter(self, group: int, qq: int, nickname: str) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO members (group_id, qq, role, nickname, card, title)"
            " VALUES (?, ?, 'member', ?, '', '')",
            (group, qq, nickname),
        )
        self._changed(group)
        self._record("joined", group, qq=qq)

    def leave(self, group: int, qq: int) -> None:
        self._db.execute("DELETE FROM members WHERE group_id = ? AND qq = ?", (group, qq))
        self._changed(group)
        self._record("left", group, qq=qq)

    # The rest

    def _plant(self, group: SeedGroup) -> None:
        self._db.execute("BEGIN")
        self._db.execute(
            "INSERT INTO groups VALUES (?, ?, ?, ?, ?)",
            (group.id, group.name, group.remark, group.capacity, group.mute_all),
        )
        self._db.executemany(
            "INSERT INTO members (group_id, qq, role, nickname, card, title) VALUES (?, ?, ?, ?, ?, ?)",
            [(group.id, m.qq, m.role, m.nickname, m.card, m.title) for m in group.members],
        )
        for number, notice in enumerate(group.notices):
            picture = hashlib.sha256(b"seed").hexdigest() if notice.image else None
            self._db.execute(
                "INSERT INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (f"{group.id:08x}ffff{number:012x}", group.id, notice.text, notice.sender,
                 _BEGINNING - 1000 + number, notice.pinned, notice.confirm, picture),
            )  # fmt: skip
        for name, value in group.settings.items():
            self._put_setting(group.id, name, value)
        owner = next((m.qq for m in group.members if m.role == "owner"), 0)
        self.files.plant(group.id, owner, group.files)
        for text, sender in group.essence:
            self.mark(owner, self.tell(sender or owner, group.id, text))
        self._db.execute("COMMIT")
        self._changed(group.id)

    def _require(self, actor: int, group: int, role: str, otherwise: Refusal) -> dict[str, Any]:
        mine = self.member(group, actor)
        if mine is None or RANKS[mine["role"]] < RANKS[role]:
            raise otherwise
        return mine

    def _standing(self, group: int, qq: int) -> int:
        found = self.member(group, qq)
        return RANKS[found["role"]] if found else -1

    def _above(self, actor: int, group: int, qq: int) -> None:
        mine = self._require(actor, group, "admin", NOT_ADMIN)
        if RANKS[mine["role"]] <= RANKS[self._target(group, qq)["role"]]:
            raise NOT_ADMIN

    def _target(self, group: int, qq: int) -> dict[str, Any]:
        member = self.member(group, qq)
        if member is None:
            raise Refusal(120101001, "user not in group")
        return member

    def _set_group(self, group: int, column: str, value: Any) -> None:
        # Columns are named by this module alone, never by a request.
        self._db.execute(f"UPDATE groups SET {column} = ? WHERE id = ?", (value, group))  # noqa: S608
        self._record(f"group_{column}", group, value=value)

    def _set_settings(self, group: int, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if not is_setting(name, value):
                raise Refusal(1, f"no such setting: {name}")
            self._put_setting(group, name, value)
            self._record("group_setting", group, name=name, value="" if name == "answer" else value)

    def _put_setting(self, group: int, name: str, value: Any) -> None:
        row = (group, name, json.dumps(value, ensure_ascii=False))
        self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?, ?)", row)

    def _set_member(self, group: int, qq: int, column: str, value: Any) -> None:
        self._db.execute(
            f"UPDATE members SET {column} = ? WHERE group_id = ? AND qq = ?",  # noqa: S608
            (value, group, qq),
        )
        self._changed(group)
        self._record(f"member_{column}", group, qq=qq, value=value)

    def _changed(self, group: int) -> None:
        self.version[group] = self.version.get(group, 0) + 1

    def _record(self, event: str, group: int, **what: Any) -> int:
        """Write a line into the timeline; gives the moment it happened."""
        line = json.dumps({"event": event, "group": group, **what}, ensure_ascii=False)
        cursor = self._db.execute("INSERT INTO timeline (event) VALUES (?)", (line,))
        return _BEGINNING + int(cursor.lastrowid or 0)
