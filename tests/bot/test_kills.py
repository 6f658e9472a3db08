"""`kill -9` while people talk: nothing that a bot does is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.workspace.moments import CHINA
from tests.bot.killing import (
    BEHAVIOR,
    FIRST,
    STRIKES,
    Outcome,
    Play,
    Step,
    differences,
    expected,
    in_file,
    killing,
    script,
    world,
)
from tests.bot.running import BotProcess
from tests.bot.shared import rows
from tests.stage import staged

IMPLEMENTATIONS = ["napcat", "llbot-milky"]


def played(
    folder: Path,
    implementation: str,
    seed: int,
    events: int,
    kills: int,
    shared: str = "",
    *,
    more: Mapping[str, Any] | None = None,
    steps: list[Step] | None = None,
    pause: float = 0.0,
) -> Outcome:
    """What bots make of a script, killed so many times: one with a file of its own, or two that share a database."""
    folder.mkdir()
    with staged(folder, world(implementation), implementation=implementation) as stage:
        stage.group({**BEHAVIOR, **(more or {})})

        def beginner(account: str) -> Callable[[], BotProcess]:
            address = stage.simulator.endpoint(account)
            milky = "milky" in implementation
            server = ("--milky", address) if milky else ("--onebot", address.replace("http", "ws", 1))
            variables = {"QQGROUP_BOT_DATABASE": shared} if shared else {}
            data, place = folder / account, stage.folder
            return lambda: BotProcess(data, *server, "--watch", folder=place, TEST_TOKEN="s3cret-token", **variables)

        accounts = ("main", "other") if shared else ("main",)
        strikes = (
            rows(shared, STRIKES.format(schema="qqgroup_bot.")) if shared else in_file(folder / "main" / "bot.sqlite")
        )
        play = Play(stage, [beginner(account) for account in accounts], strikes, pause=pause)
        outcome = play.run(steps or script(seed, events), killing(seed, events, kills, len(accounts)))
        assert play.kills == kills
        return outcome


def test_a_bot_that_is_killed_again_and_again_does_what_one_does_that_lives(tmp_path: Path) -> None:
    assert differences(played(tmp_path / "bots", "napcat", 1, 60, 2), expected(script(1, 60))) == {}


@pytest.mark.long
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_bot_that_lives_does_what_its_behaviour_says(tmp_path: Path, implementation: str) -> None:
    """So that what is expected of bots that die is what one does that does not."""
    assert differences(played(tmp_path / "bots", implementation, 1, 5000, 0), expected(script(1, 5000))) == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_five_thousand_events_and_thirty_deaths_leave_what_no_death_does(
    tmp_path: Path, implementation: str, seed: int
) -> None:
    dies = played(tmp_path / "bots", implementation, seed, 5000, 30)
    assert differences(dies, expected(script(seed, 5000))) == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_two_bots_that_share_a_database_do_everything_once_whichever_of_them_dies(
    tmp_path: Path, database: str, implementation: str, seed: int
) -> None:
    dies = played(tmp_path / "bots", implementation, seed, 5000, 30, database)
    assert differences(dies, expected(script(seed, 5000))) == {}


@pytest.mark.long
@pytest.mark.parametrize("shares", [False, True], ids=["one bot", "two bots"])
def test_schedules_and_a_draw_are_kept_whatever_dies(tmp_path: Path, database: str, shares: bool) -> None:
    """For three minutes and a half: a message each minute, and a draw that is open for two of them."""
    opens = datetime.now(CHINA).replace(second=0, microsecond=0) + timedelta(minutes=1)
    moments = {"opens": f"{opens:%Y-%m-%dT%H:%M}", "closes": f"{opens + timedelta(minutes=2):%Y-%m-%dT%H:%M}"}
    more = {
        "schedules": [{"key": "minute", "cron": "* * * * *", "send": "现在 {time}"}],
        "activities": [
            {"key": "draw", "kind": "lottery", "title": "小抽奖", "prizes": [{"name": "书", "count": 3}], **moments}
        ],
    }
    # Everybody enters between 70 and 110 seconds from now, when the draw is open for certain.
    entries: list[Step] = [("say", {"qq": FIRST + number, "message": "参加抽奖"}) for number in range(40)]
    chat: list[Step] = [("say", {"qq": FIRST + n % 40, "message": f"count {n}"}) for n in range(180)]
    steps = [*chat[:72], *entries, *chat[72:]]
    found = played(
        tmp_path / "bots", "napcat", 1, len(steps), 9, database if shares else "", more=more, steps=steps, pause=1.0
    )
    said = found.said

    assert {f"got {n}": 1 for n in range(180)} == {text: times for text, times in said.items() if text[:3] == "got"}
    told = sorted(text for text in said.elements() if text.startswith("现在"))
    minutes = [datetime.strptime(text, "现在 %H:%M") for text in told]  # noqa: DTZ007
    assert len(minutes) >= 3, said
    assert [timedelta(minutes=1)] * (len(minutes) - 1) == [b - a for a, b in pairwise(minutes)]
    about = {text: times for text, times in said.items() if "小抽奖" in text}
    assert [1] * len(about) == list(about.values()), about
    assert [1, 1] == [sum("承诺" in text for text in about), sum("种子" in text for text in about)], about
