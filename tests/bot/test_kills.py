"""`kill -9` while people talk: nothing that a bot does is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.killing import BEHAVIOR, STRIKES, Outcome, Play, differences, expected, in_file, killing, script, world
from tests.bot.running import BotProcess
from tests.bot.shared import rows
from tests.stage import staged

IMPLEMENTATIONS = ["napcat", "llbot-milky"]


def played(folder: Path, implementation: str, seed: int, events: int, kills: int, shared: str = "") -> Outcome:
    """What bots make of a script, killed so many times: one with a file of its own, or two that share a database."""
    folder.mkdir()
    with staged(folder, world(implementation), implementation=implementation) as stage:
        stage.group(BEHAVIOR)

        def beginner(account: str) -> Callable[[], BotProcess]:
            address = stage.simulator.endpoint(account)
            milky = "milky" in implementation
            server = ("--milky", address) if milky else ("--onebot", address.replace("http", "ws", 1))
            more = {"QQGROUP_BOT_DATABASE": shared} if shared else {}
            data, place = folder / account, stage.folder
            return lambda: BotProcess(data, *server, "--watch", folder=place, TEST_TOKEN="s3cret-token", **more)

        accounts = ("main", "other") if shared else ("main",)
        strikes = (
            rows(shared, STRIKES.format(schema="qqgroup_bot.")) if shared else in_file(folder / "main" / "bot.sqlite")
        )
        play = Play(stage, [beginner(account) for account in accounts], strikes)
        outcome = play.run(script(seed, events), killing(seed, events, kills, len(accounts)))
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
