"""Carries a plan out, and trusts nothing it did not see.

For each step: the intent goes into the journal, the request is sent once, the effect is looked for, and the
outcome goes into the journal. Groups run side by side; the writes of one account take turns.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.confirm import confirm_patiently
from qqgroup_provision.applying.outcome import Outcome, Result
from qqgroup_provision.applying.pacing import Pacer
from qqgroup_provision.applying.watched import Watched
from qqgroup_provision.errors import InvalidInput, QQGroupError
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    AccountLimited,
    AccountOffline,
    AnswerLost,
    Capability,
    GroupReader,
    GroupWriter,
    Unsupported,
    Value,
    WriteRefused,
)
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.operation import NotSeen, Operation, ReadAsset, Seen, Unseeable
from qqgroup_provision.state.journal import Journal
from qqgroup_provision.state.model import Entry

_SURELY_NOT_DONE = frozenset(
    {Result.REFUSED, Result.LIMITED, Result.OFFLINE, Result.UNSUPPORTED, Result.STOPPED, Result.SKIPPED}
)
NOT_ASKED_AGAIN = say("it said so before in this run, so it was not asked again")


@dataclass(frozen=True, slots=True)
class Worker:
    """An account at work: its ports, its pace, and how long its implementation takes to show a change.

    `missing` is what its implementation turned out to be unable to do in this run. Workers of one account share it.
    """

    reader: GroupReader
    writer: GroupWriter
    pacer: Pacer
    settle: float
    missing: set[Capability] = field(default_factory=set)


@dataclass(slots=True)
class Progress:
    """What a display may listen to, and how a run is asked to stop after the steps at hand."""

    started: Callable[[Change, Operation], None] = lambda *_: None
    sent: Callable[[Change, int, int], None] = lambda *_: None  # bytes of a file, of how many
    finished: Callable[[Outcome], None] = lambda *_: None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


async def execute(
    changes: Iterable[Change],
    workers: Mapping[str, Worker],
    journal: Journal,
    read_asset: ReadAsset,
    progress: Progress,
) -> list[Outcome]:
    """Carry out changes in order, group by group. `workers` is by group key.

    Never raises for what a platform does: that is in the outcomes, which come in the order of the changes. Raises
    `QQGroupError` where the journal cannot be kept: what was begun is found by the next run.
    """
    executor = _Executor(workers, journal, read_asset, progress)
    by_group: dict[str, list[Change]] = {}
    ordered = list(changes)
    for change in ordered:
        by_group.setdefault(change.address.group, []).append(change)
    try:
        async with asyncio.TaskGroup() as tasks:
            for part in by_group.values():
                tasks.create_task(executor.group(part))
    except ExceptionGroup as failed:
        # The journal cannot be written any more, or the lock is lost: nothing more may be sent, by any group.
        told = next((error for error in failed.exceptions if isinstance(error, QQGroupError)), None)
        raise told or failed from None
    return [executor.outcomes[change.address] for change in ordered]


class _Executor:
    def __init__(
        self,
        workers: Mapping[str, Worker],
        journal: Journal,
        read_asset: ReadAsset,
        progress: Progress,
    ) -> None:
        self.outcomes: dict[object, Outcome] = {}
        self._workers = workers
        self._journal = journal
        self._read_asset = read_asset
        self._progress = progress

    async def group(self, changes: Iterable[Change]) -> None:
        """The changes of one group, one after the other."""
        for change in changes:
            started = time.monotonic()
            result, reason = await self._change(change)
            outcome = Outcome(change, result, reason, time.monotonic() - started)
            self.outcomes[change.address] = outcome
            self._progress.finished(outcome)

    async def _change(self, change: Change) -> tuple[Result, Text | None]:
        if change.action is Action.MANUAL:
            return Result.BY_HAND, change.reason
        ids = dict(change.ids)
        result: Result = Result.DONE
        reason: Text | None = None
        for operation in change.operations:
            worker = self._workers[change.address.group]
            held_back = self._without_what_it_follows(change, operation) or self._held_back(operation, worker)
            if held_back is not None:
                return held_back
            self._progress.started(change, operation)
            begun = operation.once_begun()
            if begun is not None:  # on the disk with the intent: whatever happens after it, this is not done again
                self._journal.completed(change.address, _begun(begun, change))
            result, reason, seen = await self._step(change, operation, worker)
            if begun is not None and result in _SURELY_NOT_DONE:
                self._journal.completed(change.address, None)
            ids.update(seen)
            last = operation is change.operations[-1]
            if result is not Result.DONE and not (last and result is Result.UNVERIFIED):
                # What follows may rely on this step: an old announcement stays until the new one is seen.
                return result, reason
        self._journal.completed(change.address, _entry(change, ids, result))
        if change.moved_from is not None:  # after the new one: cut off between, state knows it twice, not never
            self._journal.completed(change.moved_from, None)
        return result, reason

    def _assets(self, change: Change, operation: Operation) -> ReadAsset:
        if not operation.gradual:
            return self._read_asset
        return Watched(self._read_asset, partial(self._progress.sent, change))

    def _without_what_it_follows(self, change: Change, operation: Operation) -> tuple[Result, Text] | None:
        if not operation.follows:
            return None
        before = self.outcomes.get(Address.parse(f"{change.address.group}/{operation.follows}"))
        if before is None or not before.result.failed or before.result is Result.UNVERIFIED:
            return None
        return Result.SKIPPED, say("{address} was not carried out", address=str(before.change.address))

    def _held_back(self, operation: Operation, worker: Worker) -> tuple[Result, Text] | None:
        """Why a step is not to be sent any more, whoever found that out."""
        if self._progress.stopping.is_set():
            return Result.SKIPPED, say("the run was stopped")
        if worker.pacer.stopped is not None:
            return Result.STOPPED, worker.pacer.stopped
        if operation.capability in worker.missing:
            return Result.UNSUPPORTED, say("it said so before in this run, so it was not asked again")
        return None

    async def _step(
        self, change: Change, operation: Operation, worker: Worker
    ) -> tuple[Result, Text | None, Mapping[str, str]]:
        lost: Text | None = None
        async with worker.pacer.turn(operation.pace):
            held_back = self._held_back(operation, worker)  # other groups went on while this step waited
            if held_back is not None:
                return *held_back, {}
            number = self._journal.intent(change.address, operation)
            try:
                await operation.perform(worker.writer, self._assets(change, operation))
            except (WriteRefused, InvalidInput) as error:
                result, reason = _refused(error, operation, worker)
                self._journal.outcome(number, result.value)
                return result, reason, {}
            except AnswerLost as error:
                if operation.capability is not None:  # else no account has sent anything
                    worker.pacer.lost()
                lost = error.reason
        found = await confirm_patiently(operation, worker.reader, worker.settle)
        if lost is None and operation.capability is not None:
            worker.pacer.answered()
        if isinstance(found, Seen):
            self._journal.outcome(number, Result.DONE.value, dict(found.ids))
            return Result.DONE, None, dict(found.ids)
        if lost is None and isinstance(found, Unseeable):
            self._journal.outcome(number, Result.DONE.value)
            return Result.DONE, None, {}
        if lost is None:
            result = Result.NOT_APPLIED if isinstance(found, NotSeen) else Result.UNVERIFIED
            reason = found.found if isinstance(found, NotSeen) else found.reason
        else:
            result, reason = Result.LOST, lost
        self._journal.outcome(number, result.value)
        return result, reason, {}


def _refused(error: WriteRefused | InvalidInput, operation: Operation, worker: Worker) -> tuple[Result, Text]:
    """What a refusal comes to, and what it means for the steps after it."""
    match error:
        case Unsupported(reason=reason):
            if operation.capability is not None:
                worker.missing.add(operation.capability)
            return Result.UNSUPPORTED, reason
        case AccountLimited(reason=reason):
            worker.pacer.limited(reason)
            return Result.LIMITED, reason
        case AccountOffline(reason=reason):
            worker.pacer.offline()
            return Result.OFFLINE, reason
        case WriteRefused(reason=reason):
            return Result.REFUSED, reason
        case InvalidInput():
            return Result.REFUSED, error.diagnostics[0].summary
    raise AssertionError(error)


def _begun(begun: Mapping[str, Value], change: Change) -> Entry:
    """What state holds of a step that was begun, where nobody can tell whether it was done."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Entry(ids={}, applied=begun, unverified=tuple(begun), applied_at=at, protected=change.protected)


def _entry(change: Change, ids: Mapping[str, str], result: Result) -> Entry | None:
    """What state holds of the address from now on; `None` if nothing."""
    if change.action is Action.FORGET or (change.action is Action.DELETE and not change.applied):
        return None
    unverified = tuple(change.applied) if result is Result.UNVERIFIED else change.unverified
    return Entry(
        ids=ids,
        applied=change.applied,
        unverified=unverified,
        applied_at=datetime.now(UTC).isoformat(timespec="seconds"),
        protected=change.protected,
    )
