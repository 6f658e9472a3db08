"""A group's files over OneBot 11. NapCat's ids last for one listing: every write begins with one (qq_protocol §0.2).

A folder is known by its name, a file by all that is told of it but its id.
"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.answers import Refusal
from qqgroup_provision.platforms.caller import Caller, ReadFailed
from qqgroup_provision.platforms.onebot11.dialect import Dialect
from qqgroup_provision.platforms.shape import WrongShape, distinct, identifier, integer, of, text
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
    WriteRefused,
)

_ROOT = "/"
_LISTED = 5000  # items that are asked for at once: NapCat gives 50 of both kinds together if not asked for more
_PART = 1 << 20  # bytes of a file in one request
_AGAIN = (0.2, 1.0, 3.0)  # seconds before a part is sent again: the same part twice does no harm
_STREAMS = 3  # times that handing over is begun before it is given up
_KEPT = 3_600_000  # milliseconds that NapCat is to keep what was handed over
_PATIENCE, _SPEED = 120.0, 256 << 10  # seconds, and bytes a second, that passing a file on to QQ may take
_EXISTS = -313  # what QQ says of a folder that is there already (qq_protocol §8.1)


def _file(item: Any, folder: str) -> LiveFile:
    return LiveFile(
        file_id=identifier(item, "file_id"),
        name=text(item, "file_name"),
        folder=folder,
        size=integer(item, "file_size"),
        uploader_id=integer(item, "uploader"),
        uploaded_at=integer(item, "upload_time"),
        temporary=integer({"dead_time": 0, **item}, "dead_time") != 0,
        busid=integer({"busid": 0, **item}, "busid"),
    )


def _folder(item: Any) -> LiveFolder:
    return LiveFolder(identifier(item, "folder_id"), text(item, "folder_name"), integer(item, "total_file_count"))


def listing(data: Any, folder: str) -> LiveFiles:
    """The answer to a question about one folder. A folder without an id is none (qq_protocol §8.2)."""
    files, folders = of(data, "files"), of(data, "folders")
    if not isinstance(folders, list):
        raise WrongShape("folders")
    real = [item for item in folders if not isinstance(item, dict) or item.get("folder_id") != ""]
    found = distinct(files, lambda item: _file(item, folder), lambda file: file.file_id)
    shelves = distinct(real, _folder, lambda each: each.name)
    if len(files) + len(folders) >= _LISTED:
        raise WrongShape(f"end within {_LISTED} items")
    return LiveFiles(tuple(shelves.values()), tuple(found.values()))


def space(data: Any) -> LiveSpace:
    return LiveSpace(*(integer(data, key) for key in ("used_space", "total_space", "file_count", "limit_count")))


@dataclass(frozen=True, slots=True)
class Shelves:
    """Reads and changes the files of groups through one account."""

    caller: Caller
    dialect: Dialect

    async def read(self, group_id: int, folder: str | None = None) -> Reading[LiveFiles]:
        """`GroupReader.files`."""
        if Capability.READ_FILES not in self.dialect.capabilities:
            return Unknown(say("{name} cannot list files", name=self.dialect.implementation))
        params = {"group_id": group_id, "file_count": _LISTED}
        root = await self.caller.reading("get_group_root_files", params, lambda data: listing(data, ""))
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
        params = {"group_id": group_id, "folder_id": folder.folder_id, "file_count": _LISTED}
        found = await self.caller.reading(
            "get_group_files_by_folder", params, lambda data: listing(data, folder.name)
        )
        if isinstance(found, Known) and len(found.value.files) < folder.file_count:
            return Unknown(
                say("the list of the folder “{name}” has {found} of {count} files",
                    name=folder.name, found=len(found.value.files), count=folder.file_count)
            )  # fmt: skip
        return found

    async def read_space(self, group_id: int) -> Reading[LiveSpace]:
        """`GroupReader.file_space`."""
        if Capability.READ_FILES not in self.dialect.capabilities:
            return Known(LiveSpace())
        return await self.caller.reading("get_group_file_system_info", {"group_id": group_id}, space)

    async def create_folder(self, group_id: int, name: str) -> None:
        await self._do(Capability.CREATE_FOLDER, group_id, name=name, folder_name=name)

    async def delete_folder(self, group_id: int, name: str) -> None:
        found = _known(await self.read(group_id, name))
        if found.files:
            raise WriteRefused(say("the folder holds {count} files", count=len(found.files)))
        await self._do(Capability.DELETE_FOLDER, group_id, folder_id=_folder_id(found, name))

    async def delete_file(self, group_id: int, file: LiveFile) -> None:
        found, _ = await self._find(group_id, file)
        await self._do(Capability.DELETE_FILE, group_id, file_id=found.file_id, busid=found.busid)

    async def rename_file(self, group_id: int, file: LiveFile, name: str) -> None:
        found, folder = await self._find(group_id, file)
        await self._do(
            Capability.RENAME_FILE, group_id, file_id=found.file_id, current_parent_directory=folder, new_name=name
        )

    async def keep_file(self, group_id: int, file: LiveFile) -> None:
        found, _ = await self._find(group_id, file)
        await self._do(Capability.KEEP_FILE, group_id, file_id=found.file_id)

    async def upload(self, group_id: int, draft: FileDraft) -> None:
        params: dict[str, Any] = {"name": draft.name, "upload_file": True}
        if draft.folder:
            params["folder"] = _folder_id(_known(await self.read(group_id, "")), draft.folder)
        if self.dialect.streams:
            params["file"] = await self._hand_over(draft)
        else:
            content = b"".join(draft.parts(_PART))
            params["file"] = "base64://" + base64.b64encode(content).decode("ascii")
        patience = _PATIENCE + draft.size / _SPEED
        await self._do(Capability.UPLOAD_FILE, group_id, patience, **params)

    async def _hand_over(self, draft: FileDraft) -> str:
        """Give the server the file in parts, and learn by which path it has it. Nobody sees this, so it may fail."""
        reason: Text = say("?")
        for _ in range(_STREAMS):
            try:
                return await self._stream(draft, uuid.uuid4().hex)
            except ReadFailed as error:
                reason = error.reason
            except WrongShape as error:
                reason = say("an answer without a proper {field}", field=str(error))
        raise WriteRefused(say("the file could not be handed over: {reason}", reason=reason))

    async def _stream(self, draft: FileDraft, stream: str) -> str:
        """One stream from its first part to its last (qq_protocol §8.6)."""
        begun = {"stream_id": stream, "file_retention": _KEPT}
        whole = {
            **begun,
            "total_chunks": -(-draft.size // _PART),
            "file_size": draft.size,
            "filename": stream,  # it becomes part of a path over there, so not a name that people chose
            "expected_sha256": draft.sha256,
        }
        for index, part in enumerate(draft.parts(_PART)):
            await self._part({**whole, "chunk_index": index, "chunk_data": base64.b64encode(part).decode("ascii")})
        done = await self._part({**begun, "is_complete": True})
        if of(done, "sha256") != draft.sha256:
            raise WrongShape("sha256")
        return identifier(done, "file_path")

    async def _part(self, params: dict[str, Any]) -> Any:
        for wait in (*_AGAIN, None):
            try:
                return await self.caller.read("upload_file_stream", params)
            except ReadFailed as error:
                if wait is None or isinstance(error.cause, Refusal):
                    raise
                await asyncio.sleep(wait)
        raise AssertionError("the last attempt either returns or raises")

    async def _find(self, group_id: int, file: LiveFile) -> tuple[LiveFile, str]:
        """A file as it is listed now, and the id of its folder. Raises `WriteRefused` if it is not the only one."""
        listed = _known(await self.read(group_id, file.folder))
        found = [each for each in listed.files if _told(each) == _told(file)]
        if len(found) != 1:
            raise WriteRefused(say("the file is there {count} times", count=len(found)))
        return found[0], _folder_id(listed, file.folder) if file.folder else _ROOT

    async def _do(self, capability: Capability, group_id: int, patience: float | None = None, **params: Any) -> None:
        action = self.dialect.actions.get(capability)
        if action is None:
            raise Unsupported(say("{implementation} has no such action", implementation=self.dialect.implementation))
        data = await self.caller.write(action, {"group_id": group_id, **params}, patience)
        _require_inner_ok(data)


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


def _require_inner_ok(data: Any) -> None:
    """NapCat passes on what its QQ client says without looking at it (qq_protocol §0.3)."""
    for part in _inner(data):
        code = part.get("retCode")
        if isinstance(code, int) and code not in (0, _EXISTS):
            words = str(part.get("clientWording") or part.get("retMsg") or "?")[:200]
            raise WriteRefused(say("{words} (retcode {code})", words=words, code=code))


def _inner(data: Any) -> Iterable[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        if isinstance(data.get("result"), dict):
            yield data["result"]
