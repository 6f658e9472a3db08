"""OneBot 11 over one WebSocket that we open: requests and answers find each other by `echo` (qq_protocol §1.5).

A connection that broke is opened again for the next request; a request that was sent is never sent again from
here. Events come on the same connection and are passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import Any

import aiohttp

from qqgroup_provision.platforms.clock import Clock
from qqgroup_provision.platforms.http import (
    MAX_ANSWER_BYTES,
    AnswerTooLarge,
    Broken,
    HttpAnswer,
    HttpFault,
    Silent,
    Unreachable,
    new_session,
)

_GREETING = 1.0  # seconds in which a server says hello, or that it does not know the token
_CLOSING = 1.0  # seconds in which a server may answer that it closes too
_TOKEN_REFUSED = (1401, 1403)
# What WebSocket says in the retcode is what HTTP says in its status (qq_protocol §1.3).
_STATUS = {1400: 400, 1401: 401, 1403: 403, 1404: 404}
# Lagrange.OneBot shows the door with these, and no word, to whoever has the wrong token.
_SHOWN_THE_DOOR = (aiohttp.WSCloseCode.PROTOCOL_ERROR, aiohttp.WSCloseCode.POLICY_VIOLATION)
_REFUSED = HttpAnswer(403, b"")


class WebSocket:
    """Sends requests to one endpoint. `in_flight` bounds how many wait for an answer at once."""

    def __init__(self, base_url: str, headers: dict[str, str], in_flight: int, timeout: float) -> None:
        self.sent = 0
        self.clock = Clock()
        self._url = base_url
        self._headers = headers
        self._timeout = timeout
        self._slots = asyncio.Semaphore(in_flight)
        self._opening = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._line: _Line | None = None

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        """Send one request, once. Raises `HttpFault`."""
        async with self._slots:
            self.sent += 1
            line = await self._open()
            if isinstance(line, HttpAnswer):
                return line
            return await line.ask(path, body, patience)

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()
        if self._session is not None:
            await self._session.close()

    async def _open(self) -> _Line | HttpAnswer:
        """The connection there is, or a new one; or what the server answers instead of opening one."""
        async with self._opening:
            if self._line is not None and self._line.lost is None:
                return _REFUSED if self._line.refused else self._line
            if self._line is not None:
                await self._line.close()
            if self._session is None:
                self._session = new_session(self._url, 1, [_no_redirects()])
            try:
                async with asyncio.timeout(self._timeout):
                    self._line = _Line(await self._connect(self._session), self._timeout, self.clock)
            except TimeoutError:
                raise Silent from None
            except aiohttp.ClientResponseError as error:  # HTTP speaks there, and will have no WebSocket
                return HttpAnswer(error.status, b"")
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise Unreachable(str(error)[:200] or type(error).__name__) from None
            # Of /api no greeting comes. Of the rest one does, and nothing is sent to who refuses us.
            await self._line.greeting(0.0 if self._url.endswith("/api") else min(_GREETING, self._timeout))
            if self._line.refused:
                return _REFUSED
            if self._line.lost is not None:
                raise Unreachable(str(self._line.lost))
            return self._line

    async def _connect(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        return await session.ws_connect(
            self._url,
            headers=self._headers,
            max_msg_size=MAX_ANSWER_BYTES,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING),
        )


class _Line:
    """One open connection, and who waits for what on it. `lost` is why it is of no use any more."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, patience: float, clock: Clock) -> None:
        self.lost: HttpFault | None = None
        self.refused = False
        self._clock = clock
        self._socket = socket
        self._patience = patience  # seconds until an answer has to be there
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[HttpAnswer | HttpFault]] = {}
        self._greeted = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def greeting(self, seconds: float) -> None:
        """Wait for the first frame, or the end of the connection."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._greeted.wait(), seconds)

    async def ask(self, action: str, params: bytes, patience: float | None = None) -> HttpAnswer:
        """Send one request and wait for its answer. Raises `HttpFault`."""
        if self.lost is not None:  # while we waited for our turn
            raise Unreachable(str(self.lost))
        echo = str(next(self._numbers))
        waiting: asyncio.Future[HttpAnswer | HttpFault] = asyncio.get_running_loop().create_future()
        self._waiting[echo] = waiting
        frame = b'{"action":%s,"echo":"%s","params":%s}' % (json.dumps(action).encode(), echo.encode(), params)
        try:
            async with asyncio.timeout(patience or self._patience):
                await self._socket.send_str(frame.decode())
                answer = await waiting
        except TimeoutError:
            raise Silent from None
        except (aiohttp.ClientError, OSError) as error:
            raise Broken(str(error)[:200] or type(error).__name__) from None
        finally:
            del self._waiting[echo]
        if isinstance(answer, HttpFault):
            raise answer
        return answer

    async def close(self) -> None:
        await self._socket.close()
        await self._listening

    async def _listen(self) -> None:
        why: HttpFault | None = None
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.ERROR:
                why = _why(message.data)
            else:
                self._hear(message.data.encode() if isinstance(message.data, str) else bytes(message.data))
                self._greeted.set()
        code = self._socket.close_code
        if code in _SHOWN_THE_DOOR and not self._greeted.is_set():
            self.refused = True
        self.lost = why or Broken(f"closed ({code})")
        self._greeted.set()
        self._answer_all(_REFUSED if self.refused else self.lost)

    def _hear(self, frame: bytes) -> None:
        try:
            heard: Any = json.loads(frame)
        except (ValueError, RecursionError):
            heard = None
        if not isinstance(heard, dict):  # nothing that speaks OneBot says this: whoever waits has to know
            self._answer_all(HttpAnswer(200, frame))
            return
        retcode, echo = heard.get("retcode"), heard.get("echo")
        waiting = self._waiting.get(echo) if isinstance(echo, str) else None
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(HttpAnswer(_status(retcode), frame))
        elif retcode in _TOKEN_REFUSED and "post_type" not in heard:  # NapCat and LLBot say so, and close
            self.refused = True
            self._answer_all(_REFUSED)
        elif isinstance(heard.get("time"), int):  # an event: the greeting, a heartbeat, something in a group
            self._clock.tell(heard["time"])
        # Anything else is an answer that nobody waits for any more.

    def _answer_all(self, answer: HttpAnswer | HttpFault) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(answer)


def _status(retcode: Any) -> int:
    return _STATUS.get(retcode, 200) if isinstance(retcode, int) else 200


def _why(error: Any) -> HttpFault:
    if isinstance(error, aiohttp.WebSocketError) and error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        return AnswerTooLarge()
    return Broken(str(error)[:200] or type(error).__name__)


def _no_redirects() -> aiohttp.TraceConfig:
    """A token must not follow a redirect to another host, and there is no option against redirects."""

    async def refuse(*_: object) -> None:
        raise aiohttp.ClientError("it redirects elsewhere")

    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(refuse)
    return tracing
