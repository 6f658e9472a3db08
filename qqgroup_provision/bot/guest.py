"""The bot as a guest in somebody's NoneBot: it hears beside other plugins, and takes nothing away from them.

It begins and ends with NoneBot. Whatever goes wrong with it is a line of the log; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack

from nonebot.adapters import Bot, Event
from nonebot.adapters.onebot import v11
from nonebot.log import logger

from qqgroup_provision.bot import hearing
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.run import Options, Process, opened, secrets_of


class Guest:
    """What is there between the start and the end of NoneBot. `bots` gives those that are connected."""

    def __init__(self, options: Options, bots: Callable[[], Iterable[Bot]]) -> None:
        self._options = options
        self._bots = bots
        self._records = Records(_Log(), secrets_of(options))  # type: ignore[arg-type]  # as far as it is written to
        self._stack = AsyncExitStack()
        self._process: Process | None = None

    async def start(self) -> None:
        """Begin. What keeps it from that keeps nobody else from anything."""
        if self._options.watch is None and not self._options.token:
            reason = "neither qqgroup_watch nor qqgroup_interface_token is configured"
            self._records.write("not_started", reason=reason)
            return
        try:
            process = opened(self._options, self._records, self._stack)
            self._stack.push_async_callback(process.stop)
            await process.start()
        except Exception as error:
            await self._stack.aclose()
            self._records.write("not_started", error=type(error).__name__, reason=str(error)[:300])
            return
        self._process = process
        for bot in self._bots():
            await process.connected(bot)  # those that were quicker

    async def stop(self) -> None:
        """End, with what was heard done."""
        self._process = None
        await self._stack.aclose()

    async def connected(self, bot: Bot) -> None:
        if self._process is not None:
            await self._process.connected(bot)

    async def disconnected(self, bot: Bot) -> None:
        if self._process is not None:
            await self._process.disconnected(bot)

    async def hear(self, bot: Bot, event: Event) -> None:
        """An event, before any matcher sees it. An exception here would keep it from all of them."""
        if self._process is None:
            return
        try:
            heard = _heard(bot, event)
            if heard is not None:
                self._process.host.hear(heard)
        except Exception as error:
            self._records.write("failed", error=type(error).__name__, reason=str(error)[:300])


def _heard(bot: Bot, event: Event) -> Heard | None:
    if isinstance(event, v11.Event):
        return hearing.heard(event)
    if bot.type != "Milky":
        return None
    from nonebot.adapters.milky import Event as MilkyEvent

    from qqgroup_provision.bot import milky

    return milky.heard(event) if isinstance(event, MilkyEvent) else None


class _Log:
    """Lines of ours among those of NoneBot."""

    def write(self, line: str) -> None:
        logger.opt(colors=False).info("{}", line.rstrip("\n"))

    def flush(self) -> None:
        """Loguru does."""
