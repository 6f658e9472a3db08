"""A state file: read, written again, and shown entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qqgroup_provision.addresses import Address
from qqgroup_provision.reports.state_text import render_entry
from qqgroup_provision.state.format import dump, load
from qqgroup_provision.state.model import Entry, Override, State

WEIGHT = 2
AT = "2026-11-23T12:00:00+00:00"
ENTRIES = {
    Address("hub", "profile"): Entry({}, {"name": "新群名", "remark": None}, ("remark",), AT),
    Address("hub", "announcement", "rules"): Entry(
        {"notice_id": "x"}, {"text": "群规", "pinned": True}, (), AT, True
    ),
    Address("hub", "rule", "ads"): Entry({}, {"detect": {"any": ({"contains": ("甲", 1)},)}, "penalties": ("warn",)}),
}


def seeds() -> Iterator[bytes]:
    yield dump(State("lineage", 7, ENTRIES, (Override("delete:*", AT),)))
    yield dump(State("lineage", 8, {}, moved_to="s3://bucket/state.json"))


def one(data: bytes, folder: Path) -> str:
    state = load(data, "state.json")
    again = load(dump(state), "state.json")
    assert again == state, "a state is not read back as it was written"
    return "".join(render_entry(address, entry) for address, entry in state.entries.items())
