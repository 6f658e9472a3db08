"""What became of one change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from qqgroup_provision.messages import Text
from qqgroup_provision.resources.change import Change


class Result(Enum):
    """How carrying out a change ended."""

    DONE = "done"  # every step was seen to have taken effect, or accepted where nothing can ever see it
    UNVERIFIED = "unverified"  # accepted, and nobody could look whether it took effect
    NOT_APPLIED = "not_applied"  # accepted, and reading back shows no effect
    REFUSED = "refused"  # the platform said no
    UNSUPPORTED = "unsupported"  # the implementation turned out to have no such action
    LOST = "lost"  # no answer came, and the effect is not to be seen yet
    LIMITED = "limited"  # the platform said no, since it limits the account
    OFFLINE = "offline"  # the platform said no, since the account is not logged in
    STOPPED = "stopped"  # the account was stopped before it began: QQ may be blocking it
    SKIPPED = "skipped"  # the run was interrupted before it began
    BY_HAND = "by_hand"  # only a person can do it

    @property
    def failed(self) -> bool:
        """Whether the group is, or may be, other than YAML says for a reason a person has to look at."""
        return self not in (Result.DONE, Result.BY_HAND)


CODES = {
    Result.UNVERIFIED: "QG604",
    Result.NOT_APPLIED: "QG601",
    Result.REFUSED: "QG602",
    Result.UNSUPPORTED: "QG512",
    Result.LOST: "QG603",
    Result.LIMITED: "QG745",
    Result.OFFLINE: "QG746",
    Result.STOPPED: "QG605",
    Result.SKIPPED: "QG606",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change and how it ended. `seconds` is from its first request to its last."""

    change: Change
    result: Result
    reason: Text | None = None
    seconds: float = 0.0
