"""`qqgroup demo`: the whole cycle without a QQ account, leaving nothing behind."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qqgroup_provision.cli import demo
from tests.cli.inside import clean_environment, run_inside
from tests.stage import Ran

if sys.platform != "win32":
    from tests.cli.on_terminal import on_terminal

STEPS = ["validate", "plan", "apply --auto-approve", "plan --detailed-exitcode"]
COMMAND = [sys.executable, "-m", "qqgroup_provision"]


def test_it_shows_each_command_and_ends_with_nothing_to_do_and_nothing_left(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=tmp_path,
        start_new_session=True,
        env={**clean_environment(), "TMPDIR": str(tmp_path), "QQGROUP_LANG": "en", "COLUMNS": "100"},
    )
    out, err = process.communicate(timeout=120)

    assert (0, "") == (process.returncode, err)
    assert re.findall(r"^\$ qqgroup (.*)$", out, re.MULTILINE) == STEPS
    assert out.splitlines()[-1].startswith("No changes.")
    assert "\x1b" not in out
    assert [] == list(tmp_path.iterdir())
    assert [] == members_of(process.pid)


def members_of(session: int) -> list[str]:
    """The processes of a session, where the system tells."""
    listed = Path("/proc").glob("[0-9]*/stat")
    return [stat for stat in map(_text, listed) if stat and int(stat.rpartition(")")[2].split()[3]) == session]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of the other kind")
def test_it_speaks_chinese_in_a_narrow_terminal_without_colour(tmp_path: Path) -> None:
    environment = {**clean_environment(), "TMPDIR": str(tmp_path), "QQGROUP_LANG": "zh_CN", "NO_COLOR": "1"}
    with on_terminal([*COMMAND, "demo"], environment, columns=40) as screen:
        assert 0 == screen.ended()

    assert "# 检查 YAML" in screen.text
    assert screen.text.rstrip().splitlines()[-1].startswith("没有变更")
    assert not re.search(r"\x1b\[[0-9;]*[349]\d", screen.raw)
    assert [] == list(tmp_path.iterdir())


class Commands:
    """Stands for the commands that the demo runs."""

    def __init__(self, codes: dict[str, int]) -> None:
        self.codes = codes
        self.ran: list[list[str]] = []

    def __call__(self, words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.ran.append(words[3:])
        return subprocess.CompletedProcess(words, self.codes.get(words[-1], 0))


@pytest.fixture
def demonstrate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Ran, Commands]]:
    def run(*options: str, **codes: int) -> tuple[Ran, Commands]:
        commands = Commands(codes)
        monkeypatch.setattr(subprocess, "run", commands)
        return run_inside(*options, "demo"), commands

    return run


def test_the_step_that_fails_is_the_last_and_its_code_is_the_demos(
    demonstrate: Callable[..., tuple[Ran, Commands]],
) -> None:
    ran, commands = demonstrate(plan=1)

    assert 1 == ran.code
    assert ["validate", "plan"] == [words[-1] for words in commands.ran]


@pytest.mark.parametrize("option", ["--color", "--no-color"])
def test_language_and_colour_are_passed_on(demonstrate: Callable[..., tuple[Ran, Commands]], option: str) -> None:
    ran, commands = demonstrate("--lang", "zh_CN", option)

    assert 0 == ran.code
    assert 4 == len(commands.ran)
    for words in commands.ran:
        assert words[words.index("--lang") + 1] == "zh_CN"
        assert option in words
    assert ("\x1b[1m" in ran.out) == (option == "--color")


def test_the_example_is_found_in_a_checkout_and_in_an_installed_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (demo._example() / "workspace.yaml").is_file()
    package = tmp_path / "qqgroup_provision"
    (package / "example").mkdir(parents=True)
    monkeypatch.setattr(demo, "__file__", str(package / "cli" / "demo.py"))
    assert package / "example" == demo._example()


def test_without_the_packages_of_the_extra_it_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    ran = run_inside("demo")

    assert (1, "") == (ran.code, ran.out)
    assert "error QG142  This needs uvicorn, starlette, which are not installed." in ran.err
    assert "pip install 'qqgroup-provision[simulator]'" in ran.err
