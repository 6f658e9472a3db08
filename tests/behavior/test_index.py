"""The index finds exactly what looking for one condition after the other finds, and says where."""

from __future__ import annotations

import random
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.behavior.checks import plain_hits
from qqgroup_provision.behavior.conditions import (
    All,
    Any,
    Condition,
    Expression,
    Fuzzy,
    Has,
    Hits,
    How,
    Leaf,
    Link,
    Not,
    Trait,
    Words,
    found,
    holds,
    leaves,
    traced,
    triggers,
)
from qqgroup_provision.behavior.event import At, Card, File, Forwarded, Image, Segment, parts_of
from qqgroup_provision.behavior.event import Text as Said
from qqgroup_provision.behavior.index import LONGEST, Heard, Index, compiled, heard, match_hit
from tests.behavior.material import ME, message

PIECES = [
    "装",
    "安装",
    "安裝",
    "怎么",
    "python",
    "Python 3",
    "vx",
    "v",
    "x",
    " ",
    "，",
    "3",
    "国",
    "國",
    "b.com",
    "\n",
]
written = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join).filter(lambda t: bool(t.strip()))
words = st.builds(Words, st.sampled_from(How), written)
expressions = st.sampled_from(
    [Expression(e) for e in ("安装|卸载", r"v\s*x", "國+", r"(\d)", "(?i)PY(thon)?", "^装", "x$")]
)
links = st.sampled_from([Link(), Link(("b.com",), others=False), Link(("b.com",))])
leaf = st.one_of(words, expressions, links, st.builds(Has, st.sampled_from(Trait)))
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Any, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)
extras = st.lists(st.sampled_from([Image(), At(ME), At(5), Card("x", "https://b.com"), Forwarded()]), max_size=2)
messages = st.builds(
    lambda text, more: message(text, *more),
    st.text(st.sampled_from("装安怎么python vx3国國.bcom\n，"), max_size=20),
    extras,
)


def search(text: str, *some: Leaf) -> Hits:
    return Index(some).search(heard(message(text)))


@settings(max_examples=300)
@given(st.lists(leaf, max_size=12), messages)
def test_the_index_finds_what_looking_one_by_one_finds(some: list[Leaf], said: object) -> None:
    seen = heard(said)  # type: ignore[arg-type]

    assert plain_hits(some, seen).keys() == Index(some).search(seen).keys()


@given(conditions, messages)
def test_a_condition_that_holds_is_always_among_those_looked_at(condition: Condition, said: object) -> None:
    hits = Index(leaves(condition)).search(heard(said))  # type: ignore[arg-type]
    some = triggers(condition)

    if holds(condition, hits):
        assert some is None or some & hits.keys()
        assert all(one in hits for one, _ in found(condition, hits))


@given(conditions, messages)
def test_what_is_shown_of_a_tree_says_whether_it_held(condition: Condition, said: object) -> None:
    hits = Index(leaves(condition)).search(heard(said))  # type: ignore[arg-type]
    lines = list(traced(condition, hits))

    assert holds(condition, hits) is lines[0].held
    assert len(list(leaves(condition))) <= len(lines)
    assert all(str(line.text) for line in lines)


@pytest.mark.parametrize(
    ("how", "text", "held"),
    [
        (How.EQUALS, "vx", True),
        (How.EQUALS, "  ＶＸ\u200b ", True),
        (How.EQUALS, "vx!", False),
        (How.PREFIX, "vx 123", True),
        (How.PREFIX, "加 vx", False),
        (How.CONTAINS, "a vxz", True),
        (How.WHOLE_WORD, "加vx吧", True),
        (How.WHOLE_WORD, "vx", True),
        (How.WHOLE_WORD, "vx_1", False),
        (How.WHOLE_WORD, "vx1", False),
        (How.WHOLE_WORD, "avx vx", True),
        (How.WHOLE_WORD, "поvx", False),
    ],
)
def test_a_text_stands_as_it_is_asked_to(how: How, text: str, held: bool) -> None:
    assert held is bool(search(text, Words(how, "vx")))


