"""`owners:` of workspace.yaml: who may change which files and which keys of composed groups.

The last entry that fits a change decides, as in a CODEOWNERS file; what none fits is anybody's to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.suggest import suggest

if TYPE_CHECKING:
    from qqgroup_provision.workspace.document import Document
    from qqgroup_provision.workspace.model import Person
    from qqgroup_provision.workspace.positions import Positions

_NOREPLY = re.compile(r"(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com\Z")


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody as an entry names them, and in lower case the e-mail addresses and `@accounts` they have."""

    written: str
    identities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Owned:
    """An entry. `paths` are patterns of files; `addresses` have a slash in them and `ways` lead through the YAML."""

    paths: tuple[str, ...]
    addresses: tuple[str, ...]
    ways: tuple[str, ...]
    by: tuple[Owner, ...]
    place: Place

    def allows(self, identities: Iterable[str]) -> bool:
        """Whether somebody with these identities, as `identities_of` gives them, is named."""
        known = frozenset(identities)
        return any(owner.identities & known for owner in self.by)


def read_owners(
    document: Document, people: Mapping[str, Person], positions: Positions, diagnostics: Diagnostics
) -> tuple[Owned, ...]:
    """All entries in order. A name that tells no commit apart (QG387) is a fault: it would let nobody through."""
    found: list[Owned] = []
    for item in document.data.get("owners") or ():
        by: list[Owner] = []
        for index, name in enumerate(item["by"]):
            owner = _owner(name, people)
            if owner is not None:
                by.append(owner)
                continue
            diagnostics.add(_unknown(name, people, positions.value(item["by"], index, document.place)))
        keys = item.get("keys", ())
        addresses = tuple(key for key in keys if "/" in key)
        ways = tuple(key for key in keys if "/" not in key)
        paths = tuple(item.get("paths", ()))
        found.append(Owned(paths, addresses, ways, tuple(by), positions.key(item, "by", document.place)))
    return tuple(found)


def identities_of(email: str) -> frozenset[str]:
    """What the address of a commit says of its author: the address, and the account in one that GitHub made up."""
    address = email.strip().lower()
    match = _NOREPLY.match(address)
    return frozenset({address, f"@{match.group(1)}"} if match else {address})


def owner_of_file(path: str, workspace: str, owned: Iterable[Owned]) -> Owned | None:
    """The entry that decides about a file. `path` is below the repository, `workspace` the workspace's folder there,
    empty or with a slash at its end."""
    below = path.removeprefix(workspace) if path.startswith(workspace) else None
    return _last(
        entry
        for entry in owned
        for pattern in entry.paths
        if (
            fits_file(path, pattern[1:])
            if pattern.startswith("/")
            else below is not None and fits_file(below, pattern)
        )
    )


def owner_of_address(address: str, owned: Iterable[Owned]) -> Owned | None:
    """The entry that decides about an address such as `hub/title/alice`."""
    return _last(entry for entry in owned for pattern in entry.addresses if fits(address, pattern))


def owner_of_way(group: str, way: tuple[str, ...], owned: Iterable[Owned]) -> Owned | None:
    """The entry that decides about a place in a composed group: `("roles", "admins", "members")`."""
    return _last(entry for entry in owned for pattern in entry.ways if _leads_to(pattern, group, way))


def _leads_to(pattern: str, group: str, way: tuple[str, ...]) -> bool:
    of_group, _, written = pattern.rpartition(":")
    if of_group and not fits(group, of_group):
        return False
    # What is above is changed by whoever changes what is below: `roles` names all of the roles.
    return _expression("/".join(written.split(".")) + "/**").match("/".join(way) + "/") is not None


def fits_file(path: str, pattern: str) -> bool:
    """Whether a pattern names a file, or a folder above it; as GitHub has it, `docs/*` is not what lies deeper."""
    last = pattern.rstrip("/").rpartition("/")[2]
    if ("*" in last or "?" in last) and not pattern.endswith("/"):
        return _expression(pattern).match(path) is not None
    return fits(path, pattern)


def fits(path: str, pattern: str) -> bool:
    """Whether a pattern names a path or anything above it. `*` and `?` stop at slashes, `**` does not."""
    whole = pattern.rstrip("/")
    return any(_expression(one).match(path) is not None for one in (whole, f"{whole}/**"))


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(pattern)) + r"\Z", re.DOTALL)


def _parts(pattern: str) -> Iterator[str]:
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        if part == "**/":
            yield "(?:[^/]+/)*"
        elif part == "**":
            yield ".*"
        elif part == "*":
            yield "[^/]*"
        elif part == "?":
            yield "[^/]"
        else:
            yield re.escape(part)


def _last(entries: Iterator[Owned]) -> Owned | None:
    found = None
    for found in entries:  # noqa: B007  (the last one is what is asked for)
        pass
    return found


def _owner(written: str, people: Mapping[str, Person]) -> Owner | None:
    if "@" in written:
        return Owner(written, identities_of(written))
    person = people.get(written)
    if person is None:
        return None
    known = {identity for email in person.emails for identity in identities_of(email)}
    if person.forge:
        known.add(f"@{person.forge.lower()}")
    return Owner(written, frozenset(known)) if known else None


def _unknown(name: str, people: Mapping[str, Person], place: Place) -> Diagnostic:
    if name not in people:
        return Diagnostic(
            "QG387",
            say("Nobody is called `{name}` in people.yaml.", name=name),
            place=place,
            hint=suggest(name, people) or say("Name an e-mail address, or an account of the forge as in @octocat."),
        )
    return Diagnostic(
        "QG387",
        say("No commit can be known as that of `{name}`.", name=name),
        place=place,
        hint=say("Give them `emails` or `forge` in people.yaml."),
    )
