"""click's own words, which are part of what a user reads."""

from __future__ import annotations

import ast
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from qqgroup_provision.cli.click_words import LOCALE
from tests.cli.inside import clean_environment, run_inside
from tests.stage import Stage

CATALOGUE = LOCALE / "zh_CN" / "LC_MESSAGES" / "click.po"


def said_by_click() -> set[str]:
    """Every sentence that the installed click asks gettext for."""
    spec = find_spec("click")
    assert spec is not None
    assert spec.origin is not None
    return {
        argument.value
        for path in Path(spec.origin).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext")
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def sentences(catalogue: Catalog) -> dict[str, str]:
    """English -> Chinese, each form of a plural for itself."""
    return {
        english: message.string if isinstance(message.string, str) else message.string[0]
        for message in catalogue
        if message.id
        for english in ([message.id] if isinstance(message.id, str) else message.id)
    }


def translated() -> dict[str, str]:
    with CATALOGUE.open("rb") as stream:
        return sentences(read_po(stream, locale="zh_CN"))


def test_every_sentence_of_the_catalogue_is_one_that_click_says() -> None:
    assert len(translated()) > 30
    assert [] == sorted(set(translated()) - said_by_click())


def test_every_sentence_is_translated() -> None:
    assert [] == [english for english, chinese in translated().items() if not chinese or chinese == english]


def test_the_catalogue_is_compiled() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as stream:
        compiled = sentences(read_mo(stream))

    assert translated() == compiled, "run: pybabel compile -D click -d qqgroup_provision/locale"


WRONG = {
    ("plan", "--jsn"): ["没有选项 '--jsn'", "是不是想写 '--json'？"],
    ("plan", "extra"): ["多余的参数（extra）"],
    ("plan", "--out"): ["选项 '--out' 需要 1 个值。"],
    ("plan", "--json=1"): ["选项 '--json' 不带值。"],
    ("show",): ["缺少参数 'FILE'"],
    ("schema", "gruop"): ["的值无效：'gruop' 不在可选值之中：'workspace'"],
    ("simulate", "--latency", "x"): ["'--latency' 的值无效：'x' 不是有效的 float。"],
    ("state", "lst"): ["没有命令 'lst'", "是不是想写 'list'？"],
    ("pln",): ["没有命令 `pln`", "是不是想写 `plan`？"],
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_with_a_command_line_is_told_in_chinese(words: tuple[str, ...]) -> None:
    ran = run_inside(*words, environment={"QQGROUP_LANG": "zh_CN"})

    assert (1, "") == (ran.code, ran.out)
    for sentence in (*WRONG[words], "错误："):
        assert sentence in ran.err
    for english in ("Usage", "Error", "Try ", "No such", "Did you mean"):
        assert english not in ran.err


def test_usage_and_where_to_find_help_are_told_in_chinese() -> None:
    ran = run_inside("plan", "extra", environment={"QQGROUP_LANG": "zh_CN"})

    assert ran.err.startswith("用法: qqgroup plan [OPTIONS]\n运行 'qqgroup plan --help' 查看帮助。\n")


def test_the_help_of_nested_commands_is_chinese_throughout(tmp_path: Path) -> None:
    stage = Stage(tmp_path, None, {"QQGROUP_LANG": "zh_CN"})  # type: ignore[arg-type]
    command = [word for word in stage.command("state", "--help") if word not in ("--lang", "en")]
    environment = {**clean_environment(), "QQGROUP_LANG": "zh_CN"}
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=True).stdout

    for word in ("用法:", "选项:", "命令:", "显示本说明并退出。"):
        assert word in shown
    for english in ("Usage", "Options:", "Commands:", "Show this message"):
        assert english not in shown


@pytest.mark.parametrize("environment", [{"LANG": "zh_CN.UTF-8"}, {"LANGUAGE": "zh_CN"}, {"QQGROUP_LANG": "zh_CN"}])
def test_english_that_was_asked_for_is_english_throughout(environment: dict[str, str]) -> None:
    ran = run_inside("--lang", "en", "plan", "--jsn", environment=environment)

    assert "Usage:" in ran.err
    assert "No such option '--jsn'. Did you mean '--json'?" in ran.err
