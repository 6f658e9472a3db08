"""Chat logs, read line by line: JSON Lines, and the text that QQ exports.

A log is data that anybody may have written. Lines are cut where no message is that long, what cannot be read is
counted, and no more is kept of a file than one message at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any, BinaryIO

from qqgroup_provision.behavior.event import Person, Segment
from qqgroup_provision.behavior.index import LONGEST
from qqgroup_provision.plain_text import whole
from qqgroup_provision.ports import Rank
from qqgroup_provision.rehearsal.clock import YEARS
from qqgroup_provision.rehearsal.typed import segments_of
from qqgroup_provision.workspace.moments import moment

LONGEST_LINE = 1 << 16  # bytes of a line; what follows is dropped
MOST_TOLD = 5  # damaged lines that are named
_MOST_CHATS = 1000  # whose names are kept
_LONGEST_NAME = 60
_LARGEST_QQ = 10**12


class Kind(StrEnum):
    """What a line of a log tells. The words are those of its JSON."""

    MESSAGE = "message"
    JOIN = "join"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Logged:
    """One thing that happened."""

    kind: Kind
    at: datetime
    person: Person
    segments: tuple[Segment, ...] = ()


@dataclass(slots=True)
class Log:
    """A log while it is read.

    `rank_of` tells the rank of whoever the log tells none of. `me` is the QQ number of the bot's own account, if
    it is known: `@` with a name it had is a mention of it. `chat` chooses one of several chats by its name.

    What is counted is right once all of it was read: `lines`, `damaged` ones, of which the numbers of the first are
    kept, `skipped` messages that the system or nobody with a number said, and the `chats` that a file has.
    """

    stream: BinaryIO
    zone: tzinfo
    rank_of: Callable[[int], Rank] = lambda _: Rank.MEMBER
    me: int = 0
    chat: str | None = None
    lines: int = 0
    damaged: int = 0
    first_damaged: list[int] = field(default_factory=list)
    skipped: int = 0
    chats: list[str] = field(default_factory=list)
    _mine: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Logged]:
        lines = self._lines()
        for line in lines:
            if line.strip():
                read = self._jsonl if line.lstrip().startswith("{") else self._exported
                yield from read(line, lines)
                return

    def _lines(self) -> Iterator[str]:
        """Each line, without its end; of one that is too long the beginning."""
        while line := self.stream.readline(LONGEST_LINE):
            self.lines += 1
            if not line.endswith(b"\n") and len(line) == LONGEST_LINE:
                while (rest := self.stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            yield text.removeprefix("\ufeff") if self.lines == 1 else text

    def _wrong(self) -> None:
        self.damaged += 1
        if len(self.first_damaged) < MOST_TOLD:
            self.first_damaged.append(self.lines)

    def _person(self, qq: int, name: str, rank: Rank | None = None, level: int | None = None) -> Person:
        if qq == self.me:
            self._mine = {name: qq, "bot": qq}
        return Person(qq, name[:_LONGEST_NAME], self.rank_of(qq) if rank is None else rank, level)

    # JSON Lines

    def _jsonl(self, first: str, lines: Iterator[str]) -> Iterator[Logged]:
        line: str | None = first
        while line is not None:
            if line.strip():
                try:
                    yield self._read(json.loads(line))
                except (ValueError, TypeError, LookupError, OverflowError, RecursionError, OSError):
                    self._wrong()
            line = next(lines, None)

    def _read(self, written: Any) -> Logged:
        """One object. Raises what `_jsonl` catches for anything that is none of ours."""
        kind = Kind(written.get("event", "message") if isinstance(written, dict) else "")
        qq, level = int(written["qq"]), written.get("level")
        if not 0 < qq < _LARGEST_QQ or not (level is None or isinstance(level, int)):
            raise ValueError(qq)
        rank = Rank[_required(written, "rank").upper()] if "rank" in written else None
        person = self._person(qq, whole(_text(written, "name")), rank, level)
        segments: tuple[Segment, ...] = ()
        if kind is Kind.MESSAGE:
            segments = segments_of(whole(_required(written, "text"))[:LONGEST], self._mine)
        return Logged(kind, _time(written["time"], self.zone), person, segments)

    # QQ's export

    def _exported(self, first: str, lines: Iterator[str]) -> Iterator[Logged]:
        line: str | None = first
        head: _Head | None = None
        said: list[str] = []
        size = 0
        chosen = self.chat is None
        while line is not None:
            block = _BLOCK.match(line)
            following = self._head(line) if line[:2] in ("19", "20") else None
            if block or following:
                if head is not None and chosen:
                    yield from self._said(head, said)
                head, said, size = following, [], 0
                if block and block["what"] == "对象":
                    chosen = self._chat(block["name"].strip())
            elif head is not None:
                if size <= LONGEST:
                    said.append(line)
                    size += len(line) + 1
            elif line.strip() and not line.startswith(("=", "消息记录", "消息")):
                self._wrong()
            line = next(lines, None)
        if head is not None and chosen:
            yield from self._said(head, said)

    def _chat(self, name: str) -> bool:
        """Whether a chat that begins is one that is read."""
        if name not in self.chats and len(self.chats) < _MOST_CHATS:
            self.chats.append(name)
        return self.chat is None or self.chat == name

    def _head(self, line: str) -> _Head | None:
        found = _HEAD.match(line)
        if found is None:
            return None
        date, time, name, number = found.group("date", "time", "name", "number")
        try:
            at: datetime | None = datetime.fromisoformat(f"{date} {time.zfill(8)}").replace(tzinfo=self.zone)
        except ValueError:
            at = None
        if at is None or at.year not in YEARS:
            self._wrong()
            return None
        return _Head(at, name, int(number or 0))

    def _said(self, head: _Head, said: list[str]) -> Iterator[Logged]:
        text = "\n".join(said).strip("\n")
        if head.qq < _FIRST_QQ:  # the system, or somebody with an address for mail instead of a number
            self.skipped += 1
            return
        rank, name = None, head.name
        for mark, marked in _MARKS.items():
            if name.startswith(mark):
                rank, name = marked, name.removeprefix(mark)
        person = self._person(head.qq, whole(name), rank)
        yield Logged(Kind.MESSAGE, head.at, person, segments_of(whole(text)[:LONGEST], self._mine))


@dataclass(frozen=True, slots=True)
class _Head:
    at: datetime
    name: str
    qq: int


_HEAD = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2}) (?P<time>\d{1,2}:\d{2}:\d{2}) (?P<name>.{0,200}?)"
    r"(?:\((?P<number>\d{5,11})\)|<[^<>\s]{1,100}@[^<>\s]{1,100}>)\s*\Z"
)
_BLOCK = re.compile(r"消息(?P<what>分组|对象)[:：](?P<name>.{0,200})")
_MARKS = {"【群主】": Rank.OWNER, "【管理员】": Rank.ADMIN}
_FIRST_QQ = 10001  # 10000 is the system


def _text(written: Mapping[str, Any], key: str) -> str:
    found = written.get(key, "")
    if not isinstance(found, str):
        raise TypeError(key)
    return found


def _required(written: Mapping[str, Any], key: str) -> str:
    if key not in written:
        raise KeyError(key)
    return _text(written, key)


def _time(written: Any, zone: tzinfo) -> datetime:
    """A time in ISO 8601, or in seconds or milliseconds since 1970."""
    if isinstance(written, str):
        found = moment(written, zone)
    elif isinstance(written, bool) or not isinstance(written, int | float):
        raise TypeError("time")
    else:
        seconds = written / 1000 if abs(written) > 10**11 else written
        found = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    if found is None or found.year not in YEARS:
        raise ValueError(written)
    return found
