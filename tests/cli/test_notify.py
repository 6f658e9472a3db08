"""Short messages about plans, applies and drift: who gets which, what is in them, and that they change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms.web_hooks import Hook, web_hook
from tests.stage import GROUP, Stage, staged

SECRET = "s3cret-path"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as found:
        yield found


@pytest.fixture
def stage(tmp_path: Path, hook: Hook) -> Iterator[Stage]:
    with staged(tmp_path) as found:
        found.environment["HOOK"] = f"json://127.0.0.1:{hook.port}/{SECRET}"
        found.environment |= {"GITHUB_ACTOR": "bob", "GITHUB_SHA": "c0ffee" * 6 + "c0ff"}
        yield found


def notify(stage: Stage, *entries: str) -> None:
    stage.workspace()
    with (stage.folder / "workspace.yaml").open("a") as file:
        file.write("notifications:\n" + "".join(f'  - {{key: n{at}, url: "${{env:HOOK}}", {entry}}}\n'
                                                for at, entry in enumerate(entries)))  # fmt: skip


def told(hook: Hook) -> list[tuple[str, str]]:
    found = [(request.data["title"], request.data["message"]) for request in hook.requests]
    hook.requests.clear()
    return found


def test_an_apply_tells_what_it_did_and_who_it_was(stage: Stage, hook: Hook) -> None:
    notify(stage, "on: [apply]")
    assert 0 == stage.run("apply", "--auto-approve").code
    [(title, body)] = told(hook)

    assert "qqgroup apply: done" == title
    assert ["Groups: hub", "By: bob", f"Commit: {'c0ffee' * 6 + 'c0ff'}"] == [
        line for line in body.splitlines() if line.startswith(("Groups", "By", "Commit"))
    ]
    assert "People who will see something: 9" in body
    assert len(body) < 1200
    assert SECRET not in body


def test_an_apply_that_does_nothing_tells_nothing(stage: Stage, hook: Hook) -> None:
    stage.run("apply", "--auto-approve")
    notify(stage, "on: [plan, apply, drift, failure]")
    stage.run("apply", "--auto-approve")
    stage.run("plan", "--notify")
    stage.run("drift")

    assert [] == told(hook)


def test_a_plan_is_told_only_where_somebody_asks(stage: Stage, hook: Hook) -> None:
    notify(stage, "on: [plan]", "on: [apply, drift, failure]", "groups: [hub]")
    stage.run("plan")
    assert [] == told(hook)
    stage.run("plan", "--notify")

    assert ["qqgroup plan: changes are waiting"] == [title for title, _ in told(hook)]


def test_drift_is_told(stage: Stage, hook: Hook) -> None:
    stage.run("apply", "--auto-approve")
    notify(stage, "on: [drift]")
    stage.simulator.patch(GROUP, {"members": {"100000001": {"title": "@everyone"}}})
    assert 2 == stage.run("drift").code
    [(title, body)] = told(hook)

    assert "qqgroup drift: live groups differ" == title
    assert "everyone" not in body  # nobody in a group can mention anybody elsewhere


def test_a_failed_apply_is_told_to_those_who_hear_of_failures(stage: Stage, hook: Hook) -> None:
    notify(stage, "on: [failure]", "on: [plan, drift]")
    stage.simulator.faults({"writes_only": True, "action": "*", "times": 99, "refuse": {"retcode": 1200}})
    assert 6 == stage.run("apply", "--auto-approve").code
    [(title, body)] = told(hook)

    assert ("qqgroup apply: failed", True) == (title, "failed" in body)


def test_an_apply_that_never_began_is_told_with_its_code(stage: Stage, hook: Hook) -> None:
    notify(stage, "on: [failure]")
    stage.environment["TEST_TOKEN"] = "another"
    assert 1 == stage.run("apply", "--auto-approve").code
    [(_, body)] = told(hook)

    assert "QG402" in body


def test_each_place_hears_of_its_groups_in_its_language(stage: Stage, hook: Hook) -> None:
    stage.group({"kind": "Group", "key": "other", "id": 731000009}, "other.yaml")
    notify(stage, "on: [apply], groups: [hub], language: zh_CN", "on: [apply], groups: [other]")
    stage.run("apply", "--auto-approve", "--target", "hub")
    [(title, _)] = told(hook)

    assert not title.isascii()


@pytest.mark.parametrize(("status", "silent"), [(500, False), (404, False), (200, True)])
def test_what_cannot_be_told_is_a_warning_and_changes_nothing(
    stage: Stage, hook: Hook, status: int, silent: bool
) -> None:
    notify(stage, "on: [apply]")
    hook.status, hook.silent = status, silent
    ran = stage.run("apply", "--auto-approve")

    assert 0 == ran.code
    assert "warning QG730" in ran.err
    assert SECRET not in ran.err
    assert "No changes" in stage.run("plan").out


def test_a_secret_that_is_missing_is_a_warning_too(stage: Stage) -> None:
    notify(stage, "on: [apply]")
    stage.environment.pop("HOOK")
    ran = stage.run("apply", "--auto-approve")

    assert (0, True) == (ran.code, "QG730" in ran.err and "HOOK" in ran.err)


def test_a_test_message_says_whether_it_was_taken(stage: Stage, hook: Hook) -> None:
    notify(stage, "on: []")
    assert (0, 1) == (stage.run("notify", "test", "n0").code, len(told(hook)))
    hook.status = 500
    refused = stage.run("notify", "test", "n0")

    assert (1, True, False) == (refused.code, "QG730" in refused.err, SECRET in refused.err + refused.out)
    assert "QG732" in stage.run("notify", "test", "n1").err


def test_two_with_one_key_and_one_for_a_group_that_is_not_there_are_faults(stage: Stage) -> None:
    notify(stage, "on: []", "on: []")
    path = stage.folder / "workspace.yaml"
    path.write_text(path.read_text().replace("key: n1", "key: n0"))

    assert "QG388" in stage.run("validate").err
    notify(stage, "groups: [hubb]")
    assert "QG389" in stage.run("validate").err


def test_a_url_in_the_yaml_is_refused_and_not_shown(stage: Stage) -> None:
    notify(stage, "on: []")
    path = stage.folder / "workspace.yaml"
    path.write_text(path.read_text().replace("${env:HOOK}", f"json://h/{SECRET}"))
    ran = stage.run("validate")

    assert 1 == ran.code
    assert SECRET not in ran.out + ran.err
