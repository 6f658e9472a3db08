"""What a plan says, line by line and without colour or markup: what the text and the Markdown report share."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.planning.plan import Past, Plan
from qqgroup_provision.ports import Value
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.resources.change import Action, Change, FieldChange
from qqgroup_provision.resources.operation import Audience
from qqgroup_provision.resources.registry import kind_called

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")  # a file, as resources compare it
_LISTED = 8  # addresses named in a summary line before the rest is counted

ACTION_WORDS: Mapping[Action, Text] = {
    Action.DELETE: say("delete"),
    Action.REPLACE: say("replace"),
    Action.CREATE: say("create"),
    Action.UPDATE: say("update"),
    Action.MANUAL: say("by hand"),
    Action.ADOPT: say("adopt"),
    Action.MOVE: say("rename"),
    Action.FORGET: say("forget"),
}  # in the order in which a reviewer should see them
_ORDER = {action: number for number, action in enumerate(ACTION_WORDS)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a change: `sign` is `-`, `+` or a space, as in a diff."""

    sign: str
    text: str


def by_group(plan: Plan) -> dict[str, list[Change]]:
    """The changes of each group, what destroys first."""
    groups: dict[str, list[Change]] = {}
    for change in sorted(plan.changes, key=lambda change: _ORDER[change.action]):
        groups.setdefault(change.address.group, []).append(change)
    return {key: groups[key] for key in sorted(groups)}


def title(change: Change) -> str:
    """The address within its group, and how people know it."""
    address = f"{change.address.kind}/{change.address.key}" if change.address.key else change.address.kind
    shown = {change.address.key, ""}
    label = printable(change.label)
    return f"{printable(address)} ({label})" if label not in shown and change.address.key else printable(address)


def notes(change: Change) -> Iterator[Text]:
    """What a reviewer has to know beside the values."""
    if change.reason is not None:
        yield change.reason
    if change.moved_from is not None:
        yield say("state knows it as {address}", address=change.moved_from)
    kind = kind_called(change.address.kind)
    if change.action is Action.REPLACE and len(change.operations) > 1 and kind and kind.replaced:
        yield kind.replaced
    if change.unverified:
        yield say("cannot be read back: {fields}", fields=printable(listed(change.unverified)))


def field_lines(change: Change) -> Iterator[tuple[str, list[Line]]]:
    """Each field with its lines."""
    for item in change.fields:
        yield printable(item.name), list(_lines(item))


def _lines(item: FieldChange) -> Iterator[Line]:
    if item.sensitive:
        yield Line(" ", str(say("(sensitive)")))
        return
    before, after = item.before, item.after
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _nested(before, after)
        return
    old, new = shown_value(before), shown_value(after)
    if len(old) == 1 and len(new) == 1 and before is not None and after is not None:
        yield Line(" ", f"{old[0]} → {new[0]}")
        return
    for row in difflib.ndiff(old if before is not None else [], new if after is not None else []):
        if row[0] != "?":
            yield Line(row[0], row[2:])


def shown_value(value: Value) -> list[str]:
    """A value as lines: a text of several lines as they are, anything else as YAML would show it."""
    if isinstance(value, str):
        if _DIGEST.match(value):
            return [f"sha256 {value[:12]}…"]
        lines = value.split("\n")
        return [printable(line) for line in lines] if len(lines) > 1 else [f"“{printable(value)}”"]
    if isinstance(value, tuple) and not any(isinstance(part, (tuple, Mapping)) for part in value):
        return [listed(shown_value(part)[0] for part in value)]
    return [_flow(value)]


def _flow(value: Any) -> str:
    """Anything on one line, as YAML has it in brackets."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{printable(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return f"“{printable(value)}”"
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    return printable(value)


def _nested(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[Line]:
    """Only what differs inside two mappings, each with the way to it."""
    from deepdiff import DeepDiff

    diff = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    for kind in sorted(diff):
        for change in diff[kind]:
            way = ".".join(str(part) for part in change.path(output_format="list"))
            if "added" not in kind:
                yield Line("-", f"{printable(way)}: {_flow(change.t1)}")
            if "removed" not in kind:
                yield Line("+", f"{printable(way)}: {_flow(change.t2)}")


def counts(changes: list[Change]) -> list[tuple[Action, int]]:
    """How many changes of each kind, in the order reviewers should see them; none that are zero."""
    found = [(action, sum(change.action is action for change in changes)) for action in ACTION_WORDS]
    return [(action, number) for action, number in found if number]


def opening(plan: Plan) -> Text | None:
    """When something will be due that is not yet: the plan of that day will differ."""
    found = plan.next_opening
    return say("Next due: {address} at {at}.", address=printable(found.address), at=found.at) if found else None


def past(found: Past) -> Text:
    """With what a plan was made against a snapshot: whoever reads it has to know how old what it says is."""
    return say(
        "Compared with a snapshot of {taken}, {age} old. What was changed since then is not known, "
        "and nothing of this can be applied.",
        taken=printable(found.taken),
        age=duration(found.age),
    )


def summary(plan: Plan) -> Iterator[Text]:
    """What the plan comes to: totals, time, who sees it, what cannot be undone."""
    number = plan.counts()
    yield say(
        "Plan: {create} to create, {update} to update, {replace} to replace, {delete} to delete, "
        "{adopt} to adopt, {manual} by hand.",
        **{action.word: number[action] for action in Action},
    )
    if number[Action.FORGET] or number[Action.MOVE]:
        yield say(
            "Only in the state: {forget} to forget, {move} to rename.",
            forget=number[Action.FORGET],
            move=number[Action.MOVE],
        )
    if plan.writes:
        yield say(
            "Requests: {writes}, {time}; making this plan took {reads}.",
            writes=plan.writes,
            reads=plan.reads,
            time=duration(plan.seconds),
        )
    people = [
        say("{count} in {group}", count=count, group=printable(group))
        for group, count in sorted(plan.notified().items())
        if count
    ]
    if people:
        yield say("People who will see something: {people}.", people=_some(people))
    final = [printable(change.address) for change in plan.irreversible()]
    if final:
        yield say("Cannot be undone: {addresses}.", addresses=_some(final))
    if plan.allowed:
        patterns = [printable(allowance) for allowance in plan.allowed]
        yield say("Allowed for this run, whatever limit stands against it: {patterns}.", patterns=listed(patterns))


def _some(items: list[Text] | list[str]) -> Text | str:
    shown = listed(items[:_LISTED])
    rest = len(items) - _LISTED
    return say("{shown} and {rest} more", shown=shown, rest=rest) if rest > 0 else shown


def duration(seconds: float) -> Text:
    """A time that people can take in. Units are written short, so that no language needs a plural."""
    whole = max(1, round(seconds))
    minutes = round(whole / 60)
    if whole < 60:
        return say("~{seconds} s", seconds=whole)
    if whole < 3570:
        return say("~{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)
    return say("~{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def reach_note(change: Change) -> str:
    """A mark for what a whole group sees."""
    return " " + str(say("[everybody sees it]")) if change.audience is Audience.GROUP else ""
