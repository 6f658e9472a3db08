"""A report on a group as one message: counts, names, and nothing that anybody said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from qqgroup_provision.behavior.event import Census
from qqgroup_provision.behavior.observing import Report
from qqgroup_provision.behavior.tally import CAME, SAID, WENT, Days, Tally, ranked

NEWCOMERS = (7, 30)  # days within which somebody came who is told of as a newcomer
LONGEST = 4000  # characters of one message; QQ takes about 4500 (qq_protocol §10)
_LONGEST_NAME = 20


def report_of(
    report: Report, keywords: tuple[str, ...], tally: Tally, days: Days, census: Census, began: date | None
) -> str:
    """The whole message. `began` is the first day of which anything is known."""
    head = f"【群统计】{span(days)}"
    if began is None or began > days.first:
        head += f"（{_day(began)}起统计）" if began is not None else "（刚开始统计）"
    comparable = began is not None and began <= days.before().first
    lines = [head]
    for kind in report.kinds:
        if kind == "activity":
            lines += _activity(tally, days, comparable=comparable)
        elif kind == "leaderboard":
            lines += _leaderboard(tally, days, report.top, names_of(census))
        elif kind == "keywords":
            lines += _keywords(tally, days, keywords, comparable=comparable)
        elif kind == "retention":
            lines += _retention(tally, days.last, census, began)
    return fitting(lines)


def names_of(census: Census) -> dict[int, str]:
    """What to call people, on one line each."""
    return {one.person.qq: shown(one.person.name, one.person.qq) for one in census.members or ()}


def shown(name: str, qq: int) -> str:
    """A name as it can stand in a line: whoever chose it may have chosen anything."""
    plain = "".join(char for char in name if char.isprintable()).strip()
    if not plain:
        return str(qq)
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[: _LONGEST_NAME - 1]}…"


def fitting(lines: list[str]) -> str:
    """As many lines as one message takes."""
    kept: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > LONGEST:
            return "\n".join([*kept, "……"])
        kept.append(line)
    return "\n".join(kept)


def _activity(tally: Tally, days: Days, *, comparable: bool) -> Iterator[str]:
    said, before = tally.of(SAID, days), tally.of(SAID, days.before())
    pair = (before.total(), len(before)) if comparable else (None, None)
    yield f"消息 {said.total()} 条{_against(said.total(), pair[0], days.count)}"
    yield f"发言 {len(said)} 人{_against(len(said), pair[1], days.count)}"
    yield f"新来 {len(tally.of(CAME, days))} 人，离开 {len(tally.of(WENT, days))} 人"


def _against(count: int, before: int | None, days: int) -> str:
    """How a number compares with the one of as many days before."""
    if before is None:
        return ""
    when = "前一天" if days == 1 else f"前 {days} 天"
    if not before:
        return f"（{when} 0）"
    share = round((count - before) * 100 / before)
    return f"（{when} {before}，{share:+d}%）" if share else f"（{when} {before}，持平）"


def _leaderboard(tally: Tally, days: Days, top: int, names: Mapping[int, str]) -> Iterator[str]:
    yield "—— 发言榜 ——"
    found = list(ranked(tally.of(SAID, days), top))
    yield from (f"{rank}. {names.get(qq, str(qq))}　{count} 条" for rank, qq, count in found)
    if not found:
        yield "这段时间没有人发言"


def _keywords(tally: Tally, days: Days, keywords: tuple[str, ...], *, comparable: bool) -> Iterator[str]:
    yield "—— 热词 ——"
    counts = {word: tally.said_word(word, days) for word in keywords}
    for word in sorted(counts, key=lambda word: (-counts[word], keywords.index(word))):
        before = tally.said_word(word, days.before()) if comparable else None
        yield f"{word}　{counts[word]} 条{_against(counts[word], before, days.count)}"


def _retention(tally: Tally, last: date, census: Census, began: date | None) -> Iterator[str]:
    yield "—— 新人 ——"
    whole = census.members is not None and census.expected is not None and len(census.members) >= census.expected
    here = {one.person.qq for one in census.members or ()}
    for count in NEWCOMERS:
        days = Days.until(last, count)
        if count > min(NEWCOMERS) and (began is None or began > days.first):
            continue  # too little is known of it
        came = tally.newcomers(days)
        stayed = f"{len(here & came.keys())} 人还在" if whole else "还在几人没有读到"
        spoke = len(tally.speakers_since(came, last))
        yield f"近 {count} 天来了 {len(came)} 人" + (f"：{stayed}，{spoke} 人发过言" if came else "")


def span(days: Days) -> str:
    """The days of a report, as its head has them."""
    return _day(days.first) + (f"—{_day(days.last)}" if days.count > 1 else "")


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
