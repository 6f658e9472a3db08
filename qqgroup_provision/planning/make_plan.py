"""Desired, live and remembered groups to a plan. Pure: equal inputs give equal plans.

What could not be read is never taken for absent: nothing is created, replaced or deleted on the strength of
it, and the plan says what it could not see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, say
from qqgroup_provision.planning import not_carried_out, permissions, protection, windows
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.compare import Difference, compare, compare_unwanted, fingerprint
from qqgroup_provision.planning.cost import seconds_of
from qqgroup_provision.planning.delivery import delivered
from qqgroup_provision.planning.guards import Guards
from qqgroup_provision.planning.moves import moved
from qqgroup_provision.planning.plan import Extra, GroupFacts, Plan
from qqgroup_provision.ports import Absent, AccountFacts, Known, LiveProfile, Reading, Unknown, Value
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Step, Wanted
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.operation import Operation
from qqgroup_provision.resources.registry import kind_called, kinds
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.answers import KEPT
from qqgroup_provision.workspace.model import Group, Ownership, Workspace


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
    """The plan that makes the live groups what the workspace says.

    `live` is by group key and `facts` by account key; both have all that `targets` ask for. `reads` is how
    many requests reading them took. `now`, with a time zone, is needed where something has its time. `allowed` is
    what guards let pass this once.
    """
    renamed, before = moved(state, workspace.groups)
    remembered = _by_kind(renamed, before)
    planner = _Planner(targets)
    for key in parents_first(workspace.groups):
        if not targeted(key, targets):
            continue
        group = windows.at(workspace.groups[key], now)
        planner.plan_group(group, live[key], remembered.pop(key, {}), facts[group.account])
    for key, kinds_of_group in remembered.items():
        if key not in workspace.groups:
            planner.forget_group(key, kinds_of_group)
    guards = Guards(workspace.safety, allowed, facts)
    refused = guards.refusals(planner.changes, planner.existing, live)
    used = tuple(one for one in allowed if any(one.covers(change) for change in planner.changes))
    return Plan(
        config_digest=workspace.digest,
        lineage=state.lineage,
        serial=state.serial,
        changes=tuple(planner.changes),
        unchanged=planner.unchanged,
        extras=tuple(sorted(planner.extras, key=lambda extra: (extra.address, extra.summary))),
        diagnostics=(*planner.diagnostics, *refused, *_unused(allowed, used)),
        groups=planner.groups,
        targets=targets,
        reads=reads,
        seconds=seconds_of(planner.changes, workspace),
        next_opening=windows.next_opening(workspace.groups.values(), now, targets),
        allowed=used,
        documents=planner.documents,
    )


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


_Remembered = dict[str, dict[str, Last]]  # kind -> key -> what state holds


def _by_kind(state: State, before: Mapping[Address, Address]) -> dict[str, _Remembered]:
    found: dict[str, _Remembered] = defaultdict(lambda: defaultdict(dict))
    for address, entry in state.entries.items():
        found[address.group][address.kind][address.key] = Last(
            entry.applied, entry.ids, entry.unverified, entry.protected, before.get(address)
        )
    return found


class _Planner:
    """Collects changes group by group."""

    def __init__(self, targets: tuple[str, ...]) -> None:
        self.changes: list[Change] = []
        self.extras: list[Extra] = []
        self.diagnostics: list[Diagnostic] = []
        self.groups: dict[str, GroupFacts] = {}
        self.unchanged = 0
        self.documents: dict[str, bytes] = {}
        self.existing: Counter[tuple[str, str]] = Counter()  # group and kind: what is there that is ours to change
        self._targets = targets

    def plan_group(
        self, group: Group, live: LiveGroup, remembered: Mapping[str, Mapping[str, Last]], facts: AccountFacts
    ) -> None:
        if isinstance(live.profile, Absent):
            self.diagnostics.append(not_in_group(group, facts))
            return
        self.diagnostics.extend(not_carried_out.notes(group, self._targets))
        before, reported = len(self.changes), len(self.extras)
        for kind in kinds():
            last = remembered.get(kind.name, {})
            if kind.managed(group):
                self._plan_kind(kind, group, live, last, facts)
            else:
                self._forget(kind.name, group.key, last, say("YAML does not speak of it any more"))
        changes, document = delivered(group, sorted(self.changes[before:], key=_place_in_group), live)
        self.changes[before:] = changes
        if document is not None:
            self.documents[group.key] = document
        for kind in kinds():
            self.diagnostics.extend(kind.obstacles(group, changes, live, facts))
        if len(self.changes) > before or len(self.extras) > reported:
            profile = live.profile.value if isinstance(live.profile, Known) else LiveProfile("", None, None)
            self.groups[group.key] = GroupFacts(profile.name, group.id, group.account, profile.member_count)

    def forget_group(self, key: str, remembered: Mapping[str, Mapping[str, Last]]) -> None:
        """A group whose file is gone is left as it is."""
        for kind, last in remembered.items():
            self._forget(kind, key, last, say("the group's file is gone; the group is left as it is"))

    def _forget(self, kind: str, group: str, last: Mapping[str, Last], reason: Text) -> None:
        for key in sorted(last):
            address = Address(group, kind, key)
            self._add(Change(address, Action.FORGET, 0, reason=reason, moved_from=last[key].moved_from))

    def _add(self, change: Change) -> bool:
        if not matches_any(change.address, self._targets):
            return False
        self.changes.append(change)
        return True

    def _plan_kind(
        self, kind: Kind, group: Group, live: LiveGroup, last: Mapping[str, Last], facts: AccountFacts
    ) -> None:
        wanted = kind.wanted(group)
        ownership = group.ownership(kind.collection)
        if not wanted and not last and ownership is Ownership.ADDITIVE:
            return
        unseen: dict[Text, list[str]] = defaultdict(list)
        found: list[Change] = []
        readings = kind.observe(group, wanted, last, live)
        unspoken = {key: last[key] for key in last.keys() - readings.keys()}
        self._forget(kind.name, group.key, unspoken, say("YAML does not speak of it any more"))
        lacking = permissions.lacking_by_key(kind, wanted, group, facts, permissions.rank_in(live))
        for key, reading in readings.items():
            if key in lacking:
                continue  # told below: to compare what this implementation cannot read would be to guess
            if isinstance(reading, Unknown):
                unseen[reading.reason].append(key)
                continue
            want, was = wanted.get(key), last.get(key)
            if want is None and (was is None or was.cleared):
                difference = self._not_ours(kind, group, key, reading, was, ownership)
            else:
                difference = _difference(kind, group, want, reading, was)
            self.existing[group.key, kind.name] += isinstance(reading, Known) and (
                want is not None or difference.action is not None
            )
            if difference.action is None:
                self.unchanged += want is not None
                continue
            found.append(_change(kind, group, key, live, want, reading, was, difference, facts))
        for change in sorted(found, key=_carried_out):
            if self._add(change):
                was = last.get(change.address.key)
                self.diagnostics.extend(permissions.refusals(change, group.account, facts, permissions.rank_in(live)))
                self.diagnostics.extend(protection.refusals(change, group, was))
        for key, faults in lacking.items():
            if matches_any(Address(group.key, kind.name, key), self._targets):
                self.diagnostics.extend(faults)
        for reason, keys in unseen.items():
            self._unseen(kind, group, keys, reason)

    def _not_ours(
        self,
        kind: Kind,
        group: Group,
        key: str,
        reading: Known[Observed] | Absent,
        last: Last | None,
        ownership: Ownership,
    ) -> Difference:
        """What was cleared is not ours either: whatever is there now, somebody else has put it there."""
        difference = self._extra(kind, group, key, reading, ownership)
        return Difference(Action.FORGET) if last is not None and difference.action is None else difference

    def _extra(
        self, kind: Kind, group: Group, key: str, reading: Reading[Observed], ownership: Ownership
    ) -> Difference:
        """What happens to a live item nobody named."""
        if not isinstance(reading, Known):
            return Difference(None)
        if reading.value.ours or ownership is Ownership.EXCLUSIVE:
            return compare_unwanted(reading)
        if ownership is Ownership.REPORT:
            address = Address(group.key, kind.name, key)
            if matches_any(address, self._targets):
                self.extras.append(Extra(address, reading.value.label))
        return Difference(None)

    def _unseen(self, kind: Kind, group: Group, keys: list[str], reason: Text) -> None:
        addresses = [Address(group.key, kind.name, key) for key in keys]
        addresses = [address for address in addresses if matches_any(address, self._targets)]
        if addresses:
            subject = str(addresses[0]) if len(addresses) == 1 else f"{group.key}/{kind.name}"
            self.diagnostics.append(
                Diagnostic(
                    "QG501",
                    say("This could not be seen, so nothing is planned for it: {reason}.", reason=reason),
                    say("It concerns {count} resources.", count=len(addresses)),
                    subject=subject,
                    hint=say("Run the plan again once the endpoint answers."),
                )
            )


def _difference(
    kind: Kind, group: Group, wanted: Wanted | None, reading: Known[Observed] | Absent, last: Last | None
) -> Difference:
    """What has to happen to what YAML or state names; to state alone where that alone is behind."""
    if wanted is None:
        return compare_unwanted(reading)
    found = compare(wanted, reading, last, replaced=kind.replaced is not None)
    if found.action is not None or last is None:
        return found
    if last.moved_from is not None:
        return replace(found, action=Action.MOVE, unverified=last.unverified)
    if protection.differs(Address(group.key, kind.name, wanted.key), group, last):
        return replace(found, action=Action.ADOPT, unverified=last.unverified)
    return found


def _change(
    kind: Kind,
    group: Group,
    key: str,
    live: LiveGroup,
    wanted: Wanted | None,
    reading: Known[Observed] | Absent,
    last: Last | None,
    difference: Difference,
    facts: AccountFacts,
) -> Change:
    observed = reading.value if isinstance(reading, Known) else None
    action = difference.action or Action.FORGET
    address = Address(group.key, kind.name, key)
    reason = _reason(action, wanted, observed, last)
    if action in (Action.ADOPT, Action.MOVE):
        reason = protection.differs(address, group, last) or reason
    operations: tuple[Operation, ...] = ()
    if action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE):
        names = frozenset(change.name for change in difference.fields)
        by_hand = kind.by_hand(group, wanted, live) if wanted is not None and observed is None else None
        if by_hand is None:
            step = Step(action, group, live.account_id, wanted, observed, names, facts)
            operations = kind.operations(step)
            by_hand = kind.by_hand(group, wanted, live) if wanted and not operations else None
        if by_hand is not None:
            action, reason = Action.MANUAL, by_hand
    return Change(
        address=address,
        action=action,
        group_id=group.id,
        fields=difference.fields,
        operations=operations,
        reason=reason,
        ids=observed.ids if observed else {},
        applied=_applied(wanted, last) if wanted is not None and (wanted.exists or wanted.clears) else {},
        unverified=difference.unverified,
        fingerprint=fingerprint(reading),
        label=observed.label if observed else "",
        place=wanted.place if wanted else None,
        moved_from=last.moved_from if last else None,
        protected=protection.is_protected(address, group),
    )


def _applied(wanted: Wanted, last: Last | None) -> Mapping[str, Value]:
    """What state will hold. Of a secret that it holds already the plan says only that."""
    if last is None or not wanted.sensitive:
        return wanted.remembered
    kept = {name for name in wanted.sensitive if last.applied.get(name) == wanted.fields[name]}
    return {name: KEPT if name in kept else value for name, value in wanted.remembered.items()}


ADOPTED = say("it is there already: it is taken into state, and nothing is sent")


def _reason(action: Action, wanted: Wanted | None, observed: Observed | None, last: Last | None) -> Text | None:
    """Why, where it is not plain from YAML having changed."""
    if action is Action.FORGET:
        gone = last is None or not last.cleared
        return say("it is gone already") if gone else say("YAML does not speak of it any more")
    if action is Action.ADOPT:
        return ADOPTED
    if action is Action.MOVE:
        return None
    if action is Action.DELETE:
        if observed is not None and observed.ours:
            return observed.reason or say("it was replaced, and the old one is still up")
        if wanted is not None:
            return wanted.reason or say("YAML clears it")
        return say("YAML does not name it any more") if last else say("YAML does not name it, and owns the list")
    if wanted is None:
        return None
    if last is not None and last.applied == wanted.remembered:
        return say("it was changed in QQ since the last apply")
    unread = [name for name in sorted(wanted.blind) if observed is None or observed.fields.get(name) is UNREADABLE]
    unknown = [name for name in unread if last is None or name not in last.applied]
    if unknown:
        return say("nobody can read {fields}, and no apply of it is on record: sent once", fields=", ".join(unknown))
    return None


def _place_in_group(change: Change) -> int:
    """Where a kind's changes stand among those of others. Within a kind they stay as they are."""
    kind = kind_called(change.address.kind)
    if kind is None:  # state holds something of a kind that this version does not have
        return 0
    return kind.removed_at if kind.removed_at is not None and change.action is Action.DELETE else kind.order


def _carried_out(change: Change) -> tuple[bool, str]:
    """Within a kind what frees a place goes first: a group has room for only so many admins."""
    return (change.action is not Action.DELETE, change.address.key)


def not_in_group(group: Group, facts: AccountFacts) -> Diagnostic:
    """QG502."""
    place: Place = group.places.get("id", group.place)
    return Diagnostic(
        "QG502",
        say(
            "The account `{account}` ({number}) is not in the group {id}.",
            account=group.account,
            number=facts.self_id,
            id=group.id,
        ),
        place=place,
        subject=group.key,
        hint=say("Correct the id, or invite the account: QQ has no way to create or join a group from here."),
    )


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
