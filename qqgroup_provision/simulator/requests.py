"""How people come into groups: by asking, by being brought along, by an invitation (qq_protocol §7.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from qqgroup_provision.simulator.happenings import AskedToJoin, Invited
from qqgroup_provision.simulator.ledger import NO_PERMISSION, NOT_ADMIN, RANKS, Ledger, Refusal
from qqgroup_provision.simulator.roll import Roll

TABLES = """
CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY, group_id INTEGER, kind TEXT, qq INTEGER,
    nickname TEXT, inviter INTEGER, comment TEXT, state TEXT, handled_by INTEGER DEFAULT 0, time INTEGER);
"""
_FIRST = 1_737_070_836_000_000  # QQ's own numbers of requests are of this size
NOT_THERE = Refusal(1, "no such request")
HANDLED = Refusal(2, "request has been handled")
FULL = Refusal(3, "group is full")


class Kind(Enum):
    ASKED = "asked"  # somebody asks to come in
    BROUGHT = "brought"  # a member wants to bring somebody along
    INVITATION = "invitation"  # an account is asked into a group


class Requests:
    """Requests that wait, and those that were answered. `settings` gives those of a group."""

    def __init__(self, ledger: Ledger, roll: Roll, settings: Callable[[int], Mapping[str, Any]]) -> None:
        self._ledger = ledger
        self._roll = roll
        self._db = ledger.db
        self._settings = settings

    # Reading

    def request(self, number: int) -> dict[str, Any] | None:
        row = self._db.execute("SELECT * FROM requests WHERE id = ?", (number,)).fetchone()
        return _row(row) if row else None

    def listed(self, group: int | None = None) -> list[dict[str, Any]]:
        """Every request, newest first; those for one group if one is named."""
        rows = self._db.execute("SELECT * FROM requests ORDER BY id DESC")
        return [row for row in map(_row, rows) if group is None or row["group_id"] == group]

    # Changing

    def ask(self, group: int, qq: int, nickname: str, answer: str = "") -> int:
        """Ask to come in; gives the number of the request, 0 where somebody is in at once."""
        settings = self._settings(group)
        self._require_outside(group, qq)
        method = settings["method"]
        wrong = method == "correct_answer" and answer != settings["answer"]
        if method == "closed" or wrong or self._roll.is_banned(group, qq):
            raise Refusal(4, "may not join")
        if method in ("open", "correct_answer"):
            self.enter(group, qq, nickname)
            return 0
        comment = f"问题：{settings['question']}\n答案：{answer}" if method == "question_and_review" else answer
        number = self._insert(group, Kind.ASKED, qq, nickname, 0, comment)
        self._ledger.happen(AskedToJoin(time=self._ledger.now(), group=group, request=number, qq=qq, comment=comment))
        return number

    def bring(self, inviter: int, group: int, qq: int, nickname: str) -> int:
        """A member brings somebody along; gives the number of the request, 0 where they are in at once."""
        mine = self._roll.require(inviter, group, "member", NO_PERMISSION)
        self._require_outside(group, qq)
        policy = self._settings(group)["member_invites"]
        free = policy == "no_approval" or (policy == "no_approval_under_100" and self._roll.size(group) < 100)
        if RANKS[mine["role"]] >= 1 or free:
            self.enter(group, qq, nickname, inviter=inviter)
            return 0
        if policy == "disabled":
            raise NO_PERMISSION
        number = self._insert(group, Kind.BROUGHT, qq, nickname, inviter, "")
        self._ledger.happen(
            AskedToJoin(time=self._ledger.now(), group=group, request=number, qq=qq, comment="", inviter=inviter)
        )
        return number

    def invite(self, inviter: int, group: int, qq: int, nickname: str) -> int:
        """An account is asked into a group; gives the number of the invitation."""
        self._roll.require(inviter, group, "member", NO_PERMISSION)
        self._require_outside(group, qq)
        number = self._insert(group, Kind.INVITATION, qq, nickname, inviter, "")
        self._ledger.happen(Invited(time=self._ledger.now(), group=group, request=number, qq=qq, inviter=inviter))
        return number

    def enter(self, group: int, qq: int, nickname: str, *, operator: int = 0, inviter: int = 0) -> None:
        """Somebody comes in, and nobody was asked."""
        self._require_outside(group, qq)
        self._require_room(group)
        self._roll.enter(group, qq, nickname, operator=operator, inviter=inviter)

    def answer(self, actor: int, number: int, *, approve: bool) -> None:
        """Let somebody in or not; an invitation is answered by who was invited, all else by an admin."""
        found = self.request(number)
        if found is None:
            raise NOT_THERE
        if found["state"] != "pending":
            raise HANDLED
        group, invitation = found["group_id"], found["kind"] is Kind.INVITATION
        if invitation and actor != found["qq"]:
            raise NOT_THERE
        if not invitation:
            self._roll.require(actor, group, "admin", NOT_ADMIN)
        if approve:
            self._require_room(group)
        state = "accepted" if approve else "rejected"
        self._db.execute("UPDATE requests SET state = ?, handled_by = ? WHERE id = ?", (state, actor, number))
        self._ledger.record("request_answered", group, qq=found["qq"], operator=actor, approved=approve)
        if approve and self._roll.rank(group, found["qq"]) < 0:
            operator = 0 if invitation else actor
            self._roll.enter(group, found["qq"], found["nickname"], operator=operator, inviter=found["inviter"])

    def _require_outside(self, group: int, qq: int) -> None:
        if self._db.execute("SELECT 1 FROM groups WHERE id = ?", (group,)).fetchone() is None:
            raise Refusal(5, "no such group")
        if self._roll.rank(group, qq) >= 0:
            raise Refusal(6, "already in the group")

    def _require_room(self, group: int) -> None:
        capacity = self._db.execute("SELECT capacity FROM groups WHERE id = ?", (group,)).fetchone()[0]
        if self._roll.size(group) >= capacity:
            raise FULL

    def _insert(self, group: int, kind: Kind, qq: int, nickname: str, inviter: int, comment: str) -> int:
        record = self._ledger.record(f"join_{kind.value}", group, qq=qq, inviter=inviter)
        row = (_FIRST + record, group, kind.value, qq, nickname, inviter, comment, "pending", self._ledger.now())
        self._db.execute(
            "INSERT INTO requests (id, group_id, kind, qq, nickname, inviter, comment, state, time)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        return _FIRST + record


def _row(row: Any) -> dict[str, Any]:
    found = dict(row)
    return {**found, "kind": Kind(found["kind"])}
