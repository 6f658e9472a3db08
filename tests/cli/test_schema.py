"""`qqgroup schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from qqgroup_provision.workspace.schema import schema_folder
from tests.cli.inside import run_inside

NAMES = ["group", "people", "template", "tests", "workspace"]


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_of_a_kind_is_printed_as_it_is_and_is_one(name: str) -> None:
    ran = run_inside("schema", name)

    assert 0 == ran.code
    assert (schema_folder() / f"{name}.schema.json").read_text(encoding="utf-8") == ran.out
    Draft202012Validator.check_schema(json.loads(ran.out))


def test_without_a_kind_it_is_that_of_groups() -> None:
    assert run_inside("schema", "group") == run_inside("schema")


def test_all_are_written_into_a_folder_that_need_not_be_there(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    ran = run_inside("schema", "--write", str(folder))

    assert [(folder / f"{name}.schema.json").as_posix() for name in NAMES] == sorted(ran.out.splitlines())
    for name in NAMES:
        assert run_inside("schema", name).out == (folder / f"{name}.schema.json").read_text(encoding="utf-8")


def test_an_unknown_kind_is_told_with_those_there_are() -> None:
    ran = run_inside("schema", "gruop")

    assert (1, "") == (ran.code, ran.out)
    assert [] == [name for name in NAMES if repr(name) not in ran.err]


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_tool(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = run_inside("schema", "--write", str(tmp_path / "file" / "x"))

    assert (1, "") == (ran.code, ran.out)
    assert "Could not open file" in ran.err
    assert "QG607" not in ran.err
