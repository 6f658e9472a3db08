"""A bot as people write it with NoneBot: `python -m benchmarks.plain_bot URL MATCHERS`.

Each matcher has a keyword of its own; the last one answers what benchmarks/talk.py says.
"""

from __future__ import annotations

import sys

import nonebot
from nonebot import on_keyword
from nonebot.adapters.onebot.v11 import Adapter, Bot, GroupMessageEvent
from nonebot.matcher import Matcher

from benchmarks.talk import WORD


def main(url: str, matchers: int) -> None:
    nonebot.init(driver="~aiohttp", onebot_v11_ws_urls=[url], log_level="CRITICAL")
    nonebot.get_driver().register_adapter(Adapter)
    for number in range(matchers):
        matcher: type[Matcher] = on_keyword({WORD if number == matchers - 1 else f"没有这句话{number}"}, block=True)

        @matcher.handle()
        async def answer(bot: Bot, event: GroupMessageEvent) -> None:
            await bot.send(event, "看这篇")

    nonebot.run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
