"""Sorts messages by topics: who tags them, what is kept of them, how they are found again, and the list of them.

Only a text that has a tag is kept (texts.py). It goes when its author takes it back, or says `/忘记我`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior import cron, occasion
from qqgroup_provision.behavior.conditions import holds
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Action, Decision, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import At, Event, Message, Quote, Recalled, Text, Tick, text_of
from qqgroup_provision.behavior.index import LONGEST, heard
from qqgroup_provision.behavior.memory import Asked, Forget, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.normal import fold, normal
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.report import shown
from qqgroup_provision.behavior.searching import results
from qqgroup_provision.behavior.texts import Kept, keeping, kept, of_message, one_line, shelf
from qqgroup_provision.behavior.topics import KIND, Digest, Topics

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

SEARCH, MARK, UNMARK, FORGET = "搜索", "标记", "取消标记", "忘记我"
_WORDS = {SEARCH: SEARCH, "search": SEARCH, MARK: MARK, UNMARK: UNMARK, FORGET: FORGET}  # each in its normal form
_SIGNS = ("/", "／")
_LONGEST_MESSAGE = 1500  # characters of one message of a digest
_MOST_MESSAGES = 3


@dataclass(frozen=True, slots=True)
class Order:
    """A command: its word, what stands after it, and the message it quotes."""

    word: str
    rest: str
    quote: Quote | None


def order_of(message: Message, topics: Topics) -> Order | None:
    """The command that a message is. `搜索 词` is one without being addressed; the others take `/`, or a mention or,
    where they are about a message, a quotation."""
    said = text_of(message.segments)[:LONGEST].strip()
    sign = said.startswith(_SIGNS)
    word, *rest = (said[1:] if sign else said).split(maxsplit=1) or [""]
    name = _WORDS.get(fold(word)) if len(word) < 10 else None
    if name is None:
        return None
    quote = next((part for part in message.segments if isinstance(part, Quote)), None)
    addressed = sign or any(isinstance(part, At) and part.qq == message.me != 0 for part in message.segments)
    if name in (MARK, UNMARK):
        return Order(name, "".join(rest), quote) if quote is not None and topics.tags else None
    if name == SEARCH and topics.search is not None and rest and (addressed or fold(word) == SEARCH):
        return Order(name, rest[0], quote)
    return Order(name, "", quote) if name == FORGET and addressed and not rest else None


def about(message: Message, configuration: Configuration) -> Iterator[Quote]:
    """The message of which has to be known who said what, before it can be decided: mostly none."""
    topics = configuration.topics
    order = order_of(message, topics) if topics is not None else None
    if topics is None or order is None or order.quote is None or order.word != MARK:
        return
    if _may(message, topics, configuration):
        yield order.quote


def tags_of(message: Message, topics: Topics, prepared: Prepared) -> frozenset[str]:
    """The keys of the tags that a message has: those its author wrote, and those whose conditions hold."""
    written = topics.written_in(normal(text_of(message.segments)[:LONGEST]).text)
    if all(tag.when is None for tag in topics.tags):
        return written
    hits = prepared.sorting.search(heard(message, links=prepared.sorting.links))
    return written | {tag.key for tag in topics.tags if tag.when is not None and holds(tag.when, hits)}


def _used(configuration: Configuration) -> bool:
    return configuration.topics is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Asked, ...]:
    configuration, topics = prepared.configuration, prepared.configuration.topics
    if topics is None:
        return ()
    if isinstance(event, Recalled):
        return (shelf(configuration),)
    if isinstance(event, Tick):
        return (_told(configuration), shelf(configuration)) if topics.digest is not None else ()
    if not isinstance(event, Message):
        return ()
    order = order_of(event, topics)
    if order is not None and order.word == SEARCH:
        return (shelf(configuration), *_waits(event, topics, configuration))
    return (shelf(configuration),) if order is not None or tags_of(event, topics, prepared) else ()


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration, topics = prepared.configuration, prepared.configuration.topics
    if topics is None or not isinstance(event, Message | Recalled | Tick):
        return Decision()
    texts = kept(configuration, topics, remembered, now)
    if isinstance(event, Tick):
        return (
            _time(topics.digest, topics, configuration, remembered, texts, event.at) if topics.digest else Decision()
        )
    if isinstance(event, Recalled):
        key = of_message(texts, event.me, event.id)
        return Decision(changes=(Forget(key),) if key is not None else ())
    order = order_of(event, topics)
    if order is not None:
        return _ordered(order, event, topics, prepared, remembered, texts, now)
    tags, text = tags_of(event, topics, prepared), one_line(text_of(event.segments))
    if not tags or not text:
        return Decision()
    one = Kept(event.sender.qq, event.sender.name, event.me, event.id, tags, text, now)
    return Decision(changes=tuple(keeping(one, texts, configuration, topics)))


# Commands


def _ordered(
    order: Order,
    event: Message,
    topics: Topics,
    prepared: Prepared,
    remembered: Mapping[Key, Mark],
    texts: Mapping[Key, Kept],
    now: datetime,
) -> Decision:
    configuration = prepared.configuration
    if order.word == SEARCH and topics.search is not None:
        waits = _waits(event, topics, configuration)
        if any(key in remembered and _cools(remembered[key], wait, now) for key, wait in waits.items()):
            return Decision(reasons=(Reason(_address(configuration), Verdict.COOLDOWN),))
        found = results(order.rest, texts.values(), topics, prepared, now)[: topics.search.most]
        lines = [f"{number}. {one.line}" for number, one in enumerate(found, 1)]
        words = "\n".join([f"找到 {len(lines)} 条：", *lines]) if lines else "没有找到相关内容，换个词试试"
        return _told_so(
            words,
            configuration,
            *(Remember(key, Mark(now), now + timedelta(seconds=wait)) for key, wait in waits.items()),
        )
    if order.word == FORGET:
        theirs = [key for key, one in texts.items() if one.qq == event.sender.qq]
        words = f"已删除你的 {len(theirs)} 条内容" if theirs else "没有记着你说的内容"
        return _told_so(f" {words}", configuration, *map(Forget, theirs), to=event.sender.qq)
    if not _may(event, topics, configuration):
        return Decision(reasons=(Reason(_address(configuration), Verdict.MAY),))
    return _marked(order, event, topics, configuration, texts, now)


def _marked(
    order: Order,
    event: Message,
    topics: Topics,
    configuration: Configuration,
    texts: Mapping[Key, Kept],
    now: datetime,
) -> Decision:
    """Give a message that is quoted a tag, or take it away again."""
    if order.quote is None:
        return Decision()
    key, asker = of_message(texts, event.me, order.quote.id), event.sender.qq
    known, tag = texts.get(key) if key is not None else None, topics.called(order.rest)
    if tag is None and (order.rest or order.word == MARK):
        names = "、".join(one.name for one in topics.tags)
        return _told_so(f" 没有这个标签，有：{names}", configuration, to=asker, verdict=Verdict.REFUSED)
    if order.word == UNMARK:
        if key is None or known is None or (tag is not None and tag.key not in known.tags):
            return _told_so(" 它没有这个标签", configuration, to=asker, verdict=Verdict.REFUSED)
        left = replace(known, tags=known.tags - {tag.key}) if tag is not None else replace(known, tags=frozenset())
        changes = keeping(left, texts, configuration, topics) if left.tags else (Forget(key),)
        return _told_so(" 已取消标记", configuration, *changes, to=asker)
    author, said = order.quote.sender, one_line(order.quote.text)
    if known is None and (author is None or not said):
        return _told_so(" 看不到引用的消息说了什么，没有标记", configuration, to=asker, verdict=Verdict.REFUSED)
    if tag is None or (author is not None and author.qq == event.me):
        return _told_so(" 不标记机器人说的话", configuration, to=asker, verdict=Verdict.REFUSED)
    if known is not None:
        one = replace(known, tags=known.tags | {tag.key})
    else:
        assert author is not None  # noqa: S101  (refused above)
        one = Kept(author.qq, author.name, event.me, order.quote.id, frozenset({tag.key}), said, now)
    return _told_so(f" 已标记为 {tag.name}", configuration, *keeping(one, texts, configuration, topics), to=asker)


def _told_so(
    words: str,
    configuration: Configuration,
    *changes: MemoryChange,
    to: int | None = None,
    verdict: Verdict = Verdict.DONE,
) -> Decision:
    item = _address(configuration)
    segments = (At(to), Text(words)) if to is not None else (Text(words),)
    return Decision((Say(segments, item=item),), (Reason(item, verdict),), changes)


def _may(message: Message, topics: Topics, configuration: Configuration) -> bool:
    return bool(configuration.roles.get(message.sender.qq, frozenset()) & topics.markers)


# The list of what was tagged


def _time(
    digest: Digest,
    topics: Topics,
    configuration: Configuration,
    remembered: Mapping[Key, Mark],
    texts: Mapping[Key, Kept],
    now: datetime,
) -> Decision:
    """What is done when time goes by: begin to wait, or tell what was tagged since it was told last, once."""
    key, actions, changes = _told(configuration), [], []
    reasons: tuple[Reason, ...] = ()
    mark = remembered.get(key)
    if not occasion.waits(digest.at, mark, now):
        changes.append(occasion.done(key, digest.at, now))
    due = occasion.due(digest.at, mark, now, configuration.zone)
    if due is not None and mark is not None:
        changes.append(occasion.done(key, digest.at, due))
        # A digest with other times begins anew, and what was tagged just when it was due waits for the next one.
        new = [one for one in texts.values() if mark.at <= one.at < due]
        said: list[Action] = [
            Say((Text(text),), item=_address(configuration)) for text in messages(new, topics, digest)
        ]
        actions.extend(said)
        reasons = (Reason(_address(configuration), Verdict.DONE),) if said else ()
    following = cron.after(digest.at, now, configuration.zone)
    if following is not None:
        actions.append(Wake(following))
    return Decision(tuple(actions), reasons, tuple(changes))


def messages(texts: list[Kept], topics: Topics, digest: Digest) -> Iterator[str]:
    """The list as messages of a bounded length, and not more of them than a group would read."""
    blocks: list[str] = []
    lines = list(_lines(texts, topics, digest))
    for line in lines:
        if blocks and len(blocks[-1]) + len(line) < _LONGEST_MESSAGE:
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    yield from blocks[:_MOST_MESSAGES]


def _lines(texts: list[Kept], topics: Topics, digest: Digest) -> Iterator[str]:
    if texts:
        yield f"【话题摘要】共 {len(texts)} 条"
    for tag in topics.tags:
        those = [one for one in texts if tag.key in one.tags]
        if those:
            yield f"—— {tag.name}（{len(those)} 条）——"
        for one in those[-digest.most :]:
            yield f"· {shown(one.name, one.qq)}：{one_line(one.text, digest.characters)}"
        if len(those) > digest.most:
            yield f"……以及更早的 {len(those) - digest.most} 条"


def _waits(event: Message, topics: Topics, configuration: Configuration) -> dict[Key, float]:
    """The marks that hold a search back, with how long each does, in seconds."""
    if topics.search is None:
        return {}
    item, cooldown = str(_address(configuration)), topics.search.cooldown
    waits = {Key(item, "searched"): cooldown.group, Key(item, "searched", event.sender.qq): cooldown.user}
    return {key: wait for key, wait in waits.items() if wait}


def _cools(mark: Mark, wait: float, now: datetime) -> bool:
    return timedelta() <= now - mark.at < timedelta(seconds=wait)


def _address(configuration: Configuration) -> Address:
    return Address(configuration.group, KIND)


def _told(configuration: Configuration) -> Key:
    """Up to when everything that was due was told."""
    return Key(str(_address(configuration)), "told")


TAGGING = Part(_used, _keys, _act)
