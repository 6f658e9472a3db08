"""References to tokens: what they give, and that a fault names the variable and never its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.errors import InvalidInput
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
