"""Opens a connection to one account's endpoint and finds out who answers there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import EndpointError
from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.answers import Foreign, Missing, TokenRefused
from qqgroup_provision.platforms.caller import Caller, NoConnection, ReadFailed, TimedOut
from qqgroup_provision.platforms.introduction import Introduce, Introduced, NotSupported
from qqgroup_provision.platforms.milky.introduce import introduce as introduce_milky
from qqgroup_provision.platforms.onebot11.introduce import introduce as introduce_onebot11
from qqgroup_provision.platforms.shape import WrongShape
from qqgroup_provision.platforms.transport import Transport, transport_to
from qqgroup_provision.ports import AccountFacts, Capability, GroupReader, GroupWriter
from qqgroup_provision.secrets import Secret

T = TypeVar("T")
_HERE = ("127.0.0.1", "::1", "localhost")
_PROTOCOLS: Mapping[str, tuple[str, Introduce]] = {
    "onebot11": ("OneBot 11", introduce_onebot11),
    "milky": ("Milky", introduce_milky),
}


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Where an account answers, and in which protocol. `key` is its name in the workspace; times are in seconds."""

    key: str
    url: str
    token: Secret
    protocol: str = "onebot11"
    in_flight: int = 32
    read_timeout: float = 30.0
    settle: float = 2.0


class Connection:
    """An account at its endpoint: what it is, a port that reads it and one that changes it."""

    def __init__(self, transport: Transport, introduced: Introduced) -> None:
        self.facts: AccountFacts = introduced.facts
        self.reader: GroupReader = introduced.reader
        self.writer: GroupWriter = introduced.writer
        self._transport = transport

    @property
    def requests_sent(self) -> int:
        return self._transport.sent

    @property
    def clock_ahead(self) -> float | None:
        """Seconds by which the clock over there is ahead of ours; `None` where no answer told the time."""
        return self._transport.clock.ahead

    async def close(self) -> None:
        await self._transport.close()


async def connect(settings: EndpointSettings) -> Connection:
    """Ask an endpoint who it is. Raises `EndpointError` (QG401 to QG407); two requests."""
    token = settings.token.reveal()
    if token and not (token.isascii() and token.isprintable()):  # no HTTP header can carry such a one
        raise _token_refused(settings, settings.url)
    if settings.protocol == "milky" and settings.url.startswith("ws"):
        hint = say("Give the address of its HTTP API: http:// or https://.")
        raise _fault("QG403", say("Milky takes requests over HTTP alone."), settings.url, hint)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = transport_to(settings.url, headers, settings.in_flight, settings.read_timeout)
    _, introduce = _PROTOCOLS[settings.protocol]
    try:
        introduced = await introduce(transport, _Ask(settings), settings.settle)
        return Connection(transport, replace(introduced, facts=_within_reach(introduced.facts, settings.url)))
    except BaseException:
        await transport.close()
        raise


def _within_reach(facts: AccountFacts, url: str) -> AccountFacts:
    """What the server can do from where it is: one that reads files from the disk cannot be given ours over a
    network (qq_protocol §8.5)."""
    if not facts.reads_paths or urlsplit(url).hostname in _HERE:
        return facts
    return replace(facts, capabilities=facts.capabilities - {Capability.UPLOAD_FILE})


@dataclass(frozen=True, slots=True)
class _Ask:
    """`Ask` (introduction.py) of one endpoint."""

    settings: EndpointSettings

    async def __call__(self, caller: Caller, action: str, read: Callable[[Any], T]) -> T:
        subject = f"{self.settings.url}/{caller.path(action)}"
        try:
            return read(await caller.read(action, {}))
        except ReadFailed as error:
            raise _failed(error, self.settings, subject) from None
        except WrongShape as error:
            raise _wrong_shape(subject, error) from None
        except NotSupported as error:
            raise _not_supported(subject, error) from None


def _failed(error: ReadFailed, settings: EndpointSettings, subject: str) -> EndpointError:
    account = settings.key
    if isinstance(error, NoConnection):
        hint = say("Check that the server runs, and the address in workspace.yaml.")
        summary = say("The endpoint of `{account}` cannot be reached: {why}.", account=account, why=error.reason)
        return _fault("QG401", summary, subject, hint)
    if isinstance(error.cause, TokenRefused):
        return _token_refused(settings, subject)
    if isinstance(error.cause, (Foreign, Missing)):
        hint = say("Something else answers there, or a proxy stands between: check address, port and `protocol`.")
        summary = say("The endpoint of `{account}` does not answer as {protocol} does: {why}.",
                      account=account, protocol=_PROTOCOLS[settings.protocol][0], why=error.reason)  # fmt: skip
        return _fault("QG403", summary, subject, hint)
    if isinstance(error, TimedOut):
        hint = say("Check that the QQ client behind it is logged in.")
        summary = say("The endpoint of `{account}` did not answer within {seconds} seconds.",
                      account=account, seconds=settings.read_timeout)  # fmt: skip
        return _fault("QG405", summary, subject, hint)
    hint = say("Its log may say more.")
    summary = say("The endpoint of `{account}` reports: {why}.", account=account, why=error.reason)
    return _fault("QG404", summary, subject, hint)


def _token_refused(settings: EndpointSettings, subject: str) -> EndpointError:
    hint = say("Compare the token with the one in the server's settings.")
    return _fault("QG402", say("The token of `{account}` is refused.", account=settings.key), subject, hint)


def _wrong_shape(subject: str, error: WrongShape) -> EndpointError:
    summary = say("The answer has no proper `{field}`.", field=str(error))
    return _fault("QG407", summary, subject, say("Check the version of the server."))


def _not_supported(subject: str, error: NotSupported) -> EndpointError:
    summary = say("The server says it is {name} {version}.", name=error.name, version=error.version)
    return _fault("QG406", summary, subject, say("Run one of these: {known}.", known=error.known))


def _fault(code: str, summary: Text, subject: str, hint: Text) -> EndpointError:
    return EndpointError(Diagnostic(code, summary, subject=subject, hint=hint))
