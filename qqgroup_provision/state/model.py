"""State as a value: for each managed address the live ids and the values of the last apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from qqgroup_provision.addresses import Address
from qqgroup_provision.ports import Value


@dataclass(frozen=True, slots=True)
class Entry:
    """One managed address. `unverified` are fields whose live value nobody could read back.

    `applied_at` is UTC, ISO 8601, to the second. A `protected` one may not be deleted or replaced, whatever has
    become of its YAML.
    """

    ids: Mapping[str, str]
    applied: Mapping[str, Value]
    unverified: tuple[str, ...] = ()
    applied_at: str = ""
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody let a run do past a guard: an action and addresses, and when (UTC, ISO 8601, to the second)."""

    pattern: str
    at: str


_KEPT = 100  # overrides that are remembered
_NO_ENTRIES: Mapping[Address, Entry] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class State:
    """Everything remembered of a workspace.

    `lineage` is made once, when a state is first saved, and is empty before; two states of different lineage
    have nothing to do with each other. `serial` grows by one whenever the content changes. `overrides` are the
    latest, oldest first. `moved_to` is the place of another store that has it now, and empty where it is at home.
    """

    lineage: str = ""
    serial: int = 0
    entries: Mapping[Address, Entry] = field(default_factory=lambda: _NO_ENTRIES)
    overrides: tuple[Override, ...] = ()
    moved_to: str = ""

    def folded(self, completed: Iterable[tuple[Address, Entry | None]], overrides: Iterable[Override] = ()) -> State:
        """The state after changes were completed; `None` drops an address. Equal if nothing changed.

        To fold the same in again changes nothing more.
        """
        entries = dict(self.entries)
        for address, entry in completed:
            if entry is None:
                entries.pop(address, None)
            else:
                entries[address] = entry
        known = (*self.overrides, *(one for one in overrides if one not in self.overrides))[-_KEPT:]
        if entries == dict(self.entries) and known == self.overrides:
            return self
        return replace(self, serial=self.serial + 1, entries=entries, overrides=known)
