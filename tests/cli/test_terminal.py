"""When to colour, how wide to write, and what is said while something takes a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import require_extra, sources_of, use_color, width, working, writing
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from tests.cli.inside import Terminal
from tests.reports.samples import speaking


@pytest.mark.parametrize(
    ("wished", "environment", "tty", "expected"),
    [
        (None, {}, True, True),
        (None, {}, False, False),
        (None, {"NO_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": ""}, True, True),
        (None, {"FORCE_COLOR": "1"}, False, True),
        (None, {"FORCE_COLOR": ""}, False, False),
        (None, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        (True, {"NO_COLOR": "1"}, False, True),
        (False, {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_what_the_option_says_then_the_variables_then_the_terminal(
    wished: bool | None, environment: dict[str, str], tty: bool, expected: bool
) -> None:
    assert expected == use_color(wished, Terminal(tty=tty), environment)


@pytest.mark.parametrize(("columns", "expected"), [("20", 40), ("40", 40), ("77", 77), ("500", 120)])
def test_we_write_as_wide_as_the_terminal_within_what_can_be_read(
    monkeypatch: pytest.MonkeyPatch, columns: str, expected: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    assert expected == width()


@pytest.mark.parametrize(("color", "code"), [(True, True), (False, False)])
def test_a_terminal_is_told_what_takes_a_while_and_it_is_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, color: bool, code: bool
) -> None:
    screen = Terminal(tty=True)
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with working(say("Reading the groups…"), Settings(tmp_path, color, debug=False)):
        pass

    assert "Reading the groups…" in screen.text()
    assert screen.text().endswith("\x1b[2K")
    assert code == ("\x1b[32m" in screen.text())


def test_a_log_is_told_nothing_of_what_takes_a_while(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = Terminal()
    monkeypatch.setattr("sys.stderr", log)
    with working(say("Reading the groups…"), Settings(tmp_path, None, debug=False)):
        pass

    assert "" == log.text()


def test_a_source_that_cannot_be_shown_is_none(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff")
    (tmp_path / "good.yaml").write_bytes(b"\xef\xbb\xbfkind: Group\r\n")

    assert "kind: Group\r\n" == sources_of(tmp_path)("good.yaml")
    assert (None, None) == (sources_of(tmp_path)("bad.yaml"), sources_of(tmp_path)("none.yaml"))
    assert None is sources_of(None)("good.yaml")


@pytest.mark.parametrize(("language", "listed"), [("en", "nothing_a, nothing_b"), ("zh_CN", "nothing_a、nothing_b")])
def test_all_packages_that_are_missing_are_named_with_the_comma_of_the_language(language: str, listed: str) -> None:
    with speaking(language), pytest.raises(InvalidInput) as raised:
        require_extra("simulator", "json", "nothing_a", "nothing_b")

    with speaking(language):
        (diagnostic,) = raised.value.diagnostics
        assert ("QG142", True) == (diagnostic.code, listed in str(diagnostic.summary))


def test_nothing_is_said_of_packages_that_are_there() -> None:
    require_extra("simulator", "json", "starlette")


def test_only_what_a_file_system_says_is_told_as_its_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), writing(tmp_path):
        raise ValueError("mine")
