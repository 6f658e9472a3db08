"""What the items of a bot have in common in YAML, typed: conditions, people, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from types import MappingProxyType
from typing import Any

from qqgroup_provision.behavior import conditions as c
from qqgroup_provision.behavior.configuration import Mention, Picture, Piece, Saying, Spoken, Who
from qqgroup_provision.behavior.hosts import Hosts
from qqgroup_provision.behavior.personal import Sort
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.ports import Rank
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.model import Asset, Person, Role
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}
_ANSWER = 80  # how much a sentence has to resemble where nothing is said of it


class Phrases:
    """Reads them from the composed body of one group. Faults are collected in `found`."""

    def __init__(
        self,
        body: Mapping[str, Any],
        fallback: Place,
        positions: Positions,
        roles: Sequence[Role],
        zone: tzinfo,
        person: Callable[[Any], Person | None],
        image: Callable[[Mapping[str, Any], str], Asset | None],
        hosts: Callable[[Any, Any], Hosts | None],
        assistants: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.found: list[Diagnostic] = []
        self.body = body
        self.fallback = fallback
        self.positions = positions
        self.roles = roles
        self.zone = zone
        self._person = person
        self._image = image
        self._hosts = hosts
        self.assistants = assistants

    # Conditions

    def condition(self, written: Mapping[str, Any]) -> c.Condition:
        """Several keys of one mapping have to hold together."""
        parts = tuple(self._part(written, key) for key in written)
        return parts[0] if len(parts) == 1 else c.All(parts)

    def _part(self, written: Mapping[str, Any], key: str) -> c.Condition:
        value, place = written[key], self.positions.value(written, key, self.fallback)
        if key in ("all", "any"):
            inner = tuple(self.condition(part) for part in value)
            return c.All(inner) if key == "all" else c.Any(inner)
        if key == "not":
            return c.Not(self.condition(value))
        if key == "fuzzy":
            fields = value if isinstance(value, dict) else {"text": value}
            return c.Fuzzy(fields["text"], fields.get("score", _ANSWER), place)
        if key in _LEAVES:
            return _LEAVES[key](value, place)
        if key == "phishing":
            return self._phishing(written, place)
        if key == "longer_than":
            return c.Longer(value, place)
        if key == "flood":
            return c.Flood(value["messages"], seconds(value["within"]), place)
        if key == "repeat":
            return c.Repeat(value["times"], seconds(value["within"]), place)
        if isinstance(value, bool):
            has = c.Has(c.Trait(key), place)
            return has if value else c.Not(has)
        if isinstance(value, str):
            return _text(key, value, place)
        many = (_text(key, one, self.positions.value(value, n, place)) for n, one in enumerate(value))
        return c.Any(tuple(many))

    def _phishing(self, written: Mapping[str, Any], place: Place) -> c.Phishing:
        value = written["phishing"]
        if isinstance(value, str):
            named, imitated = [self._hosts(written, "phishing")], ()
        else:
            paths = value.get("lists") or ()
            named = [self._hosts(paths, number) for number in range(len(paths))]
            imitated = tuple(value.get("imitates") or ())
        return c.Phishing(tuple(one for one in named if one is not None), imitated, place)

    def who(self, written: Mapping[str, Any]) -> Who:
        for key in ("roles", "not_roles"):
            self.known_roles(written, key)
        return Who(
            frozenset(_RANKS[rank] for rank in written.get("ranks", ())),
            frozenset(written.get("roles", ())),
            frozenset(written.get("not_roles", ())),
            written.get("level", 0),
        )

    def known_roles(self, written: Mapping[str, Any], key: str) -> None:
        """QG336 for each role of a list that the group does not have."""
        known = {role.key for role in self.roles}
        for index, name in enumerate(written.get(key, ())):
            if name not in known:
                self.found.append(
                    Diagnostic(
                        "QG336",
                        say("The group has no role `{name}`.", name=name),
                        place=self.positions.value(written[key], index, self.fallback),
                        hint=suggest(name, known),
                    )
                )

    # What is said

    def sayings(self, container: Mapping[str, Any], key: str) -> tuple[Saying, ...]:
        written = container[key]
        if not isinstance(written, dict):
            return (self._saying(container, key),)
        if "random" in written:
            return tuple(self._saying(written["random"], index) for index in range(len(written["random"])))
        return tuple(self._saying(item, "say", item["weight"]) for item in written["weighted"])

    def _saying(self, container: Any, key: Any, weight: int = 1) -> Saying:
        written, place = container[key], self.positions.value(container, key, self.fallback)
        if isinstance(written, str):
            return Saying((self._spoken(container, key),), weight, place)
        pieces = (self._piece(written, index) for index in range(len(written)))
        return Saying(tuple(piece for piece in pieces if piece is not None), weight, place)

    def _piece(self, container: Any, index: int) -> Piece | None:
        written = container[index]
        if isinstance(written, str):
            return self._spoken(container, index)
        if "text" in written:
            return self._spoken(written, "text")
        if "image" in written:
            asset = self._image(written, "image")
            return Picture(asset.path, asset.sha256) if asset is not None else None
        if written["at"] == "sender":
            return Mention()
        person = self.known(written, "at")
        return Mention(person.qq) if person is not None else None

    def _spoken(self, container: Any, key: Any) -> Spoken:
        try:
            return Spoken(parse(container[key]))
        except ValueError:
            self.found.append(
                Diagnostic(
                    "QG334",
                    say("A brace here belongs to no placeholder."),
                    place=self.positions.value(container, key, self.fallback),
                    hint=say("Double a brace that is meant as one: {example}.", example="`{{` `}}`"),
                )
            )
            return Spoken(())

    def known(self, container: Any, key: Any) -> Person | None:
        """Somebody by name or number; a fault for a name nobody has."""
        person = self._person(container[key])
        if person is None:
            self.found.append(unknown_person(container[key], self.positions.value(container, key, self.fallback)))
        return person


def unknown_person(name: object, place: Place) -> Diagnostic:
    """QG306, as where members of a role are named."""
    return Diagnostic(
        "QG306",
        say("Nobody is called `{name}` in people.yaml.", name=name),
        place=place,
        hint=say("Add `{name}: <QQ number>` to people.yaml.", name=name),
    )


def _text(key: str, written: str, place: Place) -> c.Leaf:
    return c.Expression(written, place) if key == "regex" else c.Words(c.How(key), written, place)


def _qr(written: Any, place: Place) -> c.Condition:
    if isinstance(written, bool):
        return c.Qr(place=place) if written else c.Not(c.Qr(place=place))
    if "invitation" in written:
        return c.Qr(invitation=True, place=place)
    others = "except" in written
    return c.Qr(tuple(written["except" if others else "hosts"]), others, place=place)


def _personal(written: Any, place: Place) -> c.Condition:
    everything = c.Personal(tuple(map(str, Sort)), place)
    return (
        c.Personal(tuple(written), place)
        if isinstance(written, list)
        else everything
        if written
        else c.Not(everything)
    )


def _link(written: Any, place: Place) -> c.Condition:
    if isinstance(written, bool):
        return c.Link(place=place) if written else c.Not(c.Link(place=place))
    if "hosts" in written:
        return c.Link(tuple(written["hosts"]), others=False, place=place)
    return c.Link(tuple(written["except"]), others=True, place=place)


_LEAVES: Mapping[str, Callable[[Any, Place], c.Condition]] = {
    "link": _link, "qr": _qr, "personal_data": _personal,
}  # fmt: skip
