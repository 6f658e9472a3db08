"""Where live, YAML and the last apply have gone different ways, told from a plan: it has compared them already.

A plan says where live and YAML differ. What was applied last says which of the two has moved since then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import Value
from qqgroup_provision.resources.change import Action, Change, FieldChange
from qqgroup_provision.state.model import Entry, State

# What could not be seen, and what an implementation cannot do: it cannot read what the plan then has no change for.
# Other errors of a plan say why something cannot be carried out, which is another matter.
_UNSEEN = frozenset({"QG501", "QG502"})
_INCAPABLE = "QG512"
_AGREED = (Action.ADOPT, Action.FORGET, Action.MOVE)  # live and YAML agree: nothing has drifted apart


class Side(Enum):
    """Which of the two is not what was applied last."""

    LIVE = "live"
    YAML = "yaml"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """One field three ways; `None` where there is nothing. A `sensitive` one has no values to show."""

    name: str
    side: Side
    applied: Value
    live: Value
    yaml: Value
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Drift:
    """One address whose live object is not what YAML says.

    `action` is what an apply would do. `place` is where YAML speaks of it, if it does.
    """

    address: Address
    action: Action
    fields: tuple[FieldDrift, ...]
    label: str = ""
    place: Place | None = None

    @property
    def side(self) -> Side:
        """The side of all of its fields; both where they are not of one."""
        sides = {field.side for field in self.fields}
        return sides.pop() if len(sides) == 1 else Side.BOTH


@dataclass(frozen=True, slots=True)
class Drifts:
    """Every drift, and what could not be seen and so may have drifted as well."""

    found: tuple[Drift, ...]
    unseen: tuple[Diagnostic, ...] = ()
    unchanged: int = 0


def drifts(plan: Plan, state: State) -> Drifts:
    """What has drifted, by address. `state` is the one the plan was made from."""
    found = [
        _drift(change, state.entries.get(change.moved_from or change.address))
        for change in plan.changes
        if change.action not in _AGREED
    ]
    changed = {str(change.address) for change in plan.changes}
    unseen = tuple(
        item
        for item in plan.diagnostics
        if item.is_error and (item.code in _UNSEEN or (item.code == _INCAPABLE and item.subject not in changed))
    )
    return Drifts(tuple(sorted(found, key=lambda drift: drift.address)), unseen, plan.unchanged)


def _drift(change: Change, last: Entry | None) -> Drift:
    fields = [_field(change, item, last) for item in change.fields if item.sensitive or item.before != item.after]
    if change.action is Action.DELETE and last is not None:
        # A whole object goes. Which side moved can be told by the fields that were ever applied.
        fields = [field for field in fields if field.name in last.applied] or fields
    return Drift(change.address, change.action, tuple(fields), change.label, change.place)


def _field(change: Change, item: FieldChange, last: Entry | None) -> FieldDrift:
    if item.sensitive:  # nothing reads one back, so that only YAML can be known to have changed
        return FieldDrift(item.name, Side.YAML, None, None, None, sensitive=True)
    if last is not None and item.name in last.applied:
        applied = last.applied[item.name]
        cleared = change.action is Action.DELETE and not applied  # then too, whether as false or as nothing
        side = _side(live=item.before != applied, yaml=item.after != applied and not cleared)
        return FieldDrift(item.name, side, applied, item.before, item.after)
    # Never applied: YAML began to speak of it; or, in a list that YAML owns, somebody put it there.
    somebody = change.action is Action.DELETE and change.place is None
    return FieldDrift(item.name, Side.LIVE if somebody else Side.YAML, None, item.before, item.after)


def _side(*, live: bool, yaml: bool) -> Side:
    if live and yaml:
        return Side.BOTH
    return Side.LIVE if live else Side.YAML
