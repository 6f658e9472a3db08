"""What is to happen to one address, with all that a reviewer has to know of it. Reports read only this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import Text
from qqgroup_provision.ports import Value
from qqgroup_provision.resources.operation import Audience, Operation


class Action(Enum):
    """What happens to an address. The second part is the glyph that reports show."""

    CREATE = ("create", "+")
    UPDATE = ("update", "~")
    REPLACE = ("replace", "-/+")  # the new one is created before the old one is deleted
    DELETE = ("delete", "-")
    FORGET = ("forget", ".")  # leave it as it is, and manage it no more
    ADOPT = ("adopt", "=")  # it is there already: take it into state, send nothing
    MOVE = ("move", ">")  # it goes by another address from now on: only the state changes
    MANUAL = ("manual", "!")  # QQ has no way for a program to do it: a person has to

    def __init__(self, word: str, glyph: str) -> None:
        self.word = word
        self.glyph = glyph


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after. A sensitive one carries `None` and is shown as changed, not as a value."""

    name: str
    before: Value
    after: Value
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan.

    `operations` is exactly what apply will do, in this order; cost, reach and reversibility follow from it.
    `ids` names the live object now; `applied` is what state will hold once it is done. `fingerprint` is the
    digest of the live object as it was read, by which a saved plan notices that it has changed since. `label`
    is how people would recognise the live object: a nickname, the first words of a text. `moved_from` is the
    address by which state knows it until then, where that is another; `protected` is whether state will hold it
    against deletion.
    """

    address: Address
    action: Action
    group_id: int
    fields: tuple[FieldChange, ...] = ()
    operations: tuple[Operation, ...] = ()
    reason: Text | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    applied: Mapping[str, Value] = field(default_factory=dict)
    unverified: tuple[str, ...] = ()
    fingerprint: str = ""
    label: str = ""
    place: Place | None = None
    moved_from: Address | None = None
    protected: bool = False

    @property
    def audience(self) -> Audience:
        """The widest audience of its operations."""
        reached = {operation.audience for operation in self.operations}
        for audience in (Audience.GROUP, Audience.MEMBER):
            if audience in reached:
                return audience
        return Audience.NOBODY

    @property
    def reversible(self) -> bool:
        return all(operation.reversible for operation in self.operations)

    @property
    def calls(self) -> int:
        """How many requests carrying it out takes when nothing goes wrong."""
        return sum(operation.calls_needed for operation in self.operations)
