"""The bot's HTTP interface: who has the token says what the bot does. See docs/reference/bot-interface.md.

Every answer but 200, 201 and 204 is JSON with a stable `code` and a `message` for people.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from qqgroup_provision import __version__
from qqgroup_provision.bot.allowance import Allowance
from qqgroup_provision.bot.assets import LARGEST, is_digest
from qqgroup_provision.bot.behaviors import AssetsMissing, Changed, NotUsable, StoredBehaviors
from qqgroup_provision.bot.host import Host
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.serving import is_loopback

LARGEST_DOCUMENT = 4 << 20  # bytes
_HIGHEST_GROUP = (1 << 63) - 1
_CODES = {404: "not_found", 405: "method_not_allowed"}
_OPEN = ("/healthz", "/metrics")  # looked at by what looks after processes; the second decides for itself
_COUNTED = ("events", "said", "failures", "duplicates")


class Refused(Exception):
    """An answer that is none of the good ones."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **more}
        self.headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def _too_many(seconds: int) -> Refused:
    refused = Refused(429, "too_many_requests", "Ask again later.")
    refused.headers = {"Retry-After": str(seconds)}
    return refused


def _unknown() -> Refused:
    return Refused(401, "unauthorized", "The token is missing or wrong.")


class Interface:
    """What is asked for, and what is answered. `open_metrics`: programs of this machine may read numbers."""

    def __init__(
        self, host: Host, behaviors: StoredBehaviors, records: Records, token: str, *, open_metrics: bool
    ) -> None:
        if not token:
            raise ValueError("an interface without a token would be everybody's")
        self._host = host
        self._behaviors = behaviors
        self._records = records
        self._token = token.encode()
        self._open_metrics = open_metrics
        # Enough for an apply to a thousand groups. Guesses at the token do not take from what its owner may ask.
        self._known = Allowance(rate=100.0, burst=4000)
        self._strangers = Allowance(rate=10.0, burst=100)

    def app(self) -> ASGIApp:
        routes = Starlette(
            routes=[
                Route("/healthz", _healthy),
                Route("/metrics", self._metrics),
                Route("/v1/status", self._status),
                Route("/v1/groups/{group:int}/behavior", self._read, methods=["GET"]),
                Route("/v1/groups/{group:int}/behavior", self._write, methods=["PUT"]),
                Route("/v1/assets/{sha256}", self._has_asset, methods=["HEAD"]),
                Route("/v1/assets/{sha256}", self._bring_asset, methods=["PUT"]),
            ],
            exception_handlers={HTTPException: _refusal, Refused: _refusal, Exception: _refusal},
        )

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            """Who has no token learns nothing of what is there, not even what is not."""
            if scope["type"] != "http":
                return
            request = Request(scope)
            known = self._knows(request)
            seconds = (self._known if known else self._strangers).take()
            if seconds:
                await (await _refusal(request, _too_many(seconds)))(scope, receive, send)
            elif known or request.url.path in _OPEN:
                await routes(scope, receive, send)
            else:
                await (await _refusal(request, _unknown()))(scope, receive, send)

        return guarded

    def _knows(self, request: Request) -> bool:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token)

    # Behaviour

    async def _read(self, request: Request) -> Response:
        found = await self._behaviors.document(_group(request))
        if found is None:
            raise Refused(404, "no_behavior", "This group has no behaviour.")
        body, sha256 = found
        return Response(body, media_type="application/json", headers={"ETag": _etag(sha256)})

    async def _write(self, request: Request) -> Response:
        group, expected = _group(request), _expected(request)
        document = _json(await _body(request, LARGEST_DOCUMENT))
        try:
            sha256 = await self._behaviors.replace(group, document, expected)
        except Changed as error:
            now = _etag(error.sha256) if error.sha256 else None
            raise Refused(412, "changed", "The behaviour is another one by now.", etag=now) from None
        except AssetsMissing as error:
            raise Refused(422, "assets_missing", "Bring these first.", assets=error.missing) from None
        except NotUsable as error:
            reasons = [{"code": code, "message": str(what)} for code, what in error.reasons]
            raise Refused(422, "behavior_invalid", "This cannot be carried out.", reasons=reasons) from None
        self._records.write("behavior_replaced", group=group, sha256=sha256, before=expected or None)
        self._host.enforced(group)
        return JSONResponse({"etag": _etag(sha256)}, headers={"ETag": _etag(sha256)})

    # Pictures

    async def _has_asset(self, request: Request) -> Response:
        return Response(status_code=200 if self._behaviors.assets.has(_digest(request)) else 404)

    async def _bring_asset(self, request: Request) -> Response:
        sha256 = _digest(request)
        content = await _body(request, LARGEST)
        try:
            self._behaviors.assets.keep(sha256, content)
        except ValueError:
            raise Refused(422, "digest_mismatch", "The content has another sha256 than the address.") from None
        return Response(status_code=204)

    # How it goes

    async def _status(self, request: Request) -> Response:
        in_force = self._behaviors.current
        return JSONResponse(
            {
                "version": __version__,
                "accounts": self._host.accounts,
                "groups": {str(group): {"etag": _etag(found.sha256)} for group, found in sorted(in_force.items())},
                "waiting": len(self._host.queues),
                "dropped": self._host.queues.dropped,
                "counts": {name: self._records.counts[name] for name in _COUNTED},
            }
        )

    async def _metrics(self, request: Request) -> Response:
        """Numbers, without the token only for programs of this machine that know that they ask this machine."""
        named = request.url.hostname or ""
        if not (self._open_metrics and is_loopback(named)) and not self._knows(request):
            raise _unknown()
        return PlainTextResponse(self._numbers(), media_type="text/plain; version=0.0.4")

    def _numbers(self) -> str:
        values = {f"{name}_total": self._records.counts[name] for name in _COUNTED}
        values["dropped_total"] = self._host.queues.dropped
        gauges = {"queue_length": len(self._host.queues), "accounts": len(self._host.accounts)}
        lines = [f"# TYPE qqgroup_bot_{name} counter\nqqgroup_bot_{name} {value}" for name, value in values.items()]
        lines += [f"# TYPE qqgroup_bot_{name} gauge\nqqgroup_bot_{name} {value}" for name, value in gauges.items()]
        return "\n".join(lines) + "\n"


