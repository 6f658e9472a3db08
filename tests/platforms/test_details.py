"""NapCat's details of a group: every number of QQ's that YAML has a word for, and those it has none for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.platforms.onebot11 import details
from qqgroup_provision.platforms.onebot11.dialect import NAPCAT
from qqgroup_provision.platforms.shape import WrongShape
from qqgroup_provision.ports import Capability, LiveSettings

DETAIL = {"groupOption": 2, "groupQuestion": "", "privilegeFlag": 0, "groupFlagExt4": 0, "fingerMemo": ""}
MORE = {"extInfo": {"inviteRobotMemberSwitch": 0, "inviteRobotMemberExamine": 2}}


def read(**changed: Any) -> LiveSettings:
    return details.settings(DETAIL | changed)


def test_a_group_nobody_changed_reads_as_qq_begins_it() -> None:
    assert LiveSettings(
        description="", join_method="review", join_question="", member_invites="require_approval",
        history_visible=False, upload_album=True, temporary_session=True, create_group=True,
    ) == read()  # fmt: skip


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "open"), (2, "review"), (3, "closed"), (4, "correct_answer"), (5, "question_and_review"), (0, "QQ 0"),
     (6, "QQ 6")],
)  # fmt: skip
def test_each_way_of_joining_has_a_word_or_shows_its_number(number: int, word: str) -> None:
    assert word == read(groupOption=number).join_method


@pytest.mark.parametrize(
    ("bits", "word"),
    [(0x0400_0000, "disabled"), (0, "require_approval"), (0x0010_0000, "no_approval"),
     (0x0200_0000, "no_approval_under_100"), (0x0600_0000, f"QQ {0x0600_0000}")],
)  # fmt: skip
@pytest.mark.parametrize("other", [0, 0x1, 0x40, 0xF81E_FFFF - 0x10_0000])
def test_invitations_are_read_from_their_bits_whatever_the_others_are(bits: int, word: str, other: int) -> None:
    assert word == read(privilegeFlag=bits | (other & ~0x0610_0000)).member_invites


@given(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 0xFFFF_FFFF))
def test_permissions_are_read_from_their_bits_whatever_the_others_are(
    album: bool, session: bool, group: bool, noise: int
) -> None:
    bits = noise & ~0x18001 | (not album) * 0x1 | (not group) * 0x8000 | (not session) * 0x1_0000
    found = read(privilegeFlag=bits)

    assert (album, session, group) == (found.upload_album, found.temporary_session, found.create_group)


@given(st.integers(0, 0xFFFF_FFFF))
def test_history_is_one_bit(bits: int) -> None:
    assert bool(bits & 4) is read(groupFlagExt4=bits).history_visible


def test_texts_lose_their_entities_and_the_richer_description_counts() -> None:
    assert "a & b" == read(groupQuestion="a &amp; b").join_question
    assert "<长>" == read(fingerMemo="短", richFingerMemo="&lt;长&gt;").description
    assert "短" == read(fingerMemo="短", richFingerMemo="").description


@pytest.mark.parametrize(
    ("switch", "examine", "word"), [(0, 0, "free"), (0, 2, "review"), (1, 2, "forbidden"), (1, 0, "QQ 1,0")]
)
def test_robots_are_two_numbers(switch: int, examine: int, word: str) -> None:
    answer = {"extInfo": {"inviteRobotMemberSwitch": switch, "inviteRobotMemberExamine": examine}}
    assert word == details.robots(answer)


@pytest.mark.parametrize("wrong", [None, [], "x", {}, *({**DETAIL, key: [1]} for key in DETAIL)])
def test_anything_of_another_shape_is_refused_as_a_whole(wrong: Any) -> None:
    with pytest.raises(WrongShape):
        details.settings(wrong)


@pytest.mark.parametrize("wrong", [None, [], {}, {"extInfo": None}, {"extInfo": {}},
                                   {"extInfo": {**MORE["extInfo"], "inviteRobotMemberSwitch": True}}])  # fmt: skip
def test_robots_of_another_shape_are_refused(wrong: Any) -> None:
    with pytest.raises(WrongShape):
        details.robots(wrong)


@pytest.mark.parametrize(
    ("version", "able"),
    [((4, 18, 0), False), ((4, 18, 17), False), ((4, 18, 18), True), ((4, 19), True), ((5,), True)],
)
def test_what_came_with_a_version_is_there_from_it_on(version: tuple[int, ...], able: bool) -> None:
    later = NAPCAT.later(version)
    three = {Capability.SET_MEMBER_INVITES, Capability.SET_PERMISSIONS, Capability.SET_HISTORY_VISIBLE}

    assert (set() if able else three) == later.keys()
    assert set(later.values()) <= {"4.18.18"}
    assert three <= NAPCAT.capabilities
