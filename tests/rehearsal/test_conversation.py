"""Talking in a group that is not there: who speaks, what comes of it, and a clock that goes when it is told to."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import CHINA
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.conversation import HELP, Conversation, Entry, Manner
from qqgroup_provision.rehearsal.explain import Explained
from qqgroup_provision.workspace.cast import Cast
from tests.workspace.folder import GROUP, groups, load

BEGIN = datetime(2026, 1, 5, 10, 0, tzinfo=CHINA)
HUB = (
    GROUP
    + """\
roles:
- {key: team, members: [bob], admin: true}
rules:
  items:
  - {key: ads, text: 禁止广告, detect: {contains: 刷单}, penalties: [{recall: true, mute: 10m}, kick]}
replies:
- {key: install, when: {contains: 怎么装}, reply: "{at} 看文档"}
- {key: ping, when: {all: [{at_me: true}, {contains: 在吗}]}, reply: 在的, cooldown: 1s}
- {key: night, when: {contains: 有人}, reply: 夜深了, hours: [{from: "23:00", to: "07:00"}], cooldown: 1s}
welcome: {text: "欢迎 {at}", merge_within: 20s}
curfew: [{from: "23:50", to: "06:00", at_begin: 夜深了}]
"""
)


@pytest.fixture
def talk(tmp_path: Path) -> Conversation:
    return conversation(tmp_path)


def conversation(root: Path) -> Conversation:
    group = groups(root, {"hub.yaml": HUB})["hub"]
    people = load(root, {}).required().people
    assert group.behavior is not None
    return Conversation(Prepared(group.behavior), Cast(people, group), BEGIN)


def shown(talk: Conversation, *lines: str) -> list[tuple[str, str, str]]:
    """The entries that come of some lines: their manner, who, and the text."""
    entries = [one for line in lines for one in talk.enter(line)]
    return [(one.manner.value, one.who, str(one.text)) for one in entries if isinstance(one, Entry)]


@pytest.mark.parametrize("line", ["alice: 怎么装 python", "alice：怎么装 python", "小艾: 怎么装 python"])
def test_whoever_is_named_before_a_colon_speaks(talk: Conversation, line: str) -> None:
    assert [("heard", "alice", "怎么装 python"), ("said", "bot", "@alice 看文档")] == shown(talk, line)


def test_a_colon_after_what_is_nobodys_name_belongs_to_the_message(talk: Conversation) -> None:
    assert [("heard", "member", "注意: 开会")] == shown(talk, "注意: 开会")
    assert [("heard", "member", "10: 30 开会")] == shown(talk, "10: 30 开会")


def test_one_speaks_as_whom_one_chose_last(talk: Conversation) -> None:
    assert ("heard", "bob", "刷单") in shown(talk, "/as bob", "刷单")  # an admin, so nothing comes of it
    assert "bob" == talk.speaker


def test_a_mention_is_one(talk: Conversation) -> None:
    assert ("said", "bot", "在的") in shown(talk, "@bot 在吗")
    assert [("heard", "member", "@别人 在吗")] == shown(talk, "@别人 在吗")


def test_who_is_muted_cannot_speak_until_it_is_over_and_who_was_removed_until_they_are_let_in(
    talk: Conversation,
) -> None:
    assert [("heard", "alice", "刷单"), ("did", "bot", "takes back the message of alice"),
            ("did", "bot", "mutes alice for 10m")] == shown(talk, "alice: 刷单")  # fmt: skip
    assert [("note", "", "alice is muted until 2026-01-05 10:10:01.")] == shown(talk, "alice: 怎么装")
    assert ("did", "bot", "removes alice from the group") in shown(talk, "/wait 10m", "alice: 刷单")
    assert "is not in the group" in shown(talk, "alice: 怎么装")[0][2]
    assert ("said", "bot", "@alice 看文档") in shown(talk, "/join alice", "alice: 怎么装")


def test_what_was_put_off_comes_while_time_goes_by(talk: Conversation) -> None:
    assert [] == [one for one in shown(talk, "/join alice", "/join bob") if one[0] == "said"]
    assert ("said", "bot", "欢迎 @alice@bob") == shown(talk, "/wait 1m")[0]


def test_the_clock_goes_to_the_next_such_time(talk: Conversation) -> None:
    assert "quiet" == shown(talk, "有人吗")[1][0]
    assert [("note", "", "It is 2026-01-05 23:40:00.")] == shown(talk, "/at 23:40")
    assert ("said", "bot", "夜深了") in shown(talk, "有人吗")
    assert [("note", "", "It is 2026-01-06 09:00:00.")] == shown(talk, "/at 9:00")[-1:]
    assert [("note", "", "It is 2026-01-07 08:00:00.")] == shown(talk, "/at 2026-01-07T08:00")[-1:]
    assert 8 == talk.now.hour


def test_what_comes_by_the_clock_is_told_in_the_zone_of_the_group_and_who_is_muted_by_it_is_silent(
    talk: Conversation,
) -> None:
    entries = [one for one in talk.enter("/at 23:55") if isinstance(one, Entry)]

    assert ["23:50 lets only admins speak", "23:50 夜深了"] == [f"{one.at:%H:%M} {one.text}" for one in entries[:2]]
    assert [("note", "", "Only admins may speak now.")] == shown(talk, "alice: 怎么装")
    assert ("said", "bot", "@bob 看文档") in shown(talk, "bob: 怎么装")
    assert ("said", "bot", "@alice 看文档") in shown(talk, "/at 06:01", "alice: 怎么装")


def test_two_slashes_are_one_that_is_said(talk: Conversation) -> None:
    assert [("heard", "member", "/禁言 10m")] == shown(talk, "//禁言 10m")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/at 2020-01-01", "is no time"),
        ("/at 25:00", "is no time"),
        ("/at 2999-01-01T00:00", "is no time"),
        ("/at 9999-12-31T23:59", "is no time"),
        ("/wait bald", "is no time"),
        ("/as alise", "Did you mean `alice`?"),
        ("/as 99999999999999999999999999", "Nobody is called"),
        ("/jion alice", "Did you mean `/join`?"),
        ("/join", "Nobody is called"),
    ],
)
def test_what_means_nothing_is_said_to_and_changes_nothing(talk: Conversation, line: str, said: str) -> None:
    ((manner, _, text),) = shown(talk, line)

    assert ("fault", True) == (manner, said in text)
    assert ("member", BEGIN) == (talk.speaker, talk.now)


def test_why_explains_what_happened_last(talk: Conversation) -> None:
    assert ["Nothing has happened yet."] == [text for _, _, text in shown(talk, "/why")]
    shown(talk, "请问怎么裝")
    (explained,) = talk.enter("/为什么 hub/reply/ping")

    assert isinstance(explained, Explained)
    (item,) = explained.concerned
    assert ("hub/reply/install", [(2, 5, "怎么裝")]) == (
        str(item.item), [(found.start, found.end, found.text) for found in item.found]
    )  # fmt: skip
    assert item.place is not None
    assert "hub.yaml" == item.place.file
    assert ["ping"] == [silent.item.key for silent in explained.silent]


def test_there_is_help_for_every_command_in_both_forms(talk: Conversation) -> None:
    known = {usage.split()[0].lower() for usage in HELP if usage[0] == "/" != usage[1]}
    told = shown(talk, "/帮助")

    assert len(HELP) == len(told)
    assert {"/as", "/join", "/leave", "/ask", "/wait", "/at", "/why", "/who", "/quit"} == known
    assert "alice" in shown(talk, "/who")[0][2]
    assert [] == shown(talk, "/退出")
    assert talk.ended


@given(
    st.lists(st.text(max_size=40).map(lambda text: text) | st.sampled_from(["/at ", "/wait 9", "alice:", "/ask x y"]))
)
@settings(max_examples=40)
def test_nothing_that_can_be_typed_ends_in_an_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    talk = conversation(tmp_path_factory.mktemp("talk"))
    shown(talk, *lines)


def test_a_line_that_is_too_long_for_qq_is_cut(talk: Conversation) -> None:
    ((_, _, text),) = shown(talk, "啊" * 10_000)

    assert 5000 == len(text)
    assert Manner.HEARD.value == "heard"
