"""Links by their hosts: found where people see one, and compared as browsers would follow them."""

from __future__ import annotations

import pytest

from qqgroup_provision.behavior.links import host_form, hosts_in, is_among


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("看 https://docs.python.org/zh-cn/3/ 和 www.baidu.com。好", ["docs.python.org", "www.baidu.com"]),
        ("访问baidu.com看看", ["baidu.com"]),
        ("https://baidu.com看这个", ["baidu.com"]),
        ("HTTP://Evil.COM:8080/x?y#z", ["evil.com"]),
        ("http://good.org@evil.com/", ["evil.com"]),
        ("http://a@b@evil.com/", ["evil.com"]),
        ("ｈｔｔｐｓ：／／ｅｖｉｌ．ｃｏｍ", ["evil.com"]),
        ("http://evil。com/x", ["evil.com"]),
        ("http://ev\u200bil.com/x", ["evil.com"]),
        ("http://例子.中国/", ["xn--fsqu00a.xn--fiqs8s"]),
        ("http://192.168.0.1/x", ["192.168.0.1"]),
        ("bit.ly/x", ["bit.ly"]),
        ("运行 main.py 和 1.5，看 readme.md", []),
        ("me@qq.com", []),
        ("没有链接。", []),
    ],
)
def test_a_link_is_found_where_people_see_one(text: str, hosts: list[str]) -> None:
    assert hosts == list(hosts_in(text))


def test_a_host_that_only_looks_like_another_is_another() -> None:
    (cyrillic,) = hosts_in("https://\u0430pple.com/")

    assert cyrillic.startswith("xn--")
    assert not is_among(cyrillic, [host_form("apple.com")])


def test_a_host_below_another_belongs_to_it_and_one_that_ends_alike_does_not() -> None:
    assert is_among("docs.python.org", ["python.org"])
    assert is_among("python.org", ["python.org"])
    assert not is_among("notpython.org", ["python.org"])
    assert not is_among("python.org.evil.top", ["python.org"])


def test_only_so_many_links_of_one_message_are_looked_at() -> None:
    assert 50 == len(list(hosts_in("a.com " * 500)))


def test_a_long_text_made_to_be_slow_is_not() -> None:
    assert [] == list(hosts_in("a." * 20_000))
    assert [] == list(hosts_in("://" + "a-" * 20_000))
