"""Who can take part in a rehearsal, and what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.ports import Rank
from qqgroup_provision.workspace.cast import Cast
from tests.workspace.folder import GROUP, load

PEOPLE = """\
kind: People
people:
  alice: {qq: 100000001, name: 小艾}
  bob: {qq: 100000002, name: 同名}
  carol: {qq: 100000003, name: 同名}
"""
ROLES = "roles:\n- {key: team, members: [alice, 100000009], admin: true}\n- {key: other, members: [bob]}\n"


@pytest.fixture
def cast(tmp_path: Path) -> Cast:
    workspace = load(tmp_path, {"people.yaml": PEOPLE, "hub.yaml": GROUP + ROLES}).required()
    return Cast(workspace.people, workspace.groups["hub"])


@pytest.mark.parametrize(
    ("name", "qq", "rank"),
    [
        ("alice", 100000001, Rank.ADMIN),
        ("小艾", 100000001, Rank.ADMIN),
        ("bob", 100000002, Rank.MEMBER),
        ("100000009", 100000009, Rank.ADMIN),
        ("100000008", 100000008, Rank.MEMBER),
        ("owner", 3, Rank.OWNER),
    ],
)
def test_people_go_by_key_name_or_number_with_the_rank_their_roles_give_them(
    cast: Cast, name: str, qq: int, rank: Rank
) -> None:
    actor = cast.called(name)

    assert actor is not None
    assert (qq, rank) == (actor.qq, actor.rank)


@pytest.mark.parametrize("name", ["", "同名", "nobody", "1" * 13, "²", "１２３４５６"])
def test_a_name_that_is_nobodys_or_that_two_have_is_nobody(cast: Cast, name: str) -> None:
    assert cast.called(name) is None


def test_in_a_scenario_only_keys_and_numbers_count(cast: Cast) -> None:
    assert cast.actor("小艾") is None
    assert cast.actor(100000002) is not None
