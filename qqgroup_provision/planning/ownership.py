"""Who made each change between two workspaces, and whether somebody who may had a part in it. Pure.

A change counts as made by the commit in which it got the value that it has in the end, compared with every parent
of that commit: a merge makes nothing of what one of its sides has. Where no group could be composed in some commits,
those who made them answer for the next that could, all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import listed, say
from qqgroup_provision.resources.kind import Wanted
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.workspace.composed import Way
from qqgroup_provision.workspace.model import Group, Workspace
from qqgroup_provision.workspace.owners import (
    Owned,
    identities_of,
    owner_of_address,
    owner_of_file,
    owner_of_way,
)

_WHOLE = "behavior"  # the document of all that its items say: these have addresses of their own


@dataclass(frozen=True, slots=True)
class Name:
    """What was changed: a file, an address, or a way in a composed group."""

    file: str = ""
    address: str = ""
    group: str = ""
    way: Way = ()

    def __str__(self) -> str:
        return self.file or self.address or f"{self.group}:{'.'.join(self.way)}"


Contents = Mapping[Name, tuple[str, Place | None]]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit on the way from base to head. `author` is the e-mail address of its author."""

    id: str
    parents: tuple[str, ...]
    author: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A repository at one commit. `groups` is `None` where nothing could be composed."""

    files: Contents
    groups: Contents | None

    def get(self, name: Name) -> str | None:
        source = self.files if name.file else self.groups or {}
        return source[name][0] if name in source else None

    def tells(self, name: Name) -> bool:
        return bool(name.file) or self.groups is not None


Look = Callable[[str], Seen]


def contents_of(workspace: Workspace, bodies: Mapping[str, Mapping[Way, tuple[str, Place]]]) -> Contents:
    """Everything that the groups of a workspace say, by address and by way."""
    found: dict[Name, tuple[str, Place | None]] = {}
    for key, group in workspace.groups.items():
        for kind in kinds():
            if kind.name == _WHOLE:
                continue
            for item, wanted in kind.wanted(group).items():
                address = f"{key}/{kind.name}/{item}" if item else f"{key}/{kind.name}"
                found[Name(address=address)] = _value(kind.name, wanted, group), wanted.place or group.place
        for way, value in bodies[key].items():
            found[Name(group=key, way=way)] = value
    return found


def _value(kind: str, wanted: Wanted, group: Group) -> str:
    answer = group.join.answer if kind == "join" else None  # which fields know by its digest only
    told = [
        wanted.fields,
        wanted.exists,
        wanted.subject,
        answer.reference if answer else "",
        group.id,
        group.account,
    ]
    return json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)


def unentitled(
    owned: Sequence[Owned],
    workspace: str,
    base: str,
    head: str,
    commits: Sequence[Commit],
    look: Look,
    authors: Iterable[str] = (),
) -> Iterator[Diagnostic]:
    """QG376 for each change from `base` to `head` that nobody made who may.

    `owned` are the rules of the base. `commits` are those between the two, older ones first. `workspace` is its
    folder in the repository, empty or with a slash at its end. `authors` are who made everything, where that is known
    better than commits tell it: addresses, or accounts with or without @.
    """
    before, after = look(base), look(head)
    given = frozenset(identity for author in authors for identity in _given(author))
    for name in _changed(before, after):
        entry = _deciding(name, workspace, owned)
        if entry is None:
            continue
        makers = [frozenset(authors)] if given else list(_makers(name, after.get(name), commits, look))
        if entry.allows(given) if given else any(all(entry.allows(identities_of(a)) for a in m) for m in makers):
            continue
        yield _told(name, entry, makers[0] if makers else frozenset(), before, after, workspace)


def _changed(before: Seen, after: Seen) -> list[Name]:
    names = {*before.files, *after.files, *(before.groups or {}), *(after.groups or {})}
    return sorted((name for name in names if before.get(name) != after.get(name)), key=str)


def _deciding(name: Name, workspace: str, owned: Sequence[Owned]) -> Owned | None:
    if name.file:
        return owner_of_file(name.file, workspace, owned)
    if name.address:
        return owner_of_address(name.address, owned)
    return owner_of_way(name.group, name.way, owned)


def _makers(name: Name, value: str | None, commits: Sequence[Commit], look: Look) -> Iterator[frozenset[str]]:
    """Those who together gave it the value it has in the end, the last first."""
    by_id = {commit.id: commit for commit in commits}
    for commit in reversed(commits):
        seen = look(commit.id)
        if not seen.tells(name) or seen.get(name) != value:
            continue
        together = {commit.author}
        made = True
        for parent in commit.parents:
            known, unread = _readable(parent, name, by_id, look)
            together |= unread
            made = made and (known is None or known.get(name) != value)
        if made:
            yield frozenset(together)


def _readable(parent: str, name: Name, by_id: Mapping[str, Commit], look: Look) -> tuple[Seen | None, set[str]]:
    """The nearest ancestor in which it can be told, and the authors of those before it in which it cannot."""
    unread: set[str] = set()
    while True:
        seen = look(parent)
        if seen.tells(name):
            return seen, unread
        commit = by_id.get(parent)
        if commit is None or not commit.parents:
            return None, unread
        unread.add(commit.author)
        parent = commit.parents[0]


def _given(author: str) -> frozenset[str]:
    name = author.strip().lower()
    return identities_of(name) if "@" in name[1:] else frozenset({f"@{name.removeprefix('@')}"})


def _told(name: Name, entry: Owned, makers: frozenset[str], before: Seen, after: Seen, workspace: str) -> Diagnostic:
    source = after if after.get(name) is not None else before
    place = (source.files if name.file else source.groups or {})[name][1]
    subject = ""
    if name.file:
        inside = name.file.startswith(workspace)
        place, subject = (Place(name.file.removeprefix(workspace)), "") if inside else (None, name.file)
    by = listed(sorted(makers)) if makers else say("nobody known")
    return Diagnostic(
        "QG376",
        say("`{what}` was changed by {authors}, who may not.", what=str(name), authors=by),
        say("It is for {owners} ({place}).", owners=listed(owner.written for owner in entry.by), place=entry.place),
        place=place,
        subject=subject,
        hint=say("Leave it as it was, or let one of them commit it."),
    )
