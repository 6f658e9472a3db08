"""Who can take part in a rehearsal of a group: people of the workspace, and actors everybody can use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qqgroup_provision.behavior.event import Person as Actor
from qqgroup_provision.ports import Rank
from qqgroup_provision.workspace.model import Group, Person

# Under numbers that no account of QQ has.
BOT = Actor(4, "bot")
ACTORS = {
    "member": Actor(1, "member"),
    "admin": Actor(2, "admin", Rank.ADMIN),
    "owner": Actor(3, "owner", Rank.OWNER),
    "bot": BOT,
    "stranger": Actor(5, "stranger"),
}

_LONGEST_NUMBER = 12  # digits; those of QQ have fewer


class Cast:
    """The people of a workspace, as members of one of its groups."""

    def __init__(self, people: Mapping[str, Person], group: Group) -> None:
        self._people = people
        self._admins = {person.qq for role in group.roles or () if role.admin is True for person in role.members}

    def actor(self, name: Any) -> Actor | None:
        """The one of ACTORS, else the person under that key, else the one with that QQ number; `None` for nobody."""
        if name in ACTORS:
            return ACTORS[name]
        person = self._people.get(name) or _numbered(name)
        return Actor(person.qq, person.name, self.rank(person.qq)) if person is not None else None

    def called(self, name: str) -> Actor | None:
        """The same for what people type, who may also use the name of a person, if it is that one's alone."""
        if name.isdigit() and (not name.isascii() or not 0 < len(name) <= _LONGEST_NUMBER):
            return None
        return self.actor(name) or self.actor(dict(self.aliases()).get(name))

    def rank(self, qq: int) -> Rank:
        """Whoever is in a role with `admin: true` is an admin, and everybody else a plain member."""
        return Rank.ADMIN if qq in self._admins else Rank.MEMBER

    def names(self) -> Iterator[tuple[int, str]]:
        """Every QQ number with the name it is shown and called by."""
        yield from ((actor.qq, name) for name, actor in ACTORS.items())
        yield from ((person.qq, person.key) for person in self._people.values())

    def aliases(self) -> Iterator[tuple[str, int]]:
        """What else people are called, with their numbers: the names that are theirs alone."""
        owners: dict[str, set[int]] = {}
        for person in self._people.values():
            owners.setdefault(person.name, set()).add(person.qq)
        return ((name, numbers.pop()) for name, numbers in owners.items() if len(numbers) == 1)


def _numbered(name: Any) -> Person | None:
    if isinstance(name, int) or (isinstance(name, str) and name.isascii() and name.isdigit()):
        return Person(f"qq-{name}", int(name), str(name))
    return None
