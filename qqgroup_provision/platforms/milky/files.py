"""A group's files in Milky's words (qq_protocol §8, §13). Nothing here says how many files a group has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.milky.dialect import Dialect, in_base64
from qqgroup_provision.platforms.shape import distinct, identifier, integer, of, text
from qqgroup_provision.platforms.shelves import ROOT, Shelves, patience_for
from qqgroup_provision.ports import (
    Capability,
    FileDraft,
    Known,
    LiveFile,
    LiveFiles,
    LiveFolder,
    LiveSpace,
    Reading,
    Unknown,
    Unsupported,
)

_PART = 1 << 20  # bytes that are read at once


def _file(item: Any, folder: str) -> LiveFile:
    """A GroupFileEntity. Lagrange makes something of "never" that lies before the upload."""
    uploaded_at = integer(item, "uploaded_time")
    expires = item.get("expire_time")
    return LiveFile(
        file_id=identifier(item, "file_id"),
        name=text(item, "file_name"),
        folder=folder,
        size=integer(item, "file_size"),
        uploader_id=integer(item, "uploader_id"),
        uploaded_at=uploaded_at,
        temporary=expires is not None and integer(item, "expire_time") > uploaded_at,
    )


def _folder(item: Any) -> LiveFolder:
    return LiveFolder(identifier(item, "folder_id"), text(item, "folder_name"), integer(item, "file_count"))


def listing(data: Any, folder: str) -> LiveFiles:
    """The answer to a question about one folder."""
    files = distinct(of(data, "files"), lambda item: _file(item, folder), lambda file: file.file_id)
    folders = distinct(of(data, "folders"), _folder, lambda each: each.name)
    return LiveFiles(tuple(folders.values()), tuple(files.values()))


@dataclass(frozen=True, slots=True)
class MilkyShelves(Shelves):
    """Reads and changes the files of groups through one account. Whatever id a write answers is not looked at:
    Lagrange leaves it empty (qq_protocol §0.3)."""

    caller: Caller
    dialect: Dialect

    async def page(self, group_id: int, folder: LiveFolder | None) -> Reading[LiveFiles]:
        if Capability.READ_FILES not in self.dialect.capabilities:
            return Unknown(say("{name} cannot list files", name=self.dialect.implementation))
        params = {"group_id": group_id, "parent_folder_id": folder.folder_id if folder else ROOT}
        name = folder.name if folder else ""
        return await self.caller.reading("get_group_files", params, lambda data: listing(data, name))

    async def read_space(self, group_id: int) -> Reading[LiveSpace]:
        return Known(LiveSpace())

    async def address(self, group_id: int, file: LiveFile) -> Reading[str]:
        params = {"group_id": group_id, "file_id": file.file_id}
        return await self.caller.reading(
            "get_group_file_download_url", params, lambda data: identifier(data, "download_url")
        )

    async def create_folder(self, group_id: int, name: str) -> None:
        await self._do(Capability.CREATE_FOLDER, "create_group_folder", group_id, folder_name=name)

    async def do_delete_folder(self, group_id: int, folder_id: str) -> None:
        await self._do(Capability.DELETE_FOLDER, "delete_group_folder", group_id, folder_id=folder_id)

    async def do_delete(self, group_id: int, file: LiveFile) -> None:
        await self._do(Capability.DELETE_FILE, "delete_group_file", group_id, file_id=file.file_id)

    async def do_rename(self, group_id: int, file: LiveFile, folder_id: str, name: str) -> None:
        await self._do(
            Capability.RENAME_FILE, "rename_group_file", group_id,
            file_id=file.file_id, parent_folder_id=folder_id, new_file_name=name,
        )  # fmt: skip

    async def do_keep(self, group_id: int, file: LiveFile) -> None:
        raise Unsupported(say("this cannot be done over Milky"))

    async def do_upload(self, group_id: int, draft: FileDraft, folder_id: str) -> None:
        content = b"".join(draft.parts(_PART))
        await self._do(
            Capability.UPLOAD_FILE, "upload_group_file", group_id, patience_for(draft),
            parent_folder_id=folder_id or ROOT, file_uri=in_base64(content), file_name=draft.name,
        )  # fmt: skip

    async def _do(
        self, capability: Capability, function: str, group_id: int, patience: float | None = None, **params: Any
    ) -> None:
        if capability not in self.dialect.capabilities:
            raise Unsupported(say("{implementation} has no such action", implementation=self.dialect.implementation))
        await self.caller.write(function, {"group_id": group_id, **params}, patience)
