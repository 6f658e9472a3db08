"""Behaviours straight from a workspace, for trying them out: what is saved there is in force a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.behaviors import Behavior, Behaviors
from qqgroup_provision.bot.records import Records
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace.files import read_asset, yaml_files
from qqgroup_provision.workspace.load import load_workspace

_LOOK = 1.0  # seconds between two looks at the files


class WatchedBehaviors(Behaviors):
    """The behaviours of a folder's groups. A folder with a fault changes nothing until it is right."""

    def __init__(self, folder: Path, records: Records, replaced: Callable[[int], None]) -> None:
        super().__init__()
        self._folder = folder
        self._records = records
        self._replaced = replaced
        self._stamp: object = None
        self._lists: frozenset[str] = frozenset()  # files that behaviours are made of beside YAML

    async def watch(self) -> None:
        """Look at the files again and again."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK)

    async def look(self) -> None:
        """Load the folder if anything in it has changed."""
        stamp = await asyncio.to_thread(_stamp, self._folder, self._lists)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        loaded = await asyncio.to_thread(self._load)
        if loaded is None:
            return
        found, assets = loaded
        configurations = (behavior.prepared.configuration for behavior in found.values())
        self._lists = assets | {one.path for known in configurations for one in known.host_lists()}
        for group in self.current.keys() - found.keys():
            self.forget(group)
        for group, behavior in found.items():
            known = self.current.get(group)
            if known is None or known.prepared.configuration != behavior.prepared.configuration:
                self.enforce(group, behavior)
                self._records.write("behavior_replaced", group=group)
                self._replaced(group)

    def content(self, path: str, sha256: str) -> bytes:
        return read_asset(self._folder, path, Place(path))

    def _load(self) -> tuple[dict[int, Behavior], frozenset[str]] | None:
        loaded = load_workspace(self._folder)
        if loaded.workspace is None:
            faults = [
                f"{found.code} {found.place}: {found.summary}" for found in loaded.diagnostics if found.is_error
            ]
            self._records.write("not_usable", folder=str(self._folder), reasons=faults[:20])
            return None
        groups = (group.behavior for group in loaded.workspace.groups.values())
        known = {one.group_id: Behavior(Prepared(one), dict(one.pictures())) for one in groups if one is not None}
        return known, loaded.workspace.assets


def _stamp(folder: Path, lists: Collection[str]) -> object:
    """What changes whenever a file of YAML does, or one of these."""
    found = []
    for name, path in (*yaml_files(folder), *((name, folder / name) for name in sorted(lists))):
        try:
            status = path.stat()
        except OSError:
            continue  # it went while we looked; the next look sees that
        found.append((name, status.st_mtime_ns, status.st_size))
    return tuple(found)
