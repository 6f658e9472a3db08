"""A NoneBot that speaks Milky to some servers, reports all it hears, and answers.

Argument: JSON with `servers` ({host, port, access_token}), whose events it listens to, or with `webhook` (the same),
whose events are posted to it at `port`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any

import nonebot
from nonebot.adapters.milky import Adapter, Bot, Event, MessageSegment
from nonebot.adapters.milky.event import GroupJoinRequestEvent, GroupMemberIncreaseEvent, GroupMessageEvent
from nonebot.compat import model_dump
from nonebot.log import logger
from nonebot.message import event_preprocessor

from tests.contracts.clients.lines import obey, say


def start(servers: list[dict[str, Any]], webhook: dict[str, Any] | None = None, port: int = 1) -> None:
    logger.remove()
    logger.add(
        lambda text: say(trouble=str(text)), filter=_is_trouble, level="DEBUG", format="{message}\n{exception}"
    )
    driver_names = "~quart+~aiohttp" if webhook else "~aiohttp"
    nonebot.init(driver=driver_names, host="127.0.0.1", port=port, milky_clients=servers, milky_webhook=webhook)
    driver = nonebot.get_driver()
    driver.register_adapter(Adapter)
    answer_messages()

    @driver.on_bot_connect
    async def connected(bot: Bot) -> None:
        say(connected=bot.self_id)

    @event_preprocessor
    async def heard(bot: Bot, event: Event) -> None:
        said: dict[str, Any] = {"class": type(event).__name__, "name": event.get_event_name()}
        say(event={**said, "bot": bot.self_id, "to_me": event.is_tome(), "fields": model_dump(event)})

    @driver.on_startup
    async def listen() -> None:
        listening.append(asyncio.create_task(until_told_to_stop()))

    listening: list[asyncio.Task[None]] = []
    nonebot.run()


def _is_trouble(record: Any) -> bool:
    """What could not be read, and anything worse; a connection that ends when the test does is none."""
    text = record["message"]
    return (
        "unsupported event" in text
        or "Error when getting" in text
        or (record["level"].no >= 40 and "WebSocket Closed" not in text)
    )


def answer_messages() -> None:
    """What a bot does: answers what begins with `ping`, greets newcomers, lets in who says `please`."""
    messages = nonebot.on_message()
    notices = nonebot.on_notice()
    requests = nonebot.on_request()

    @messages.handle()
    async def answer(bot: Bot, event: GroupMessageEvent) -> None:
        if event.get_plaintext().startswith("ping"):
            quoted = f" to {event.reply.message.extract_plain_text()}" if event.reply else ""
            say(did=_plain(await bot.send(event, f"pong {event.get_plaintext()[5:]}{quoted}")), bot=bot.self_id)

    @notices.handle()
    async def greet(bot: Bot, event: GroupMemberIncreaseEvent) -> None:
        say(
            did=_plain(await bot.send(event, MessageSegment.mention(event.data.user_id) + " welcome")),
            bot=bot.self_id,
        )

    @requests.handle()
    async def let_in(bot: Bot, event: GroupJoinRequestEvent) -> None:
        await (event.accept() if "please" in event.data.comment else event.reject("no"))
        say(did=None, bot=bot.self_id)


async def until_told_to_stop() -> None:
    async def call(bot: str, action: str, params: dict[str, Any]) -> Any:
        """Gives what the adapter made of the answer, as plain data."""
        return _plain(await nonebot.get_bot(bot).call_api(action, **params))

    await obey(call)
    signal.raise_signal(signal.SIGINT)


def _plain(answer: Any) -> Any:
    if isinstance(answer, (list, tuple)):
        return [_plain(each) for each in answer]
    return model_dump(answer) if hasattr(answer, "model_dump") else answer


if __name__ == "__main__":
    start(**json.loads(sys.argv[1]))
