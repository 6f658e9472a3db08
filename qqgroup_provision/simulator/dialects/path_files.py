"""A group's files as Lagrange.OneBot and go-cqhttp serve them (qq_protocol §8).

Both take a file by its path on their own machine and nothing else, cannot rename one, and answer an upload with null.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qqgroup_provision.simulator.dialects.base import Action, Failed, Params, number, string
from qqgroup_provision.simulator.dialects.files import LLBotFiles
from qqgroup_provision.simulator.group_files import ROOT
from qqgroup_provision.simulator.world import World

_LARGEST = 64 << 20  # bytes of a file that are looked at


class LagrangeFiles(LLBotFiles):
    """What one account's Lagrange.OneBot says of files and does about them. It does not say how many there are."""

    busid = 0

    def __init__(self, world: World, me: int) -> None:
        super().__init__(world, me)
        for missing in ("get_group_file_system_info", "rename_group_file", self.keeping):
            del self.actions[missing]
        self.actions["delete_group_file_folder"] = self.actions.pop("delete_group_folder")

    def folder_item(self, group: int, row: Mapping[str, Any]) -> dict[str, Any]:
        item = super().folder_item(group, row)
        del item["folder"]
        return item

    def item(self, group: int, row: Mapping[str, Any]) -> dict[str, Any]:
        item = super().item(group, row)
        del item["size"]
        return {**item, "busid": self.busid}

    def create_folder(self, params: Params) -> Any:
        string(params, "parent_id", ROOT)
        self.files.create_folder(self.me, number(params, "group_id"), string(params, "name"))
        return {"msg": "ok"}

    def upload(self, params: Params) -> Any:
        super().upload(params)

    def content(self, written: str) -> tuple[int, str]:
        path = Path(written)
        if not path.is_absolute() or not path.is_file() or path.stat().st_size > _LARGEST:
            raise Failed("FILE_NOT_FOUND")
        content = path.read_bytes()
        self.files.store(content)
        return len(content), hashlib.sha256(content).hexdigest()


class GoCQFiles(LagrangeFiles):
    """What one account's go-cqhttp says of files and does about them. Go makes null of an empty list."""

    busid = 102

    def __init__(self, world: World, me: int) -> None:
        super().__init__(world, me)
        self.actions["delete_group_folder"] = self.actions.pop("delete_group_file_folder")
        self.actions["get_group_file_system_info"] = Action(self.space)

    def listed(self, group: int, folder: str, params: Params) -> dict[str, Any]:
        found = super().listed(group, folder, params)
        return {key: items or None for key, items in found.items()}

    def space(self, params: Params) -> Any:
        return {**super().space(params), "group_id": number(params, "group_id")}

    def create_folder(self, params: Params) -> Any:
        if string(params, "parent_id") != ROOT:
            raise Failed("FILE_SYSTEM_API_ERROR")
        super().create_folder(params)

    def delete(self, params: Params) -> Any:
        if number(params, "busid", params.get("bus_id", 0)) != self.busid:
            raise Failed("FILE_SYSTEM_API_ERROR")
        super().delete(params)
