"""Lists of hosts, hosts that pass themselves off as others, and codes in pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.conditions import Condition, Phishing, Qr
from qqgroup_provision.behavior.event import Forwarded, Image
from qqgroup_provision.behavior.hosts import hosts_of, imitates, is_shared, line_form
from qqgroup_provision.behavior.links import host_form
from tests.behavior.material import Talk, ready, reply

LIST = hosts_of("lists/bad.txt", ["evil.com", "*.pages.dev", host_form("аррӏе.com"), "pay.example.org"])


def hears(condition: Condition, *parts: str | Image | Forwarded) -> bool:
    return Talk(ready(reply("a", condition, "听到了"))).answer(*parts) is not None


@pytest.mark.parametrize(
    "text",
    [
        "看 https://evil.com/login",
        "evil.com",
        "http://a.b.EVIL.com",
        "http://evil。com",
        "http://ｅｖｉｌ.com",
        "http://еvil.com/",  # a Cyrillic е
        "http://xn--vil-qdd.com/",  # the same, as browsers send it
        "http://аррӏе.com/",
        "https://x.pages.dev",
        "http://user@evil.com:8080/",
    ],
)
def test_a_link_to_a_listed_host_is_found_however_it_is_written(text: str) -> None:
    assert hears(Phishing((LIST,)), text)


@pytest.mark.parametrize(
    "text",
    ["https://notevil.com", "https://evil.com.cn", "https://pages.dev", "https://example.org", "apple.com", "好"],
)
def test_other_hosts_are_not(text: str) -> None:
    assert not hears(Phishing((LIST,)), text)


@pytest.mark.parametrize(
    ("host", "imitating"),
    [
        ("qq.com", False),
        ("mail.qq.com", False),
        ("qq.com.example.net", True),
        ("qq.c0m.example.net", True),
        ("tа0ba0.com", True),
        ("taoba0.com", True),
        ("tao-bao.com", True),
        ("www.taobao.com.vip.example", True),
        ("taobao.com", False),
        ("github.com", False),
        ("rnicrosoft.com", True),
        ("paypa1.com", True),
        ("mypaypal.com", False),
    ],
)
def test_a_host_that_passes_itself_off_as_another_is_told_from_that_one(host: str, imitating: bool) -> None:
    known = ["qq.com", "taobao.com", "microsoft.com", "paypal.com"]
    assert imitating is imitates(host_form(host), known)
    assert imitating is hears(Phishing((), tuple(known)), f"看 https://{host}/")


def test_who_lists_a_host_does_not_mean_the_one_it_imitates() -> None:
    listed = hosts_of("l", ["paypa1.com"])
    assert (True, False) == (listed.takes("paypa1.com"), listed.takes("paypal.com"))


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("evil.com", "evil.com"),
        ("  *.Evil.com # 说明", "*.evil.com"),
        ("恶意.example", host_form("恶意.example")),
        ("# 只有说明", ""),
        ("", ""),
        ("http://evil.com/", None),
        ("evil .com", None),
        ("*evil.com", None),
        ("a..b", None),
        ("x" * 300 + ".com", None),
    ],
)
def test_a_line_is_a_host_a_comment_or_a_fault(line: str, form: str | None) -> None:
    assert form == line_form(line)


def test_an_ending_under_which_anybody_may_have_a_name_is_told_apart() -> None:
    assert [True, True, True, False] == [is_shared(line) for line in ("com", "*.com.cn", "co.uk", "a.com.cn")]


@given(st.lists(st.sampled_from(["a.com", "*.b.com", "c.d.com"]), max_size=6))
def test_a_list_is_the_same_in_any_order_and_however_often_a_line_stands_in_it(lines: list[str]) -> None:
    one, other = hosts_of("l", lines), hosts_of("l", [*reversed(lines), *lines])
    assert one == other
    assert one == hosts_of("l", one.lines())


@pytest.mark.parametrize(
    ("condition", "codes", "held"),
    [
        (Qr(), ("随便什么",), True),
        (Qr(), (), False),
        (Qr(("python.org",), others=False), ("https://docs.python.org/3/",), True),
        (Qr(("python.org",), others=False), ("https://example.org/",), False),
        (Qr(("python.org",)), ("https://docs.python.org/3/",), False),
        (Qr(("python.org",)), ("https://example.org/",), True),
        (Qr(("python.org",)), ("wxp://f2f0abcdef",), True),  # leads to no host that is allowed
        (Qr(("python.org",)), ("https://docs.python.org/", "https://example.org/"), True),
        (Qr(invitation=True), ("https://qm.qq.com/q/abc",), True),
        (Qr(invitation=True), ("http://qm.qq.com/cgi-bin/qm/qr?k=abc",), True),
        (Qr(invitation=True), ("https://jq.qq.com/?_wv=1027&k=abc",), True),
        (Qr(invitation=True), ("https://weixin.qq.com/g/abc",), True),
        (Qr(invitation=True), ("https://weixin.qq.com/r/abc",), False),
        (Qr(invitation=True), ("https://docs.python.org/?next=https://qm.qq.com/q/abc",), False),
    ],
)
def test_codes_are_matched_by_what_they_say(condition: Qr, codes: tuple[str, ...], held: bool) -> None:
    assert held is hears(condition, Image(codes=codes))
    assert held is hears(condition, Forwarded(((Image(codes=codes),),)))


def test_a_picture_nobody_has_read_breaks_nothing() -> None:
    assert not any(hears(condition, Image()) for condition in (Qr(), Qr(("a.com",)), Qr(invitation=True)))
