"""What every part of a world shares: the database, the clock, the timeline, and those who are told what happens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from qqgroup_provision.simulator.clock import Clock
from qqgroup_provision.simulator.happenings import Happening

RANKS = {"member": 0, "admin": 1, "owner": 2}
TABLES = """
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


class Ledger:
    """`listeners` are called with everything that happens, in order, by whoever made it happen."""

    def __init__(self, db: sqlite3.Connection, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self.listeners: list[Callable[[Happening], None]] = []

    def now(self) -> int:
        return self.clock.now()

    def record(self, event: str, group: int, **what: Any) -> int:
        """Write a line into the timeline; gives its number, which only grows."""
        line = json.dumps({"event": event, "group": group, **what}, ensure_ascii=False)
        return int(self.db.execute("INSERT INTO timeline (event) VALUES (?)", (line,)).lastrowid or 0)

    def next_number(self) -> int:
        """The number of the line that comes next."""
        return int(self.db.execute("SELECT COALESCE(MAX(n), 0) + 1 FROM timeline").fetchone()[0])

    def happen(self, happening: Happening) -> None:
        for listener in self.listeners:
            listener(happening)

    def timeline(self) -> list[dict[str, Any]]:
        """Everything that ever changed, in order."""
        rows = self.db.execute("SELECT n, event FROM timeline ORDER BY n")
        return [{"n": row["n"], **json.loads(row["event"])} for row in rows]
