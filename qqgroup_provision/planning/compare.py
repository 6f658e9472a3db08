"""One resource three ways: what YAML wants, what is live, what was applied last. What is to happen follows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from qqgroup_provision.ports import Absent, Known, Reading, Value
from qqgroup_provision.resources.change import Action, FieldChange
from qqgroup_provision.resources.kind import UNREADABLE, Last, Observed, Wanted


@dataclass(frozen=True, slots=True)
class Difference:
    """`action` is `None` where nothing is to happen. `unverified` are fields nobody could read back."""

    action: Action | None
    fields: tuple[FieldChange, ...] = ()
    unverified: tuple[str, ...] = ()


_NOTHING = Difference(None)
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False)


def compare(wanted: Wanted, reading: Known[Observed] | Absent, last: Last | None, *, replaced: bool) -> Difference:
    """What has to happen to what YAML names. `replaced` says that QQ cannot edit it."""
    if isinstance(reading, Absent):
        if wanted.exists:
            return Difference(Action.CREATE, _all(wanted))
        return Difference(Action.FORGET) if last else _NOTHING
    observed = reading.value
    fields, unverified = _fields(wanted, observed, last)
    if not wanted.exists:
        if observed.exists and (fields or not wanted.clears):
            return Difference(Action.DELETE, _removed(observed), unverified)
        if last is None or last.applied == wanted.remembered:
            return _NOTHING
        return Difference(Action.ADOPT if wanted.clears else Action.FORGET)
    if not observed.exists:
        return Difference(Action.CREATE, fields or _all(wanted), unverified)
    if fields:
        return Difference(Action.REPLACE if replaced else Action.UPDATE, fields, unverified)
    if last is None or last.ids != observed.ids or last.applied != wanted.remembered:
        return Difference(Action.ADOPT, (), unverified)
    return _NOTHING


def compare_unwanted(reading: Known[Observed] | Absent) -> Difference:
    """What has to happen to something state holds and YAML names no more."""
    if isinstance(reading, Absent) or not reading.value.exists:
        return Difference(Action.FORGET)
    return Difference(Action.DELETE, _removed(reading.value))


def _fields(wanted: Wanted, observed: Observed, last: Last | None) -> tuple[tuple[FieldChange, ...], tuple[str, ...]]:
    changed: list[FieldChange] = []
    unverified: list[str] = []
    for name, value in wanted.fields.items():
        live = observed.fields.get(name, UNREADABLE)
        if live is UNREADABLE:
            unverified.append(name)
            if last is not None and name in last.applied:
                live = last.applied[name]
            elif name in wanted.blind:
                live = None
            else:
                continue  # nobody knows; taken as it is rather than sent again
        if live != value:
            changed.append(_change(wanted, name, live, value))  # type: ignore[arg-type]
    return tuple(changed), tuple(unverified)


def _all(wanted: Wanted) -> tuple[FieldChange, ...]:
    return tuple(_change(wanted, name, None, value) for name, value in wanted.fields.items() if value is not None)


def _change(wanted: Wanted, name: str, before: Value, after: Value) -> FieldChange:
    if name in wanted.sensitive:
        return FieldChange(name, None, None, sensitive=True)
    return FieldChange(name, before, after)


def _removed(observed: Observed) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, value, None)  # type: ignore[arg-type]
        for name, value in observed.fields.items()
        if value is not UNREADABLE and value is not None
    )


def fingerprint(reading: Reading[Observed]) -> str:
    """A digest of what is live under one key, equal exactly when all that was read is equal."""
    if not isinstance(reading, Known):
        return "absent" if isinstance(reading, Absent) else "unknown"
    observed = reading.value
    fields: dict[str, Value] = {
        name: "?" if value is UNREADABLE else value  # type: ignore[misc]
        for name, value in observed.fields.items()
    }
    canonical = _CANONICAL.encode([fields, dict(observed.ids), observed.exists])
    return hashlib.sha256(canonical.encode()).hexdigest()
