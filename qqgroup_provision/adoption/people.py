"""Who is who: keys and names for QQ numbers, those of people.yaml first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from qqgroup_provision.adoption.names import slug, unused
from qqgroup_provision.ports import LiveMember
from qqgroup_provision.workspace.model import Person

_LONGEST = 60  # characters of a name (schemas/people.schema.json)
_TAGGED = re.compile(r"[\[【(（「《][^\]】)）」》]*[\]】)）」》]\s*(\S.*)\Z", re.DOTALL)


class People:
    """Names people when they are first spoken of.

    `bare` are numbers that YAML writes as such: they stay, since a key would give what they have another address.
    `met` are the members that the import saw, by number, one entry a group.
    """

    def __init__(self, known: Iterable[Person], bare: Iterable[int], met: Mapping[int, Iterable[LiveMember]]) -> None:
        self.added: dict[str, Person] = {}
        self._by_number = {person.qq: person for person in known}
        self._keys = {person.key for person in self._by_number.values()}
        self._bare = frozenset(bare)
        self._met = met

    def written(self, number: int) -> str | int:
        """How YAML speaks of somebody."""
        return number if number in self._bare and number not in self._by_number else self.person(number).key

    def name(self, number: int) -> str:
        """What `{name}` in a card stands for."""
        return str(number) if number in self._bare and number not in self._by_number else self.person(number).name

    def person(self, number: int) -> Person:
        if number not in self._by_number:
            seen = list(self._met.get(number, ()))
            nickname = next((member.nickname for member in seen if member.nickname), "")
            key = unused(slug(nickname) or f"qq-{number}", self._keys)
            name = _name(nickname, [member.card for member in seen if member.card])[:_LONGEST] or key
            self._keys.add(key)
            self.added[key] = self._by_number[number] = Person(key, number, name)
        return self._by_number[number]


def _name(nickname: str, cards: list[str]) -> str:
    """What cards call somebody: the nickname if one has it, what follows a tag in brackets, else a whole card."""
    if any(_fills(nickname, card) for card in cards):
        return nickname
    for card in cards:
        if tagged := _TAGGED.match(card):
            return tagged[1]
    return cards[0] if cards else nickname


def _fills(name: str, card: str) -> bool:
    return card == name or (len(name) > 1 and card.count(name) == 1)


def card_pattern(card: str, name: str) -> str:
    """The card as a role would give it: with `{name}` where the person's name stands, else as it is."""
    return card.replace(name, "{name}") if name and _fills(name, card) else card
