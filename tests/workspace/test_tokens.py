"""References to tokens: what they give, and that a fault names the variable and never its value."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Account, Pace
from qqgroup_provision.workspace.tokens import resolve_token


def account(token: str) -> Account:
    return Account("main", "http://127.0.0.1:1", "onebot11", token, Pace(), Place("workspace.yaml", 3, 3, 3, 7))


@pytest.mark.parametrize("value", ["t0ken", "t0ken\n", "\tt0ken \r\n"])
def test_a_variable_gives_its_value_without_the_blanks_around_it(tmp_path: Path, value: str) -> None:
    assert "t0ken" == resolve_token(account("${env:QQ_TOKEN}"), tmp_path, {"QQ_TOKEN": value}).reveal()


@pytest.mark.parametrize("environment", [{}, {"QQ_TOKEN": ""}, {"QQ_TOKEN": " \n"}, {"OTHER": "t0ken"}])
def test_a_variable_that_is_not_set_is_told_by_name_and_place(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        resolve_token(account("${env:QQ_TOKEN}"), tmp_path, environment)
    (found,) = caught.value.diagnostics

    assert ("QG131", Place("workspace.yaml", 3, 3, 3, 7)) == (found.code, found.place)
    assert ("QQ_TOKEN" in str(found.summary), "QQ_TOKEN" in str(found.hint)) == (True, True)
    assert "t0ken" not in f"{found}{found.summary}{found.hint}"


def test_a_file_of_the_workspace_gives_its_text(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("t0ken\n")

    assert "t0ken" == resolve_token(account("${file:token.txt}"), tmp_path, {}).reveal()


@pytest.mark.parametrize(("path", "code"), [("missing.txt", "QG122"), ("../token.txt", "QG121"), ("/token", "QG121")])
def test_a_file_that_is_not_there_or_not_inside_is_told(tmp_path: Path, path: str, code: str) -> None:
    (tmp_path / "token.txt").write_text("t0ken")
    root = tmp_path / "groups"
    root.mkdir()
    with pytest.raises(InvalidInput) as caught:
        resolve_token(account(f"${{file:{path}}}"), root, {})

    assert [code] == [item.code for item in caught.value.diagnostics]
    assert "t0ken" not in str(caught.value)


def test_an_account_without_a_token_has_an_empty_one(tmp_path: Path) -> None:
    assert "" == resolve_token(account(""), tmp_path, {"": "x"}).reveal()


COMMAND = "${command:QQGROUP_MAIN_COMMAND}"


def given(tmp_path: Path, command: str) -> str:
    return resolve_token(account(COMMAND), tmp_path, {"QQGROUP_MAIN_COMMAND": command}).reveal()


@pytest.mark.parametrize("script", ["print('t0ken')", "print('t0ken\\nuser: main')", "print(' t0ken ', end='')"])
def test_a_command_gives_the_first_line_it_prints(tmp_path: Path, script: str) -> None:
    assert "t0ken" == given(tmp_path, shlex.join([sys.executable, "-c", script]))


def test_a_command_is_given_to_no_shell(tmp_path: Path) -> None:
    printed = given(tmp_path, shlex.join([sys.executable, "-c", "import sys; print(sys.argv[1])"]) + " $HOME;ls")

    assert "$HOME;ls" == printed


@pytest.mark.parametrize(
    "command",
    ["no-such-program-here", "'open", shlex.join([sys.executable, "-c", "print('t0ken'); exit(3)"]),
     shlex.join([sys.executable, "-c", ""])],
)  # fmt: skip
def test_a_command_that_gives_nothing_is_told_by_its_variable_and_not_by_what_it_printed(
    tmp_path: Path, command: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        given(tmp_path, command)
    (found,) = caught.value.diagnostics

    assert ("QG132", Place("workspace.yaml", 3, 3, 3, 7)) == (found.code, found.place)
    assert "QQGROUP_MAIN_COMMAND" in str(found.summary)
    assert "t0ken" not in f"{found}{found.summary}{found.hint}"


def test_a_variable_for_a_command_that_is_not_set_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        resolve_token(account(COMMAND), tmp_path, {})

    assert ["QG131"] == [item.code for item in caught.value.diagnostics]


@pytest.mark.parametrize("name", ["PATH", "GIT_SSH_COMMAND", "QQGROUP_MAIN_TOKEN", "ls -l"])
def test_yaml_names_no_command_and_no_variable_that_is_not_meant_for_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "workspace.yaml").write_text(
        "kind: Workspace\naccounts:\n"
        f'  main: {{endpoint: "http://127.0.0.1:1", protocol: onebot11, token: "${{command:{name}}}"}}\n'
    )

    assert load_workspace(tmp_path).workspace is None
