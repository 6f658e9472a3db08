"""Diagnostics as a terminal shows them."""

from __future__ import annotations

import pytest

from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.reports.diagnostics_text import render_diagnostics
from qqgroup_provision.reports.paint import columns
from tests.reports.samples import WEAPONS, speaking, steering, without_color

FILES = {"hub.yaml": "kind: Group\nprofile: {name: 群名, nmae: x}\n\tlast: 1\n"}
FAULT = Diagnostic(
    "QG203",
    say("Unknown key `{key}`.", key="nmae"),
    say("More of it."),
    Place("hub.yaml", 2, 21, 2, 25),
    hint=say("Did you mean `{word}`?", word="name"),
)


def show(*diagnostics: Diagnostic, color: bool = False, width: int = 100, folder: str = "") -> str:
    return render_diagnostics(diagnostics, sources=FILES.get, folder=folder, color=color, width=width)


def test_a_fault_is_shown_with_its_line_and_carets_below_what_it_is_about() -> None:
    assert show(FAULT, folder="groups") == (
        "error QG203  Unknown key `nmae`.\n"
        "  --> groups/hub.yaml:2:21\n"
        "   2 | profile: {name: 群名, nmae: x}\n"
        "     |                       ^^^^\n"
        "  More of it.\n"
        "  = Did you mean `name`?\n"
    )


def test_the_words_around_it_are_in_the_language_in_use() -> None:
    with speaking("zh_CN"):
        assert show(FAULT).startswith("错误 QG203  ")
        assert "= 是不是想写 `name`？" in show(FAULT)


def test_colour_adds_codes_and_changes_no_word() -> None:
    colored = show(FAULT, color=True)

    assert colored != show(FAULT)
    assert without_color(colored) == show(FAULT)


def test_several_are_sorted_by_place_and_counted_each_once() -> None:
    later = Diagnostic("QG204", say("Later."), place=Place("hub.yaml", 3), severity=Severity.WARNING)
    note = Diagnostic("QG205", say("Nowhere."), subject="hub", severity=Severity.NOTE)
    shown = show(later, FAULT, note, FAULT)

    assert shown.index("note QG205") < shown.index("error QG203") < shown.index("warning QG204")
    assert 1 == shown.count("QG203")
    assert shown.endswith("\nErrors: 1, warnings: 1\n")


@pytest.mark.parametrize("place", [Place("gone.yaml", 1), Place("hub.yaml", 99)])
def test_a_place_that_cannot_be_shown_is_still_named(place: Place) -> None:
    shown = show(Diagnostic("QG203", say("Wrong."), place=place))

    assert f"  --> {place}\n" in shown
    assert "^" not in shown
    assert "\n\n" not in shown


def test_a_line_longer_than_anybody_reads_is_not_shown() -> None:
    shown = render_diagnostics([FAULT], sources=lambda _: "x\n" + "y" * 3000, color=False)

    assert "yyy" not in shown


def test_carets_of_a_range_over_several_lines_end_with_the_line() -> None:
    shown = show(Diagnostic("QG203", say("Wrong."), place=Place("hub.yaml", 1, 7, 2, 4)))

    assert "     |       ^^^^^\n" in shown


def test_a_tab_takes_one_column_so_that_carets_stand_below() -> None:
    shown = show(Diagnostic("QG103", say("A tab."), place=Place("hub.yaml", 3, 2, 3, 6)))

    assert "   3 |  last: 1\n     |  ^^^^\n" in shown


@pytest.mark.parametrize("width", [40, 60])
def test_a_line_of_a_file_is_cut_to_the_terminal_and_so_are_its_carets(width: int) -> None:
    text = "key: " + "很长" * 100
    shown = render_diagnostics(
        [Diagnostic("QG208", say("Too long."), place=Place("a.yaml", 1, 6, 1, 206))],
        sources=lambda _: text,
        color=False,
        width=width,
    )

    assert "^^^" in shown
    assert [] == [line for line in shown.splitlines() if columns(line) > width]


def test_what_lies_beyond_the_edge_of_the_terminal_has_no_carets() -> None:
    fault = Diagnostic("QG208", say("Far."), place=Place("a.yaml", 1, 91, 1, 95))
    shown = render_diagnostics([fault], sources=lambda _: "x" * 100, color=False, width=40)

    assert "x…\n" in shown
    assert "^" not in shown
    assert "\n\n" not in shown


def test_nothing_in_a_file_a_name_or_a_servers_answer_steers_the_terminal() -> None:
    fault = Diagnostic(
        "QG404",
        say("{words}", words=WEAPONS),
        say("{words}", words=WEAPONS),
        Place(f"a{WEAPONS}.yaml", 1, 3, 1, 4),
        subject=WEAPONS,
        hint=say("{words}", words=WEAPONS),
    )
    shown = render_diagnostics([fault], sources=lambda _: WEAPONS.replace("\n", ""), folder=WEAPONS, color=False)

    assert {"\n"} == steering(shown)
    assert 7 == len(shown.splitlines())
