"""Groups as YAML may want them, worlds as they may be, and a reader and a writer that need no network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.plain_text import plain
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.http import Http, HttpAnswer
from qqgroup_provision.platforms.onebot11.answers import judge
from qqgroup_provision.platforms.onebot11.dialect import LLBOT, NAPCAT
from qqgroup_provision.platforms.onebot11.reader import OneBotReader
from qqgroup_provision.platforms.onebot11.writer import OneBotWriter
from qqgroup_provision.platforms.read_groups import Request, read_groups
from qqgroup_provision.ports import AccountFacts, Capability
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import NotSeen, Seen
from qqgroup_provision.simulator.dialects.base import Implementation
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.seed import Seed, SeedAccount, SeedGroup, SeedMember, SeedNotice
from qqgroup_provision.simulator.world import World
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.model import (
    UNSET,
    Account,
    Announcement,
    Group,
    Ownership,
    Pace,
    Person,
    Role,
    Safety,
    Workspace,
)

SELF = 100000000
GROUP = 731000001
PLACE = Place("hub.yaml", 3, 5, 3, 9)
PEOPLE = [Person(key, SELF + number, name) for number, (key, name) in enumerate(
    [("self", "小助手"), ("alice", "小艾"), ("bob", "小波"), ("carol", "卡萝"), ("dave", "大卫")])]  # fmt: skip
FACTS = AccountFacts(SELF, "NapCat", "4.18.13", frozenset(Capability))

titles = st.sampled_from(["甲", "乙乙", "title", "<&> 丙"])
cards = st.sampled_from(["【{name}】", "{name}·招聘", "card", "a&b <c>"])
notice_texts = st.sampled_from(["群规", "消息 一\n  二 & 三", "<b>\"'", "&lt;", "文 末", "第六\n\n段"])
ownerships = st.sampled_from(Ownership)


def unset_or(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(UNSET) | values


def role(key: str, members: Iterable[Person], admin: Any = UNSET, title: Any = UNSET, card: Any = UNSET) -> Role:
    return Role(key, tuple(members), admin, title, card, dict.fromkeys(("key", "admin", "title", "card"), PLACE))


@st.composite
def role_lists(draw: st.DrawFn) -> tuple[Role, ...]:
    people = draw(st.permutations(PEOPLE))
    cuts = sorted(draw(st.lists(st.integers(0, len(people)), max_size=2)))
    bounds = [0, *cuts, draw(st.integers(cuts[-1] if cuts else 0, len(people)))]
    return tuple(
        role(
            f"role{number}",
            people[start:end],
            draw(unset_or(st.booleans())),
            draw(unset_or(st.none() | titles)),
            draw(unset_or(st.none() | cards)),
        )
        for number, (start, end) in enumerate(pairwise(bounds))
    )


@st.composite
def announcement_lists(draw: st.DrawFn) -> tuple[Announcement, ...]:
    texts = draw(st.lists(notice_texts, unique=True, max_size=3))
    keys = draw(st.permutations(["rules", "news", "faq"]))
    flags = unset_or(st.booleans())
    return tuple(
        Announcement(
            key, plain(text), draw(st.sampled_from([UNSET, None])), draw(flags), draw(flags), {"text": PLACE}
        )
        for key, text in zip(keys, texts, strict=False)
    )


groups = st.builds(
    Group,
    key=st.just("hub"),
    id=st.just(GROUP),
    account=st.just("main"),
    parent=st.none(),
    place=st.just(PLACE),
    name=unset_or(st.sampled_from(["新群名", "旧群名", "<名> & “名”"])),
    remark=unset_or(st.none() | st.sampled_from(["备注", "旧备注"])),
    mute_all=unset_or(st.booleans()),
    roles=unset_or(role_lists()),
    announcements=unset_or(announcement_lists()),
    manage=st.dictionaries(st.sampled_from(["admins", "titles", "cards", "announcements"]), ownerships),
)


@st.composite
def worlds(draw: st.DrawFn) -> Seed:
    """A group the account owns, with some of the people, one nobody names, and some announcements."""
    present = draw(st.lists(st.sampled_from(PEOPLE[1:]), unique=True))
    members = [
        SeedMember(
            qq,
            draw(st.sampled_from(["admin", "member"])),
            f"n{qq}",
            draw(st.sampled_from(["", "旧", "【小艾】"])),
            draw(st.just("") | titles),
        )
        for qq in [*(person.qq for person in present), SELF + 77]
    ]
    notices = [
        SeedNotice(text, draw(st.sampled_from([SELF, SELF + 77])), draw(st.booleans()), draw(st.booleans()))
        for text in draw(st.lists(notice_texts | st.sampled_from(["别人的", "另一个"]), max_size=4))
    ]
    group = SeedGroup(
        GROUP,
        "旧群名",
        draw(st.sampled_from(["", "旧备注"])),
        500,
        draw(st.booleans()),
        (SeedMember(SELF, "owner", "小助手"), *members),
        tuple(notices),
    )
    implementation = draw(st.sampled_from(["napcat", "llbot"]))
    return Seed({"main": SeedAccount("main", SELF, "小助手", implementation, "", 0)}, (group,))


class _Direct:
    """Stands in for HTTP: hands requests to an implementation and gives back what it would send."""

    def __init__(self, implementation: Implementation) -> None:
        self._implementation = implementation

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        reply = self._implementation.call(path, json.loads(body))
        return HttpAnswer(reply.status, json.dumps(reply.body).encode())


class Scene:
    """A world and the account in it, through the real reader and writer."""

    def __init__(self, seed: Seed) -> None:
        account = seed.accounts["main"]
        self.world = World(seed)
        napcat = account.implementation == "napcat"
        implementation = (NapCat if napcat else LLBot)(self.world, account)
        dialect = NAPCAT if napcat else LLBOT
        caller = Caller(cast(Http, _Direct(implementation)), judge)
        self.reader = OneBotReader(caller, dialect, account.qq, 0)
        self.writer = OneBotWriter(caller, dialect)
        self.facts = AccountFacts(account.qq, dialect.implementation, "9.9", dialect.capabilities)

    async def live(self) -> dict[str, LiveGroup]:
        return await read_groups({"hub": Request(GROUP, frozenset(Collection))}, self.reader, self.facts.self_id)

    async def plan(self, group: Group, state: State, targets: tuple[str, ...] = ()) -> Plan:
        return make_plan(workspace(group), await self.live(), state, {"main": self.facts}, targets)

    async def carry_out(self, plan: Plan, state: State) -> State:
        """Do what the plan says, as apply does, and give the state after it. Every step must be seen."""
        completed: list[tuple[Address, Entry | None]] = []
        for change in plan.changes:
            if change.action is Action.MANUAL:
                continue
            ids = dict(change.ids)
            for operation in change.operations:
                await operation.perform(self.writer, lambda *_: b"")
                found = await operation.confirm(self.reader)
                assert not isinstance(found, NotSeen), (change.address, str(found.found))
                ids |= dict(found.ids) if isinstance(found, Seen) else {}
            gone = change.action in (Action.DELETE, Action.FORGET)
            entry = Entry(ids, change.applied, change.unverified, protected=change.protected)
            completed.append((change.address, None if gone else entry))
            if change.moved_from is not None:
                completed.append((change.moved_from, None))
        return state.folded(completed)

    def snapshot(self) -> dict[str, Any]:
        found: dict[str, Any] = self.world.snapshot()[str(GROUP)]
        return found

    def close(self) -> None:
        self.world.close()


def workspace(*found: Group) -> Workspace:
    account = Account("main", "http://127.0.0.1:1", "onebot11", "", Pace(), PLACE)
    people = {person.key: person for person in PEOPLE}
    return Workspace(
        Path("groups"),
        {"main": account},
        people,
        {group.key: group for group in found},
        Path("groups/.qqgroup/state.json"),
        "digest",
        Safety(100, 100, min_admins=0),  # what limits do is shown in test_guards.py
    )


def hub(**fields: Any) -> Group:
    """The group of every scene, with what is to be managed of it."""
    return Group("hub", GROUP, "main", None, PLACE, **fields)


def seed(
    *members: SeedMember,
    notices: Iterable[SeedNotice] = (),
    role: str = "owner",
    implementation: str = "llbot",
    muted: bool = False,
) -> Seed:
    """A world with one group; the account's role in it is `role`."""
    mine = SeedMember(SELF, role, "小助手")
    owner = () if role == "owner" else (SeedMember(SELF + 99, "owner", "群主"),)
    group = SeedGroup(GROUP, "旧群名", "", 500, muted, (mine, *owner, *members), tuple(notices))
    return Seed({"main": SeedAccount("main", SELF, "小助手", implementation, "", 0)}, (group,))


def addresses(plan: Plan) -> Mapping[str, str]:
    """What is to happen, by address."""
    return {str(change.address): change.action.word for change in plan.changes}
