"""`qqgroup completion`, and what the shell is told when it asks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from qqgroup_provision.cli.main import COMMANDS
from tests.cli.inside import run_inside


@pytest.mark.parametrize(("shell", "word"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --")])
def test_the_script_of_a_shell_asks_our_command(shell: str, word: str) -> None:
    ran = run_inside("completion", shell)

    assert (0, "") == (ran.code, ran.err)
    assert word in ran.out
    assert f"_QQGROUP_COMPLETE={shell}_complete" in ran.out
    assert "qqgroup" in ran.out


def test_bash_can_read_its_script(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(run_inside("completion", "bash").out, encoding="utf-8")
    read = subprocess.run(["bash", "-n", str(script)], capture_output=True, check=False)

    assert (0, b"") == (read.returncode, read.stderr)


def test_a_shell_that_is_not_known_is_told_with_those_that_are() -> None:
    ran = run_inside("completion", "tcsh")

    assert (1, "") == (ran.code, ran.out)
    assert "'bash', 'zsh', 'fish'" in ran.err


@pytest.mark.parametrize(
    ("words", "position", "expected"),
    [
        ("qqgroup ", 1, set(COMMANDS)),
        ("qqgroup s", 1, {"show", "snapshot", "state", "simulate", "schema"}),
        ("qqgroup state ", 2, {"list", "show", "mv", "rm", "forget", "lock", "unlock", "pull", "push", "migrate"}),
        ("qqgroup plan --j", 2, {"--json"}),
        ("qqgroup validate --format ", 3, {"text", "json", "github", "sarif"}),
    ],
)
def test_a_word_is_completed_with_all_it_can_become(words: str, position: int, expected: set[str]) -> None:
    asked = {"_QQGROUP_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
    ran = run_inside(environment=asked)

    assert 0 == ran.code
    assert expected == {line.partition(",")[2] for line in ran.out.splitlines()}