def test_a_chinese_word_within_chinese_is_a_whole_word() -> None:
    assert search("请问开发票吗", Words(How.WHOLE_WORD, "发票"))
    assert search("用python3吗", Words(How.WHOLE_WORD, "Python3"))
    assert not search("用python3吗", Words(How.WHOLE_WORD, "python"))


def test_expressions_are_matched_as_people_read_texts() -> None:
    (hit,) = search("ＰＩＰ 安裝\u200b失敗 12", Expression(r"pip.*(失败|报错)\s?(?P<n>\d+)")).values()

    assert {"0": "ＰＩＰ 安裝\u200b失敗 12", "1": "失敗", "2": "12", "n": "12"} == hit.captures
    assert search("怎么装？", Expression("怎么裝？")), "an expression is folded as well"
    assert search("[x]", Expression("［x"))


def test_an_expression_made_to_be_slow_is_not() -> None:
    assert not search("a" * 26 + "!", Expression("(a+)+$"))
    assert not search("1," * 2000, Expression("(.*?,){12}P"))


def test_five_hundred_expressions_are_all_found() -> None:
    """A set that runs out of memory would find nothing, and say nothing."""
    some = [Expression(rf"词{n}[^号]{{0,8}}(加|➕).{{0,6}}(微|v|\d{{5,12}})") for n in range(500)]
    index, singles = Index(some), [compiled(leaf) for leaf in some]
    draw = random.Random(7)
    assert index._set.Match("别的") is not None
    for _ in range(100):
        n = draw.randrange(500)
        seen = heard(message(f"{''.join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(30))}词{n}号外加v"))
        expected = [leaf for leaf, single in zip(some, singles, strict=True) if match_hit(single, seen.text)]
        assert expected == list(index.search(seen))


@pytest.mark.parametrize(
    ("text", "score", "held"),
    [
        ("如何安装 python?", 70, True),
        ("怎么安装pyhton", 80, True),
        ("今天天气怎么样", 60, False),
        ("怎么安装python", 100, True),
    ],
)
def test_a_sentence_is_resembled_by_score(text: str, score: int, held: bool) -> None:
    leaf = Fuzzy("怎么安装 Python", score)
    hits = search(text, leaf, Fuzzy("别的", 100))

    assert held is (leaf in hits)
    if held:
        assert score <= hits[leaf].score <= 100


def test_what_is_in_a_message_besides_text_is_found_in_what_it_forwards_too() -> None:
    inner: tuple[Segment, ...] = (Said("看 https://evil.top"), Image(), File("a.exe"), Card("t", "http://b.com"))
    seen = heard(message("转发", Forwarded((inner,))))

    assert {Trait.FORWARDED, Trait.IMAGE, Trait.FILE, Trait.CARD} == seen.traits
    assert ("evil.top", "b.com") == seen.hosts
    assert "转发" == seen.text.text, "text counts only where the sender wrote it"


def test_forwarded_messages_are_looked_into_only_so_deep_and_so_many() -> None:
    deep: Segment = Image()
    for _ in range(10_000):
        deep = Forwarded(((deep,),))
    wide = Forwarded(tuple((Image(),) for _ in range(100_000)))

    assert Trait.IMAGE not in heard(message(deep)).traits
    assert 500 == len(list(parts_of((wide, wide))))


def test_a_mention_of_everybody_or_of_nobody_known_is_not_one_of_the_bot() -> None:
    everybody = message(At(None), "在吗")

    assert Trait.AT_ME not in heard(everybody).traits
    assert Trait.AT_ME in heard(message(At(ME))).traits
    assert isinstance(everybody.at, datetime)


def test_of_a_text_without_end_only_the_beginning_is_looked_at() -> None:
    assert LONGEST == len(heard(message("a" * 100_000)).text.text)
    assert isinstance(heard(message("")), Heard)
    assert not search("", Words(How.EQUALS, "x"), Words(How.CONTAINS, "\u200b"))


def test_a_set_without_memory_is_not_taken_for_one_that_found_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index([Expression("装"), Expression("国")])

    class Exhausted:
        def Match(self, _: str) -> None:  # noqa: N802
            return None

    monkeypatch.setattr(index, "_set", Exhausted())
    assert [Expression("国")] == list(index.search(heard(message("中国"))))
