"""Sends to places that are not QQ, through Apprise: 飞书, 钉钉, 企业微信, Discord, e-mail and many more.

Apprise says no more than whether it thinks that a message went out, so the answers are looked at here: 企业微信, 钉钉
and 飞书 refuse with HTTP 200 and a number in the body. What became of a message is one of three things, and what may
have arrived is never sent again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import whole
from qqgroup_provision.ports import AnswerLost, WriteRefused
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.notifications import Notification
from qqgroup_provision.workspace.tokens import resolve_notification

PATIENCE = 20.0  # seconds for one message, pictures included
_MOST = 65536  # bytes of an answer that are looked at
# Services that say no with HTTP 200, by Apprise's name for them, and the fields in which they do.
_NUMBERS = {
    "wecombot": ("errcode",),
    "dingtalk": ("errcode",),
    "feishu": ("code", "StatusCode"),
    "lark": ("code", "StatusCode"),
}
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `picture` goes along where the service takes one."""

    title: str
    body: str
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The service took it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not go out for certain."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows whether it went out."""

    reason: Text


Fate = Sent | Refused | Lost


@dataclass(frozen=True, slots=True)
class Places:
    """`Elsewhere` (ports.py) of one workspace. A secret is looked up when it is needed."""

    notifications: Mapping[str, Notification]
    root: Path
    environment: Mapping[str, str]

    async def send(self, where: str, text: str, picture: bytes | None) -> None:
        """As the port has it. Raises `InvalidInput` (QG131) too, where the URL is nowhere to be found."""
        if where not in self.notifications:
            raise WriteRefused(say("there is no notification `{key}`", key=where))
        url = resolve_notification(self.notifications[where], self.root, self.environment)
        fate = await asyncio.to_thread(send, url, Message("", text, picture))
        if isinstance(fate, Refused):
            raise WriteRefused(fate.reason)
        if isinstance(fate, Lost):
            raise AnswerLost(fate.reason)


def send(url: Secret, message: Message) -> Fate:
    """Send once, and say what became of it. Never raises for what Apprise or the service does."""
    if find_spec("apprise") is None:
        return Refused(say("the package apprise is not installed: pip install 'qqgroup-provision[notify]'"))
    try:
        service = _service(url)
    except Exception:  # of a plug-in: its text may hold the URL
        service = None
    if service is None:
        return Refused(say("this is no URL that Apprise knows"))
    heard: list[_Heard] = []
    token = _hearing.set(heard)
    try:
        taken = _given_to(service, message)
    except Exception as error:
        return Lost(say("Apprise failed: {kind}", kind=type(error).__name__))
    finally:
        _hearing.reset(token)
    return _fate(taken, heard, _name(service))


@dataclass(frozen=True, slots=True)
class _Heard:
    """One request of Apprise's: the answer, or whether the connection was never made."""

    status: int = 0
    content: bytes = b""
    connected: bool = True


# Who listens to the requests of this context. Apprise's threads have it too.
_hearing: ContextVar[list[_Heard] | None] = ContextVar("hearing", default=None)


@cache
def _listen() -> None:
    """Have `requests` tell of answers to whoever listens; Apprise keeps them to itself."""
    import requests

    send_one = requests.Session.send

    def listened(self: Any, request: Any, **how: Any) -> Any:
        heard = _hearing.get()
        try:
            answer = send_one(self, request, **how)
        except requests.RequestException as error:
            if heard is not None:
                heard.append(_Heard(connected=not _never_connected(error)))
            raise
        if heard is not None:
            heard.append(_Heard(answer.status_code, (answer.content or b"")[:_MOST]))
        return answer

    requests.Session.send = listened  # type: ignore[method-assign]


def _never_connected(error: Exception) -> bool:
    from requests import ConnectTimeout
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    cause = error.args[0] if error.args else None
    return isinstance(error, ConnectTimeout) or (
        isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
    )


def _service(url: Secret) -> Any:
    import apprise

    _listen()
    logger = logging.getLogger("apprise")  # it logs URLs and bodies, and a person is told here what matters
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    asset = apprise.AppriseAsset(app_id="qqgroup", app_desc="qqgroup", app_url="", http_redirects=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # some of its plug-ins import what Python will drop
        service = apprise.Apprise.instantiate(url.reveal(), asset=asset, suppress_exceptions=True)
    if service is not None and _name(service) == "dingtalk":
        _sign_once(service)
    return service


def _sign_once(service: Any) -> None:
    """Apprise 2.2 escapes 钉钉's signature, and `requests` escapes it again: no signed robot would take it."""
    signature = service.get_signature

    def unescaped() -> tuple[str, str]:
        stamp, sign = signature()
        return stamp, unquote(sign)  # there is nothing to unescape in one that was left as it is

    service.get_signature = unescaped


def _given_to(service: Any, message: Message) -> bool:
    import apprise

    everywhere = apprise.Apprise(asset=service.asset)
    everywhere.add(service)
    attached = None
    if message.picture is not None and service.attachment_support:
        from apprise.attachment.memory import AttachMemory

        kind = next((kind for head, kind in _KINDS.items() if message.picture.startswith(head)), "png")
        attached = AttachMemory(content=message.picture, name=f"picture.{kind}", mimetype=f"image/{kind}")  # type: ignore[no-untyped-call]
    taken = everywhere.notify(
        body=whole(message.body),
        title=whole(message.title),
        body_format=apprise.NotifyFormat.TEXT,
        attach=attached,
        timeout=PATIENCE,
    )
    return bool(taken)


def _name(service: Any) -> str:
    name = service.secure_protocol or service.protocol or ""
    return str(name if isinstance(name, str) else next(iter(name), ""))


def _fate(taken: bool, heard: list[_Heard], name: str) -> Fate:
    refusals = [reason for one in heard if (reason := _refusal(one, name)) is not None]
    if taken and not refusals:
        return Sent()
    # All that was asked was refused, so nothing of it went out.
    if refusals and len(refusals) == len(heard):
        return Refused(refusals[0])
    return Lost(say("the service gave no clear answer"))


def _refusal(heard: _Heard, name: str) -> Text | None:
    if not heard.connected:
        return say("no connection to the service")
    if 300 <= heard.status < 500:
        return say("the service answered with HTTP {status}", status=heard.status)
    fields = _NUMBERS.get(name, ())
    if not fields or heard.status != 200:
        return None
    try:
        answer = json.loads(heard.content)
    except ValueError:
        return None
    number = next((answer[one] for one in fields if isinstance(answer, dict) and one in answer), 0)
    return say("the service answered with error {number}", number=str(number)[:20]) if number != 0 else None
