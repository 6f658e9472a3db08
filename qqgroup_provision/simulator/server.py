"""One account's endpoint as an ASGI application: its implementation over HTTP, and a control interface beside it.

The control interface is in control.py. What an account's events go through: forward_websocket.py,
reverse_websocket.py, event_post.py, and for Milky event_stream.py.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from qqgroup_provision.simulator.answered import Answered, spoilt
from qqgroup_provision.simulator.control import Control
from qqgroup_provision.simulator.dialects.base import Implementation, Reply, Service
from qqgroup_provision.simulator.dialects.gocq import GoCQHTTP
from qqgroup_provision.simulator.dialects.lagrange import Lagrange
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.milky import LagrangeMilky, LLBotMilky
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.downloads import Downloads
from qqgroup_provision.simulator.event_post import EventPost
from qqgroup_provision.simulator.event_stream import EventStream
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.feed import Feed
from qqgroup_provision.simulator.forward_websocket import ForwardWebSocket
from qqgroup_provision.simulator.onebot_line import OneBotLine, finished
from qqgroup_provision.simulator.reverse_websocket import ReverseWebSocket
from qqgroup_provision.simulator.seed import SeedAccount, SeedReverse, reverse
from qqgroup_provision.simulator.world import World

MAX_BODY = 32 << 20
_KINDS: Mapping[str, type[Service]] = {
    "napcat": NapCat,
    "llbot": LLBot,
    "lagrange": Lagrange,
    "gocq": GoCQHTTP,
    "llbot-milky": LLBotMilky,
    "lagrange-milky": LagrangeMilky,
}


class Endpoint:
    """An account being served. `calls` is every call so far, in order, without tokens."""

    def __init__(
        self, world: World, account: SeedAccount, calls: list[dict[str, Any]], faults: Faults, latency: float
    ) -> None:
        self._world = world
        self._account = account
        self._calls = calls
        self._faults = faults
        self._latency = latency
        self._server = _KINDS[account.implementation](world, account)
        self._feed = Feed(self._server, faults)
        self._line = None
        if isinstance(self._server, Implementation):
            self._line = OneBotLine(self._server, self._answer, self._feed)
        self._outgoing: set[asyncio.Task[None]] = set()
        self._control = Control(world, calls, faults, self._feed, self._connect, self._knows)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                *self._websockets(),
                Route("/", self._alive),
                *self._control.routes(),
                *Downloads(self._world, self._calls, self._faults).routes(),
                Route(self._server.path, self._action, methods=self._server.methods),
            ]
        )

    def _websockets(self) -> list[BaseRoute]:
        """On the same port: forward WebSocket of those who speak OneBot 11, Milky's stream of events."""
        if self._line is None:
            return EventStream(self._server, self._feed, self._allows).routes()
        serve = ForwardWebSocket(self._line, self._allows).serve
        return [WebSocketRoute(path, serve) for path in ("/", "/api", "/event")]

    async def _alive(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "retcode": 0, "data": {}, "message": "NapCat4 Is Running"})

    async def _action(self, request: Request) -> Response:
        params = await self._params(request)
        if isinstance(params, Reply):
            return _response(Answered(params))
        answered = await self._answer(request.path_params["action"], params)
        return _cut(request) if answered is None else _response(answered)

    async def _answer(self, action: str, params: Mapping[str, Any]) -> Answered | None:
        """Carry out one action, or what a fault makes of it; `None` where the connection is to be cut."""
        if self._latency:
            await asyncio.sleep(self._latency)
        group = str(params.get("group_id"))
        number = int(group) if len(group) <= 20 and group.isascii() and group.isdigit() else None
        writes = self._server.writes(action)
        fault = self._faults.fault(action, number, writes=writes)
        call = {
            "n": len(self._calls), "account": self._account.key, "action": action,
            "params": {key: _short(value) for key, value in params.items()},
            "writes": writes, "status": "", "fault": [key for key in fault if key != "seen"],
        }  # fmt: skip
        self._calls.append(call)
        if fault:
            return await self._faulty(params, fault, call)
        return self._plain(self._server.call(action, params), call)

    def _plain(self, reply: Reply, call: dict[str, Any]) -> Answered:
        call["status"] = reply.body.get("status", "") if isinstance(reply.body, dict) else ""
        return Answered(reply)

    async def _faulty(
        self, params: Mapping[str, Any], fault: Mapping[str, Any], call: dict[str, Any]
    ) -> Answered | None:
        action: str = call["action"]
        if "delay" in fault:
            await asyncio.sleep(fault["delay"])
        if "refuse" in fault:
            refuse = fault["refuse"]
            return self._plain(self._server.failed(refuse.get("retcode", 200), refuse["message"]), call)
        if "http" in fault:
            headers = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
            return Answered(Reply(fault["http"], None), headers=headers)
        if fault.get("reset") == "before":
            return None
        if "pretend" in fault or "empty" in fault:
            return self._plain(self._server.ok(self._server.nothing(action)), call)
        reply = self._server.call(action, params)
        if fault.get("reset") == "after":
            return None
        if "timeout" in fault:
            await asyncio.sleep(fault["timeout"])
        return Answered(reply, fault["body"]) if "body" in fault else self._plain(reply, call)

    async def _params(self, request: Request) -> dict[str, Any] | Reply:
        """What is asked for, or what somebody is answered who may not ask or does not ask properly."""
        given = _token(request, query=self._server.query_token)
        if not self._allows(given):
            return self._server.denied(given)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                return Reply(413, None)
        return self._server.params(request.headers.get("content-type", ""), body, dict(request.query_params))

    def start(self) -> None:
        """Begin what the account's server does by itself: connect to bots, post events."""
        for bot in self._account.reverse:
            self._begin(bot)
        for post in self._account.post:
            self._outgoing.add(asyncio.create_task(EventPost(self._server, self._feed, post).run()))

    async def stop(self) -> None:
        await finished(*self._outgoing)

    def _connect(self, body: Any) -> None:
        """Connect to one more bot, written as in a seed."""
        self._begin(reverse(body, self._account.implementation, self._account.token))

    def _begin(self, bot: SeedReverse) -> None:
        if self._line is not None:
            self._outgoing.add(asyncio.create_task(ReverseWebSocket(self._line, bot).run()))

    def _knows(self, request: Request) -> bool:
        return self._allows(_token(request, query=True))

    def _allows(self, given: str) -> bool:
        return not self._account.token or hmac.compare_digest(given.encode(), self._account.token.encode())


def _token(request: Request, *, query: bool) -> str:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return (request.query_params.get("access_token") or given) if query else given


def _response(answered: Answered) -> Response:
    reply, headers = answered.reply, dict(answered.headers)
    broken = spoilt(reply.body, answered.spoil)
    if broken is not None:
        return Response(broken[1], media_type=broken[0])
    if reply.body is None or isinstance(reply.body, str):
        return Response(reply.body, reply.status, headers)
    return JSONResponse(reply.body, reply.status, headers)


def _cut(request: Request) -> Response:
    """Close the connection without an answer. ASGI has no word for it, so uvicorn's transport is asked."""
    cycle: Any = getattr(request.receive, "__self__")  # noqa: B009
    cycle.transport.abort()
    return Response()


def _short(value: Any) -> Any:
    return value[:80] + "…" if isinstance(value, str) and len(value) > 2000 else value
