"""What a scenario says of the list of members: how long ago people came, and last said something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qqgroup_provision.behavior.event import Person
from qqgroup_provision.workspace.durations import seconds


@dataclass(frozen=True, slots=True)
class Listing:
    """A member as the list tells of them, with how many seconds ago; `None` is not told."""

    person: Person
    joined: float | None
    spoke: float | None
    title: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The list of members has these people from now on."""

    members: tuple[Listing, ...]


def listing(written: Mapping[str, Any], person: Person) -> Listing:
    """An item of `members` about somebody. Who never spoke has the time they came instead."""
    joined = seconds(written["joined"]) if "joined" in written else None
    last = written.get("last_spoke")
    spoke = joined if last == "never" else seconds(last) if last is not None else None
    leveled = replace(person, level=written.get("level", person.level))
    return Listing(leveled, joined, spoke, written.get("title", ""))
