"""aiocqhttp bots that OneBot 11 servers connect to, or post to, that report all they hear, and answer.

Argument: JSON with `port`, `token`, `secret`, and `roots`: HTTP addresses by number. One bot takes WebSockets at
`/ws`; for each root there is another that takes posts at `/post/` and the number, and acts over HTTP. Those of
`unsigned` want no signature.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

import uvicorn
from aiocqhttp import CQHttp, Event, MessageSegment  # type: ignore[import-untyped]

from tests.contracts.clients.lines import obey, say


async def run(port: int, token: str, secret: str, roots: dict[str, str], unsigned: list[str]) -> None:
    connected = bot_of(access_token=token)
    posted = {
        number: bot_of(api_root=root, access_token=token, secret=None if number in unsigned else secret)
        for number, root in roots.items()
    }

    async def call(number: str, action: str, params: dict[str, Any]) -> Any:
        if number in posted:
            return await posted[number].call_action(action, **params)
        return await connected.call_action(action, self_id=number, **params)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        number = str(scope.get("path", "")).removeprefix("/post/")
        if number not in posted:
            await connected.asgi(scope, receive, send)
        else:
            await posted[number].asgi({**scope, "path": "/", "raw_path": b"/"}, receive, send)

    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="critical", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event)
        await asyncio.sleep(0.005)
    say(listening=port)
    await obey(call)
    server.should_exit = True
    await serving


def bot_of(**configuration: Any) -> CQHttp:
    bot = CQHttp(**configuration)
    acts_over_http = "api_root" in configuration

    async def heard(event: Event) -> None:
        if event.name == "meta_event.lifecycle.connect":
            say(connected=str(event.self_id))
        say(event={"name": event.name, "bot": str(event.self_id), "fields": dict(event)})

    def mine(event: Event) -> Mapping[str, Any]:
        """What says to which connection an action belongs, where there are connections."""
        return {} if acts_over_http else {"self_id": event.self_id}

    async def answer(event: Event) -> None:
        if event.raw_message.startswith("ping"):
            said = await bot.send(event, f"pong {event.raw_message[5:]}", **mine(event))
            say(did=said, bot=str(event.self_id))

    async def greet(event: Event) -> None:
        said = await bot.send(event, MessageSegment.at(event.user_id) + " welcome", **mine(event))
        say(did=said, bot=str(event.self_id))

    async def let_in(event: Event) -> dict[str, Any]:
        """A quick operation: what a post is answered, and over a connection an action of its own."""
        return {"approve": "please" in event.comment, "reason": "no"}

    for kind in ("message", "notice", "request", "meta_event"):
        bot.subscribe(kind, heard)
    bot.subscribe("message.group", answer)
    bot.subscribe("notice.group_increase", greet)
    bot.subscribe("request.group", let_in)
    return bot


if __name__ == "__main__":
    asyncio.run(run(**json.loads(sys.argv[1])))
