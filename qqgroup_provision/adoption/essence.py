"""Live essence messages as YAML names them: those it knows keep their keys, the others are given one later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import plain
from qqgroup_provision.ports import LiveEssence, LiveEssences

Item = dict[str, Any]
LeaveOut = Callable[[Text, Text], None]
_LONGEST = 4000  # characters that YAML takes
_LABEL = 24


def essence(before: Iterable[Item], live: LiveEssences, leave_out: LeaveOut) -> list[Item]:
    """The list that describes the messages. New items have an empty key.

    One whose text is not among them any more goes, unless the listing is empty, which may mean nothing, or not whole.
    """
    items = [dict(item) for item in before]
    if items and not live.marked:
        leave_out(
            say("that there is no essence message"), say("a server that knows nothing of them answers the same")
        )
        return items
    if not live.complete:
        leave_out(say("older essence messages"), say("the implementation lists some essence messages only"))
    texts = {message.text for message in live.marked if message.plain}
    kept = [item for item in items if plain(item["text"]) in texts or not live.complete]
    known = {plain(item["text"]) for item in kept}
    return kept + [{"key": "", "text": text} for text in _writable(live.marked, known, leave_out)]


def _writable(marked: Iterable[LiveEssence], known: set[str], leave_out: LeaveOut) -> list[str]:
    """The texts that YAML can hold and does not hold yet, in the order in which they were said."""
    found: dict[str, int] = {}
    for message in sorted(marked, key=lambda each: each.sequence):
        what = say("the essence message “{start}”", start=" ".join(message.text.split())[:_LABEL])
        if not message.plain:
            leave_out(what, say("it is not only text"))
        elif message.text in known:
            continue
        elif not message.text.strip():
            leave_out(what, say("it has no text"))
        elif len(message.text) > _LONGEST:
            leave_out(what, say("it has more than {limit} characters", limit=_LONGEST))
        elif message.text in found:
            leave_out(what, say("another has the same text"))
        else:
            found[message.text] = message.sequence
    return list(found)


def hint(item: Mapping[str, Any]) -> str:
    """What a message's key is made of: its first words."""
    return str(item["text"]).split("\n", 1)[0]
