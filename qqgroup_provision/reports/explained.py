"""What came of one event and why: for a terminal, and as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from qqgroup_provision.behavior.decision import Verdict
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import Text, say
from qqgroup_provision.rehearsal.explain import Concerned, Explained, Found, Silent
from qqgroup_provision.reports.paint import Paint
from qqgroup_provision.reports.printable import printable

OUR_FORMAT = 1
_MARKS = {True: "✓ ", False: "✗ ", None: ""}
_WRITTEN = 300  # characters of anything that is quoted


def render_explained(explained: Explained, *, folder: str = "", color: bool = False) -> str:
    """What the bot does, then each item concerned with its place and what it was found in, then those that came
    nearest among the others."""
    paint = Paint(color)
    return "".join(f"{line}\n" for line in _lines(explained, folder, paint))


def _lines(explained: Explained, folder: str, paint: Paint) -> Iterator[str]:
    for deed in explained.deeds:
        by = paint("dim", f"  {printable(deed.item)}") if deed.item is not None else ""
        yield f"{paint('create', '→')} {_quoted(deed.text)}{by}"
    if not explained.deeds:
        yield str(say("The bot does nothing."))
    for one in explained.concerned:
        yield from _concerned(one, folder, paint)
    for silent in explained.silent:
        yield from _silent(silent, folder, paint)
    if explained.others:
        count = explained.others
        yield paint("dim", str(say("Items of which nothing was found in the message: {count}.", count=count)))


def _concerned(one: Concerned, folder: str, paint: Paint) -> Iterator[str]:
    done = one.verdict is Verdict.DONE
    head = (
        say("{item}: {verdict}", item=str(one.item), verdict=one.sentence) if one.item is not None else one.sentence
    )
    yield paint("bold" if done else "dim", printable(head)) + _place(one.place, folder, paint)
    for found in one.found:
        yield f"  {paint('create', '✓')} {_found(found)}"


def _found(found: Found) -> str:
    if found.end <= found.start:
        return _quoted(found.condition)
    return _quoted(
        say("{condition} in “{text}”, characters {start} to {end}",
            condition=found.condition, text=found.text[:_WRITTEN], start=found.start + 1, end=found.end)
    )  # fmt: skip


def _silent(silent: Silent, folder: str, paint: Paint) -> Iterator[str]:
    head = say("{item}: its conditions do not hold", item=str(silent.item))
    yield paint("dim", printable(head)) + _place(silent.place, folder, paint)
    for line in silent.conditions:
        mark = _MARKS[line.held]
        painted = paint("create" if line.held else "error", mark) if mark else ""
        yield f"  {'  ' * line.depth}{painted}{_quoted(line.text)}"


def _place(place: Place | None, folder: str, paint: Paint) -> str:
    if place is None or not place.file:
        return ""
    return paint("dim", f"  --> {printable(_where(place, folder))}")


def _where(place: Place, folder: str) -> str:
    return f"{folder}/{place}" if folder else str(place)


def _quoted(text: Text | str) -> str:
    whole = str(text)
    return printable(whole if len(whole) <= 2 * _WRITTEN else f"{whole[: 2 * _WRITTEN]}…")


def explained_json(explained: Explained, *, folder: str = "", **about: Any) -> str:
    """One document, with what it is `about`. Sentences are in the language in use; everything else is not."""
    document = {"format": OUR_FORMAT, **about, **explained_data(explained, folder)}
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def explained_data(explained: Explained, folder: str) -> dict[str, Any]:
    """`actions` that are done, `items` that were concerned, and `silent` ones with all their conditions."""
    return {
        "actions": [
            {"action": deed.word, "item": str(deed.item) if deed.item is not None else None, "text": str(deed.text)}
            | ({} if deed.said is None else {"said": deed.said, "images": list(deed.images)})
            for deed in explained.deeds
        ],
        "items": [
            {
                "item": str(one.item) if one.item is not None else None,
                "verdict": one.verdict.value,
                "sentence": str(one.sentence),
                "found": [
                    {"condition": str(found.condition), "start": found.start, "end": found.end, "text": found.text}
                    for found in one.found
                ],
            }
            | _placed(one.place, folder)
            for one in explained.concerned
        ],
        "silent": [
            {
                "item": str(silent.item),
                "conditions": [
                    {"depth": line.depth, "text": str(line.text), "held": line.held} for line in silent.conditions
                ],
            }
            | _placed(silent.place, folder)
            for silent in explained.silent
        ],
        "others": explained.others,
    }


def _placed(place: Place | None, folder: str) -> dict[str, Any]:
    if place is None or not place.file:
        return {}
    return {"file": f"{folder}/{place.file}" if folder else place.file, "line": place.line}
