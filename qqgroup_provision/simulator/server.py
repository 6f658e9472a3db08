"""One account's endpoint as an ASGI application: OneBot 11 over HTTP, and a control interface beside it.

Control, under `/_simulator/` and with the same token: `GET world`, `GET timeline`, `GET calls`, `DELETE calls`,
`PATCH groups/{id}` for changes made by hand (world.py), `PUT faults` (faults.py).
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qqgroup_provision.simulator.dialects.base import Implementation, Reply
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

MAX_BODY = 32 << 20
_KINDS: Mapping[str, type[Implementation]] = {"napcat": NapCat, "llbot": LLBot}
_HTML = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"


class Endpoint:
    """An account being served. `calls` is every OneBot call so far, in order, without tokens."""

    def __init__(
        self, world: World, account: SeedAccount, calls: list[dict[str, Any]], faults: Faults, latency: float
    ) -> None:
        self._world = world
        self._account = account
        self._calls = calls
        self._faults = faults
        self._latency = latency
        self._server = _KINDS[account.implementation](world, account)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self._alive),
                Route("/_simulator/world", self._control(lambda _: self._world.snapshot())),
                Route("/_simulator/timeline", self._control(lambda _: self._world.timeline())),
                Route("/_simulator/calls", self._control(self._list_calls), methods=["GET", "DELETE"]),
                Route("/_simulator/groups/{group:int}", self._control(self._patch), methods=["PATCH"]),
                Route("/_simulator/faults", self._control(self._set_faults), methods=["PUT"]),
                Route("/{action}", self._action, methods=["GET", "POST"]),
            ]
        )

    async def _alive(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "retcode": 0, "data": {}, "message": "NapCat4 Is Running"})

    def _control(self, run: Any) -> Any:
        async def respond(request: Request) -> Response:
            if not self._authorised(request):
                return JSONResponse({"message": "token"}, 403)
            request.state.json = json.loads(await request.body() or b"null")
            return JSONResponse(run(request))

        return respond

    def _list_calls(self, request: Request) -> Any:
        calls = list(self._calls)
        if request.method == "DELETE":
            self._calls.clear()
        return calls

    def _patch(self, request: Request) -> Any:
        self._world.patch(request.path_params["group"], request.state.json)
        return {}

    def _set_faults(self, request: Request) -> Any:
        self._faults.replace(request.state.json or ())
        return {}

    async def _action(self, request: Request) -> Response:
        if not self._authorised(request):
            return JSONResponse({"message": self._server.wrong_token}, 403)
        action = request.path_params["action"]
        params = await self._params(request)
        if params is None:
            refused = self._server.unreadable()
            return JSONResponse(refused.body, refused.status) if refused else Response("Invalid JSON", 400)
        if self._latency:
            await asyncio.sleep(self._latency)
        group = str(params.get("group_id"))
        number = int(group) if len(group) <= 20 and group.isascii() and group.isdigit() else None
        writes = self._server.writes(action)
        fault = self._faults.fault(action, number, writes=writes)
        call = {
            "n": len(self._calls), "account": self._account.key, "action": action,
            "params": {key: _short(value) for key, value in params.items() if key != "access_token"},
            "writes": writes, "status": "", "fault": [key for key in fault if key != "seen"],
        }  # fmt: skip
        self._calls.append(call)
        if fault:
            return await self._faulty(request, params, fault, call)
        return self._plain(self._server.call(action, params), call)

    def _plain(self, reply: Reply, call: dict[str, Any]) -> Response:
        call["status"] = reply.body.get("status", "") if isinstance(reply.body, dict) else ""
        return JSONResponse(reply.body, reply.status)

    async def _faulty(
        self, request: Request, params: Mapping[str, Any], fault: Mapping[str, Any], call: dict[str, Any]
    ) -> Response:
        action: str = call["action"]
        if "delay" in fault:
            await asyncio.sleep(fault["delay"])
        if "refuse" in fault:
            refuse = fault["refuse"]
            return self._plain(self._server.failed(refuse.get("retcode", 200), refuse["message"]), call)
        if "http" in fault:
            headers = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
            return Response("", fault["http"], headers)
        if fault.get("reset") == "before":
            return _cut(request)
        if "pretend" in fault or "empty" in fault:
            empty: Any = [] if action.endswith(("_list", "_notice")) and not call["writes"] else None
            return self._plain(self._server.ok(empty), call)
        reply = self._server.call(action, params)
        if fault.get("reset") == "after":
            return _cut(request)
        if "timeout" in fault:
            await asyncio.sleep(fault["timeout"])
        body = _spoilt(reply.body, fault.get("body", ""))
        return self._plain(reply, call) if body is None else body

    async def _params(self, request: Request) -> dict[str, Any] | None:
        params: dict[str, Any] = {}
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                return None
        if body and request.headers.get("content-type", "").startswith("application/json"):
            try:
                data = json.loads(body)
            except (ValueError, RecursionError):
                return None
            if isinstance(data, dict):
                params.update(data)
        params.update(request.query_params)  # what the query says wins, as in NapCat
        return params

    def _authorised(self, request: Request) -> bool:
        if not self._account.token:
            return True
        given = request.query_params.get("access_token") or request.headers.get("authorization", "").removeprefix(
            "Bearer "
        )
        return hmac.compare_digest(given.encode(), self._account.token.encode())


def _cut(request: Request) -> Response:
    """Close the connection without an answer. ASGI has no word for it, so uvicorn's transport is asked."""
    cycle: Any = getattr(request.receive, "__self__")  # noqa: B009
    cycle.transport.abort()
    return Response()


def _spoilt(body: Any, how: str) -> Response | None:
    """An answer that is not what it should be; `None` if nothing is to be spoilt."""
    text = json.dumps(body, ensure_ascii=False)
    if how == "html":
        return Response(_HTML, media_type="text/html")
    if how == "truncated":
        return Response(text[: len(text) // 2], media_type="application/json")
    if how == "not_json":
        return Response("ok", media_type="application/json")
    if how == "wrong_types":
        return JSONResponse({**body, "data": _wrong(body.get("data"))})
    return None


def _wrong(data: Any) -> Any:
    if isinstance(data, list):
        return [{key: [value] for key, value in item.items()} for item in data] or [None]
    return {key: [value] for key, value in data.items()} if isinstance(data, dict) else "?"


def _short(value: Any) -> Any:
    return value[:80] + "…" if isinstance(value, str) and len(value) > 2000 else value
