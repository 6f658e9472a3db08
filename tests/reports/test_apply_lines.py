"""What an apply did, line by line."""

from __future__ import annotations

import pytest

from qqgroup_provision.applying.outcome import CODES, Outcome, Result
from qqgroup_provision.applying.settle import Settled, Settlement
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import say
from qqgroup_provision.reports.apply_lines import closing_line, failures, outcome_line, settled_line
from qqgroup_provision.reports.paint import Paint
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.profile import Rename
from tests.reports.samples import GROUP, WEAPONS, admin, announcement, change, speaking, steering, without_color

PLAIN = Paint(False)
REASON = say("{number} is not in the group", number=7)
WORDS = {
    Result.DONE: "done",
    Result.UNVERIFIED: "not verified: 7 is not in the group",
    Result.NOT_APPLIED: "NOT APPLIED: 7 is not in the group",
    Result.REFUSED: "REFUSED: 7 is not in the group",
    Result.LIMITED: "REFUSED, QQ limits the account: 7 is not in the group",
    Result.OFFLINE: "REFUSED, the account is offline: 7 is not in the group",
    Result.UNSUPPORTED: "the implementation cannot do it: 7 is not in the group",
    Result.LOST: "answer lost: 7 is not in the group",
    Result.STOPPED: "not begun: 7 is not in the group",
    Result.SKIPPED: "not begun: 7 is not in the group",
    Result.BY_HAND: "by hand: 7 is not in the group",
}


@pytest.mark.parametrize("result", Result)
def test_every_way_to_end_has_its_words_and_the_reason_unless_it_is_done(result: Result) -> None:
    outcome = Outcome(admin("alice", 100000001), result, REASON)

    assert f"    + hub/admin/alice  {WORDS[result]}" == outcome_line(outcome, PLAIN)
    assert without_color(outcome_line(outcome, Paint(True))) == outcome_line(outcome, PLAIN)


def test_an_outcome_in_chinese_is_in_chinese() -> None:
    with speaking("zh_CN"):
        shown = outcome_line(Outcome(admin("alice", 1), Result.REFUSED, REASON), PLAIN)

    assert "    + hub/admin/alice  被拒绝: 7 不在群里" == shown


def test_a_servers_words_do_not_steer_the_terminal() -> None:
    outcome = Outcome(change(f"hub/card/{WEAPONS}", Action.UPDATE), Result.REFUSED, say("{w}", w=WEAPONS))

    assert set() == steering(outcome_line(outcome, PLAIN))


@pytest.mark.parametrize(
    ("settlement", "end"),
    [
        (Settlement.DONE, "It was done."),
        (Settlement.NOT_DONE, "It was not done."),
        (Settlement.UNCLEAR, "Whether it was done cannot be told: look at it in QQ."),
    ],
)
def test_a_step_that_was_cut_off_is_told_in_whole_sentences(settlement: Settlement, end: str) -> None:
    item = Settled(change("hub/profile", Action.UPDATE).address, Rename(GROUP, "新群名"), settlement)

    assert f"An earlier run was cut off at: hub/profile: rename the group to “新群名”. {end}" == settled_line(item)
    with speaking("zh_CN"):
        assert settled_line(item).endswith("。")
        assert "It" not in settled_line(item)


def test_every_failure_is_a_diagnostic_with_its_code_place_and_address() -> None:
    place = Place("hub.yaml", 4, 3)
    outcomes = [
        Outcome(change("hub/profile", Action.UPDATE, place=place), result, REASON if number else None)
        for number, result in enumerate(Result)
    ]
    found = failures(outcomes)

    assert list(CODES.values()) == [item.code for item in found]
    assert {("hub/profile", place)} == {(item.subject, item.place) for item in found}
    assert "not verified: 7 is not in the group" == str(found[0].summary)
    assert "REFUSED: no reason given" == str(failures([Outcome(outcomes[0].change, Result.REFUSED)])[0].summary)


def test_the_last_line_counts_what_was_done_what_was_not_and_what_is_left_to_people() -> None:
    outcomes = [
        Outcome(admin("alice", 1), Result.DONE),
        Outcome(announcement("rules", "x"), Result.LOST),
        Outcome(change("hub/mute_all", Action.ADOPT), Result.DONE),
        Outcome(change("hub/title/eve", Action.MANUAL), Result.BY_HAND),
    ]

    assert "Applied: 1 of 2 changes in 1.3 seconds, 1 not; 1 adopted, 1 by hand." == str(closing_line(outcomes, 1.26))
