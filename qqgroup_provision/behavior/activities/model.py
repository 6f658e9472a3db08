"""Activities as values. Words are as YAML has them; moments have a time zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from qqgroup_provision.behavior.conditions import NOWHERE, Condition
from qqgroup_provision.behavior.configuration import Hours
from qqgroup_provision.diagnostics import Place

# What is said where YAML names no word of its own.
VOTE, NOMINATE, ENTER, CHECK_IN, MAKE_UP = "投", "提名", "参加抽奖", "打卡", "补卡"


@dataclass(frozen=True, slots=True)
class Timed:
    """What begins at one moment and ends at another: what is said from `opens` on, and before `closes`, counts."""

    key: str
    title: str
    opens: datetime
    closes: datetime
    place: Place = field(default=NOWHERE, compare=False, kw_only=True)

    @property
    def answers(self) -> tuple[Condition, ...]:
        """What is looked for in what people say, besides a word."""
        return ()


@dataclass(frozen=True, slots=True)
class Vote(Timed):
    """Everybody has one vote, said as the word and the number of an option; with `changeable` the last one counts."""

    options: tuple[str, ...]
    changeable: bool = False
    word: str = VOTE


@dataclass(frozen=True, slots=True)
class Nomination(Timed):
    """Everybody names one member, once."""

    word: str = NOMINATE


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the answers that are right. `told` is one of them, where it can be told."""

    ask: str
    answer: Condition
    told: str = ""
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Quiz(Timed):
    """Whoever answers a question first gets a point. `each` seconds for one after the other; 0 is all at once."""

    questions: tuple[Question, ...]
    each: float = 0.0

    @property
    def answers(self) -> tuple[Condition, ...]:
        return tuple(question.answer for question in self.questions)


@dataclass(frozen=True, slots=True)
class Prize:
    """Something that so many people win."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Lottery(Timed):
    """A draw among those who said the word, and whom none of these roles excludes."""

    prizes: tuple[Prize, ...]
    word: str = ENTER
    exempt_roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MakeUp:
    """Checking in for the day before, so many times a month."""

    per_month: int
    word: str = MAKE_UP


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Something that is said once a day within a part of it; days in a row are counted."""

    key: str
    title: str
    window: Hours
    word: str = CHECK_IN
    make_up: MakeUp | None = None
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def answers(self) -> tuple[Condition, ...]:
        return ()


Activity: TypeAlias = Vote | Nomination | Quiz | Lottery | CheckIn
