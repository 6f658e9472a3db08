"""A workspace in memory and on disk, live groups as strangers may make them, and what a plan says of both."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from qqgroup_provision.adoption.adopt import Adopted, Wish, adopt
from qqgroup_provision.plain_text import plain, whole
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import (
    AccountFacts,
    Capability,
    Known,
    LiveMember,
    LiveNotice,
    LiveProfile,
    LiveSettings,
    Rank,
)
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.load import load_workspace

SELF = 100000000
FACTS = {"main": AccountFacts(SELF, "NapCat", "99.0.0", frozenset(Capability))}
WORKSPACE = """\
kind: Workspace
accounts:
  main: {endpoint: "http://127.0.0.1:1", protocol: onebot11}
"""
WISH = Wish("main")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Folder:
    """A workspace on disk that is imported into."""

    def __init__(self, root: Path) -> None:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        self.root = root
        self.write("workspace.yaml", WORKSPACE)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")

    def texts(self) -> dict[str, str]:
        paths = sorted(self.root.rglob("*.yaml"))
        return {path.relative_to(self.root).as_posix(): path.read_bytes().decode() for path in paths}

    def adopt(self, live: Mapping[int, LiveGroup], wish: Wish = WISH) -> Adopted:
        """Import and write what came of it."""
        adopted = adopt(load_workspace(self.root).required(), self.texts(), live, wish)
        for name, text in adopted.files.items():
            self.write(name, text)
        return adopted

    def plan(self, live: Mapping[int, LiveGroup]) -> Plan:
        workspace = load_workspace(self.root).required()
        by_key = {group.key: live[group.id] for group in workspace.groups.values()}
        return make_plan(workspace, by_key, State(), FACTS, now=NOW)


def member(number: int, card: str = "", title: str = "", rank: Rank = Rank.MEMBER, nickname: str = "") -> LiveMember:
    return LiveMember(number, rank, nickname, card, title)


def group(
    *members: LiveMember, name: str = "群", remark: str | None = None, notices: tuple[str, ...] = ()
) -> LiveGroup:
    """A live group that the account owns."""
    everybody = (member(SELF, rank=Rank.OWNER), *members)
    return LiveGroup(
        SELF,
        Known(LiveProfile(name, remark, False)),
        Known({one.user_id: one for one in everybody}),
        Known(tuple(LiveNotice(f"{n:024x}", text, SELF, 1000 - n) for n, text in enumerate(notices))),
    )


_YAML = (
    """${env:HOME} on ~ null 0123 1e3 20:00 - # &x *x !!str {} [ {name} x{y} ' " | >- %YAML --- true << ? @a `b ="""
)
_STRANGE = [
    *_YAML.split(), "- a", "a: b", "a #b", "\t", "a\tb", "\x00\x7f\x85\u2028\ufeff", "👨‍👩‍👧", "e\u0301", "\u202e反",
    "x" * 600, "qq-100000009", "notice-1", " a", "\u3000\u3000全角\n\n  b", "#!\n- x: |\n",
]  # fmt: skip
hostile = st.one_of(st.text(max_size=40), st.sampled_from(_STRANGE)).map(lambda text: plain(whole(text)))
ranks = st.sampled_from([Rank.MEMBER, Rank.MEMBER, Rank.ADMIN])
members = st.builds(LiveMember, st.integers(100000001, 100000006), ranks, hostile, hostile, hostile)
booleans = st.booleans()
methods = st.sampled_from(["open", "closed", "review", "question_and_review", "correct_answer", "QQ 7"])


@st.composite
def live_groups(draw: st.DrawFn, reads: bool) -> LiveGroup:
    """A group as an implementation shows it that reads everything, or only what all do."""

    def read(values: st.SearchStrategy[Any]) -> Any:
        return draw(values) if reads else None

    everybody = [member(SELF, rank=Rank.OWNER), *draw(st.lists(members, max_size=6))]
    listed = [
        LiveNotice(number.hex, draw(hostile), SELF, 1000 - n, draw(pictures), read(booleans), read(booleans))
        for n, number in enumerate(draw(st.lists(st.uuids(), max_size=4, unique=True)))
    ]
    settings = LiveSettings(
        description=read(hostile),
        join_method=read(methods),
        join_question=read(hostile),
        member_invites=read(st.sampled_from(["disabled", "no_approval", "QQ 9"])),
        history_visible=read(booleans),
        robots=read(st.sampled_from(["free", "review"])),
        upload_album=read(booleans),
        temporary_session=read(booleans),
        create_group=read(booleans),
    )
    return LiveGroup(
        SELF,
        Known(LiveProfile(draw(hostile), read(hostile), read(booleans))),
        Known({one.user_id: one for one in everybody}),
        Known(tuple(listed)),
        Known(settings),
    )


pictures = st.sampled_from([(), ("picture",)])


def worlds(reads: bool) -> st.SearchStrategy[dict[int, LiveGroup]]:
    return st.dictionaries(st.integers(731000001, 731000004), live_groups(reads), min_size=1, max_size=3)


before_and_after = booleans.flatmap(lambda reads: st.tuples(worlds(reads), worlds(reads)))
