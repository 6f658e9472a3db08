"""A draw that anybody can check.

1. When it opens, a seed is taken that nobody can foresee, and its sha256 is published: the commitment.
2. Who enters is listed in the order of entering.
3. When it closes, the seed is published with the list, its length and its sha256. Everybody's score is
   `sha256("<seed>:<QQ number>")` in hex; the prizes go to the smallest scores, in the order of the prizes.

So the seed cannot be changed once people enter, nobody can foresee a score, and neither the time nor the order of
entering matters: whoever knows the seed and their own number can compute their own score. What is left to trust is
that nobody reads the bot's memory before the end (docs/explanation/safety.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from qqgroup_provision.behavior.activities.model import Lottery, Prize
from qqgroup_provision.behavior.activities.saying import Piece, Script

_A_MESSAGE = 200  # entrants that one message lists


def commitment(seed: str) -> str:
    """What is published of a seed before anybody enters."""
    return sha256(seed.encode()).hexdigest()


def digest(entrants: Sequence[int]) -> str:
    """The sha256 of the list: numbers in the order of entering, one a line, no line end after the last."""
    return sha256("\n".join(map(str, entrants)).encode()).hexdigest()


def score(seed: str, qq: int) -> str:
    """What decides: the smallest wins."""
    return sha256(f"{seed}:{qq}".encode()).hexdigest()


def drawn(seed: str, entrants: Sequence[int], prizes: Sequence[Prize]) -> list[tuple[Prize, tuple[int, ...]]]:
    """Who wins which prize. Nobody is twice among them, however often somebody is listed."""
    ranked = sorted(dict.fromkeys(entrants), key=lambda qq: score(seed, qq))
    won, start = [], 0
    for prize in prizes:
        won.append((prize, tuple(ranked[start : start + prize.count])))
        start += prize.count
    return won


def lottery_opens(lottery: Lottery, seed: str) -> str:
    prizes = "、".join(f"{prize.name} × {prize.count}" for prize in lottery.prizes)
    return f"奖品：{prizes}\n说“{lottery.word}”参加\n承诺：{commitment(seed)}"


def lottery_closes(lottery: Lottery, seed: str, entrants: Sequence[int]) -> Iterator[Script]:
    """The outcome, with all that it takes to check it; then the list."""
    pieces: list[Piece] = []
    for prize, winners in drawn(seed, entrants, lottery.prizes):
        pieces.append((0, f"{prize.name}："))
        pieces += [(qq, " ") for qq in winners] or [(0, "无人")]
        pieces.append((0, "\n"))
    checks = (
        f"种子：{seed}\n参加者：{len(entrants)} 人，名单的 sha256：{digest(entrants)}\n"
        "核对：种子的 sha256 就是开始时公布的承诺；每人的得分是“种子:QQ号”的 sha256，从小到大依次得奖"
    )
    yield (*pieces, (0, checks))
    for start in range(0, len(entrants), _A_MESSAGE):
        some = entrants[start : start + _A_MESSAGE]
        head = f"参加者名单，按参加的先后，第 {start + 1}–{start + len(some)} 位：\n"
        yield ((0, head + "\n".join(map(str, some))),)
