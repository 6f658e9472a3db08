"""Live groups and the files of a workspace to the files that describe both. Pure: what is given back is to write.

A group that YAML knows by its number is changed in its own file, where it differs and nowhere else. Every other
group gets a file, and what several of these share a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from qqgroup_provision.adoption import render
from qqgroup_provision.adoption.describe import Scene, describe
from qqgroup_provision.adoption.edits import apply_edits, edits_of
from qqgroup_provision.adoption.files import Sources
from qqgroup_provision.adoption.names import slug, unused
from qqgroup_provision.adoption.notes import cannot_change, left_out, shared_stays
from qqgroup_provision.adoption.people import People
from qqgroup_provision.adoption.rewrite import CannotRewrite, Edit, Put, Set, read, rewrite
from qqgroup_provision.adoption.share import LISTS, Bodies, give_keys, share
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.ports import Known, LiveMember
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.compose import Composer
from qqgroup_provision.workspace.document import Document, parse_document
from qqgroup_provision.workspace.load import MAIN_FILE
from qqgroup_provision.workspace.model import Person, Workspace
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.schema import load_schema

PEOPLE_FILE = "people.yaml"
TEMPLATE = "shared"
_MODELINE = re.compile(r"#\s*yaml-language-server: \$schema=(\S*?)[^/\s]+\.schema\.json")


@dataclass(frozen=True, slots=True)
class Wish:
    """How to import. `account` operates the new groups, `folder` is where their files go (relative, or empty).

    `template` names what new groups share.
    """

    account: str
    folder: str = ""
    template: str = TEMPLATE


@dataclass(frozen=True, slots=True)
class Adopted:
    """`files` are those to write, in an order in which the workspace stays valid; `keys` is by group number.

    A group that could not be described is in neither, and `notes` say why.
    """

    files: Mapping[str, str]
    keys: Mapping[int, str]
    notes: tuple[Diagnostic, ...]


def adopt(
    workspace: Workspace,
    files: Mapping[str, str],
    live: Mapping[int, LiveGroup],
    wish: Wish,
    sources: Mapping[int, Sources] | None = None,
) -> Adopted:
    """Describe the groups in `live`, each read whole. `files` are all of the workspace, which is valid.

    `sources` are what was downloaded of each group's files; without them only folders are described.

    Raises `InvalidInput` (QG164) if people.yaml is laid out in a way that nobody can be added to it.
    """
    return _Adoption(workspace, files, live, wish, sources or {}).run()


@dataclass(slots=True)
class _Documents:
    """The documents of a workspace by what they are, and each group as it is composed."""

    groups: dict[str, Document] = field(default_factory=dict)
    templates: dict[str, Document] = field(default_factory=dict)
    people: list[Document] = field(default_factory=list)

    @classmethod
    def of(cls, files: Mapping[str, str]) -> tuple[_Documents, Positions]:
        positions = Positions()
        found = cls()
        for name, text in files.items():
            document, _ = parse_document(text.encode(), name, positions)
            if document is None:
                continue
            kind, key = document.data["kind"], document.data.get("key", "")
            if kind == "Group":
                found.groups[key] = document
            elif kind == "Template":
                found.templates[key] = document
            elif kind == "People":
                found.people.append(document)
        return found, positions


class _Adoption:
    def __init__(
        self,
        workspace: Workspace,
        files: Mapping[str, str],
        live: Mapping[int, LiveGroup],
        wish: Wish,
        sources: Mapping[int, Sources],
    ) -> None:
        self._sources = sources
        self._workspace = workspace
        self._files = files
        self._live = {number: live[number] for number in sorted(live)}
        self._wish = wish
        self._notes: list[Diagnostic] = []
        self._stems = {name.removesuffix(".yaml") for name in files}
        self._documents, positions = _Documents.of(files)
        composer = Composer(self._documents.groups, self._documents.templates, positions)
        self._composed = {key: composer.group(key) for key in self._documents.groups}
        self._keys = {group.id: group.key for group in workspace.groups.values()}
        self._people = People(workspace.people.values(), self._bare(), _met(self._live))
        self._order = list(load_schema("group")["properties"])

    def run(self) -> Adopted:
        changed: dict[str, str] = {}
        keys: dict[int, str] = {}
        new: Bodies = {}
        taken = {"people", "workspace", *self._keys.values(), *(PurePosixPath(name).stem for name in self._files)}
        for number, live in self._live.items():
            if number in self._keys:
                key = self._keys[number]
                if self._change(key, number, live, changed):
                    keys[number] = key
                continue
            name = live.profile.value.name if isinstance(live.profile, Known) else ""
            key = unused(slug(name) or f"group-{number}", taken)
            taken.add(key)
            keys[number] = key
            head: dict[str, Any] = {"kind": "Group", "key": key, "id": number}
            if len(self._workspace.accounts) > 1:
                head["account"] = self._wish.account
            new[key] = describe(head, live, self._scene(key, number))
        made = self._new_files(new)
        return Adopted({**self._people_file(), **made, **changed}, keys, tuple(self._notes))

    def _scene(self, key: str, number: int) -> Scene:
        return Scene(
            self._people,
            self._number_of,
            lambda what, reason: self._notes.append(left_out(key, what, reason)),
            self._sources.get(number),
        )

    def _number_of(self, written: str | int) -> int:
        person = self._workspace.people.get(str(written)) or self._people.added.get(str(written))
        return person.qq if person else int(written)

    def _bare(self) -> set[int]:
        """Numbers that stand as such in a role."""
        return {
            int(written)
            for body in self._composed.values()
            for role in body.get("roles") or ()
            for written in role.get("members", ())
            if str(written) not in self._workspace.people
        }

    def _change(self, key: str, number: int, live: LiveGroup, changed: dict[str, str]) -> bool:
        document = self._documents.groups[key]
        composed = self._composed[key]
        # The key of one that goes is not given to another: it is an address, and state may still hold it.
        before = {part: {item["key"] for item in composed.get(part) or ()} for part in LISTS}
        described = give_keys(describe(composed, live, self._scene(key, number)), before)
        edits = list(
            edits_of(
                document.data,
                composed,
                described,
                self._order,
                lambda what: self._notes.append(shared_stays(key, what)),
            )
        )
        if not edits:
            return True
        try:
            changed[document.file] = _rewritten(self._files[document.file], document.data, edits)
        except CannotRewrite:
            self._notes.append(cannot_change(document.file))
            return False
        return True

    def _new_files(self, bodies: Bodies) -> dict[str, str]:
        """Templates first: a file that extends one must not be there before it."""
        left, templates = share(bodies, self._wish.template, self._documents.templates.keys())
        used: dict[str, set[str]] = {part: set() for part in LISTS}
        made: dict[str, str] = {}
        for key, body in templates.items():
            named = give_keys(body, used)
            for part, keys in used.items():
                keys.update(item["key"] for item in named.get(part, ()))
            made[self._place(f"templates/{key}.yaml")] = self._rendered(named, "template", "templates")
        for key, body in left.items():
            named = give_keys(body, used)
            ordered = {name: named[name] for name in self._order if name in named}
            folder = self._wish.folder
            path = f"{folder}/{key}.yaml" if folder else f"{key}.yaml"
            made[self._place(path)] = self._rendered(ordered, "group", folder)
        return made

    def _place(self, path: str) -> str:
        """A path that no file has yet."""
        stem = unused(path.removesuffix(".yaml"), self._stems)
        self._stems.add(stem)
        return f"{stem}.yaml"

    def _rendered(self, data: Mapping[str, Any], kind: str, folder: str) -> str:
        text = render.render(data, self._modeline(kind, folder))
        if read(text) != data:
            raise AssertionError("what was rendered does not come back as it was")  # seen before it is written
        return text

    def _modeline(self, kind: str, folder: str) -> str:
        """The line by which editors find the schema, where workspace.yaml has one too."""
        found = _MODELINE.match(self._files.get(MAIN_FILE, ""))
        if found is None:
            return ""
        up = "../" * len(PurePosixPath(folder).parts) if "://" not in found[1] else ""
        return f"yaml-language-server: $schema={up}{found[1]}{kind}.schema.json"

    def _people_file(self) -> dict[str, str]:
        added = {key: _written(person) for key, person in self._people.added.items()}
        if not added:
            return {}
        if not self._documents.people:
            data = {"kind": "People", "people": added}
            return {self._place(PEOPLE_FILE): self._rendered(data, "people", "")}
        document = self._documents.people[0]
        before = document.data["people"]
        edits: list[Edit] = (
            [Put(("people",), key, value) for key, value in added.items()] if before else [Set(("people",), added)]
        )
        try:
            return {document.file: _rewritten(self._files[document.file], document.data, edits)}
        except CannotRewrite:
            raise InvalidInput(cannot_change(document.file)) from None


def _rewritten(text: str, data: Any, edits: list[Edit]) -> str:
    return rewrite(text, edits, apply_edits(data, edits))


def _written(person: Person) -> Any:
    return person.qq if person.name == person.key else {"qq": person.qq, "name": person.name}


def _met(live: Mapping[int, LiveGroup]) -> dict[int, list[LiveMember]]:
    met: dict[int, list[LiveMember]] = {}
    for group in live.values():
        for number, member in (group.members.value if isinstance(group.members, Known) else {}).items():
            met.setdefault(number, []).append(member)
    return met
