"""The world itself: groups in SQLite, and QQ's own rules about who may change what.

It knows nothing of OneBot. What QQ would refuse raises `Refusal`; every change is written to a timeline, and what
people would notice is told to listeners (happenings.py). Members are in roll.py, messages in chat.py, requests to
join in requests.py, files in group_files.py.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.simulator import chat, group_files, ledger, requests, roll
from qqgroup_provision.simulator.chat import Chat
from qqgroup_provision.simulator.clock import Clock
from qqgroup_provision.simulator.content import Content
from qqgroup_provision.simulator.group_files import GroupFiles
from qqgroup_provision.simulator.happenings import Happening, MutedAll, Renamed
from qqgroup_provision.simulator.ledger import NO_PERMISSION, NOT_ADMIN, RANKS, Ledger, Refusal
from qqgroup_provision.simulator.requests import Requests
from qqgroup_provision.simulator.roll import Roll
from qqgroup_provision.simulator.seed import Seed, SeedGroup
from qqgroup_provision.simulator.settings import DEFAULTS, is_setting

TITLE_BYTES, CARD_BYTES, NOTICE_CHARACTERS, NAME_BYTES = 18, 60, 600, 90
_LAYOUT = 2  # of the database; one with another is refused

_TABLES = """
CREATE TABLE IF NOT EXISTS groups (id INTEGER PRIMARY KEY, name TEXT, remark TEXT, capacity INTEGER, muted INTEGER);
CREATE TABLE IF NOT EXISTS notices (id TEXT PRIMARY KEY, group_id INTEGER, text TEXT, sender INTEGER, time INTEGER,
    pinned INTEGER, confirm INTEGER, image TEXT);
