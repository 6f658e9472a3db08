"""The journal of a run: an append-only file that says what was begun, how it ended, and what is so now.

One JSON object a line. An intent is on disk before its request is sent and its outcome after the effect was
looked for, so a run that died leaves intents without outcomes, and the next run knows where to look.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.own_json import own_json
from qqgroup_provision.state.format import dump_entry, read_entry
from qqgroup_provision.state.history import NOBODY, Record, Run, Step, dump_run, read_run
from qqgroup_provision.state.model import Entry, Override

FORMAT = 1


class JournaledOperation(Protocol):
    """A step that can be written down: a frozen dataclass of plain fields with a name."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Intent:
    """A step that was about to be carried out, as the journal holds it."""

    address: Address
    operation: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class JournalContent:
    """What a journal says. `unsettled` are intents without an outcome, by number, in order."""

    lineage: str = ""
    serial: int = 0
    unsettled: dict[int, Intent] = field(default_factory=dict)
    completed: list[tuple[Address, Entry | None]] = field(default_factory=list)
    run: Run = NOBODY
    ended: dict[int, Step] = field(default_factory=dict)
    done: list[tuple[Intent, Mapping[str, str]]] = field(default_factory=list)  # with the ids that were seen

    @property
    def overrides(self) -> tuple[Override, ...]:
        return tuple(Override(pattern, self.run.at) for pattern in self.run.overrides)

    def record(self, settled: Mapping[int, str] | None = None) -> Record:
        """What the history keeps of it. `settled` is what became of the steps without an outcome, by number."""
        settled = settled or {}
        open_ones = {
            number: Step(str(intent.address), intent.operation, settled.get(number, "unclear"))
            for number, intent in self.unsettled.items()
        }
        steps = {**self.ended, **open_ones}
        touched = {step.address for step in steps.values()}
        taken = sum(str(address) not in touched for address, _ in self.completed)
        return Record(self.run, tuple(steps[number] for number in sorted(steps)), taken)


class JournalLines(Protocol):
    """Where the lines of a journal go: a file, rows, an object."""

    def append(self, line: bytes, at_once: bool) -> None:
        """Add a line. One that is to be there at once is, for good, when this returns; another may come with the
        next such line, or with `close`."""

    def close(self) -> None: ...


class Journal:
    """An open journal. An intent is kept for good when its method returns, before its request is sent.

    What a store does slowly it may put off for the rest: an intent without an outcome is looked at by the next run.
    """

    def __init__(self, lines: JournalLines, lineage: str, serial: int, run: Run) -> None:
        self._lines = lines
        self._number = 0
        self._write({"record": "begin", "format": FORMAT, "lineage": lineage, "serial": serial, **dump_run(run)})

    def intent(self, address: Address, operation: Any) -> int:
        """Write down that a step is about to be carried out; gives the number its outcome goes by."""
        self._number += 1
        self._write(
            {
                "record": "intent",
                "n": self._number,
                "address": str(address),
                "operation": operation.name,
                "fields": asdict(operation),
            }
        )
        return self._number

    def outcome(self, number: int, result: str, ids: Mapping[str, str] | None = None) -> None:
        """Write down how a step ended."""
        record = {"record": "outcome", "n": number, "result": result, "ids": dict(ids or {})}
        self._write(record, at_once=False)

    def completed(self, address: Address, entry: Entry | None) -> None:
        """Write down what state is to hold of an address from now on; `None` if nothing."""
        written = dump_entry(entry) if entry is not None else None
        self._write({"record": "completed", "address": str(address), "entry": written}, at_once=False)

    def close(self) -> None:
        self._lines.close()

    def _write(self, record: Mapping[str, Any], at_once: bool = True) -> None:
        self._lines.append((json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n").encode(), at_once)


def read_journal(content: bytes, name: str) -> JournalContent:
    """Read what a run left. A torn last line is what a crash leaves, and is passed over.

    Raises `InvalidInput`: QG711 for a newer format, QG715 for a damaged line before the last.
    """
    found = JournalContent()
    *lines, _torn = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            _take(own_json(line), found)
        except _Newer as error:
            raise InvalidInput(
                Diagnostic(
                    "QG711",
                    say("The journal has format {version}; this version reads {most}.",
                        version=str(error), most=FORMAT),
                    subject=name,
                    hint=say("Use the version of the tool that wrote it."),
                )
            ) from None  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise InvalidInput(
                Diagnostic(
                    "QG715",
                    say("Line {number} of the journal cannot be read.", number=number),
                    subject=name,
                    hint=say("Look at the live groups, then move the journal away."),
                )
            ) from None
    return found


class _Newer(Exception):
    """The journal is of a later format."""


def _take(record: dict[str, Any], found: JournalContent) -> None:
    kind = record["record"]
    if kind == "begin":
        if record["format"] > FORMAT:
            raise _Newer(str(record["format"]))
        found.lineage, found.serial = str(record["lineage"]), int(record["serial"])
        found.run = read_run(record)
    elif kind == "intent":
        address = Address.parse(record["address"])
        found.unsettled[int(record["n"])] = Intent(address, str(record["operation"]), dict(record["fields"]))
    elif kind == "outcome":
        intent = found.unsettled.pop(int(record["n"]), None)
        if intent is not None:
            found.ended[int(record["n"])] = Step(str(intent.address), intent.operation, str(record["result"]))
            if record["result"] == "done":
                found.done.append((intent, {str(key): str(value) for key, value in record["ids"].items()}))
    elif kind == "completed":
        entry = read_entry(record["entry"]) if record["entry"] is not None else None
        found.completed.append((Address.parse(record["address"]), entry))
