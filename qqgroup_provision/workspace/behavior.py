"""What a composed group says of its bot, typed. Loaded only for groups that say something of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import time, tzinfo
from typing import Any

from qqgroup_provision.behavior import checks
from qqgroup_provision.behavior import conditions as c
from qqgroup_provision.behavior.configuration import (
    Configuration,
    Cooldown,
    Greeting,
    Hours,
    Mention,
    Penalty,
    Picture,
    Piece,
    Reply,
    Rule,
    Saying,
    Spoken,
    Who,
)
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.ports import Rank
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.model import Asset, Person, Role
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

Q_GROUP_MANAGER = 2854196310  # QQ's own Q群管家, which answers in many groups

_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}
_DECAY = 30 * 86400.0  # seconds until a strike is forgotten where nothing is said of it
_ANSWER = 80  # how much a sentence has to resemble where nothing is said of it


class BehaviorBuilder:
    """Builds the behaviour of one group. Faults are collected in `found`."""

    def __init__(
        self,
        body: Mapping[str, Any],
        fallback: Place,
        positions: Positions,
        roles: Sequence[Role],
        zone: tzinfo,
        person: Callable[[Any], Person | None],
        image: Callable[[Mapping[str, Any], str], Asset | None],
    ) -> None:
        self.found: list[Diagnostic] = []
        self._body = body
        self._fallback = fallback
        self._positions = positions
        self._roles = roles
        self._zone = zone
        self._person = person
        self._image = image

    def build(self) -> Configuration:
        """The configuration, as far as it goes, and everything that is wrong with it in `found`."""
        body = self._body
        named = body.get("other_bots") or ()
        bots = {Q_GROUP_MANAGER, *(found.qq for n in range(len(named)) if (found := self._known(named, n)))}
        built = Configuration(
            group=body["key"],
            group_id=int(body["id"]),
            group_name=(body.get("profile") or {}).get("name") or body["key"],
            zone=self._zone,
            rules=self._rules((body.get("rules") or {}).get("items") or ()),
            replies=self._replies(body.get("replies") or ()),
            welcome=self._greeting("welcome"),
            farewell=self._greeting("farewell"),
            roles=_roles_of(self._roles),
            bots=frozenset(bots),
        )
        if not self.found:
            self.found.extend(checks.faults(built))
        return built

    def _replies(self, items: Sequence[Mapping[str, Any]]) -> tuple[Reply, ...]:
        """Those of the group's own file come first: what is nearer wins."""
        built = [self._reply(item) for item in items]
        return tuple(sorted(built, key=lambda reply: reply.place.file != self._fallback.file))

    def _rules(self, items: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
        """The same for rules."""
        built = [self._rule(item) for item in items]
        return tuple(sorted(built, key=lambda rule: rule.place.file != self._fallback.file))

    def _rule(self, item: Mapping[str, Any]) -> Rule:
        steps = item["penalties"]
        exempt, place = item.get("exempt") or {}, self._positions.value(item, "key", self._fallback)
        if place.file == self._fallback.file:  # a rule of a parent or template may name roles that are not here
            self._known_roles(exempt, "roles")
        return Rule(
            key=item["key"],
            text=item["text"],
            detect=self._condition(item["detect"]),
            penalties=tuple(
                _penalty(step, self._positions.value(steps, n, self._fallback)) for n, step in enumerate(steps)
            ),
            decay=seconds(item["strikes"]["decay"]) if "strikes" in item else _DECAY,
            exempt_roles=frozenset(exempt.get("roles", ())) & {role.key for role in self._roles},
            trial=item.get("trial", False),
            place=place,
        )

    def _reply(self, item: Mapping[str, Any]) -> Reply:
        return Reply(
            key=item["key"],
            when=self._condition(item["when"]),
            sayings=self._sayings(item, "reply"),
            cooldown=_cooldown(item.get("cooldown")),
            hours=tuple(
                Hours(time.fromisoformat(part["from"]), time.fromisoformat(part["to"]))
                for part in item.get("hours", ())
            ),
            who=self._who(item.get("who") or {}),
            quote=item.get("quote", False),
            place=self._positions.value(item, "key", self._fallback),
        )

    def _greeting(self, kind: str) -> Greeting | None:
        written = self._body.get(kind)
        if not written:
            return None
        merge = seconds(written["merge_within"]) if "merge_within" in written else 0.0
        place = self._positions.key(self._body, kind, self._fallback)
        return Greeting(self._sayings(written, "text"), merge, place)

    # Conditions

    def _condition(self, written: Mapping[str, Any]) -> c.Condition:
        """Several keys of one mapping have to hold together."""
        parts = tuple(self._part(written, key) for key in written)
        return parts[0] if len(parts) == 1 else c.All(parts)

    def _part(self, written: Mapping[str, Any], key: str) -> c.Condition:
        value, place = written[key], self._positions.value(written, key, self._fallback)
        if key in ("all", "any"):
            inner = tuple(self._condition(part) for part in value)
            return c.All(inner) if key == "all" else c.Any(inner)
        if key == "not":
            return c.Not(self._condition(value))
        if key == "fuzzy":
            fields = value if isinstance(value, dict) else {"text": value}
            return c.Fuzzy(fields["text"], fields.get("score", _ANSWER), place)
        if key == "link":
            return _link(value, place)
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
        many = (_text(key, one, self._positions.value(value, n, place)) for n, one in enumerate(value))
        return c.Any(tuple(many))

    def _who(self, written: Mapping[str, Any]) -> Who:
        for key in ("roles", "not_roles"):
            self._known_roles(written, key)
        return Who(
            frozenset(_RANKS[rank] for rank in written.get("ranks", ())),
            frozenset(written.get("roles", ())),
            frozenset(written.get("not_roles", ())),
            written.get("level", 0),
        )

    def _known_roles(self, written: Mapping[str, Any], key: str) -> None:
        """QG336 for each role of a list that the group does not have."""
        known = {role.key for role in self._roles}
        for index, name in enumerate(written.get(key, ())):
            if name not in known:
                self.found.append(
                    Diagnostic(
                        "QG336",
                        say("The group has no role `{name}`.", name=name),
                        place=self._positions.value(written[key], index, self._fallback),
                        hint=suggest(name, known),
                    )
                )

    # What is said

    def _sayings(self, container: Mapping[str, Any], key: str) -> tuple[Saying, ...]:
        written = container[key]
        if not isinstance(written, dict):
            return (self._saying(container, key),)
        if "random" in written:
            return tuple(self._saying(written["random"], index) for index in range(len(written["random"])))
        return tuple(self._saying(item, "say", item["weight"]) for item in written["weighted"])

    def _saying(self, container: Any, key: Any, weight: int = 1) -> Saying:
        written, place = container[key], self._positions.value(container, key, self._fallback)
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
        person = self._known(written, "at")
        return Mention(person.qq) if person is not None else None

    def _spoken(self, container: Any, key: Any) -> Spoken:
        try:
            return Spoken(parse(container[key]))
        except ValueError:
            self.found.append(
                Diagnostic(
                    "QG334",
                    say("A brace here belongs to no placeholder."),
                    place=self._positions.value(container, key, self._fallback),
                    hint=say("Double a brace that is meant as one: {example}.", example="`{{` `}}`"),
                )
            )
            return Spoken(())

    def _known(self, container: Any, key: Any) -> Person | None:
        """Somebody by name or number; a fault for a name nobody has."""
        person = self._person(container[key])
        if person is None:
            self.found.append(unknown_person(container[key], self._positions.value(container, key, self._fallback)))
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


def _link(written: Any, place: Place) -> c.Condition:
    if isinstance(written, bool):
        return c.Link(place=place) if written else c.Not(c.Link(place=place))
    if "hosts" in written:
        return c.Link(tuple(written["hosts"]), others=False, place=place)
    return c.Link(tuple(written["except"]), others=True, place=place)


def _penalty(written: Any, place: Place) -> Penalty:
    if isinstance(written, str):
        return Penalty(**{written: True}, place=place)
    mute = seconds(written["mute"]) if "mute" in written else None
    return Penalty(mute=mute, place=place, **{key: value for key, value in written.items() if key != "mute"})


def _cooldown(written: Any) -> Cooldown:
    if isinstance(written, str):
        return Cooldown(group=seconds(written))
    return Cooldown(**{key: seconds(value) for key, value in (written or {}).items()})


def _roles_of(roles: Sequence[Role]) -> dict[int, frozenset[str]]:
    """The roles of everybody who has one, by QQ number."""
    found: dict[int, frozenset[str]] = {}
    for role in roles:
        for person in role.members:
            found[person.qq] = found.get(person.qq, frozenset()) | {role.key}
    return found
