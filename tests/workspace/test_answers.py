"""Answers to join questions: what is kept of them tells equal from other, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.answers import DIGEST, digest_of, is_of, with_answers
from qqgroup_provision.workspace.model import Answer, Group, Join, Workspace

PLACE = Place("hub.yaml", 6, 11, 6, 20)


def group(key: str, number: int, reference: str = "${secret:HUB}") -> Group:
    return Group(key, number, "main", None, PLACE, join=Join(answer=Answer(reference, PLACE)))


def workspace(*groups: Group) -> Workspace:
    return Workspace(Path(), {}, {}, {item.key: item for item in groups}, Path("s"), "digest")


def digest(found: Workspace, key: str) -> str:
    answer = found.groups[key].join.answer
    assert answer
    return answer.digest


@settings(max_examples=10, deadline=None)
@given(st.text(min_size=1), st.text(min_size=1))
def test_a_digest_is_of_its_answer_and_of_no_other(answer: str, other: str) -> None:
    answer, other = (text.encode("utf-8", "replace").decode() for text in (answer, other))
    found = digest_of(Secret(answer), "731000001")

    assert is_of(found, Secret(answer))
    assert is_of(found, Secret(other)) == (answer == other)
    assert found.startswith(DIGEST + "731000001:")


@pytest.mark.parametrize("damaged", ["", "scrypt:", "scrypt:1:00", "731:ab", "x"])
def test_something_else_is_the_digest_of_nothing(damaged: str) -> None:
    assert not is_of(damaged, Secret("x"))


def test_equal_answers_look_different_in_each_group_and_each_state() -> None:
    both, known = workspace(group("a", 1), group("b", 2)), {"HUB": "x"}
    found = [with_answers(both, {"a", "b"}, known, lineage) for lineage in ("one", "two", "", "")]

    assert 8 == len({digest(item, key) for item in found for key in "ab"})
    assert digest(found[0], "a") == digest(with_answers(both, {"a"}, known, "one"), "a")
    assert "one" not in digest(found[0], "a")


def test_the_digest_that_state_holds_stays_as_long_as_the_answer_does() -> None:
    held = digest_of(Secret("x"), "1")

    assert held == digest(with_answers(workspace(group("a", 1)), {"a"}, {"HUB": "x"}, "l", {"a": held}), "a")
    assert held != digest(with_answers(workspace(group("a", 1)), {"a"}, {"HUB": "y"}, "l", {"a": held}), "a")


@pytest.mark.parametrize("reference", ["${secret:HUB}", "${env:HUB}"])
def test_equal_answers_of_two_groups_look_different(reference: str) -> None:
    known = with_answers(workspace(group("a", 1, reference), group("b", 2)), {"a", "b"}, {"HUB": "吉多\n"})

    assert digest(known, "a") != digest(known, "b")
    assert is_of(digest(known, "a"), Secret("吉多"))


def test_only_the_groups_asked_for_are_looked_up() -> None:
    known = with_answers(workspace(group("a", 1), group("b", 2, "${env:OTHER}")), {"a"}, {"HUB": "x"})

    assert digest(known, "a")
    assert "" == digest(known, "b")


def test_every_answer_that_is_missing_is_told_with_its_place_in_one_run() -> None:
    with pytest.raises(InvalidInput) as caught:
        with_answers(workspace(group("a", 1), group("b", 2, "${env:OTHER}")), {"a", "b"}, {"HUB": " "})

    assert [("QG131", PLACE)] * 2 == [(item.code, item.place) for item in caught.value.diagnostics]
    assert ["HUB", "OTHER"] == [str(item.summary).split()[2] for item in caught.value.diagnostics]
