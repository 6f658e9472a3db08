"""A group's files as LLBot and NapCat serve them (qq_protocol §0.2, §8).

LLBot passes QQ's own ids on. NapCat makes new ones for every listing, and takes no others; it never looks at what
QQ says of folders; and it takes large files in parts.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qqgroup_provision.simulator.dialects.base import Action, Failed, Params, number, string
from qqgroup_provision.simulator.group_files import ROOT, FilesRefusal, GroupFiles
from qqgroup_provision.simulator.world import World

_MINTED = 5000  # ids that NapCat remembers


class LLBotFiles:
    """What one account's LLBot says of files and does about them."""

    keeping = "set_group_file_forever"

    def __init__(self, world: World, me: int) -> None:
        self.world = world
        self.me = me
        self.actions = {
            "get_group_root_files": Action(self._root),
            "get_group_files_by_folder": Action(self._by_folder),
            "get_group_file_system_info": Action(self.space),
            "get_group_file_url": Action(self._url),
            "create_group_file_folder": Action(self.create_folder, writes=True),
            "delete_group_folder": Action(self.delete_folder, writes=True),
            "upload_group_file": Action(self.upload, writes=True),
            "delete_group_file": Action(self.delete, writes=True),
            "rename_group_file": Action(self.rename, writes=True),
            self.keeping: Action(self.keep, writes=True),
        }

    @property
    def files(self) -> GroupFiles:
        return self.world.files

    def file_id(self, row: Mapping[str, Any]) -> str:
        """What a listing calls a file."""
        return str(row["id"])

    def real_id(self, params: Params) -> str:
        """QQ's own id for what a listing called a file."""
        return string(params, "file_id")

    def count(self, params: Params) -> int:
        """How many items a listing has at most."""
        return number(params, "file_count", 1 << 30)

    def _root(self, params: Params) -> Any:
        return self.listed(number(params, "group_id"), ROOT, params)

    def _by_folder(self, params: Params) -> Any:
        folder = string(params, "folder_id", params.get("folder", ""))
        return self.listed(number(params, "group_id"), folder, params)

    def listed(self, group: int, folder: str, params: Params) -> dict[str, Any]:
        most = self.count(params)
        shelves = self.files.folders(group) if folder == ROOT else []
        folders = [self.folder_item(group, row) for row in shelves][:most]
        files = [self.item(group, row) for row in self.files.files(group, folder)[: most - len(folders)]]
        return {"folders": folders, "files": files}

    def folder_item(self, group: int, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group_id": group, "folder_id": row["id"], "folder": row["id"], "folder_name": row["name"],
            "create_time": row["time"], "creator": row["creator"], "creator_name": str(row["creator"]),
            "total_file_count": row["size"],
        }  # fmt: skip

    def item(self, group: int, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group_id": group, "file_id": self.file_id(row), "file_name": row["name"], "busid": 102,
            "size": row["size"], "file_size": row["size"], "upload_time": row["time"],
            "dead_time": row["dead_time"], "modify_time": row["time"], "download_times": 0,
            "uploader": row["uploader"], "uploader_name": str(row["uploader"]),
        }  # fmt: skip

    def _url(self, params: Params) -> Any:
        group, file = number(params, "group_id"), self.real_id(params)
        return {"url": self.files.address(group, file)}

    def space(self, params: Params) -> Any:
        space = self.files.space(number(params, "group_id"))
        return {
            "file_count": space["count"], "limit_count": space["limit"],
            "used_space": space["used"], "total_space": space["total"],
        }  # fmt: skip

    def create_folder(self, params: Params) -> Any:
        return {"folder_id": self.files.create_folder(self.me, number(params, "group_id"), string(params, "name"))}

    def delete_folder(self, params: Params) -> Any:
        self.files.delete_folder(self.me, number(params, "group_id"), string(params, "folder_id"))

    def upload(self, params: Params) -> Any:
        group, name = number(params, "group_id"), string(params, "name")
        if "/" in name or "\\" in name:
            raise Failed("文件名不能包含 / 或 \\")
        size, sha256 = self.content(string(params, "file"))
        folder = string(params, "folder", string(params, "folder_id", ROOT))
        return {"file_id": self.files.upload(self.me, group, folder, name, size, sha256)}

    def content(self, written: str) -> tuple[int, str]:
        """Size and digest of what is uploaded. Of a path or an address a test has no use."""
        if not written.startswith("base64://"):
            raise Failed("文件不存在")
        try:
            content = base64.b64decode(written.removeprefix("base64://"), validate=True)
        except ValueError:
            raise Failed("文件不存在") from None
        self.files.store(content)
        return len(content), hashlib.sha256(content).hexdigest()

    def delete(self, params: Params) -> Any:
        self.files.delete(self.me, number(params, "group_id"), self.real_id(params))

    def rename(self, params: Params) -> Any:
        string(params, "current_parent_directory")
        self.files.rename(self.me, number(params, "group_id"), self.real_id(params), string(params, "new_name"))

    def keep(self, params: Params) -> Any:
        self.files.keep(self.me, number(params, "group_id"), self.real_id(params))


