"""What a group's YAML asks of the account that operates it: every right and ability, whether or not it is needed now.

A plan tells what stands in the way of its changes. This tells what would stand in the way of any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import say
from qqgroup_provision.planning import permissions
from qqgroup_provision.ports import AccountFacts, Known, Unknown
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.kind import Kind, Observed, Step, Wanted
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.workspace.model import Group, Ownership


def shortfalls(group: Group, live: LiveGroup, facts: AccountFacts) -> tuple[Diagnostic, ...]:
    """What the account may not or its implementation cannot do of what the group asks (QG511, QG512), and what
    could not be seen (QG501). One diagnostic for a kind and reason, however many resources it concerns."""
    found: list[Diagnostic] = []
    for kind in kinds():
        if kind.managed(group):
            found.extend(_together(f"{group.key}/{kind.name}", _of_kind(kind, group, live, facts)))
    return tuple(found)


def _of_kind(kind: Kind, group: Group, live: LiveGroup, facts: AccountFacts) -> Iterator[Diagnostic]:
    wanted = kind.wanted(group)
    readings = kind.observe(group, wanted, {}, live)
    rank = permissions.rank_in(live)
    owned = group.ownership(kind.collection) is not Ownership.ADDITIVE
    for key, want in (permissions.named(kind, group, wanted) if owned else wanted).items():
        address = Address(group.key, kind.name, key)
        lacking = permissions.lacking(kind, want, group, facts, rank)
        reading = readings.get(key)
        if lacking:
            yield from lacking
        elif isinstance(reading, Unknown):
            summary = say("This could not be seen: {reason}.", reason=reading.reason)
            yield Diagnostic("QG501", summary, place=want.place, subject=str(address))
        elif key in wanted:
            observed = reading.value if isinstance(reading, Known) else None
            change = _whole(kind, group, live, want, observed)
            yield from permissions.refusals(change, group.account, facts, rank)


def _whole(kind: Kind, group: Group, live: LiveGroup, wanted: Wanted, observed: Observed | None) -> Change:
    """The change that would give every field of it, as if nothing were so yet."""
    there = observed is not None and observed.exists
    if not wanted.exists:
        action = Action.DELETE
    elif there:
        action = Action.REPLACE if kind.replaced else Action.UPDATE
    else:
        action = Action.CREATE
    step = Step(action, group, live.account_id, wanted, observed, frozenset(wanted.fields))
    # What is to be gone and is not there takes nothing; what only a person can create takes nothing of an account.
    idle = (not wanted.exists and not there) or (observed is None and kind.by_hand(group, wanted, live) is not None)
    operations = () if idle else kind.operations(step)
    return Change(
        Address(group.key, kind.name, wanted.key), action, group.id, operations=operations, place=wanted.place
    )


def _together(subject: str, diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """One diagnostic for each reason, with the address where it concerns one resource, else with the kind."""
    by_reason: dict[tuple[str, str], list[Diagnostic]] = {}
    for item in diagnostics:
        by_reason.setdefault((item.code, str(item.summary)), []).append(item)
    for first, *rest in by_reason.values():
        if not rest:
            yield first
            continue
        count = say("It concerns {count} resources.", count=1 + len(rest))
        yield Diagnostic(first.code, first.summary, count, first.place, subject, first.hint, first.severity)
