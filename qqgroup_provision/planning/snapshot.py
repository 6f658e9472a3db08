"""What the live groups were at a moment, as a file: whoever has it can plan without a token, and changes nothing.

It has what a plan reads of the groups and the state of the last apply. Names of members whom YAML does not speak of
are left out: a plan needs only their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.own_json import own_json
from qqgroup_provision.planning.plain_data import from_plain, to_plain
from qqgroup_provision.ports import (
    Absent,
    AccountFacts,
    Known,
    LiveBehavior,
    LiveEssences,
    LiveFiles,
    LiveMember,
    LiveNotice,
    LiveProfile,
    LiveSettings,
    LiveSpace,
    Rank,
    Reading,
    Unknown,
)
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.state.format import document_of, state_of
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import Group, Ownership, Workspace

FORMAT = 1
_MAX_BYTES = 256 << 20
_TYPES: Mapping[Collection, Any] = {
    Collection.PROFILE: LiveProfile,
    Collection.MEMBERS: Mapping[int, LiveMember],
    Collection.NOTICES: tuple[LiveNotice, ...],
    Collection.SETTINGS: LiveSettings,
    Collection.FILES: LiveFiles,
    Collection.SPACE: LiveSpace,
    Collection.ESSENCE: LiveEssences,
    Collection.BEHAVIOR: LiveBehavior,
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Groups by their QQ number, accounts by their key in YAML. `taken` has a time zone."""

    taken: datetime
    accounts: Mapping[str, AccountFacts]
    groups: Mapping[int, LiveGroup]
    state: State

    def live(self, group: Group) -> LiveGroup:
        """A group as it was; one that the snapshot does not have is unknown in everything."""
        known = self.groups.get(group.id)
        if known is not None:
            return known
        facts = self.accounts.get(group.account)
        missing = Unknown(say("the snapshot does not have this group"))
        return LiveGroup(facts.self_id if facts else 0, **dict.fromkeys(Collection, missing))


def take(
    workspace: Workspace,
    live: Mapping[str, LiveGroup],
    accounts: Mapping[str, AccountFacts],
    state: State,
    now: datetime,
) -> Snapshot:
    """What was read, without the names that no plan needs. `live` is by group key."""
    groups = {workspace.groups[key].id: _discreet(workspace.groups[key], group) for key, group in live.items()}
    return Snapshot(now, accounts, groups, state)


def write_snapshot(snapshot: Snapshot) -> bytes:
    """As a file. Equal snapshots give equal bytes."""
    document = {
        "kind": "qqgroup snapshot",
        "format": FORMAT,
        "taken": snapshot.taken.isoformat(),
        "accounts": to_plain(snapshot.accounts),
        "groups": {str(number): _write_group(group) for number, group in snapshot.groups.items()},
        "state": document_of(snapshot.state),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_snapshot(content: bytes, name: str) -> Snapshot:
    """A snapshot's file. `name` is the file's, for messages. Raises `InvalidInput` (QG707, QG708)."""
    try:
        document = own_json(content) if len(content) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("kind") != "qqgroup snapshot":
        raise _fault("QG707", say("This is not a snapshot."), name)
    if not isinstance(document.get("format"), int) or document["format"] > FORMAT:
        raise _fault("QG707", say("The snapshot was written by a newer version of the tool."), name)
    try:
        taken = datetime.fromisoformat(document["taken"])
        if taken.tzinfo is None:
            raise ValueError("a time without a zone")
        return Snapshot(
            taken,
            {str(key): from_plain(AccountFacts, item) for key, item in document["accounts"].items()},
            {int(number): _read_group(group) for number, group in document["groups"].items()},
            state_of(document["state"], name),
        )
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _fault("QG708", say("The snapshot is damaged: {problem}.", problem=str(error)[:120]), name) from None


def _write_group(group: LiveGroup) -> dict[str, Any]:
    lists = {collection.value: _write_reading(getattr(group, collection.value)) for collection in Collection}
    return {"account_id": group.account_id, **lists}


def _write_reading(reading: Reading[Any]) -> dict[str, Any]:
    if isinstance(reading, Known):
        return {"known": to_plain(reading.value)}
    return {"absent": True} if isinstance(reading, Absent) else {"unknown": str(reading.reason)}


def _read_group(written: Mapping[str, Any]) -> LiveGroup:
    lists = {collection.value: _read_reading(kind, written[collection.value]) for collection, kind in _TYPES.items()}
    account = written["account_id"]
    if not isinstance(account, int):
        raise TypeError("an account without a number")
    return LiveGroup(account, **lists)


def _read_reading(kind: Any, written: Mapping[str, Any]) -> Reading[Any]:
    if "known" in written:
        return Known(from_plain(kind, written["known"]))
    if "absent" in written:
        return Absent()
    return Unknown(say("{reason}, as the snapshot says", reason=str(written["unknown"])[:500]))


def _discreet(group: Group, live: LiveGroup) -> LiveGroup:
    """Without the names of plain members whom neither YAML nor a title sets apart, unless YAML owns all cards."""
    if not isinstance(live.members, Known) or group.ownership("cards") is not Ownership.ADDITIVE:
        return live
    named = {person.qq for role in group.roles or () for person in role.members}
    members = {
        qq: member
        if qq in named or member.rank is not Rank.MEMBER or member.title
        else replace(member, nickname="", card="")
        for qq, member in live.members.value.items()
    }
    return replace(live, members=Known(members))


def _fault(code: str, summary: Text, name: str) -> InvalidInput:
    hint = say("Name a file that `qqgroup snapshot` wrote, or take a new one.")
    return InvalidInput(Diagnostic(code, summary, subject=name, hint=hint))
