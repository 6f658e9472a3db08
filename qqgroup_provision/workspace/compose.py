"""Puts a group together from its own file, the templates it extends, and what it inherits from its parent.

Mappings are merged key by key and lists of keyed items item by item; anything else is replaced whole, and so are the
few mappings that mean something only as a whole. The nearer text wins: the group over its templates, a later template
over an earlier one, anything over the parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.positions import Entry, Positions
from qqgroup_provision.workspace.suggest import suggest

MAX_EXTENDS = 32  # templates in a chain, each extending the next

# Keys whose value is said as one: half of a condition is another condition, and nobody says two things at once.
WHOLE = frozenset(
    {
        "answer",
        "card_format",
        "detect",
        "fallback",
        "otherwise",
        "question",
        "reply",
        "send",
        "text",
        "thanks",
        "when",
    }
)

C = TypeVar("C", dict[str, Any], list[Any])

# What a sub-group takes over from its parent where it says nothing of its own.
INHERITED = ("account", "rules", "links")
OWN_LINKS = {"overflow", "member_of"}  # where one group sends people, and whom it takes, is its own affair


class Composer:
    """Composes every group of a workspace. Faults are collected in `found`; what is at fault is left out."""

    def __init__(
        self, groups: Mapping[str, Document], templates: Mapping[str, Document], positions: Positions
    ) -> None:
        self.found: list[Diagnostic] = []
        self._groups = groups
        self._templates = templates
        self._positions = positions
        self._extended: dict[str, dict[str, Any]] = {}  # template key -> its body, composed
        self._lengths: dict[str, int] = {}  # template key -> of the longest chain that begins with it
        self._composed: dict[str, dict[str, Any]] = {}

    def group(self, key: str) -> dict[str, Any]:
        """The whole body of one group."""
        line: list[str] = []  # the group and its ancestors that are not composed yet, nearest first
        above: str | None = key
        while above is not None and above not in self._composed:
            line.append(above)
            document = self._groups[above]
            parent = document.data.get("parent")
            above = parent if parent is not None and self._may_inherit(document, parent, line) else None
        for name in reversed(line):
            body = self._extend(self._groups[name], ())
            self._composed[name] = self._inherit(body, self._composed[above]) if above is not None else body
            above = name
        return self._composed[key]

    def _extend(self, document: Document, trail: tuple[str, ...]) -> dict[str, Any]:
        own: dict[str, Any] = document.data
        names = own.get("extends")
        if not names:
            return own
        base: dict[str, Any] = {}
        for index, name in enumerate(names):
            place = self._positions.value(names, index, document.place)
            template = self._template(name, place, trail)
            if template is not None:
                base = self._merge(base, template) if base else template
        return self._merge(base, own) if base else own

    def _template(self, name: str, place: Place, trail: tuple[str, ...]) -> dict[str, Any] | None:
        if name in trail:
            self._cycle("QG302", (*trail[trail.index(name) :], name), place)
            return None
        document = self._templates.get(name)
        if document is None:
            self.found.append(
                Diagnostic(
                    "QG301",
                    say("There is no template `{name}`.", name=name),
                    place=place,
                    hint=suggest(name, self._templates),
                )
            )
            return None
        if len(trail) + self._lengths.get(name, 1) > MAX_EXTENDS:
            self.found.append(_too_deep(name, place))
            return None
        if name not in self._extended:
            body = self._extend(document, (*trail, name))
            self._extended[name] = self._without(body, {"kind", "key", "extends"})
            extended = document.data.get("extends") or ()
            self._lengths[name] = 1 + max((self._lengths.get(other, 0) for other in extended), default=0)
        return self._extended[name]

    def _may_inherit(self, document: Document, parent: str, trail: list[str]) -> bool:
        place = self._positions.value(document.data, "parent", document.place)
        if parent not in self._groups:
            self.found.append(
                Diagnostic(
                    "QG303",
                    say("There is no group `{name}` to be the parent.", name=parent),
                    place=place,
                    hint=suggest(parent, self._groups),
                )
            )
            return False
        if parent in trail:
            self._cycle("QG304", (*trail[trail.index(parent) :], parent), place)
            return False
        return True

    def _cycle(self, code: str, ring: tuple[str, ...], place: Place) -> None:
        self.found.append(
            Diagnostic(
                code,
                say("This goes round in a circle: {ring}.", ring=" → ".join(ring)),
                place=place,
                hint=say("Take one of them out of the circle."),
            )
        )

    def _inherit(self, body: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
        body = self._inherit_blacklist(body, parent)
        missing = [key for key in INHERITED if key in parent and key not in body]
        if not missing:
            return body
        entries = dict(self._positions.entries(body))
        entries.update((key, self._positions.entries(parent)[key]) for key in missing)
        given = {key: parent[key] for key in missing}
        if given.get("links"):
            given["links"] = self._without(given["links"], OWN_LINKS)
        return self._recorded(body | given, entries)

    def _inherit_blacklist(self, body: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
        """Whom the parent does not let in, unless the group has a list of its own."""
        theirs, own = parent.get("join") or {}, body.get("join") or {}
        if "blacklist" not in theirs or "blacklist" in own:
            return body
        entries = {**self._positions.entries(own), "blacklist": self._positions.entries(theirs)["blacklist"]}
        join = self._recorded({**own, "blacklist": theirs["blacklist"]}, entries)
        places = {"join": self._positions.entries(parent)["join"], **self._positions.entries(body)}
        return self._recorded({**body, "join": join}, places)

    def _merge(self, base: Any, own: Any) -> Any:
        """`own` over `base`, as a new container with a table of places that leads into both."""
        positions = self._positions
        if isinstance(base, dict) and isinstance(own, dict):
            merged = dict(base)
            entries = dict(positions.entries(base))
            theirs = positions.entries(own)
            for key, value in own.items():
                merged[key] = self._merge(base[key], value) if key in base and key not in WHOLE else value
                entries[key] = theirs[key]
            return self._recorded(merged, entries)
        if _keyed(base) and _keyed(own):
            return self._merge_items(base, own)
        return own

    def _merge_items(self, base: list[Any], own: list[Any]) -> list[Any]:
        positions = self._positions
        merged = list(base)
        entries = dict(positions.entries(base))
        table = positions.entries(own)
        before = {item["key"]: index for index, item in reversed(list(enumerate(base)))}
        for index, item in enumerate(own):
            # Each item is merged once: a second one with the key of a first stays, and is told as a fault.
            at = before.pop(item["key"], None)
            if at is None:
                at = len(merged)
                merged.append(item)
            else:
                merged[at] = self._merge(merged[at], item)
            entries[at] = table[index]
        return self._recorded(merged, entries)

    def _without(self, body: dict[str, Any], keys: set[str]) -> dict[str, Any]:
        entries = self._positions.entries(body)
        kept = {key: value for key, value in body.items() if key not in keys}
        return self._recorded(kept, {key: entries[key] for key in kept})

    def _recorded(self, container: C, entries: Mapping[Any, Entry]) -> C:
        self._positions.record(container, entries)
        return container


def _too_deep(name: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG343",
        say("With `{name}` more than {most} templates extend each other in a chain.", name=name, most=MAX_EXTENDS),
        place=place,
        hint=say("Let the template extend fewer, or put what it needs into itself."),
    )


def _keyed(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and isinstance(item.get("key"), str) for item in value)
    )
