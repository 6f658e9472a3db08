"""What an answer can mean, whichever protocol it is in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import whole

_SHOWN = 200
_SLOW_DOWN = (429, 1429)  # HTTP's 429 as a retcode, over HTTP and over a WebSocket
_NOT_LOGGED_IN = -403  # Milky's (qq_protocol §13)
# The words for risk control, too many requests, a captcha to solve, a frozen or limited account.
_LIMITED = re.compile(
    r"风控|风险控制|(操作|请求|发送|调用)(太|过于?|太过)?频繁|频率(限制|过高|过快)|验证码|安全验证|滑块|"
    r"(账号|帐号|账户|帐户|号码)(存在异常|异常|已?被?(限制|冻结|封禁))|"
    r"captcha|risk.?control|too (many|frequent)|rate.?limit|frequency limit|account (is |was |has been )?"
    r"(restricted|limited|frozen|banned)",
    re.IGNORECASE,
)
_OFFLINE = re.compile(
    r"(账号|帐号|QQ)(已|已经|处于)?(离线|掉线|下线)|未登录|登录(已)?失效|被(强制|挤)下线|not logged ?in|"
    r"kicked ?off|(account|bot|client) (is )?offline",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Data:
    """The action was carried out, or so the server says. `value` is `None` where it sent none."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server understood and did not do it; `reason` is in its own words."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Missing(Refusal):
    """The server knows no such action."""


@dataclass(frozen=True, slots=True)
class SlowDown(Refusal):
    """The server takes no more just now, and did nothing: another attempt may be made."""


@dataclass(frozen=True, slots=True)
class Limited(Refusal):
    """QQ limits the account."""


@dataclass(frozen=True, slots=True)
class Offline(Refusal):
    """The account is not logged in."""


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """The server does not know the token."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The answer tells nothing of whether the action was carried out."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Foreign:
    """What answers does not speak the protocol, or is cut off."""

    reason: Text


Answer = Data | Refusal | TokenRefused | Unclear | Foreign


def by_status(status: int) -> Answer | None:
    """What an HTTP status alone says; `None` where the body has to be read."""
    if status in (401, 403):
        return TokenRefused()
    if status >= 500:
        return Unclear(say("the server failed with HTTP {status}", status=status))
    if status == 429:
        return Refusal(say("the server asks to slow down (HTTP 429)"))
    return None


def envelope_of(status: int, body: bytes) -> dict[str, Any] | Foreign:
    """The JSON object with a `status` that both protocols wrap every answer in."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        start = " ".join(body[:60].decode("utf-8", "replace").split())
        return Foreign(say("HTTP {status}, and not JSON: {start}", status=status, start=start))
    if not isinstance(envelope, dict) or not isinstance(envelope.get("status"), str):
        return Foreign(say("HTTP {status}, and JSON without a status", status=status))
    return envelope


def is_ok(envelope: dict[str, Any]) -> bool:
    return envelope["status"] == "ok" and envelope.get("retcode") in (0, None)


def words_of(envelope: dict[str, Any]) -> str:
    """What the server says of a failure, in whichever of the usual fields; `?` if nothing."""
    for key in ("wording", "message", "msg"):
        said = envelope.get(key)
        if isinstance(said, str) and said.strip():
            return whole(said.strip()[:_SHOWN])
    return "?"


def refusal(envelope: dict[str, Any]) -> Refusal:
    return refusal_by(words_of(envelope), envelope.get("retcode"))


def refusal_by(words: str, code: Any) -> Refusal:
    """A failure, told apart by its words: codes mean different things to each server (qq_protocol §1.3, §11)."""
    reason = say("{words} (retcode {code})", words=words, code=code)
    if code in _SLOW_DOWN:
        return SlowDown(reason)
    if _LIMITED.search(words):
        return Limited(reason)
    if code == _NOT_LOGGED_IN or _OFFLINE.search(words):
        return Offline(reason)
    return Refusal(reason)
