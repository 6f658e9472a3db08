"""Asks an assistant over HTTP, once. However slowly it answers, and however much, no more than a text comes of it.

No redirect is followed and no proxy used: token and question are for this address alone. Neither is written down.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Any

import httpx

from qqgroup_provision.behavior.decision import Ask
from qqgroup_provision.behavior.last_resort_checks import is_safe

PREFIX = "QQGROUP_ASSISTANT_"  # of every variable that may hold a token of an assistant
LARGEST = 1 << 18  # bytes of an answer
_LONGEST = 60.0  # seconds that nobody waits longer for, whatever an assistant is given


class NoAnswer(Exception):
    """Why there is none, in words that hold neither token nor question."""


def tokens(environment: Mapping[str, str]) -> tuple[str, ...]:
    """All tokens that there are, so that they are made unreadable wherever they would be written."""
    return tuple(value for name, value in environment.items() if name.startswith(PREFIX) and value)


async def answer_of(action: Ask, environment: Mapping[str, str] = os.environ) -> str:
    """What an assistant says to a question. Raises `NoAnswer`."""
    assistant = action.assistant
    if not is_safe(assistant.url):
        raise NoAnswer("the address is not safe")
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if assistant.token:
        token = environment.get(assistant.token, "").strip() if assistant.token.startswith(PREFIX) else ""
        if not token:
            raise NoAnswer(f"the variable {assistant.token} is not set")
        headers["Authorization"] = f"Bearer {token}"
    try:
        async with asyncio.timeout(assistant.timeout):
            content = await _posted(_address(action), _body(action), headers)
    except TimeoutError:
        raise NoAnswer("it took too long") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise NoAnswer(type(error).__name__) from None
    try:
        text = _text(json.loads(content), action)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise NoAnswer("the answer makes no sense") from None
    if not isinstance(text, str) or not text.strip():
        raise NoAnswer("the answer has no text")
    return text


async def _posted(url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    """The answer. Whoever calls sees to it that it does not take for ever."""
    content = bytearray()
    async with (
        httpx.AsyncClient(timeout=_LONGEST, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", url, json=body, headers=dict(headers)) as answer,
    ):
        if answer.status_code != 200:
            raise NoAnswer(f"status {answer.status_code}")
        async for part in answer.aiter_raw():
            content += part
            if len(content) > LARGEST:
                raise NoAnswer("the answer is too large")
    return bytes(content)


def _address(action: Ask) -> str:
    url = action.assistant.url
    return f"{url}/chat/completions" if action.assistant.kind == "openai" else url


def _body(action: Ask) -> dict[str, Any]:
    """What is sent: the question, and nobody's name or number."""
    if action.assistant.kind != "openai":
        return {"prompt": action.prompt, "question": action.question, "longest": action.longest}
    told = [{"role": "system", "content": action.prompt}] if action.prompt else []
    return {
        "model": action.assistant.model,
        "messages": [*told, {"role": "user", "content": action.question}],
        "max_tokens": 2 * action.longest,
        "stream": False,
    }


def _text(answer: Any, action: Ask) -> Any:
    return answer["choices"][0]["message"]["content"] if action.assistant.kind == "openai" else answer["text"]
