"""All parts of the engine, in the order in which they are asked about a message."""

from __future__ import annotations

from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.greeting import GREETING
from qqgroup_provision.behavior.part import Part

_PARTS = (GREETING,)


def parts_of(configuration: Configuration) -> tuple[Part, ...]:
    """The parts that a group uses."""
    return tuple(part for part in _PARTS if part.used(configuration))
