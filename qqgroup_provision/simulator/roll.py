"""Who is in which group, as what, and QQ's rules about who may do something to whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qqgroup_provision.simulator.happenings import AdminChanged, CardChanged, Joined, Left, Muted, TitleChanged
from qqgroup_provision.simulator.ledger import NOT_ADMIN, RANKS, Ledger, Refusal
from qqgroup_provision.simulator.seed import SeedMember

LONG_AGO = 1_600_000_000  # when those joined and spoke last who are there from the beginning
TABLES = """
CREATE TABLE IF NOT EXISTS members (group_id INTEGER, qq INTEGER, role TEXT, nickname TEXT, card TEXT, title TEXT,
    muted_until INTEGER DEFAULT 0, joined INTEGER, spoke INTEGER, PRIMARY KEY (group_id, qq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS banned (group_id INTEGER, qq INTEGER, PRIMARY KEY (group_id, qq)) WITHOUT ROWID;
"""
_INSERT = (
    "INSERT OR REPLACE INTO members (group_id, qq, role, nickname, card, title, joined, spoke)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class Roll:
    """The members of every group. `version` counts for each how often they changed, for caches."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.db
        self.version: dict[int, int] = {}

    # Reading

    def members(self, group: int) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT * FROM members WHERE group_id = ? ORDER BY qq", (group,))
        return [dict(row) for row in rows]

    def member(self, group: int, qq: int) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM members WHERE group_id = ? AND qq = ?", (group, qq)).fetchone()
        return dict(row) if row else None

    def owner(self, group: int) -> int:
        """Who owns a group, 0 for nobody."""
        row = self._db.execute("SELECT qq FROM members WHERE group_id = ? AND role = 'owner'", (group,)).fetchone()
        return int(row["qq"]) if row else 0

    def size(self, group: int) -> int:
        return int(self._db.execute("SELECT COUNT(*) FROM members WHERE group_id = ?", (group,)).fetchone()[0])

    def rank(self, group: int, qq: int) -> int:
        """2 for an owner, 1 for an admin, 0 for a member, -1 for somebody who is not in the group."""
        found = self.member(group, qq)
        return RANKS[found["role"]] if found else -1

    def nickname(self, qq: int) -> str:
        """What somebody is called in any group they are in, their number if in none."""
        row = self._db.execute("SELECT nickname FROM members WHERE qq = ? LIMIT 1", (qq,)).fetchone()
        return str(row["nickname"]) if row else str(qq)

    def is_banned(self, group: int, qq: int) -> bool:
        found = self._db.execute("SELECT 1 FROM banned WHERE group_id = ? AND qq = ?", (group, qq)).fetchone()
        return found is not None

    # Rules

    def require(self, actor: int, group: int, role: str, otherwise: Refusal) -> dict[str, Any]:
        mine = self.member(group, actor)
        if mine is None or RANKS[mine["role"]] < RANKS[role]:
            raise otherwise
        return mine

    def target(self, group: int, qq: int) -> dict[str, Any]:
        member = self.member(group, qq)
        if member is None:
            raise Refusal(120101001, "user not in group")
        return member

    def above(self, actor: int, group: int, qq: int) -> dict[str, Any]:
        """The member somebody may act on: an admin on members, the owner on all but themselves."""
        mine = self.require(actor, group, "admin", NOT_ADMIN)
        target = self.target(group, qq)
        if RANKS[mine["role"]] <= RANKS[target["role"]]:
            raise NOT_ADMIN
        return target

    # Changing

    def plant(self, group: int, members: Iterable[SeedMember]) -> None:
        self._db.executemany(
            _INSERT,
            [(group, m.qq, m.role, m.nickname, m.card, m.title, LONG_AGO, LONG_AGO) for m in members],
        )
        self._changed(group)

    def enter(self, group: int, qq: int, nickname: str, *, operator: int = 0, inviter: int = 0) -> None:
        now = self._ledger.now()
        self._db.execute(_INSERT, (group, qq, "member", nickname, "", "", now, now))
        self._changed(group)
        self._ledger.record("joined", group, qq=qq)
        self._ledger.happen(Joined(time=now, group=group, qq=qq, operator=operator, inviter=inviter))

    def leave(self, group: int, qq: int, operator: int = 0) -> None:
        self._db.execute("DELETE FROM members WHERE group_id = ? AND qq = ?", (group, qq))
        self._changed(group)
        self._ledger.record("left", group, qq=qq)
        self._ledger.happen(Left(time=self._ledger.now(), group=group, qq=qq, operator=operator))

    def kick(self, actor: int, group: int, qq: int, *, for_good: bool = False) -> None:
        """Throw somebody out; `for_good` keeps them from asking again."""
        self.above(actor, group, qq)
        if for_good:
            self._db.execute("INSERT OR REPLACE INTO banned VALUES (?, ?)", (group, qq))
        self.leave(group, qq, actor)

    def mute(self, actor: int, group: int, qq: int, seconds: int) -> None:
        """For some seconds from now; 0 or less ends it."""
        self.above(actor, group, qq)
        now = self._ledger.now()
        self._put(group, qq, "muted_until", now + seconds if seconds > 0 else 0)
        self._ledger.happen(Muted(time=now, group=group, qq=qq, operator=actor, seconds=max(seconds, 0)))

    def set(self, group: int, qq: int, column: str, value: Any, operator: int = 0) -> None:
        """Change a role, card, title or nickname; nobody hears of what stays as it was."""
        before = self.target(group, qq)[column]
        self._put(group, qq, column, value)
        if before == value:
            return
        now = self._ledger.now()
        if column == "role":
            on = value == "admin"
            self._ledger.happen(AdminChanged(time=now, group=group, qq=qq, operator=operator, on=on))
        elif column == "card":
            self._ledger.happen(CardChanged(time=now, group=group, qq=qq, before=before, after=value))
        elif column == "title":
            self._ledger.happen(TitleChanged(time=now, group=group, qq=qq, title=value))

    def spoke(self, group: int, qq: int) -> None:
        """Somebody has said something just now. Caches do not hear of it."""
        self._db.execute(
            "UPDATE members SET spoke = ? WHERE group_id = ? AND qq = ?", (self._ledger.now(), group, qq)
        )

    def _put(self, group: int, qq: int, column: str, value: Any) -> None:
        # Columns are named by this package alone, never by a request.
        self._db.execute(
            f"UPDATE members SET {column} = ? WHERE group_id = ? AND qq = ?",  # noqa: S608
            (value, group, qq),
        )
        self._changed(group)
        self._ledger.record(f"member_{column}", group, qq=qq, value=value)

    def _changed(self, group: int) -> None:
        self.version[group] = self.version.get(group, 0) + 1
