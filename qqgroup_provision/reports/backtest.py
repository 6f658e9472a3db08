"""What a replayed log has shown: for a terminal, and as JSON. Numbers of people are made unreadable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decision import VERDICTS
from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.rehearsal.backtest import Backtest, Difference, Example, Tally
from qqgroup_provision.rehearsal.logs import Log
from qqgroup_provision.reports.paint import Paint, columns
from qqgroup_provision.reports.printable import printable

OUR_FORMAT = 1
_ON_MESSAGES = ("rule", "reply")
_NUMBERS = re.compile(r"\d{5,}")
_DIFFERENCES = {
    Difference.NEW: say("Only now something is done: {count}"),
    Difference.GONE: say("Nothing is done any more: {count}"),
    Difference.OTHER: say("Something else is done: {count}"),
    Difference.WORDS: say("The same is done, in other words: {count}"),
}
_SIGNS = {Difference.NEW: "+", Difference.GONE: "-", Difference.OTHER: "~", Difference.WORDS: "~"}
_STYLES = {"+": "create", "-": "delete", "~": "update"}


def masked(text: str) -> str:
    """A text in which numbers that could be somebody's show only how they begin and end."""
    return _NUMBERS.sub(lambda found: f"{found[0][:2]}***{found[0][-2:]}", text)


def render_backtest(found: Backtest, log: Log, *, color: bool = False) -> str:
    """What was read, what each item would have done, and in what two behaviours differ."""
    paint = Paint(color)
    return "".join(
        f"{line}\n" for line in (*_read(found, log, paint), *_items(found, paint), *_changes(found, paint))
    )


def _read(found: Backtest, log: Log, paint: Paint) -> Iterator[str]:
    head = say("Messages: {count}, from {first} to {last}.", count=f"{found.messages:,}",
               first=_time(found.first), last=_time(found.last))  # fmt: skip
    yield paint("bold", str(head))
    if log.damaged:
        first = listed(log.first_damaged)
        told = say("Lines that could not be read: {count}, the first are {first}.", count=log.damaged, first=first)
        yield paint("warning", str(told))
    if log.skipped:
        yield str(say("Messages without a QQ number, which were left out: {count}.", count=log.skipped))
    if len(log.chats) > 1 and log.chat is None:
        told = say("The log has several chats: {names}. Choose one with --chat.",
                   names=listed(log.chats[:5]))  # fmt: skip
        yield paint("warning", printable(told))


def _items(found: Backtest, paint: Paint) -> Iterator[str]:
    acted = {address: tally for address, tally in found.now.items() if tally.hits or tally.trial or tally.held}
    wide = max((columns(_name(address)) for address in acted), default=0)
    for address, tally in sorted(acted.items(), key=lambda one: -(one[1].hits + one[1].trial)):
        name = _name(address)
        hits = tally.hits + tally.trial
        before = "" if found.before is None else f"  {_before(found.before.get(address))}"
        # What a bot does by the clock, or when people come, is no share of what they say.
        share = f"{found.share(tally):7.3f} %" if address.kind in _ON_MESSAGES else " " * 9
        row = f"{name}{' ' * (wide - columns(name))}  {hits:>7,}  {share}{before}"
        yield f"  {row}  {printable(_what(tally))}".rstrip()
        for example in tally.examples:
            yield paint("dim", f"      {_example(example)}")
    quiet = [address for address in found.now if address not in acted and address.kind in _ON_MESSAGES]
    if quiet:
        names = listed(_name(address) for address in quiet[:10]) + ("…" if len(quiet) > 10 else "")
        yield paint("dim", str(say("Never: {count} ({names})", count=len(quiet), names=names)))


def _before(tally: Tally | None) -> str:
    return str(say("(before: {count})", count=f"{tally.hits + tally.trial if tally is not None else 0:,}"))


def _what(tally: Tally) -> str:
    """What was done, and what was held back and why."""
    parts: list[Text | str] = [f"{word} {count:,}" for word, count in tally.actions.most_common()]
    if tally.trial:
        parts.append(say("on trial {count}", count=f"{tally.trial:,}"))
    held = listed(f"{VERDICTS[verdict]} {count:,}" for verdict, count in tally.held.most_common(3))
    return " ".join(filter(None, (listed(parts), f"[{held}]" if held else "")))


def _changes(found: Backtest, paint: Paint) -> Iterator[str]:
    if found.before is None:
        return
    if not found.differences:
        yield str(say("Between before and now nothing changes for any message."))
        return
    yield paint("bold", str(say("Between before and now:")))
    for difference in Difference:
        differing = found.differences.get(difference)
        if differing is None:
            continue
        sign = _SIGNS[difference]
        told = Text(_DIFFERENCES[difference].template, {"count": f"{differing.count:,}"})
        yield f"  {paint(_STYLES[sign], f'{sign} {told}')}"
        for example in differing.examples:
            yield f"      {_example(example)}"
            if difference is not Difference.WORDS:
                yield paint("dim", f"        {_done(example.before)} → {_done(example.now)}")


def _done(words: tuple[str, ...]) -> str:
    return printable(listed(words) or say("nothing"))


def _example(example: Example) -> str:
    return printable(f"{_time(example.at)} {masked(str(example.qq))}: {masked(example.text)}")


def _time(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at is not None else "–"


def _name(address: Address) -> str:
    return printable(f"{address.kind}/{address.key}" if address.key else address.kind)


def backtest_json(found: Backtest, log: Log, *, group: str, broad: tuple[Address, ...]) -> str:
    """One document; shares are in percent of all messages."""
    document = {
        "format": OUR_FORMAT,
        "group": group,
        "messages": found.messages,
        "first": found.first.isoformat() if found.first else None,
        "last": found.last.isoformat() if found.last else None,
        "lines": log.lines,
        "damaged": {"count": log.damaged, "first": log.first_damaged},
        "skipped": log.skipped,
        "chats": log.chats,
        "items": _tallies(found, found.now),
        "before": None if found.before is None else _tallies(found, found.before),
        "changes": None if found.before is None else {
            difference.value: {"count": one.count, "examples": [_example_data(example) for example in one.examples]}
            for difference, one in found.differences.items()
        },
        "too_broad": [str(address) for address in broad],
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _tallies(found: Backtest, tallies: Mapping[Address, Tally]) -> dict[str, Any]:
    return {
        str(address): {
            "hits": tally.hits,
            "trial": tally.trial,
            "share": round(found.share(tally), 4),
            "actions": dict(tally.actions),
            "held": {verdict.value: count for verdict, count in tally.held.items()},
            "examples": [_example_data(example) for example in tally.examples],
        }
        for address, tally in tallies.items()
    }


def _example_data(example: Example) -> dict[str, Any]:
    return {
        "at": example.at.isoformat(),
        "qq": masked(str(example.qq)),
        "text": masked(example.text),
        "now": list(example.now),
        "before": list(example.before),
    }
