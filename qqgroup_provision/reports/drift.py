"""What has drifted, for a terminal and for machines: each field as applied, as it is live, and as YAML has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.planning.drift import Drift, Drifts, FieldDrift, Side
from qqgroup_provision.ports import Value
from qqgroup_provision.reports.diagnostics_data import diagnostic_data
from qqgroup_provision.reports.diagnostics_text import render_diagnostics
from qqgroup_provision.reports.paint import Paint, shorten
from qqgroup_provision.reports.plan_lines import shown_value
from qqgroup_provision.reports.printable import printable

FORMAT = 1
_WORDS: Mapping[Side, Text] = {
    Side.LIVE: say("changed live"),
    Side.YAML: say("changed in YAML"),
    Side.BOTH: say("changed in both"),
}
_STYLES = {Side.LIVE: "replace", Side.YAML: "update", Side.BOTH: "delete"}


def render_drifts(drifts: Drifts, *, color: bool = False, width: int = 100) -> str:
    """The whole report, ending in a newline."""
    paint = Paint(color)
    parts = ["".join(_drift(drift, paint, width)) for drift in drifts.found]
    if drifts.unseen:
        parts.append(render_diagnostics(drifts.unseen, sources=lambda _: None, color=color, width=width))
    parts.append("".join(f"{line}\n" for line in _sum(drifts, paint)))
    return "\n".join(parts)


def _drift(drift: Drift, paint: Paint, width: int) -> Iterator[str]:
    label = f" ({printable(drift.label)})" if drift.label not in ("", drift.address.key) else ""
    word = paint(_STYLES[drift.side], str(_WORDS[drift.side]))
    yield f"{shorten(printable(drift.address) + label, width - 24)}  {word}\n"
    for field in drift.fields:
        yield from (shorten(line, width) + "\n" for line in _field(field))


def _field(field: FieldDrift) -> Iterable[str]:
    if field.sensitive:
        return (f"    {printable(field.name)}: {say('(sensitive)')}",)
    rows = (
        (say("applied last"), field.applied),
        (say("live"), field.live),
        (say("YAML"), field.yaml),
    )
    return (
        f"    {printable(field.name)}: {_WORDS[field.side]}",
        *(f"      {about}: {_value(value)}" for about, value in rows),
    )


def _value(value: Value) -> str:
    return str(say("nothing")) if value is None else " ⏎ ".join(shown_value(value))


def _sum(drifts: Drifts, paint: Paint) -> Iterator[str]:
    if drifts.unseen:
        yield paint("error", str(say("Not everything could be seen: more may have drifted.")))
    elif not drifts.found:
        yield paint("create", str(say("No drift. The groups are as they were applied and as the YAML says.")))
    if drifts.found:
        number = {side: sum(drift.side is side for drift in drifts.found) for side in Side}
        counted = say(
            "Drift: {live} changed live, {yaml} changed in YAML, {both} changed in both.",
            live=number[Side.LIVE],
            yaml=number[Side.YAML],
            both=number[Side.BOTH],
        )
        yield paint("bold", str(counted))


def drifts_json(drifts: Drifts) -> str:
    """The report as JSON."""
    document = {
        "format": FORMAT,
        "drifted": bool(drifts.found),
        "complete": not drifts.unseen,
        "drifts": [_data(drift) for drift in drifts.found],
        "diagnostics": [diagnostic_data(item, lambda _: None) for item in drifts.unseen],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=dict) + "\n"


def _data(drift: Drift) -> dict[str, Any]:
    return {
        "address": str(drift.address),
        "side": drift.side.value,
        "action": drift.action.word,
        "label": drift.label,
        "place": str(drift.place) if drift.place else None,
        "fields": [
            {
                "name": field.name,
                "side": field.side.value,
                "sensitive": field.sensitive,
                "applied": field.applied,
                "live": field.live,
                "yaml": field.yaml,
            }
            for field in drift.fields
        ],
    }
