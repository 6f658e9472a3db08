"""The command itself: its options, its codes, its languages and colours, and what it says when all else fails."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qqgroup_provision import __main__, __version__
from qqgroup_provision.cli import explain
from qqgroup_provision.cli.main import COMMANDS
from qqgroup_provision.reports.paint import columns
from tests.cli.inside import clean_environment, run_inside, run_on
from tests.reports.samples import without_color
from tests.stage import GROUP_YAML, PEOPLE_YAML, Ran, Stage, staged, write_yaml

FAULTY = "kind: Group\nkey: hub\nid: 731000001\nprofiel: {}\nroles: 1\n"


@pytest.fixture
def offline(tmp_path: Path) -> Stage:
    """A workspace without a world, whose group is valid."""
    account = {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11", "token": "${env:TEST_TOKEN}"}
    write_yaml(tmp_path / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    write_yaml(tmp_path / "people.yaml", PEOPLE_YAML)
    write_yaml(tmp_path / "hub.yaml", GROUP_YAML)
    return Stage(tmp_path, None)  # type: ignore[arg-type]


@pytest.fixture
def faulty(offline: Stage) -> Stage:
    (offline.folder / "hub.yaml").write_text(FAULTY, encoding="utf-8")
    return offline


# --- help, version, commands


def test_help_lists_every_command_with_what_it_does() -> None:
    ran = run_inside("--help")

    assert (0, "") == (ran.code, ran.err)
    for name, (_, about) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(str(about))}$", ran.out, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_loads_it(name: str) -> None:
    ran = run_inside(name, "--help")

    assert 0 == ran.code
    assert ran.out.startswith(f"Usage: qqgroup {name} ")


def test_without_a_command_help_is_shown_and_the_code_is_that_of_an_error() -> None:
    ran = run_inside()

    assert (1, "") == (ran.code, ran.out)
    assert run_inside("--help").out == ran.err


@pytest.mark.parametrize("words", [["--version"], ["--debug", "--version"], ["--version", "plan"]])
def test_the_version_is_told(words: list[str]) -> None:
    assert Ran(0, f"qqgroup {__version__}\n", "") == run_inside(*words)


def test_the_version_told_before_click_is_loaded_is_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["qqgroup", "--version"])
    __main__.main()

    assert run_inside("--version").out == capsys.readouterr().out


def test_the_words_of_the_process_are_taken_where_none_are_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["qqgroup", "--lang", "en", "explain", "QG203"])
    monkeypatch.setenv("LANGUAGE", "en")
    with pytest.raises(SystemExit) as ended:
        __main__.main()

    assert 0 == ended.value.code
    assert capsys.readouterr().out.startswith("QG203  Unknown key\n")


@pytest.mark.parametrize(
    ("written", "meant"), [("pln", "plan"), ("aply", "apply"), ("validat", "validate"), ("sate", "state")]
)
def test_a_command_that_is_misspelt_is_answered_with_the_nearest(written: str, meant: str) -> None:
    ran = run_inside(written)

    assert (1, "") == (ran.code, ran.out)
    assert f"There is no command `{written}`. Did you mean `{meant}`?" in ran.err


def test_a_command_like_none_there_is_is_answered_without_a_guess() -> None:
    ran = run_inside("xyzzy")

    assert "There is no command `xyzzy`.\n" in ran.err
    assert "Did you mean" not in ran.err


# --- codes


def test_codes_are_those_that_scripts_are_promised(napcat: Stage) -> None:
    valid, pending = run_on(napcat, "validate"), run_on(napcat, "plan", "--detailed-exitcode")
    saved = str(napcat.folder / "plan.json")
    run_on(napcat, "plan", "--out", saved)
    unasked = run_on(napcat, "apply")
    done = run_on(napcat, "apply", "--auto-approve")
    clean, stale = run_on(napcat, "plan", "--detailed-exitcode"), run_on(napcat, "apply", saved)

    codes = {ran.code for ran in (valid, done, clean)}
    assert ({0}, 2, 1, 5) == (codes, pending.code, unasked.code, stale.code)
    assert "QG611" in unasked.err
    assert "QG704" in stale.err


def test_a_refused_write_ends_an_apply_with_its_own_code(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "set_group_name", "refuse": {"retcode": 200, "message": "不行"}})

    assert 6 == run_on(napcat, "apply", "--auto-approve").code


def test_a_lock_that_is_held_ends_an_apply_with_its_own_code(napcat: Stage) -> None:
    from qqgroup_provision.state.file_store import FileStore
    from qqgroup_provision.workspace.load import load_workspace

    store = FileStore(load_workspace(napcat.folder).required().state_path)
    with store.lock("apply"):
        ran = run_on(napcat, "apply", "--auto-approve")

    assert (4, True) == (ran.code, "error QG721" in ran.err)
    assert [] == napcat.writes()


# --- errors


def test_an_error_shows_the_line_of_the_file_it_is_about(offline: Stage) -> None:
    offline.environment["TEST_TOKEN"] = ""
    ran = run_on(offline, "plan")

    assert 1 == ran.code
    assert f"  --> {offline.folder.as_posix()}/workspace.yaml:3:3\n   3 |   main:\n     |   ^^^^\n" in ran.err


@pytest.mark.parametrize(("option", "colored"), [("--color", True), ("--no-color", False)])
def test_an_error_is_coloured_as_the_option_says(offline: Stage, option: str, colored: bool) -> None:
    offline.environment["TEST_TOKEN"] = ""

    assert colored == ("\x1b[1;31merror QG131" in run_on(offline, option, "plan", tty=False).err)


def test_debug_lets_errors_through_as_they_are(faulty: Stage) -> None:
    from qqgroup_provision.errors import InvalidInput

    with pytest.raises(InvalidInput):
        run_on(faulty, "--debug", "plan")


def failing(**_: object) -> None:
    raise RuntimeError("a \x1b[2J" + "long " * 100)


def test_a_fault_of_the_tool_is_told_without_a_traceback_and_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain.command, "callback", failing)
    ran = run_inside("explain")

    assert (1, "") == (ran.code, ran.out)
    assert ran.err.startswith("error QG607  The tool failed: RuntimeError: a \\u001b[2Jlong ")
    assert "Run it again with --debug" in ran.err
    assert len(ran.err) < 500


def test_debug_shows_the_traceback_of_a_fault_of_the_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain.command, "callback", failing)

    with pytest.raises(RuntimeError):
        run_inside("--debug", "explain")


def test_ctrl_c_ends_with_the_code_that_shells_know(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(explain.command, "callback", interrupted)
    ran = run_inside("explain")

    assert (130, "", "") == (ran.code, ran.out, ran.err.strip())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of the other kind")
@pytest.mark.parametrize("words", [["explain"], ["schema"], ["--help"]])
def test_a_reader_that_goes_away_is_no_reason_to_complain(words: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "qqgroup_provision", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()

    assert (1, b"") == (process.wait(60), complaint)


# --- languages


@pytest.mark.parametrize(
    ("words", "environment", "chinese"),
    [
        ([], {}, False),
        ([], {"LANG": "zh_CN.UTF-8"}, True),
        ([], {"LANG": "zh_CN.UTF-8", "QQGROUP_LANG": "en"}, False),
        ([], {"LANG": "en_GB.UTF-8", "QQGROUP_LANG": "zh_CN"}, True),
        (["--lang", "en"], {"QQGROUP_LANG": "zh_CN"}, False),
        (["--lang=zh_CN"], {"QQGROUP_LANG": "en"}, True),
        (["--lang", "zh_CN"], {}, True),
    ],
)
def test_the_language_is_the_options_then_the_variables_then_the_locales(
    words: list[str], environment: dict[str, str], chinese: bool
) -> None:
    ran = run_inside(*words, "--help", environment=environment)

    assert 0 == ran.code
    assert (chinese, not chinese) == ("检查 YAML，不连接任何端点。" in ran.out, "Check the YAML" in ran.out)


def test_a_language_that_is_none_of_ours_is_refused_in_the_language_in_use() -> None:
    ran = run_inside("--lang", "fr", "plan", environment={"LANG": "zh_CN.UTF-8"})

    assert 1 == ran.code
    assert "'--lang' 的值无效：'fr' 不在可选值之中：'en', 'zh_CN'。" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="a locale of the other kind")
def test_chinese_is_written_under_a_locale_that_has_none(offline: Stage) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "qqgroup_provision", "--lang", "zh_CN", "explain", "QG203"],
        capture_output=True,
        env={**clean_environment(), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        check=True,
    )

    assert done.stdout.decode("utf-8").startswith("QG203  ")
    assert "键" in done.stdout.decode("utf-8")


# --- colour


@pytest.mark.parametrize(
    ("words", "environment", "tty", "colored"),
    [
        ([], {}, True, True),
        ([], {}, False, False),
        ([], {"NO_COLOR": "1"}, True, False),
        ([], {"FORCE_COLOR": "1"}, False, True),
        (["--no-color"], {"FORCE_COLOR": "1"}, True, False),
        (["--color"], {"NO_COLOR": "1"}, False, True),
    ],
)
def test_colour_is_there_when_it_is_wanted_and_changes_no_word(
    faulty: Stage, words: list[str], environment: dict[str, str], tty: bool, colored: bool
) -> None:
    plain = run_on(faulty, "--no-color", "validate")
    faulty.environment.update(environment)
    ran = run_on(faulty, *words, "validate", tty=tty)

    assert 1 == ran.code
    assert colored == ("\x1b[" in ran.err)
    assert plain.err == without_color(ran.err)


# --- width


@pytest.mark.parametrize("wide", [40, 80])
def test_no_line_of_a_plan_is_wider_than_a_narrow_terminal(napcat: Stage, wide: int) -> None:
    long = {**GROUP_YAML, "announcements": [{"key": "rules", "text": "很长的一句话" * 30}]}
    napcat.group(long)
    shown = run_on(napcat, "plan", columns=wide).out
    changes = shown[: shown.index("\nPlan: ")].splitlines()

    assert len(changes) > 10
    assert [] == [line for line in changes if columns(line) > wide]


@pytest.mark.parametrize("wide", [40, 80])
def test_a_line_of_a_file_is_cut_to_a_narrow_terminal(offline: Stage, wide: int) -> None:
    (offline.folder / "hub.yaml").write_text(FAULTY + f"# {'注' * 200}\nx{'长' * 100}: 1\n", encoding="utf-8")
    shown = run_on(offline, "validate", columns=wide).err
    snippets = [line for line in shown.splitlines() if re.match(r" +\d* \| ", line)]

    assert len(snippets) == 6
    assert [] == [line for line in snippets if columns(line) > wide]


# --- validate, for people and programs


def test_a_valid_workspace_is_told_so_in_green_with_what_was_read(offline: Stage) -> None:
    assert Ran(0, "Valid. Files: 3, groups: 1.\n", "") == run_on(offline, "validate")
    assert "\x1b[32mValid. Files: 3, groups: 1.\x1b[0m\n" == run_on(offline, "--color", "validate").out


def test_a_warning_is_shown_and_leaves_the_workspace_valid(offline: Stage) -> None:
    offline.group({**GROUP_YAML, "profile": {"name": "很长的群名" * 8}})
    ran = run_on(offline, "validate")

    assert (0, True, True) == (ran.code, "warning QG313" in ran.err, ran.out.startswith("Valid. "))


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_programs_get_every_fault_on_standard_output_and_nothing_else(faulty: Stage, form: str) -> None:
    ran, again = run_on(faulty, "validate", "--format", form), run_on(faulty, "validate", "--format", form)

    assert (1, "") == (ran.code, ran.err)
    assert ran == again
    assert ("QG203" in ran.out, "QG205" in ran.out) == (True, True)


def test_programs_get_an_empty_report_of_a_valid_workspace(offline: Stage) -> None:
    found = {form: run_on(offline, "validate", "--format", form) for form in ("json", "github", "sarif")}

    assert {0} == {ran.code for ran in found.values()}
    assert (True, []) == (
        json.loads(found["json"].out)["valid"],
        json.loads(found["sarif"].out)["runs"][0]["results"],
    )
    assert "" == found["github"].out


def test_bytes_in_json_are_those_of_the_file_whatever_its_line_ends(faulty: Stage) -> None:
    file = faulty.folder / "hub.yaml"
    file.write_bytes(FAULTY.replace("\n", "\r\n").encode())
    document = json.loads(run_on(faulty, "validate", "--format", "json").out)
    ranges = [item["range"] for item in document["diagnostics"]]
    content = file.read_bytes()

    assert b"profiel" in [content[r["start"]["byte"] : r["end"]["byte"]] for r in ranges]


def test_warnings_of_the_workspace_are_shown_before_a_plan_and_an_apply(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.group({**GROUP_YAML, "profile": {"name": "很长的群名" * 8}})
        planned, applied = run_on(stage, "plan"), run_on(stage, "apply", "--auto-approve")

    assert (True, True) == ("warning QG313" in planned.err, "warning QG313" in applied.err)
