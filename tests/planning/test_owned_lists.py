"""Lists that YAML owns, also with nothing in them: what cannot be seen of them is told, and not taken for nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from qqgroup_provision.messages import say
from qqgroup_provision.planning.demands import shortfalls
from qqgroup_provision.planning.drift import drifts
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import AccountFacts, Capability, Unknown
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.simulator.seed import SeedNotice
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import UNSET, Announcement, Files, Group, Ownership
from tests.planning.material import FACTS, PLACE, Scene, hub, seed, workspace

OWNED = [Ownership.EXCLUSIVE, Ownership.REPORT]
# A list with nothing in it, by the word under `manage:`; what reads it, and the kinds that are told.
LISTS: dict[str, tuple[dict[str, Any], str, Capability | None, set[str]]] = {
    "announcements": ({"announcements": ()}, "notices", Capability.READ_NOTICES, {"hub/announcement"}),
    "essence": ({"essence": ()}, "essence", Capability.READ_ESSENCE, {"hub/essence"}),
    "files": ({"files": Files()}, "files", Capability.READ_FILES, {"hub/folder", "hub/file"}),
    "admins": ({"roles": ()}, "members", None, {"hub/admin"}),
    "titles": ({"roles": ()}, "members", None, {"hub/title"}),
    "cards": ({"roles": ()}, "members", None, {"hub/card"}),
}
LACKING = {name: part for name, part in LISTS.items() if part[2] is not None}


def live() -> LiveGroup:
    async def run() -> LiveGroup:
        opened = Scene(seed(notices=[SeedNotice("群规", 1, False, False)]))
        try:
            return (await opened.live())["hub"]
        finally:
            opened.close()

    return asyncio.run(run())


def planned(group: Group, found: LiveGroup, facts: AccountFacts = FACTS) -> Plan:
    return make_plan(workspace(group), {"hub": found}, State(), {"main": facts})


def told(plan: Plan) -> set[tuple[str, str]]:
    return {(item.code, item.subject) for item in plan.diagnostics}


@pytest.mark.parametrize("ownership", OWNED)
@pytest.mark.parametrize("name", LISTS)
def test_an_owned_list_that_could_not_be_read_is_not_an_empty_one(name: str, ownership: Ownership) -> None:
    fields, collection, _, subjects = LISTS[name]
    group = hub(**fields, manage={name: ownership})
    unread: dict[str, Any] = {collection: Unknown(say("a bad answer"))}
    plan = planned(group, replace(live(), **unread))

    assert {("QG501", subject) for subject in subjects} == told(plan)
    assert not plan.changes
    looked = {(item.code, item.subject) for item in shortfalls(group, replace(live(), **unread), FACTS)}
    assert {("QG501", subject) for subject in subjects} == looked


@pytest.mark.parametrize("ownership", OWNED)
@pytest.mark.parametrize("name", LACKING)
def test_an_owned_list_that_the_implementation_cannot_list_is_told_with_its_name(
    name: str, ownership: Ownership
) -> None:
    fields, _, capability, subjects = LISTS[name]
    group = hub(**fields, manage={name: ownership})
    assert capability is not None
    facts = replace(FACTS, capabilities=FACTS.capabilities - {capability})
    plan = planned(group, live(), facts)

    assert {("QG512", subject) for subject in subjects} == told(plan)
    assert all(facts.implementation in str(item.summary) for item in plan.diagnostics)
    looked = {(item.code, item.subject) for item in shortfalls(group, live(), facts)}
    assert {("QG512", subject) for subject in subjects} == looked


@pytest.mark.parametrize("name", LISTS)
def test_a_list_with_nothing_in_it_that_is_not_owned_needs_no_reading(name: str) -> None:
    fields, collection, _, _ = LISTS[name]
    unread: dict[str, Any] = {collection: Unknown(say("a bad answer"))}

    assert set() == told(planned(hub(**fields), replace(live(), **unread)))


def test_what_an_implementation_cannot_read_is_not_called_free_of_drift() -> None:
    group = hub(announcements=(Announcement("rules", "群规", UNSET, UNSET, UNSET, {"text": PLACE}),))
    facts = replace(FACTS, capabilities=FACTS.capabilities - {Capability.READ_NOTICES})
    found = drifts(planned(group, live(), facts), State())

    assert [("QG512", "hub/announcement/rules")] == [(item.code, item.subject) for item in found.unseen]


def test_what_is_seen_and_cannot_be_changed_is_drift_that_was_seen() -> None:
    facts = replace(FACTS, capabilities=FACTS.capabilities - {Capability.RENAME})
    plan = planned(hub(name="新群名"), live(), facts)
    found = drifts(plan, State())

    assert {("QG512", "hub/profile")} == told(plan)
    assert ["hub/profile"] == [str(item.address) for item in found.found]
    assert () == found.unseen
