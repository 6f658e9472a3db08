"""What YAML says of a bot reaches a bot: planned, applied, in force, and then nothing is left to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bot.running import INTERFACE_TOKEN, BotProcess
from tests.cli.inside import run_on
from tests.stage import GROUP, GROUP_YAML, Stage
from tests.workspace.test_behavior_document import PNG

REPLIES = [
    {"key": "install", "when": {"equals": "安装"}, "reply": ["看文档", {"image": "pic.png"}]},
    {"key": "rules", "when": {"contains": "群规"}, "reply": "友善"},
]
BEHAVIOR: dict[str, Any] = {**GROUP_YAML, "replies": REPLIES, "welcome": {"text": "欢迎 {at}"}}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    with BotProcess(tmp_path_factory.mktemp("bot"), "--listen", "127.0.0.1:0") as running:
        yield running


@pytest.fixture
def hosted(napcat: Stage, bot: BotProcess) -> Stage:
    """A stage whose group a bot is named for, with nothing in force there."""
    name_bot(napcat, f"http://{bot.line('started')['interface']}", INTERFACE_TOKEN)
    (napcat.folder / "pic.png").write_bytes(PNG)
    napcat.group(GROUP_YAML)
    run_on(napcat, "apply", "--auto-approve")
    found = bot.ask("GET", f"/v1/groups/{GROUP}/behavior")
    if found.status == 200:
        emptied = {**found.body, "items": {}, "order": {"replies": []}, "assets": {}}
        bot.put(emptied, found.headers["etag"])
    napcat.group(BEHAVIOR)
    return napcat


def name_bot(stage: Stage, endpoint: str, token: str) -> None:
    path = stage.folder / "workspace.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    written["bots"] = {"main": {"endpoint": endpoint, "token": "${env:QQGROUP_BOT_TOKEN}"}}
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    stage.environment["QQGROUP_BOT_TOKEN"] = token


def in_force(bot: BotProcess) -> dict[str, Any]:
    body: dict[str, Any] = bot.ask("GET", f"/v1/groups/{GROUP}/behavior").body
    return body


def test_what_is_applied_is_in_force_and_nothing_is_left_to_do(hosted: Stage, bot: BotProcess) -> None:
    applied = run_on(hosted, "apply", "--auto-approve")
    again = run_on(hosted, "plan", "--detailed-exitcode")

    assert (0, 0) == (applied.code, again.code), applied.err + again.out
    assert {"reply/install", "reply/rules", "welcome"} == set(in_force(bot)["items"])
    assert ["pic.png"] == list(in_force(bot)["assets"])


def test_nothing_of_it_is_sent_to_qq(hosted: Stage) -> None:
    hosted.simulator.take_calls()
    run_on(hosted, "apply", "--auto-approve")

    assert [] == hosted.writes()


def test_a_change_made_at_the_bot_is_drift_and_is_taken_back(hosted: Stage, bot: BotProcess) -> None:
    run_on(hosted, "apply", "--auto-approve")
    found = bot.ask("GET", f"/v1/groups/{GROUP}/behavior")
    found.body["items"]["reply/rules"]["reply"] = "买"
    bot.put(found.body, found.headers["etag"])
    told = run_on(hosted, "drift")
    run_on(hosted, "apply", "--auto-approve")

    assert (2, True) == (told.code, "hub/reply/rules" in told.out)
    assert "hub/reply/install" not in told.out
    assert "友善" == in_force(bot)["items"]["reply/rules"]["reply"]


def test_a_saved_plan_is_refused_when_the_bot_was_handed_something_else(hosted: Stage, bot: BotProcess) -> None:
    run_on(hosted, "apply", "--auto-approve")
    hosted.group({**BEHAVIOR, "replies": [{**REPLIES[1], "reply": "和气"}]})
    file = str(hosted.folder / "plan.json")
    run_on(hosted, "plan", "--out", file)
    found = bot.ask("GET", f"/v1/groups/{GROUP}/behavior")
    found.body["items"]["reply/rules"]["reply"] = "买"
    bot.put(found.body, found.headers["etag"])
    refused = run_on(hosted, "apply", file)

    assert (5, "买") == (refused.code, in_force(bot)["items"]["reply/rules"]["reply"])


def test_a_saved_plan_is_carried_out(hosted: Stage, bot: BotProcess) -> None:
    file = str(hosted.folder / "plan.json")
    run_on(hosted, "plan", "--out", file)

    assert 0 == run_on(hosted, "apply", file).code
    assert "友善" == in_force(bot)["items"]["reply/rules"]["reply"]


@pytest.mark.parametrize("how", ["down", "token", "stranger"])
def test_a_bot_that_does_not_answer_is_never_taken_for_one_that_does_nothing(hosted: Stage, how: str) -> None:
    run_on(hosted, "apply", "--auto-approve")
    endpoint = yaml.safe_load((hosted.folder / "workspace.yaml").read_text(encoding="utf-8"))["bots"]["main"][
        "endpoint"
    ]
    stranger = hosted.simulator.endpoint()  # it answers 404 to whatever it does not know
    name_bot(hosted, {"down": "http://127.0.0.1:9", "stranger": stranger}.get(how, endpoint),
             "wrong" if how == "token" else INTERFACE_TOKEN)  # fmt: skip
    planned = run_on(hosted, "plan")

    assert (1, True) == (planned.code, "QG501" in planned.out)
    assert "hub/reply" in planned.out
    assert "No changes" not in planned.out


def test_a_token_that_is_not_set_is_told_by_its_name(hosted: Stage) -> None:
    del hosted.environment["QQGROUP_BOT_TOKEN"]
    told = run_on(hosted, "plan")

    assert (1, True) == (told.code, "QQGROUP_BOT_TOKEN" in told.err)


def test_state_remembers_each_item(hosted: Stage) -> None:
    run_on(hosted, "apply", "--auto-approve")
    shown = json.loads(run_on(hosted, "state", "show", "hub/reply/rules", "--json").out)

    assert {"contains": "群规"} == shown["applied"]["when"]


def test_what_people_say_is_answered_as_yaml_says(napcat: Stage, tmp_path: Path) -> None:
    events = napcat.simulator.endpoint().replace("http://", "ws://")
    with BotProcess(tmp_path / "data", "--onebot", events) as running:
        name_bot(napcat, f"http://{running.line('started')['interface']}", INTERFACE_TOKEN)
        napcat.group({**GROUP_YAML, "replies": [REPLIES[1]]})
        assert 0 == run_on(napcat, "apply", "--auto-approve").code
        running.line("connected")
        member = next(int(number) for number in napcat.live()["members"] if number != "100000000")
        napcat.simulator.say(GROUP, member, "群规是什么？")
        running.line("said")

        assert "友善" in json.dumps(napcat.simulator.messages(GROUP), ensure_ascii=False)
