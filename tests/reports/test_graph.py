"""The tree of groups in each format: deterministic, and safe with any name."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.reports.graph import Node, Size, graph_mermaid, graph_svg, graph_text, tree
from qqgroup_provision.workspace.model import Group
from tests.reports.samples import WEAPONS, speaking, steering, without_color

PARENTS: Mapping[str, str | None] = {
    "hub": None,
    "jobs": "hub",
    "beginners": "hub",
    "evening": "beginners",
    "alone": None,
}
HOSTILE = [
    WEAPONS,
    '"]; click g0 "javascript:x"',
    "</text><script>x</script>",
    "```",
    "%%{init: {}}%%",
    "&#x41;",
    "end",
    "\uffff",
]


def groups(parents: Mapping[str, str | None] = PARENTS, name: str = "群") -> dict[str, Group]:
    place = Place("x.yaml")
    return {
        key: Group(key, 731000001 + n, "main", parent, place, name=name)
        for n, (key, parent) in enumerate(parents.items())
    }


def nodes(name: str = "群") -> tuple[Node, ...]:
    return tree(groups(name=name), {}, {"hub": Size(500, 500), "jobs": Size(7, 500), "alone": Size(3, 0)})


def test_the_tree_reads_so() -> None:
    expected = """\
alone  群  (731000005)  3
hub  群  (731000001)  500/500  FULL
├─ beginners  群  (731000003)
│  └─ evening  群  (731000004)
└─ jobs  群  (731000002)  7/500
"""
    assert expected == graph_text(nodes())
    assert expected == without_color(graph_text(nodes(), color=True))
    with speaking("zh_CN"):
        assert "500/500  已满" in graph_text(nodes())


def test_a_live_name_stands_in_the_place_of_the_one_in_yaml() -> None:
    (found,) = tree(groups({"hub": None}), {"hub": "现在的名字"}, {})

    assert "现在的名字" == found.name


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.randoms())
def test_every_group_stands_below_its_parent_whatever_order_they_are_read_in(
    above: list[int], shuffle: random.Random
) -> None:
    parents = {f"g{n}": f"g{parent % n}" if n and parent % 3 else None for n, parent in enumerate(above)}
    read = list(groups(parents).items())
    shuffle.shuffle(read)
    found = tree(dict(read), {}, {})
    seen: dict[str, int] = {}
    for node in found:
        assert node.depth == (seen[node.parent] + 1 if node.parent else 0)
        seen[node.key] = node.depth

    assert parents.keys() == seen.keys()
    assert found == tree(groups(parents), {}, {}) or {n.id for n in found} == {g.id for g in dict(read).values()}
    lines = graph_text(found).splitlines()
    assert len(found) == len(lines)
    for line, node in zip(lines, found, strict=True):
        assert 3 * node.depth == len(line) - len(line.lstrip("│├└─ "))


def test_mermaid_names_each_group_draws_each_edge_and_marks_the_full() -> None:
    drawn = graph_mermaid(nodes())

    assert drawn.startswith('graph TD\n  g0["alone  群  #40;731000005#41;  3"]\n')
    assert ["g1 --> g2", "g2 --> g3", "g1 --> g4"] == re.findall(r"g\d --> g\d", drawn)
    assert drawn.endswith("  class g1 full\n")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_means_nothing_to_mermaid(name: str) -> None:
    lines = graph_mermaid(nodes(name)).splitlines()

    assert len(graph_mermaid(nodes()).splitlines()) == len(lines)
    for line in lines[1:6]:
        assert re.fullmatch(r'  g\d\["(?:[\w -]|#\d+;)*"\]', line), line


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_means_nothing_to_svg_and_can_be_read_there(name: str) -> None:
    drawn = ET.fromstring(graph_svg(nodes(name)))
    kinds = {element.tag.split("}")[1] for element in drawn.iter()}
    texts = [element.text or "" for element in drawn.iter() if element.tag.endswith("text")]

    assert {"svg", "rect", "path", "text"} == kinds
    assert 5 == len(texts)
    assert all(not steering(text) for text in texts)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_does_not_steer_the_terminal(name: str) -> None:
    assert {"\n"} == steering(graph_text(nodes(name)))


def test_a_picture_is_as_wide_as_its_widest_row_and_as_high_as_it_has_rows() -> None:
    narrow, wide = (
        graph_svg(tree(groups({"a": None}, ""), {}, {})),
        graph_svg(tree(groups({"a": None}, "群" * 40), {}, {})),
    )
    size = re.compile(r'<svg [^>]*width="(\d+)" height="(\d+)"')
    (w1, h1), (w2, h2) = (tuple(map(int, size.findall(text)[0])) for text in (narrow, wide))

    assert (w1 < w2, h1 == h2) == (True, True)


def test_no_group_at_all_is_an_empty_tree() -> None:
    assert ("", "graph TD\n") == (graph_text(()), graph_mermaid(()))
    ET.fromstring(graph_svg(()))
