"""Commands of people whose role may give them: `@bot 禁言 @某人 10m`, or `/禁言 @某人 10m`.

A command is a word of a fixed list and its arguments, and nothing of it is ever evaluated. It is never carried out
against the owner, an admin, a bot, somebody who may give the same command, or somebody of whom nobody knows what
they are. What cannot be taken back has to be confirmed. Whoever may not give a command is not answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior import appeals, lately
from qqgroup_provision.behavior.configuration import LONGEST_MUTE, SHORTEST_MUTE, Configuration, Right
from qqgroup_provision.behavior.decision import (
    Action,
    Announce,
    Decision,
    Kick,
    Mute,
    Reason,
    Recall,
    Say,
    SetEssence,
    Verdict,
)
from qqgroup_provision.behavior.event import At, Event, Message, Person, Quote, Text, text_of
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.normal import fold, normal
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.ports import Rank

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

KIND = "role_permission"
SIGN = "/"  # a message that begins with it, or that mentions the bot, may be a command
CONFIRM = "确认"
# Word -> the right it takes, and how it is said.
WORDS: Mapping[str, tuple[Right, str]] = {
    "禁言": (Right.MUTE, "/禁言 @某人 10m（1 分钟到 29 天，不写为 10 分钟）"),
    "解禁": (Right.MUTE, "/解禁 @某人"),
    "撤回": (
        Right.RECALL,
        f"引用要撤回的消息，说 /撤回；或 /撤回 @某人 5，撤回其最近一小时内的 5 条（最多 {lately.MOST} 条）",
    ),
    "踢出": (Right.KICK, "/踢出 @某人"),
    "公告": (Right.ANNOUNCE, "/公告 要发布的内容"),
    "设精": (Right.SET_ESSENCE, "引用要设为精华的消息，说 /设精"),
    "申诉通过": (Right.APPEAL, "/申诉通过 @某人"),
}
PATIENCE = timedelta(minutes=1)  # within which a command has to be confirmed
LONGEST = 600  # characters of an announcement

_MOST_PARTS = 20  # more in a message are no command
_PERSONAL = (Right.RECALL, Right.MUTE, Right.KICK, Right.APPEAL)  # that are about somebody
_MUTE = 600.0  # seconds where nothing is said of it
_UNITS = {"s": 1, "秒": 1, "m": 60, "分": 60, "分钟": 60, "h": 3600, "小时": 3600, "d": 86400, "天": 86400}
_WHILE = re.compile(rf"([0-9]{{1,9}}) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})")


@dataclass(frozen=True, slots=True)
class Order:
    """A command as it was said: its word, and what stands after it. `item` lets its sender give it, if anything."""

    word: str
    rest: str
    right: Right | None
    item: Address | None


def order_of(message: Message, configuration: Configuration) -> Order | None:
    """The command that a message is."""
    if not configuration.permissions:
        return None
    written = normal(text_of(message.segments)[:5000])
    start = len(SIGN) if written.text.startswith(SIGN) else 0
    addressed = start > 0 or any(isinstance(part, At) and part.qq == message.me != 0 for part in message.segments)
    for word in (*WORDS, CONFIRM):
        if not written.text.startswith(word, start):
            continue
        rest = written.original[written.span(start, start + len(word))[1] :]
        parted = not rest or rest[0].isspace() or fold(rest[0])[:1].isdigit()  # else it is only how a sentence begins
        if not parted or not (addressed or word == CONFIRM):
            return None
        return _order(word, rest.strip(), message, configuration)
    return None


def _order(word: str, rest: str, message: Message, configuration: Configuration) -> Order:
    right = WORDS[word][0] if word in WORDS else None
    rights = {right} if right else {Right.KICK, Right.ANNOUNCE}  # either may be what is confirmed
    return Order(word, rest, right, _granted(message.sender.qq, rights, configuration))


def _granted(qq: int, rights: set[Right], configuration: Configuration) -> Address | None:
    """What lets somebody give such a command."""
    roles = configuration.roles.get(qq, frozenset())
    for permission in configuration.permissions:
        if permission.role in roles and permission.may & rights:
            return Address(configuration.group, KIND, permission.role)
    return None


def _used(configuration: Configuration) -> bool:
    return any(one.may for one in configuration.permissions)


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    order = order_of(event, prepared.configuration) if isinstance(event, Message) else None
    if order is None or order.item is None or not isinstance(event, Message):
        return ()
    configuration, whom = prepared.configuration, _named(event)
    if order.right is Right.APPEAL and len(whom) == 1:
        return appeals.taking_back(configuration, whom[0])
    if order.right is Right.RECALL and len(whom) == 1 and order.rest:
        return (lately.said_key(configuration, whom[0]),)
    return (_pending(configuration, event.sender.qq),)


def _pending(configuration: Configuration, qq: int) -> Key:
    """What somebody has to confirm: the member to be removed and the code, or nobody, and the code and a text."""
    return Key(f"{configuration.group}/{KIND}", "confirm", qq)


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration = prepared.configuration
    order = order_of(event, configuration) if isinstance(event, Message) else None
    if order is None or not isinstance(event, Message):
        return Decision()
    if order.item is None:
        said = order.word != CONFIRM  # a chat may say that word at any time
        return Decision(reasons=(Reason(Address(configuration.group, KIND), Verdict.MAY),) if said else ())
    if order.right is None:
        return _confirmed(event, order, configuration, remembered, now)
    if order.right is Right.ANNOUNCE:
        return _announcing(event, order, order.item, configuration, now)
    if order.right is Right.RECALL and order.rest:
        return _recalling(event, order, order.item, configuration, remembered, now)
    if order.right in (Right.RECALL, Right.SET_ESSENCE):
        return _about_message(event, order, order.item, configuration)
    return _about_member(event, order, order.item, configuration, remembered, now)


def _about_message(event: Message, order: Order, item: Address, configuration: Configuration) -> Decision:
    quote = next((part for part in event.segments if isinstance(part, Quote)), None)
    if quote is None or order.rest:
        return _explained(event, order, item)
    if order.right is Right.SET_ESSENCE:
        return _done(item, SetEssence(quote.id, item, event.sender.qq))
    spared = _spared(quote.sender, Right.RECALL, event.me, configuration)
    if spared or quote.sender is None:
        return _refused(event, item, spared)
    return _done(item, Recall(quote.id, quote.sender.qq, item, event.sender.qq))


def _recalling(
    event: Message,
    order: Order,
    item: Address,
    configuration: Configuration,
    remembered: Mapping[Key, Mark],
    now: datetime,
) -> Decision:
    """Take back the last few messages of somebody, as far as the bot has heard them."""
    named, count = _named(event), fold(order.rest)
    many = int(count) if count.isascii() and count.isdigit() and len(count) < 3 else 0
    if len(named) != 1 or not 1 <= many <= lately.MOST:
        return _explained(event, order, item)
    whom = next((person for person in event.people if person.qq == named[0]), None)
    spared = _spared(whom, Right.RECALL, event.me, configuration)
    if spared or whom is None:
        return _refused(event, item, spared)
    heard = lately.lately_of(event, configuration, remembered, lately.recalled_within(configuration), whom.qq)
    chosen, left = heard.last(many, now)
    if not chosen:
        return _refused(event, item, "没有听到过对方最近的消息，没有可以撤回的")
    # Who asked is told once if nothing comes of it, and not once a message.
    asked = [event.sender.qq] + [0] * (len(chosen) - 1)
    actions = (
        Recall(one.id, whom.qq, item, by, one.account) for one, by in zip(reversed(chosen), asked, strict=True)
    )
    return Decision(tuple(actions), (Reason(item, Verdict.DONE),), tuple(left.changes(now)))


def _named(event: Message) -> tuple[int, ...]:
    """Whom a command mentions, beside the bot."""
    found = (part.qq for part in event.segments if isinstance(part, At) and part.qq != event.me)
    return tuple(dict.fromkeys(qq for qq in found if qq is not None))


def _about_member(
    event: Message,
    order: Order,
    item: Address,
    configuration: Configuration,
    remembered: Mapping[Key, Mark],
    now: datetime,
) -> Decision:
    named = _named(event)
    seconds = _seconds(order)
    if len(named) != 1 or seconds is None or order.right is None:
        return _explained(event, order, item)
    whom = next((person for person in event.people if person.qq in named), None)
    spared = _spared(whom, order.right, event.me, configuration)
    if spared or whom is None:
        return _refused(event, item, spared)
    if order.right is Right.MUTE:
        return _done(item, Mute(whom.qq, seconds, item, event.sender.qq))
    if order.right is Right.APPEAL:
        back = appeals.taken_back(configuration, whom.qq, event.sender.qq, item, remembered)
        return back or _refused(event, item, "没有可以收回的处罚，或已经收回过")
    code = _code(event, whom.qq)
    return _asked(event, item, f"要踢出 {whom.name or whom.qq}", code, (whom.qq, code), configuration, now)


def _announcing(event: Message, order: Order, item: Address, configuration: Configuration, now: datetime) -> Decision:
    if not order.rest:
        return _explained(event, order, item)
    if len(order.rest) > LONGEST:
        return _refused(event, item, f"公告最多 {LONGEST} 字")
    code = _code(event, 0)
    return _asked(event, item, "要发布这条公告", code, (0, code + order.rest), configuration, now)


def _asked(
    event: Message,
    item: Address,
    what: str,
    code: str,
    pending: tuple[int, str],
    configuration: Configuration,
    now: datetime,
) -> Decision:
    """Somebody has to say it again before it is done."""
    key = _pending(configuration, event.sender.qq)
    words = f" {what}，请在一分钟内回复：{CONFIRM} {code}"
    return Decision(
        (Say((At(event.sender.qq), Text(words)), item=item),),
        (Reason(item, Verdict.CONFIRM),),
        (Remember(key, Mark(now, (pending,)), now + PATIENCE),),
    )


def _confirmed(
    event: Message, order: Order, configuration: Configuration, remembered: Mapping[Key, Mark], now: datetime
) -> Decision:
    """Done if it is the right code, soon enough, and if whoever says it still may."""
    key = _pending(configuration, event.sender.qq)
    mark = remembered.get(key)
    waits = mark is not None and timedelta() <= now - mark.at <= PATIENCE
    if mark is None or not waits:
        return Decision()
    qq, told = mark.people[0]
    item = _granted(event.sender.qq, {Right.KICK if qq else Right.ANNOUNCE}, configuration)
    if fold(order.rest) != told[:4] or item is None:
        wrong = item or Address(configuration.group, KIND)
        return _refused(event, wrong, "确认码不对，什么都没有做") if item else Decision()
    asker, forget = event.sender.qq, Forget(key)
    if not qq:
        return _done(item, Announce(told[4:], item, asker), forget)
    spared = _spared(Person(qq), Right.KICK, event.me, configuration)
    return _refused(event, item, spared) if spared else _done(item, Kick(qq, item, asker, look=True), forget)


def _spared(whom: Person | None, right: Right, me: int, configuration: Configuration) -> str:
    """Why nothing is done to somebody; empty for nothing that hinders it."""
    if whom is None or whom.rank is None:
        return "看不到对方在群里的身份，没有执行"
    if whom.qq == me or whom.qq in configuration.bots:
        return "不会对机器人这样做"
    if whom.rank is not Rank.MEMBER:
        return "不会对群主和管理员这样做"
    if _granted(whom.qq, {right}, configuration):
        return "对方也有这项权限，没有执行"
    return ""


def _seconds(order: Order) -> int | None:
    """For how long somebody is muted; `None` for no such time, or one that QQ does not take (qq_protocol §7.2)."""
    if order.word != "禁言":
        return 0 if not order.rest else None
    if not order.rest:
        return int(_MUTE)
    found = _WHILE.fullmatch(fold(order.rest))
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    return seconds if SHORTEST_MUTE <= seconds < LONGEST_MUTE else None


def _code(event: Message, qq: int) -> str:
    """Four digits that nobody says by accident. They are no secret: only who asked may confirm."""
    return str(int(sha256(f"{event.group}/{event.id}/{qq}".encode()).hexdigest(), 16) % 9000 + 1000)


def _done(item: Address, action: Action, *changes: MemoryChange) -> Decision:
    return Decision((action,), (Reason(item, Verdict.DONE),), changes)


def _explained(event: Message, order: Order, item: Address) -> Decision:
    return _refused(event, item, f"这样说：{WORDS[order.word][1]}")


def _refused(event: Message, item: Address, why: str) -> Decision:
    words = Say((At(event.sender.qq), Text(f" {why}")), item=item)
    return Decision((words,), (Reason(item, Verdict.REFUSED),))


def about(message: Message, configuration: Configuration) -> Iterator[At | Quote]:
    """The parts of a message of whom it has to be known who they are, before it can be decided: mostly none."""
    order = order_of(message, configuration)
    if order is None or order.item is None or order.right not in _PERSONAL:
        return
    for part in message.segments[:_MOST_PARTS]:
        if isinstance(part, Quote) and order.right is Right.RECALL:
            yield part
        counted = order.right is Right.RECALL and bool(order.rest)
        if (
            isinstance(part, At)
            and (order.right is not Right.RECALL or counted)
            and part.qq not in (None, message.me)
        ):
            yield part


COMMANDS = Part(_used, _keys, _act)
