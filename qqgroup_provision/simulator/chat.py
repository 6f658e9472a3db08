"""What is said in groups: messages, recalling them, essence messages and faces under them.

QQ's own rules (qq_protocol §1.3, §6, §7.4): the muted are refused, one's own message is recalled within two minutes,
an admin recalls what members said at any time.
"""

from __future__ import annotations

from typing import Any

from qqgroup_provision.simulator.content import Content, SentFile, Text, from_json, shown, to_json
from qqgroup_provision.simulator.happenings import EssenceChanged, Poked, Reacted, Recalled, Said, Uploaded
from qqgroup_provision.simulator.ledger import NO_PERMISSION, RANKS, Ledger, Refusal
from qqgroup_provision.simulator.roll import Roll

RECALL_SECONDS = 120
TABLES = """
CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, group_id INTEGER, sender INTEGER, time INTEGER,
    text TEXT, content TEXT, recalled_by INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS messages_of ON messages (group_id);
CREATE TABLE IF NOT EXISTS essence (seq INTEGER PRIMARY KEY, operator INTEGER, marked_at INTEGER, n INTEGER);
CREATE TABLE IF NOT EXISTS reactions (seq INTEGER, qq INTEGER, face TEXT, PRIMARY KEY (seq, qq, face)) WITHOUT ROWID;
"""


