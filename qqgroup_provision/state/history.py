"""What was done, run by run: who, when, from which commit, and how each step ended. It outlives its journal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """One apply: who it is, since when (UTC, ISO 8601, to the second), at which commit, and where its log is.

    `plan` is the digest of the configuration it was planned from. `overrides` are the limits it may pass, as they
    were given to `--allow`.
    """

    plan: str = ""
    who: str = ""
    at: str = ""
    commit: str = ""
    log: str = ""
    overrides: tuple[str, ...] = ()


NOBODY = Run()


@dataclass(frozen=True, slots=True)
class Step:
    """A request that was sent, and how it ended: a result's word, or what looking showed after a run that died."""

    address: str
    operation: str
    result: str


@dataclass(frozen=True, slots=True)
class Record:
    """A run and its steps, in the order in which they were sent. `taken` counts what only the state learnt."""

    run: Run
    steps: tuple[Step, ...] = ()
    taken: int = 0


def dump_run(run: Run) -> dict[str, Any]:
    """A run as the journal and the history write it; what is empty is left out."""
    return {key: value for key, value in asdict(run).items() if value}


def read_run(written: Mapping[str, Any]) -> Run:
    """The opposite of `dump_run`; a run of an earlier version says less."""
    names = ("plan", "who", "at", "commit", "log")
    said = {name: str(written.get(name, "")) for name in names}
    return Run(**said, overrides=tuple(str(pattern) for pattern in written.get("overrides", ())))


def dump_record(record: Record) -> str:
    """One line of JSON."""
    written = {**dump_run(record.run), "steps": [asdict(step) for step in record.steps], "taken": record.taken}
    return json.dumps(written, ensure_ascii=False, sort_keys=True) + "\n"


def read_records(lines: Iterable[str]) -> Iterator[Record]:
    """The records of a history, oldest first. A line that is none, such as one that a crash tore, is passed over:
    nothing is decided by a history."""
    for line in lines:
        try:
            written = json.loads(line)
            steps = tuple(Step(*(str(step[key]) for key in ("address", "operation", "result")))
                          for step in written["steps"])  # fmt: skip
            yield Record(read_run(written), steps, int(written["taken"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
