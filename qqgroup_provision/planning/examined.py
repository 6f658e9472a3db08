"""What was found of an account: who answers, where it stands, what falls short of the YAML."""

from __future__ import annotations

from dataclasses import dataclass

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.ports import AccountFacts, LiveSpace, Rank
from qqgroup_provision.workspace.model import Account


@dataclass(frozen=True, slots=True)
class Standing:
    """An account in one group. What could not be read is `None`; `inside` says whether it is a member at all."""

    key: str
    id: int
    inside: bool | None
    rank: Rank | None = None
    name: str = ""
    members: int = 0
    capacity: int = 0
    space: LiveSpace | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """One account. `facts` is `None` where nobody fit answered; `found` says all that is wrong. `clock_ahead` is in
    seconds, `None` where no answer told the time."""

    account: Account
    facts: AccountFacts | None
    groups: tuple[Standing, ...] = ()
    found: tuple[Diagnostic, ...] = ()
    clock_ahead: float | None = None

    @property
    def well(self) -> bool:
        return not any(item.is_error for item in self.found)
