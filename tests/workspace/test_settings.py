"""workspace.yaml and people.yaml: what they mean, what they leave to defaults, and who stands in them twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.model import Pace, Person
from tests.workspace.folder import WORKSPACE, faults, load


def test_an_account_is_what_is_written_and_the_rest_are_defaults(tmp_path: Path) -> None:
    text = """\
kind: Workspace
accounts:
  main:
    endpoint: http://h:1/onebot/
    protocol: onebot11
    token: ${env:T}
    pace: {write: 500ms, announcement: 1m, in_flight: 4}
  plain: {endpoint: "http://h:2", protocol: onebot11}
"""
    accounts = load(tmp_path, {}, text).required().accounts

    assert ("http://h:1/onebot", "${env:T}") == (accounts["main"].endpoint, accounts["main"].token)
    assert Pace(write=0.5, announcement=60.0, settle=2.0, in_flight=4) == accounts["main"].pace
    assert ("", Pace(2.0, 10.0, 2.0, 32)) == (accounts["plain"].token, accounts["plain"].pace)
    assert ("workspace.yaml", 3, 3) == accounts["main"].place[:3]


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
def test_an_endpoint_may_speak_http_or_websocket(scheme: str, tmp_path: Path) -> None:
    text = f'kind: Workspace\naccounts:\n  main: {{endpoint: "{scheme}://h:1/api", protocol: onebot11}}\n'

    assert f"{scheme}://h:1/api" == load(tmp_path, {}, text).required().accounts["main"].endpoint


def test_an_endpoint_of_another_scheme_is_refused(tmp_path: Path) -> None:
    text = 'kind: Workspace\naccounts:\n  main: {endpoint: "ftp://h:1", protocol: onebot11}\n'

    assert load(tmp_path, {}, text).diagnostics


def test_the_state_is_below_the_workspace(tmp_path: Path) -> None:
    default = load(tmp_path, {}).required()
    chosen = load(tmp_path, {}, WORKSPACE + "state: {store: file, path: kept/here.json}\n").required()

    assert tmp_path / ".qqgroup" / "state.json" == default.state_path
    assert tmp_path / "kept" / "here.json" == chosen.state_path


@pytest.mark.parametrize("path", ["../state.json", "a/../../state.json", "link/state.json"])
def test_a_state_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "groups"
    root.mkdir()
    (root / "link").symlink_to(tmp_path, target_is_directory=True)

    assert ["QG121 workspace.yaml:4:28"] == faults(
        load(root, {}, WORKSPACE + f"state: {{store: file, path: {path}}}\n")
    )


def test_people_may_be_a_number_a_text_or_a_number_with_a_name(tmp_path: Path) -> None:
    people = (
        'kind: People\npeople: {a: 100000001, b: "100000002", c: {qq: 100000003, name: 丙}, d: {qq: "100000004"}}\n'
    )
    found = load(tmp_path, {"people.yaml": people}).required().people

    assert [
        Person("a", 100000001, "a"),
        Person("b", 100000002, "b"),
        Person("c", 100000003, "丙"),
        Person("d", 100000004, "d"),
    ] == list(found.values())


def test_one_number_under_two_names_is_told_at_the_second(tmp_path: Path) -> None:
    people = "kind: People\npeople:\n  a: 100000001\n  b: {qq: 100000001, name: 乙}\n"
    loaded = load(tmp_path, {"people.yaml": people})

    assert ["QG317 people.yaml:4:3"] == faults(loaded)
    assert "`a`" in str(next(iter(loaded.diagnostics)).summary)


def test_one_name_in_two_files_is_told_at_the_second(tmp_path: Path) -> None:
    more = {
        "people.yaml": "kind: People\npeople: {a: 100000001}\n",
        "z.yaml": "kind: People\npeople: {a: 100000002}\n",
    }

    assert ["QG317 z.yaml:2:10"] == faults(load(tmp_path, more))


@given(st.integers(0, 999_999_999), st.sampled_from([("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]))
def test_a_duration_is_its_number_times_its_unit(number: int, unit: tuple[str, float]) -> None:
    assert number * unit[1] == seconds(f"{number}{unit[0]}")


@pytest.mark.parametrize("written", ["", "5", "s", "5 s", "-5s", "1.5s", "5s\n", "5S", "٥s", "1234567890s"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="^" if not written else None):
        seconds(written)
