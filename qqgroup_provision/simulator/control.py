"""The control interface of a world, beside every account's server and with the same token.

What people do who use QQ themselves (`say`, `join`, `ask`, …), the clock, faults, and what has happened so far.
Bodies and answers are JSON. 400 is a body that cannot be used, 409 what QQ refuses, with its `code` and `message`.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qqgroup_provision.simulator.clock import moment
from qqgroup_provision.simulator.content import Image
from qqgroup_provision.simulator.dialects.base import Failed
from qqgroup_provision.simulator.dialects.segments import Writer, cq_string, parse
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.feed import Feed
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.world import World

_HIGHEST = 4_294_967_295  # of QQ numbers

Body = Mapping[str, Any]
Connect = Callable[[Any], None]  # begins to connect to a bot; raises ValueError, KeyError or TypeError


def _same(name: Any) -> Any:
    return name


class Control:
    """What may be done to a world from outside. `allows` judges a request by its token."""

    def __init__(
        self,
        world: World,
        calls: list[dict[str, Any]],
        faults: Faults,
        feed: Feed,
        connect: Connect,
        allows: Callable[[Request], bool],
    ) -> None:
        self._world = world
        self._calls = calls
        self._faults = faults
        self._feed = feed
        self._connect = connect
        self._allows = allows
        self._writer = Writer(_same, str)

    def routes(self) -> list[Route]:
        deeds: Mapping[str, Callable[[int, Body], Any]] = {
            "say": self._say, "recall": self._recall, "react": self._react, "poke": self._poke,
            "join": self._join, "ask": self._ask, "bring": self._bring, "invite": self._invite,
            "leave": self._leave, "kick": self._kick, "answer": self._answer, "mute": self._mute,
            "essence": self._essence, "upload": self._upload, "picture": self._picture,
        }  # fmt: skip
        return [
            self._route("world", lambda _group, _body: self._world.snapshot()),
            self._route("timeline", lambda _group, _body: self._world.timeline()),
            self._route("calls", lambda _group, _body: list(self._calls)),
            self._route("calls", lambda _group, _body: _taken(self._calls), "DELETE"),
            self._route("events", lambda _group, _body: list(self._feed.told)),
            self._route("events", lambda _group, _body: _taken(self._feed.told), "DELETE"),
            self._route("listeners", lambda _group, _body: self._feed.listeners()),
            self._route("clock", lambda _group, _body: self._clock()),
            self._route("clock", self._set_clock, "PUT"),
            self._route("faults", self._set_faults, "PUT"),
            self._route("reverse", self._reverse, "POST"),
            self._route("groups/{group:int}", self._patch, "PATCH"),
            self._route("groups/{group:int}/messages", self._messages),
            self._route("groups/{group:int}/requests", lambda group, _body: self._requests(group)),
            *(self._route(f"groups/{{group:int}}/{name}", deed, "POST") for name, deed in deeds.items()),
        ]

    def _route(self, path: str, run: Callable[[int, Any], Any], method: str = "GET") -> Route:
        return Route(f"/_simulator/{path}", self._respond(run), methods=[method])

    def _respond(self, run: Callable[[int, Any], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            if not self._allows(request):
                return JSONResponse({"message": "token"}, 403)
            try:
                body = json.loads(await request.body() or b"null")
                return JSONResponse(run(request.path_params.get("group", 0), body))
            except Refusal as refusal:
                return JSONResponse({"code": refusal.code, "message": refusal.words}, 409)
            except (Failed, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
                return JSONResponse({"message": f"{type(error).__name__}: {error}"}, 400)

        return respond

    # What people do

    def _say(self, group: int, body: Body) -> Any:
        """`qq` says `message`: a text with CQ codes or segments, where messages go by their numbers."""
        return {"sequence": self._world.chat.say(int(body["qq"]), group, parse(body["message"], _same))}

    def _picture(self, group: int, body: Body) -> Any:
        """`qq` says a picture, `content` in base64, which whoever is told where it is may fetch."""
        content = b64decode(str(body["content"]), validate=True)
        name = hashlib.md5(content, usedforsecurity=False).hexdigest().upper()
        self._world.pictures[name] = content
        picture = Image(f"{name}.png", f"{self._world.files.served_at}/gchatpic_new/{name}/0", len(content))
        return {"sequence": self._world.chat.say(int(body["qq"]), group, (picture,))}

    def _recall(self, group: int, body: Body) -> Any:
        self._world.chat.recall(int(body["qq"]), int(body["sequence"]))
        return {}

    def _react(self, group: int, body: Body) -> Any:
        on = bool(body.get("on", True))
        self._world.chat.react(int(body["qq"]), int(body["sequence"]), str(body["face"]), on=on)
        return {}

    def _poke(self, group: int, body: Body) -> Any:
        self._world.chat.poke(int(body["qq"]), group, int(body["target"]))
        return {}

    def _join(self, group: int, body: Body) -> Any:
        """Somebody is in, whatever the settings are: let in by `operator`, brought along by `inviter`."""
        operator, inviter = int(body.get("operator", 0)), int(body.get("inviter", 0))
        self._world.requests.enter(group, *self._person(body), operator=operator, inviter=inviter)
        return {}

    def _ask(self, group: int, body: Body) -> Any:
        answer = str(body.get("answer", ""))
        return {"request": self._world.requests.ask(group, *self._person(body), answer) or None}

    def _bring(self, group: int, body: Body) -> Any:
        return {"request": self._world.requests.bring(int(body["inviter"]), group, *self._person(body)) or None}

    def _invite(self, group: int, body: Body) -> Any:
        return {"request": self._world.requests.invite(int(body["inviter"]), group, *self._person(body))}

    def _answer(self, group: int, body: Body) -> Any:
        approve = bool(body.get("approve", True))
        self._world.requests.answer(int(body["qq"]), int(body["request"]), approve=approve)
        return {}

    def _leave(self, group: int, body: Body) -> Any:
        self._world.quit(int(body["qq"]), group)
        return {}

    def _kick(self, group: int, body: Body) -> Any:
        for_good = bool(body.get("for_good", False))
        self._world.kick(int(body["operator"]), group, int(body["qq"]), for_good=for_good)
        return {}

    def _mute(self, group: int, body: Body) -> Any:
        self._world.mute(int(body["operator"]), group, int(body["qq"]), int(body["seconds"]))
        return {}

    def _essence(self, group: int, body: Body) -> Any:
        change = self._world.chat.mark if body.get("on", True) else self._world.chat.unmark
        change(int(body["operator"]), int(body["sequence"]))
        return {}

    def _upload(self, group: int, body: Body) -> Any:
        """`qq` uploads a file: `path` with its folder, `size` and `sha256` as if there were one."""
        item = {"path": str(body["path"]), "uploader": int(body["qq"])}
        if int(body.get("size", 1)) < 0:
            raise ValueError("a size is not negative")
        self._world.files.plant(group, self._world.roll.owner(group), {"upload": [{**body, **item}]})
        return {}

    def _person(self, body: Body) -> tuple[int, str]:
        qq = int(body["qq"])
        if not 0 < qq <= _HIGHEST:
            raise ValueError(f"{qq} is no QQ number")
        return qq, str(body.get("nickname") or self._world.nickname(qq))

    def _patch(self, group: int, body: Body) -> Any:
        self._world.patch(group, body)
        return {}

    # What has happened

    def _messages(self, group: int, body: Body | None) -> Any:
        """All of them, or those `after` a number."""
        after = int(body["after"]) if body else 0
        return [
            {
                "sequence": row["seq"], "sender": row["sender"], "time": row["time"], "text": row["text"],
                "message": cq_string(segments), "segments": segments, "recalled_by": row["recalled_by"] or None,
            }
            for row in self._world.chat.everything(group, after)
            for segments in [self._writer.segments(row["content"], row["seq"])]
        ]  # fmt: skip

    def _requests(self, group: int) -> Any:
        return [
            {
                **{key: row[key] for key in ("qq", "nickname", "comment", "state", "time")}, "request": row["id"],
                "kind": row["kind"].value, "inviter": row["inviter"] or None, "handled_by": row["handled_by"] or None,
            }
            for row in self._world.requests.listed(group)
        ]  # fmt: skip

    # The rest

    def _clock(self) -> Any:
        return {"now": self._world.clock.now(), "runs": self._world.clock.runs}

    def _set_clock(self, group: int, body: Body) -> Any:
        """`set` a moment or `real`, or `advance` by seconds, or both in this order."""
        if "set" in body:
            self._world.clock.set(moment(body["set"]))
        self._world.clock.advance(int(body.get("advance", 0)))
        return self._clock()

    def _set_faults(self, group: int, body: Any) -> Any:
        self._faults.replace(body or ())
        return {}

    def _reverse(self, group: int, body: Any) -> Any:
        self._connect(body)
        return {}


def _taken(found: Any) -> list[Any]:
    """Everything, and begin anew."""
    everything = list(found)
    found.clear()
    return everything
