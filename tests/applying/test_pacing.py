"""How fast an account writes, whoever makes it write; and that it rests once QQ says that it limits it."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.applying.pacing import Pacer, rest_of
from qqgroup_provision.messages import say
from qqgroup_provision.platforms.answers import Limited, Offline, Refusal, SlowDown, refusal_by
from qqgroup_provision.resources.operation import Pace
from qqgroup_provision.state.paces import AccountPace, FilePaces
from qqgroup_provision.workspace.model import Pace as Intervals
from tests.applying.faulty import LINES, Leaping, Trial
from tests.stage import SELF, Stage, staged

ACCOUNT = 100000000
NOW = 1_790_000_000.0
INTERVALS = {Pace.WRITE: 2.0, Pace.ANNOUNCEMENT: 10.0, Pace.FILE: 5.0}
KINDS = st.sampled_from(list(INTERVALS))


def on_leaping_time(work: Any) -> Any:
    with asyncio.Runner(loop_factory=Leaping) as runner:
        return runner.run(work)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(KINDS, max_size=6), min_size=1, max_size=3), st.floats(0, 3))
def test_however_many_processes_write_an_account_is_never_faster_than_its_pace(
    processes: list[list[Pace]], answer: float
) -> None:
    sent: list[tuple[float, Pace]] = []

    async def process(number: int, kinds: list[Pace], path: Path) -> None:
        pacer = Pacer(Intervals(), ACCOUNT, FilePaces(path), jitter=random.Random(number))
        for kind in kinds:
            async with pacer.turn(kind):
                sent.append((asyncio.get_running_loop().time(), kind))
                await asyncio.sleep(answer)

    async def all_of_them(path: Path) -> None:
        await asyncio.gather(*(process(number, kinds, path) for number, kinds in enumerate(processes)))

    with tempfile.TemporaryDirectory() as folder:
        on_leaping_time(all_of_them(Path(folder) / "pace.json"))

    least = 0.8 - 0.01  # of an interval: some irregularity is wanted
    for kind, interval in INTERVALS.items():
        at = [when for when, what in sent if what is kind or kind is Pace.WRITE]
        assert all(later - earlier >= least * interval for earlier, later in itertools.pairwise(at))
    assert sum(map(len, processes)) == len(sent)


def waits_of(path: Path, *kinds: Pace, clock: float = NOW) -> list[float]:
    """What a process waits for that begins at a moment, with a clock that stands but for what it sleeps."""
    now, waits = clock, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        waits.append(round(seconds, 3))

    async def work() -> None:
        pacer = Pacer(Intervals(), ACCOUNT, FilePaces(path), sleep, lambda: now, _Even())
        for kind in kinds:
            async with pacer.turn(kind):
                pass

    asyncio.run(work())
    return waits


class _Even(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return 0.0


def test_an_apply_begins_at_the_pace_the_one_before_left(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"

    assert [2.0, 8.0] == waits_of(path, Pace.ANNOUNCEMENT, Pace.WRITE, Pace.ANNOUNCEMENT)
    assert [9.5] == waits_of(path, Pace.ANNOUNCEMENT, clock=NOW + 10.5)
    assert [] == waits_of(path, Pace.WRITE, clock=NOW + 40)


def test_a_clock_that_was_wrong_by_days_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    waits_of(path, Pace.WRITE, clock=NOW + 5 * 86400)

    assert [2.0] == waits_of(path, Pace.WRITE, Pace.WRITE)


def test_each_further_sign_within_a_day_makes_the_rest_twice_as_long_up_to_a_day(tmp_path: Path) -> None:
    paces = FilePaces(tmp_path / "pace.json")
    now, rests = NOW, []
    for _ in range(8):
        Pacer(Intervals(), ACCOUNT, paces, clock=lambda now=now: now).limited(say("操作频繁"))  # type: ignore[misc]
        until = paces.of(ACCOUNT).rests_until
        rests.append((until - now) / 60)
        now = until + 60

    assert [30, 60, 120, 240, 480, 960, 1440, 1440] == rests
    assert "操作频繁" == paces.of(ACCOUNT).why
    now += 86400
    Pacer(Intervals(), ACCOUNT, paces, clock=lambda: now).limited(say("操作频繁"))
    assert 1800 == paces.of(ACCOUNT).rests_until - now


def test_a_rest_ends_at_its_time_and_one_of_a_wrong_clock_is_none() -> None:
    pace = AccountPace(rests_until=NOW + 60)

    assert (NOW + 60, None) == (rest_of(pace, NOW), rest_of(pace, NOW + 60))
    assert rest_of(AccountPace(rests_until=NOW + 90_000), NOW) is None


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        ("操作过于频繁，请稍后再试", 200, Limited),
        ("请求频繁", 100, Limited),
        ("账号存在风控", 200, Limited),
        ("需要验证码", 200, Limited),
        ("need captcha", 1200, Limited),
        ("your account has been restricted", -500, Limited),
        ("账号被冻结", 100, Limited),
        ("Too many requests", 200, Limited),
        ("账号已离线", 200, Offline),
        ("not logged in", 200, Offline),
        ("?", -403, Offline),
        ("too fast", 429, SlowDown),
        ("too fast", 1429, SlowDown),
        # What is no sign of it.
        ("ERR_NOT_GROUP_ADMIN", 120101005, Refusal),
        ("设置群名称失败 ErrCode: 1010 ErrMsg: ", 200, Refusal),
        ("rich media transfer failed", 200, Refusal),
        ("该群已被解散", 100, Refusal),
        ("群成员已被禁言", 120, Refusal),
        ("权限受限制", 100, Refusal),
    ],
)
def test_the_words_by_which_qq_limits_an_account_are_told_from_other_refusals(
    words: str, code: int, what: type[Refusal]
) -> None:
    assert what is type(refusal_by(words, code))


LIMITED = {"action": "set_group_special_title", "times": 1, "refuse": {"retcode": 200, "message": "操作过于频繁"}}


@pytest.fixture(params=["napcat", "llbot-milky"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, implementation=request.param) as found:
        yield found


def limited(hub: Stage) -> dict[str, Any]:
    milky = hub.simulator.seed.accounts["main"].implementation.endswith("-milky")
    return {**LIMITED, "action": "set_group_member_special_title"} if milky else LIMITED


def test_a_sign_of_risk_control_stops_the_account_until_it_has_rested(hub: Stage) -> None:
    hub.simulator.faults(limited(hub))
    done = hub.run("apply", "--auto-approve")
    sent = hub.writes()

    assert 6 == done.code
    assert sent[-1] == limited(hub)["action"]  # and nothing after it
    assert "REFUSED, QQ limits the account: 操作过于频繁" in done.out
    assert "not begun: the account was stopped: QQ limits it" in done.out
    assert ("QG745" in done.err, "QG605" in done.err) == (True, True)
    assert "limited" in hub.run("history", "--json").out

    hub.simulator.faults()
    plan = hub.run("plan")
    assert (0, True, True) == (plan.code, "QG544" in plan.out + plan.err, "操作过于频繁" in plan.out + plan.err)
    refused = hub.run("apply", "--auto-approve")
    assert (3, True, []) == (refused.code, "QG544" in refused.err, hub.writes())

    assert 0 == hub.run("apply", "--auto-approve", "--resume", "main").code
    assert "No changes" in hub.run("plan").out
    assert "QG544" not in hub.run("plan").out


def test_a_rest_that_is_over_is_over_by_itself(napcat: Stage) -> None:
    napcat.simulator.faults(LIMITED)
    napcat.run("apply", "--auto-approve")
    path = napcat.folder / ".qqgroup" / "pace.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known[str(SELF)]["rests_until"] = time.time() - 1
    path.write_text(json.dumps(known), encoding="utf-8")

    assert 0 == napcat.run("apply", "--auto-approve").code


def test_resume_names_an_account_of_the_workspace(napcat: Stage) -> None:
    done = napcat.run("apply", "--auto-approve", "--resume", "other")

    assert (1, [], True) == (done.code, napcat.writes(), "--resume names no account" in done.err)


def test_an_account_that_is_offline_is_stopped_and_goes_on_as_soon_as_it_is_back(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "set_group_name", "refuse": {"retcode": 200, "message": "账号已离线"}})
    done = napcat.run("apply", "--auto-approve")

    assert (6, ["set_group_name"]) == (done.code, napcat.writes())
    assert ("QG746" in done.err, "not begun: the account was stopped: it is offline" in done.out) == (True, True)
    napcat.simulator.faults()
    assert 0 == napcat.run("apply", "--auto-approve").code


def test_a_write_that_was_turned_away_is_sent_again_after_the_time_the_server_names(tmp_path: Path) -> None:
    trial = Trial(LINES[0], tmp_path / "trial")
    trial.faults.replace([])
    number = 0

    def turned_away(times: int) -> tuple[float, int]:
        """Seconds longer than without, and how often it was sent."""
        nonlocal number
        number += 1
        other = Trial(LINES[0], tmp_path / str(number), trial)
        try:
            rule = {"action": "set_group_name", "times": times, "http": 429, "retry_after": 7}
            _, applied = other.apply(rules=[rule])
            assert applied is not None
            assert (times > 2) is bool(applied.failures)
            return other.seconds, sum(call["action"] == "set_group_name" for call in other.calls)
        finally:
            other.close()

    plain, once = turned_away(0)
    slower, twice = turned_away(1)
    never, thrice = turned_away(9)
    trial.close()

    assert (1, 2, 3) == (once, twice, thrice)
    assert 7 == pytest.approx(slower - plain, abs=1)  # within what the rest took in real time
    assert 14 == pytest.approx(never - plain, abs=1)  # and then it is given up


@pytest.mark.parametrize("line", [LINES[0], LINES[8]], ids=str)
def test_a_plan_says_within_a_fifth_how_long_its_apply_takes(tmp_path: Path, line: Any) -> None:
    prepared = Trial(line, tmp_path / "prepared")
    trial = Trial(line, tmp_path / "trial", prepared, latency=0.05)
    trial.pace(write="2s", announcement="10s", file="5s", settle="2s")
    estimate = trial.plan().seconds
    error, applied = trial.apply()
    trial.close()
    prepared.close()

    assert error is None
    assert applied is not None
    assert () == applied.failures
    assert estimate == pytest.approx(trial.seconds, rel=0.2)


@pytest.mark.long
def test_a_plan_says_within_a_fifth_how_long_its_apply_takes_in_real_time(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.workspace(write="1s", announcement="3s", settle="20ms")
        estimate = json.loads(stage.run("plan", "--json").out)["qqgroup"]["seconds"]
        started = time.monotonic()
        assert 0 == stage.run("apply", "--auto-approve").code
        taken = time.monotonic() - started

    assert estimate == pytest.approx(taken, rel=0.2)
