"""A group's files through one account, whichever protocol: a protocol adds its words.

A folder is known by its name, a file by all that is told of it but its id: NapCat's ids last for one listing, so
every write begins with one (qq_protocol §0.2).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.download import NotDownloaded, fetch
from qqgroup_provision.ports import (
    FileDraft,
    Known,
    LiveFile,
    LiveFiles,
    LiveFolder,
    LiveSpace,
    Reading,
    Unknown,
    WriteRefused,
)

ROOT = "/"
_PATIENCE, _SPEED = 120.0, 256 << 10  # seconds, and bytes a second, that passing a file on to QQ may take


class Shelves(ABC):
    """Reads and changes the files of groups. What is abstract is one request each, or the few of an upload."""

    @abstractmethod
    async def page(self, group_id: int, folder: LiveFolder | None) -> Reading[LiveFiles]:
        """What is in a folder, or in none."""

    @abstractmethod
    async def read_space(self, group_id: int) -> Reading[LiveSpace]:
        """`GroupReader.file_space`."""

    @abstractmethod
    async def address(self, group_id: int, file: LiveFile) -> Reading[str]:
        """Where a file can be downloaded for a while."""

    @abstractmethod
    async def create_folder(self, group_id: int, name: str) -> None:
        """`GroupWriter.create_folder`."""

    @abstractmethod
    async def do_delete_folder(self, group_id: int, folder_id: str) -> None: ...

    @abstractmethod
    async def do_delete(self, group_id: int, file: LiveFile) -> None: ...

    @abstractmethod
    async def do_rename(self, group_id: int, file: LiveFile, folder_id: str, name: str) -> None: ...

    @abstractmethod
    async def do_keep(self, group_id: int, file: LiveFile) -> None: ...

    @abstractmethod
    async def do_upload(self, group_id: int, draft: FileDraft, folder_id: str) -> None:
        """`folder_id` is empty for no folder."""

    async def read(self, group_id: int, folder: str | None = None) -> Reading[LiveFiles]:
        """`GroupReader.files`."""
        root = await self.page(group_id, None)
        if not isinstance(root, Known) or folder == "":
            return root
        asked = [each for each in root.value.folders if folder in (None, each.name)]
        parts = await asyncio.gather(*(self._inside(group_id, each) for each in asked))
        files = list(root.value.files) if folder is None else []
        for part in parts:
            if not isinstance(part, Known):
                return part
            files.extend(part.value.files)
        return Known(LiveFiles(root.value.folders, tuple(files)))

    async def _inside(self, group_id: int, folder: LiveFolder) -> Reading[LiveFiles]:
        found = await self.page(group_id, folder)
        if isinstance(found, Known) and len(found.value.files) < folder.file_count:
            return Unknown(
                say("the list of the folder “{name}” has {found} of {count} files",
                    name=folder.name, found=len(found.value.files), count=folder.file_count)
            )  # fmt: skip
        return found

    async def download(self, group_id: int, file: LiveFile, write: Callable[[bytes], object]) -> Reading[int]:
        """`GroupReader.download`."""
        address = await self.address(group_id, file)
        if not isinstance(address, Known):
            return address
        try:
            return Known(await fetch(address.value, file.size, write))
        except NotDownloaded as error:
            return Unknown(error.reason)

    async def delete_folder(self, group_id: int, name: str) -> None:
        found = _known(await self.read(group_id, name))
        if found.files:
            raise WriteRefused(say("the folder holds {count} files", count=len(found.files)))
        await self.do_delete_folder(group_id, _folder_id(found, name))

    async def delete_file(self, group_id: int, file: LiveFile) -> None:
        found, _ = await self._find(group_id, file)
        await self.do_delete(group_id, found)

    async def rename_file(self, group_id: int, file: LiveFile, name: str) -> None:
        found, folder = await self._find(group_id, file)
        await self.do_rename(group_id, found, folder, name)

    async def keep_file(self, group_id: int, file: LiveFile) -> None:
        found, _ = await self._find(group_id, file)
        await self.do_keep(group_id, found)

    async def upload(self, group_id: int, draft: FileDraft) -> None:
        folder = _folder_id(_known(await self.read(group_id, "")), draft.folder) if draft.folder else ""
        await self.do_upload(group_id, draft, folder)

    async def _find(self, group_id: int, file: LiveFile) -> tuple[LiveFile, str]:
        """A file as it is listed now, and the id of its folder. Raises `WriteRefused` if it is not the only one."""
        listed = _known(await self.read(group_id, file.folder))
        found = [each for each in listed.files if _told(each) == _told(file)]
        if len(found) != 1:
            raise WriteRefused(say("the file is there {count} times", count=len(found)))
        return found[0], _folder_id(listed, file.folder) if file.folder else ROOT


def patience_for(draft: FileDraft) -> float:
    """Seconds that a server may take to pass a file on to QQ."""
    return _PATIENCE + draft.size / _SPEED


def _told(file: LiveFile) -> LiveFile:
    """All that tells a file from others, without what does not last."""
    return replace(file, file_id="", temporary=False, busid=0)


def _known(reading: Reading[LiveFiles]) -> LiveFiles:
    """What was read before a write; without it, nothing is written."""
    if isinstance(reading, Known):
        return reading.value
    raise WriteRefused(reading.reason if isinstance(reading, Unknown) else say("the group is gone"))


def _folder_id(found: LiveFiles, name: str) -> str:
    for folder in found.folders:
        if folder.name == name:
            return folder.folder_id
    raise WriteRefused(say("there is no folder “{name}”", name=name))
