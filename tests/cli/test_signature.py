"""Plans that are signed: what was reviewed is what is applied, whoever had the file in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision import __version__
from tests.stage import Ran, Stage

KEY = "0123456789abcdef-signing"


def planned(stage: Stage, key: str | None = KEY) -> Path:
    """A saved plan, signed with the key."""
    file = stage.folder.parent / "plan.json"
    stage.environment = {"QQGROUP_PLAN_KEY": key} if key is not None else {}
    done = stage.run("plan", "--out", str(file))
    assert 0 == done.code, done.err
    stage.simulator.take_calls()
    return file


def applied(stage: Stage, file: Path, *words: str, key: str | None = KEY) -> Ran:
    stage.environment = {"QQGROUP_PLAN_KEY": key} if key is not None else {}
    return stage.run("apply", str(file), *words)


def refused(stage: Stage, done: Ran, code: str) -> None:
    assert 1 == done.code
    assert code in done.err
    assert [] == stage.writes()
    assert KEY not in done.out + done.err


def test_a_signed_plan_is_applied(napcat: Stage) -> None:
    file = planned(napcat)
    done = applied(napcat, file, "--require-signature")

    assert 0 == done.code, done.err
    assert "新群名" == napcat.live()["name"]
    assert KEY.encode() not in file.read_bytes()


def changed_group(plan: dict[str, Any]) -> None:
    plan["resource_changes"][0]["qqgroup"]["operations"][0]["fields"]["group_id"] = 731000002


def less_to_see(plan: dict[str, Any]) -> None:
    plan["resource_changes"][0]["change"]["after"] = {"name": "旧群名"}


def unsigned(plan: dict[str, Any]) -> None:
    del plan["qqgroup"]["signature"]


def nonsense(plan: dict[str, Any]) -> None:
    plan["qqgroup"]["signature"] = "hmac-sha256:签名"


@pytest.mark.parametrize("change", [changed_group, less_to_see, unsigned, nonsense])
def test_a_plan_that_was_changed_on_its_way_is_refused(
    napcat: Stage, change: Callable[[dict[str, Any]], None]
) -> None:
    file = planned(napcat)
    plan = json.loads(file.read_text(encoding="utf-8"))
    change(plan)
    file.write_text(json.dumps(plan), encoding="utf-8")

    refused(napcat, applied(napcat, file, "--require-signature"), "QG705")


def test_a_signature_is_looked_at_wherever_there_is_a_key(napcat: Stage) -> None:
    file = planned(napcat)
    other = "another-key-of-somebody"

    refused(napcat, applied(napcat, file, key=other), "QG705")
    napcat.environment = {"QQGROUP_PLAN_KEY": other}
    assert "QG705" in napcat.run("show", str(file)).err
    napcat.environment = {}
    assert 0 == napcat.run("show", str(file)).code


def test_without_a_key_a_required_signature_cannot_be_checked(napcat: Stage) -> None:
    file = planned(napcat)

    refused(napcat, applied(napcat, file, "--require-signature", key=None), "QG706")
    assert 0 == applied(napcat, file, key=None).code  # nobody asked for one


def test_a_key_that_is_too_short_signs_nothing(napcat: Stage) -> None:
    file = napcat.folder.parent / "plan.json"
    napcat.environment = {"QQGROUP_PLAN_KEY": "short-key"}
    done = napcat.run("plan", "--out", str(file))

    assert 1 == done.code
    assert "QG706" in done.err
    assert not file.exists()
    assert "short-key" not in done.err


def test_a_signature_goes_with_a_saved_plan(napcat: Stage) -> None:
    done = napcat.run("apply", "--require-signature", "--auto-approve")

    assert 1 == done.code
    assert "--require-signature" in done.err


def test_a_plan_of_another_version_or_commit_says_which(napcat: Stage) -> None:
    file = planned(napcat, None)
    plan = json.loads(file.read_text(encoding="utf-8"))
    plan["qqgroup"] |= {"version": "9.8.7", "commit": "c0ffee" * 6 + "c0ff", "config_digest": "other"}
    file.write_text(json.dumps(plan), encoding="utf-8")
    done = applied(napcat, file, key=None)

    assert 5 == done.code
    assert "9.8.7" in done.err
    assert __version__ in done.err
    assert "c0ffeec0ffee" in done.err
    assert [] == napcat.writes()
