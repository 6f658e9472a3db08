"""A plan for a terminal: first what it comes to for each group, then every change, then the sum."""

from __future__ import annotations

from collections.abc import Iterable

from qqgroup_provision.messages import say
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.planning.plan_group import ADOPTED
from qqgroup_provision.reports.diagnostics_text import render_diagnostics
from qqgroup_provision.reports.paint import Paint, columns, shorten
from qqgroup_provision.reports.plan_lines import (
    ACTION_WORDS,
    by_group,
    counts,
    field_lines,
    notes,
    opening,
    past,
    reach_note,
    summary,
    title,
)
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.resources.change import Action, Change

_SIGNS = {"-": "delete", "+": "create"}


def render_plan(plan: Plan, *, color: bool = False, width: int = 100) -> str:
    """The whole report, ending in a newline. Everything from YAML or a server is made harmless."""
    paint = Paint(color)
    groups = by_group(plan)
    parts: list[str] = []
    if plan.past is not None:
        parts.append(paint("warning", str(past(plan.past))) + "\n")
    if len(groups) > 1:
        parts.append("".join(_overview(groups, paint)))
    parts.extend("".join(_group(plan, key, changes, paint, width)) for key, changes in groups.items())
    if plan.extras:
        parts.append("".join(_extras(plan, paint, width)))
    if plan.diagnostics:
        parts.append(render_diagnostics(plan.diagnostics, sources=lambda _: None, color=color, width=width))
    parts.append("".join(f"{line}\n" for line in _sum(plan, paint)))
    return "\n".join(parts)


def _overview(groups: dict[str, list[Change]], paint: Paint) -> Iterable[str]:
    wide = max(columns(printable(key)) for key in groups)
    for key, changes in groups.items():
        name = printable(key)
        said = "  ".join(
            paint(action.word, f"{action.glyph} {number} {ACTION_WORDS[action]}")
            for action, number in counts(changes)
        )
        yield f"{name}{' ' * (wide - columns(name))}  {said}\n"


def _group(plan: Plan, key: str, changes: list[Change], paint: Paint, width: int) -> Iterable[str]:
    facts = plan.groups.get(key)
    about = printable(key)
    if facts is not None:
        about += "  " + str(
            say(
                "{name} ({id}, {members} people)",
                name=printable(facts.name),
                id=facts.group_id,
                members=facts.members,
            )
        )
    yield paint("bold", shorten(about, width)) + "\n"
    for change in changes:
        yield from _change(change, paint, width)


def _change(change: Change, paint: Paint, width: int) -> Iterable[str]:
    glyph = change.action.glyph
    reach = reach_note(change)
    head = shorten(f"{glyph:>5} {title(change)}", width - columns(reach))
    yield paint(change.action.word, head) + paint("dim", reach) + "\n"
    if change.action is Action.ADOPT and change.reason in (None, ADOPTED):
        return  # the glyph is explained once, in the sum
    for note in notes(change):
        yield paint("dim", shorten(f"        {printable(note)}", width)) + "\n"
    if change.action in (Action.ADOPT, Action.FORGET, Action.MOVE):
        return
    for name, lines in field_lines(change):
        if len(lines) == 1:
            # The glyph before the address says already that all of it is new, or goes.
            sign = lines[0].sign.strip() if change.action not in (Action.CREATE, Action.DELETE) else ""
            yield shorten(f"        {name}: {sign}{' ' if sign else ''}{lines[0].text}", width) + "\n"
            continue
        yield f"        {name}:\n"
        for line in lines:
            text = shorten(f"          {line.sign} {line.text}", width)
            yield (paint(_SIGNS[line.sign], text) if line.sign in _SIGNS else text) + "\n"


def _extras(plan: Plan, paint: Paint, width: int) -> Iterable[str]:
    yield paint("bold", str(say("Not in YAML, left as they are:"))) + "\n"
    for extra in plan.extras:
        yield shorten(f"      {printable(extra.address)} ({printable(extra.summary)})", width) + "\n"


def _sum(plan: Plan, paint: Paint) -> Iterable[str]:
    if plan.errored:
        yield paint("error", str(say("The plan has errors: nothing of it can be applied.")))
    if not plan.changes:
        if not plan.errored:
            yield paint("create", str(say("No changes. The groups are as the YAML says ({count} resources).",
                                          count=plan.unchanged)))  # fmt: skip
        yield from _opening(plan, paint)
        return
    first, *rest = summary(plan)
    yield paint("bold", printable(first))
    for line in rest:
        yield printable(line)
    if any(change.action is Action.ADOPT for change in plan.changes):
        yield paint("dim", str(say("= is there already: it is taken into state, and nothing is sent.")))
    yield from _opening(plan, paint)


def _opening(plan: Plan, paint: Paint) -> Iterable[str]:
    due = opening(plan)
    if due is not None:
        yield paint("dim", printable(due))