async def _healthy(_request: Request) -> Response:
    """That it runs; nothing that anybody could use."""
    return JSONResponse({"status": "ok"})


async def _refusal(_request: Request, error: Exception) -> Response:
    if isinstance(error, Refused):
        return JSONResponse(error.body, error.status, headers=dict(error.headers))
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code, "refused")
        return JSONResponse({"code": code, "message": error.detail}, error.status_code, headers=error.headers)
    return JSONResponse({"code": "internal", "message": "The bot failed; its log says how."}, 500)


def _group(request: Request) -> int:
    group: int = request.path_params["group"]
    if not 0 < group <= _HIGHEST_GROUP:
        raise Refused(404, "not_found", "There is no such group.")
    return group


def _digest(request: Request) -> str:
    sha256: str = request.path_params["sha256"]
    if not is_digest(sha256):
        raise Refused(404, "not_found", "An asset is called by its sha256 in small hex digits.")
    return sha256


def _expected(request: Request) -> str:
    """The sha256 of what is to be replaced, empty for nothing."""
    if request.headers.get("if-none-match", "").strip() == "*":
        return ""
    written = request.headers.get("if-match", "").strip()
    if not written:
        raise Refused(428, "precondition_required", "Say with If-Match, or If-None-Match: *, what is replaced.")
    sha256 = written.removeprefix('"').removesuffix('"')
    if not is_digest(sha256):
        raise Refused(412, "changed", "If-Match takes one ETag as this interface gives them.")
    return sha256


def _etag(sha256: str) -> str:
    return f'"{sha256}"'


async def _body(request: Request, most: int) -> bytes:
    """The body, bounded by what arrives, whatever the headers say of it."""
    too_large = Refused(413, "too_large", f"At most {most} bytes are taken.", most=most)
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def _json(body: bytes) -> Any:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(422, "not_json", "The body is no JSON.") from None
    if not isinstance(document, dict):
        raise Refused(422, "not_json", "The body is no JSON object.")
    return document
