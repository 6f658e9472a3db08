"""How fast an account writes: one write at a time, spaced out and a little irregular, as people are.

What an account may send next, and whether it rests, is kept where the state is (state/paces.py). So an apply that
follows another begins at the pace the other left, and an account that QQ limits is left alone by the next one too.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from qqgroup_provision.messages import Text, say
from qqgroup_provision.resources.operation import Pace
from qqgroup_provision.state.paces import AccountPace, CarriedPaces, Paces
from qqgroup_provision.workspace.model import Pace as Intervals

_JITTER = 0.2  # of an interval, either way
_LOST_IN_A_ROW = 2  # answers lost after which QQ is taken to be blocking the account (qq_protocol §11)
_MOST = 20  # intervals that can be reserved by others; what lies further ahead is the error of a clock
_REST = 1800.0  # seconds after the first sign that QQ limits an account; twice as long after each that follows
_LONGEST_REST = 86400.0
_FORGOTTEN = 86400.0  # seconds after a rest from which on the next sign is a first one


class Pacer:
    """Spaces one account's writes. A write waits for its turn; a kind of write waits for its own interval too.

    The account is stopped after several lost answers in a row: that is how QQ's risk control shows itself,
    and going on makes it worse. That may as well be a server that was restarted, so it holds for this run alone; only
    what a server says in words makes the account rest for the next runs as well. `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        intervals: Intervals,
        account: int = 0,
        paces: Paces | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        self._intervals = {
            Pace.WRITE: intervals.write,
            Pace.ANNOUNCEMENT: intervals.announcement,
            Pace.FILE: intervals.file,
        }
        self._account = account
        self._paces = paces or CarriedPaces(dict)
        self._sleep = sleep
        self._clock = clock
        self._ahead: float | None = None  # of the event loop's time, which never jumps, to that of the world
        self._jitter = jitter or random.Random()  # noqa: S311  (nobody gains by guessing it)
        self._turn = asyncio.Lock()
        self._lost = 0
        self._why: Text | None = None

    @property
    def stopped(self) -> Text | None:
        """Why the account is to send nothing more in this run, if so."""
        if self._lost >= _LOST_IN_A_ROW:
            return say("the account was stopped: QQ may be blocking it")
        return self._why

    def answered(self) -> None:
        self._lost = 0

    def lost(self) -> None:
        self._lost += 1

    def offline(self) -> None:
        """The account is not logged in: stop it for this run."""
        self._why = say("the account was stopped: it is offline")

    def limited(self, why: Text) -> None:
        """QQ said that it limits the account: stop it, and have it rest."""
        self._why = say("the account was stopped: QQ limits it")
        now = self._now()
        self._paces.change(self._account, lambda pace: _resting(pace, now, str(why)))

    def resume(self) -> None:
        """Somebody who knows better ends the rest."""
        self._paces.change(self._account, lambda pace: replace(pace, rests_until=0.0, why="", rests=0))

    @asynccontextmanager
    async def turn(self, pace: Pace) -> AsyncIterator[None]:
        """Wait until a write of this kind may be sent, and keep others from sending meanwhile."""
        if pace is Pace.FREE:
            yield
            return
        async with self._turn:
            pauses: dict[Pace, float] = {kind: self._spread(self._intervals[kind]) for kind in (Pace.WRITE, pace)}
            spaced = any(pauses.values())
            if spaced:
                wait = self._reserved(pauses) - self._now()
                if wait > 0:
                    await self._sleep(wait)
            try:
                yield
            finally:
                if spaced:  # intervals are counted from when the write was over
                    over = self._now()
                    self._paces.change(self._account, lambda known: self._after(known, pauses, over, over))

    def _reserved(self, pauses: Mapping[Pace, float]) -> float:
        """The moment from which on a write may be sent; nobody else is given one until the pauses after it end."""
        at = now = self._now()

        def reserve(known: AccountPace) -> AccountPace:
            nonlocal at
            at = max(now, *(self._free(known, kind, now) for kind in pauses))
            return self._after(known, pauses, at, now)

        self._paces.change(self._account, reserve)
        return at

    def _after(self, known: AccountPace, pauses: Mapping[Pace, float], at: float, now: float) -> AccountPace:
        later = {kind.value: max(at + pause, self._free(known, kind, now)) for kind, pause in pauses.items()}
        return replace(known, free_at={**known.free_at, **later})

    def _free(self, known: AccountPace, kind: Pace, now: float) -> float:
        at = known.free_at.get(kind.value, 0.0)
        return at if at - now <= _MOST * self._intervals[kind] else now

    def _spread(self, interval: float) -> float:
        return interval * (1 + self._jitter.uniform(-_JITTER, _JITTER))

    def _now(self) -> float:
        if self._clock is not None:
            return self._clock()
        passed = asyncio.get_running_loop().time()
        if self._ahead is None:
            self._ahead = time.time() - passed
        return passed + self._ahead


def _resting(pace: AccountPace, now: float, why: str) -> AccountPace:
    """Another sign makes the rest longer: QQ forgives the less the more often it has to say so."""
    rests = pace.rests + 1 if now - pace.rests_until < _FORGOTTEN else 1
    rest = min(_REST * 2.0 ** min(rests - 1, 16), _LONGEST_REST)
    return replace(pace, rests_until=now + rest, why=why, rests=rests)


def rest_of(pace: AccountPace, now: float) -> float | None:
    """Until when an account rests, in seconds since 1970; `None` if it does not. A clock that was wrong by days does
    not stop it for days."""
    return pace.rests_until if now < pace.rests_until <= now + _LONGEST_REST else None
