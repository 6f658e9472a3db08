"""`qqgroup test`: scenarios played offline, shown for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.inside import run_inside, run_on
from tests.cli.test_loading import NETWORK, SERVER, loaded
from tests.repository.tree import ROOT
from tests.stage import Ran, Stage, write_yaml

HUB = {
    "kind": "Group",
    "key": "hub",
    "id": 731000001,
    "replies": [
        {"key": "install", "when": {"contains": "怎么装"}, "reply": "看文档"},
        {"key": "vx", "when": {"regex": "v\\s?x"}, "reply": "不加微信", "cooldown": "1s"},
    ],
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    account = {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11"}
    write_yaml(tmp_path / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    write_yaml(tmp_path / "hub.yaml", HUB)
    write_yaml(tmp_path / "jobs.yaml", {"kind": "Group", "key": "jobs", "id": 731000002})
    scenarios(tmp_path, [{"say": "怎么装", "expect": {"reply": "看文档"}}])
    return tmp_path


def scenarios(folder: Path, *each: list[object], group: str = "hub") -> None:
    named = [{"name": f"场景{n}", "steps": steps} for n, steps in enumerate(each, 1)]
    write_yaml(folder / "tests" / f"{group}.yaml", {"kind": "Tests", "group": group, "scenarios": named})


def run(folder: Path, *words: str, language: str = "en") -> Ran:
    return run_inside("--dir", str(folder), "--lang", language, "test", *words)


def test_scenarios_that_pass_are_listed(workspace: Path) -> None:
    ran = run(workspace)

    assert (0, "hub\n  ✓ 场景1\nScenarios: 1, passed: 1, failed: 0.\n", "") == (ran.code, ran.out, ran.err)


@pytest.mark.parametrize(
    ("language", "head", "why"),
    [
        ("en", "expected  “装好了”", "contains: 怎么装 in “怎么裝”"),
        ("zh_CN", "预期  “装好了”", "contains：怎么装，见“怎么裝”"),
    ],
)
def test_one_that_fails_is_explained_at_its_place_in_both_languages(
    workspace: Path, language: str, head: str, why: str
) -> None:
    scenarios(workspace, [{"say": "请问怎么裝", "expect": {"reply": "装好了"}}], [{"say": "别的"}])
    ran = run(workspace, language=language)

    assert 1 == ran.code
    assert f"  ✗ 场景1\n      --> {workspace.as_posix()}/tests/hub.yaml:7:5\n" in ran.out
    assert head in ran.out
    assert why in ran.out
    assert "  ✓ 场景2\n" in ran.out


def test_json_says_the_same(workspace: Path) -> None:
    scenarios(workspace, [{"say": "怎么装", "expect": {"reply": "none"}}], [{"say": "别的"}])
    ran = run(workspace, "--json")
    document = json.loads(ran.out)
    (failure,) = document["scenarios"][0]["failures"]

    assert (1, 1, 1) == (ran.code, document["passed"], document["failed"])
    assert "nothing is said" == failure["expected"]
    assert {"depth": 1, "held": True, "text": "contains: 怎么装 in “怎么装”"} == failure["why"][1]
    assert document["scenarios"][1]["passed"]


def test_only_the_groups_that_are_named_are_tested(workspace: Path) -> None:
    scenarios(workspace, [{"say": "怎么装", "expect": {"reply": "none"}}], group="jobs")

    assert 0 == run(workspace, "jobs").code
    assert "hub\n" not in run(workspace, "jobs").out
    assert "QG337" in run(workspace, "job").err
    assert "Did you mean `jobs`?" in run(workspace, "job").err


def test_where_there_is_nothing_to_test_nothing_passes(workspace: Path) -> None:
    ran = run(workspace, "jobs")

    assert (1, "") == (ran.code, ran.out)
    assert "QG340" in ran.err


def test_faults_of_the_yaml_come_before_any_scenario(workspace: Path) -> None:
    scenarios(workspace, [{"say": "怎么装", "expect": {"by": "instal"}}])
    ran = run(workspace)

    assert (1, "") == (ran.code, ran.out)
    assert "QG339" in ran.err
    assert 1 == run_inside("--dir", str(workspace), "validate").code


def test_what_was_written_to_steer_a_terminal_is_made_harmless(workspace: Path) -> None:
    scenarios(workspace, [{"say": "怎么装\x9b31m\u202e", "expect": {"reply": "\u202ex"}}])
    ran = run(workspace)

    assert "\x9b" not in ran.out
    assert "\u202e" not in ran.out


def test_testing_loads_neither_network_nor_server_and_checking_no_engine(workspace: Path) -> None:
    assert set() == loaded("--dir", str(workspace), "test") & (NETWORK | SERVER)
    (workspace / "tests" / "hub.yaml").unlink()
    hub = {**HUB, "replies": HUB["replies"][:1]}  # type: ignore[index]
    write_yaml(workspace / "hub.yaml", hub)
    assert set() == loaded("--dir", str(workspace), "validate") & {"re2", "ahocorasick_rs", "rapidfuzz"}


def test_the_example_workspace_passes_its_own_scenarios() -> None:
    ran = run(ROOT / "groups")

    assert (0, "") == (ran.code, ran.err)
    assert "python-hub\n" in ran.out


def test_a_plan_says_once_a_group_what_nobody_carries_out(napcat: Stage) -> None:
    napcat.group({**napcat.wanted, "replies": HUB["replies"]})
    ran = run_on(napcat, "plan")
    document = json.loads(run_on(napcat, "plan", "--json").out)

    assert 1 == (ran.out + ran.err).count("QG541")
    assert ": 2 items." in ran.out
    assert [("QG541", "note", "hub")] == [
        (item["code"], item["severity"], item["subject"]) for item in document["qqgroup"]["diagnostics"]
    ]
    assert not document["errored"]
    assert "QG541" not in run_on(napcat, "plan", "--target", "hub/title/*").out


def test_a_group_without_behaviour_hears_nothing_of_it(napcat: Stage) -> None:
    assert "QG541" not in run_on(napcat, "plan").out
