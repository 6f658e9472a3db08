"""Whether an account may do, and its implementation can do, what a change takes: known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import AccountFacts, Capability, Known, Rank
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.kind import Kind, Wanted
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.model import Group

_RANKS: dict[Rank, Text] = {
    Rank.MEMBER: say("a member"),
    Rank.ADMIN: say("an admin"),
    Rank.OWNER: say("the owner"),
}


def rank_in(live: LiveGroup) -> Rank | None:
    """The account's own standing in the group; `None` where it could not be read."""
    if isinstance(live.members, Known):
        member = live.members.value.get(live.account_id)
        return member.rank if member else None
    return None


def refusals(change: Change, account: str, facts: AccountFacts, rank: Rank | None) -> Iterator[Diagnostic]:
    """One diagnostic for each reason why a change cannot be carried out (QG511, QG512).

    `rank` is the account's standing in the group, `None` if it could not be read; that is told elsewhere.
    """
    needed = max((operation.rank_needed for operation in change.operations), default=Rank.MEMBER)
    if rank is not None and rank < needed:
        yield Diagnostic(
            "QG511",
            say(
                "This takes {needed} of the group, and the account `{account}` ({number}) is {rank} there.",
                needed=_RANKS[needed],
                account=account,
                number=facts.self_id,
                rank=_RANKS[rank],
            ),
            place=change.place,
            subject=str(change.address),
            hint=say("Let an account with that standing operate the group, or take the key out of YAML."),
        )
    for capability in sorted({one.capability for one in change.operations if one.capability is not None}):
        if capability not in facts.capabilities:
            summary = say(
                "{implementation} {version} has no way to do this ({capability}).",
                implementation=facts.implementation,
                version=facts.version,
                capability=capability.value,
            )
            yield _incapable(capability, summary, change.address, change.place, account, facts, rank)


def named(kind: Kind, group: Group, wanted: Mapping[str, Wanted]) -> Mapping[str, Wanted]:
    """What YAML wants by key; where it names nothing, the list as a whole under the empty key."""
    return wanted or {"": Wanted("", {}, place=group.places.get(kind.collection, group.place))}


def lacking(kind: Kind, wanted: Wanted, group: Group, facts: AccountFacts, rank: Rank | None) -> list[Diagnostic]:
    """Why what YAML wants cannot be managed through this implementation at all (QG512), whatever is live."""
    fields: dict[Capability, list[str]] = {}
    for field, capability in kind.takes(wanted).items():
        if capability not in facts.capabilities:
            fields.setdefault(capability, []).append(field)
    if not fields:
        return []
    address = Address(group.key, kind.name, wanted.key)
    return [
        _incapable(
            capability,
            say(
                "{implementation} {version} has no way to manage {fields} ({capability}).",
                implementation=facts.implementation,
                version=facts.version,
                fields=", ".join(names),
                capability=capability.value,
            ),
            address,
            wanted.place,
            group.account,
            facts,
            rank,
        )
        for capability, names in sorted(fields.items())
    ]


def lacking_by_key(
    kind: Kind, wanted: Mapping[str, Wanted], group: Group, facts: AccountFacts, rank: Rank | None
) -> dict[str, list[Diagnostic]]:
    """`lacking` of everything that YAML names, where there is something to say."""
    found = {key: lacking(kind, want, group, facts, rank) for key, want in named(kind, group, wanted).items()}
    return {key: faults for key, faults in found.items() if faults}


def _incapable(
    capability: Capability,
    summary: Text,
    address: Address,
    place: Place | None,
    account: str,
    facts: AccountFacts,
    rank: Rank | None,
) -> Diagnostic:
    """QG512. Who is asking is told too: it is not the account's standing that is missing."""
    later = facts.later.get(capability)
    detail = (
        say(
            "The account `{account}` ({number}) is {rank} there.",
            account=account,
            number=facts.self_id,
            rank=_RANKS[rank],
        )
        if rank is not None
        else None
    )
    hint = (
        say("Run {implementation} {version} or newer, or take the key out of YAML.",
            implementation=facts.implementation, version=later)
        if later is not None
        else say("Do it by hand and take the key out of YAML, or run an implementation that can.")
    )  # fmt: skip
    return Diagnostic("QG512", summary, detail, place=place, subject=str(address), hint=hint)
