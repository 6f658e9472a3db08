"""All parts of the engine, in the order in which they are asked about a message."""

from __future__ import annotations

from qqgroup_provision.behavior.activities.part import ACTIVITIES
from qqgroup_provision.behavior.appeals import APPEALS
from qqgroup_provision.behavior.barring import BARRING
from qqgroup_provision.behavior.cards import CARDS
from qqgroup_provision.behavior.commands import COMMANDS
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.curfew import CURFEW
from qqgroup_provision.behavior.greeting import GREETING
from qqgroup_provision.behavior.inactive import INACTIVE
from qqgroup_provision.behavior.last_resort import LAST_RESORT
from qqgroup_provision.behavior.newcomer import NEWCOMER
from qqgroup_provision.behavior.nudging import NUDGING
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.review import REVIEW
from qqgroup_provision.behavior.schedules import SCHEDULES
from qqgroup_provision.behavior.statistics import STATISTICS
from qqgroup_provision.behavior.tagging import TAGGING

_PARTS = (
    COMMANDS, TAGGING, ACTIVITIES, GREETING, REVIEW, BARRING, NEWCOMER, SCHEDULES, CURFEW, STATISTICS, INACTIVE,
    APPEALS, CARDS, LAST_RESORT, NUDGING,
)  # fmt: skip


def parts_of(configuration: Configuration) -> tuple[Part, ...]:
    """The parts that a group uses."""
    return tuple(part for part in _PARTS if part.used(configuration))
