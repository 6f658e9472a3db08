"""Which list calls a group's plan takes, so that nothing is read that nobody needs."""

from __future__ import annotations

from collections.abc import Mapping

from qqgroup_provision.planning.make_plan import targeted
from qqgroup_provision.planning.moves import moved
from qqgroup_provision.resources.live import Collection
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import Group, Ownership, Workspace

# Every plan needs these: whether the account is in the group, and what it may do there.
_ALWAYS = frozenset({Collection.PROFILE, Collection.MEMBERS})


def collections_needed(
    workspace: Workspace, state: State, targets: tuple[str, ...]
) -> Mapping[str, frozenset[Collection]]:
    """Group key -> the collections to read. Groups no target can name are left out."""
    renamed, _ = moved(state, workspace.groups)
    remembered = {(address.group, address.kind) for address in renamed.entries}
    return {key: _of_group(group, remembered) for key, group in workspace.groups.items() if targeted(key, targets)}


def _of_group(group: Group, remembered: set[tuple[str, str]]) -> frozenset[Collection]:
    needed = set(_ALWAYS)
    for kind in kinds():
        if not kind.managed(group):
            continue
        exclusive = group.ownership(kind.collection) is not Ownership.ADDITIVE
        if exclusive or (group.key, kind.name) in remembered or kind.wanted(group):
            needed |= kind.needed(group)
    return frozenset(needed)
