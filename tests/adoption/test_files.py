"""Live files and essence messages as YAML names them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.adoption.essence import essence
from qqgroup_provision.adoption.files import Limits, Sources, choose, files, safe_name
from qqgroup_provision.messages import Text
from qqgroup_provision.ports import LiveEssence, LiveEssences, LiveFile, LiveFiles, LiveFolder

SELF, OTHER = 100000000, 100000001
LIMITS = Limits(100, 2, 150)


def file(path: str, size: int = 5, **more: Any) -> LiveFile:
    folder, _, name = path.rpartition("/")
    return LiveFile(path, name, folder, size, OTHER, 1_700_000_000, **more)


@given(
    st.text(min_size=1, max_size=200) | st.sampled_from(["con", "CON.txt", "nul.", "a.YAML", "..", ".x", "b.yml."])
)
@settings(max_examples=300, deadline=None)
def test_a_name_on_disk_is_a_plain_name_that_nothing_reads(name: str) -> None:
    made = safe_name(name)

    assert made
    assert made.isprintable()
    assert set(made).isdisjoint('/\\:*?"<>|')
    assert not made.startswith((".", " "))
    assert not made.endswith((".", " "))
    assert not made.lower().endswith((".yaml", ".yml"))
    assert len(made.encode()) <= 200
    assert made.split(".")[0].lower() not in ("con", "prn", "aux", "nul", "com1", "lpt1")
    assert made == safe_name(made)


@pytest.mark.parametrize("name", ["新人指南.pdf", "a b.tar.gz", "README"])
def test_a_usual_name_stays(name: str) -> None:
    assert name == safe_name(name)


def test_what_is_known_is_not_downloaded_again_and_limits_hold() -> None:
    live = LiveFiles((), (file("a"), file("b", 90), file("c", 70), file("d", 101), file("e", temporary=True)))
    chosen, left = choose(live, SELF, {"a": 5}, lambda path: path != "c", LIMITS)
    assert (["b"], ["c", "d", "e"]) == ([each.name for each in chosen], [path for path, _ in left])
    chosen, left = choose(live, SELF, {"a": 6}, lambda _: True, LIMITS)
    assert (["a", "b"], ["c", "d", "e"]) == ([each.name for each in chosen], [path for path, _ in left])


def test_an_empty_list_takes_nothing_out_of_yaml() -> None:
    told: list[tuple[Text, Text]] = []
    before = {"folders": ["资料"], "items": [{"path": "a", "source": "assets/a"}], "keep_versions": 1}

    assert before == files(before, LiveFiles(), SELF, Sources({}), bool, lambda *said: told.append(said))
    assert 1 == len(told)


def test_what_is_gone_goes_and_what_is_new_comes() -> None:
    before = {"folders": ["旧", "资料"], "items": [{"path": "a", "source": "x"}, {"path": "b", "source": "y"}]}
    live = LiveFiles((LiveFolder("1", "资料", 0), LiveFolder("2", "里", 1)), (file("b"), file("里/c")))
    found = files(before, live, SELF, Sources({"里/c": "files/1/里/c"}), bool, lambda *_: None)

    assert {
        "folders": ["资料"],
        "items": [{"path": "b", "source": "y"}, {"path": "里/c", "source": "files/1/里/c"}],
    } == found


def test_messages_that_yaml_can_hold_are_listed_and_the_others_told() -> None:
    told: list[str] = []
    marked = (
        LiveEssence(3, OTHER, "[图片]", plain=False), LiveEssence(2, OTHER, "二"), LiveEssence(1, SELF, "一"),
        LiveEssence(4, SELF, "一"), LiveEssence(5, SELF, "长" * 4001), LiveEssence(6, SELF, "  "),
    )  # fmt: skip
    found = essence([{"key": "two", "text": "二"}, {"key": "gone", "text": "没了"}], LiveEssences(marked),
                    lambda _, why: told.append(str(why)))  # fmt: skip

    assert [{"key": "two", "text": "二"}, {"key": "", "text": "一"}] == found
    assert [
        "another has the same text",
        "it has more than 4000 characters",
        "it has no text",
        "it is not only text",
    ] == (sorted(told))


@pytest.mark.parametrize("live", [LiveEssences(), LiveEssences((LiveEssence(1, SELF, "一"),), complete=False)])
def test_a_list_that_may_not_be_whole_takes_nothing_out_of_yaml(live: LiveEssences) -> None:
    before = [{"key": "two", "text": "二"}]

    assert before == essence(before, live, lambda *_: None)[:1]
