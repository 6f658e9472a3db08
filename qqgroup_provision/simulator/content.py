"""What a message is made of, whatever an implementation calls its parts.

The database keeps it as JSON: a list of parts, each with its kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

EVERYBODY = 0  # whom a mention of all means


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class At:
    """A mention; of `EVERYBODY`, or of one."""

    qq: int


@dataclass(frozen=True, slots=True)
class Face:
    """One of QQ's own faces."""

    id: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by its name. `size` in bytes, 0 where nobody knows."""

    name: str
    url: str
    size: int = 0
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Video:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A quotation of an earlier message, by its number."""

    sequence: int


@dataclass(frozen=True, slots=True)
class SentFile:
    """A group file that was uploaded. `id` is QQ's own."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Card:
    """A mini program, as the JSON it is."""

    payload: str


@dataclass(frozen=True, slots=True)
class Node:
    """One message of a forwarded conversation."""

    sender: int
    nickname: str
    content: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Forward:
    """A forwarded conversation."""

    nodes: tuple[Node, ...]


Part = Text | At | Face | Image | Voice | Video | Reply | SentFile | Card | Forward
Content = tuple[Part, ...]

_KINDS: Mapping[str, type[Part]] = {
    kind.__name__: kind for kind in (Text, At, Face, Image, Voice, Video, Reply, SentFile, Card)
}
_SHOWN: Mapping[type[Part], str] = {
    Face: "[表情]", Image: "[图片]", Voice: "[语音]", Video: "[视频]", Reply: "", Card: "[卡片消息]",
    Forward: "[聊天记录]",
}  # fmt: skip


def shown(content: Content) -> str:
    """A message as a list of chats shows it."""
    return "".join(_shown(part) for part in content)


def _shown(part: Part) -> str:
    if isinstance(part, Text):
        return part.text
    if isinstance(part, At):
        return "@全体成员" if part.qq == EVERYBODY else f"@{part.qq}"
    if isinstance(part, SentFile):
        return f"[文件]{part.name}"
    return _SHOWN[type(part)]


def to_json(content: Content) -> str:
    return json.dumps([_plain(part) for part in content], ensure_ascii=False)


def from_json(written: str) -> Content:
    return tuple(_part(item) for item in json.loads(written))


def _plain(part: Part) -> object:
    if isinstance(part, Forward):
        nodes = [[node.sender, node.nickname, [_plain(inner) for inner in node.content]] for node in part.nodes]
        return {"kind": "Forward", "nodes": nodes}
    return {"kind": type(part).__name__, **asdict(part)}


def _part(item: dict[str, object]) -> Part:
    kind = str(item.pop("kind"))
    if kind == "Forward":
        nodes: list[tuple[int, str, list[dict[str, object]]]] = item["nodes"]  # type: ignore[assignment]
        return Forward(tuple(Node(qq, name, tuple(_part(inner) for inner in parts)) for qq, name, parts in nodes))
    return _KINDS[kind](**item)  # type: ignore[arg-type]
