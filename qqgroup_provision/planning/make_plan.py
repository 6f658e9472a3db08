"""Desired, live and remembered groups to a plan. Pure: equal inputs give equal plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.planning import windows
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.cost import seconds_of
from qqgroup_provision.planning.guards import Guards
from qqgroup_provision.planning.moves import moved
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.planning.plan_group import GroupPlan, Remembered, forget_group, plan_group
from qqgroup_provision.planning.team_checks import team_checks
from qqgroup_provision.ports import AccountFacts
from qqgroup_provision.resources.kind import Last
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import Group, Workspace


class Draft:
    """A plan in the making. Groups may be added in any order, as they can be read; the plan is the same.

    `facts` are by account key. `now`, with a time zone, is needed where something has its time.
    """

    def __init__(
        self,
        workspace: Workspace,
        state: State,
        facts: Mapping[str, AccountFacts],
        targets: tuple[str, ...] = (),
        now: datetime | None = None,
    ) -> None:
        self._workspace = workspace
        self._state = state
        self._facts = facts
        self._targets = targets
        self._now = now
        renamed, before = moved(state, workspace.groups)
        self._remembered = _by_kind(renamed, before)
        self._live: dict[str, LiveGroup] = {}
        self._parts: dict[str, GroupPlan] = {}

    def add(self, key: str, live: LiveGroup) -> None:
        """Plan a group."""
        group = windows.at(self._workspace.groups[key], self._now)
        self._live[key] = live
        self._parts[key] = plan_group(
            group, live, self._remembered.get(key, {}), self._facts[group.account], self._targets
        )

    def finish(self, reads: int = 0, allowed: tuple[Allowance, ...] = ()) -> Plan:
        """The plan of all groups that `targets` ask for, each of which was added.

        `reads` is how many requests reading them took, `allowed` what guards let pass this once.
        """
        groups, targets = self._workspace.groups, self._targets
        parts = {key: self._parts[key] for key in parents_first(groups) if targeted(key, targets)}
        gone = (key for key in self._remembered if key not in groups)
        parts.update({key: forget_group(key, self._remembered[key], targets) for key in gone})
        changes = tuple(change for part in parts.values() for change in part.changes)
        extras = (extra for part in parts.values() for extra in part.extras)
        existing = {(key, kind): count for key, part in parts.items() for kind, count in part.existing.items()}
        refused = Guards(self._workspace.safety, allowed, self._facts).refusals(changes, existing, self._live)
        used = tuple(one for one in allowed if any(one.covers(change) for change in changes))
        plan = Plan(
            config_digest=self._workspace.digest,
            lineage=self._state.lineage,
            serial=self._state.serial,
            changes=changes,
            unchanged=sum(part.unchanged for part in parts.values()),
            extras=tuple(sorted(extras, key=lambda extra: (extra.address, extra.summary))),
            diagnostics=(
                *(found for part in parts.values() for found in part.diagnostics),
                *(found for key in parts if key in groups for found in windows.untimely(groups[key], self._now)),
                *refused,
                *_unused(allowed, used),
            ),
            groups={key: part.facts for key, part in parts.items() if part.facts is not None},
            targets=targets,
            reads=reads,
            seconds=seconds_of(changes, self._workspace),
            next_opening=windows.next_opening(groups.values(), self._now, targets),
            allowed=used,
            documents={key: part.document for key, part in parts.items() if part.document is not None},
        )
        broken = tuple(team_checks(plan, self._workspace.checks))
        return replace(plan, diagnostics=(*plan.diagnostics, *broken)) if broken else plan


def make_plan(
    workspace: Workspace,
    live: Mapping[str, LiveGroup],
    state: State,
    facts: Mapping[str, AccountFacts],
    targets: tuple[str, ...] = (),
    reads: int = 0,
    now: datetime | None = None,
    allowed: tuple[Allowance, ...] = (),
) -> Plan:
    """The plan that makes the live groups what the workspace says. `live` is by group key, the rest as in `Draft`."""
    draft = Draft(workspace, state, facts, targets, now)
    for key in workspace.groups:
        if targeted(key, targets):
            draft.add(key, live[key])
    return draft.finish(reads, allowed)


def targeted(group: str, targets: Iterable[str]) -> bool:
    """Whether any address of the group can be among the targets."""
    targets = tuple(targets)
    return not targets or any(fnmatchcase(group, target.split("/", 1)[0]) for target in targets)


def parents_first(groups: Mapping[str, Group]) -> list[str]:
    """The keys of all groups, each after its parent, otherwise sorted."""
    order: dict[str, None] = {}
    for key in sorted(groups):
        line: list[str] = []
        above: str | None = key
        while above is not None and above not in order:
            line.append(above)
            above = groups[above].parent
        order.update(dict.fromkeys(reversed(line)))
    return list(order)


def _by_kind(state: State, before: Mapping[Address, Address]) -> dict[str, Remembered]:
    found: dict[str, defaultdict[str, dict[str, Last]]] = defaultdict(lambda: defaultdict(dict))
    for address, entry in state.entries.items():
        found[address.group][address.kind][address.key] = Last(
            entry.applied, entry.ids, entry.unverified, entry.protected, before.get(address)
        )
    return dict(found)


def _unused(allowed: Iterable[Allowance], used: Iterable[Allowance]) -> Iterator[Diagnostic]:
    """QG536: whoever allows something that does not happen has mistyped it, or need not have."""
    for allowance in allowed:
        if allowance not in used:
            yield Diagnostic(
                "QG536",
                say("Nothing that would happen is allowed by `--allow {pattern}`.", pattern=str(allowance)),
                severity=Severity.WARNING,
                hint=say("Leave it out, or compare it with the addresses in the plan."),
            )
