"""`qqgroup import`, from groups that nobody described to files that a plan has nothing to say to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.adoption import adopt as adopt_module
from qqgroup_provision.workspace import replace as replace_module
from tests.cli.inside import run_on
from tests.stage import GROUP, SELF, Stage, staged

OTHER, THIRD = GROUP + 1, GROUP + 2
NOTICE = "群规\n  一：友善 & <b>\n\n# 不是注释: - x"
CARDED = [{"qq": 200000000 + n, "card": f"【成员】第{n}号"} for n in range(160)]
ALICE = {"qq": 100000001, "card": "【维护】小艾", "title": "维护者"}

WORLD: dict[str, Any] = {
    "kind": "World",
    "accounts": {"main": {"qq": SELF, "nickname": "小助手", "implementation": "napcat", "token": "s3cret-token"}},
    "people": {100000001: "Alice", 100000002: "Bob"},
    "groups": [
        {
            "id": GROUP,
            "name": "Python 总群",
            "owner": SELF,
            "admins": [ALICE],
            "members": [{"qq": 100000002, "card": "${env:HOME}", "title": "a: #\u0007"}, *CARDED],
            "strangers": 240,
            "announcements": [{"text": NOTICE, "pinned": True}, {"text": "only here"}],
        },
        {
            "id": OTHER,
            "name": '${env:HOME} {name}: - "x" \' #😀',
            "owner": SELF,
            "admins": [ALICE],
            "members": [100000002],
            "strangers": 60,
            "announcements": [{"text": NOTICE, "pinned": True}],
        },
        {
            "id": THIRD,
            "name": "招聘",
            "owner": 100000002,
            "admins": [SELF],
            "members": [{"qq": 100000001, "card": "【招聘】小艾"}],
            "strangers": 30,
        },
    ],
}


@pytest.fixture(params=["napcat", "llbot"])
def three(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """Three groups of 500 people, and a workspace that says nothing of them."""
    with staged(tmp_path, WORLD, implementation=request.param) as stage:
        for file in ("hub.yaml", "people.yaml"):
            (stage.folder / file).unlink()
        yield stage


def files(stage: Stage) -> dict[str, bytes]:
    return {
        path.relative_to(stage.folder).as_posix(): path.read_bytes() for path in sorted(stage.folder.rglob("*.yaml"))
    }


def test_an_import_leaves_a_plan_nothing_to_do_and_a_second_one_nothing_to_write(three: Stage) -> None:
    imported = run_on(three, "import", "--all", "--state")
    after = files(three)

    assert (0, []) == (imported.code, three.writes())
    assert "Imported. Groups: 3," in imported.out
    assert {"workspace.yaml", "people.yaml", "templates/shared.yaml", "python.yaml", "env-home-name-x.yaml",
            f"group-{THIRD}.yaml"} == after.keys()  # fmt: skip
    assert 0 == run_on(three, "validate").code
    plan = run_on(three, "plan", "--detailed-exitcode")
    assert (0, True) == (plan.code, "No changes" in plan.out)
    assert 0 == run_on(three, "fmt", "--check").code
    again = run_on(three, "import", "--all", "--state")
    assert (0, after) == (again.code, files(three))


def test_without_state_a_plan_only_adopts(three: Stage) -> None:
    run_on(three, "import", str(THIRD))
    plan = run_on(three, "plan")

    assert [f"group-{THIRD}.yaml", "people.yaml", "workspace.yaml"] == [*files(three)]
    assert "0 to create, 0 to update, 0 to replace, 0 to delete" in plan.out
    assert not (three.folder / ".qqgroup").exists()


def test_a_change_by_hand_touches_one_line_and_keeps_the_comment(three: Stage) -> None:
    run_on(three, "import", str(THIRD), "--state")
    path = three.folder / f"group-{THIRD}.yaml"
    commented = (
        path.read_text().replace("name: 招聘\n", "name: 招聘   # 不要改\n").replace("mute_all", "# 平时\nmute_all")
    )
    path.write_text(commented)
    three.simulator.patch(THIRD, {"name": "内推"})
    again = run_on(three, "import", str(THIRD), "--state")

    assert 0 == again.code
    assert commented.replace("name: 招聘   # 不要改", "name: 内推   # 不要改") == path.read_text()
    assert "No changes" in run_on(three, "plan").out


def test_a_group_that_cannot_be_read_is_told_and_nothing_is_written_for_it(three: Stage) -> None:
    missing = run_on(three, "import", str(OTHER), "999999999")
    assert 1 == missing.code
    assert "QG161" in missing.err
    assert "999999999" in missing.err
    assert [b"env-home-name-x" in text for text in files(three).values()].count(True) == 1

    before = files(three)
    three.simulator.take_calls()
    with pytest.MonkeyPatch.context():
        three.environment["TEST_TOKEN"] = "wrong"
        refused = run_on(three, "import", "--all")
    assert (1, before) == (refused.code, files(three))


@pytest.mark.parametrize("action", ["get_group_member_list", "_get_group_notice"])
def test_one_list_that_fails_keeps_its_group_out_and_no_other(three: Stage, action: str) -> None:
    run_on(three, "import", str(OTHER))
    before = files(three)
    three.simulator.patch(OTHER, {"name": "内推"})
    three.simulator.faults({"action": action, "group": OTHER, "body": "truncated"})
    done = run_on(three, "import", "--all")
    after = files(three)

    assert 1 == done.code
    assert f"QG161  Not imported: the group {OTHER}" in done.err
    assert before["env-home-name-x.yaml"] == after["env-home-name-x.yaml"]
    assert f"group-{THIRD}.yaml" in after


def test_what_yaml_cannot_say_any_more_is_forgotten_and_not_deleted(three: Stage) -> None:
    run_on(three, "import", str(THIRD), "--state")
    three.simulator.patch(THIRD, {"members": {"100000001": {"card": "{别的}"}}})
    done = run_on(three, "import", str(THIRD), "--state")

    assert (0, True) == (done.code, "QG162" in done.err)
    assert "No changes" in run_on(three, "plan").out
    assert "card/" not in run_on(three, "state", "list").out


def test_it_says_how_to_name_groups(three: Stage) -> None:
    assert "--all" in run_on(three, "import").err
    assert 1 == run_on(three, "import", "--all", str(GROUP)).code
    assert 1 == run_on(three, "import", "5").code
    assert 1 == run_on(three, "import", "--all", "--account", "nobody").code
    assert 1 == run_on(three, "import", "--all", "--template", "../x").code
    assert ["workspace.yaml"] == [*files(three)]


def test_new_files_go_where_they_are_wanted(three: Stage, tmp_path: Path) -> None:
    inside = run_on(three, "import", str(THIRD), "--output", str(three.folder / "live"))
    outside = run_on(three, "import", "--all", "--output", str(tmp_path / "copy"), "--template", "common")

    assert (0, 0) == (inside.code, outside.code)
    assert f"live/group-{THIRD}.yaml" in files(three)
    assert 0 == Stage(tmp_path / "copy", three.simulator).run("validate").code
    assert (tmp_path / "copy" / "templates" / "common.yaml").is_file()
    plan = Stage(tmp_path / "copy", three.simulator).run("plan")
    assert "0 to create, 0 to update, 0 to replace, 0 to delete" in plan.out


def test_a_file_that_was_changed_while_it_was_read_is_not_written_over(
    three: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_on(three, "import", str(THIRD))
    path = three.folder / f"group-{THIRD}.yaml"
    three.simulator.patch(THIRD, {"name": "内推"})
    real = adopt_module.adopt

    def edited_meanwhile(*given: Any) -> Any:
        path.write_text(path.read_text() + "# mine\n")
        return real(*given)

    monkeypatch.setattr(adopt_module, "adopt", edited_meanwhile)
    done = run_on(three, "import", str(THIRD))

    assert 1 == done.code
    assert "changed meanwhile" in done.err
    assert path.read_text().endswith("# mine\n")
    assert "招聘" in path.read_text()


def test_an_import_that_ends_half_way_leaves_whole_files_and_can_be_done_again(
    three: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = replace_module.replace_file
    written: list[Path] = []

    def full_disk(path: Path, content: bytes) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        real(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(replace_module, "replace_file", full_disk)
        assert 1 == run_on(three, "import", "--all").code
    assert 0 == run_on(three, "validate").code
    assert 0 == run_on(three, "import", "--all", "--state").code
    assert "No changes" in run_on(three, "plan").out
