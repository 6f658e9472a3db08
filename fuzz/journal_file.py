"""The journal of a run that died, and the steps in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fuzz.state_file import AT, ENTRIES
from qqgroup_provision.applying.recover import _rebuilt
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.resources.announcement import Publish, Withdraw
from qqgroup_provision.resources.title import SetTitle
from qqgroup_provision.state.history import Run, dump_record, read_records
from qqgroup_provision.state.journal import Journal, read_journal

WEIGHT = 2


class _Lines:
    def __init__(self) -> None:
        self.content = b""

    def append(self, line: bytes, at_once: bool) -> None:
        self.content += line

    def close(self) -> None:
        """There is nothing to close."""


def seeds() -> Iterator[bytes]:
    lines = _Lines()
    journal = Journal(lines, "lineage", 7, Run("digest", "alice@host", AT, "abc", "", ("delete:*",)))
    steps = [
        Withdraw(731000001, "x"),
        Publish(731000001, "文", "", "", pinned=True, confirm_read=False, known=("x",)),
        SetTitle(731000001, 100000001, "维护者"),
    ]
    for (address, entry), step in zip(ENTRIES.items(), steps, strict=True):
        number = journal.intent(address, step)
        if step is not steps[-1]:
            journal.outcome(number, "done", {"notice_id": "x"})
            journal.completed(address, entry)
    yield lines.content
    yield lines.content[:-20]


def one(data: bytes, folder: Path) -> str:
    content = read_journal(data, "journal.jsonl")
    steps = [printable(str(one.operation.describe())) for one in _rebuilt(content.unsettled.values())]
    tuple(read_records([dump_record(content.record())]))
    return "\n".join(steps)