@dataclass(slots=True)
class _Stream:
    """A file on its way: parts that came out of turn wait for those before them."""

    total: int
    expected: str
    size: int = 0
    next: int = 0
    waiting: dict[int, bytes] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, index: int, part: bytes) -> None:
        if index >= self.next:
            self.waiting[index] = part
        while self.next in self.waiting:
            ready = self.waiting.pop(self.next)
            self.digest.update(ready)
            self.size += len(ready)
            self.next += 1


class NapCatFiles(LLBotFiles):
    """What one account's NapCat says of files and does about them."""

    keeping = "trans_group_file"

    def __init__(self, world: World, me: int) -> None:
        super().__init__(world, me)
        self.actions["upload_file_stream"] = Action(self._stream)
        self._minted: dict[str, str] = {}
        self._streams: dict[str, _Stream] = {}
        self._complete: dict[str, tuple[int, str]] = {}

    def file_id(self, row: Mapping[str, Any]) -> str:
        return self.minted(row["id"])

    def minted(self, file: str) -> str:
        """A new id for a file; the oldest are forgotten."""
        minted = uuid.uuid4().hex
        self._minted[minted] = file
        if len(self._minted) > _MINTED:
            del self._minted[next(iter(self._minted))]
        return minted

    def real_id(self, params: Params) -> str:
        found = self._minted.get(string(params, "file_id"))
        if found is None:
            raise Failed("Invalid file_id")
        return found

    def count(self, params: Params) -> int:
        return number(params, "file_count", 50)

    def create_folder(self, params: Params) -> Any:
        """Whatever QQ says, it is passed on as if all were well."""
        name = string(params, "folder_name", params.get("name", ""))
        try:
            folder = self.files.create_folder(self.me, number(params, "group_id"), name)
        except FilesRefusal as error:
            return {"result": _raw(error), "groupItem": {"folderInfo": {"folderId": ""}}}
        return {"result": _raw(None), "groupItem": {"folderInfo": {"folderId": folder, "folderName": name}}}

    def delete_folder(self, params: Params) -> Any:
        folder = string(params, "folder_id", params.get("folder", ""))
        try:
            self.files.delete_folder(self.me, number(params, "group_id"), folder)
        except FilesRefusal as error:
            return _raw(error)
        return _raw(None)

    def content(self, written: str) -> tuple[int, str]:
        return self._complete[written] if written in self._complete else super().content(written)

    def delete(self, params: Params) -> Any:
        try:
            super().delete(params)
        except FilesRefusal:
            return {"transGroupFileResult": {"result": _raw(None), "failFileIdList": [params["file_id"]]}}
        return {"transGroupFileResult": {"result": _raw(None), "successFileIdList": [params["file_id"]]}}

    def rename(self, params: Params) -> Any:
        super().rename(params)
        return {"ok": True}

    def keep(self, params: Params) -> Any:
        super().keep(params)
        return {"ok": True}

    def _stream(self, params: Params) -> Any:
        name = string(params, "stream_id")
        if params.get("is_complete"):
            return self._completed(name)
        stream = self._streams.get(name)
        if stream is None:
            if "total_chunks" not in params:
                raise Failed("total_chunks is required for the first chunk")
            stream = _Stream(number(params, "total_chunks"), string(params, "expected_sha256", ""))
            self._streams[name] = stream
        part = base64.b64decode(string(params, "chunk_data"))
        if stream.total == 1:
            self.files.store(part)
        stream.add(number(params, "chunk_index"), part)
        return {
            "type": "stream", "stream_id": name, "status": "chunk_received",
            "received_chunks": stream.next + len(stream.waiting), "total_chunks": stream.total,
        }  # fmt: skip

    def _completed(self, name: str) -> Any:
        stream = self._streams.pop(name, None)
        if stream is None:
            raise Failed(f"Stream {name} not found")
        digest = stream.digest.hexdigest()
        if stream.next != stream.total:
            raise Failed("Incomplete stream")
        if stream.expected and stream.expected != digest:
            raise Failed("SHA256 mismatch")
        path = f"/tmp/napcat/{name}"  # noqa: S108  (a name, and nothing is there)
        self._complete[path] = (stream.size, digest)
        return {
            "type": "response", "stream_id": name, "status": "file_complete", "received_chunks": stream.total,
            "total_chunks": stream.total, "file_path": path, "file_size": stream.size, "sha256": digest,
        }  # fmt: skip


def _raw(error: FilesRefusal | None) -> dict[str, Any]:
    """A result as NapCat's QQ client gives it."""
    if error is None:
        return {"retCode": 0, "retMsg": "ok", "clientWording": ""}
    return {"retCode": error.code, "retMsg": "not group admin", "clientWording": error.words}
