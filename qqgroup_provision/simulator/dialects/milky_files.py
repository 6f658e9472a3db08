"""A group's files and essence messages as LLBot and Lagrange.Milky serve them (qq_protocol §0.3, §8, §13)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from qqgroup_provision.simulator.dialects.base import Action, Invalid, Params
from qqgroup_provision.simulator.dialects.milky_params import number, string
from qqgroup_provision.simulator.group_files import ROOT, GroupFiles
from qqgroup_provision.simulator.world import World

# Answers with nothing in them.
EMPTY: Mapping[str, Mapping[str, Any]] = {
    "get_group_files": {"files": [], "folders": []},
    "get_group_essence_messages": {"messages": [], "is_end": True},
    "get_history_messages": {"messages": []},
}


class MilkyFiles:
    """What one account's LLBot says of files and does about them. `fetched` gives what a URI
    names."""

    def __init__(self, world: World, me: int, fetched: Callable[[str], bytes]) -> None:
        self.world = world
        self.me = me
        self._fetched = fetched
        self.actions = {
            "get_group_files": Action(self._listed),
            "get_group_file_download_url": Action(self._url),
            "create_group_folder": Action(self.create_folder, writes=True),
            "delete_group_folder": Action(self._delete_folder, writes=True),
            "upload_group_file": Action(self.upload, writes=True),
            "delete_group_file": Action(self._delete, writes=True),
            "rename_group_file": Action(self._rename, writes=True),
        }

    @property
    def files(self) -> GroupFiles:
        return self.world.files

    def never(self) -> Mapping[str, int]:
        """When a file expires that does not."""
        return {}

    def create_folder(self, params: Params) -> Any:
        group, name = number(params, "group_id"), string(params, "folder_name")
        return {"folder_id": self.files.create_folder(self.me, group, name)}

    def upload(self, params: Params) -> Any:
        group, folder = number(params, "group_id"), self._folder(params)
        content = self._fetched(string(params, "file_uri"))
        self.files.store(content)
        name, sha256 = string(params, "file_name"), hashlib.sha256(content).hexdigest()
        return {"file_id": self.files.upload(self.me, group, folder, name, len(content), sha256)}

    def _listed(self, params: Params) -> Any:
        group, folder = number(params, "group_id"), self._folder(params)
        folders = self.files.folders(group) if folder == ROOT else []
        return {
            "files": [
                {
                    "group_id": group, "file_id": row["id"], "file_name": row["name"], "parent_folder_id": folder,
                    "file_size": row["size"], "uploaded_time": row["time"], "uploader_id": row["uploader"],
                    "downloaded_times": 0,
                    **({"expire_time": row["dead_time"]} if row["dead_time"] else self.never()),
                }
                for row in self.files.files(group, folder)
            ],
            "folders": [
                {
                    "group_id": group, "folder_id": row["id"], "parent_folder_id": ROOT, "folder_name": row["name"],
                    "created_time": row["time"], "last_modified_time": row["time"], "creator_id": row["creator"],
                    "file_count": row["size"],
                }
                for row in folders
            ],
        }  # fmt: skip

    def _url(self, params: Params) -> Any:
        group, file = number(params, "group_id"), string(params, "file_id")
        return {"download_url": self.files.address(group, file)}

    def _delete_folder(self, params: Params) -> Any:
        self.files.delete_folder(self.me, number(params, "group_id"), string(params, "folder_id"))
        return {}

    def _delete(self, params: Params) -> Any:
        self.files.delete(self.me, number(params, "group_id"), string(params, "file_id"))
        return {}

    def _rename(self, params: Params) -> Any:
        self._folder(params)
        group, file = number(params, "group_id"), string(params, "file_id")
        self.files.rename(self.me, group, file, string(params, "new_file_name"))
        return {}

    def _folder(self, params: Params) -> str:
        value = params.get("parent_folder_id")
        if value is not None and not isinstance(value, str):
            raise Invalid("parent_folder_id: expected string")
        return value or ROOT


class LagrangeMilkyFiles(MilkyFiles):
    """What one account's Lagrange.Milky says of files: it gives new ones no id, and makes 0 of "never"."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        del self.actions["rename_group_file"]

    def never(self) -> Mapping[str, int]:
        return {"expire_time": 0}

    def create_folder(self, params: Params) -> Any:
        super().create_folder(params)
        return {"folder_id": ""}

    def upload(self, params: Params) -> Any:
        super().upload(params)
        return {"file_id": ""}


class MilkyEssence:
    """The essence messages of a group as LLBot lists them, page by page. `message` gives one as Milky has it."""

    def __init__(self, world: World, message: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self._chat = world.chat
        self._message = message
        self.actions = {"get_group_essence_messages": Action(self._listed)}

    def _listed(self, params: Params) -> Any:
        rows = self._chat.essence(number(params, "group_id"))
        index, size = number(params, "page_index", lowest=0), number(params, "page_size", lowest=0)
        page = rows[index * size : (index + 1) * size]
        return {"messages": [self._item(row) for row in page], "is_end": len(rows) <= (index + 1) * size}

    def _item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group_id": row["group_id"], "message_seq": row["seq"], "message_time": row["time"],
            "sender_id": row["sender"], "sender_name": str(row["sender"]), "operator_id": row["operator"],
            "operator_name": str(row["operator"]), "operation_time": row["marked_at"],
            "segments": self._message(row)["segments"],
        }  # fmt: skip
