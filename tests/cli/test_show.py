"""`qqgroup show`: a saved plan is shown as it was when it was made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.inside import run_inside, run_on
from tests.stage import Stage

KEYS = {"format_version", "errored", "resource_changes", "resource_drift", "qqgroup"}
CHANGE_KEYS = {"actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive"}


def test_a_saved_plan_is_shown_in_every_form_just_as_plan_wrote_it(napcat: Stage) -> None:
    file, markdown = napcat.folder / "plan.json", napcat.folder / "plan.md"
    made = run_on(napcat, "plan", "--out", str(file), "--markdown", str(markdown))
    text = run_on(napcat, "show", str(file))

    assert (0, 0) == (made.code, text.code)
    assert made.out == f"{text.out}\nSaved. Carry it out with: qqgroup apply {file.as_posix()}\n"
    assert markdown.read_text(encoding="utf-8") == run_on(napcat, "show", str(file), "--format", "markdown").out
    assert file.read_text(encoding="utf-8") == run_on(napcat, "show", str(file), "--format", "json").out


def test_the_json_of_a_plan_has_the_documented_keys_and_is_the_same_each_time(napcat: Stage) -> None:
    first, second = run_on(napcat, "plan", "--json"), run_on(napcat, "plan", "--json")
    document = json.loads(first.out)

    assert first.out == second.out
    assert set(document) == KEYS
    assert len(document["resource_changes"]) > 5
    for change in document["resource_changes"]:
        assert {"address", "mode", "type", "name", "provider_name", "change", "qqgroup"} == set(change)
        assert set(change["change"]) - {"importing"} == CHANGE_KEYS


def test_a_plan_saved_in_english_is_shown_in_chinese(napcat: Stage) -> None:
    file = str(napcat.folder / "plan.json")
    run_on(napcat, "plan", "--out", file)
    napcat.environment["QQGROUP_LANG"] = "zh_CN"
    shown = run_on(napcat, "show", file).out

    assert "全群可见" in shown
    assert "everybody" not in shown


def test_a_plan_is_shown_without_its_workspace(napcat: Stage, tmp_path: Path) -> None:
    file = str(napcat.folder / "plan.json")
    made = run_on(napcat, "plan", "--out", file)

    assert made.out.startswith(run_inside("--dir", str(tmp_path / "nowhere"), "show", file).out)


def test_a_plan_that_is_not_there_is_told_with_its_name(tmp_path: Path) -> None:
    shown = run_inside("show", str(tmp_path / "none.json"))

    assert (1, "") == (shown.code, shown.out)
    assert "error QG702  The plan cannot be read: No such file or directory." in shown.err
    assert (tmp_path / "none.json").as_posix() in shown.err


@pytest.mark.parametrize("option", ["--out", "--markdown"])
def test_a_file_that_cannot_be_written_is_no_fault_of_the_tool(napcat: Stage, option: str) -> None:
    ran = run_on(napcat, "plan", option, str(napcat.folder / "no" / "file"))

    assert 1 == ran.code
    assert "Could not open file" in ran.err
    assert "No such file or directory" in ran.err
    assert "QG607" not in ran.err
