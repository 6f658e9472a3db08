"""What each protocol has to offer a connection: how to ask who answers, and the ports over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.transport import Transport
from qqgroup_provision.ports import AccountFacts, GroupReader, GroupWriter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Introduced:
    """Who answers, a port that reads its groups and one that changes them."""

    facts: AccountFacts
    reader: GroupReader
    writer: GroupWriter


class NotSupported(Exception):
    """What answers is no implementation this version knows, or too old. `known` names those that would do."""

    def __init__(self, name: str, version: str, known: str) -> None:
        self.name = name
        self.version = version
        self.known = known
        super().__init__(f"{name} {version}")


class Ask(Protocol):
    """Asks one question of a server that is not known yet, and makes a value of the data it answers.

    `read` may raise `WrongShape` or `NotSupported`. Every failure comes out as an `EndpointError`.
    """

    async def __call__(self, caller: Caller, action: str, read: Callable[[Any], T]) -> T: ...


class Introduce(Protocol):
    """How a protocol is begun: with a transport to the endpoint, questions, and the pace of the account."""

    async def __call__(self, transport: Transport, ask: Ask, settle: float) -> Introduced: ...
