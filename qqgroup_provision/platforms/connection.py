"""Opens a connection to one account's endpoint and finds out who answers there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import EndpointError
from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.http import Http
from qqgroup_provision.platforms.onebot11 import parse
from qqgroup_provision.platforms.onebot11.answers import NotOneBot, TokenRefused
from qqgroup_provision.platforms.onebot11.caller import Caller, NoConnection, ReadFailed, TimedOut
from qqgroup_provision.platforms.onebot11.dialect import DIALECTS, Dialect, version_of
from qqgroup_provision.platforms.onebot11.reader import OneBotReader
from qqgroup_provision.platforms.onebot11.writer import OneBotWriter
from qqgroup_provision.ports import AccountFacts, GroupReader, GroupWriter
from qqgroup_provision.secrets import Secret


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Where an account answers. `key` is its name in the workspace; times are in seconds."""

    key: str
    url: str
    token: Secret
    in_flight: int = 32
    read_timeout: float = 30.0
    settle: float = 2.0


class Connection:
    """An account at its endpoint: what it is, a port that reads it and one that changes it."""

    def __init__(self, http: Http, facts: AccountFacts, reader: GroupReader, writer: GroupWriter) -> None:
        self.facts = facts
        self.reader = reader
        self.writer = writer
        self._http = http

    @property
    def requests_sent(self) -> int:
        return self._http.sent

    async def close(self) -> None:
        await self._http.close()


async def connect(settings: EndpointSettings) -> Connection:
    """Ask an endpoint who it is. Raises `EndpointError` (QG401 to QG407); two requests."""
    token = settings.token.reveal()
    if token and not (token.isascii() and token.isprintable()):  # no HTTP header can carry such a one
        raise _token_refused(settings, "get_version_info")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    http = Http(settings.url, headers, settings.in_flight, settings.read_timeout)
    try:
        return await _introduce(http, settings)
    except BaseException:
        await http.close()
        raise


async def _introduce(http: Http, settings: EndpointSettings) -> Connection:
    caller = Caller(http)
    version = await _ask(caller, settings, "get_version_info")
    dialect, number = _dialect(version, settings)
    login = await _ask(caller, settings, "get_login_info")
    try:
        self_id = parse.integer(login, "user_id")
    except parse.WrongShape as error:
        raise _wrong_shape(settings, "get_login_info", error) from None
    facts = AccountFacts(self_id, dialect.implementation, number, dialect.capabilities)
    reader = OneBotReader(caller, dialect, self_id, settings.settle)
    return Connection(http, facts, reader, OneBotWriter(caller, dialect))


def _dialect(version: Any, settings: EndpointSettings) -> tuple[Dialect, str]:
    try:
        name, number = parse.text(version, "app_name"), parse.text(version, "app_version")
        dialect = DIALECTS.get(name)
        if dialect is not None and version_of(number) >= dialect.oldest:
            return dialect, number
    except parse.WrongShape as error:
        raise _wrong_shape(settings, "get_version_info", error) from None
    known = ", ".join(f"{d.implementation} ≥ {'.'.join(map(str, d.oldest))}" for d in DIALECTS.values())
    raise _fault(
        "QG406",
        say("The server says it is {name} {version}.", name=name, version=number),
        settings,
        "get_version_info",
        say("Run one of these: {known}.", known=known),
    )


async def _ask(caller: Caller, settings: EndpointSettings, action: str) -> Mapping[str, Any]:
    try:
        data = await caller.read(action, {})
    except ReadFailed as error:
        raise _failed(error, settings, action) from None
    if not isinstance(data, dict):
        raise _wrong_shape(settings, action, parse.WrongShape("data"))
    return data


def _failed(error: ReadFailed, settings: EndpointSettings, action: str) -> EndpointError:
    account = settings.key
    if isinstance(error, NoConnection):
        hint = say("Check that the OneBot server runs, and the address in workspace.yaml.")
        summary = say("The endpoint of `{account}` cannot be reached: {why}.", account=account, why=error.reason)
        return _fault("QG401", summary, settings, action, hint)
    if isinstance(error.cause, TokenRefused):
        return _token_refused(settings, action)
    if isinstance(error.cause, NotOneBot):
        hint = say("Something else answers there, or a proxy stands between: check address and port.")
        summary = say("The endpoint of `{account}` does not answer as OneBot does: {why}.",
                      account=account, why=error.reason)  # fmt: skip
        return _fault("QG403", summary, settings, action, hint)
    if isinstance(error, TimedOut):
        hint = say("Check that the QQ client behind it is logged in.")
        summary = say("The endpoint of `{account}` did not answer within {seconds} seconds.",
                      account=account, seconds=settings.read_timeout)  # fmt: skip
        return _fault("QG405", summary, settings, action, hint)
    hint = say("Its log may say more.")
    summary = say("The endpoint of `{account}` reports: {why}.", account=account, why=error.reason)
    return _fault("QG404", summary, settings, action, hint)


def _token_refused(settings: EndpointSettings, action: str) -> EndpointError:
    hint = say("Compare the token with the one in the server's settings.")
    summary = say("The token of `{account}` is refused.", account=settings.key)
    return _fault("QG402", summary, settings, action, hint)


def _wrong_shape(settings: EndpointSettings, action: str, error: parse.WrongShape) -> EndpointError:
    return _fault(
        "QG407",
        say("The answer has no proper `{field}`.", field=str(error)),
        settings,
        action,
        say("Check the version of the OneBot server."),
    )


def _fault(code: str, summary: Text, settings: EndpointSettings, action: str, hint: Text) -> EndpointError:
    return EndpointError(Diagnostic(code, summary, subject=f"{settings.url}/{action}", hint=hint))
