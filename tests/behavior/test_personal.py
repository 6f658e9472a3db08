"""What is personal in a text: found however it is typed, not in order numbers, and never repeated in a report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.conditions import Personal
from qqgroup_provision.behavior.normal import normal
from qqgroup_provision.behavior.personal import Sort, first, hidden, masked
from tests.behavior.material import Talk, ready, reply, said

ALL = tuple(map(str, Sort))
IDENTITY, CARD = "11010519491231002X", "6228480402564890018"


def sorts_in(text: str) -> list[str]:
    return [sort for sort in ALL if first(normal(text), (sort,)) is not None]


def found(text: str) -> str | None:
    hit = first(normal(text), ALL)
    return text[slice(*hit.span)] if hit is not None else None


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("电话13800138000谢谢", "phone"),
        ("１３８００１３８０００", "phone"),
        ("138-0013-8000", "phone"),
        ("138 0013 8000", "phone"),
        ("１３８．００１３．８０００", "phone"),
        ("1 3 8 0 0 1 3 8 0 0 0", "phone"),
        ("①③⑧00138000", "phone"),
        ("1️⃣38️⃣00138000", "phone"),
        ("+86 138-0013-8000", "phone"),
        ("8613800138000", "phone"),
        ("vx13800138000加我", "phone"),
        ("13800138000，13900139000", "phone"),
        (IDENTITY, "identity"),
        (IDENTITY.lower(), "identity"),
        ("110105 19491231 002X", "identity"),
        (CARD, "bank_card"),
        ("6228 4804 0256 4890 018", "bank_card"),
        ("4111 1111 1111 1111", "bank_card"),
        ("用这个 ghp_" + "a1B2" * 9, "key"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=01234567-89ab-cdef-0123-456789abcdef", "key"),
    ],
)
def test_each_sort_is_found_however_it_is_typed(text: str, sort: str) -> None:
    assert [sort] == sorts_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "QQ 1234567890，群 731000001",
        "138001380001",  # a digit more
        "1380013800",  # a digit less
        "12800138000",  # no such numbers
        "0.13800138000123",
        "订单 4012345678901234567",
        "时间戳 1732412345678",
        "192.168.10.100",
        "a13800138000f 是一段哈希",
        "https://x.cn/?id=13800138000",
        "110105194912310021",  # its check digit is wrong
        "11010519491331002X",  # no such month
        "6228480402564890019",  # wrong by Luhn
        "100000000000000000000000013800138000",
        "3 1 3 8 0 0 1 3 8 0 0 0 7",  # a row of digits
        "2024-11-05 13:20:11",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "扫一扫 sk-短",
        "",
    ],
)
def test_what_only_looks_like_it_is_none(text: str) -> None:
    assert [] == sorts_in(text)


def test_only_the_sorts_that_are_asked_for_count() -> None:
    assert first(normal(IDENTITY), ("phone", "bank_card")) is None


@given(st.text(st.sampled_from("0123456789 -.x号vx😀"), max_size=60))
def test_what_is_found_lies_in_the_text_and_a_longer_number_is_none(text: str) -> None:
    there = found(text)
    assert there is None or there in text
    assert None is found("9" * 21 + "".join(char for char in text if char.isdigit()))


@given(
    st.text("0123456789", min_size=9, max_size=9), st.sampled_from(["", " ", "-", "."]), st.sampled_from("电，：@# ")
)
def test_every_mobile_number_is_found_in_its_usual_parts(digits: str, sign: str, before: str) -> None:
    number = "13" + digits
    written = sign.join((number[:3], number[3:7], number[7:]))
    assert written == found(f"{before}{written}吧")


def test_everything_of_a_text_is_hidden_and_what_is_said_around_it_stays() -> None:
    text = f"电话 13800138000 或 139-0013-9000，证件 {IDENTITY}。"
    assert "电话 138••••••00 或 139••••••••00，证件 110•••••••••••••2X。" == hidden(text, ALL)
    assert text == hidden(text, ("bank_card",))


@given(st.text(st.sampled_from("0123456789 -x号"), max_size=60))
def test_hiding_ends_and_leaves_nothing_to_be_found(text: str) -> None:
    assert len(text) == len(hidden(text, ALL))
    assert found(hidden(text, ALL)) is None


def test_a_report_shows_no_more_than_a_hint_of_it() -> None:
    assert ("138••••••00", "••••") == (masked("13800138000"), masked("1380"))
    decision = Talk(ready(reply("a", Personal(("phone",)), "请撤回"))).hear("我的电话是 138-0013-8000")
    assert "请撤回" == said(decision)
    (because,) = decision.reasons[0].because
    assert "138••••••••00" == because.quoted("我的电话是 138-0013-8000")
