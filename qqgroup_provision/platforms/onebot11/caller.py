"""Calls one action and says what came of it, in the terms of the ports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.http import AnswerTooLarge, Broken, Http, HttpFault, Silent, Unreachable
from qqgroup_provision.platforms.onebot11.answers import (
    Answer,
    Data,
    NotOneBot,
    Refusal,
    TokenRefused,
    Unclear,
    judge,
)
from qqgroup_provision.ports import AnswerLost, WriteRefused

_AGAIN = (0.2, 1.0)  # seconds before a read is tried again
_LONGEST_WAIT = 10.0  # seconds of Retry-After that are waited for


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
    """One endpoint. Reads are tried again where that can help; writes are sent once."""

    def __init__(self, http: Http) -> None:
        self.http = http

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

    async def write(self, action: str, params: Mapping[str, Any]) -> None:
        """Send a write once. Raises `WriteRefused` or `AnswerLost`; returning is only what the server says."""
        try:
            answer = await self.http.post(action, _encode(params))
        except Unreachable as error:
            raise WriteRefused(_reason(error)) from None
        except HttpFault as error:
            raise AnswerLost(_reason(error)) from None
        match judge(answer.status, answer.body):
            case Data():
                return
            case Refusal(reason):
                raise WriteRefused(reason)
            case TokenRefused():
                raise WriteRefused(say("the token is refused"))
            case Unclear(reason) | NotOneBot(reason):
                raise AnswerLost(reason)

    async def _read_once(self, action: str, params: Mapping[str, Any]) -> Any:
        try:
            answer = await self.http.post(action, _encode(params))
        except Unreachable as error:
            raise NoConnection(_reason(error)) from None
        except Silent as error:
            raise TimedOut(_reason(error)) from None
        except HttpFault as error:
            raise ReadFailed(_reason(error)) from None
        judged = judge(answer.status, answer.body)
        if isinstance(judged, Data):
            return judged.value
        if isinstance(judged, TokenRefused):
            raise ReadFailed(say("the token is refused"), judged)
        again_in: float | None = None
        if answer.status == 429 and answer.retry_after.isdecimal():
            again_in = min(float(answer.retry_after), _LONGEST_WAIT)
        raise ReadFailed(judged.reason, judged, again_in)


def _worth_waiting(error: ReadFailed, wait: float | None) -> float | None:
    """Seconds to wait before another attempt; `None` where one would tell nothing new."""
    if wait is None or isinstance(error, (NoConnection, TimedOut)):
        return None
    if isinstance(error.cause, (TokenRefused, NotOneBot)):
        return None
    if error.again_in is not None:
        return error.again_in
    return None if isinstance(error.cause, Refusal) else wait


def _encode(params: Mapping[str, Any]) -> bytes:
    return json.dumps(params, ensure_ascii=False).encode()


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
