"""`qqgroup doctor`: what each account is, may and can do, and what of it falls short of the YAML."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from qqgroup_provision.platforms import clock
from tests.cli.inside import run_on
from tests.cli.test_implementations import over_websocket
from tests.stage import GROUP, SELF, WORLD, Stage, staged


def looked_at(stage: Stage, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_on(stage, "doctor", "--json", *words).out)
    return found


def codes(account: dict[str, Any]) -> list[str]:
    return sorted({item["code"] for item in account["diagnostics"]})


def test_an_account_that_can_do_it_all_is_well_and_nothing_is_written(stage: Stage) -> None:
    ran = run_on(stage, "doctor")

    assert (0, "", []) == (ran.code, ran.err, stage.writes())
    assert "well" in ran.out.splitlines()[0]
    assert f"QQ {SELF}" in ran.out
    assert "hub  731000001  owner  9/500  files 0/10000  旧群名" in ran.out


def test_a_right_the_yaml_needs_and_the_account_lacks_is_told_whether_or_not_it_is_needed_now(tmp_path: Path) -> None:
    group = {**WORLD["groups"][0], "owner": 100000009, "admins": [SELF]}
    with staged(tmp_path, {**WORLD, "groups": [group]}) as stage:
        # What YAML asks for is so already: a plan would have nothing to say.
        stage.simulator.patch(GROUP, {"members": {"100000001": {"role": "admin", "title": "维护者"}}})
        found = looked_at(stage)

    (account,) = found["accounts"]
    assert (False, ["QG511"]) == (found["well"], codes(account))
    assert "admin" == account["groups"][0]["role"]
    assert {"hub/admin/alice", "hub/title"} <= {item["address"] for item in account["diagnostics"]}


def test_a_mere_member_falls_short_once_for_each_kind(tmp_path: Path) -> None:
    group = {**WORLD["groups"][0], "owner": 100000009, "members": [SELF, *WORLD["groups"][0]["members"]]}
    with staged(tmp_path, {**WORLD, "groups": [group]}) as stage:
        ran = run_on(stage, "doctor")
        found = looked_at(stage)

    assert 1 == ran.code
    assert "QG511" in ran.err
    (account,) = found["accounts"]
    assert ["QG511"] == codes(account)
    told = [(item["address"].split("/")[1], item["summary"]) for item in account["diagnostics"]]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ([{"action": "get_version_info", "http": 401}], "QG402"),
        ([{"action": "get_login_info", "body": "html"}], "QG403"),
        ([{"action": "get_group_member_list", "http": 500}], "QG501"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_told(napcat: Stage, faults: list[dict[str, Any]], code: str) -> None:
    napcat.simulator.faults(*faults)
    ran = run_on(napcat, "doctor", "--json")
    (account,) = json.loads(ran.out)["accounts"]

    assert (1, False) == (ran.code, account["well"])
    assert code in codes(account)


def test_one_account_out_of_reach_hides_nothing_of_another(tmp_path: Path) -> None:
    other = {"qq": 100000002, "implementation": "llbot", "token": "s3cret-token"}
    world = {**WORLD, "accounts": {**WORLD["accounts"], "other": other}}
    with staged(tmp_path, world) as stage:
        text = (stage.folder / "workspace.yaml").read_text()
        port = stage.simulator.endpoint("other").rsplit(":", 1)[1]
        (stage.folder / "workspace.yaml").write_text(text.replace(f":{port}", ":1"))
        (stage.folder / "hub.yaml").write_text((stage.folder / "hub.yaml").read_text() + "account: main\n")
        ran = run_on(stage, "doctor")
        found = looked_at(stage)
        alone = run_on(stage, "doctor", "--account", "main")

    assert (1, 0) == (ran.code, alone.code)
    assert {"main": True, "other": False} == {account["account"]: account["well"] for account in found["accounts"]}
    assert "QG401" in ran.err
    assert "other" not in alone.out


def test_a_group_the_account_is_not_in_is_told(napcat: Stage) -> None:
    napcat.group({"kind": "Group", "key": "other", "id": 731000009}, "other.yaml")
    found = looked_at(napcat)["accounts"][0]

    assert ["QG502"] == codes(found)
    assert {"hub": True, "other": False} == {group["group"]: group["inside"] for group in found["groups"]}


def test_a_token_that_is_not_set_is_told(napcat: Stage) -> None:
    napcat.environment["TEST_TOKEN"] = ""
    ran = run_on(napcat, "doctor")

    assert 1 == ran.code
    assert "QG131" in ran.err


def test_an_account_nobody_has_is_answered_with_the_nearest(napcat: Stage) -> None:
    ran = run_on(napcat, "doctor", "--account", "mian")

    assert (1, "") == (ran.code, ran.out)
    assert "Did you mean `main`?" in ran.err


@pytest.mark.parametrize("socket", [False, True], ids=["http", "websocket"])
@pytest.mark.parametrize(("hours", "word"), [(-1, "ahead of"), (1, "behind")])
def test_a_clock_that_is_far_from_ours_is_a_warning(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, socket: bool, hours: int, word: str
) -> None:
    if socket:
        over_websocket(stage)
    assert abs(looked_at(stage)["accounts"][0]["clock_ahead"]) < 30
    monkeypatch.setattr(clock, "time", SimpleNamespace(time=lambda: time.time() + hours * 3600))
    ran = run_on(stage, "doctor")
    (account,) = looked_at(stage)["accounts"]

    assert (0, True, True) == (ran.code, "QG408" in ran.err, word in ran.err)
    assert (True, ["QG408"]) == (account["well"], codes(account))
    assert -hours * 3600 == pytest.approx(account["clock_ahead"], abs=30)


def test_a_time_that_makes_no_sense_is_none_at_all() -> None:
    for told in ("", "yesterday", "Thu, 99 Foo 2026 99:99:99 GMT", 0, 10**400):
        found = clock.Clock()
        found.tell(told)
        assert found.ahead is None, told
