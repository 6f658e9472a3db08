"""What is asked of those who want to come in, and of those who just did, as values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from qqgroup_provision.behavior.conditions import NOWHERE, Condition
from qqgroup_provision.diagnostics import Place

if TYPE_CHECKING:
    from qqgroup_provision.behavior.configuration import Saying


class Course(Enum):
    """What becomes of a request to join. The words are those of YAML."""

    APPROVE = "approve"
    REJECT = "reject"
    ADMINS = "leave_to_admins"


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to be so of a request, all of it at once. `None` and 0 ask nothing.

    Whatever could not be found out is never so: an unknown level is neither below nor at least any other, and a
    group whose size nobody tells is neither full nor not. `within` and `left_within` are in seconds.
    """

    level_below: int | None = None
    level_at_least: int | None = None
    level_known: bool | None = None
    blacklist: bool | None = None
    invited: bool | None = None
    full: bool | None = None
    answer: Condition | None = None
    attempts: int = 0
    within: float = 0.0
    left_within: float = 0.0


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """One rule of a review: what happens to requests of which the demand holds, and what those who ask are told."""

    course: Course
    demand: Demand = Demand()
    reason: str = ""
    otherwise: bool = False  # whether it is for all that no rule before it was for
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Review:
    """The rules in the order in which they are tried; a request that fits none is left to the admins."""

    rules: tuple[ReviewRule, ...]
    blacklist: frozenset[int] = frozenset()
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def answers(self) -> Iterator[Condition]:
        """What is looked for in answers."""
        return (rule.demand.answer for rule in self.rules if rule.demand.answer is not None)

    @property
    def needs_level(self) -> bool:
        demands = (rule.demand for rule in self.rules)
        return any((one.level_below, one.level_at_least, one.level_known) != (None, None, None) for one in demands)

    @property
    def needs_room(self) -> bool:
        return any(rule.demand.full is not None for rule in self.rules)

    @property
    def refused_within(self) -> float:
        """For how many seconds a refused request counts."""
        return max((rule.demand.within for rule in self.rules), default=0.0)

    @property
    def left_within(self) -> float:
        """For how many seconds it counts that somebody left."""
        return max((rule.demand.left_within for rule in self.rules), default=0.0)


class Otherwise(Enum):
    """What becomes of newcomers who do not answer. The words are those of YAML."""

    KICK = "kick"
    MUTE = "mute"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A question to be answered within some seconds of coming in.

    `remind_before` is how long before the end somebody is reminded, 0 for never. After `attempts` answers that were
    wrong nobody waits for another; 0 is no limit. `mute` is in seconds.
    """

    question: tuple[Saying, ...]
    answer: Condition
    within: float
    otherwise: Otherwise = Otherwise.REPORT
    mute: float = 0.0
    remind_before: float = 0.0
    attempts: int = 0
    thanks: tuple[Saying, ...] = ()
    exempt_roles: frozenset[str] = frozenset()
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def sayings(self) -> tuple[Saying, ...]:
        return (*self.question, *self.thanks)


_QUESTION = re.compile(r"\s*问题[：:]")
_ANSWER = re.compile(r"\s*问题[：:].*?\n[ \t]*答案[：:](.*)\Z", re.DOTALL)


def answer_of(comment: str) -> str:
    """What somebody wrote themselves, of the comment of a request: QQ puts the group's question before the answer,
    as `问题：…` and `答案：…` on a line of its own (qq_protocol §7.1).

    A question without an answer is no answer at all, whatever words are in the question.
    """
    found = _ANSWER.match(comment.replace("\r\n", "\n"))
    if found is not None:
        return found[1].strip()
    return "" if _QUESTION.match(comment) else comment.strip()
