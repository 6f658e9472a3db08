"""What a command does not load, so that what is asked for often is answered quickly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.inside import clean_environment, run_inside
from tests.stage import GROUP_YAML, PEOPLE_YAML, write_yaml

# Runs the command as `qqgroup` does, and writes the names of all modules that were loaded after what it wrote.
PROGRAM = """
import json, sys
from qqgroup_provision.__main__ import main
try:
    main()
finally:
    sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""
NETWORK = {"aiohttp", "httpx"}
SERVER = {"starlette", "uvicorn", "sqlite3"}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    account = {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11", "token": "${env:TEST_TOKEN}"}
    write_yaml(tmp_path / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    write_yaml(tmp_path / "people.yaml", PEOPLE_YAML)
    write_yaml(tmp_path / "hub.yaml", GROUP_YAML)
    return tmp_path


def loaded(*words: str, code: int = 0) -> set[str]:
    """The modules that a command loads, and that it ends with this code."""
    # What measures coverage would be among the modules.
    environment = {key: value for key, value in clean_environment().items() if not key.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        encoding="utf-8",
        env={**environment, "TEST_TOKEN": "t"},
        check=False,
    )
    assert code == done.returncode, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_version_is_told_without_any_library_nor_our_own_command_line() -> None:
    names = loaded("--version")

    assert set() == names & {"click", "yaml", "gettext", "asyncio", *NETWORK, *SERVER}
    assert {"qqgroup_provision", "qqgroup_provision.__main__"} == {n for n in names if n.startswith("qqgroup")}


def test_the_version_told_quickly_is_the_one_that_click_tells() -> None:
    quick = subprocess.run(
        [sys.executable, "-m", "qqgroup_provision", "--version"], capture_output=True, encoding="utf-8", check=True
    )

    assert run_inside("--version") == run_inside("--debug", "--version")
    assert quick.stdout == run_inside("--version").out


def test_help_loads_click_and_nothing_that_a_command_needs() -> None:
    names = loaded("--help")
    heavy = {"yaml", "jsonschema", "jsonschema_rs", "rich", "deepdiff", "asyncio", *NETWORK, *SERVER}

    assert "click" in names
    assert set() == names & heavy
    assert set() == {name for name in names if name.startswith("qqgroup_provision.workspace")}


def test_checking_a_valid_workspace_loads_neither_network_nor_what_explains_faults(workspace: Path) -> None:
    names = loaded("--dir", str(workspace), "validate")
    heavy = {"jsonschema", "rich", "deepdiff", "asyncio", *NETWORK, *SERVER}

    assert "yaml" in names
    assert set() == names & heavy


def test_a_plan_loads_no_server(workspace: Path) -> None:
    names = loaded("--dir", str(workspace), "plan", code=1)

    assert "aiohttp" in names
    assert set() == names & {*SERVER, "jsonschema", "deepdiff"}
    assert set() == {name for name in names if name.startswith("qqgroup_provision.simulator")}


@pytest.mark.parametrize("words", [["explain", "QG203"], ["completion", "bash"]])
def test_what_reads_no_yaml_loads_no_yaml(words: list[str]) -> None:
    assert set() == loaded(*words) & {"jsonschema", "jsonschema_rs", "asyncio", *NETWORK, *SERVER}


def test_faults_are_explained_by_what_is_loaded_only_then(workspace: Path) -> None:
    (workspace / "hub.yaml").write_text(yaml.safe_dump({**GROUP_YAML, "profiel": {}}), encoding="utf-8")

    assert "jsonschema" in loaded("--dir", str(workspace), "validate", code=1)