class Chat:
    """The messages of every group, each with a number of its own."""

    def __init__(self, ledger: Ledger, roll: Roll) -> None:
        self._ledger = ledger
        self._roll = roll
        self._db = ledger.db

    # Reading

    def message(self, sequence: int) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM messages WHERE seq = ?", (sequence,)).fetchone()
        return _row(row) if row else None

    def messages(self, group: int, count: int, before: int | None = None) -> list[dict[str, Any]]:
        """The newest messages that nobody recalled, oldest first; those up to a number if one is given."""
        rows = self._db.execute(
            "SELECT * FROM messages WHERE group_id = ? AND seq <= ? AND recalled_by = 0 ORDER BY seq DESC LIMIT ?",
            (group, before if before is not None else (1 << 63) - 1, count),
        )
        return [_row(row) for row in rows][::-1]

    def everything(self, group: int, after: int = 0) -> list[dict[str, Any]]:
        """Every message there ever was after one with this number, the recalled ones too."""
        rows = self._db.execute("SELECT * FROM messages WHERE group_id = ? AND seq > ? ORDER BY seq", (group, after))
        return [_row(row) for row in rows]

    def essence(self, group: int) -> list[dict[str, Any]]:
        """Essence messages, the one that was marked last first."""
        rows = self._db.execute(
            "SELECT m.*, e.operator, e.marked_at FROM essence e JOIN messages m ON m.seq = e.seq"
            " WHERE m.group_id = ? ORDER BY e.n DESC",
            (group,),
        )
        return [_row(row) for row in rows]

    # Changing

    def say(self, actor: int, group: int, what: Content | str) -> int:
        """Send a message; gives its number."""
        mine = self._roll.require(actor, group, "member", NO_PERMISSION)
        muted = self._db.execute("SELECT muted FROM groups WHERE id = ?", (group,)).fetchone()["muted"]
        if (muted and mine["role"] == "member") or mine["muted_until"] > self._ledger.now():
            raise Refusal(120, "muted")
        content = (Text(what),) if isinstance(what, str) else what
        self._ledger.record("message", group, sender=actor, text=shown(content))
        return self._post(actor, group, content)

    def whisper(self, actor: int, target: int, content: Content) -> int:
        """A message to one alone; gives its number. Whether it may be is not looked at here."""
        self._ledger.record("whispered", 0, sender=actor, to=target, text=shown(content))
        return self._insert(actor, 0, content)

    def upload(self, actor: int, group: int, file: SentFile) -> int:
        """The message that comes of a file."""
        sequence = self._post(actor, group, (file,))
        now = self._ledger.now()
        self._ledger.happen(Uploaded(time=now, group=group, qq=actor, id=file.id, name=file.name, size=file.size))
        return sequence

    def recall(self, actor: int, sequence: int) -> None:
        found = self.message(sequence)
        if found is None or found["recalled_by"]:
            raise Refusal(1, "message not found")
        group, sender, now = found["group_id"], found["sender"], self._ledger.now()
        mine = self._roll.require(actor, group, "member", NO_PERMISSION)
        rank = RANKS[mine["role"]]
        late = now - found["time"] > RECALL_SECONDS
        if (sender == actor and rank < 1 and late) or (sender != actor and rank <= max(self._rank(found), 0)):
            raise Refusal(8, "recall refused")
        self._db.execute("UPDATE messages SET recalled_by = ? WHERE seq = ?", (actor, sequence))
        self._ledger.record("recalled", group, sender=sender, operator=actor, text=found["text"])
        self._ledger.happen(Recalled(time=now, group=group, sequence=sequence, sender=sender, operator=actor))

    def mark(self, actor: int, sequence: int) -> None:
        """Make a message an essence message; one that is one already stays one."""
        found = self._spoken(actor, sequence)
        number = self._ledger.record("essence_marked", found["group_id"], text=found["text"])
        row = (sequence, actor, self._ledger.now(), number)
        self._db.execute("INSERT OR REPLACE INTO essence VALUES (?, ?, ?, ?)", row)
        self._essence_changed(found, actor, on=True)

    def unmark(self, actor: int, sequence: int) -> None:
        found = self._spoken(actor, sequence)
        self._db.execute("DELETE FROM essence WHERE seq = ?", (sequence,))
        self._ledger.record("essence_unmarked", found["group_id"], text=found["text"])
        self._essence_changed(found, actor, on=False)

    def react(self, actor: int, sequence: int, face: str, *, on: bool) -> None:
        """Put a face under a message, or take it away."""
        found = self.message(sequence)
        if found is None:
            raise Refusal(1, "message not found")
        group = found["group_id"]
        self._roll.require(actor, group, "member", NO_PERMISSION)
        change = "INSERT OR IGNORE INTO reactions VALUES (?, ?, ?)"
        if not on:
            change = "DELETE FROM reactions WHERE seq = ? AND qq = ? AND face = ?"
        if not self._db.execute(change, (sequence, actor, face)).rowcount:
            return
        count = self._db.execute(
            "SELECT COUNT(*) FROM reactions WHERE seq = ? AND face = ?", (sequence, face)
        ).fetchone()[0]
        self._ledger.record("reacted", group, qq=actor, face=face, on=on)
        self._ledger.happen(
            Reacted(time=self._ledger.now(), group=group, qq=actor, sequence=sequence, face=face, count=count, on=on)
        )

    def poke(self, actor: int, group: int, target: int) -> None:
        self._roll.require(actor, group, "member", NO_PERMISSION)
        self._roll.target(group, target)
        self._ledger.record("poked", group, qq=actor, target=target)
        self._ledger.happen(Poked(time=self._ledger.now(), group=group, qq=actor, target=target))

    def plant(self, group: int, sender: int, text: str) -> int:
        """A message that was said before the world began."""
        return self._post(sender, group, (Text(text),))

    def _post(self, actor: int, group: int, content: Content) -> int:
        sequence, now = self._insert(actor, group, content), self._ledger.now()
        self._roll.spoke(group, actor)
        self._ledger.happen(Said(time=now, group=group, sequence=sequence, sender=actor, content=content))
        return sequence

    def _insert(self, actor: int, group: int, content: Content) -> int:
        now = self._ledger.now()
        cursor = self._db.execute(
            "INSERT INTO messages (group_id, sender, time, text, content) VALUES (?, ?, ?, ?, ?)",
            (group, actor, now, shown(content), to_json(content)),
        )
        return int(cursor.lastrowid or 0)

    def _rank(self, message: dict[str, Any]) -> int:
        return self._roll.rank(message["group_id"], message["sender"])

    def _spoken(self, actor: int, sequence: int) -> dict[str, Any]:
        found = self.message(sequence)
        if found is None:
            raise Refusal(1, "message not found")
        self._roll.require(actor, found["group_id"], "admin", NO_PERMISSION)
        return found

    def _essence_changed(self, message: dict[str, Any], operator: int, *, on: bool) -> None:
        self._ledger.happen(
            EssenceChanged(
                time=self._ledger.now(), group=message["group_id"], sequence=message["seq"],
                sender=message["sender"], operator=operator, on=on,
            )
        )  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    found = dict(row)
    return {**found, "content": from_json(found["content"])}
