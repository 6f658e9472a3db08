"""A group's files in OneBot 11's words, and how NapCat takes large ones: in parts (qq_protocol §8)."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.answers import Refusal, refusal_by
from qqgroup_provision.platforms.caller import Caller, ReadFailed, carried_out
from qqgroup_provision.platforms.onebot11.dialect import PART, Dialect, Upload
from qqgroup_provision.platforms.shape import WrongShape, distinct, identifier, integer, of, text
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
    WriteRefused,
)

_LISTED = 5000  # items that are asked for at once: NapCat gives 50 of both kinds together if not asked for more
_AGAIN = (0.2, 1.0, 3.0)  # seconds before a part is sent again: the same part twice does no harm
_STREAMS = 3  # times that handing over is begun before it is given up
_KEPT = 3_600_000  # milliseconds that NapCat is to keep what was handed over
_EXISTS = -313  # what QQ says of a folder that is there already (qq_protocol §8.1)


def _file(item: Any, folder: str) -> LiveFile:
    uploaded_at = integer(item, "upload_time")
    return LiveFile(
        file_id=identifier(item, "file_id"),
        name=text(item, "file_name"),
        folder=folder,
        size=integer(item, "file_size"),
        uploader_id=integer(item, "uploader"),
        uploaded_at=uploaded_at,
        # Lagrange makes something near 1970 of "never".
        temporary=integer({"dead_time": 0, **item}, "dead_time") > uploaded_at,
        busid=integer({"busid": 0, **item}, "busid"),
    )


def _folder(item: Any) -> LiveFolder:
    return LiveFolder(identifier(item, "folder_id"), text(item, "folder_name"), integer(item, "total_file_count"))


def listing(data: Any, folder: str, null_is_none: bool = False) -> LiveFiles:
    """The answer to a question about one folder. A folder without an id is none (qq_protocol §8.2).

    `null_is_none` says that an empty list may come as null.
    """
    files, folders = of(data, "files"), of(data, "folders")
    if null_is_none:
        files, folders = files or [], folders or []
    if not isinstance(folders, list):
        raise WrongShape("folders")
    real = [item for item in folders if not isinstance(item, dict) or item.get("folder_id") != ""]
    found = distinct(files, lambda item: _file(item, folder), lambda file: file.file_id)
    shelves = distinct(real, _folder, lambda each: each.name)
    if len(files) + len(folders) >= _LISTED:
        raise WrongShape(f"end within {_LISTED} items")
    return LiveFiles(tuple(shelves.values()), tuple(found.values()))


def space(data: Any) -> LiveSpace:
    """How much room there is. No group has none at all: that says a server that knows nothing."""
    found = LiveSpace(*(integer(data, key) for key in ("used_space", "total_space", "file_count", "limit_count")))
    if not found.total:
        raise WrongShape("total_space")
    return found


@dataclass(frozen=True, slots=True)
class OneBotShelves(Shelves):
    """Reads and changes the files of groups through one account."""

    caller: Caller
    dialect: Dialect

    async def page(self, group_id: int, folder: LiveFolder | None) -> Reading[LiveFiles]:
        if Capability.READ_FILES not in self.dialect.capabilities:
            return Unknown(say("{name} cannot list files", name=self.dialect.implementation))
        params: dict[str, Any] = {"group_id": group_id, "file_count": _LISTED}
        null = self.dialect.null_is_none
        if folder is None:
            return await self.caller.reading("get_group_root_files", params, lambda data: listing(data, "", null))
        return await self.caller.reading(
            "get_group_files_by_folder",
            {**params, "folder_id": folder.folder_id},
            lambda data: listing(data, folder.name, null),
        )

    async def read_space(self, group_id: int) -> Reading[LiveSpace]:
        if not self.dialect.tells_space:
            return Known(LiveSpace())
        return await self.caller.reading("get_group_file_system_info", {"group_id": group_id}, space)

    async def address(self, group_id: int, file: LiveFile) -> Reading[str]:
        action = self.dialect.actions.get(Capability.DOWNLOAD_FILE)
        if action is None:
            return Unknown(say("{implementation} has no such action", implementation=self.dialect.implementation))
        params = {"group_id": group_id, **self._named(file)}
        return await self.caller.reading(action, params, lambda data: identifier(data, "url"))

    def _named(self, file: LiveFile) -> dict[str, Any]:
        return {"file_id": file.file_id, **({"busid": file.busid} if self.dialect.busid else {})}

    async def create_folder(self, group_id: int, name: str) -> None:
        params: dict[str, Any] = {"name": name, "folder_name": name}
        if self.dialect.names_parent:
            params["parent_id"] = ROOT
        await self._do(Capability.CREATE_FOLDER, group_id, **params)

    async def do_delete_folder(self, group_id: int, folder_id: str) -> None:
        await self._do(Capability.DELETE_FOLDER, group_id, folder_id=folder_id)

    async def do_delete(self, group_id: int, file: LiveFile) -> None:
        await self._do(Capability.DELETE_FILE, group_id, **self._named(file))

    async def do_rename(self, group_id: int, file: LiveFile, folder_id: str, name: str) -> None:
        await self._do(
            Capability.RENAME_FILE, group_id,
            file_id=file.file_id, current_parent_directory=folder_id, new_name=name,
        )  # fmt: skip

    async def do_keep(self, group_id: int, file: LiveFile) -> None:
        await self._do(Capability.KEEP_FILE, group_id, file_id=file.file_id)

    async def do_upload(self, group_id: int, draft: FileDraft, folder_id: str) -> None:
        params: dict[str, Any] = {"name": draft.name, "upload_file": True}
        if folder_id:
            params["folder"] = folder_id
        match self.dialect.upload:
            case Upload.PARTS:
                params["file"] = await self._hand_over(draft)
            case Upload.WHOLE:
                content = b"".join(draft.parts(PART))
                params["file"] = "base64://" + base64.b64encode(content).decode("ascii")
            case Upload.PATH:
                for _ in draft.parts(PART):  # it reads the file itself: the same one, as far as anybody can tell
                    pass
                params["file"] = draft.path
        await self._do(Capability.UPLOAD_FILE, group_id, patience_for(draft), **params)

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
            "total_chunks": -(-draft.size // PART),
            "file_size": draft.size,
            "filename": stream,  # it becomes part of a path over there, so not a name that people chose
            "expected_sha256": draft.sha256,
        }
        for index, part in enumerate(draft.parts(PART)):
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

    async def _do(self, capability: Capability, group_id: int, patience: float | None = None, **params: Any) -> None:
        action = self.dialect.actions.get(capability)
        if action is None:
            raise Unsupported(say("{implementation} has no such action", implementation=self.dialect.implementation))
        data = await self.caller.write(action, {"group_id": group_id, **params}, patience)
        _require_inner_ok(data)


def _require_inner_ok(data: Any) -> None:
    """NapCat passes on what its QQ client says without looking at it (qq_protocol §0.3)."""
    for part in _inner(data):
        code = part.get("retCode")
        if isinstance(code, int) and code not in (0, _EXISTS):
            words = str(part.get("clientWording") or part.get("retMsg") or "?")[:200]
            carried_out(refusal_by(words, code))


def _inner(data: Any) -> Iterable[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        if isinstance(data.get("result"), dict):
            yield data["result"]
