"""What a group asks of its account: told whole, whether or not a plan would need it now."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from qqgroup_provision.messages import say
from qqgroup_provision.planning.demands import shortfalls
from qqgroup_provision.ports import AccountFacts, Capability, Unknown
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.simulator.seed import SeedMember, SeedNotice
from qqgroup_provision.workspace.model import UNSET, Announcement, Group
from tests.planning.material import FACTS, PEOPLE, PLACE, Scene, hub, role, seed

ALICE, BOB = PEOPLE[1], PEOPLE[2]
MEMBERS = (SeedMember(ALICE.qq, "admin", "Alice", "", "甲"), SeedMember(BOB.qq, "member", "Bob", "", "甲"))
GROUP = hub(
    name="旧群名",
    roles=(role("r", [ALICE, BOB], admin=UNSET, title="甲"),),
    announcements=(Announcement("rules", "群规", UNSET, UNSET, UNSET, {"text": PLACE}),),
)


def live(rank: str = "owner") -> LiveGroup:
    async def run() -> LiveGroup:
        opened = Scene(seed(*MEMBERS, notices=[SeedNotice("群规", 1, False, False)], role=rank))
        try:
            return (await opened.live())["hub"]
        finally:
            opened.close()

    return asyncio.run(run())


def told(group: Group, found: LiveGroup, facts: AccountFacts = FACTS) -> list[tuple[str, str]]:
    return [(item.code, item.subject) for item in shortfalls(group, found, facts)]


def test_an_owner_with_every_ability_falls_short_of_nothing() -> None:
    assert [] == told(GROUP, live())


def test_a_right_is_missed_though_everything_is_as_it_should_be() -> None:
    assert [("QG511", "hub/title")] == told(GROUP, live("admin"))
    assert {("QG511", "hub/title"), ("QG511", "hub/profile"), ("QG511", "hub/announcement/rules")} == set(
        told(GROUP, live("member"))
    )


@pytest.mark.parametrize(
    ("capability", "subject"),
    [
        (Capability.SET_TITLE, "hub/title"),
        (Capability.RENAME, "hub/profile"),
        (Capability.WITHDRAW_NOTICE, "hub/announcement/rules"),
    ],
)
def test_an_ability_is_missed_that_the_yaml_asks_for(capability: Capability, subject: str) -> None:
    facts = replace(FACTS, capabilities=FACTS.capabilities - {capability})

    assert ("QG512", subject) in told(GROUP, live(), facts)


def test_an_ability_nobody_asks_for_is_not_missed() -> None:
    facts = replace(FACTS, capabilities=FACTS.capabilities - {Capability.SET_REMARK, Capability.SET_CARD})

    assert [] == told(GROUP, live(), facts)


def test_what_cannot_be_read_is_not_seen_and_nothing_is_derived_from_it() -> None:
    found = replace(live("member"), notices=Unknown(say("x")), members=Unknown(say("x")))

    assert {("QG501", "hub/title"), ("QG501", "hub/announcement/rules")} == set(told(GROUP, found))


def test_somebody_who_is_not_there_takes_nothing_of_the_account() -> None:
    absent = replace(GROUP, roles=(role("r", [PEOPLE[4]], title="乙"),))

    assert [] == told(absent, live("admin"))


def test_a_reason_is_told_once_for_a_kind_with_how_many_it_concerns() -> None:
    (found,) = shortfalls(GROUP, live("admin"), FACTS)

    assert "It concerns 2 resources." == str(found.detail)
