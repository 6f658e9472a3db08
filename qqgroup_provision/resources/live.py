"""What was read of one group, collection by collection, so that kinds share list calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from qqgroup_provision.messages import say
from qqgroup_provision.ports import (
    Absent,
    LiveBehavior,
    LiveEssences,
    LiveFiles,
    LiveMember,
    LiveNotice,
    LiveProfile,
    LiveSettings,
    LiveSpace,
    Reading,
    Unknown,
)

_NOT_READ = Unknown(say("it was not read"))


class Collection(StrEnum):
    """A list that one call of the reader gives whole."""

    PROFILE = "profile"
    MEMBERS = "members"
    NOTICES = "notices"
    SETTINGS = "settings"
    FILES = "files"
    SPACE = "space"
    ESSENCE = "essence"
    BEHAVIOR = "behavior"


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """One group as it was read. A collection nobody needed stays `Unknown`.

    `account_id` is the QQ number of the account that read it: the group as that account sees it.
    """

    account_id: int
    profile: Reading[LiveProfile] = _NOT_READ
    members: Reading[Mapping[int, LiveMember]] = _NOT_READ
    notices: Reading[tuple[LiveNotice, ...]] = _NOT_READ
    settings: Reading[LiveSettings] = _NOT_READ
    files: Reading[LiveFiles] = _NOT_READ
    space: Reading[LiveSpace] = _NOT_READ
    essence: Reading[LiveEssences] = _NOT_READ
    behavior: Reading[LiveBehavior] = _NOT_READ

    def was_asked(self, needs: Iterable[Collection]) -> bool:
        """Whether all of these were read, or at least tried."""
        return all(getattr(self, collection.value) is not _NOT_READ for collection in needs)


def unread(reading: Absent | Unknown) -> Unknown:
    """Why a list of a group that is not `Known` says nothing of what is in the group: nothing there is `Absent`."""
    return reading if isinstance(reading, Unknown) else Unknown(say("the account is not in the group"))
