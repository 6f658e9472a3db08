"""Calls one action and says what came of it, in the terms of the ports. Each protocol brings its own judgement."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.answers import (
    Answer,
    Data,
    Foreign,
    Limited,
    Missing,
    Offline,
    Refusal,
    SlowDown,
    TokenRefused,
    Unclear,
)
from qqgroup_provision.platforms.http import AnswerTooLarge, Broken, HttpAnswer, HttpFault, Silent, Unreachable
from qqgroup_provision.platforms.shape import WrongShape
from qqgroup_provision.platforms.transport import Transport
from qqgroup_provision.ports import (
    AccountLimited,
    AccountOffline,
    AnswerLost,
    Known,
    Reading,
    Unknown,
    Unsupported,
    WriteRefused,
)

T = TypeVar("T")
Judge = Callable[[int, bytes], Answer]
_AGAIN = (0.2, 1.0)  # seconds before a read is tried again
_LONGEST_WAIT = 10.0  # seconds of Retry-After that are waited for
_JSON = json.JSONEncoder(ensure_ascii=False)


class ReadFailed(Exception):
    """A read gave nothing to go by. `reason` is for people; `cause` is what was judged, if an answer came.

    `again_in` is after how many seconds another attempt can help, where the server named a time.
    """

    def __init__(self, reason: Text, cause: Answer | None = None, again_in: float | None = None) -> None:
        self.reason = reason
        self.cause = cause
        self.again_in = again_in
        super().__init__(str(reason))


class NoConnection(ReadFailed):
    """Nothing listens at the address, or it cannot be resolved, or its certificate is refused."""


class TimedOut(ReadFailed):
    """No answer in time."""


class Caller:
    """One endpoint. Reads are tried again where that can help; writes are sent once.

    `judge` says what an HTTP status and body mean, `prefix` stands before each action in the path.
    """

    def __init__(self, transport: Transport, judge: Judge, prefix: str = "") -> None:
        self._transport = transport
        self._judge = judge
        self._prefix = prefix

    def path(self, action: str) -> str:
        return self._prefix + action

    async def reading(self, action: str, params: Mapping[str, Any], read: Callable[[Any], T]) -> Reading[T]:
        """A read as a port gives it. `read` makes a value of the data, or raises `WrongShape`."""
        try:
            return Known(read(await self.read(action, params)))
        except ReadFailed as error:
            return Unknown(say("{action}: {reason}", action=action, reason=error.reason))
        except WrongShape as error:
            return Unknown(say("{action} answered without a proper {field}", action=action, field=str(error)))

    async def read(self, action: str, params: Mapping[str, Any]) -> Any:
        """The data of a read. Raises `ReadFailed`."""
        for wait in (*_AGAIN, None):
            try:
                return await self._read_once(action, params)
            except ReadFailed as error:
                wait_for = _worth_waiting(error, wait)
                if wait_for is None:
                    raise
                await asyncio.sleep(wait_for)
        raise AssertionError("the last attempt either returns or raises")

    async def write(self, action: str, params: Mapping[str, Any], patience: float | None = None) -> Any:
        """Send a write once, and give the data of the answer. Raises `WriteRefused` or `AnswerLost`; returning is
        only what the server says. `patience` is in seconds, where the endpoint's own is too short.

        It is sent again in one case alone: the server says that it took nothing, as too much was asked of it, and
        names a time (HTTP 429) or says so with a retcode of its own.
        """
        path, body = self.path(action), _encode(params)
        post = self._transport.post
        for wait in (*_AGAIN, None):
            try:
                answer = await (post(path, body) if patience is None else post(path, body, patience))
            except Unreachable as error:
                raise WriteRefused(_reason(error)) from None
            except HttpFault as error:
                raise AnswerLost(_reason(error)) from None
            judged = self._judge(answer.status, answer.body)
            again_in = wait if isinstance(judged, SlowDown) else _asked_for(answer)
            if wait is None or again_in is None:
                return carried_out(judged)
            await asyncio.sleep(again_in)
        raise AssertionError("the last attempt either returns or raises")

    async def _read_once(self, action: str, params: Mapping[str, Any]) -> Any:
        try:
            answer = await self._transport.post(self.path(action), _encode(params))
        except Unreachable as error:
            raise NoConnection(_reason(error)) from None
        except Silent as error:
            raise TimedOut(_reason(error)) from None
        except HttpFault as error:
            raise ReadFailed(_reason(error)) from None
        judged = self._judge(answer.status, answer.body)
        if isinstance(judged, Data):
            return judged.value
        if isinstance(judged, TokenRefused):
            raise ReadFailed(say("the token is refused"), judged)
        raise ReadFailed(judged.reason, judged, _asked_for(answer))


def carried_out(judged: Answer) -> Any:
    """What a write gave. Raises as `write` does."""
    match judged:
        case Data(value):
            return value
        case Limited(reason):
            raise AccountLimited(reason)
        case Offline(reason):
            raise AccountOffline(reason)
        case Missing(reason):
            raise Unsupported(reason)
        case Refusal(reason):
            raise WriteRefused(reason)
        case TokenRefused():
            raise WriteRefused(say("the token is refused"))
        case Unclear(reason) | Foreign(reason):
            raise AnswerLost(reason)


def _asked_for(answer: HttpAnswer) -> float | None:
    """Seconds after which the server wants to be asked again, if it named a time; no more than a reader will wait."""
    if answer.status != 429 or not (answer.retry_after.isascii() and answer.retry_after.isdecimal()):
        return None
    return min(float(answer.retry_after[:6]), _LONGEST_WAIT)


def _worth_waiting(error: ReadFailed, wait: float | None) -> float | None:
    """Seconds to wait before another attempt; `None` where one would tell nothing new."""
    if wait is None or isinstance(error, (NoConnection, TimedOut)):
        return None
    if isinstance(error.cause, (TokenRefused, Foreign)):
        return None
    if error.again_in is not None:
        return error.again_in
    if isinstance(error.cause, SlowDown):
        return wait
    return None if isinstance(error.cause, Refusal) else wait


def _encode(params: Mapping[str, Any]) -> bytes:
    return _JSON.encode(params).encode()


def _reason(error: HttpFault) -> Text:
    match error:
        case Unreachable():
            return say("no connection: {problem}", problem=str(error))
        case Silent():
            return say("no answer in time")
        case Broken():
            return say("the connection broke: {problem}", problem=str(error))
        case AnswerTooLarge():
            return say("the answer is too large")
    raise AssertionError(error)
