"""What a bot does at its time, in a plan: a curfew is no drift, and one edit of a rule changes what is made of it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest

from qqgroup_provision.behavior import calendars
from qqgroup_provision.behavior.configuration import CHINA
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import (
    Absent,
    Known,
    LiveBehavior,
    LiveMember,
    LiveNotice,
    LiveProfile,
    Rank,
    Reading,
)
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace
from tests.planning.material import FACTS, SELF
from tests.planning.test_delivery import actions, applied, workspace

NIGHT, DAY = datetime(2026, 12, 1, 2, 0, tzinfo=CHINA), datetime(2026, 12, 1, 12, 0, tzinfo=CHINA)
NOTHING = Absent()
CURFEW = "curfew: [{from: '23:00', to: '06:00'}]\n"


def plan(
    space: Workspace,
    muted: bool | None = False,
    now: datetime | None = DAY,
    behavior: Reading[LiveBehavior] = NOTHING,
    notices: tuple[LiveNotice, ...] = (),
    state: State | None = None,
) -> Plan:
    members = {SELF: LiveMember(SELF, Rank.OWNER, "小助手", "", "")}
    live = LiveGroup(SELF, Known(LiveProfile("群", "", muted)), Known(members), Known(notices), behavior=behavior)
    return make_plan(space, {"hub": live}, state or State(), {"main": FACTS}, now=now)


def kept(found: Plan) -> Known[LiveBehavior]:
    (document,) = found.documents.values()
    return Known(LiveBehavior(json.loads(document), hashlib.sha256(document).hexdigest()))


@pytest.mark.parametrize(
    ("muted", "now", "expected"),
    [
        (True, NIGHT, "adopt"),  # the bot's doing, which an apply must not undo
        (True, DAY, "update"),
        (True, NIGHT.replace(hour=6, minute=5), "adopt"),  # the bot is about to let people speak
        (False, NIGHT, "adopt"),
        (None, NIGHT, "adopt"),  # nobody can tell: to send it would let people speak
        (None, DAY, "update"),
    ],
)
def test_a_group_that_its_curfew_has_muted_has_not_drifted(
    tmp_path: Path, muted: bool | None, now: datetime, expected: str
) -> None:
    found = plan(workspace(tmp_path, "mute_all: false\n" + CURFEW), muted, now)
    assert actions(found)["hub/mute_all"] == expected
    assert actions(found)["hub/curfew"] == "create"


def test_a_group_that_is_to_be_muted_is_muted_at_night_as_well(tmp_path: Path) -> None:
    found = plan(workspace(tmp_path, "mute_all: true\n" + CURFEW), False, NIGHT)
    assert actions(found)["hub/mute_all"] == "update"


def test_whoever_plans_a_curfew_has_to_know_what_time_it_is(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="what time is it"):
        plan(workspace(tmp_path, CURFEW), now=None)


RULES = """\
rules:
  publish: {{announcement: {{pinned: true}}, keyword: 群规, remind: "0 20 * * 5"}}
  items:
  - {{key: ads, text: {ads}, detect: {{contains: 刷单}}, penalties: [warn]}}
  - {{key: kind, text: 友善, detect: {{contains: 滚}}, penalties: [warn]}}
schedules: [{{key: daily, cron: "0 8 * * *", send: 早}}]
replies: [{{key: hi, when: {{equals: 你好}}, reply: 好}}]
"""


def test_one_edit_of_a_rule_changes_what_is_made_of_it_and_nothing_else(tmp_path: Path) -> None:
    """Others keep the announcement, the answer and the reminder in three places."""
    first = plan(workspace(tmp_path, RULES.format(ads="禁止广告")))
    state = applied(first, State())
    notice = LiveNotice("n1", "群规\n一、禁止广告\n二、友善", SELF, 1, pinned=True)
    same = plan(load_workspace(tmp_path).required(), behavior=kept(first), notices=(notice,), state=state)
    assert {"hub/announcement/rules": "adopt"} == actions(same)

    second = plan(
        workspace(tmp_path, RULES.format(ads="禁止广告和刷屏")),
        behavior=kept(first),
        notices=(notice,),
        state=applied(same, state),
    )
    assert {
        "hub/announcement/rules": "replace",
        "hub/rule/ads": "update",
        "hub/reply/rules": "update",
        "hub/schedule/rules": "update",
    } == actions(second)


def test_a_plan_warns_of_a_calendar_that_has_ended_and_is_carried_out_all_the_same(tmp_path: Path) -> None:
    written = "schedules: [{key: daily, cron: '0 8 * * *', calendar: cn-workdays, send: 早}]\n"
    later = datetime(calendars.last_day().year + 1, 2, 1, tzinfo=CHINA)
    found = plan(workspace(tmp_path, written), now=later)
    assert [(one.code, one.is_error) for one in found.diagnostics] == [("QG352", False)]
    assert not found.errored
    assert not plan(workspace(tmp_path, written), now=datetime(2026, 3, 1, tzinfo=CHINA)).diagnostics


def test_a_plan_notes_a_curfew_that_the_account_could_not_carry_out(tmp_path: Path) -> None:
    plain = workspace(tmp_path, CURFEW)
    live = LiveGroup(
        SELF,
        Known(LiveProfile("群", "", False)),
        Known({SELF: LiveMember(SELF, Rank.MEMBER, "小助手", "", "")}),
        behavior=NOTHING,
    )
    found = make_plan(plain, {"hub": live}, State(), {"main": FACTS}, now=DAY)
    assert [(one.code, str(one.place)) for one in found.diagnostics] == [("QG547", "hub.yaml:4:1")]
    assert not plan(plain).diagnostics
