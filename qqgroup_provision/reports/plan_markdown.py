"""A plan for a pull request: what it comes to in a table, every change folded away below, never too long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import say
from qqgroup_provision.planning.plan import Plan
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

LONGEST = 60_000  # characters; a comment on GitHub takes 65,536
_TICK = "`"
# What GitHub turns into a link or a mention without any markup, even where its signs are escaped.
_ALIVE = re.compile(r"@|#|://|www\.|\bgh-", re.IGNORECASE)
_BREAK = "\u200b"


def plan_markdown(plan: Plan, *, longest: int = LONGEST) -> str:
    """The report, at most `longest` characters: details are left out before the summary is."""
    head = "".join(f"{line}\n" for line in _head(plan, longest // 4))
    details: list[str] = []
    room = longest - len(head) - 200
    for key, changes in by_group(plan).items():
        block = _details(key, changes)
        if len(block) > room:  # the note fits: 200 characters were kept for it
            details.append(f"\n{say('The rest is too long to be shown here; the saved plan has it all.')}\n")
            break
        details.append(block)
        room -= len(block)
    return head + "".join(details)


def _head(plan: Plan, room: int) -> Iterable[str]:
    """What comes first. Each of its lists may take so many characters."""
    yield f"### {say('Plan for the QQ groups')}"
    yield ""
    if plan.past is not None:
        yield f"> [!NOTE]\n> {_plain(str(past(plan.past)))}"
        yield ""
    if plan.errored:
        yield f"> [!CAUTION]\n> {say('The plan has errors: nothing of it can be applied.')}"
        yield ""
    yield from _within(room, (_diagnostic(item) for item in plan.diagnostics))
    if plan.diagnostics:
        yield ""
    if plan.changes:
        yield from _within(room, _table(plan))
        yield ""
        yield from (f"- {_plain(str(line))}" for line in summary(plan))
    elif not plan.errored:
        yield str(say("No changes. The groups are as the YAML says ({count} resources).", count=plan.unchanged))
        yield ""
    due = opening(plan)
    if due is not None:
        yield f"- {_plain(str(due))}"
    extras = (f"{_code(str(extra.address))} {_plain(extra.summary)}" for extra in plan.extras)
    yield from _within(room, (f"- {say('not in YAML, left as it is:')} {extra}" for extra in extras))


def _within(room: int, lines: Iterable[str]) -> Iterator[str]:
    """As many lines as fit, and how many were left out."""
    left_out = 0
    for line in lines:
        room -= len(line) + 1
        if room >= 0:
            yield line
        else:
            left_out += 1
    if left_out:
        yield f"\n{say('Too long to be shown here: {count} more.', count=left_out)}"


def _diagnostic(item: Diagnostic) -> str:
    where = f"{_code(str(item.place))} " if item.place else ""
    subject = f"{_code(item.subject)} " if item.subject else ""
    return f"- **{_plain(item.code)}** {where}{subject}{_plain(str(item.summary))}"


def _table(plan: Plan) -> Iterable[str]:
    groups = by_group(plan)
    used = [action for action in ACTION_WORDS if any(c.action is action for c in plan.changes)]
    yield (f"| {say('group')} | {say('people')} | " + " | ".join(f"{a.glyph} {ACTION_WORDS[a]}" for a in used) + " |")
    yield "|---|--:|" + "--:|" * len(used)
    for key, changes in groups.items():
        facts = plan.groups.get(key)
        number = dict(counts(changes))
        name = f"{_code(key)} {_cell(facts.name) if facts else ''}"
        cells = " | ".join(f"**{number[a]}**" if a in (Action.DELETE, Action.REPLACE) and a in number
                           else str(number.get(a, "")) for a in used)  # fmt: skip
        yield f"| {name} | {facts.members if facts else ''} | {cells} |"


def _details(key: str, changes: list[Change]) -> str:
    lines = [line for change in changes for line in _change(change)]
    fence = _TICK * max(3, 1 + max((_longest_run(line) for line in lines), default=0))
    body = "\n".join(lines)
    summary = f"{_plain(key)} ({len(changes)})"
    return f"\n<details><summary>{summary}</summary>\n\n{fence}diff\n{body}\n{fence}\n\n</details>\n"


def _change(change: Change) -> Iterable[str]:
    """Lines of a diff: GitHub colours those that begin with + - and !."""
    sign = {"create": "+", "delete": "-", "replace": "!", "update": "!", "manual": "!"}.get(change.action.word, " ")
    yield f"{sign} {change.action.glyph} {title(change)}{reach_note(change)}"
    for note in notes(change):
        yield f"#     {printable(note)}"
    if change.action in (Action.ADOPT, Action.FORGET, Action.MOVE):
        return
    for name, rows in field_lines(change):
        yield f"      {name}:"
        for row in rows:
            yield f"{row.sign}       {row.text}"


def _longest_run(line: str) -> int:
    longest = run = 0
    for char in line:
        run = run + 1 if char == _TICK else 0
        longest = max(longest, run)
    return longest


def _code(text: str) -> str:
    """An inline code span, whatever ticks are in the text."""
    shown = printable(text)
    fence = _TICK * (1 + _longest_run(shown))
    pad = " " if _TICK in shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _plain(text: str) -> str:
    """A text that is no markup, links to nothing and mentions nobody."""
    shown = _ALIVE.sub(lambda found: found[0][0] + _BREAK + found[0][1:], printable(text))
    escaped = "".join(f"\\{char}" if char in "\\`*_{}[]()#|>!~" else char for char in shown)
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _plain(text).replace("\n", " ")
