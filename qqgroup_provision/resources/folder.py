"""`folder`: the folders of a group's files. One level of them, and names do not repeat (qq_protocol §8.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    AccountFacts,
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    Rank,
    Reading,
    Unknown,
)
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.file import DeleteFile
from qqgroup_provision.resources.group_files import identity, marked, seen
from qqgroup_provision.resources.kind import Kind, Last, Observed, Step, Wanted, unseen
from qqgroup_provision.resources.live import Collection, LiveGroup, unread
from qqgroup_provision.resources.operation import (
    Audience,
    CannotSee,
    Confirmation,
    NotSeen,
    Operation,
    ReadAsset,
    Seen,
)
from qqgroup_provision.workspace.model import UNSET, Group, Ownership


class FolderKind(Kind):
    """One resource a folder, by its name. It is deleted after the files, and only when nothing is in it."""

    name = "folder"
    order = 30
    removed_at = 32
    collection = "files"
    needs = frozenset({Collection.FILES, Collection.SPACE})

    def managed(self, group: Group) -> bool:
        return group.files is not UNSET

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        folders = group.files.folders if group.files else {}
        return {name: Wanted(name, {"name": name}, place=place) for name, place in folders.items()}

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        return {"name": Capability.READ_FILES}

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        listed = seen(live, last)
        if isinstance(listed, Unknown):
            return unseen({**wanted, **last}, listed)
        readings: dict[str, Reading[Observed]] = dict.fromkeys([*wanted, *last], Absent())
        owned = group.ownership(self.collection) is Ownership.EXCLUSIVE
        others = {file.folder for file in listed.value.files if file.uploader_id != live.account_id}
        for folder in listed.value.folders:
            if folder.name not in wanted and not owned and folder.name in others:
                # It stays for what others put into it, and so it is not the tool's any more.
                readings.pop(folder.name, None)
                if folder.name in last:
                    continue
            readings[folder.name] = Known(Observed({"name": folder.name}, {"folder_id": folder.folder_id}))
        return readings

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.action is Action.DELETE and step.observed is not None:
            return (DeleteFolder(step.group.id, str(step.observed.fields["name"])),)
        return (CreateFolder(step.group.id, step.wanted.key),) if step.wanted is not None else ()

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterator[Diagnostic]:
        """QG523 where a folder that is to be deleted would not be empty by then."""
        gone = {
            identity(marked(operation.folder, operation.file, operation.mark))
            for change in changes
            for operation in change.operations
            if isinstance(operation, DeleteFile)
        }
        files = live.files.value.files if isinstance(live.files, Known) else ()
        staying: dict[str, list[str]] = {}
        for file in files:
            if file.folder and identity(file) not in gone:
                staying.setdefault(file.folder, []).append(file.name)
        for change in changes:
            if change.address.kind != self.name or change.action is not Action.DELETE:
                continue
            left = staying.get(change.address.key)
            if left:
                yield Diagnostic(
                    "QG523",
                    say("The folder holds {count} files that stay, such as “{name}”.", count=len(left), name=left[0]),
                    place=group.places.get("files", group.place),
                    subject=str(change.address),
                    hint=say("Delete or move them by hand, or name the folder under `folders` again."),
                )


@dataclass(frozen=True, slots=True)
class CreateFolder(Operation):
    """Create a folder (qq_protocol §8.3)."""

    name: ClassVar[str] = "create_folder"
    capability: ClassVar[Capability] = Capability.CREATE_FOLDER
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY

    folder: str

    def describe(self) -> Text:
        return say("create the folder “{name}”", name=self.folder)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.create_folder(self.group_id, self.folder)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        found = await reader.files(self.group_id, "")
        if not isinstance(found, Known):
            return CannotSee(unread(found).reason)
        for folder in found.value.folders:
            if folder.name == self.folder:
                return Seen((("folder_id", folder.folder_id),))
        return NotSeen(say("there is no such folder"))


@dataclass(frozen=True, slots=True)
class DeleteFolder(Operation):
    """Delete an empty folder: what a server does with the content of another is not known (qq_protocol §8.3)."""

    name: ClassVar[str] = "delete_folder"
    capability: ClassVar[Capability] = Capability.DELETE_FOLDER
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    calls: ClassVar[int] = 4  # it is looked into before

    folder: str

    def describe(self) -> Text:
        return say("delete the empty folder “{name}”", name=self.folder)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.delete_folder(self.group_id, self.folder)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        found = await reader.files(self.group_id, "")
        if not isinstance(found, Known):
            return CannotSee(unread(found).reason)
        if any(folder.name == self.folder for folder in found.value.folders):
            return NotSeen(say("the folder is still there"))
        return Seen()
