"""Who comes in, as the bot decides it: requests heard, looked up and answered on every server, newcomers asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from qqgroup_provision.behavior.conditions import How, Words
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.event import Joined, Message, Person, Requested, Text
from qqgroup_provision.behavior.joining import Course, Demand, Newcomer, Otherwise, Review, ReviewRule
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.behaviors import Behavior
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.past import History
from qqgroup_provision.ports import Rank
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed
from tests.bot.running import BotProcess
from tests.bot.test_hearing import onebot
from tests.bot.test_host import ALICE, GROUP, ONE, TWO, Bot, Mouth, saying, with_bot
from tests.contracts.homes import HOMES, MILKY, ONEBOT, TOKEN, Home
from tests.stage import write_yaml

# What servers tell of requests.

REQUEST = {
    "time": 1_800_000_000, "self_id": ONE, "post_type": "request", "request_type": "group", "sub_type": "add",
    "group_id": GROUP, "user_id": ALICE, "comment": "我", "flag": "17",
}  # fmt: skip


@pytest.mark.parametrize(
    ("flag", "number"),
    [
        ("1737070836424717", "1737070836424717"),
        (f"{GROUP}|1737070836424717|7|0", "1737070836424717"),
        (f"1737070836424717-{GROUP}-1-0", "1737070836424717"),
        ("flag_123", ""),
        ("|", ""),
        ("", ""),
    ],
)
def test_a_request_has_one_number_whatever_a_server_calls_it(flag: str, number: str) -> None:
    found = onebot({**REQUEST, "flag": flag})
    assert found is not None
    assert isinstance(found.event, Requested)
    assert (number, flag) == (found.event.number, found.event.id)


@pytest.mark.parametrize(
    ("told", "invited"),
    [
        ({"comment": ""}, True),
        ({"comment": "我"}, False),
        ({"comment": "", "invitor_id": 0}, False),
        ({"comment": "", "invitor_id": 5}, True),
        ({"comment": None}, True),
        ({"comment": "问题：q\n答案："}, False),
    ],
)
def test_an_empty_comment_is_an_invitation_unless_the_server_knows_better(
    told: dict[str, Any], invited: bool
) -> None:
    found = onebot({**REQUEST, **told})
    assert found is not None
    assert isinstance(found.event, Requested)
    assert invited is found.event.invited


# The bot without sockets.


@dataclass
class Porter(Mouth):
    """An account that also answers requests, and knows people."""

    level: int | None = None
    full: bool | None = False
    rank: Rank | None = Rank.MEMBER
    asked: list[str] = field(default_factory=list)
    tells: bool = True  # whether its server has a history

    async def history(self, group: int, since: datetime, most: int) -> History:
        if not self.tells:
            raise RuntimeError("no such action")
        return await super().history(group, since, most)

    async def answer_request(self, group: int, request: str, approve: bool, reason: str) -> None:
        self._act("approve" if approve else "reject", request, reason)

    async def level_of(self, qq: int) -> int | None:
        self.asked.append("level")
        if self.nameless:
            raise RuntimeError("no such action")
        return self.level

    async def is_full(self, group: int) -> bool | None:
        self.asked.append("full")
        return self.full

    async def person_of(self, group: int, qq: int) -> Person:
        return Person(qq, "", self.rank)


RULES = (
    ReviewRule(Course.REJECT, Demand(level_below=4), "等级过低"),
    ReviewRule(Course.REJECT, Demand(full=True), "已满"),
    ReviewRule(Course.APPROVE, Demand(answer=Words(How.CONTAINS, "爬虫"))),
)
REVIEWING = Configuration("hub", GROUP, review=Review(RULES))
ASKING = Configuration(
    "hub", GROUP, newcomer=Newcomer(saying("请回答"), Words(How.EQUALS, "好"), 600, Otherwise.KICK, attempts=1)
)


def request(comment: str = "爬虫", number: int = 7, account: int = ONE) -> Heard:
    asked = Requested(
        GROUP, f"{account}/{number}", Person(ALICE), comment, datetime.now(UTC), account, str(number), False
    )
    return Heard(asked, f"asked/{ALICE}/{comment}", f"asked/{number}")


async def looked_around(bot: Bot, *accounts: int) -> None:
    """Wait until these accounts know where they are, and what was put off is done."""
    while not bot.host._accounts._groups.keys() >= set(accounts):  # noqa: ASYNC110  (the host has no event for it)
        await asyncio.sleep(0)
    await bot.done()


def deciding(bot: Bot, configuration: Configuration = REVIEWING) -> None:
    bot.behaviors.enforce(GROUP, Behavior(Prepared(configuration)))


def test_a_request_that_two_accounts_hear_is_answered_once_by_the_first(tmp_path: Path) -> None:
    one, two = Porter(ONE, []), Porter(TWO, [])

    async def play(bot: Bot) -> None:
        deciding(bot)
        bot.host.connect(one)
        bot.host.connect(two)
        for _ in range(2):
            bot.host.hear(request())
            bot.host.hear(request(account=TWO))
        await bot.done()
        bot.host._seen._by.clear()  # as after a restart
        bot.host.hear(request(account=TWO))
        bot.host.hear(request("别的", number=8))

    bot = with_bot(tmp_path, play)
    assert [("approve", f"{ONE}/7", "")] == one.done
    assert [] == two.done
    told = [(line["action"], line["item"], line["qq"], line["account"]) for line in bot.lines("done")]
    assert [("approve", "hub/join_review", ALICE, ONE)] == told


@pytest.mark.parametrize(
    ("porter", "expected"),
    [
        (Porter(ONE, [], level=3), [("reject", f"{ONE}/7", "等级过低")]),
        (Porter(ONE, [], level=4), [("approve", f"{ONE}/7", "")]),
        (Porter(ONE, [], level=None), [("approve", f"{ONE}/7", "")]),
        (Porter(ONE, [], level=4, nameless=True), [("approve", f"{ONE}/7", "")]),
        (Porter(ONE, [], level=4, full=True), [("reject", f"{ONE}/7", "已满")]),
        (Porter(ONE, [], level=4, full=None), [("approve", f"{ONE}/7", "")]),
    ],
)
def test_what_a_rule_asks_for_is_looked_up_and_what_cannot_be_is_unknown(
    tmp_path: Path, porter: Porter, expected: list[tuple[str, str, str]]
) -> None:
    async def play(bot: Bot) -> None:
        deciding(bot)
        bot.host.connect(porter)
        bot.host.hear(request())

    bot = with_bot(tmp_path, play)
    assert expected == porter.done
    assert porter.nameless is bool(bot.lines("unknown"))


def test_nothing_is_looked_up_that_no_rule_asks_for(tmp_path: Path) -> None:
    porter = Porter(ONE, [], level=9)

    async def play(bot: Bot) -> None:
        deciding(bot, replace(REVIEWING, review=Review(RULES[2:])))
        bot.host.connect(porter)
        bot.host.hear(request())

    with_bot(tmp_path, play)
    assert ([], 1) == (porter.asked, len(porter.done))


def test_a_request_whose_answer_failed_is_left_to_people(tmp_path: Path) -> None:
    porter = Porter(ONE, [], level=9, fails=True)

    async def play(bot: Bot) -> None:
        deciding(bot)
        bot.host.connect(porter)
        bot.host.hear(request())
        await bot.done()
        porter.fails = False
        bot.host._seen._by.clear()
        bot.host.hear(request())

    bot = with_bot(tmp_path, play)
    assert [] == porter.done
    assert ["approve"] == [line["action"] for line in bot.lines("not_done")]


def joined() -> Heard:
    return Heard(Joined(GROUP, Person(ALICE), datetime.now(UTC), ONE), f"joined/{ALICE}")


def wrong() -> Heard:
    said = Message(GROUP, "9", Person(ALICE, rank=None), (Text("不"),), datetime.now(UTC), ONE)
    return Heard(said, "wrong", "9")


@pytest.mark.parametrize(
    ("rank", "kicks"), [(Rank.MEMBER, 1), (Rank.ADMIN, 0), (Rank.OWNER, 0), (None, 0)]
)  # fmt: skip
def test_nobody_is_removed_who_is_not_seen_to_be_a_plain_member(
    tmp_path: Path, rank: Rank | None, kicks: int
) -> None:
    porter = Porter(ONE, [], rank=rank)

    async def play(bot: Bot) -> None:
        deciding(bot, ASKING)
        bot.host.connect(porter)
        bot.host.hear(joined())
        bot.host.hear(wrong())

    bot = with_bot(tmp_path, play)
    assert [("kick", GROUP, ALICE)] * kicks == porter.done
    assert 1 - kicks == len(bot.lines("not_done"))


@pytest.mark.parametrize(("rank", "asked"), [(Rank.ADMIN, 0), (Rank.MEMBER, 1), (None, 1)])
def test_what_an_inviter_is_in_the_group_is_looked_up(tmp_path: Path, rank: Rank | None, asked: int) -> None:
    porter = Porter(ONE, [], rank=rank)
    told = {key: value for key, value in REQUEST.items() if key != "request_type"}
    told |= {"post_type": "notice", "notice_type": "group_increase", "sub_type": "invite", "operator_id": 5}
    brought = onebot(told)
    assert brought is not None
    assert isinstance(brought.event, Joined)
    assert brought.event.inviter == Person(5, rank=None)

    async def play(bot: Bot) -> None:
        deciding(bot, ASKING)
        bot.host.connect(porter)
        bot.host.hear(brought)

    with_bot(tmp_path, play)
    assert asked == len(porter.said)


def test_who_could_not_be_asked_is_not_removed(tmp_path: Path) -> None:
    porter = Porter(ONE, [], fails=True)

    async def play(bot: Bot) -> None:
        deciding(bot, ASKING)
        bot.host.connect(porter)
        bot.host.hear(joined())
        await bot.done()
        porter.fails = False
        bot.host.hear(wrong())

    bot = with_bot(tmp_path, play)
    assert 1 == len(bot.lines("not_said"))
    assert [] == porter.done


def test_whoever_waits_is_asked_again_after_nobody_listened_and_not_while_another_account_did(
    tmp_path: Path,
) -> None:
    one, two = Porter(ONE, []), Porter(TWO, [], tells=False)

    async def play(bot: Bot) -> None:
        deciding(bot, ASKING)
        bot.host.connect(one)
        bot.host.connect(two)
        await looked_around(bot, ONE, TWO)
        bot.host.hear(joined())
        await bot.done()
        assert 1 == len(one.said)
        bot.host.disconnect(one)
        bot.host.enforced(GROUP)
        await bot.done()
        assert 0 == len(two.said), "the other one has listened all the time"
        bot.host.disconnect(two)
        del bot.host._accounts._groups[TWO]
        bot.host.connect(two)
        await looked_around(bot, TWO)
        assert 1 == len(two.said)

    with_bot(tmp_path, play)


def test_what_was_decided_and_who_is_waited_for_outlast_the_process(tmp_path: Path) -> None:
    both = replace(REVIEWING, newcomer=ASKING.newcomer)
    first, second = Porter(ONE, [], level=9), Porter(ONE, [], level=9, tells=False)

    def playing(porter: Porter, *happens: Heard) -> Callable[[Bot], Awaitable[None]]:
        async def play(bot: Bot) -> None:
            deciding(bot, both)
            bot.host.connect(porter)
            await looked_around(bot, ONE)
            for heard in happens:
                bot.host.hear(heard)

        return play

    with_bot(tmp_path, playing(first, request(), joined()))
    with_bot(tmp_path, playing(second, request(), wrong()))
    assert ([("approve", f"{ONE}/7", "")], 1) == (first.done, len(first.said))
    assert ([("kick", GROUP, ALICE)], 1) == (second.done, len(second.said)), "asked again, and then answered wrongly"


# Against a simulated QQ, on every server.

JOIN = {
    "review": [
        {"reject": {"level_below": 4, "reason": "等级过低"}},
        {"approve": {"invited": True}},
        {"approve": {"answer": {"contains": "爬虫"}}},
        {"reject": {"answer": {"contains": "广告"}, "reason": "不收广告"}},
    ],
    "newcomer": {"question": "请回答", "answer": {"contains": "友善"}, "within": "10m", "otherwise": "kick"},
}
LOW, HIGH, PLAIN, SPAM, MAYBE, FRIEND = range(300000001, 300000007)
BOB = 200000002


@contextmanager
def served() -> Iterator[RunningSimulator]:
    """A group for each implementation, people who ask, and what servers tell of their levels."""
    homes = list(HOMES.values())
    settings = {"method": "question_and_review", "question": "你做爬虫吗？", "member_invites": "require_approval"}
    seed = {
        "kind": "World",
        "accounts": {home.kind: {"qq": home.qq, "implementation": home.kind, "token": TOKEN} for home in homes},
        "people": {LOW: {"nickname": "低", "level": 3}, HIGH: {"nickname": "高", "level": 4}, BOB: "Bob"},
        "groups": [
            {"id": home.group, "name": "群", "owner": home.qq, "members": [BOB], "settings": settings}
            for home in homes
        ],
    }
    with RunningSimulator(parse_seed(yaml.safe_dump(seed, allow_unicode=True))) as simulator:
        yield simulator


def states(world: RunningSimulator, home: Home) -> dict[int, str]:
    """What became of each person's request."""
    found = world.control(f"groups/{home.group}/requests", account=home.kind)
    return {one["qq"]: one["state"] for one in found}


