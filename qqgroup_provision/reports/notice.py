"""A short message about a plan, an apply or drift: counts, groups by their keys, who, and where the log is.

Nothing that somebody in a group or a server could write is in it: no names, texts or reasons. So nothing in it can
mention everybody in the chat that it is read in, and nothing secret can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qqgroup_provision.applying.outcome import CODES, Outcome
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.planning.drift import Drifts
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.state.history import Run

_MOST = 20  # groups that are named
_LONGEST = 200  # characters of who, commit and link each


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told. `event` is plan, apply or drift.

    `counts` are by group, and then by what is to happen or has happened: the glyphs of plans, `failed`, or `drift`.
    `people` is who sees something of it, by group. `codes` are those of what ended the command.
    """

    event: str
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    failed: bool = False
    codes: tuple[str, ...] = ()
    who: str = ""
    commit: str = ""
    log: str = ""

    @property
    def words(self) -> frozenset[str]:
        """The words of `on:` that ask for it. Without a group there is nothing but a failure to tell of."""
        return frozenset({self.event} if self.counts else ()) | ({"failure"} if self.failed else frozenset())

    def within(self, groups: Collection[str]) -> Notice | None:
        """What of it concerns these groups, no groups being all; `None` if nothing does."""
        if not groups:
            return self
        counts = {key: found for key, found in self.counts.items() if key in groups}
        failed = self.failed and (not self.counts or any("failed" in found for found in counts.values()))
        if not counts and not failed:
            return None
        people = {key: count for key, count in self.people.items() if key in groups}
        return replace(self, counts=counts, people=people, failed=failed)

    def title(self) -> str:
        if self.failed:
            return str(say("qqgroup {event}: failed", event=self.event))
        if self.event == "plan":
            return str(say("qqgroup plan: changes are waiting"))
        return str(say("qqgroup drift: live groups differ") if self.event == "drift" else say("qqgroup apply: done"))

    def body(self) -> str:
        return "\n".join(map(str, self._lines()))

    def _lines(self) -> Iterable[Text]:
        total: Counter[str] = Counter()
        for found in self.counts.values():
            total.update(found)
        if self.counts:
            keys = sorted(self.counts)
            more = f" (+{len(keys) - _MOST})" if len(keys) > _MOST else ""
            yield say("Groups: {groups}", groups=listed(keys[:_MOST]) + more)
            yield say("Changes: {counts}", counts="  ".join(f"{name} {total[name]}" for name in sorted(total)))
        if any(self.people.values()):
            yield say("People who will see something: {people}", people=sum(self.people.values()))
        if self.codes:
            yield say("What ended it: {codes}", codes=listed(self.codes[:_MOST]))
        if self.who:
            yield say("By: {who}", who=_short(self.who))
        if self.commit:
            yield say("Commit: {commit}", commit=_short(self.commit))
        if self.log:
            yield say("Log: {link}", link=_short(self.log))


def of_plan(plan: Plan, run: Run) -> Notice:
    """What a plan would do."""
    codes = sorted({item.code for item in plan.diagnostics if item.is_error})
    counts = _counted((change.address.group, change.action.glyph) for change in plan.changes)
    return _notice(run, "plan", counts, plan.notified(), codes)


def of_apply(plan: Plan, outcomes: Sequence[Outcome], run: Run) -> Notice:
    """What an apply did. Without outcomes, as where somebody said no, there is nothing to tell."""
    counts = _counted(
        (one.change.address.group, "failed" if one.result.failed else one.change.action.glyph) for one in outcomes
    )
    codes = sorted({CODES[one.result] for one in outcomes if one.result in CODES})
    return _notice(run, "apply", counts, plan.notified(), codes)


def of_drift(found: Drifts, run: Run) -> Notice:
    """What differs."""
    counts = _counted((one.address.group, "drift") for one in found.found)
    return _notice(run, "drift", counts, {}, sorted({item.code for item in found.unseen}))


def of_failure(event: str, error: QQGroupError, run: Run) -> Notice:
    """What ended a command before it did anything that is known of."""
    return _notice(run, event, {}, {}, sorted({item.code for item in error.diagnostics if item.is_error}))


def _notice(
    run: Run, event: str, counts: Mapping[str, Mapping[str, int]], people: Mapping[str, int], codes: Iterable[str]
) -> Notice:
    found = tuple(codes)
    return Notice(event, counts, people, bool(found), found, run.who, run.commit, run.log)


def _counted(pairs: Iterable[tuple[str, str]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for group, what in pairs:
        found.setdefault(group, Counter())[what] += 1
    return found


def _short(text: str) -> str:
    """Who, commit and link come from the environment: cut, in one line, and without what would mention anybody."""
    return printable(" ".join(text.split())[:_LONGEST]).replace("@", "(at)").replace("<", "(").replace(">", ")")
