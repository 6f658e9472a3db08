"""How live values get into YAML: which value goes where in which file. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.planning.drift import Drift, FieldDrift, Side
from qqgroup_provision.ports import Value
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.workspace.model import Group

Scalar = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A field's value for the group's own file: the way to it there, and where YAML says it now, in any file."""

    address: Address
    field: str
    file: str
    way: tuple[str, ...]
    value: Scalar
    said_at: Place | None


def edits(drift: Drift, group: Group) -> tuple[Edit, ...]:
    """The edits that make YAML say what is live, for all that was changed live.

    Raises `InvalidInput` (QG144) where that is more than a value: an item that came or went, a picture, a person
    who left, what a role says of several people.
    """
    if drift.action in (Action.CREATE, Action.DELETE) and drift.address.kind not in _OF_MEMBERS:
        hint = say("It came or went as a whole: add or remove it in YAML by hand.")
        raise refused(drift.address, drift.place, hint)
    if drift.action is Action.MANUAL and all(field.live is None for field in drift.fields):
        raise refused(drift.address, drift.place, say("It takes a person: the plan says what to do."))
    kind = next(kind for kind in kinds() if kind.name == drift.address.kind)
    found: list[Edit] = []
    for field in drift.fields:
        if field.side is Side.YAML:
            continue
        way = kind.written(group, drift.address.key, field.name)
        if way is None or not _is_scalar(field.live) or field.sensitive:
            hint = say("No one place in YAML says `{field}` of it alone: edit it by hand.", field=field.name)
            raise refused(drift.address, drift.place, hint)
        found.append(Edit(drift.address, field.name, group.place.file, way, _as_yaml(field), drift.place))
    if not found:
        raise refused(drift.address, drift.place, say("Nothing of it was changed live; YAML was."))
    return tuple(found)


def refused(address: Address, place: Place | None, hint: Text) -> InvalidInput:
    """What to raise where a live value cannot be written into the group's file."""
    return InvalidInput(
        Diagnostic(
            "QG144",
            say("The live value cannot be taken into YAML."),
            place=place,
            subject=str(address),
            hint=hint,
        )
    )


# Kinds of which a member always has a place that may be empty, so that one can be cleared and set by a value.
_OF_MEMBERS = frozenset({"admin", "title", "card"})


def _as_yaml(field: FieldDrift) -> Scalar:
    """An empty text is how things that are cleared read back, and `null` is how YAML clears them."""
    return None if field.live == "" else field.live  # type: ignore[return-value]


def _is_scalar(value: Value) -> bool:
    return value is None or isinstance(value, (str, int))
