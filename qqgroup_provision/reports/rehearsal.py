"""Scenarios that were played: for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from qqgroup_provision.messages import listed, say
from qqgroup_provision.rehearsal.play import Failure, Played
from qqgroup_provision.rehearsal.why import Line
from qqgroup_provision.reports.paint import Paint, columns
from qqgroup_provision.reports.printable import printable

OUR_FORMAT = 1
_MARKS = {True: "✓ ", False: "✗ ", None: ""}


def render_rehearsal(played: Sequence[Played], *, folder: str = "", color: bool = False) -> str:
    """Every scenario by its group, what is not as expected with its place and why, and the sum."""
    paint = Paint(color)
    lines: list[str] = []
    group = ""
    for one in played:
        if one.scenario.group != group:
            group = one.scenario.group
            lines.append(paint("bold", printable(group)))
        mark = paint("create", "✓") if one.passed else paint("error", "✗")
        lines.append(f"  {mark} {printable(one.scenario.name)}")
        for failure in one.failures:
            lines.extend(_failure(failure, folder, paint))
    failed = sum(not one.passed for one in played)
    said = say("Scenarios: {count}, passed: {passed}, failed: {failed}.",
               count=len(played), passed=len(played) - failed, failed=failed)  # fmt: skip
    lines.append(paint("error" if failed else "create", str(said)))
    return "".join(f"{line}\n" for line in lines)


def _failure(failure: Failure, folder: str, paint: Paint) -> Iterator[str]:
    place = f"{folder}/{failure.place}" if folder else str(failure.place)
    yield f"      {paint('dim', '-->')} {printable(place)}"
    heads = [str(head) for head in (say("expected"), say("came"), say("why"))]
    wide = max(map(columns, heads))
    rows = [
        (heads[0], [str(text) for text in failure.expected]),
        (heads[1], [str(failure.came)]),
        (heads[2], [_why(line) for line in failure.why]),
    ]
    for head, texts in rows:
        for number, text in enumerate(texts):
            shown = head if number == 0 else ""
            yield f"      {paint('dim', shown)}{' ' * (wide - columns(shown))}  {printable(text)}"


def _why(line: Line) -> str:
    return f"{'  ' * line.depth}{_MARKS[line.held]}{line.text}"


def rehearsal_json(played: Sequence[Played], *, folder: str = "") -> str:
    """One document. Sentences are in the language in use; everything else is not."""
    document = {
        "format": OUR_FORMAT,
        "passed": sum(one.passed for one in played),
        "failed": sum(not one.passed for one in played),
        "scenarios": [_scenario(one, folder) for one in played],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _scenario(one: Played, folder: str) -> dict[str, Any]:
    scenario = one.scenario
    return {
        "group": scenario.group,
        "name": scenario.name,
        "file": f"{folder}/{scenario.place.file}" if folder else scenario.place.file,
        "line": scenario.place.line,
        "passed": one.passed,
        "failures": [
            {
                "line": failure.place.line,
                "column": failure.place.column,
                "expected": listed(failure.expected),
                "came": str(failure.came),
                "why": [
                    {"depth": line.depth, "text": str(line.text)} | ({} if line.held is None else {"held": line.held})
                    for line in failure.why
                ],
            }
            for failure in one.failures
        ],
    }
