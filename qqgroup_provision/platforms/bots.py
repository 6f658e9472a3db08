"""`BehaviorReader` and `BehaviorWriter` over the HTTP interface of bots."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.http import MAX_ANSWER_BYTES
from qqgroup_provision.ports import Absent, AnswerLost, Known, LiveBehavior, NoBot, Reading, Unknown, WriteRefused
from qqgroup_provision.resources.behavior import CONTEXT
from qqgroup_provision.secrets import Secret

_NOTHING = "no_behavior"  # what a bot says of a group it has no document for
_MISSING = "assets_missing"
_SHOWN = 200
_TIMES = 3  # that a bot is asked which says that it is asked too often; then nothing was done
_LONGEST = 30  # seconds that are waited for it at once


class Bots:
    """The bots of some groups, each at its address. `groups` is by QQ number."""

    def __init__(self, groups: Mapping[int, Bot]) -> None:
        self._groups = groups

    @property
    def requests_sent(self) -> int:
        return sum(bot.requests_sent for bot in set(self._groups.values()))

    async def behavior(self, group_id: int) -> Reading[LiveBehavior]:
        return await self._of(group_id).behavior(group_id)

    async def tag(self, group_id: int) -> Reading[str]:
        return await self._of(group_id).tag(group_id)

    async def deliver(
        self, group_id: int, document: bytes, before: str, picture: Callable[[str, str], bytes]
    ) -> None:
        await self._of(group_id).deliver(group_id, document, before, picture)

    def _of(self, group_id: int) -> Bot | NoBot:
        return self._groups.get(group_id) or NoBot()

    async def close(self) -> None:
        for bot in set(self._groups.values()):
            await bot.close()


class Bot:
    """One bot's interface. Nothing is sent before the first request, no redirect is followed, and no proxy used: the
    token is for this address alone."""

    def __init__(self, url: str, token: Secret, timeout: float = 30.0) -> None:
        self.requests_sent = 0
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"},
            timeout=timeout,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def behavior(self, group_id: int) -> Reading[LiveBehavior]:
        answer = await self._read("GET", group_id)
        if not isinstance(answer, _Answer):
            return answer
        document = _parsed(answer.body)
        if not _is_document(document) or hashlib.sha256(_canonical(document)).hexdigest() != answer.tag:
            return Unknown(say("the bot sent what is no document of a group's behaviour"))
        return Known(LiveBehavior(document, answer.tag))

    async def tag(self, group_id: int) -> Reading[str]:
        answer = await self._read("HEAD", group_id)
        if isinstance(answer, Unknown):  # an answer to HEAD has no words that would say why
            answer = await self._read("GET", group_id)
        return Known(answer.tag) if isinstance(answer, _Answer) else answer

    async def deliver(
        self, group_id: int, document: bytes, before: str, picture: Callable[[str, str], bytes]
    ) -> None:
        named: Mapping[str, str] = json.loads(document)["assets"]
        condition = {"If-Match": f'"{before}"'} if before else {"If-None-Match": "*"}
        answer = await self._send(_path(group_id), document, condition)
        if answer.status == 422 and _code(answer) == _MISSING:
            for path, sha256 in named.items():
                kind = {"Content-Type": "application/octet-stream"}
                _require(await self._send(f"/v1/assets/{sha256}", picture(path, sha256), kind))
            answer = await self._send(_path(group_id), document, condition)
        _require(answer)

    async def _read(self, method: str, group_id: int) -> _Answer | Absent | Unknown:
        try:
            answer = await self._request(method, _path(group_id))
        except httpx.HTTPError as error:
            return Unknown(_reason(error))
        if answer.status == 200 and answer.tag:
            return answer
        # Only the bot's own word counts: a 404 of something else that answers there says nothing of the group.
        if answer.status == 404 and _code(answer) == _NOTHING:
            return Absent()
        return Unknown(_refusal(answer))

    async def _send(self, path: str, body: bytes, headers: Mapping[str, str]) -> _Answer:
        try:
            return await self._request("PUT", path, body, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise WriteRefused(_reason(error)) from None
        except httpx.HTTPError as error:
            raise AnswerLost(_reason(error)) from None

    async def _request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> _Answer:
        """The answer; that of a later time where a bot says that it is asked too often and when to come again."""
        for _ in range(_TIMES):
            answer = await self._once(method, path, body, headers)
            if answer.status != 429 or not answer.retry_after.isdigit() or int(answer.retry_after) > _LONGEST:
                break
            await asyncio.sleep(int(answer.retry_after))
        return answer

    async def _once(self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None) -> _Answer:
        self.requests_sent += 1
        async with self._client.stream(method, path, content=body, headers=headers) as response:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > MAX_ANSWER_BYTES:
                    raise httpx.ReadError("the answer is too large")
            tag = response.headers.get("etag", "").strip('"')
            return _Answer(response.status_code, bytes(content), tag, response.headers.get("retry-after", "")[:5])


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    tag: str
    retry_after: str


def _path(group_id: int) -> str:
    return f"/v1/groups/{group_id}/behavior"


def _require(answer: _Answer) -> None:
    if answer.status >= 500:
        raise AnswerLost(_refusal(answer))
    if answer.status not in (200, 201, 204):
        raise WriteRefused(_refusal(answer))


def _refusal(answer: _Answer) -> Text:
    if answer.status in (401, 403):
        return say("the bot refuses the token")
    if answer.status == 412:
        return say("the bot was handed something else meanwhile")
    body = _parsed(answer.body)
    words = str(body.get("message") or body.get("code") or "")[:_SHOWN] if isinstance(body, dict) else ""
    return say("the bot answered with HTTP {status}: {words}", status=answer.status, words=words or "?")


def _code(answer: _Answer) -> str:
    body = _parsed(answer.body)
    return str(body.get("code", "")) if isinstance(body, dict) else ""


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_document(value: Any) -> bool:
    if not isinstance(value, dict) or not all(name in value for name in CONTEXT):
        return False
    if not all(isinstance(value.get(name), dict) for name in ("items", "order", "roles", "assets")):
        return False
    hosts = value.get("lists", {})
    if not isinstance(hosts, dict) or not all(isinstance(one, dict) and "sha256" in one for one in hosts.values()):
        return False
    lists = [*value["order"].values(), *value["roles"].values(), value["other_bots"]]
    return all(isinstance(item, dict) for item in value["items"].values()) and all(
        isinstance(one, list) for one in lists
    )


def _canonical(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _reason(error: httpx.HTTPError) -> Text:
    if isinstance(error, httpx.TimeoutException):
        return say("no answer in time")
    return say("no connection: {problem}", problem=str(error)[:_SHOWN] or type(error).__name__)
