"""A composed body to a typed `Group`: names become people, paths become assets, limits are checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.plain_text import plain
from qqgroup_provision.workspace import limits
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.files import digest_file, read_image
from qqgroup_provision.workspace.model import (
    UNSET,
    Account,
    Announcement,
    Answer,
    Asset,
    Bot,
    Essence,
    Files,
    Group,
    GroupFile,
    Join,
    Managed,
    Ownership,
    Permissions,
    Person,
    Role,
    Window,
)
from qqgroup_provision.workspace.moments import CHINA, moment
from qqgroup_provision.workspace.positions import Places, Positions
from qqgroup_provision.workspace.suggest import suggest
from qqgroup_provision.workspace.tokens import variable_of

if TYPE_CHECKING:
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.behavior.hosts import Hosts

# Without any of these nothing of a bot is loaded
_BEHAVIOR = frozenset(
    {
        "links",
        "rules",
        "replies",
        "welcome",
        "farewell",
        "schedules",
        "curfew",
        "statistics",
        "inactive",
        "topics",
        "last_resort",
        "activities",
    }
)
_JOIN, _PERMISSIONS = Join(), Permissions()  # those of all the groups that say nothing of it


class GroupBuilder:
    """Builds groups. Faults are collected in `found`; a group with one is built as far as it goes."""

    def __init__(
        self,
        root: Path,
        people: Mapping[str, Person],
        accounts: Mapping[str, Account],
        positions: Positions,
        zone: tzinfo = CHINA,
        bots: Mapping[str, Bot] = MappingProxyType({}),
        secrets: Collection[str] = (),
        assistants: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.found: list[Diagnostic] = []
        self.assets: dict[str, Asset] = {}
        self._read: dict[tuple[str, str], Asset] = {}  # by how a file was examined too: not each is a picture
        self._host_lists: dict[str, Hosts | None] = {}
        self._root = root
        self._people = people
        self._by_number = {person.qq: person for person in people.values()}
        self._accounts = accounts
        self._secrets = secrets
        self._positions = positions
        self._zone = zone
        self._bots = bots
        self._assistants = assistants

    def build(self, document: Document, body: Mapping[str, Any]) -> Group | None:
        """The typed group, or `None` where it cannot say which group or account it is."""
        account = self._account(document, body)
        if account is None:
            return None
        if "rules" in body:
            from qqgroup_provision.workspace.published import published

            body = published(body, self._positions, document.place, self.found)
        profile = body.get("profile") or {}
        roles = body.get("roles", UNSET)
        announcements = body.get("announcements", UNSET)
        files, essence = body.get("files", UNSET), body.get("essence", UNSET)
        place = document.place
        built = Group(
            key=body["key"],
            id=int(body["id"]),
            account=account,
            parent=body.get("parent"),
            place=self._positions.key(body, "key", place),
            name=profile.get("name", UNSET),
            remark=profile.get("remark", UNSET),
            avatar=self._image(profile, "avatar", place),
            description=_plain(profile.get("description", UNSET)),
            join=self._join(body["join"], place) if body.get("join") else _JOIN,
            permissions=self._permissions(body["permissions"], place) if body.get("permissions") else _PERMISSIONS,
            mute_all=body.get("mute_all", UNSET),
            roles=UNSET if roles is UNSET else self._roles(roles or (), body, place),
            announcements=UNSET if announcements is UNSET else self._announcements(announcements or (), body, place),
            files=UNSET if files is UNSET else self._files(files or {}, place),
            essence=UNSET if essence is UNSET else self._essence(essence or (), place),
            protect=tuple(body.get("protect", ())),
            moved=body.get("moved"),
            manage={key: Ownership(value) for key, value in body.get("manage", {}).items()},
            places=Places(self._positions, place, profile, body, values=("id", "moved")),
        )
        self.found.extend(limits.profile(built))
        self.found.extend(limits.join(built))
        if built.roles:
            self.found.extend(limits.roles(built))
        if built.announcements:
            self.found.extend(limits.announcements(built))
        if built.files:
            self.found.extend(limits.files(built.files))
        if built.essence:
            self.found.extend(limits.essence(built.essence))
        if (
            not _BEHAVIOR.isdisjoint(body)
            or any(not {"may", "exempt_from_rules"}.isdisjoint(role) for role in body.get("roles") or ())
            or _decides_who_joins(body)
        ):
            behavior, document_of_it = self._behavior(body, built.roles or (), place)
            built = replace(built, behavior=behavior, behavior_document=document_of_it, bot=self._bot(body, place))
            self.found.extend(limits.curfew(built))
        return built

    def linked(
        self, bodies: Mapping[str, Mapping[str, Any]], places: Mapping[str, Place]
    ) -> Mapping[str, Mapping[str, Any]]:
        """The bodies of all groups, in which `links` says all that there is to know of the other ones."""
        if not any("links" in body for body in bodies.values()):
            return bodies
        from qqgroup_provision.workspace.linker import Linker

        linker = Linker(self._root, bodies, places, self._positions, self._person, self._bots)
        found = linker.resolved()
        self.found.extend(linker.found)
        self.assets.update(linker.assets)
        whole = {key: {**body, "links": found.get(key)} if "links" in body else body for key, body in bodies.items()}
        for key, body in bodies.items():
            self._positions.record(whole[key], self._positions.entries(body))
        return whole

    def _person(self, name: Any) -> Person | None:
        """Who is meant by a name or a QQ number."""
        return self._people.get(name) or self._unnamed(name)

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
            person = self._people.get(name) or self._unnamed(name)
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

    def _unnamed(self, name: Any) -> Person | None:
        """Whom a QQ number means; `None` for anything that is none."""
        if not isinstance(name, int) and not (name.isascii() and name.isdigit()):
            return None
        number = int(name)
        return self._by_number.get(number) or Person(f"qq-{number}", number, str(number))

    def _announcements(self, items: Any, body: Mapping[str, Any], fallback: Place) -> tuple[Announcement, ...]:
        self._distinct(items, fallback)
        return tuple(
            Announcement(
                item["key"],
                plain(item["text"]),
                self._image(item, "image", fallback),
                item.get("pinned", UNSET),
                item.get("confirm", UNSET),
                Places(self._positions, fallback, item, values=("text",)),
                self._window(item.get("publish"), fallback),
                mirror_to=tuple(item.get("mirror_to", ())),
            )
            for item in items
        )

    def _files(self, written: Mapping[str, Any], fallback: Place) -> Files:
        named = written.get("folders") or ()
        folders = {name: self._positions.value(named, index, fallback) for index, name in enumerate(named)}
        items: list[GroupFile] = []
        for item in written.get("items") or ():
            place = self._positions.value(item, "path", fallback)
            folder, _, name = item["path"].rpartition("/")
            source = self._file(item, "source", fallback)
            if source is not None:
                items.append(GroupFile(folder, name, source, place))
            if folder:
                folders.setdefault(folder, place)
        return Files(folders, tuple(items), written.get("keep_versions", 0))

    def _essence(self, items: Any, fallback: Place) -> tuple[Essence, ...]:
        self._distinct(items, fallback)
        return tuple(
            Essence(item["key"], plain(item["text"]), self._positions.value(item, "text", fallback)) for item in items
        )

    def _join(self, written: Mapping[str, Any], fallback: Place) -> Join:
        answer = written.get("answer", UNSET)
        if answer:
            answer = Answer(answer, self._positions.value(written, "answer", fallback))
            variable = variable_of(answer.reference)
            if variable in {variable_of(account.token) for account in self._accounts.values()}:
                self.found.append(_token_as_answer(answer))
            elif variable not in self._secrets:
                self.found.append(_not_a_secret(answer, variable or ""))
        return Join(
            method=written.get("method", UNSET),
            question=_plain(written.get("question", UNSET)),
            answer=answer,
            member_invites=written.get("member_invites", UNSET),
            history_visible=written.get("history_visible_to_new_members", UNSET),
            robots=written.get("robots", UNSET),
            places=Places(self._positions, fallback, written),
        )

    def _permissions(self, written: Mapping[str, Any], fallback: Place) -> Permissions:
        given = {key: written.get(key, UNSET) for key in ("upload_album", "temporary_session", "create_group")}
        return Permissions(**given, places=Places(self._positions, fallback, written))

    def _window(self, written: Mapping[str, Any] | None, fallback: Place) -> Window | None:
        if not written:
            return None
        opens, closes = self._moment(written, "from", fallback), self._moment(written, "until", fallback)
        if opens is not None and closes is not None and closes <= opens:
            self.found.append(
                Diagnostic(
                    "QG320",
                    say("The announcement would be gone before it is there."),
                    place=self._positions.value(written, "until", fallback),
                    hint=say("`until` has to be later than `from`."),
                )
            )
        return Window(opens, closes)

    def _moment(self, written: Mapping[str, Any], key: str, fallback: Place) -> datetime | None:
        if key not in written:
            return None
        found = moment(written[key], self._zone)
        if found is None:
            self.found.append(
                Diagnostic(
                    "QG319",
                    say("There is no such time as `{written}`.", written=written[key]),
                    place=self._positions.value(written, key, fallback),
                    hint=say("Write it as 2026-12-01T09:00, or with an offset as 2026-12-01T09:00+08:00."),
                )
            )
        return found

    def _behavior(
        self, body: Mapping[str, Any], roles: tuple[Role, ...], fallback: Place
    ) -> tuple[Configuration, Mapping[str, Any] | None]:
        from qqgroup_provision.workspace.behavior import BehaviorBuilder
        from qqgroup_provision.workspace.behavior_document import document_of

        self._distinct(body.get("replies") or (), fallback)
        self._distinct((body.get("rules") or {}).get("items") or (), fallback)
        self._distinct(body.get("schedules") or (), fallback)
        self._distinct(body.get("activities") or (), fallback)
        self._distinct((body.get("topics") or {}).get("tags") or (), fallback)

        def image(item: Mapping[str, Any], key: str) -> Asset | None:
            return self._asset(read_image, item, key, fallback)

        def hosts(container: Any, key: Any) -> Hosts | None:
            return self._host_list(container[key], self._positions.value(container, key, fallback))

        builder = BehaviorBuilder(
            body, fallback, self._positions, roles, self._zone, self._person, image, hosts, self._assistants
        )
        built = builder.build()
        self.found.extend(builder.found)
        wrong = any(fault.is_error for fault in builder.found)
        return built, None if wrong else document_of(body, built, roles, self._person, self._assistants)

    def _host_list(self, path: str, place: Place) -> Hosts | None:
        """A list of hosts, which several groups may name: it is read, and its faults are told, once."""
        from qqgroup_provision.workspace.host_lists import read_hosts

        if path not in self._host_lists:
            self._host_lists[path], faults = read_hosts(self._root, path, place)
            self.found.extend(faults)
        return self._host_lists[path]

    def _bot(self, body: Mapping[str, Any], fallback: Place) -> str | None:
        named: str | None = body.get("bot")
        if named is None and len(self._bots) < 2:
            return next(iter(self._bots), None)
        if named in self._bots:
            return named
        summary = (
            say("There is no bot `{name}`.", name=named)
            if named
            else say("The key `{key}` is missing here.", key="bot")
        )
        self.found.append(
            Diagnostic(
                "QG341",
                summary,
                place=self._positions.value(body, "bot", fallback),
                hint=(suggest(named, self._bots) if named else None) or say("Name one of `bots:` in workspace.yaml."),
            )
        )
        return None

    def _image(self, item: Mapping[str, Any], key: str, fallback: Place) -> Managed[Asset]:
        written = item.get(key, UNSET)
        if written is UNSET or written is None:
            return written
        return self._asset(read_image, item, key, fallback) or UNSET

    def _file(self, item: Mapping[str, Any], key: str, fallback: Place) -> Asset | None:
        return self._asset(digest_file, item, key, fallback)

    def _asset(
        self, read: Callable[[Path, str, Place], Asset], item: Mapping[str, Any], key: str, fallback: Place
    ) -> Asset | None:
        """The file a key names, read once; `None` where it cannot be."""
        written: str = item[key]
        known = self._read.get((read.__name__, written))
        if known is None:
            try:
                known = read(self._root, written, self._positions.value(item, key, fallback))
            except InvalidInput as error:
                self.found.extend(error.diagnostics)
                return None
            self._read[read.__name__, written] = known
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


def _token_as_answer(answer: Answer) -> Diagnostic:
    return Diagnostic(
        "QG324",
        say("`{reference}` holds the token of an account, and would be sent to QQ.", reference=answer.reference),
        place=answer.place,
        hint=say("Give the answer a variable of its own."),
    )


def _not_a_secret(answer: Answer, variable: str) -> Diagnostic:
    """QG325: whoever writes a group file could have any variable of the environment sent to QQ."""
    return Diagnostic(
        "QG325",
        say("workspace.yaml does not let groups use the variable {name}.", name=variable),
        place=answer.place,
        hint=say("Add it to workspace.yaml, if it is meant for this: secrets: [{name}]", name=variable),
    )


def _decides_who_joins(body: Mapping[str, Any]) -> bool:
    """Whether the group's bot does, beside QQ's own settings."""
    return not {"review", "newcomer"}.isdisjoint(body.get("join") or ())


def _plain(written: Managed[str]) -> Managed[str]:
    """A text as QQ gives it back."""
    return plain(written) if isinstance(written, str) else written
