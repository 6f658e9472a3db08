"""The bot as a process: NoneBot set up without any `.env`, the interface, and an end in good order."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import nonebot
from loguru import logger
from nonebot.adapters import Bot
from nonebot.adapters.onebot import v11
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from qqgroup_provision.bot.adapters import OneBotAdapter, milky_adapter
from qqgroup_provision.bot.assets import Assets
from qqgroup_provision.bot.assistants import tokens
from qqgroup_provision.bot.behaviors import Behaviors, StoredBehaviors
from qqgroup_provision.bot.clouds import Clouds
from qqgroup_provision.bot.database import Database, SharedDatabase
from qqgroup_provision.bot.doing import Account, OneBotAccount
from qqgroup_provision.bot.driver import Driver
from qqgroup_provision.bot.host import Host
from qqgroup_provision.bot.interface import Interface
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.pace import Pace
from qqgroup_provision.bot.pictures import Pictures
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.serving import Serving, Where
from qqgroup_provision.bot.watching import WatchedBehaviors
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.lock import file_lock

_DRIVER = "qqgroup_provision.bot.driver"
_PATIENCE = 30.0  # seconds that an account has to answer a call


@dataclass(frozen=True, slots=True)
class Options:
    """What `qqgroup bot run` is told. Without `watch`, `interface` is served and `token` is needed for it."""

    data: Path
    interface: Where
    token: str = field(default="", repr=False)
    onebot: tuple[str, ...] = ()
    listen: Where | None = None
    onebot_token: str = field(default="", repr=False)
    milky: tuple[str, ...] = ()
    milky_token: str = field(default="", repr=False)
    watch: Path | None = None
    group_pause: float = 1.0
    account_pause: float = 0.3
    font: Path | None = None
    database: Secret | None = None  # the URL of a PostgreSQL that several bots share


def run(options: Options) -> None:
    """Run until SIGTERM or Ctrl-C.

    Raises `InvalidInput` for what cannot be begun at all, and `LockHeld` (QG721) while another bot uses the folder.
    """
    records = Records(secrets=secrets_of(options))
    with ExitStack() as stack:
        process = opened(options, records, stack)
        _write_logs_to(records)
        with _nothing_around():
            _init(options)
            driver = cast(Driver, nonebot.get_driver())
            process.attach(driver)
        driver.run()  # type: ignore[no-untyped-call]
        if process.failure is not None:
            raise process.failure


def secrets_of(options: Options) -> tuple[str, ...]:
    """What is never written down."""
    tokens_given = (options.token, options.onebot_token, options.milky_token)
    return (*tokens_given, *tokens(os.environ), *_secrets_of(options.database))


def opened(options: Options, records: Records, stack: ExitStack | AsyncExitStack) -> Process:
    """A bot with all that it needs, which the stack closes. Raises what `run` does."""
    listeners = _listeners(options)
    for listener in listeners.values():
        stack.callback(listener.close)
    database = _database(options)
    stack.callback(database.close)
    # Two bots with one folder would each answer what the other has not heard yet.
    stack.enter_context(file_lock(options.data / "bot.lock", "bot run"))
    return Process(options, records, database, listeners)


class Process:
    """What is there as long as the bot runs."""

    def __init__(
        self, options: Options, records: Records, database: Database, listeners: dict[str, socket.socket]
    ) -> None:
        self._options = options
        self._records = records
        self._listeners = listeners
        self.failure: Exception | None = None  # why it could not begin; NoneBot then ends as if all was well
        self._servings: list[Serving] = []
        self._watching: asyncio.Task[None] | None = None
        self._accounts: dict[int, Account] = {}  # by the identity of NoneBot's own object
        self._behaviors: Behaviors
        if options.watch is not None:
            self._behaviors = watched = WatchedBehaviors(options.watch, records, self._replaced)
            content = watched.content
        else:
            assets = Assets(options.data / "assets")
            self._behaviors = StoredBehaviors(database, assets)
            content = assets.content
        pace = Pace(options.group_pause, options.account_pause)
        pictures = Pictures(records, (*options.onebot, *options.milky))
        clouds = Clouds(records, options.font)
        self.host = Host(
            self._behaviors, BotMemory(database), content, pace, records, pictures=pictures, clouds=clouds
        )

    def attach(self, driver: Driver) -> None:
        """Have it begun and ended with NoneBot."""
        host = self.host
        OneBotAdapter.hear = host.hear
        if self._options.onebot or self._options.listen:
            driver.register_adapter(OneBotAdapter)
        if self._options.milky:
            driver.register_adapter(milky_adapter(host.hear))

        driver.on_bot_connect(self.connected)
        driver.on_bot_disconnect(self.disconnected)
        driver.on_startup(self._begin)
        driver.on_shutdown(self.stop)
        self._application = driver.server_app

    async def connected(self, bot: Bot) -> None:
        """An account is there. One of another platform is none of ours."""
        account = _account(bot)
        if account is not None and id(bot) not in self._accounts:
            self._accounts[id(bot)] = account
            self.host.connect(account)

    async def disconnected(self, bot: Bot) -> None:
        account = self._accounts.pop(id(bot), None)
        if account is not None:
            self.host.disconnect(account)

    async def _begin(self) -> None:
        try:
            await self.start()
        except Exception as error:
            self.failure = error
            raise

    async def start(self) -> None:
        """Put in force what is to be done, and begin. Raises what keeps it from that."""
        behaviors = self._behaviors
        addresses: dict[str, str] = {}
        if isinstance(behaviors, StoredBehaviors):
            for group, error in await behaviors.load():
                self._records.write("not_usable", group=group, reasons=[f"{c} {what}" for c, what in error.reasons])
            interface = Interface(
                self.host,
                behaviors,
                self._records,
                self._options.token,
                open_metrics=self._options.interface.is_loopback,
            )
            addresses["interface"] = await self._serve("interface", interface.app())
        elif isinstance(behaviors, WatchedBehaviors):
            await behaviors.look()
            self._watching = asyncio.create_task(behaviors.watch())
        for name, where in (("interface", self._options.interface), ("listen", self._options.listen)):
            if name in addresses or name in self._listeners:
                self._warn(name, where)
        self.host.start()
        if "listen" in self._listeners:
            addresses["listen"] = await self._serve("listen", self._application)
        self._records.write("started", groups=sorted(behaviors.current), **addresses)

    def _warn(self, name: str, where: Where | None) -> None:
        if where is not None and not where.is_loopback:
            told = f"--{name} can be reached from other machines, and what goes through it is not encrypted."
            self._records.write("log", level="WARNING", message=told)

    async def _serve(self, name: str, application: Any) -> str:
        """Serve what was listened for; gives where."""
        listener = self._listeners.pop(name)
        host, port = listener.getsockname()[:2]
        serving = Serving(application)
        self._servings.append(serving)
        await serving.start(listener)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def stop(self) -> None:
        """Finish what was heard, and end."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.host.stop()
        for serving in self._servings:
            await serving.stop()
        self._records.write("stopped")

    def _replaced(self, group: int) -> None:
        self.host.enforced(group)


