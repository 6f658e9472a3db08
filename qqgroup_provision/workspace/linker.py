"""`links` of all groups of a workspace: names become numbers, lists of linked groups one list, and faults are told.

What comes of it is plain data that says everything a bot has to know of the other groups, so that a group's document
needs no other one; linked.py makes values of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import listed, say
from qqgroup_provision.workspace.files import read_asset
from qqgroup_provision.workspace.linked import PLACEHOLDERS, reason_of
from qqgroup_provision.workspace.model import Asset, Person
from qqgroup_provision.workspace.phrases import unknown_person
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

MOST_LISTED = 20_000  # people of one list of linked groups
_SHARING = frozenset({"blacklist", "whitelist", "one_group", "shared_strikes"})
_LONGEST_LINE = 64  # characters, as of a key of people.yaml
_SMALLEST, _LARGEST = 10_001, 4_294_967_295  # as numbers in YAML

Body: TypeAlias = Mapping[str, Any]


class Linker:
    """Puts the links of composed groups together. `places` are of their files. Faults are collected in `found`."""

    def __init__(
        self,
        root: Path,
        bodies: Mapping[str, Body],
        places: Mapping[str, Place],
        positions: Positions,
        person: Callable[[Any], Person | None],
        bots: Collection[str],
    ) -> None:
        self.found: list[Diagnostic] = []
        self.assets: dict[str, Asset] = {}
        self._root = root
        self._bodies = {key: body for key, body in bodies.items() if "id" in body}
        self._places = places
        self._positions = positions
        self._person = person
        self._bots = bots
        self._written = {key: body["links"] for key, body in self._bodies.items() if body.get("links")}
        self._named_so: defaultdict[str, list[str]] = defaultdict(list)  # the groups of each name
        self._known: dict[int, frozenset[int]] = {}  # the people of each list: many groups may inherit one
        self._told: set[object] = set()  # what was examined: a container that is inherited is told of once
        self._files: dict[str, frozenset[int]] = {}

    def resolved(self) -> dict[str, Body]:
        """The links of each group that has any, as its document has them."""
        for key, written in self._written.items():
            self._named_so[written["name"]].append(key)
        lists = {
            (name, which): frozenset[int]().union(*{self._list(key, which) for key in keys})
            for name, keys in self._named_so.items()
            for which in ("blacklist", "whitelist")
        }
        found = {key: self._resolve(key, lists) for key in self._written}
        for key, written in self._written.items():
            self._alone(key, written)
        self.found.extend(self._circles())
        return found

    def _list(self, key: str, which: str) -> frozenset[int]:
        container = self._written[key].get(which) or {}
        return self._people(key, container, "people") | self._listed(key, container)

    def _resolve(self, key: str, lists: Mapping[tuple[str, str], frozenset[int]]) -> Body:
        written = self._written[key]
        linked = [self._neighbour(one) for one in self._linked(key)]
        item: dict[str, Any] = {"name": written["name"], "linked": linked}
        black, white = lists[written["name"], "blacklist"], lists[written["name"], "whitelist"]
        own = written.get("blacklist") or {}
        spared = self._people(key, own, "except")
        self._torn(key, white & black - spared)
        if "blacklist" in written or black:
            kept = ("removed_by_rules", "on_member", "reason")
            item["blacklist"] = {"people": sorted(black), "except": sorted(spared)} | {
                name: own[name] for name in kept if name in own
            }
        if white:
            item["whitelist"] = sorted(white)
        if written.get("shared_strikes"):
            item["shared_strikes"] = True
        if written.get("overflow"):
            item["overflow"] = self._overflow(key, written["overflow"])
        if written.get("member_of"):
            item["member_of"] = self._member_of(key, written["member_of"])
        if written.get("one_group"):
            item["one_group"] = self._one_group(key, written["one_group"], item.get("member_of"))
        return {name: value for name, value in item.items() if value is not None}

    def _linked(self, key: str) -> list[str]:
        return sorted(one for one in self._named_so[self._written[key]["name"]] if one != key)

    def _neighbour(self, key: str) -> dict[str, Any]:
        body = self._bodies[key]
        return {"id": int(body["id"]), "name": str((body.get("profile") or {}).get("name") or key)}

    def _one_group(self, key: str, written: Any, member_of: Body | None) -> Body:
        """All linked groups but the one whose members alone get in: they are in two."""
        said = written if isinstance(written, dict) else {}
        needed = member_of["group"]["id"] if member_of else 0
        among = [one for one in map(self._neighbour, self._linked(key)) if one["id"] != needed]
        exempt = said.get("exempt") or {}
        roles = {role["key"] for role in self._bodies[key].get("roles") or ()}
        for index, name in enumerate(exempt.get("roles", ())):
            place = self._place(exempt["roles"], index, key)
            if name not in roles and place.file == self._places[key].file:
                hint = suggest(name, roles)
                self.found.append(
                    Diagnostic("QG336", say("The group has no role `{name}`.", name=name), place=place, hint=hint)
                )
        people = {
            "people": sorted(self._people(key, exempt, "people")),
            "roles": sorted(roles & {*exempt.get("roles", ())}),
        }
        reason = {"reason": said["reason"]} if "reason" in said else {}
        return {"among": among, "exempt": {name: some for name, some in people.items() if some}, **reason}

    def _overflow(self, key: str, written: Any) -> Body | None:
        """Every group that people are sent to, the nearest first."""
        chain: list[str] = []
        at, container = key, written
        while container:
            other = self._named(at, container, "to")
            if other is None or other == key or other in chain:
                break
            chain.append(other)
            at, container = other, (self._written.get(other) or {}).get("overflow")
        reason = self._reason(key, written)
        if not chain:
            return None
        kept = {"keep_free": written["keep_free"]} if "keep_free" in written else {}
        return {"to": [self._neighbour(one) | self._kept_free(one) for one in chain], **kept, **reason}

    def _kept_free(self, key: str) -> dict[str, int]:
        keep = ((self._written.get(key) or {}).get("overflow") or {}).get("keep_free", 0)
        return {"keep_free": keep} if keep else {}

    def _member_of(self, key: str, written: Any) -> Body | None:
        other = self._named(key, written, "group")
        reason = self._reason(key, written)
        if other is None or other == key:
            return None
        return {"group": self._neighbour(other), **reason}

    def _named(self, key: str, container: Body, word: str) -> str | None:
        """A group that is named, if there is one with the same bot."""
        name: str = container[word]
        place = self._place(container, word, key)
        if name not in self._bodies:
            self._once(
                container,
                Diagnostic(
                    "QG366",
                    say("There is no group `{name}`.", name=name),
                    place=place,
                    hint=suggest(name, self._bodies),
                ),
            )
            return None
        if not self._same_bot(name, key):
            self._once(container, _other_bot(name, place))
            return None
        return name

    def _same_bot(self, one: str, other: str) -> bool:
        """Whether one bot looks after both. Where no bot is named there is one, or that is told of elsewhere."""
        return len({self._bodies[key].get("bot") for key in (one, other)} & {*self._bots}) < 2

    def _circles(self) -> Iterator[Diagnostic]:
        """QG367: nobody would ever come in anywhere, or two full groups would send people to each other."""
        for section, word in (("overflow", "to"), ("member_of", "group")):
            told: set[str] = set()
            for key in self._written:
                ring, at = [key], key
                while written := (self._written.get(at) or {}).get(section):
                    at = written[word]
                    if at in ring:
                        break
                    ring.append(at)
                else:
                    continue
                ring = ring[ring.index(at) :]
                if told.isdisjoint(ring):
                    told.update(ring)
                    yield Diagnostic(
                        "QG367",
                        say("This goes round in a circle: {ring}.", ring=" → ".join((*ring, ring[0]))),
                        place=self._place(self._written[ring[0]][section], word, ring[0]),
                        hint=say("Take one of them out of the circle."),
                    )

    def _alone(self, key: str, written: Body) -> None:
        """Groups of one name that have different bots (QG368), and a name that no other group has (QG374)."""
        place = self._place(written, "name", key)
        for other in self._linked(key):
            if not self._same_bot(other, key):
                self._once(written, _other_bot(other, place))
        if not self._linked(key) and not _SHARING.isdisjoint(written):
            self._once(
                written,
                Diagnostic(
                    "QG374",
                    say("No other group is linked by the name `{name}`.", name=written["name"]),
                    place=place,
                    hint=suggest(written["name"], {one["name"] for one in self._written.values()} - {written["name"]})
                    or say("Give the groups that are to share something the same `links.name`."),
                    severity=Severity.WARNING,
                ),
            )

    def _people(self, key: str, container: Body, word: str) -> frozenset[int]:
        """People of a list by number; a fault for each name nobody has."""
        named = container.get(word)
        if not named:
            return frozenset()
        if id(named) not in self._known:
            found = [self._person(name) for name in named]
            for index, person in enumerate(found):
                if person is None:
                    self.found.append(unknown_person(named[index], self._place(named, index, key)))
            self._known[id(named)] = frozenset(person.qq for person in found if person is not None)
        return self._known[id(named)]

    def _listed(self, key: str, container: Body) -> frozenset[int]:
        """People of a file: a name or a QQ number a line, and what comes after `#` is a comment."""
        if "file" not in container:
            return frozenset()
        path: str = container["file"]
        if path not in self._files:
            self._files[path] = frozenset()
            place = self._place(container, "file", key)
            try:
                content = read_asset(self._root, path, place)
            except InvalidInput as error:
                self.found.extend(error.diagnostics)
            else:
                self.assets[path] = Asset(path, sha256(content).hexdigest(), len(content))
                self._files[path] = frozenset(self._lines(path, content, place))
        return self._files[path]

    def _lines(self, path: str, content: bytes, place: Place) -> Iterator[int]:
        lines = content.decode("utf-8-sig", "replace").splitlines()
        written = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1)]
        entries = [(number, line) for number, line in written if line]
        if len(entries) > MOST_LISTED:
            self.found.append(_too_many(path, place))
            return
        for number, line in entries:
            person = self._person(line) if len(line) <= _LONGEST_LINE else None
            if person is None or not _SMALLEST <= person.qq <= _LARGEST:
                self.found.append(_no_person(line, Place(path, number, 1)))
                return  # one line tells what the file is
            yield person.qq

    def _torn(self, key: str, people: Collection[int]) -> None:
        """QG369: who is on both lists, unless this group excepts them."""
        if people:
            written = self._written[key]
            which = "blacklist" if "blacklist" in written else "whitelist" if "whitelist" in written else "name"
            self._once(
                written,
                Diagnostic(
                    "QG369",
                    say(
                        "{qq} is on the whitelist and on the blacklist of the groups linked by `{name}`.",
                        qq=min(people),
                        name=written["name"],
                    ),
                    place=self._positions.key(written, which, self._places[key]),
                    hint=say("Take them off one of the two, or name them under `except` here."),
                ),
            )

    def _reason(self, key: str, written: Body) -> dict[str, str]:
        """The reason that is written, if it is one."""
        if "reason" not in written:
            return {}
        try:
            reason_of(written["reason"])
        except ValueError:
            known = listed(f"{{{name}}}" for name in PLACEHOLDERS)
            self.found.append(
                Diagnostic(
                    "QG334",
                    say("A brace here belongs to no placeholder."),
                    place=self._place(written, "reason", key),
                    hint=say("There are {names}. Double a brace that is meant as one.", names=known),
                )
            )
            return {}
        return {"reason": written["reason"]}

    def _once(self, container: Body, fault: Diagnostic) -> None:
        if (id(container), fault.code) not in self._told:
            self._told.add((id(container), fault.code))
            self.found.append(fault)

    def _place(self, container: Any, key: Any, group: str) -> Place:
        return self._positions.value(container, key, self._places[group])


def _other_bot(name: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG368",
        say("Another bot looks after `{name}`.", name=name),
        place=place,
        hint=say("Linked groups need one bot: it has to see all of them, and to remember for all of them."),
    )


def _too_many(path: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG370",
        say("`{path}` names more than {most} people.", path=path, most=MOST_LISTED),
        place=place,
        hint=say("Shorten the list."),
    )


def _no_person(line: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG370",
        say("This line names nobody: {line}.", line=f"“{line[:40]}”"),
        place=place,
        hint=say("Write a QQ number or a name of people.yaml on each line; `#` begins a comment."),
    )
