"""Messages over Milky 1.2: outgoing segments read, incoming ones written, as its schema has them."""

from __future__ import annotations

from collections.abc import Mapping
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
    shown,
)
from qqgroup_provision.simulator.dialects.base import Invalid
from qqgroup_provision.simulator.dialects.segments import address, forward_id, named
from qqgroup_provision.simulator.world import World

_DEEPEST = 3  # forwarded conversations in forwarded conversations


def parse(message: Any, depth: int = 1) -> Content:
    """What a bot sends. Raises `Invalid` for what the schema does not take."""
    if not isinstance(message, list) or not message or depth > _DEEPEST:
        raise Invalid("message: expected array")
    return tuple(_part(item, depth) for item in message)


def _part(item: Any, depth: int) -> Part:
    data = item.get("data") if isinstance(item, dict) else None
    if not isinstance(data, dict):
        raise Invalid("message: expected segment")
    kind = item.get("type")
    if kind == "text":
        return Text(_string(data, "text"))
    if kind == "mention":
        return At(_number(data, "user_id"))
    if kind == "mention_all":
        return At(EVERYBODY)
    if kind == "face":
        return Face(_string(data, "face_id"))
    if kind == "reply":
        return Reply(_number(data, "message_seq"))
    if kind == "image":
        name, size = named(_string(data, "uri"))
        return Image(f"{name}.jpg", address(name, data["uri"]), size, str(data.get("summary") or ""))
    if kind in ("record", "video"):
        name, _ = named(_string(data, "uri"))
        url = address(name, data["uri"])
        return Voice(f"{name}.amr", url) if kind == "record" else Video(f"{name}.mp4", url)
    if kind == "light_app":
        return Card(_string(data, "json_payload"))
    if kind == "forward" and isinstance(data.get("messages"), list):
        return Forward(tuple(_node(node, depth) for node in data["messages"]))
    raise Invalid("message: expected segment")


def _node(node: Any, depth: int) -> Node:
    if not isinstance(node, dict):
        raise Invalid("messages: expected object")
    return Node(_number(node, "user_id"), _string(node, "sender_name"), parse(node.get("segments"), depth + 1))


def _string(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise Invalid(f"{key}: expected string")
    return whole(value)


def _number(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise Invalid(f"{key}: expected number")
    return value


class Writer:
    """Parts as a bot is told of them. A quotation brings along what it quotes, one deep."""

    def __init__(self, world: World) -> None:
        self._world = world

    def segments(self, content: Content, group: int, sequence: int) -> list[dict[str, Any]]:
        """The message with this number, in a group."""
        return [{"type": kind, "data": data} for kind, data in
                (self._segment(part, group, sequence, quote=True) for part in content)]  # fmt: skip

    def _segment(self, part: Part, group: int, sequence: int, *, quote: bool) -> tuple[str, dict[str, Any]]:
        if isinstance(part, Text):
            return "text", {"text": part.text}
        if isinstance(part, At):
            if part.qq == EVERYBODY:
                return "mention_all", {}
            return "mention", {"user_id": part.qq, "name": self._name(group, part.qq)}
        if isinstance(part, Face):
            return "face", {"face_id": part.id, "is_large": False}
        if isinstance(part, Reply):
            return "reply", self._quotation(part.sequence, group, quote=quote)
        if isinstance(part, SentFile):
            return "file", {"file_id": part.id, "file_name": part.name, "file_size": part.size}
        if isinstance(part, Card):
            return "light_app", {"app_name": "", "json_payload": part.payload}
        if isinstance(part, Forward):
            preview = [f"{node.nickname}: {shown(node.content)}" for node in part.nodes[:4]]
            summary = f"查看{len(part.nodes)}条转发消息"
            return "forward", {
                "forward_id": forward_id(sequence), "title": "群聊的聊天记录", "preview": preview, "summary": summary,
            }  # fmt: skip
        resource = {"resource_id": part.name, "temp_url": part.url}
        if isinstance(part, Image):
            summary = part.summary or "[图片]"
            return "image", {**resource, "width": 0, "height": 0, "summary": summary, "sub_type": "normal"}
        if isinstance(part, Voice):
            return "record", {**resource, "duration": 0}
        return "video", {**resource, "width": 0, "height": 0, "duration": 0}

    def _quotation(self, sequence: int, group: int, *, quote: bool) -> dict[str, Any]:
        row = self._world.chat.message(sequence)
        inner = []
        if row is not None and quote:
            inner = [
                {"type": kind, "data": data}
                for kind, data in (self._segment(part, group, sequence, quote=False) for part in row["content"])
            ]
        return {
            "message_seq": sequence, "sender_id": row["sender"] if row else 10001,
            "time": row["time"] if row else 0, "segments": inner,
        }  # fmt: skip

    def _name(self, group: int, qq: int) -> str:
        row = self._world.member(group, qq)
        return (row["card"] or row["nickname"]) if row is not None else self._world.nickname(qq)