def _account(bot: Bot) -> Account | None:
    if isinstance(bot, v11.Bot):
        return OneBotAccount(bot)
    if bot.type != "Milky":
        return None
    from qqgroup_provision.bot.milky import MilkyAccount

    return MilkyAccount(cast(Any, bot))


def _init(options: Options) -> None:
    nonebot.init(
        driver=_DRIVER,
        api_timeout=_PATIENCE,
        onebot_v11_ws_urls=set(options.onebot),
        onebot_v11_access_token=options.onebot_token or None,
        milky_clients=[_milky_client(address, options.milky_token) for address in options.milky],
    )


@contextmanager
def _nothing_around() -> Iterator[None]:
    """An empty folder to be in, and no variable. Only for the beginning, while there is one thread.

    NoneBot and each adapter read `.env` and variables as common as `HOST`; those are somebody else's.
    """
    variables = dict(os.environ)
    with TemporaryDirectory() as empty, chdir(empty):
        os.environ.clear()
        try:
            yield
        finally:
            os.environ.update(variables)


def _milky_client(address: str, token: str) -> dict[str, Any]:
    secure = address.startswith("https://")
    host, _, port = address.split("://", 1)[1].rstrip("/").partition(":")
    return {
        "host": host,
        "port": int(port or (443 if secure else 80)),
        "access_token": token or None,
        "secure": secure,
    }


