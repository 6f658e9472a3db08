"""Votes and nominations: everybody has one, under their QQ number, whatever name they go by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from qqgroup_provision.behavior.activities.model import Nomination, Vote
from qqgroup_provision.behavior.activities.saying import Script, after
from qqgroup_provision.behavior.event import At, Message

_MOST_TOLD = 10  # who was nominated, in the results
_LONGEST_BALLOT = 100

Ballots = Mapping[int, str]  # by voter: the option as it was written, or the number of who was nominated


def vote_opens(vote: Vote) -> str:
    options = "\n".join(f"{number}. {option}" for number, option in enumerate(vote.options, 1))
    again = "，可以改投" if vote.changeable else "，投出后不能改"
    return f"{options}\n说“{vote.word}”加编号，例如 {vote.word}1；每人一票{again}"


def nomination_opens(nomination: Nomination) -> str:
    return f"说“{nomination.word}”并 @ 一位群友；每人提名一次"


def voted(vote: Vote, message: Message, ballots: Ballots) -> tuple[str | None, str] | None:
    """The option somebody chooses, `None` where it does not count, and what they are told; `None` for no vote."""
    said = after(vote.word, message)
    if said is None or not (said.isascii() and said.isdigit()):
        return None
    number, before = int(said[:9]), ballots.get(message.sender.qq)
    if not 1 <= number <= len(vote.options):
        return None, f"没有 {said[:9]} 号"
    option = ballot_of(vote.options[number - 1])
    if before is None:
        return option, f"已投 {number} 号"
    if before == option:
        return None, f"已经投过 {number} 号"
    return (option, f"已改投 {number} 号") if vote.changeable else (None, "已经投过，不能改投")


def nominated(
    nomination: Nomination, message: Message, ballots: Ballots, bots: frozenset[int]
) -> tuple[str | None, str] | None:
    """The same for who is nominated, by QQ number."""
    named = {part.qq for part in message.segments if isinstance(part, At)} - {message.me}
    if after(nomination.word, message) != "" or not named:
        return None
    if len(named) > 1 or None in named:
        return None, "一次只能提名一位群友"
    (qq,) = named
    if qq == message.sender.qq:
        return None, "不能提名自己"
    if qq in bots:
        return None, "不能提名机器人"
    return (str(qq), "已提名") if message.sender.qq not in ballots else (None, "已经提名过")


def vote_closes(vote: Vote, ballots: Ballots) -> Script:
    """How often each option was chosen. Options of equal rank stay in the order of the YAML."""
    counts = Counter(ballots.values())
    ranked = sorted(vote.options, key=lambda option: -counts[ballot_of(option)])
    lines = [f"{option}：{counts[ballot_of(option)]} 票" for option in ranked]
    return ((0, "\n".join([f"共 {sum(counts[ballot_of(option)] for option in vote.options)} 人投票", *lines])),)


def nomination_closes(ballots: Ballots) -> Script:
    """Who was nominated most often, each mentioned; of equal ones the smaller number first."""
    if not ballots:
        return ((0, "没有人提名"),)
    ranked = sorted(Counter(map(int, ballots.values())).items(), key=lambda one: (-one[1], one[0]))
    head = f"共 {len(ballots)} 人提名"
    pieces = [(0, head)]
    for qq, count in ranked[:_MOST_TOLD]:
        pieces += [(0, "\n"), (qq, f" {count} 票")]
    return tuple(pieces)


def ballot_of(option: str) -> str:
    """What is remembered of an option: its text, so that another order of them changes no vote."""
    return option[:_LONGEST_BALLOT]