CREATE TABLE IF NOT EXISTS settings (group_id INTEGER, name TEXT, value TEXT, PRIMARY KEY (group_id, name))
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notices_of ON notices (group_id);
"""


class World:
    """Groups, members, announcements and messages. One connection, one thread."""

    def __init__(self, seed: Seed, database: Path | None = None) -> None:
        self._db = sqlite3.connect(str(database or ":memory:"), isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self.clock = Clock(seed.clock)
        self._ledger = Ledger(self._db, self.clock)
        self.roll = Roll(self._ledger)
        self.chat = Chat(self._ledger, self.roll)
        self.requests = Requests(self._ledger, self.roll, self.settings)
        self.files = GroupFiles(self._ledger, self.roll, self.chat)
        self.pictures: dict[str, bytes] = {}  # those that can be fetched, by name
        self._names = dict(seed.people)
        self._levels = dict(seed.levels)
        try:
            self._prepare(seed)
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

    def _prepare(self, seed: Seed) -> None:
        written = self._db.execute("PRAGMA user_version").fetchone()[0]
        if written != _LAYOUT and self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise sqlite3.DatabaseError(f"its layout is {written}, and here it is {_LAYOUT}")
        tables = _TABLES + ledger.TABLES + roll.TABLES + chat.TABLES + requests.TABLES + group_files.TABLES
        self._db.executescript(f"{tables} PRAGMA user_version = {_LAYOUT};")
        if not self._db.execute("SELECT 1 FROM groups LIMIT 1").fetchone():
            for group in seed.groups:
                self._plant(group)

    def close(self) -> None:
        self._db.close()

    def listen(self, listener: Callable[[Happening], None]) -> None:
        """Call this with everything that happens from now on, in order."""
        self._ledger.listeners.append(listener)

    @property
    def version(self) -> Mapping[int, int]:
        """How often the members of each group changed."""
        return self.roll.version

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

    def group(self, group: int) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM groups WHERE id = ?", (group,)).fetchone()
        return {**dict(row), "size": self.roll.size(group), "owner": self.roll.owner(group)} if row else None

    def members(self, group: int) -> list[dict[str, Any]]:
        return self.roll.members(group)

    def member(self, group: int, qq: int) -> dict[str, Any] | None:
        return self.roll.member(group, qq)

    def nickname(self, qq: int) -> str:
        """What somebody is called, their number if nobody ever said."""
        return self._names.get(qq) or self.roll.nickname(qq)

    def level(self, qq: int) -> int:
        """The level in QQ that servers tell, 0 where they tell none."""
        return self._levels.get(qq, 0)

    def notices(self, group: int) -> list[dict[str, Any]]:
        """Announcements, newest first."""
        rows = self._db.execute("SELECT * FROM notices WHERE group_id = ? ORDER BY time DESC, rowid DESC", (group,))
        return [dict(row) for row in rows]

    def settings(self, group: int) -> dict[str, Any]:
        """A group's settings, those nobody ever changed included (settings.py)."""
        rows = self._db.execute("SELECT name, value FROM settings WHERE group_id = ?", (group,))
        return {**DEFAULTS, **{row["name"]: json.loads(row["value"]) for row in rows}}

    def timeline(self) -> list[dict[str, Any]]:
        """Everything that ever changed, in order."""
        return self._ledger.timeline()

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
            "essence": sorted(message["text"] for message in self.chat.essence(row["id"])),
        }  # fmt: skip

    # Changing, as somebody

    def rename(self, actor: int, group: int, name: str) -> None:
        self.roll.require(actor, group, "admin", Refusal(1287, "not admin"))
        if not name or len(name.encode()) > NAME_BYTES:
            raise Refusal(1010, "group name refused")
        self._set_name(actor, group, name)

    def set_remark(self, actor: int, group: int, remark: str) -> None:
        self.roll.require(actor, group, "member", NO_PERMISSION)
        self._set_group(group, "remark", remark)

    def mute_all(self, actor: int, group: int, muted: bool) -> None:
        self.roll.require(actor, group, "admin", NOT_ADMIN)
        self._set_muted(actor, group, muted)

    def set_avatar(self, actor: int, group: int, image: bytes) -> None:
        """QQ keeps the picture re-encoded; here only what was sent is kept, by its digest."""
        if not image.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF")):
            raise Refusal(1004022, "not an image")
        self.change_settings(actor, group, avatar=hashlib.sha256(image).hexdigest())

    def change_settings(self, actor: int, group: int, **values: Any) -> None:
        self.roll.require(actor, group, "admin", NOT_ADMIN)
        self._set_settings(group, values)

    def set_admin(self, actor: int, group: int, qq: int, admin: bool) -> None:
        self.roll.require(actor, group, "owner", NO_PERMISSION)
        target = self.roll.target(group, qq)
        if target["role"] != "owner":
            self.roll.set(group, qq, "role", "admin" if admin else "member", actor)

    def set_title(self, actor: int, group: int, qq: int, title: str) -> None:
        self.roll.require(actor, group, "owner", NO_PERMISSION)
        self.roll.target(group, qq)
        if len(title.encode()) > TITLE_BYTES:
            raise Refusal(1, "title too long")
        self.roll.set(group, qq, "title", title)

    def set_card(self, actor: int, group: int, qq: int, card: str) -> None:
        mine = self.roll.require(actor, group, "member", NO_PERMISSION)
        target = self.roll.target(group, qq)
        if qq != actor and (RANKS[mine["role"]] < 1 or target["role"] == "owner"):
            raise NO_PERMISSION
        if len(card.encode()) > CARD_BYTES:
            raise Refusal(1, "card too long")
        self.roll.set(group, qq, "card", card)

    def publish(self, actor: int, group: int, text: str, *, pinned: bool, confirm: bool, image: bytes | None) -> str:
        """Post an announcement; gives its id, which no implementation passes on."""
        self.roll.require(actor, group, "admin", Refusal(35, "no permission"))
        if not text.strip() or len(text) > NOTICE_CHARACTERS:
            raise Refusal(3, "content length")
        number = self._ledger.next_number()
        picture = hashlib.sha256(image).hexdigest() if image is not None else None
        notice = (
            f"{group:08x}{number:016x}",
            group,
            text,
            actor,
            self.clock.now(),
            pinned,
            confirm,
            picture,
        )
        self._db.execute("INSERT INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", notice)
        self._ledger.record("announcement_created", group, id=notice[0], text=text)
        return notice[0]

    def withdraw(self, actor: int, group: int, notice_id: str) -> None:
        self.roll.require(actor, group, "admin", Refusal(35, "no permission"))
        row = self._db.execute(
            "SELECT text FROM notices WHERE id = ? AND group_id = ?", (notice_id, group)
        ).fetchone()
        if row is None:
            raise Refusal(2, "no such announcement")
        self._db.execute("DELETE FROM notices WHERE id = ?", (notice_id,))
        self._ledger.record("announcement_deleted", group, id=notice_id, text=row["text"])

    def mute(self, actor: int, group: int, qq: int, seconds: int) -> None:
        self.roll.mute(actor, group, qq, seconds)

    def kick(self, actor: int, group: int, qq: int, *, for_good: bool = False) -> None:
        self.roll.kick(actor, group, qq, for_good=for_good)

    def whisper(self, actor: int, target: int, group: int, content: Content, *, friend: bool) -> int:
        """A message to one alone: to a friend, or to a member of the same group that allows it."""
        together = self.member(group, actor) is not None and self.member(group, target) is not None
        if not friend and not (together and self.settings(group)["temporary_session"]):
            raise Refusal(16, "not a friend")
        return self.chat.whisper(actor, target, content)

    def quit(self, actor: int, group: int) -> None:
        """Leave. The owner cannot: what QQ does then is not known (qq_protocol §7.6)."""
        if self.roll.require(actor, group, "member", NO_PERMISSION)["role"] == "owner":
            raise NO_PERMISSION
        self.roll.leave(group, actor)

    # Changing, as the people in the group would with their own clients

    def patch(self, group: int, changes: Mapping[str, Any]) -> None:
        """A change made by hand: any of name, remark, mute_all, settings, members, announce, withdraw, edit (what
        becomes of the announcement with a text: any of text, pinned and confirm), files (see group_files.py),
        essence and unmark (texts)."""
        if self.group(group) is None:
            raise Refusal(5, "no such group")
        owner = self.roll.owner(group)
        self._patch_group(owner, group, changes)
        for qq, fields in changes.get("members", {}).items():
            self._patch_member(owner, group, int(qq), fields)
        for text in changes.get("announce", ()):
            self.publish(owner, group, text, pinned=False, confirm=False, image=None)
        for notice_id in changes.get("withdraw", ()):
            self.withdraw(owner, group, notice_id)
        for text, fields in changes.get("edit", {}).items():
            for column in ("pinned", "confirm", "text"):  # the text last: by it the announcement is found
                if column in fields:
                    self._edit(group, text, column, fields[column])
        self.files.plant(group, owner, changes.get("files", {}))
        for text in changes.get("essence", ()):
            self.chat.mark(owner, self.chat.say(owner, group, text))
        for row in self.chat.essence(group):
            if row["text"] in changes.get("unmark", ()):
                self.chat.unmark(owner, row["seq"])

    def _edit(self, group: int, text: str, column: str, value: Any) -> None:
        """Only QQ's own clients can: the announcement stays the one it was."""
        self._db.execute(
            f"UPDATE notices SET {column} = ? WHERE group_id = ? AND text = ?",  # noqa: S608  (one of three)
            (value, group, text),
        )
        self._ledger.record("announcement_edited", group, text=text)

    def _patch_group(self, owner: int, group: int, changes: Mapping[str, Any]) -> None:
        self._set_settings(group, changes.get("settings", {}))
        if "name" in changes:
            self._set_name(owner, group, changes["name"])
        if "remark" in changes:
            self._set_group(group, "remark", changes["remark"])
        if "mute_all" in changes:
            self._set_muted(owner, group, bool(changes["mute_all"]))

    def _patch_member(self, owner: int, group: int, qq: int, fields: Mapping[str, Any] | None) -> None:
        if fields is None:
            self.roll.leave(group, qq)
            return
        if self.member(group, qq) is None:
            self.roll.enter(group, qq, str(fields.get("nickname", qq)))
        for column in ("role", "card", "title", "nickname"):
            if column in fields:
                self.roll.set(group, qq, column, fields[column], owner)

    # The rest

    def _plant(self, group: SeedGroup) -> None:
        self._db.execute("BEGIN")
        self._db.execute(
            "INSERT INTO groups VALUES (?, ?, ?, ?, ?)",
            (group.id, group.name, group.remark, group.capacity, group.mute_all),
        )
        self.roll.plant(group.id, group.members)
        for number, notice in enumerate(group.notices):
            picture = hashlib.sha256(b"seed").hexdigest() if notice.image else None
            self._db.execute(
                "INSERT INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (f"{group.id:08x}ffff{number:012x}", group.id, notice.text, notice.sender,
                 self.clock.now() - 1000 + number, notice.pinned, notice.confirm, picture),
            )  # fmt: skip
        for name, value in group.settings.items():
            self._put_setting(group.id, name, value)
        owner = next((m.qq for m in group.members if m.role == "owner"), 0)
        self.files.plant(group.id, owner, group.files, told=False)
        for text, sender in group.essence:
            self.chat.mark(owner, self.chat.plant(group.id, sender or owner, text))
        self._db.execute("COMMIT")

    def _set_name(self, operator: int, group: int, name: str) -> None:
        self._set_group(group, "name", name)
        self._ledger.happen(Renamed(time=self.clock.now(), group=group, operator=operator, name=name))

    def _set_muted(self, operator: int, group: int, muted: bool) -> None:
        self._set_group(group, "muted", int(muted))
        self._ledger.happen(MutedAll(time=self.clock.now(), group=group, operator=operator, on=muted))

    def _set_group(self, group: int, column: str, value: Any) -> None:
        # Columns are named by this module alone, never by a request.
        self._db.execute(f"UPDATE groups SET {column} = ? WHERE id = ?", (value, group))  # noqa: S608
        self._ledger.record(f"group_{column}", group, value=value)

    def _set_settings(self, group: int, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if not is_setting(name, value):
                raise Refusal(1, f"no such setting: {name}")
            self._put_setting(group, name, value)
            self._ledger.record("group_setting", group, name=name, value="" if name == "answer" else value)

    def _put_setting(self, group: int, name: str, value: Any) -> None:
        row = (group, name, json.dumps(value, ensure_ascii=False))
        self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?, ?)", row)
