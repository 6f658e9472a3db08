"""What has to be equal at the end, however often a run was cut off: the world, the state, and what people noticed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from qqgroup_provision.state.model import State

_STAMP = re.compile(r"-\d{8}-\d{6}(?=\.|$)")  # of an earlier version's name
_FLEETING = ("id", "n", "time", "sequence", "seq", "message", "file", "folder")  # what differs between equal worlds


def world_of(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """A world without what differs between equal ones: ids and times."""
    return {number: _group(group) for number, group in snapshot.items()}


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    notices = [{key: value for key, value in item.items() if key not in ("id", "time")}
               for item in group["announcements"]]  # fmt: skip
    files = [{**item, "path": _STAMP.sub("-*", item["path"])} for item in group["files"]]
    return {
        **group,
        "announcements": sorted(notices, key=lambda item: (item["text"], item["sender"], item["pinned"])),
        "files": sorted(files, key=lambda item: (item["path"], item["sha256"])),
    }


def effects(timeline: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Everything that was done to the groups, how often each."""
    found: Counter[str] = Counter()
    for event in timeline:
        said = {key: _STAMP.sub("-*", value) if isinstance(value, str) else value
                for key, value in event.items() if key not in _FLEETING}  # fmt: skip
        found[repr(sorted(said.items()))] += 1
    return found


def state_of(state: State) -> dict[str, Any]:
    """What a state holds, without ids and times. Of what was cleared it holds nothing that a plan goes by; and what
    nobody can read back counts as not verified to a run that did not do it itself, so that is left out."""
    return {
        str(address): (sorted(entry.ids), dict(entry.applied), entry.protected)
        for address, entry in state.entries.items()
        if entry.protected or any(entry.applied.values())
    }


def differences(expected: tuple[Mapping[str, Any], ...], found: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """Where two endings differ, part by part: what should be, and what is."""
    return {
        key: (whole.get(key), cut.get(key))
        for whole, cut in zip(expected, found, strict=True)
        for key in {**whole, **cut}
        if whole.get(key) != cut.get(key)
    }
