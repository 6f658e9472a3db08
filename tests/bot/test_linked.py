"""Linked groups, as the bot looks into them: what servers tell of other groups, and what it remembers for all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import yaml

from qqgroup_provision.behavior.conditions import How, Words
from qqgroup_provision.behavior.configuration import Configuration, Penalty, Rule
from qqgroup_provision.behavior.decide import consider
from qqgroup_provision.behavior.event import Elsewhere, Member, Person, Requested, Text
from qqgroup_provision.behavior.linked import Blacklist, Links, Neighbour, OneGroup, OnMember, Overflow
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.behaviors import Behavior
from qqgroup_provision.bot.database import SharedDatabase
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.neighbours import told_of_others
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.watching import WatchedBehaviors
from qqgroup_provision.secrets import Secret
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed
from tests.bot.running import BotProcess
from tests.bot.test_host import ALICE, GROUP, ONE, Bot, message, with_bot
from tests.bot.test_joining import Porter, looked_around
from tests.contracts.homes import TOKEN
from tests.stage import write_yaml

SECOND, THIRD = Neighbour(731000002, "二群"), Neighbour(731000003, "三群")


@dataclass
class Watcher(Porter):
    """An account that sees into groups: the lists it is told one after the other, and how many places there are."""

    lists: dict[int, list[tuple[int, ...]]] = field(default_factory=dict)
    free: dict[int, int | None] = field(default_factory=dict)
    says: int | None = None  # how many members every group says to have

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        if group not in self.lists:
            raise RuntimeError("no such group")
        found = self.lists[group].pop(0) if len(self.lists[group]) > 1 else self.lists[group][0]
        members = tuple(Member(Person(qq)) for qq in (*found, self.number))
        return members, len(members) if self.says is None else self.says

    async def places(self, group: int) -> int | None:
        self.asked.append(str(group))
        return self.free[group]


def look(watcher: Watcher | None, links: Links) -> tuple[tuple[Elsewhere, ...], str]:
    """What a request is told of other groups, and what is written down about it."""
    log = StringIO()
    configuration = Configuration("hub", GROUP, links=links)
    asked = Requested(GROUP, "7", Person(ALICE), "", datetime.now(UTC), ONE, "7", False)
    event = asyncio.run(told_of_others(asked, configuration, lambda _: watcher, Records(log), 5.0, 0.0))
    assert isinstance(event, Requested)
    return event.elsewhere, log.getvalue()


BOTH = Links("py", (SECOND, THIRD), one_group=OneGroup((SECOND, THIRD), ""))


@pytest.mark.parametrize(
    ("lists", "member"), [([(ALICE,)], True), ([()], False), ([(ALICE,), ()], False), ([(), (ALICE,)], True)]
)
def test_who_is_in_another_group_is_read_off_its_list_once_that_is_fresh(
    lists: list[tuple[int, ...]], member: bool
) -> None:
    """A server gives the list of a moment ago and begins to make a new one: who has just left is not refused."""
    seen, log = look(Watcher(ONE, [], lists={SECOND.id: list(lists), THIRD.id: [()]}), BOTH)

    assert (Elsewhere(SECOND.id, member), Elsewhere(THIRD.id, False)) == seen
    assert "" == log


@pytest.mark.parametrize(
    "watcher",
    [
        None,
        Watcher(ONE, []),
        Watcher(ONE, [], lists={SECOND.id: [(ALICE,)], THIRD.id: [()]}, says=500),
        Watcher(-1, [], lists={}),
    ],
)
def test_a_list_that_cannot_be_read_or_is_not_whole_says_nothing(watcher: Watcher | None) -> None:
    seen, log = look(watcher, BOTH)

    assert {SECOND.id: None, THIRD.id: None} == {one.group: one.member for one in seen}
    assert 2 == log.count('"unknown"')


def test_other_groups_are_asked_for_room_only_when_this_one_is_full() -> None:
    overflow = Links("py", overflow=Overflow((SECOND,), parse("x"), keep_free=2))
    room, full = (Watcher(ONE, [], free={GROUP: own, SECOND.id: 9}) for own in (3, 2))

    assert (Elsewhere(GROUP, None, 3),) == look(room, overflow)[0]
    assert [str(GROUP)] == room.asked
    assert (Elsewhere(GROUP, None, 2), Elsewhere(SECOND.id, None, 9)) == look(full, overflow)[0]


def test_nobody_is_looked_for_who_is_refused_or_let_in_anyway() -> None:
    for more in ({"blacklist": Blacklist(frozenset({ALICE}))}, {"whitelist": frozenset({ALICE})}):
        assert ((), "") == look(None, replace(BOTH, **more))  # type: ignore[arg-type]


RULE = Rule("ads", "广告", Words(How.CONTAINS, "ad"), (Penalty(kick=True),), 60.0)
BARRED = Links("py", (SECOND,), Blacklist(remembered=3600.0, on_member=OnMember.KICK))


def test_whom_a_rule_removes_here_is_removed_there_at_once_and_stays_out_over_a_restart(tmp_path: Path) -> None:
    here, there = Configuration("hub", GROUP, rules=(RULE,), links=BARRED), Configuration("second", SECOND.id)
    there = replace(there, links=replace(BARRED, linked=(Neighbour(GROUP, "总群"),)))

    def watcher() -> Watcher:
        return Watcher(ONE, [], groups_of=frozenset((GROUP, SECOND.id)), lists={SECOND.id: [(ALICE,)], GROUP: [()]})

    def enforce(bot: Bot) -> None:
        for configuration in (here, there):
            bot.behaviors.enforce(configuration.group_id, Behavior(Prepared(configuration)))

    first, second = watcher(), watcher()

    async def remove(bot: Bot) -> None:
        enforce(bot)
        bot.host.connect(first)
        await looked_around(bot, ONE)
        bot.host.hear(message(ONE, Text("an ad")))
        while len(first.done) < 2:  # noqa: ASYNC110  (the host has no event for it)
            await asyncio.sleep(0.01)

    async def ask_again(bot: Bot) -> None:
        enforce(bot)
        bot.host.connect(second)
        await looked_around(bot, ONE)
        asked = Requested(SECOND.id, "8", Person(ALICE), "", datetime.now(UTC), ONE, "8", False)
        bot.host.hear(Heard(asked, "asked", "asked/8"))

    with_bot(tmp_path, remove)
    assert [("kick", GROUP, ALICE), ("kick", SECOND.id, ALICE)] == first.done
    with_bot(tmp_path, ask_again)
    assert [("reject", "8", "")] == [one for one in second.done if one[0] != "kick"]
    assert [] == first.said + second.said, "nobody is told of it in a group"


# Against a simulated QQ.

NAPCAT, MILKY = 100000001, 100000006
HUB, ONLY, BIG, SMALL = range(731000001, 731000005)
INSIDE, OUTSIDE, WANTED = range(300000001, 300000004)
LINKS = {
    HUB: {"name": "py"},
    ONLY: {"name": "py", "member_of": {"group": "g1"}, "blacklist": {"people": [WANTED], "reason": "未通过"}},
    BIG: {"name": "zz", "one_group": {"reason": "只能加一个"}},
    SMALL: {"name": "zz", "overflow": {"to": "g3"}, "one_group": True},
}
APPROVE = {"review": [{"otherwise": "approve"}]}


@pytest.mark.parametrize(
    ("kind", "option"), [("napcat", "--onebot"), pytest.param("llbot-milky", "--milky", marks=pytest.mark.long)]
)
def test_requests_are_decided_by_what_is_seen_of_other_groups(tmp_path: Path, kind: str, option: str) -> None:
    folder = tmp_path / "groups"
    account = {"endpoint": "http://127.0.0.1:9", "protocol": "onebot11", "token": "${env:TEST_TOKEN}"}
    write_yaml(folder / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    for number, (group, links) in enumerate(LINKS.items(), 1):
        body = {"kind": "Group", "key": f"g{number}", "id": group, "profile": {"name": f"{number}群"}}
        write_yaml(folder / f"g{number}.yaml", {**body, "links": links, "join": APPROVE})
    settings = {"method": "question_and_review", "question": "？"}
    seed = {
        "kind": "World",
        "accounts": {kind: {"qq": NAPCAT, "implementation": kind, "token": TOKEN}},
        "people": {INSIDE: "内", OUTSIDE: "外", WANTED: "黑"},
        "groups": [
            {"id": HUB, "name": "1群", "owner": NAPCAT, "members": [INSIDE], "settings": settings},
            {"id": ONLY, "name": "2群", "owner": NAPCAT, "settings": settings},
            {"id": BIG, "name": "3群", "owner": NAPCAT, "members": [INSIDE], "settings": settings},
            {"id": SMALL, "name": "4群", "owner": NAPCAT, "settings": settings, "capacity": 1},
        ],
    }
    asked = [(ONLY, INSIDE), (ONLY, OUTSIDE), (ONLY, WANTED), (SMALL, OUTSIDE), (BIG, OUTSIDE)]
    with RunningSimulator(parse_seed(yaml.safe_dump(seed, allow_unicode=True))) as world:
        server = world.endpoint(kind)
        words = (option, server.replace("http://", "ws://") if option == "--onebot" else server)
        with BotProcess(tmp_path / "data", *words, "--watch", folder=folder, TEST_TOKEN=TOKEN) as bot:
            bot.line("connected")
            for group, qq in asked:
                world.act(group, "ask", account=kind, qq=qq, answer="请让我进来")
            for group, qq in asked:
                bot.line("done", lambda line, group=group, qq=qq: (line["group"], line["qq"]) == (group, qq))  # type: ignore[misc]
            assert 0 == bot.stop()
        states = {
            (group, one["qq"]): one["state"]
            for group in LINKS
            for one in world.control(f"groups/{group}/requests", account=kind)
        }
        reasons = {call["params"].get("reason") for call in world.control("calls", account=kind)}
        messages = [one for group in LINKS for one in world.control(f"groups/{group}/messages", account=kind)]
    assert {
        (ONLY, INSIDE): "accepted", (ONLY, OUTSIDE): "rejected", (ONLY, WANTED): "rejected",
        (SMALL, OUTSIDE): "rejected", (BIG, OUTSIDE): "accepted",
    } == states  # fmt: skip
    assert {f"请先加入 1群（{HUB}）", "未通过", f"本群已满，请加 3群（{BIG}）"} <= reasons
    assert [] == messages
    assert not [line for line in bot.lines if line["event"] in ("not_done", "failed", "unknown", "log")]


def test_a_list_that_is_saved_is_in_force_as_yaml_is(tmp_path: Path) -> None:
    folder, replaced = tmp_path / "groups", list[int]()
    behaviors = WatchedBehaviors(folder, Records(StringIO()), replaced.append)
    account = {"endpoint": "http://127.0.0.1:9", "protocol": "onebot11"}
    write_yaml(folder / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    links = {"name": "py", "blacklist": {"file": "b.txt"}}
    for number in (1, 2):
        body = {"kind": "Group", "key": f"g{number}", "id": GROUP + number, "links": links}
        write_yaml(folder / f"g{number}.yaml", body)

    def look(listed: str) -> list[int]:
        replaced.clear()
        (folder / "b.txt").write_text(listed, encoding="utf-8")
        for _ in range(2):  # the first look learns of the file
            asyncio.run(behaviors.look())
        return list(replaced)

    assert [GROUP + 1, GROUP + 2] == look("")
    assert [GROUP + 1, GROUP + 2] == look("3000000001\n")
    assert [] == look("3000000001\n# nobody else\n")


def test_two_bots_that_share_a_database_count_strikes_of_linked_groups_together(database: str) -> None:
    """Each group is heard by another bot; the marks of a link are one row for both."""
    steps = (Penalty(warn=True), Penalty(recall=True), Penalty(kick=True))
    links = Links("py", shared_strikes=True)
    rule = replace(RULE, penalties=steps, decay=3600.0)
    groups = [
        Configuration(key, number, rules=(rule,), links=links) for key, number in (("a", GROUP), ("b", SECOND.id))
    ]

    async def play() -> list[str]:
        bots = [BotMemory(SharedDatabase(Secret(database))) for _ in groups]
        told = []
        for number in (1, 2, 3):
            at = groups[number % 2]
            heard = message(ONE, Text("an ad"), number=number, group=at.group_id)
            decided = await bots[number % 2].decide(consider(heard.event, Prepared(at), datetime.now(UTC)), heard)
            assert decided is not None
            told += [type(action).__name__ for action in decided.decision.actions]
        for bot in bots:
            bot._database.close()
        return told

    assert ["Say", "Recall", "Kick"] == asyncio.run(play())
