"""One group's desired, live and remembered state to its part of a plan. Pure: equal inputs give equal parts.

What could not be read is never taken for absent: nothing is created, replaced or deleted on the strength of
it, and the plan says what it could not see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import Text, say
from qqgroup_provision.planning import not_carried_out, permissions, protection
from qqgroup_provision.planning.compare import Difference, compare, compare_unwanted, fingerprint
from qqgroup_provision.planning.delivery import delivered
from qqgroup_provision.planning.plan import Extra, GroupFacts
from qqgroup_provision.ports import Absent, AccountFacts, Known, LiveProfile, Rank, Reading, Unknown, Value
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Step, Wanted
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.operation import Operation
from qqgroup_provision.resources.registry import kind_called, kinds
from qqgroup_provision.workspace.answers import KEPT
from qqgroup_provision.workspace.model import Group, Ownership

_UNSPOKEN = say("YAML does not speak of it any more")

Remembered: TypeAlias = Mapping[str, Mapping[str, Last]]  # kind -> key -> what state holds


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """What a plan has of one group. `facts` are there where anything is to be told of it.

    `existing` counts by kind what is there that is ours to change; `document` is what its bot is to be handed.
    """

    changes: tuple[Change, ...] = ()
    extras: tuple[Extra, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    facts: GroupFacts | None = None
    unchanged: int = 0
    existing: Mapping[str, int] = field(default_factory=dict)
    document: bytes | None = None


def plan_group(
    group: Group, live: LiveGroup, remembered: Remembered, facts: AccountFacts, targets: tuple[str, ...] = ()
) -> GroupPlan:
    """What makes the live group what YAML says."""
    if isinstance(live.profile, Absent):
        return GroupPlan(diagnostics=(not_in_group(group, facts),))
    planner = _Planner(targets, permissions.rank_in(live))
    planner.diagnostics.extend(not_carried_out.notes(group, targets))
    for kind in kinds():
        last = remembered.get(kind.name, {})
        if kind.managed(group):
            planner.plan_kind(kind, group, live, last, facts)
        else:
            planner.forget(kind.name, group.key, last, _UNSPOKEN)
    changes, document = delivered(group, sorted(planner.changes, key=_place_in_group), live)
    for kind in kinds():
        planner.diagnostics.extend(kind.obstacles(group, changes, live, facts))
    told: GroupFacts | None = None
    if changes or planner.extras:
        profile = live.profile.value if isinstance(live.profile, Known) else LiveProfile("", None, None)
        told = GroupFacts(profile.name, group.id, group.account, profile.member_count)
    return GroupPlan(
        tuple(changes),
        tuple(planner.extras),
        tuple(planner.diagnostics),
        told,
        planner.unchanged,
        planner.existing,
        document,
    )


def forget_group(key: str, remembered: Remembered, targets: tuple[str, ...] = ()) -> GroupPlan:
    """A group whose file is gone is left as it is."""
    planner = _Planner(targets)
    for kind, last in remembered.items():
        planner.forget(kind, key, last, say("the group's file is gone; the group is left as it is"))
    return GroupPlan(tuple(planner.changes))


class _Planner:
    """Collects the changes of one group, kind by kind."""

    def __init__(self, targets: tuple[str, ...], rank: Rank | None = None) -> None:
        self.changes: list[Change] = []
        self.extras: list[Extra] = []
        self.diagnostics: list[Diagnostic] = []
        self.unchanged = 0
        self.existing: Counter[str] = Counter()  # by kind: what is there that is ours to change
        self._targets = targets
        self._rank = rank  # the account's own standing, `None` where it could not be read

    def forget(self, kind: str, group: str, last: Mapping[str, Last], reason: Text) -> None:
        for key in sorted(last):
            address = Address(group, kind, key)
            self._add(Change(address, Action.FORGET, 0, reason=reason, moved_from=last[key].moved_from))

    def _add(self, change: Change) -> bool:
        if not matches_any(change.address, self._targets):
            return False
        self.changes.append(change)
        return True

    def plan_kind(
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
        self.forget(kind.name, group.key, unspoken, _UNSPOKEN)
        lacking = permissions.lacking_by_key(kind, wanted, group, facts, self._rank)
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
            self.existing[kind.name] += isinstance(reading, Known) and (
                want is not None or difference.action is not None
            )
            if difference.action is None:
                self.unchanged += want is not None
                continue
            found.append(_change(kind, group, key, live, want, reading, was, difference, facts))
        for change in sorted(found, key=_carried_out):
            if self._add(change):
                was = last.get(change.address.key)
                self.diagnostics.extend(permissions.refusals(change, group.account, facts, self._rank))
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
        return say("it is gone already") if gone else _UNSPOKEN
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
