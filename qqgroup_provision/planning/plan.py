"""A plan as a value: what would happen, to whom, at what cost, and what could not be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from qqgroup_provision import __version__
from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.operation import Audience

# Codes of what could be done and is not let happen, so that a plan is refused and not faulty.
GUARDS = frozenset({"QG521", "QG531", "QG532", "QG533", "QG534", "QG535", "QG537"})


@dataclass(frozen=True, slots=True)
class Extra:
    """A live item YAML does not name, in a collection that is to be reported: address and one line."""

    address: Address
    summary: str


@dataclass(frozen=True, slots=True)
class Opening:
    """When something is due that is not yet: a date and a time with its offset, for people."""

    address: Address
    at: str


@dataclass(frozen=True, slots=True)
class Past:
    """That a plan compares with a snapshot: when it was taken, with its offset, and how old it was, in seconds."""

    taken: str
    age: int


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What a reader of the plan should know of a group it touches."""

    name: str
    group_id: int
    account: str
    members: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything `apply` would do, in order, and everything a reviewer has to know.

    `changes` hold no no-ops; `unchanged` counts them. `diagnostics` say what could not be seen or may not be
    done: a plan with an error is shown, and never applied. `reads` is how many requests making it took,
    `seconds` how long its writes will take at the accounts' pace. `allowed` is what a person let happen in this
    run although a guard stands against it.
    """

    config_digest: str
    lineage: str
    serial: int
    changes: tuple[Change, ...]
    unchanged: int = 0
    extras: tuple[Extra, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    groups: Mapping[str, GroupFacts] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    reads: int = 0
    seconds: float = 0.0
    next_opening: Opening | None = None
    allowed: tuple[Allowance, ...] = ()
    version: str = __version__  # of the tool that made it
    past: Past | None = None  # such a plan is for reading only
    commit: str = ""  # of the YAML it was made from, as far as that is known; told only, the digest decides
    # Group key -> what its bot is to be handed. Not saved with a plan: it is made anew from the same YAML.
    documents: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def errored(self) -> bool:
        return any(item.is_error for item in self.diagnostics)

    @property
    def refused(self) -> bool:
        """Whether guards alone stand in the way: everything was seen, and nothing else is wrong."""
        errors = {item.code for item in self.diagnostics if item.is_error}
        return bool(errors) and errors <= GUARDS

    @property
    def pending(self) -> bool:
        """Whether the live groups differ from YAML in anything. What a person has to do counts as well."""
        return any(change.action not in (Action.ADOPT, Action.FORGET, Action.MOVE) for change in self.changes)

    @property
    def writes(self) -> int:
        """How many requests carrying it out takes, confirmations included."""
        return sum(change.calls for change in self.changes)

    def counts(self) -> Counter[Action]:
        return Counter(change.action for change in self.changes)

    def notified(self) -> dict[str, int]:
        """Group key -> how many people will see something: the group's size, or the members concerned."""
        concerned = Counter(c.address.group for c in self.changes if c.audience is Audience.MEMBER)
        everybody = {change.address.group for change in self.changes if change.audience is Audience.GROUP}
        sizes = {group: facts.members for group, facts in self.groups.items()}
        return {**concerned, **{group: sizes.get(group, 0) for group in everybody}}

    def irreversible(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.reversible)
