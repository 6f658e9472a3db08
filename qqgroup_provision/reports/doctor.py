"""What was found of each account, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.planning.examined import Examined, Standing
from qqgroup_provision.ports import Capability, LiveSpace, Rank
from qqgroup_provision.reports.diagnostics_data import Sources, diagnostic_data
from qqgroup_provision.reports.paint import Paint, columns
from qqgroup_provision.reports.printable import printable

FORMAT = 1
_RANKS: Mapping[Rank, Text] = {
    Rank.OWNER: say("owner"),
    Rank.ADMIN: say("admin"),
    Rank.MEMBER: say("member"),
}


def render_examined(results: Iterable[Examined], *, color: bool = False) -> str:
    """A block for each account: who answers, and a row for each of its groups. What is wrong is told elsewhere."""
    paint = Paint(color)
    return "\n".join("".join(f"{line}\n" for line in _account(result, paint)) for result in results)


def _account(result: Examined, paint: Paint) -> Iterator[str]:
    verdict = paint("create", str(say("well"))) if result.well else paint("error", str(say("not well")))
    yield f"{paint('bold', printable(result.account.key))}  {printable(result.account.endpoint)}  {verdict}"
    if result.facts is None:
        return
    facts = result.facts
    yield "  " + printable(f"{facts.implementation} {facts.version}, QQ {facts.self_id}")
    missing = [capability.value for capability in Capability if capability not in facts.capabilities]
    if missing:
        yield "  " + str(say("cannot do: {capabilities}", capabilities=listed(missing)))
    yield from _table([_row(standing) for standing in result.groups])


def _row(standing: Standing) -> tuple[str, ...]:
    if standing.inside is None:
        word = say("not seen")
    elif not standing.inside:
        word = say("not in the group")
    else:
        word = _RANKS[standing.rank] if standing.rank is not None else say("rank not seen")
    size = f"{standing.members}/{standing.capacity}" if standing.capacity else str(standing.members or "")
    return (
        printable(standing.key),
        str(standing.id),
        str(word),
        size,
        _files(standing.space),
        printable(standing.name),
    )


def _files(space: LiveSpace | None) -> str:
    """How many files the group has, of how many it takes."""
    if space is None or space.count is None:
        return ""
    return str(say("files {count}/{limit}", count=space.count, limit=space.limit or "?"))


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    wide = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - columns(cell)) for cell, width in zip(row, wide, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def examined_json(results: Iterable[Examined], sources: Sources, folder: str) -> str:
    """The same for machines, what is wrong included."""
    results = tuple(results)
    document = {
        "format": FORMAT,
        "well": all(result.well for result in results),
        "accounts": [_data(result, sources, folder) for result in results],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _data(result: Examined, sources: Sources, folder: str) -> dict[str, Any]:
    facts = result.facts
    return {
        "account": result.account.key,
        "endpoint": result.account.endpoint,
        "well": result.well,
        "implementation": facts.implementation if facts else None,
        "version": facts.version if facts else None,
        "qq": facts.self_id if facts else None,
        "clock_ahead": round(result.clock_ahead, 1) if result.clock_ahead is not None else None,
        "capabilities": sorted(facts.capabilities) if facts else None,
        "groups": [
            {
                "group": standing.key,
                "id": standing.id,
                "inside": standing.inside,
                "role": standing.rank.name.lower() if standing.rank is not None else None,
                "name": standing.name,
                "members": standing.members,
                "capacity": standing.capacity,
                "space": asdict(standing.space) if standing.space is not None else None,
            }
            for standing in result.groups
        ],
        "diagnostics": [diagnostic_data(item, sources, folder) for item in result.found],
    }
