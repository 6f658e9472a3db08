"""`qqgroup graph`: offline, and with what is live."""

from __future__ import annotations

from tests.cli.inside import run_on
from tests.stage import GROUP, GROUP_YAML, Stage


def test_the_tree_is_drawn_without_asking_anybody(napcat: Stage) -> None:
    napcat.group({"kind": "Group", "key": "jobs", "id": 731000002, "parent": "hub"}, "jobs.yaml")
    ran = run_on(napcat, "graph")

    assert (0, "", []) == (ran.code, ran.err, napcat.simulator.take_calls())
    assert "hub  新群名  (731000001)\n└─ jobs  (731000002)\n" == ran.out


def test_live_gives_names_and_sizes_and_writes_nothing(stage: Stage) -> None:
    ran = run_on(stage, "graph", "--live")

    assert (0, []) == (ran.code, stage.writes())
    assert "hub  旧群名  (731000001)  9/500\n" == ran.out


def test_a_group_that_cannot_be_seen_is_drawn_and_told(napcat: Stage) -> None:
    napcat.group({"kind": "Group", "key": "other", "id": 731000009}, "other.yaml")
    ran = run_on(napcat, "graph", "--live")

    assert 1 == ran.code
    assert "other  (731000009)\n" in ran.out
    assert "QG502" in ran.err


def test_the_other_formats_are_drawn_too(napcat: Stage) -> None:
    assert run_on(napcat, "graph", "--format", "mermaid").out.startswith("graph TD\n")
    assert run_on(napcat, "graph", "--format", "svg").out.endswith("</svg>\n")


def test_equal_workspaces_give_equal_pictures(napcat: Stage) -> None:
    first = run_on(napcat, "graph", "--format", "svg", "--live").out

    assert first == run_on(napcat, "graph", "--format", "svg", "--live").out
    napcat.simulator.patch(GROUP, {"name": "另一个"})
    assert first != run_on(napcat, "graph", "--format", "svg", "--live").out
    assert dict(GROUP_YAML)["profile"]["name"] not in first
