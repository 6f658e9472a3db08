"""`qqgroup init`: a workspace that is valid as it is, and nothing written over."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.inside import run_inside

WRITTEN = {".gitignore", "my-group.yaml", "people.yaml", "workspace.yaml"}
SCHEMAS = {f"{name}.schema.json" for name in ("group", "people", "template", "tests", "workspace")}


def test_a_new_workspace_is_valid_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "groups"
    begun = run_inside("init", str(folder))
    checked = run_inside("--dir", str(folder), "validate")

    assert (0, "") == (begun.code, begun.err)
    assert (0, "Valid. Files: 3, groups: 1.\n") == (checked.code, checked.out), checked.err


def test_the_folder_of_dir_is_taken_where_none_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "groups"
    begun = run_inside("--dir", str(folder), "init")

    assert 0 == begun.code
    assert WRITTEN | {".schemas"} == {path.name for path in folder.iterdir()}


def test_what_to_do_next_is_said_as_commands_that_can_be_pasted(tmp_path: Path) -> None:
    folder = tmp_path / "my groups"
    begun = run_inside("init", str(folder))

    assert begun.out.splitlines()[1:] == [
        f"  qqgroup --dir '{folder.as_posix()}' validate",
        f"  qqgroup --dir '{folder.as_posix()}' plan",
    ]


def test_editors_find_the_schema_of_each_file_beside_it(tmp_path: Path) -> None:
    run_inside("init", str(tmp_path))

    assert {path.name for path in (tmp_path / ".schemas").iterdir()} == SCHEMAS
    for name in WRITTEN - {".gitignore"}:
        first = (tmp_path / name).read_text(encoding="utf-8").splitlines()[0]
        assert (tmp_path / first.partition("$schema=")[2]).is_file()


def test_no_token_is_written_and_state_is_kept_out_of_git(tmp_path: Path) -> None:
    run_inside("init", str(tmp_path))
    workspace = yaml.safe_load((tmp_path / "workspace.yaml").read_text(encoding="utf-8"))

    assert "${env:QQGROUP_MAIN_TOKEN}" == workspace["accounts"]["main"]["token"]
    assert ".qqgroup/\n" == (tmp_path / ".gitignore").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_file_that_is_there_is_named_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    begun = run_inside("init", str(tmp_path))

    assert (1, "", True) == (begun.code, begun.out, "error QG141" in begun.err)
    assert f"{tmp_path.as_posix()}/{name} is there already" in begun.err
    assert [name] == [path.name for path in tmp_path.iterdir()]
    assert "mine" == (tmp_path / name).read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_told_and_is_no_fault_of_the_tool(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    begun = run_inside("init", str(tmp_path / "file" / "groups"))

    assert 1 == begun.code
    assert "Could not open file" in begun.err
    assert "QG607" not in begun.err
