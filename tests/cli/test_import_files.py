"""`qqgroup import` of files, folders and essence messages: what strangers uploaded becomes files of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.inside import run_on
from tests.cli.test_files_everywhere import EVERY, WITH_ESSENCE
from tests.stage import GROUP, SELF, WORLD, Stage, staged

OTHER = 100000001
FILE = f"group-{GROUP}.yaml"
UPLOADS: list[dict[str, Any]] = [
    {"path": "资料/新人指南.pdf", "content": "指南", "uploader": OTHER},
    {"path": "说明.txt", "content": "说明", "uploader": SELF},
    {"path": "教程/入门.md", "content": "# 入门", "uploader": OTHER},
]
(BASE,) = WORLD["groups"]


def world(*uploads: dict[str, Any], **more: Any) -> dict[str, Any]:
    files = {"folders": ["空的"], "upload": [*UPLOADS, *uploads]}
    return {**WORLD, "groups": [{**BASE, "announcements": [], "files": files, **more}]}


@pytest.fixture(params=EVERY)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    essence = {"essence": ["精华: 一\n  <&> 二", {"text": "别人的", "sender": OTHER}]}
    more = essence if request.param in WITH_ESSENCE else {}
    with staged(tmp_path, world(**more), implementation=request.param) as found:
        (found.folder / "hub.yaml").unlink()
        yield found


def imported(stage: Stage, *words: str, code: int = 0) -> Any:
    """Import the group; gives what is written of its files."""
    done = run_on(stage, "import", str(GROUP), *words)
    assert code == done.code, done.out + done.err
    return yaml.safe_load((stage.folder / FILE).read_text(encoding="utf-8")), done.out + done.err


def on_disk(stage: Stage) -> dict[str, bytes]:
    return {
        path.relative_to(stage.folder / "files").as_posix(): path.read_bytes()
        for path in sorted((stage.folder / "files").rglob("*"))
        if path.is_file()
    }


def test_files_folders_and_messages_are_imported_and_a_plan_has_nothing_to_do(stage: Stage) -> None:
    written, _ = imported(stage, "--state")
    named = {item["path"]: (stage.folder / item["source"]).read_bytes() for item in written["files"]["items"]}

    assert {upload["path"]: upload["content"].encode() for upload in UPLOADS} == named
    assert ["空的"] == written["files"]["folders"]
    if stage.simulator.seed.accounts["main"].implementation in WITH_ESSENCE:
        assert {"精华: 一\n  <&> 二", "别人的"} == {item["text"] for item in written["essence"]}
    plan = run_on(stage, "plan", "--detailed-exitcode")
    assert (0, True) == (plan.code, "No changes" in plan.out), plan.out + plan.err
    assert 0 == run_on(stage, "fmt", "--check").code
    before = {path: path.read_bytes() for path in stage.folder.rglob("*") if path.is_file()}
    stage.simulator.take_calls()
    again, said = imported(stage, "--state")
    assert ([], written, True) == (stage.writes(), again, "files written: 0" in said)
    after = {path: path.read_bytes() for path in stage.folder.rglob("*") if path.is_file()}
    assert {path for path in before if ".qqgroup" not in path.parts} == {
        path for path in after if ".qqgroup" not in path.parts and before.get(path) == after[path]
    }


def test_what_changed_in_the_group_changes_its_lines_and_no_others(napcat_files: Stage) -> None:
    imported(napcat_files, "--state")
    path = napcat_files.folder / FILE
    path.write_text(
        path.read_text(encoding="utf-8").replace("  items:", "  # 我们的文件\n  items:"), encoding="utf-8"
    )
    napcat_files.simulator.advance(60)
    napcat_files.simulator.patch(GROUP, {"files": {
        "delete": ["说明.txt", "教程/入门.md", "资料/新人指南.pdf"],
        "upload": [
            {"path": "教程/入门.md", "content": "新的入门", "uploader": OTHER}, {"path": "加.txt", "content": "+"},
            {"path": "资料/新人指南.pdf", "content": "南指", "uploader": OTHER},  # as large as the one before
        ],
    }})  # fmt: skip
    written, _ = imported(napcat_files, "--state")
    items = {item["path"]: (napcat_files.folder / item["source"]).read_bytes() for item in written["files"]["items"]}

    assert {"资料/新人指南.pdf": "南指".encode(), "教程/入门.md": "新的入门".encode(), "加.txt": b"+"} == items
    assert "# 我们的文件" in path.read_text(encoding="utf-8")
    assert {b"# \xe5\x85\xa5\xe9\x97\xa8", "新的入门".encode()} <= set(on_disk(napcat_files).values())
    assert 0 == run_on(napcat_files, "plan", "--detailed-exitcode").code


@pytest.fixture
def napcat_files(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, world()) as found:
        (found.folder / "hub.yaml").unlink()
        yield found


GROUP_IN_A_FILE = "kind: Group\nkey: evil\nid: 731000009\nprofile: {name: x}\n"


def test_no_name_of_a_stranger_leads_out_of_the_workspace_or_into_its_yaml(tmp_path: Path) -> None:
    odd: list[dict[str, Any]] = [
        {"path": "evil.yaml", "content": GROUP_IN_A_FILE}, {"path": "资料/Evil.YML", "content": GROUP_IN_A_FILE},
        {"path": "con.txt", "content": "1"}, {"path": "a\u202egpj.exe", "content": "2"},
        {"path": "长" * 66 + ".txt", "content": "3"}, {"path": "A.txt", "content": "4"},
        {"path": "a.txt", "content": "5"},
        *({"path": path, "content": "x"} for path in ("../出.txt", ".git", "..", "a|b", " a", "资料/.x", "b\u0001")),
    ]  # fmt: skip
    with staged(tmp_path, world(*odd)) as stage:
        (stage.folder / "hub.yaml").unlink()
        written, said = imported(stage, "--state")
        outside = [path for path in tmp_path.rglob("*") if path.is_file() and stage.folder not in path.parents]
        names = [name.rpartition("/")[2] for name in on_disk(stage)]

        assert [] == outside
        assert {"files"} == {item["source"].split("/")[0] for item in written["files"]["items"]}
        assert all(len(name.encode()) <= 200 and name.isprintable() and not name.startswith(".") for name in names)
        assert [] == [name for name in names if name.lower().endswith((".yaml", ".yml")) or name.startswith("con")]
        assert len(names) == len({name.casefold() for name in names} | {"a-2.txt"})
        for path in ("出.txt", ".git", "a|b", ".x"):
            assert path not in " ".join(item["path"] for item in written["files"]["items"])
        assert said.count("YAML does not take such a name") >= 6
        plan = run_on(stage, "plan", "--detailed-exitcode")
        assert 0 == plan.code, plan.out + plan.err


def test_what_cannot_be_an_item_is_left_out_and_told(tmp_path: Path) -> None:
    odd: list[dict[str, Any]] = [
        {"path": "大.iso", "size": (20 << 20) + 1}, {"path": "空.txt", "size": 0},
        {"path": "双.txt", "content": "a"}, {"path": "双.txt", "content": "b"},
    ]  # fmt: skip
    with staged(tmp_path, world(*odd)) as stage:
        (stage.folder / "hub.yaml").unlink()
        written, said = imported(stage, "--state", "--most-files", "2")

        assert 2 == len(written["files"]["items"])
        for part in ("大.iso", "downloaded at most", "it is empty", "several files", "only 2 files"):
            assert part in " ".join(said.split()), part
        assert 0 == run_on(stage, "plan", "--detailed-exitcode").code


@pytest.mark.parametrize("fault", [{"http": 404}, {"body": "half"}, {"pretend": True}, {"http": 302}])
def test_a_download_that_is_not_what_the_list_says_leaves_nothing_behind(
    napcat_files: Stage, fault: dict[str, Any]
) -> None:
    napcat_files.simulator.faults({"action": "download", "skip": 1, "times": 1, **fault})
    written, said = imported(napcat_files, "--state")

    assert (2, 2) == (len(written["files"]["items"]), len(on_disk(napcat_files)))
    assert "QG162" in said
    assert 0 == run_on(napcat_files, "plan", "--detailed-exitcode").code
    napcat_files.simulator.faults()
    written, _ = imported(napcat_files, "--state")
    assert (3, 3) == (len(written["files"]["items"]), len(on_disk(napcat_files)))


def test_folders_alone_or_nothing_of_the_files_is_imported_where_that_is_asked(napcat_files: Stage) -> None:
    written, _ = imported(napcat_files, "--state", "--files", "none")
    assert "files" not in written
    written, _ = imported(napcat_files, "--state", "--files", "folders")
    assert {"folders": ["教程", "空的", "资料"]} == written["files"]
    assert not (napcat_files.folder / "files").exists()
    assert 0 == run_on(napcat_files, "plan", "--detailed-exitcode").code
    assert [] == [call for call in napcat_files.simulator.take_calls() if call["action"] == "download"]


def test_versions_that_the_tool_made_are_counted_and_not_downloaded(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        from tests.cli.test_files import GUIDE, applied, want

        for content in (b"one", b"two!", b"three"):
            want(stage, GUIDE, content=content, keep_versions=2)
            applied(stage)
        (stage.folder / "hub.yaml").unlink()
        run_on(stage, "state", "forget", "hub")
        written, _ = imported(stage, "--state")

        assert (2, [GUIDE]) == (written["files"]["keep_versions"], [i["path"] for i in written["files"]["items"]])
        assert [b"three"] == [*on_disk(stage).values()]
        assert 0 == run_on(stage, "plan", "--detailed-exitcode").code


@pytest.mark.parametrize(("action", "fault"), [
    ("get_group_root_files", {"body": "half"}), ("get_group_root_files", {"empty": True}),
    ("get_group_files_by_folder", {"body": "truncated"}), ("get_group_file_system_info", {"http": 500}),
    ("get_essence_msg_list", {"body": "not_json"}),
])  # fmt: skip
def test_a_list_that_cannot_be_read_keeps_its_group_out(
    napcat_files: Stage, action: str, fault: dict[str, Any]
) -> None:
    napcat_files.simulator.faults({"action": action, **fault})
    done = run_on(napcat_files, "import", str(GROUP))

    assert (1, True, False) == (done.code, "QG161" in done.err, (napcat_files.folder / FILE).exists())
