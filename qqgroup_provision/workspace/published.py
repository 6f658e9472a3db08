"""`rules.publish`: the texts of the rules as an announcement, a reply and a schedule, so that there is one source.

They are put beside what the group has of these itself, all under one key, and are like any others from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.positions import Positions

KEY = "rules"  # of all that is made of the rules
LONGEST_MESSAGE = 2000  # characters that the schema lets a message have
_HEADING = "群规"
_COOLDOWN = "30s"  # a long text is not said again at once
_DIGITS = "零一二三四五六七八九"
# Where each is put, and what it is made of.
_LISTS = {"announcement": "announcements", "keyword": "replies", "remind": "schedules"}


def published(
    body: Mapping[str, Any], positions: Positions, fallback: Place, found: list[Diagnostic]
) -> Mapping[str, Any]:
    """The body with what is made of the rules in it. What is wrong with that is added to `found`."""
    rules = body.get("rules") or {}
    publish, items = rules.get("publish"), rules.get("items")
    if not publish or not items:
        return body
    text = text_of(publish, [item["text"] for item in items])
    made: dict[str, Any] = {}
    for source, item in _made(publish, text).items():
        place, name = positions.value(publish, source, fallback), _LISTS[source]
        before = body.get(name) or []
        taken = next((one for one in before if one["key"] == KEY), None)
        said = item.get("reply", item.get("send", ""))
        if taken is not None:
            found.append(_taken(positions.value(taken, "key", fallback), name, place))
        elif len(said) > LONGEST_MESSAGE:
            found.append(_too_long(len(said), place))
        else:
            made[name] = _with(before, item, publish, source, positions)
    if not made:
        return body
    entries = dict(positions.entries(body))
    entries.update({name: entries["rules"] for name in made if name not in entries and "rules" in entries})
    whole = {**body, **made}
    positions.record(whole, entries)
    return whole


def announced(body: Mapping[str, Any]) -> str | None:
    """The text of the announcement that is made of a composed group's rules; `None` where none is."""
    rules = body.get("rules") or {}
    publish, items = rules.get("publish") or {}, rules.get("items")
    if not items or publish.get("announcement", False) is False:
        return None
    return text_of(publish, [item["text"] for item in items])


def text_of(publish: Mapping[str, Any], texts: list[str]) -> str:
    """All rules as people read them: a heading, the rules by number, and a last line."""
    lines = [publish.get("heading", _HEADING)]
    lines += (f"{numeral(number)}、{text.strip()}" for number, text in enumerate(texts, 1))
    lines += [publish["closing"]] if "closing" in publish else []
    return "\n".join(lines)


def numeral(number: int) -> str:
    """A number from 1 to 999 as one counts in Chinese: 一, 十, 十二, 二十一, 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    if hundreds:
        ten = f"{_DIGITS[tens]}十" if tens else "零" if ones else ""
        return f"{_DIGITS[hundreds]}百{ten}{_DIGITS[ones] if ones else ''}"
    return f"{_DIGITS[tens] if tens > 1 else ''}{'十' if tens else ''}{_DIGITS[ones] if ones else ''}"


def _made(publish: Mapping[str, Any], text: str) -> dict[str, dict[str, Any]]:
    """What is to be made, by what asks for it."""
    spoken = text.replace("{", "{{").replace("}", "}}")
    made: dict[str, dict[str, Any]] = {}
    flags = publish.get("announcement", False)
    if flags is not False:
        made["announcement"] = {"key": KEY, "text": text, **(flags if isinstance(flags, Mapping) else {})}
    if "keyword" in publish:
        made["keyword"] = {
            "key": KEY,
            "when": {"equals": publish["keyword"]},
            "reply": spoken,
            "cooldown": _COOLDOWN,
        }
    if "remind" in publish:
        times = publish["remind"]
        made["remind"] = {"key": KEY, **(times if isinstance(times, Mapping) else {"cron": times}), "send": spoken}
    return made


def _with(
    before: list[Any], item: dict[str, Any], publish: Mapping[str, Any], source: str, positions: Positions
) -> list[Any]:
    """A list with one more item, which is placed where it was asked for."""
    entry = positions.entries(publish).get(source)
    if entry is not None:
        own = positions.entries(publish[source]) if isinstance(publish[source], Mapping) else {}
        for container in (item, item.get("when")):
            if container is not None:
                positions.record(container, {key: own.get(key, entry) for key in container})
    after = [*before, item]
    entries: dict[Any, Any] = dict(positions.entries(before))
    if entry is not None:
        entries[len(before)] = entry
    positions.record(after, entries)
    return after


def _taken(place: Place, name: str, by: Place) -> Diagnostic:
    return Diagnostic(
        "QG354",
        say("Of `{list}`, `{key}` is made of the rules: {place} asks for it.", list=name, key=KEY, place=by),
        place=place,
        hint=say("Give this one another key, or remove it."),
    )


def _too_long(size: int, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG208",
        say("The rules make a message of {size} characters.", size=size),
        place=place,
        hint=say("A message has {limit} at most: shorten the rules, or leave this out.", limit=LONGEST_MESSAGE),
    )
