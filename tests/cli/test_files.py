"""Files and folders through the whole cycle, command by command, on the implementations that have them."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.inside import run_on
from tests.stage import GROUP, SELF, Stage, staged

GUIDE = "资料/新人指南.pdf"
OTHER = 100000001


def want(stage: Stage, *items: str, content: bytes = b"guide", **more: Any) -> None:
    """Ask for these paths, all with one content, some time after whatever was before."""
    stage.simulator.advance(10)
    source = stage.folder / "assets" / "guide.pdf"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(content)
    manage = {"manage": {"files": more.pop("manage")}} if "manage" in more else {}
    rest = more.pop("more", {})
    files = {"items": [{"path": path, "source": "assets/guide.pdf"} for path in items], **more}
    stage.group({"kind": "Group", "key": "hub", "id": GROUP, "files": files, **manage, **rest})


def paths(stage: Stage) -> list[str]:
    return [file["path"] for file in stage.live()["files"]]


def uploads(stage: Stage) -> list[str]:
    return [event["name"] for event in stage.simulator.timeline() if event["event"] == "file_uploaded"]


def applied(stage: Stage) -> None:
    """Apply, after which there is nothing left to do."""
    done = run_on(stage, "apply", "--auto-approve")
    assert 0 == done.code, done.out + done.err
    after = run_on(stage, "plan", "--detailed-exitcode")
    assert 0 == after.code, after.out + after.err


def planned(stage: Stage) -> dict[str, str]:
    plan = json.loads(run_on(stage, "plan", "--json").out)
    return {item["address"]: item["qqgroup"]["action"] for item in plan["resource_changes"]}


def test_a_file_is_uploaded_into_its_folder_and_then_there_is_nothing_to_do(stage: Stage) -> None:
    want(stage, GUIDE, "说明.txt", folders=["代码"])
    expected = dict.fromkeys(
        ["hub/folder/代码", "hub/folder/资料", f"hub/file/{GUIDE}", "hub/file/说明.txt"], "create"
    )
    assert expected == planned(stage)
    applied(stage)
    live = stage.live()

    assert ["代码", "资料"] == live["folders"]
    assert {(GUIDE, 5, SELF, False), ("说明.txt", 5, SELF, False)} == {
        (file["path"], file["size"], file["uploader"], file["temporary"]) for file in live["files"]
    }
    assert 1 == len({file["sha256"] for file in live["files"]})


@pytest.mark.parametrize(("keep", "kept"), [(0, 0), (1, 1)])
def test_a_changed_file_is_uploaded_before_the_old_one_gets_another_name(stage: Stage, keep: int, kept: int) -> None:
    for content in (b"one", b"two!", b"six666"):
        want(stage, GUIDE, content=content, keep_versions=keep)
        applied(stage)
    found = stage.live()["files"]
    events = [e["event"] for e in stage.simulator.timeline() if e["event"].startswith("file_")]

    assert 3 == len(uploads(stage))
    assert {6} == {file["size"] for file in found if file["path"] == GUIDE}
    versions = [file for file in found if file["path"] != GUIDE]
    assert all(file["path"].startswith("资料/新人指南-") and file["path"].endswith(".pdf") for file in versions)
    assert [4][:kept] == sorted((file["size"] for file in versions), reverse=True)
    assert ["file_uploaded", "file_uploaded", "file_renamed" if keep else "file_deleted"] == events[:3]


def test_a_file_of_somebody_else_that_is_named_like_a_version_is_left_alone(napcat: Stage) -> None:
    theirs = "资料/新人指南-20250101-120000.pdf"
    napcat.simulator.patch(GROUP, {"files": {"folders": ["资料"], "upload": [{"path": theirs, "uploader": OTHER}]}})
    for content in (b"one", b"two!"):
        want(napcat, GUIDE, content=content)
        applied(napcat)
    want(napcat)
    applied(napcat)

    assert [theirs] == paths(napcat)


def test_a_changed_file_of_the_same_size_is_noticed(napcat: Stage) -> None:
    want(napcat, GUIDE, content=b"one")
    applied(napcat)
    want(napcat, GUIDE, content=b"two")

    assert {f"hub/file/{GUIDE}": "replace"} == planned(napcat)
    applied(napcat)
    assert (2, [GUIDE]) == (len(uploads(napcat)), paths(napcat))


def test_a_file_that_is_there_already_is_adopted_by_path_and_size(napcat: Stage) -> None:
    napcat.simulator.patch(GROUP, {"files": {"upload": [{"path": GUIDE, "size": 5, "uploader": OTHER}]}})
    want(napcat, GUIDE)
    applied(napcat)

    assert ["新人指南.pdf"] == uploads(napcat)  # the one that was there


def test_a_file_of_another_size_under_the_path_makes_room(napcat: Stage) -> None:
    napcat.simulator.patch(GROUP, {"files": {"upload": [{"path": GUIDE, "size": 7, "uploader": OTHER}]}})
    want(napcat, GUIDE, keep_versions=1)
    applied(napcat)
    found = {file["size"]: (file["path"] == GUIDE, file["uploader"]) for file in napcat.live()["files"]}

    assert {5: (True, SELF), 7: (False, OTHER)} == found


@pytest.mark.parametrize("by_hand", [
    {"delete": [GUIDE]},
    {"delete": [GUIDE], "upload": [{"path": GUIDE, "size": 5, "uploader": OTHER}]},
])  # fmt: skip
def test_a_change_made_by_hand_is_a_difference_and_is_set_right(stage: Stage, by_hand: Mapping[str, Any]) -> None:
    want(stage, GUIDE)
    applied(stage)
    stage.simulator.patch(GROUP, {"files": by_hand})

    assert [f"hub/file/{GUIDE}"] == list(planned(stage))
    applied(stage)
    assert [(GUIDE, SELF)] == [(file["path"], file["uploader"]) for file in stage.live()["files"]]


def test_what_yaml_does_not_name_any_more_is_deleted_with_its_versions_and_the_empty_folder(napcat: Stage) -> None:
    for content in (b"one", b"two!"):
        want(napcat, GUIDE, content=content, keep_versions=2)
        applied(napcat)
    want(napcat)
    applied(napcat)

    assert ([], []) == (paths(napcat), napcat.live()["folders"])
    assert "" == run_on(napcat, "state", "list").out


def test_a_folder_with_something_of_others_in_it_stays(napcat: Stage) -> None:
    want(napcat, GUIDE)
    applied(napcat)
    napcat.simulator.patch(GROUP, {"files": {"upload": [{"path": "资料/别人的.txt", "uploader": OTHER}]}})
    want(napcat)
    applied(napcat)

    assert (["资料/别人的.txt"], ["资料"]) == (paths(napcat), napcat.live()["folders"])


def test_a_folder_with_something_of_the_account_in_it_that_stays_is_refused(napcat: Stage) -> None:
    want(napcat, GUIDE)
    applied(napcat)
    napcat.simulator.patch(GROUP, {"files": {"upload": [{"path": "资料/随手.txt", "uploader": SELF}]}})
    want(napcat)
    refused = run_on(napcat, "apply", "--auto-approve")

    assert "QG523" in refused.err + refused.out
    assert ["资料/新人指南.pdf", "资料/随手.txt"] == paths(napcat)


def test_additive_leaves_report_shows_and_exclusive_removes_what_nobody_named(stage: Stage) -> None:
    stage.simulator.patch(GROUP, {"files": {"upload": [
        {"path": "旧/旧.txt", "uploader": OTHER}, {"path": "散.txt", "uploader": OTHER},
        {"path": "散.txt", "size": 2, "uploader": OTHER},
    ]}})  # fmt: skip
    want(stage, GUIDE)
    applied(stage)
    want(stage, GUIDE, manage="report")
    shown = run_on(stage, "plan").out
    want(stage, GUIDE, manage="exclusive")
    applied(stage)

    assert "旧/旧.txt" in shown
    assert shown.count("散.txt") >= 2
    assert ([GUIDE], ["资料"]) == (paths(stage), stage.live()["folders"])


def test_no_room_is_told_before_anything_is_sent(napcat: Stage) -> None:
    napcat.simulator.patch(GROUP, {"files": {"space": 4}})
    want(napcat, GUIDE)
    refused = run_on(napcat, "apply", "--auto-approve")

    assert (True, []) == ("QG522" in refused.err + refused.out, napcat.writes())


def test_a_file_that_turns_out_to_be_temporary_is_said_and_kept_once_there_is_room(stage: Stage) -> None:
    want(stage, GUIDE)
    applied(stage)
    want(stage, GUIDE, content=b"longer", keep_versions=1)
    stage.simulator.patch(GROUP, {"files": {"space": 6, "claimed": 1000}})
    done = run_on(stage, "apply", "--auto-approve")
    assert (6, True) == (done.code, "some days only" in done.out), done.out + done.err
    stage.simulator.patch(GROUP, {"files": {"space": 100}})
    applied(stage)

    assert [False, False] == [file["temporary"] for file in stage.live()["files"]]
    assert 2 == len(uploads(stage))


def test_a_file_too_large_for_llbot_is_told_before_anything_is_sent(tmp_path: Any) -> None:
    with staged(tmp_path, implementation="llbot") as stage:
        want(stage, GUIDE)
        with (stage.folder / "assets" / "guide.pdf").open("wb") as large:
            large.truncate((20 << 20) + 1)
        refused = run_on(stage, "apply", "--auto-approve")

        assert (True, []) == ("QG524" in refused.err + refused.out, stage.writes())
        assert "LLBot" in refused.err + refused.out


@pytest.mark.long
@pytest.mark.parametrize(("when", "uploaded"), [("delay", ["two!"]), ("timeout", ["one", "two!"])])
def test_killed_at_each_write_of_a_change_nothing_is_uploaded_twice(
    napcat: Stage, when: str, uploaded: list[str]
) -> None:
    """Between the upload of a file and the state that knows of it, too, and when it was changed meanwhile."""
    writes = ["create_group_file_folder", "upload_group_file", "upload_group_file", "rename_group_file"]
    for number, action in enumerate(writes):
        want(napcat, GUIDE, content=b"two!" if number >= 2 else b"one", keep_versions=1)
        killed_in(napcat, action, when)
    want(napcat, GUIDE, content=b"two!", keep_versions=1)
    applied(napcat)

    assert [len(content) for content in uploaded] == [
        event["size"] for event in napcat.simulator.timeline() if event["event"] == "file_uploaded"
    ]
    assert (len(uploaded), 1) == (len(paths(napcat)), paths(napcat).count(GUIDE))


def killed_in(stage: Stage, action: str, when: str) -> None:
    """Start an apply and kill it while a write has no answer: not carried out yet (`delay`), or carried out."""
    stage.simulator.take_calls()
    stage.simulator.faults({"action": action, "times": 1, when: 300})
    process = subprocess.Popen(
        stage.command("apply", "--auto-approve"),
        env=stage.process_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    while process.poll() is None and not any(call["fault"] for call in stage.simulator.control("calls")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stage.simulator.faults()
