"""The curfew: everybody but admins is muted in certain windows, and may speak again afterwards.

The whole state is one mark. It is looked at on every tick, whatever woke it, so a bot that begins within a window
mutes then, and one that ends within a window lets people speak when it is back. To mute twice does no harm, so what
failed is tried again: an attempt is remembered before it is made, and `MutedAll` says what came of it. A group that
somebody else had muted already is left to them, and so is one that somebody unmutes within a window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.configuration import Configuration, Saying
from qqgroup_provision.behavior.decision import Action, Decision, MuteAll, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import Event, MutedAll, Tick
from qqgroup_provision.behavior.memory import Forget, Key, Mark, Remember
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.rendering import drawn, rendered

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

# What is remembered: an attempt to mute, that we did, that it is none of ours, an attempt to let people speak again.
_MUTING, _MUTED, _LEFT, _FREEING = "muting", "muted", "left", "freeing"

_KEPT = timedelta(days=400)
_PROMPT = timedelta(minutes=10)  # what is said at the beginning or the end is not said later than this
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15, 30))  # between attempts; then the last one
_MOST = 60  # attempts to let people speak again: more than a day of them


@dataclass(frozen=True, slots=True)
class _State:
    """`end` is of the window it is about, `at` when the last attempt was made."""

    what: str
    end: datetime
    attempts: int
    at: datetime

    @property
    def again(self) -> datetime:
        """When the next attempt may be made."""
        return self.at + _PAUSES[min(self.attempts, len(_PAUSES)) - 1]


class _Watch:
    """One look at the curfew of a group."""

    def __init__(self, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> None:
        self._configuration = prepared.configuration
        self._windows = prepared.configuration.curfew
        self._zone = prepared.configuration.zone
        self._address = Address(prepared.configuration.group, "curfew")
        self._key = _key(prepared.configuration)
        self._state = _read(remembered.get(self._key))
        self._now = now
        held = ((window, window.night.holding(now, self._zone)) for window in self._windows)
        self._held = next(((window, span) for window, span in held if span is not None), None)

    def tick(self) -> Decision:
        state, now = self._state, self._now
        if self._held is not None:
            begin, end = self._held[1]
            if state is None or state.end < begin:  # another window than the last one we did anything for
                return self._attempt(_MUTING, end, 1, look=state is None or state.what == _LEFT)
            if state.what == _FREEING:
                return self._attempt(_MUTING, end, 1, look=False)
            if state.what == _MUTING:
                if state.at <= now < state.again:
                    return Decision((Wake(min(state.again, end)),))
                return self._attempt(_MUTING, end, state.attempts + 1, look=False)
            # Windows that follow each other without a gap are one, and so is one that YAML has made longer meanwhile.
            changes = (self._remember(state.what, end, state.attempts),) if state.end != end else ()
            return Decision((Wake(end),), (), changes)
        if state is None:
            return Decision(self._wake())
        if state.what == _LEFT:
            return Decision(self._wake(), (), (Forget(self._key),))
        if state.what != _FREEING:
            return self._attempt(_FREEING, min(state.end, now), 1, look=False)
        if state.attempts >= _MOST:
            return Decision(self._wake(), (Reason(self._address, Verdict.FAILED),), (Forget(self._key),))
        if state.at <= now < state.again:
            return Decision((Wake(state.again), *self._wake()))
        return self._attempt(_FREEING, state.end, state.attempts + 1, look=False)

    def came(self, event: MutedAll) -> Decision:
        """What was asked for was done, or not. An answer to anything else than the last attempt says nothing."""
        state = self._state
        if state is None or state.what != (_MUTING if event.on else _FREEING):
            return Decision()
        if event.done is False:
            return Decision((Wake(state.again),), (Reason(self._address, Verdict.AGAIN),))
        if event.done is None:
            return Decision(
                (), (Reason(self._address, Verdict.THEIRS),), (self._remember(_LEFT, state.end, state.attempts),)
            )
        done = (Reason(self._address, Verdict.DONE),)
        if event.on:
            said = self._held[0].at_begin if self._held is not None and self._promptly(self._held[1][0]) else ()
            return Decision(self._say(said), done, (self._remember(_MUTED, state.end, state.attempts),))
        said = self._farewell(state.end) if self._promptly(state.end) else ()
        return Decision(self._say(said), done, (Forget(self._key),))

    def _attempt(self, what: str, end: datetime, attempts: int, *, look: bool) -> Decision:
        state = _State(what, end, attempts, self._now)
        on = what == _MUTING
        return Decision(
            (MuteAll(on, look, self._address), Wake(min(state.again, end) if on else state.again), *self._wake()),
            (),
            (self._remember(what, end, attempts),),
        )

    def _remember(self, what: str, end: datetime, attempts: int) -> Remember:
        mark = Mark(self._now, ((round(end.timestamp()), what), (attempts, "")))
        return Remember(self._key, mark, self._now + _KEPT)

    def _wake(self) -> tuple[Action, ...]:
        """When the next window begins."""
        upcoming = [at for window in self._windows if (at := window.night.after(self._now, self._zone)) is not None]
        return (Wake(min(upcoming)),) if upcoming else ()

    def _promptly(self, since: datetime) -> bool:
        return timedelta() <= self._now - since <= _PROMPT

    def _farewell(self, end: datetime) -> tuple[Saying, ...]:
        """What is said at the end of the window that ended then."""
        just_before = end - timedelta(seconds=1)
        spans = ((window, window.night.holding(just_before, self._zone)) for window in self._windows)
        return next((window.at_end for window, span in spans if span is not None and span[1] == end), ())

    def _say(self, sayings: Sequence[Saying]) -> tuple[Action, ...]:
        if not sayings:
            return ()
        saying = drawn(sayings, f"{self._configuration.group_id}/{self._address}/{self._now.date().isoformat()}")
        segments = rendered(saying, (), self._configuration, self._now)
        return (Say(segments, item=self._address),) if segments else ()


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    return (_key(prepared.configuration),) if isinstance(event, Tick | MutedAll) else ()


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    if isinstance(event, Tick):
        return _Watch(prepared, remembered, now).tick()
    if isinstance(event, MutedAll):
        return _Watch(prepared, remembered, now).came(event)
    return _NOTHING


def _key(configuration: Configuration) -> Key:
    return Key(str(Address(configuration.group, "curfew")), "state")


def _read(mark: Mark | None) -> _State | None:
    if mark is None or len(mark.people) != 2:
        return None
    (end, what), (attempts, _) = mark.people
    return _State(what, datetime.fromtimestamp(end, UTC), attempts, mark.at)


_NOTHING = Decision()

# Every group, also one without a curfew: it may have had one until just now, and then people are to speak again.
CURFEW = Part(lambda _: True, _keys, _act, deaf=True)
