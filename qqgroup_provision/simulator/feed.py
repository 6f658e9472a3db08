"""From what happens in the world to what waits for each listener of an account.

A listener that is slow or dead stalls nobody: up to `WAITING` events wait for each, and after that the oldest is
dropped and counted. What is dropped is never sent later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qqgroup_provision.simulator.dialects.base import Service
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.happenings import Happening

WAITING = 1000  # events for one listener
_REMEMBERED = 10_000  # events of an account, for who asks for them

Event = dict[str, Any]


class Outbox:
    """Events that wait for one listener, in order."""

    def __init__(self, listener: str) -> None:
        self.listener = listener
        self.dropped = 0
        self._waiting: deque[Event] = deque()
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: Event) -> None:
        if len(self._waiting) >= WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(event)
        self._filled.set()

    async def take(self) -> Event:
        """The oldest event that waits, as soon as there is one."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.popleft()


class Feed:
    """The events of one account, for everybody who listens to it."""

    def __init__(self, service: Service, faults: Faults | None = None) -> None:
        self._service = service
        self._faults = faults or Faults()
        self._outboxes: list[Outbox] = []
        self.told: deque[Event] = deque(maxlen=_REMEMBERED)  # everything so far
        service.world.listen(self.happened)

    def happened(self, what: Happening) -> None:
        me = self._service.account.qq
        if not what.reaches(me, self._service.world.roll.rank(what.group, me)):
            return
        for event in self._service.told(what):
            for _ in range(self._faults.deliveries(name_of(event), what.group)):
                self._tell(event)

    def _tell(self, event: Event) -> None:
        self.told.append(event)
        for outbox in self._outboxes:
            outbox.put(event)

    @contextmanager
    def listening(self, listener: str) -> Iterator[Outbox]:
        """What is told while this is entered."""
        outbox = Outbox(listener)
        self._outboxes.append(outbox)
        try:
            yield outbox
        finally:
            self._outboxes.remove(outbox)

    def listeners(self) -> list[dict[str, Any]]:
        """Who listens now, and how far behind they are."""
        return [{"listener": each.listener, "waiting": len(each), "dropped": each.dropped} for each in self._outboxes]


def name_of(event: Event) -> str:
    """What an event is called: `notice.group_increase.approve`, and for Milky its type."""
    if "event_type" in event:
        return str(event["event_type"])
    kind = str(event["post_type"])
    scene = "message" if kind == "message_sent" else kind
    return ".".join(str(part) for part in (kind, event[f"{scene}_type"], event.get("sub_type", "")) if part)
