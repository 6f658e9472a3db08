"""Whether an account may do, and its implementation can do, what a change takes: known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import AccountFacts, Rank
from qqgroup_provision.resources.change import Change

_RANKS: dict[Rank, Text] = {
    Rank.MEMBER: say("a member"),
    Rank.ADMIN: say("an admin"),
    Rank.OWNER: say("the owner"),
}


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
    for capability in sorted({operation.capability for operation in change.operations}):
        if capability not in facts.capabilities:
            yield Diagnostic(
                "QG512",
                say(
                    "{implementation} {version} has no way to do this ({capability}).",
                    implementation=facts.implementation,
                    version=facts.version,
                    capability=capability.value,
                ),
                place=change.place,
                subject=str(change.address),
                hint=say("Do it by hand and take the key out of YAML, or run an implementation that can."),
            )
