"""Which words a message has, for counting them: no names, numbers, addresses, or anything that could be a secret.

Chinese is taken apart by a package of its own extra; without that there are no words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.util import find_spec

PACKAGES = ("rjieba", "wordcloud")
EXTRA = "wordcloud"
MOST = 50  # words of one message that are counted
_LONGEST = 2000  # characters of a message that are looked at
_ADDRESS = re.compile(r"[a-z]+://[!-~]+|www\.[!-~]+|[!-~]+@[!-~]+")
# Chinese, or a word of a few letters: what has digits in it may be a number of somebody, or a key.
_WORD = re.compile(r"[\u4e00-\u9fff]{1,8}|[a-z]{1,15}(?:\+\+|#)?")

# Said in every talk, so that they say nothing of one.
_COMMON = """
一个 一下 一些 一样 一直 一起 不会 不是 不能 不要 不过 不用 不知道 东西 为了 为什么 也是 什么 他们
以后 以前 但是 你们 使用 其实 出来 别人 到底 前面 只是 只有 只能 可以 可能 各位 后面 嗯嗯 哈哈
哈哈哈 哈哈哈哈 哪里 哪个 因为 图片 大家 她们 好像 好的 如何 如果 就是 已经 应该 开始 当然 必须 怎么
怎么样 怎样 想要 我们 或者 所以 所有 所谓 才能 有点 有人 有没有 有的 有些 没事 没有 没法 然后 现在
直接 真的 看到 看看 知道 确实 一点 这个 这么 这些 这样 这种 这里 还是 还有 还要 那个 那么 那些 那样
那种 那里 而且 能够 自己 觉得 起来 起码 是不是 要是 时候 不了 会不会 都是 里面 问题 需要 非常 the
and for you that this with have are was not but can from what just there com http https www org html
"""
COMMON = frozenset(_COMMON.split())


def is_there() -> bool:
    """Whether messages can be taken apart here."""
    return find_spec(PACKAGES[0]) is not None


@cache
def _cut() -> Callable[[str], Iterable[str]]:
    import rjieba  # of the extra; its dictionary takes a third of a second

    cut: Callable[[str], Iterable[str]] = rjieba.cut
    return cut


def words_of(text: str, shortest: int, ignored: frozenset[str]) -> Iterator[str]:
    """The words of a text in its normal form, each once, without those that are ignored or too short."""
    if not is_there():
        return
    cut = _cut()
    found: set[str] = set()
    for word in cut(_ADDRESS.sub(" ", text[:_LONGEST])):
        if word in found or len(word) < shortest or word in COMMON or word in ignored or not _WORD.fullmatch(word):
            continue
        found.add(word)
        yield word
        if len(found) == MOST:
            return
