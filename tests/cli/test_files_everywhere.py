"""Files, folders and essence messages on every implementation: what each can do, and what is said of the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.platforms import caller, sessions
from qqgroup_provision.platforms.connection import EndpointSettings, _within_reach
from qqgroup_provision.ports import AccountFacts, Capability
from tests.cli import test_essence
from tests.cli.inside import run_on
from tests.cli.test_files import GUIDE, OTHER, applied, paths, planned, uploads, want
from tests.stage import GROUP, SELF, Stage, staged

EVERY = ["napcat", "llbot", "lagrange", "gocq", "llbot-milky", "lagrange-milky"]
RENAMING = ["napcat", "llbot", "llbot-milky"]
WITH_ESSENCE = ["napcat", "llbot", "lagrange", "llbot-milky"]
NAMES = {
    "lagrange": "Lagrange.OneBot 0.0.3", "gocq": "go-cqhttp v1.2.0", "lagrange-milky": "Lagrange.Milky 58a4f99ac",
    "llbot-milky": "LLBot (Milky) 8.1.7",
}  # fmt: skip


@pytest.fixture(params=EVERY)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, implementation=request.param) as found:
        yield found


def implementation(stage: Stage) -> str:
    return stage.simulator.seed.accounts["main"].implementation


def counted(stage: Stage) -> None:
    """Apply, with as many requests as the plan said, after which there is nothing left to do."""
    stage.simulator.take_calls()
    plan = json.loads(run_on(stage, "plan", "--json").out)["qqgroup"]
    read = len(stage.simulator.take_calls())
    done = run_on(stage, "apply", "--auto-approve")
    sent = len(stage.simulator.take_calls())
    after = run_on(stage, "plan", "--detailed-exitcode")

    assert (0, 0) == (done.code, after.code), done.out + done.err + after.out + after.err
    assert (plan["reads"], plan["reads"] + plan["writes"]) == (read, sent)


def test_files_come_change_and_go_with_as_many_requests_as_the_plan_says(stage: Stage) -> None:
    want(stage, GUIDE, "说明.txt", folders=["代码"])
    counted(stage)
    assert (["说明.txt", GUIDE], ["代码", "资料"]) == (paths(stage), stage.live()["folders"])
    want(stage, GUIDE, "说明.txt", content=b"another guide")
    counted(stage)
    assert {13} == {file["size"] for file in stage.live()["files"]}
    assert ["资料"] == stage.live()["folders"]
    want(stage)
    counted(stage)

    assert ([], []) == (paths(stage), stage.live()["folders"])
    assert 4 == len(uploads(stage))


def test_versions_are_kept_where_files_can_be_renamed_and_refused_where_not(stage: Stage) -> None:
    want(stage, GUIDE, keep_versions=1)
    counted(stage)
    want(stage, GUIDE, content=b"another guide", keep_versions=1)
    if implementation(stage) in RENAMING:
        counted(stage)
        assert 2 == len(paths(stage))
        return
    stage.simulator.take_calls()
    refused = run_on(stage, "apply", "--auto-approve")
    for part in ("QG512", NAMES[implementation(stage)], "rename_file", "run an implementation that can"):
        assert part in " ".join((refused.err + refused.out).split())
    assert (1, []) == (refused.code, stage.writes())


def test_a_file_too_large_is_told_before_anything_is_sent(stage: Stage) -> None:
    want(stage, GUIDE)
    with (stage.folder / "assets" / "guide.pdf").open("wb") as large:
        large.truncate((20 << 20) + 1)
    said = run_on(stage, "plan")

    limited = implementation(stage) in ("llbot", "llbot-milky", "lagrange-milky")
    assert limited == ("QG524" in said.out + said.err)
    assert limited == (said.code == 1)


@pytest.mark.parametrize("name", ["llbot-milky", "lagrange-milky"])
def test_a_temporary_file_is_left_to_a_person_where_nothing_makes_it_lasting(tmp_path: Path, name: str) -> None:
    with staged(tmp_path, implementation=name) as stage:
        want(stage, GUIDE)
        stage.simulator.patch(GROUP, {"files": {"space": 1}})
        done = run_on(stage, "apply", "--auto-approve")
        refused = run_on(stage, "plan")

        assert (6, True) == (done.code, "some days only" in done.out)
        assert "keep_file" in refused.out + refused.err
        assert ["新人指南.pdf"] == uploads(stage)


@pytest.mark.parametrize(("url", "uploads"), [
    ("http://127.0.0.1:5700", True), ("ws://localhost:8080/api", True), ("http://[::1]:1", True),
    ("http://192.168.1.5:5700", False), ("https://bot.example", False),
])  # fmt: skip
def test_who_reads_files_from_the_disk_is_given_none_over_a_network(url: str, uploads: bool) -> None:
    facts = AccountFacts(SELF, "go-cqhttp", "v1.2.0", frozenset(Capability), reads_paths=True)

    assert uploads == (Capability.UPLOAD_FILE in _within_reach(facts, url).capabilities)
    assert Capability.UPLOAD_FILE in _within_reach(replace(facts, reads_paths=False), url).capabilities


@pytest.mark.parametrize("size", [1, 1 << 20, (1 << 20) + 1, 3 << 20])
@pytest.mark.parametrize("path", [GUIDE, "说明.txt"])
def test_a_plan_counts_the_parts_of_an_upload(napcat: Stage, size: int, path: str) -> None:
    want(napcat, path, content=b"x" * size)
    counted(napcat)


def test_versions_that_are_too_many_once_fewer_are_kept_go_at_once_and_are_counted(napcat: Stage) -> None:
    napcat.simulator.patch(GROUP, {"files": {"upload": [
        {"path": "资料/新人指南-20250101-120000.pdf", "uploader": OTHER},
        {"path": "资料/新人指南-20250102-120000.pdf", "uploader": SELF},  # not by this tool: its date is not its own
    ]}})  # fmt: skip
    for content in (b"1", b"22", b"333", b"4444"):
        want(napcat, GUIDE, content=content, keep_versions=3)
        applied(napcat)
    assert 6 == len(paths(napcat))
    want(napcat, GUIDE, content=b"4444", keep_versions=1)
    shown = run_on(napcat, "plan").out
    plan = planned(napcat)

    assert ["delete", "delete"] == list(plan.values())
    assert ["2 to delete", "more than `keep_versions` keeps"] == [
        part for part in ("2 to delete", "more than `keep_versions` keeps") if part in shown
    ]
    counted(napcat)
    assert [1, 1, 3, 4] == sorted(file["size"] for file in napcat.live()["files"])
    want(napcat, GUIDE, content=b"55555", keep_versions=0)
    counted(napcat)
    assert [1, 1, 5] == sorted(file["size"] for file in napcat.live()["files"])


@pytest.mark.parametrize("name", WITH_ESSENCE)
def test_essence_messages_come_change_and_go(tmp_path: Path, name: str) -> None:
    with staged(tmp_path, implementation=name) as stage:
        stage.simulator.patch(GROUP, {"essence": ["别人的"]})
        # Over Milky a history has pages, and nobody knows how many.
        carried_out = applied if name == "llbot-milky" else counted
        for texts in (["一\n <&> [二]"], ["三"]):
            test_essence.want(stage, *texts)
            carried_out(stage)
            assert sorted([*texts, "别人的"]) == stage.live()["essence"]
        test_essence.want(stage)
        carried_out(stage)
        assert ["别人的"] == stage.live()["essence"]


def test_pages_of_essence_messages_are_read_to_the_end(tmp_path: Path) -> None:
    with staged(tmp_path, implementation="llbot-milky") as stage:
        stage.simulator.patch(GROUP, {"essence": [f"第{number}条" for number in range(120)]})
        test_essence.want(stage, "第0条", "第119条")
        stage.simulator.take_calls()
        applied(stage)

        assert "set_group_essence_message" not in stage.writes()


# What may go wrong with each list call. Nothing tells how many files there are on Lagrange.OneBot and over Milky, and
# nobody tells how many essence messages: half of such a list looks like a whole one.
FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"refuse": {"retcode": 100, "message": "系统繁忙"}},
    "late": {"timeout": 1.0},
    "empty": {"empty": True},
    "cut": {"body": "truncated"},
    "half": {"body": "half"},
}
ROOT = {"llbot-milky": "get_group_files", "lagrange-milky": "get_group_files"}
UNCOUNTED = ("lagrange", "llbot-milky", "lagrange-milky")
LISTS: dict[str, dict[str, str]] = {
    name: {
        "root": ROOT.get(name, "get_group_root_files"),
        **({} if name in ROOT else {"folder": "get_group_files_by_folder"}),
        **({} if name in UNCOUNTED else {"space": "get_group_file_system_info"}),
        **({} if name not in WITH_ESSENCE else {
            "essence": "get_group_essence_messages" if name in ROOT else "get_essence_msg_list",
            "history": "get_history_messages" if name in ROOT else "get_group_msg_history",
        }),
    }
    for name in EVERY
}  # fmt: skip


def told(name: str, part: str, fault: str) -> bool:
    """Whether anybody can tell that an answer is not what it should be."""
    if fault == "half":
        return part == "folder" or (part == "root" and name not in UNCOUNTED)
    return True


@pytest.mark.parametrize("name", EVERY)
def test_what_could_not_be_read_is_never_taken_for_gone(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller, "_AGAIN", ())
    monkeypatch.setattr(sessions, "EndpointSettings", partial(EndpointSettings, read_timeout=0.5))
    with staged(tmp_path, implementation=name) as stage:
        essence = {"essence": [{"key": "k", "text": "一"}]} if name in WITH_ESSENCE else {}
        want(stage, GUIDE, "说明.txt", "附录.txt", more=essence)
        applied(stage)
        if essence:  # the second is to be posted, which takes knowing that it was not
            second = [*essence["essence"], {"key": "new", "text": "新"}]
            want(stage, GUIDE, "说明.txt", "附录.txt", more={"essence": second})
        stage.simulator.take_calls()
        for part, action in LISTS[name].items():
            for fault, how in FAULTS.items():
                if not told(name, part, fault):
                    continue
                stage.simulator.faults({"action": action, **how})
                said = run_on(stage, "plan", "--json")
                plan = json.loads(said.out)
                ours = {c["address"]: c["qqgroup"]["action"] for c in plan["resource_changes"]}
                codes = {item["code"] for item in plan["qqgroup"]["diagnostics"]}
                case = (part, fault, ours, codes)

                assert (1, True) == (said.code, "QG501" in codes), case
                concerned = ("file", "folder") if part in ("root", "folder", "space") else ("essence",)
                assert [] == [a for a in ours if a.split("/")[1] in concerned], case
            assert "No changes" not in run_on(stage, "plan").out, part
        stage.simulator.faults()
        assert [] == stage.writes()


def test_an_upload_whose_answer_is_lost_is_looked_for_and_not_sent_again(stage: Stage) -> None:
    want(stage, GUIDE)
    stage.simulator.faults({"action": "upload_group_file", "reset": "after"})
    done = run_on(stage, "apply", "--auto-approve")
    stage.simulator.faults()

    assert 0 == done.code, done.out + done.err
    assert ["新人指南.pdf"] == uploads(stage)
    assert 0 == run_on(stage, "plan", "--detailed-exitcode").code


def test_an_upload_that_is_answered_ok_and_not_done_is_told(stage: Stage) -> None:
    want(stage, GUIDE)
    stage.simulator.faults({"action": "upload_group_file", "pretend": True})
    done = run_on(stage, "apply", "--auto-approve")
    stage.simulator.faults()

    assert (6, True) == (done.code, "NOT APPLIED" in done.out)
    applied(stage)
    assert ["新人指南.pdf"] == uploads(stage)