def _listeners(options: Options) -> dict[str, socket.socket]:
    wanted = {"listen": options.listen, "interface": None if options.watch else options.interface}
    found: dict[str, socket.socket] = {}
    for name, where in wanted.items():
        if where is None:
            continue
        try:
            found[name] = where.listen()
        except OSError as error:
            for listener in found.values():
                listener.close()
            raise InvalidInput(
                Diagnostic(
                    "QG153",
                    say(
                        "The bot cannot listen at {where}: {reason}.",
                        where=f"{where.host}:{where.port}",
                        reason=error.strerror or str(error),
                    ),
                    hint=say("Choose another address with --{option}.", option=name),
                )
            ) from None
    return found


def _secrets_of(url: Secret | None) -> tuple[str, ...]:
    """What is never written down of a URL: itself, and the password in it."""
    if url is None:
        return ()
    try:
        password = make_url(url.reveal()).password
    except (ArgumentError, ValueError):
        return (url.reveal(),)
    return (url.reveal(), str(password)) if password else (url.reveal(),)


def _shared(url: Secret, folder: Path) -> Database:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return SharedDatabase(url)
    except (OSError, SQLAlchemyError, ValueError) as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).strip()
        for secret in _secrets_of(url):
            reason = reason.replace(secret, str(url))
        raise InvalidInput(
            Diagnostic(
                "QG760",
                say("The bot cannot use the database it is to share: {reason}.", reason=reason.splitlines()[0][:300]),
                hint=say("Check QQGROUP_BOT_DATABASE: postgresql://USER:PASSWORD@HOST/DATABASE."),
            )
        ) from None


def _database(options: Options) -> Database:
    folder = options.data
    if options.database is not None:
        return _shared(options.database, folder)
    try:
        return Database(folder / "bot.sqlite")
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(getattr(error, "orig", error))
        raise InvalidInput(
            Diagnostic(
                "QG153",
                say("The bot cannot use its folder: {reason}.", reason=reason),
                subject=folder.as_posix(),
                hint=say("Choose another folder with --{option}.", option="data"),
            )
        ) from None


def _write_logs_to(records: Records) -> None:
    """What NoneBot and the servers complain of becomes lines of ours. What people say in groups is in none."""

    def from_loguru(message: Any) -> None:
        record = message.record
        error = record["exception"]
        reason = f"{error.type.__name__}: {error.value}"[:300] if error is not None and error.type else None
        records.write("log", level=record["level"].name, message=_complaint(record["message"]), reason=reason)

    logger.remove()
    logger.add(from_loguru, level="WARNING", format="{message}", backtrace=False, diagnose=False)
    logging.basicConfig(handlers=[_Lines(records)], level=logging.WARNING, force=True)


def _complaint(message: str) -> str:
    """A message of NoneBot without the event that it could not read."""
    return re.split(" Raw: |unsupported event", message, maxsplit=1)[0][:300]


class _Lines(logging.Handler):
    """Lines of Python's own logging."""

    def __init__(self, records: Records) -> None:
        super().__init__()
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        reason = f"{type(error).__name__}: {error}"[:300] if error is not None else None
        self._records.write("log", level=record.levelname, message=record.getMessage()[:300], reason=reason)
