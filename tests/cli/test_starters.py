"""`qqgroup init --template`: communities that are valid, pass their own tests and can be planned as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from qqgroup_provision.cli.init import _STARTERS, _TEMPLATES
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed
from qqgroup_provision.workspace.load import load_workspace
from tests.cli.inside import run_inside
from tests.stage import SELF, write_yaml

each = pytest.mark.parametrize("template", _TEMPLATES)


def begun(folder: Path, template: str) -> Path:
    ran = run_inside("init", str(folder), "--template", template)

    assert (0, "") == (ran.code, ran.err)
    assert f"  qqgroup --dir {folder.as_posix()} test\n" in ran.out
    return folder


def test_there_is_a_folder_for_each_and_no_other() -> None:
    assert set(_TEMPLATES) == {path.name for path in _STARTERS.iterdir()}


@each
def test_a_community_is_valid_without_a_warning_and_passes_its_own_scenarios(tmp_path: Path, template: str) -> None:
    folder = begun(tmp_path / "groups", template)
    checked = run_inside("--dir", str(folder), "validate")
    played = run_inside("--dir", str(folder), "test")

    assert (0, "", 0, "") == (checked.code, checked.err, played.code, played.err)
    assert "groups: 2" in checked.out
    assert "✗" not in played.out


@each
def test_each_of_its_groups_is_played(tmp_path: Path, template: str) -> None:
    loaded = load_workspace(begun(tmp_path / "groups", template))

    assert set(loaded.required().groups) == {scenario.group for scenario in loaded.scenarios}


@each
def test_every_file_finds_its_schema(tmp_path: Path, template: str) -> None:
    folder = begun(tmp_path / "groups", template)
    for path in folder.rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert (path.parent / first.partition("$schema=")[2]).is_file(), path


@each
def test_its_plan_for_fresh_groups_is_made_and_carried_out(tmp_path: Path, template: str) -> None:
    folder = begun(tmp_path / "groups", template)
    workspace = load_workspace(folder).required()
    people = {person.qq: person.name for person in workspace.people.values()}
    groups = [
        {"id": group.id, "name": "新群", "owner": SELF, "members": list(people)}
        for group in workspace.groups.values()
    ]
    account = {"qq": SELF, "nickname": "小助手", "implementation": "napcat", "token": "s3cret-token"}
    world: dict[str, Any] = {"kind": "World", "accounts": {"main": account}, "people": people, "groups": groups}
    with RunningSimulator(parse_seed(yaml.safe_dump(world, allow_unicode=True))) as simulator:
        written = yaml.safe_load((folder / "workspace.yaml").read_text(encoding="utf-8"))
        pace = {"write": "0ms", "announcement": "0ms", "file": "0ms", "settle": "20ms"}
        written["accounts"]["main"] |= {"endpoint": simulator.endpoint("main"), "pace": pace}
        write_yaml(folder / "workspace.yaml", written)
        environment = {"QQGROUP_MAIN_TOKEN": "s3cret-token"}
        planned = run_inside("--dir", str(folder), "plan", environment=environment)
        applied = run_inside("--dir", str(folder), "apply", "--auto-approve", environment=environment)
        again = run_inside("--dir", str(folder), "plan", "--detailed-exitcode", environment=environment)

    assert 0 == planned.code, planned.err
    assert 0 == applied.code, applied.err + applied.out
    assert 0 == again.code, again.out


def test_nothing_is_written_where_one_of_its_files_is_there(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "course.yaml").write_text("mine", encoding="utf-8")
    ran = run_inside("init", str(tmp_path), "--template", "education")

    assert (1, True) == (ran.code, "QG141" in ran.err)
    assert ["templates"] == [path.name for path in tmp_path.iterdir()]


def test_a_template_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert 1 == run_inside("init", str(tmp_path), "--template", "school").code
