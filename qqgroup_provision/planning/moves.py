"""Groups that go by another key now: what state remembers of them, under the addresses they have in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qqgroup_provision.addresses import Address
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.model import Group


def moved(state: State, groups: Mapping[str, Group]) -> tuple[State, Mapping[Address, Address]]:
    """State with the keys that `moved:` gives, and for each address that is new the one state has.

    What state holds under the new address already stays; the old one is then of a group that is gone.
    """
    keys = {group.moved: key for key, group in groups.items() if group.moved is not None}
    if not keys:
        return state, {}
    entries: dict[Address, Entry] = {}
    before: dict[Address, Address] = {}
    for address, entry in state.entries.items():
        new = replace(address, group=keys.get(address.group, address.group))
        if new != address and new not in state.entries:
            entries[new] = entry
            before[new] = address
        else:
            entries[address] = entry
    return replace(state, entries=entries), before
