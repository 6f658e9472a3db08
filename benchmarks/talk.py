"""A OneBot 11 server that talks as fast as it is answered: how many answers a second a bot gives.

`python -m benchmarks.talk SECONDS COMMAND…` runs the command with `{url}` replaced by the server's address, waits
until it has connected, says things in one group, and prints the answers a second as JSON. At most `AHEAD` messages
wait for an answer at once; the first answers do not count, as everything is loaded then.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

GROUP, SELF, WORD = 731000001, 100000000, "怎么装"
AHEAD, WARM = 16, 20


class Talk:
    """One conversation with one bot."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._numbers = count(1)
        self._answers = 0
        self._since = 0.0
        self.rate: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection of the bot."""
        connection = web.WebSocketResponse(max_msg_size=0)
        await connection.prepare(request)
        lifecycle = {"meta_event_type": "lifecycle", "sub_type": "connect"}
        await connection.send_json({**self._event("meta_event"), **lifecycle})
        saying = asyncio.create_task(self._keep_saying(connection))
        try:
            async for frame in connection:
                if frame.type != WSMsgType.TEXT:
                    break
                asked = json.loads(frame.data)
                await connection.send_json(self._answer(asked))
                if asked["action"] in ("send_group_msg", "send_msg") and not self.rate.done():
                    self._answered()
                    await self._say(connection)
        except ConnectionResetError:
            pass  # the bot was ended: there is enough to go by
        finally:
            saying.cancel()
        return connection

    async def _keep_saying(self, connection: web.WebSocketResponse) -> None:
        """Say as much as may wait for an answer, and so again when none comes: a bot that begins misses things."""
        answers = -1
        while True:
            await asyncio.sleep(1)
            if answers == self._answers or answers < 0:
                for _ in range(AHEAD):
                    await self._say(connection)
            answers = self._answers

    async def _say(self, connection: web.WebSocketResponse) -> None:
        number = next(self._numbers)
        words = f"{WORD} 第{number}次"
        user = 200000000 + number % 5000
        await connection.send_json({
            **self._event("message"),
            "message_type": "group", "sub_type": "normal", "group_id": GROUP, "user_id": user, "message_id": number,
            "message": [{"type": "text", "data": {"text": words}}], "raw_message": words, "font": 14,
            "sender": {"user_id": user, "nickname": f"n{user}", "card": "", "role": "member"},
        })  # fmt: skip

    def _answered(self) -> None:
        now = time.perf_counter()
        self._answers += 1
        if self._answers == WARM:
            self._since = now
        elif self._answers > WARM and now - self._since >= self._seconds and not self.rate.done():
            self.rate.set_result((self._answers - WARM) / (now - self._since))

    def _event(self, kind: str) -> dict[str, Any]:
        return {"time": int(time.time()), "self_id": SELF, "post_type": kind}

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        data: Any = {"message_id": next(self._numbers)}
        if asked["action"] == "get_group_list":
            data = [{"group_id": GROUP, "group_name": "g", "member_count": 2, "max_member_count": 500}]
        return {"status": "ok", "retcode": 0, "data": data, "echo": asked.get("echo")}


async def measure(seconds: float, command: list[str]) -> float:
    """Answers a second of the bot that the command runs."""
    talk = Talk(seconds)
    app = web.Application()
    app.router.add_get("/", talk.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listening).start()
    url = f"ws://127.0.0.1:{listening.getsockname()[1]}/"
    process = await asyncio.create_subprocess_exec(
        *(word.replace("{url}", url) for word in command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(seconds + 60):
            return await talk.rate
    finally:
        process.kill()
        await process.wait()
        await runner.cleanup()


if __name__ == "__main__":
    print(json.dumps({"rate": asyncio.run(measure(float(sys.argv[1]), sys.argv[2:]))}))
