"""`mirror_to:` of an announcement, from plan to state: what it sends, and that it sends it once."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platforms.web_hooks import Hook, web_hook
from tests.stage import GROUP, GROUP_YAML, Stage, staged

NEWS = "明晚 8 点维护"


def group(**news: Any) -> dict[str, Any]:
    return {
        "kind": "Group",
        "key": "hub",
        "id": GROUP,
        "announcements": [{"key": "news", "text": NEWS, "mirror_to": ["feishu"], **news}],
    }


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as found:
        yield found


@pytest.fixture
def stage(tmp_path: Path, hook: Hook) -> Iterator[Stage]:
    with staged(tmp_path) as found:
        with (found.folder / "workspace.yaml").open("a") as file:
            file.write('notifications: [{key: feishu, url: "${env:HOOK}"}]\n')
        found.environment["HOOK"] = f"json://127.0.0.1:{hook.port}/s3cret-path"
        found.group(group())
        yield found


def texts(hook: Hook) -> list[str]:
    return [request.data["message"] for request in hook.requests]


def addresses(stage: Stage) -> list[tuple[str, str]]:
    found = json.loads(stage.run("plan", "--json").out)["resource_changes"]
    return [(change["change"]["actions"][0], change["address"]) for change in found]


def test_a_plan_shows_it_and_sends_nothing(stage: Stage, hook: Hook) -> None:
    stage.environment.pop("HOOK")  # no secret is needed for a plan

    assert [("create", "hub/announcement/news"), ("create", "hub/mirror/news/feishu")] == addresses(stage)
    assert "mirror" in stage.run("plan").out
    assert [] == hook.requests


def test_an_apply_sends_the_text_once_and_the_next_finds_nothing_to_do(stage: Stage, hook: Hook) -> None:
    ran = stage.run("apply", "--auto-approve")

    assert (0, [NEWS]) == (ran.code, texts(hook))
    assert "s3cret-path" not in ran.out + ran.err
    assert "No changes" in stage.run("plan").out
    stage.run("apply", "--auto-approve")
    assert [NEWS] == texts(hook)


def test_a_changed_text_is_sent_anew(stage: Stage, hook: Hook) -> None:
    stage.run("apply", "--auto-approve")
    stage.group(group(text="改到 9 点"))

    assert [("create", "hub/announcement/news"), ("update", "hub/mirror/news/feishu")] == addresses(stage)
    assert 0 == stage.run("apply", "--auto-approve").code
    assert [NEWS, "改到 9 点"] == texts(hook)


def test_the_picture_goes_along(stage: Stage, hook: Hook) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
    (stage.folder / "a.png").write_bytes(picture)
    stage.group(group(image="a.png"))

    assert 0 == stage.run("apply", "--auto-approve").code
    assert ["image/png"] == [one["mimetype"] for one in hook.requests[0].data["attachments"]]


def test_one_nobody_mirrors_any_more_is_forgotten_without_a_word(stage: Stage, hook: Hook) -> None:
    stage.run("apply", "--auto-approve")
    stage.group(group(mirror_to=[]))
    stage.run("apply", "--auto-approve")

    assert [NEWS] == texts(hook)
    assert "mirror" not in stage.run("state", "list").out


def test_a_refused_one_is_sent_by_the_next_apply(stage: Stage, hook: Hook) -> None:
    hook.status = 403
    assert 6 == stage.run("apply", "--auto-approve").code
    hook.status = 200

    assert 0 == stage.run("apply", "--auto-approve").code
    assert [NEWS, NEWS] == texts(hook)


def test_one_whose_fate_is_unknown_is_said_and_not_repeated(stage: Stage, hook: Hook) -> None:
    hook.silent = True
    ran = stage.run("apply", "--auto-approve")
    hook.silent = False

    assert (6, True) == (ran.code, "QG603" in ran.err)
    assert "No changes" in stage.run("plan").out
    stage.run("apply", "--auto-approve")
    assert [NEWS] == texts(hook)


def test_killed_while_it_sends_the_next_apply_sends_nothing(stage: Stage, hook: Hook) -> None:
    hook.may_answer.clear()
    process = subprocess.Popen(
        stage.command("apply", "--auto-approve"),
        env=stage.process_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    assert hook.came.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    hook.may_answer.set()
    again = stage.run("apply", "--auto-approve")

    assert 0 == again.code
    assert "hub/mirror/news/feishu" in again.out + again.err  # somebody has to look there
    assert [NEWS] == texts(hook)
    assert "No changes" in stage.run("plan").out


def test_what_the_group_does_not_get_goes_nowhere(stage: Stage, hook: Hook) -> None:
    stage.simulator.faults({"writes_only": True, "action": "_send_group_notice", "refuse": {"retcode": 1200}})
    ran = stage.run("apply", "--auto-approve")

    assert (6, []) == (ran.code, texts(hook))
    stage.simulator.faults()
    refused = stage.run("apply", "--auto-approve", "--target", "hub/mirror/*")
    assert (1, True, []) == (refused.code, "QG735" in refused.err + refused.out, texts(hook))


def test_two_lost_sends_do_not_stop_the_account(stage: Stage, hook: Hook) -> None:
    """That would be taken for QQ blocking it."""
    hook.silent = True
    items = [{"key": f"n{at}", "text": f"第 {at} 条", "mirror_to": ["feishu"]} for at in range(3)]
    stage.group({**group(), "announcements": items})
    ran = stage.run("apply", "--auto-approve")

    assert (6, 3) == (ran.code, len(hook.requests))
    assert "QG605" not in ran.err


def test_a_missing_secret_is_said_and_the_announcement_is_up(stage: Stage, hook: Hook) -> None:
    stage.environment.pop("HOOK")
    ran = stage.run("apply", "--auto-approve")

    assert (6, True) == (ran.code, "HOOK" in ran.err)
    assert NEWS in {notice["text"] for notice in stage.live()["announcements"]}


def test_a_place_that_is_not_there_is_a_fault_at_its_line(stage: Stage) -> None:
    stage.group(group(mirror_to=["feishuu"]))
    ran = stage.run("validate")

    assert (1, True) == (ran.code, "QG389" in ran.err and "`feishu`" in ran.err)


def test_a_workspace_without_mirrors_plans_as_before(stage: Stage) -> None:
    stage.group(dict(GROUP_YAML))

    assert all("mirror" not in address for _, address in addresses(stage))
