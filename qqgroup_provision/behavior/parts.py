"""All parts of the engine, in the order in which they are asked about a message."""

from __future__ import annotations

from qqgroup_provision.behavior.activities.part import ACTIVITIES
from qqgroup_provision.behavior.commands import COMMANDS
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.curfew import CURFEW
from qqgroup_provision.behavior.greeting import GREETING
from qqgroup_provision.behavior.inactive import INACTIVE
from qqgroup_provision.behavior.newcomer import NEWCOMER
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.review import REVIEW
from qqgroup_provision.behavior.schedules import SCHEDULES
from qqgroup_provision.behavior.statistics import STATISTICS

_PARTS = (COMMANDS, ACTIVITIES, GREETING, REVIEW, NEWCOMER, SCHEDULES, CURFEW, STATISTICS, INACTIVE)


def parts_of(configuration: Configuration) -> tuple[Part, ...]:
    """The parts that a group uses."""
    return tuple(part for part in _PARTS if part.used(configuration))