def test_requests_are_answered_and_newcomers_asked_on_every_server(tmp_path: Path) -> None:
    folder = tmp_path / "groups"
    account = {"endpoint": "http://127.0.0.1:9", "protocol": "onebot11", "token": "${env:TEST_TOKEN}"}
    write_yaml(folder / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    for home in HOMES.values():
        write_yaml(folder / f"{home.kind}.yaml", {"kind": "Group", "key": home.kind, "id": home.group, "join": JOIN})
    with served() as world:
        servers = [("--onebot", world.endpoint(kind).replace("http://", "ws://")) for kind in ONEBOT]
        servers += [("--milky", world.endpoint(kind)) for kind in MILKY]
        words = [word for pair in servers for word in pair]
        with BotProcess(tmp_path / "data", *words, "--watch", folder=folder, TEST_TOKEN=TOKEN) as bot:
            for home in HOMES.values():
                bot.line("connected", lambda line, home=home: line["account"] == home.qq)  # type: ignore[misc]
            for home in HOMES.values():
                for qq, answer in ((LOW, "做爬虫"), (HIGH, "做 爬蟲"), (SPAM, "广告"), (MAYBE, "不做")):
                    world.act(home.group, "ask", account=home.kind, qq=qq, answer=answer)
                world.act(home.group, "bring", account=home.kind, inviter=BOB, qq=FRIEND)
            for home in HOMES.values():
                for qq in (HIGH, SPAM, FRIEND):
                    bot.line("done", lambda line, home=home, qq=qq: (line["account"], line["qq"]) == (home.qq, qq))  # type: ignore[misc]
            for home in HOMES.values():
                knows_levels = home.kind != "lagrange"
                assert {
                    LOW: "rejected" if knows_levels else "accepted", HIGH: "accepted", SPAM: "rejected",
                    MAYBE: "pending", FRIEND: "accepted",
                } == states(world, home), home.kind  # fmt: skip
                bot.line("said", lambda line, home=home: line["account"] == home.qq)  # type: ignore[misc]
                bot.line(
                    "said",
                    lambda line, home=home: (line["account"], line["item"]) == (home.qq, f"{home.kind}/newcomer"),  # type: ignore[misc]
                )
            assert bot.stop() == 0
        assert not [
            line for line in bot.lines if line["event"] in ("not_done", "not_said", "failed", "log", "unknown")
        ]
        refusals = {
            call["params"].get("reason")
            for kind in HOMES
            for call in world.control("calls", account=kind)
            if call["action"] in ("set_group_add_request", "reject_group_request")
        }
        assert {"等级过低", "不收广告"} <= refusals
