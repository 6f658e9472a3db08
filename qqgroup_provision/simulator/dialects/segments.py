"""OneBot 11 messages: read as bots send them, as segments or as a CQ string, and written as bots are told of them.

Segments and the escaping of CQ codes: qq_protocol §11.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from qqgroup_provision.plain_text import whole
from qqgroup_provision.simulator.content import (
    EVERYBODY,
    At,
    Card,
    Content,
    Face,
    Forward,
    Image,
    Node,
    Part,
    Reply,
    SentFile,
    Text,
    Video,
    Voice,
)
from qqgroup_provision.simulator.dialects.base import Failed

NOTHING = "消息体无法解析, 请检查是否发送了不支持的消息类型"
_MIXED = "转发消息不能和普通消息混在一起发送"
_DEEPEST = 3  # forwarded conversations in forwarded conversations
_CODE = re.compile(r"\[CQ:([A-Za-z0-9_.-]+)((?:,[^,\[\]=]+=[^,\[\]]*)*)\]")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def parse(message: Any, sequence: Callable[[int], int], *, plain: bool = False) -> Content:
    """What a bot sends: a list of segments, one segment, or a string, which is taken as it is where it is `plain`.

    `sequence` gives the world's number of a message that is called so. What is not understood is left out, as
    implementations do. Raises `Failed` if nothing is left.
    """
    content = _parts(message, sequence, plain, 1)
    if not content:
        raise Failed(NOTHING)
    return content


def _parts(message: Any, sequence: Callable[[int], int], plain: bool, depth: int) -> Content:
    if isinstance(message, str):
        message = [_text(message)] if plain else list(_segments(message))
    if isinstance(message, dict):
        message = [message]
    if not isinstance(message, list):
        return ()
    found = [item for item in message if isinstance(item, dict) and isinstance(item.get("data"), dict)]
    nodes = [item["data"] for item in found if item.get("type") == "node"]
    if nodes and len(nodes) < len(found):
        raise Failed(_MIXED)
    if nodes:
        if depth > _DEEPEST:
            raise Failed(NOTHING)
        return (Forward(tuple(_node(data, sequence, depth) for data in nodes)),)
    parts = (_part(str(item.get("type")), item["data"], sequence) for item in found)
    return tuple(part for part in parts if part is not None)


def _part(kind: str, data: Mapping[str, Any], sequence: Callable[[int], int]) -> Part | None:
    def given(key: str) -> str:
        value = data.get(key)
        return whole(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""

    file = given("file")
    if kind == "text" and given("text"):
        return Text(given("text"))
    if kind == "at" and given("qq") == "all":
        return At(EVERYBODY)
    if kind == "at" and _NUMBER.fullmatch(given("qq")):
        return At(int(given("qq")))
    if kind == "face" and given("id"):
        return Face(given("id"))
    if kind == "reply" and _NUMBER.fullmatch(given("id")):
        return Reply(sequence(int(given("id"))))
    if kind == "image" and file:
        name, size = named(file)
        return Image(f"{name}.jpg", address(name, file), size, given("summary"))
    if kind in ("record", "video") and file:
        name, _ = named(file)
        url = address(name, file)
        return Voice(f"{name}.amr", url) if kind == "record" else Video(f"{name}.mp4", url)
    if kind == "json" and given("data"):
        return Card(given("data"))
    return None


def _node(data: Mapping[str, Any], sequence: Callable[[int], int], depth: int) -> Node:
    written = str(data.get("user_id", data.get("uin", "")))
    nickname = data.get("nickname", data.get("name", ""))
    content = _parts(data.get("content"), sequence, False, depth + 1)
    return Node(int(written) if _NUMBER.fullmatch(written) else 0, whole(str(nickname)), content)


def named(file: str) -> tuple[str, int]:
    """What QQ calls a picture or the like, and how many bytes it has; 0 where it is not sent along."""
    content = file.encode()
    size = 0
    if file.startswith("base64://"):
        try:
            content = base64.b64decode(file.removeprefix("base64://"), validate=True)
        except ValueError:
            raise Failed(NOTHING) from None
        size = len(content)
    return hashlib.md5(content, usedforsecurity=False).hexdigest().upper(), size


def address(name: str, file: str) -> str:
    """Where a picture may be had: from where it came, or from QQ, where it is not in truth."""
    return file if file.startswith(("http://", "https://")) else f"https://gchat.qpic.cn/gchatpic_new/0/0-0-{name}/0"


# CQ strings


def _segments(message: str) -> Iterable[dict[str, Any]]:
    end = 0
    for code in _CODE.finditer(message):
        if code.start() > end:
            yield _text(unescaped(message[end : code.start()]))
        pairs = (pair.partition("=") for pair in code[2].split(",")[1:])
        yield {"type": code[1], "data": {key: unescaped(value) for key, _, value in pairs}}
        end = code.end()
    if end < len(message):
        yield _text(unescaped(message[end:]))


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "data": {"text": text}}


def cq_string(segments: Iterable[Mapping[str, Any]]) -> str:
    """Segments as one string with CQ codes in it."""
    return "".join(_code(segment) for segment in segments)


def _code(segment: Mapping[str, Any]) -> str:
    data = segment["data"]
    if segment["type"] == "text":
        return escaped(data["text"])
    written = "".join(f",{key}={escaped(str(value)).replace(',', '&#44;')}" for key, value in data.items())
    return f"[CQ:{segment['type']}{written}]"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")


def unescaped(text: str) -> str:
    return text.replace("&#44;", ",").replace("&#91;", "[").replace("&#93;", "]").replace("&amp;", "&")


# What a bot is told


class Writer:
    """Parts as segments. `called` gives a message's name by its number, `file_id` a file's by QQ's own."""

    def __init__(self, called: Callable[[int], int], file_id: Callable[[str], str]) -> None:
        self.called = called
        self.file_id = file_id

    def segments(self, content: Content, sequence: int) -> list[dict[str, Any]]:
        """The message with this number."""
        return [self._segment(part, sequence) for part in content]

    def _segment(self, part: Part, sequence: int) -> dict[str, Any]:
        if isinstance(part, Text):
            return _text(part.text)
        if isinstance(part, At):
            return {"type": "at", "data": {"qq": "all" if part.qq == EVERYBODY else str(part.qq)}}
        if isinstance(part, Face):
            return {"type": "face", "data": {"id": part.id}}
        if isinstance(part, Reply):
            return {"type": "reply", "data": {"id": str(self.called(part.sequence))}}
        if isinstance(part, Image):
            return {"type": "image", "data": self.image(part)}
        if isinstance(part, SentFile):
            return {"type": "file", "data": self.file(part)}
        if isinstance(part, Card):
            return {"type": "json", "data": {"data": part.payload}}
        if isinstance(part, Forward):
            return {"type": "forward", "data": {"id": forward_id(sequence)}}
        kind = "record" if isinstance(part, Voice) else "video"
        return {"type": kind, "data": {"file": part.name, "url": part.url}}

    def image(self, part: Image) -> dict[str, Any]:
        return {"file": part.name, "url": part.url}

    def file(self, part: SentFile) -> dict[str, Any]:
        return {"file": part.name, "file_id": self.file_id(part.id), "file_size": str(part.size)}


def forward_id(sequence: int) -> str:
    """What a forwarded conversation is called, by the number of the message it is in."""
    return f"{sequence:016x}"


def forwarded_in(name: str) -> int:
    """The number of the message a forwarded conversation is in; -1 for a name that is none."""
    return int(name, 16) if re.fullmatch(r"[0-9a-f]{16}", name) and name < "8" else -1
