"""What is configured of topics: tags that messages are sorted by, and what is made of those that have one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from qqgroup_provision.behavior.conditions import NOWHERE, Condition, How
from qqgroup_provision.behavior.configuration import Cooldown, Saying
from qqgroup_provision.behavior.index import stands
from qqgroup_provision.behavior.normal import fold
from qqgroup_provision.diagnostics import Place

KIND = "topics"
SIGN = "#"
DAY = 86400.0
_MOST = 50  # signs of one message that are looked at
NUDGED, SEARCHED = Cooldown(group=600.0, user=3600.0), Cooldown(user=10.0)  # where nothing is said of it


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag. A message has it whose author wrote `#name`, or one of the aliases so, and one of which `when` holds."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    when: Condition | None = None
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it is known by, in the form in which texts are compared."""
        return tuple(dict.fromkeys(fold(name) for name in (self.name, *self.aliases, self.key)))


@dataclass(frozen=True, slots=True)
class Nudge:
    """What is said to somebody who seems to ask something and names no tag; without sayings, words of the bot's own.

    `when` says what seems to be a question, if what the bot takes for one is not meant.
    """

    sayings: tuple[Saying, ...] = ()
    when: Condition | None = None
    cooldown: Cooldown = NUDGED
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """A list of what was tagged since the last one, told when `at` says, in the words of cron.

    `characters` of each text stand in it, and `most` texts of each tag.
    """

    at: str
    characters: int = 40
    most: int = 10
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Search:
    """Whether people may search, how many results they are told, and how long until they may again."""

    most: int = 5
    cooldown: Cooldown = SEARCHED


@dataclass(frozen=True, slots=True)
class Topics:
    """Tagged texts are kept for `keep` seconds, others never. `markers` are the roles that may tag by a command."""

    tags: tuple[Tag, ...] = ()
    keep: float = 90 * DAY
    markers: frozenset[str] = frozenset()
    nudge: Nudge | None = None
    digest: Digest | None = None
    search: Search | None = None
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def conditions(self) -> Iterator[Condition]:
        """All that is looked for in messages."""
        yield from (tag.when for tag in self.tags if tag.when is not None)
        if self.nudge is not None and self.nudge.when is not None:
            yield self.nudge.when

    def called(self, written: str) -> Tag | None:
        """The tag of a name as people write it, with `#` or without."""
        name = fold(written).removeprefix(SIGN)
        return next((tag for tag in self.tags if name in tag.names), None)

    def written_in(self, text: str) -> frozenset[str]:
        """The keys of the tags that are written in a text in its normal form: `#求助` also before more Chinese.

        Of names that begin alike the longest one counts.
        """
        found: set[str] = set()
        start = text.find(SIGN)
        for _ in range(_MOST):
            if start < 0:
                break
            fits = [
                (len(name), tag.key)
                for tag in self.tags
                for name in tag.names
                if text.startswith(name, start + 1) and stands(How.WHOLE_WORD, text, start + 1, start + 1 + len(name))
            ]
            if fits:
                found.add(max(fits)[1])
            start = text.find(SIGN, start + 1)
        return frozenset(found)
