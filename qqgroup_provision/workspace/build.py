"""A composed body to a typed `Group`: names become people, paths become assets, limits are checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.plain_text import plain
from qqgroup_provision.workspace import limits
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.files import read_image
from qqgroup_provision.workspace.model import (
    UNSET,
    Account,
    Announcement,
    Asset,
    Group,
    Managed,
    Ownership,
    Person,
    Role,
)
from qqgroup_provision.workspace.positions import Places, Positions
from qqgroup_provision.workspace.suggest import suggest


class GroupBuilder:
    """Builds groups. Faults are collected in `found`; a group with one is built as far as it goes."""

    def __init__(
        self,
        root: Path,
        people: Mapping[str, Person],
        accounts: Mapping[str, Account],
        positions: Positions,
    ) -> None:
        self.found: list[Diagnostic] = []
        self.assets: dict[str, Asset] = {}
        self._root = root
        self._people = people
        self._by_number = {person.qq: person for person in people.values()}
        self._accounts = accounts
        self._positions = positions

    def build(self, document: Document, body: Mapping[str, Any]) -> Group | None:
        """The typed group, or `None` where it cannot say which group or account it is."""
        account = self._account(document, body)
        if account is None:
            return None
        profile = body.get("profile") or {}
        roles = body.get("roles", UNSET)
        announcements = body.get("announcements", UNSET)
        place = document.place
        built = Group(
            key=body["key"],
            id=int(body["id"]),
            account=account,
            parent=body.get("parent"),
            place=self._positions.key(body, "key", place),
            name=profile.get("name", UNSET),
            remark=profile.get("remark", UNSET),
            mute_all=body.get("mute_all", UNSET),
            roles=UNSET if roles is UNSET else self._roles(roles or (), body, place),
            announcements=UNSET if announcements is UNSET else self._announcements(announcements or (), body, place),
            manage={key: Ownership(value) for key, value in body.get("manage", {}).items()},
            places=Places(self._positions, place, profile, body, values=("id",)),
        )
        self.found.extend(limits.profile(built))
        if built.roles:
            self.found.extend(limits.roles(built))
        if built.announcements:
            self.found.extend(limits.announcements(built))
        return built

    def _account(self, document: Document, body: Mapping[str, Any]) -> str | None:
        if "id" not in body:
            self._missing("id", document, body)
            return None
        if "account" in body:
            if body["account"] in self._accounts:
                return str(body["account"])
            self.found.append(
                Diagnostic(
                    "QG305",
                    say("There is no account `{name}`.", name=body["account"]),
                    place=self._positions.value(body, "account", document.place),
                    hint=suggest(body["account"], self._accounts),
                )
            )
        elif len(self._accounts) == 1:
            return next(iter(self._accounts))
        else:
            self._missing("account", document, body)
        return None

    def _missing(self, key: str, document: Document, body: Mapping[str, Any]) -> None:
        self.found.append(
            Diagnostic(
                "QG204",
                say("The key `{key}` is missing here.", key=key),
                place=self._positions.key(body, "kind", document.place),
            )
        )

    def _roles(self, items: Any, body: Mapping[str, Any], fallback: Place) -> tuple[Role, ...]:
        self._distinct(items, fallback)
        return tuple(
            Role(
                key=item["key"],
                members=self._members(item.get("members", ()), fallback),
                admin=item.get("admin", UNSET),
                title=item.get("title", UNSET),
                card=item.get("card", UNSET),
                places=Places(self._positions, fallback, item),
            )
            for item in items
        )

    def _members(self, written: Any, fallback: Place) -> tuple[Person, ...]:
        members: dict[int, Person] = {}
        for index, name in enumerate(written):
            person = self._person(name)
            if person is not None and person.qq not in members:
                members[person.qq] = person
                continue
            place = self._positions.value(written, index, fallback)
            if person is None:
                self.found.append(
                    Diagnostic(
                        "QG306",
                        say("Nobody is called `{name}` in people.yaml.", name=name),
                        place=place,
                        hint=suggest(name, self._people)
                        or say("Add `{name}: <QQ number>` to people.yaml.", name=name),
                    )
                )
            else:
                self.found.append(
                    Diagnostic(
                        "QG307",
                        say("`{name}` stands in this list a second time.", name=name),
                        place=place,
                        hint=say("Keep one of the two."),
                    )
                )
        return tuple(members.values())

    def _person(self, name: Any) -> Person | None:
        if name in self._people:
            return self._people[name]
        if not isinstance(name, int) and not (name.isascii() and name.isdigit()):
            return None
        number = int(name)
        return self._by_number.get(number) or Person(f"qq-{number}", number, str(number))

    def _announcements(self, items: Any, body: Mapping[str, Any], fallback: Place) -> tuple[Announcement, ...]:
        self._distinct(items, fallback)
        return tuple(
            Announcement(
                key=item["key"],
                text=plain(item["text"]),
                image=self._image(item, fallback),
                pinned=item.get("pinned", UNSET),
                confirm=item.get("confirm", UNSET),
                place=self._positions.value(item, "text", fallback),
            )
            for item in items
        )

    def _image(self, item: Mapping[str, Any], fallback: Place) -> Managed[Asset]:
        written = item.get("image", UNSET)
        if written is UNSET or written is None:
            return written
        known = self.assets.get(written)
        if known is None:
            try:
                known = read_image(self._root, written, self._positions.value(item, "image", fallback))
            except InvalidInput as error:
                self.found.extend(error.diagnostics)
                return UNSET
            self.assets[written] = known
        return known

    def _distinct(self, items: Any, fallback: Place) -> None:
        """Two items of a list must not have one key: the key is their address."""
        seen: set[str] = set()
        for item in items:
            if item["key"] in seen:
                self.found.append(
                    Diagnostic(
                        "QG308",
                        say("Two items of this list have the key `{key}`.", key=item["key"]),
                        place=self._positions.value(item, "key", fallback),
                        hint=say("Give each a key of its own: it is the item's address."),
                    )
                )
            seen.add(item["key"])
