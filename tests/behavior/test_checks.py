"""What is wrong with conditions and replies is said before anybody talks, at the very place."""

from __future__ import annotations

import pytest

from qqgroup_provision.behavior.checks import faults
from qqgroup_provision.behavior.conditions import Any, Expression, Fuzzy, Has, How, Trait, Words
from qqgroup_provision.behavior.configuration import Configuration, Cooldown, Greeting, Picture, Reply
from qqgroup_provision.behavior.dialect import folded
from qqgroup_provision.diagnostics import Diagnostic, Place
from tests.behavior.material import contains, reply, saying


def found(*replies: Reply, **more: object) -> list[Diagnostic]:
    return list(faults(Configuration("hub", 1, replies=replies, **more)))  # type: ignore[arg-type]


def codes(*replies: Reply, **more: object) -> list[str]:
    return [item.code for item in found(*replies, **more)]


def expression_faults(written: str) -> list[tuple[str, str]]:
    """Codes with the part of the expression they point at; the expression begins in column 11 of line 1."""
    place = Place("a.yaml", 1, 11, 1, 11 + len(written))
    return [
        (item.code, written[item.place.column - 11 : item.place.end_column - 11] if item.place else "")
        for item in found(reply("a", Expression(written, place), "好"))
    ]


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("装(?!修)", "(?!"),
        ("(?<=怎么)装", "(?<="),
        ("(a)\\1", "\\1"),
        ("(?P<x>a)(?P=x)", "(?P=x)"),
        ("[\\u4e00-\\u9fa5]+", "\\u4e00"),
        ("(装", "(装"),
        ("a{2000}", "a{2000}"),
        ("装?", "装?"),
        ("", ""),
        (".*", ".*"),
    ],
)
def test_what_re2_does_not_take_is_an_error_at_its_place(written: str, part: str) -> None:
    assert ("QG331", part) == expression_faults(written)[0]


@pytest.mark.parametrize(
    ("written", "part"),
    [("加\\bvx\\b", "\\b"), ("我叫(\\w+)", "\\w"), ("x[一-龥]", "一-龥"), ("怎么 装", " ")],
)
def test_what_re2_takes_for_something_else_is_a_warning_at_its_place(written: str, part: str) -> None:
    assert ("QG332", part) == expression_faults(written)[0]


@pytest.mark.parametrize(
    "written",
    ["pip.*(失败|报错)", r"\bpip\b", r"\d{5,}", r"[\w\p{Han}]\x{4e00}", r"\(\?=", r"[(?=]a", r"\\u4e00", "a b"],
)
def test_what_means_the_same_everywhere_is_let_through(written: str) -> None:
    assert [] == expression_faults(written)


def test_a_long_expression_in_a_block_points_at_the_whole_of_it() -> None:
    place = Place("a.yaml", 3, 5, 5, 1)
    (fault,) = found(reply("a", Expression("a(?=b)", place), "好"))

    assert place == fault.place


def test_expressions_are_folded_but_for_what_is_syntax() -> None:
    assert r"怎么装\?" == folded("怎麼裝？")
    assert r"\(x\)a" == folded("（x）Ａ").lower()
    assert r"\p{Han}[一-龥](?P<名>國)".replace("國", "国") == folded(r"\p{Han}[一-龥](?P<名>國)")


def test_a_text_of_nothing_but_invisible_characters_is_an_error() -> None:
    assert ["QG333", "QG333"] == codes(reply("a", Any((contains("\u200b \u2060"), Fuzzy("　", 80))), "好"))


def test_a_placeholder_that_nothing_fills_is_an_error_that_names_those_there_are() -> None:
    (fault,) = found(reply("a", "装", "{nmae}"))

    assert "QG334" == fault.code
    assert "{name}" in str(fault.hint)
    assert ["QG334"] == codes(reply("a", "装", "{1}")), "there is no expression"
    assert [] == codes(reply("a", Expression("我叫(?P<who>.+)"), "{who}{1}{0}{at}"))
    assert ["QG334"] == codes(reply("a", Expression("我叫(.+)"), "{2}"))
    assert ["QG334"] == codes(welcome=Greeting((saying("{1}"),)))


def test_a_reply_that_would_answer_itself_is_a_warning() -> None:
    (fault,) = found(reply("a", "安装", "安裝教程"))

    assert ("QG335", False) == (fault.code, fault.is_error)
    assert [] == codes(reply("a", "安装", "看教程"))
    assert [] == codes(reply("a", "安装", "安装教程", cooldown=Cooldown(group=5))), "a cooldown ends it"
    assert ["QG335"] == codes(reply("a", "安装", "安装教程", cooldown=Cooldown(user=5)))
    assert [] == codes(reply("a", Words(How.EQUALS, "安装"), "安装教程"))
    assert ["QG335"] == codes(reply("a", Expression("教.+"), sayings=(saying("好"), saying("教程"))))
    assert ["QG335"] == codes(reply("a", Has(Trait.IMAGE), Picture("a.png", "0")))


def test_without_re2_an_expression_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qqgroup_provision.behavior.checks.find_spec", lambda _: None)
    (fault,) = found(reply("a", Expression("a+"), "好"))

    assert "QG142" == fault.code
    assert "qqgroup-provision[bot]" in str(fault.hint)
    assert [] == codes(reply("a", "安装", "好"))
