"""Counts of a group and reports of them: exactly what a plain recount of all that happened would tell, and once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import CHINA, Penalty, Rule
from qqgroup_provision.behavior.decide import consider, decide
from qqgroup_provision.behavior.decision import AskMembers, Decision, Say, Wake
from qqgroup_provision.behavior.event import Census, Event, Joined, Left, Member, Message, Person, Text, Tick
from qqgroup_provision.behavior.memory import Add, Notebook
from qqgroup_provision.behavior.observing import DAY, Report, Statistics
from qqgroup_provision.behavior.prepared import Prepared
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, contains, message, ready

ALL = ("activity", "leaderboard", "keywords", "retention")
WEEKLY = Report("0 22 * * 0", ALL, top=3)
SUNDAY = datetime(2026, 12, 27, 22, tzinfo=CHINA)
BEGIN = SUNDAY - timedelta(days=40)
PEOPLE = [Person(100000001 + n, f"人{n}") for n in range(5)]
WORDS = ("Python", "rust")


def prepared(report: Report | None = WEEKLY, **more: object) -> Prepared:
    return ready(statistics=Statistics(90 * DAY, WORDS, report), **more)


def census(people: list[Person], at: datetime, expected: int | None = None) -> Census:
    members = tuple(Member(person) for person in people)
    return Census(GROUP, members, len(members) if expected is None else expected, at, ME)


class Bot:
    """An engine with its memory, told of events with their own times."""

    def __init__(self, ready: Prepared, memory: Notebook | None = None) -> None:
        self.prepared = ready
        self.memory = memory or Notebook()

    def hear(self, event: Event) -> Decision:
        decision = decide(event, self.prepared, self.memory, event.at)
        self.memory.change(decision.changes)
        return decision

    def tick(self, at: datetime) -> Decision:
        return self.hear(Tick(GROUP, at, ME))

    def report(self, at: datetime, people: list[Person] = PEOPLE) -> str | None:
        """What is said when time goes by and the list of members comes at once."""
        asked = any(isinstance(action, AskMembers) for action in self.tick(at).actions)
        return told(self.hear(census(people, at))) if asked else None


def told(decision: Decision) -> str | None:
    said = [action for action in decision.actions if isinstance(action, Say)]
    return "".join(part.text for part in said[0].segments if isinstance(part, Text)) if said else None


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    texts = ("你好", "学python吧", "PYTHON 和 Ｒｕｓｔ", "trust", "rust")
    days = st.floats(0, 39.9, allow_nan=False)
    found: list[Event] = []
    for number, after in enumerate(sorted(draw(st.lists(days, max_size=40)))):
        at, who = BEGIN + timedelta(days=after, seconds=1), draw(st.sampled_from(PEOPLE))
        kind = draw(st.sampled_from(("said", "said", "said", "came", "went")))
        if kind == "said":
            found.append(message(draw(st.sampled_from(texts)), sender=who, id=str(number), at=at))
        else:
            found.append(Joined(GROUP, who, at, ME) if kind == "came" else Left(GROUP, who, at, None, ME))
    return found


def recount(log: list[Event], last: date, here: list[Person]) -> list[str]:
    """The lines of a report, counted plainly."""

    def within(kind: type, days: int, end: date = last) -> list[Event]:
        return [
            event for event in log
            if isinstance(event, kind) and end - timedelta(days=days) < event.at.astimezone(CHINA).date() <= end
        ]  # fmt: skip

    def against(count: int, before: int) -> str:
        change = round((count - before) * 100 / before) if before else 0
        return f"（前 7 天 {before}{(f'，{change:+d}%' if change else '，持平') if before else ''}）"

    week, earlier = last, last - timedelta(days=7)
    now, before = ([one for one in within(Message, 7, end) if isinstance(one, Message)] for end in (week, earlier))
    people, earlier_people = ({one.sender.qq for one in some} for some in (now, before))
    came_now = {one.person.qq for one in within(Joined, 7) if isinstance(one, Joined)}
    went_now = {one.person.qq for one in within(Left, 7) if isinstance(one, Left)}
    lines = [
        f"消息 {len(now)} 条{against(len(now), len(before))}",
        f"发言 {len(people)} 人{against(len(people), len(earlier_people))}",
        f"新来 {len(came_now)} 人，离开 {len(went_now)} 人",
        "—— 发言榜 ——",
    ]
    board = Counter(one.sender.qq for one in now)
    ordered = sorted(board.items(), key=lambda one: (-one[1], one[0]))
    names = {person.qq: person.name for person in here}
    for qq, count in ordered[:3]:
        rank = 1 + sum(other > count for other in board.values())
        lines.append(f"{rank}. {names.get(qq, qq)}　{count} 条")
    if not ordered:
        lines.append("这段时间没有人发言")

    def words(some: list[Message], word: str) -> int:
        found = ("".join(part.text for part in one.segments if isinstance(part, Text)) for one in some)
        plain = (text.lower().replace("Ｒｕｓｔ".lower(), "rust") for text in found)
        return sum(bool(re.search(rf"(?<![a-z]){word.lower()}(?![a-z])", text)) for text in plain)

    lines.append("—— 热词 ——")
    counts = {word: words(now, word) for word in WORDS}
    lines += [
        f"{word}　{counts[word]} 条{against(counts[word], words(before, word))}"
        for word in sorted(WORDS, key=lambda word: -counts[word])
    ]
    lines.append("—— 新人 ——")
    for days in (7, 30):
        came: dict[int, date] = {}
        for one in within(Joined, days):
            assert isinstance(one, Joined)
            came.setdefault(one.person.qq, one.at.astimezone(CHINA).date())
        spoke = {
            one.sender.qq for one in log
            if isinstance(one, Message) and one.sender.qq in came
            and came[one.sender.qq] <= one.at.astimezone(CHINA).date() <= last
        }  # fmt: skip
        kept = sum(person.qq in came for person in here)
        lines.append(f"近 {days} 天来了 {len(came)} 人" + (f"：{kept} 人还在，{len(spoke)} 人发过言" if came else ""))
    return lines


@settings(max_examples=60, deadline=None)
@given(logs(), st.sets(st.sampled_from(PEOPLE)))
def test_a_report_tells_what_a_plain_recount_does(log: list[Event], here: set[Person]) -> None:
    bot, people = Bot(prepared()), sorted(here, key=lambda one: one.qq)
    bot.tick(BEGIN)
    told_before = 0
    for event in log:
        if event.at >= SUNDAY:
            break
        told_before += bot.hear(event).actions != ()
    text = bot.report(SUNDAY, people)

    assert told_before == 0
    assert text is not None
    assert text.splitlines() == [
        "【群统计】12月21日—12月27日",
        *recount([one for one in log if one.at < SUNDAY], SUNDAY.date(), people),
    ]


def test_a_message_reads_nothing_and_adds_to_its_counts() -> None:
    ready = prepared()
    heard = message("学 Python")
    considered = consider(heard, ready, NOON)
    changes = decide(heard, ready, Notebook(), NOON).changes

    assert considered.keys == ()
    assert [(change.key.what, change.key.subject) for change in changes if isinstance(change, Add)] == [
        ("said/2026-12-01", ANN.qq),
        ("word:python/2026-12-01", 0),
    ]
    assert len(changes) == 2


def test_nothing_that_was_said_is_kept() -> None:
    bot = Bot(prepared())
    bot.hear(message("我的电话是 13800000000，学 Python"))
    assert "13800000000" not in repr(vars(bot.memory))


def test_a_report_is_said_once_also_by_a_bot_that_begins_anew_at_that_moment() -> None:
    bot = Bot(prepared())
    bot.tick(BEGIN)
    assert bot.report(SUNDAY) is not None
    again = Bot(prepared(), bot.memory)
    assert (again.report(SUNDAY), again.report(SUNDAY + timedelta(hours=5))) == (None, None)
    assert told(again.hear(census(PEOPLE, SUNDAY + timedelta(hours=5)))) is None, "whoever else asked for the members"


def test_a_bot_that_ended_before_the_list_came_asks_again() -> None:
    bot = Bot(prepared())
    bot.tick(BEGIN)
    assert AskMembers() in bot.tick(SUNDAY).actions
    assert Bot(prepared(), bot.memory).report(SUNDAY + timedelta(minutes=1)) is not None


def test_after_weeks_without_a_bot_one_report_is_made_up_for_and_it_is_the_latest() -> None:
    bot = Bot(prepared())
    bot.tick(BEGIN)
    late = SUNDAY + timedelta(days=2)
    text = bot.report(late)

    assert text is not None
    assert text.startswith("【群统计】12月21日—12月27日\n"), "of the days it was due for"
    assert bot.report(late + timedelta(minutes=1)) is None
    assert bot.report(SUNDAY + timedelta(days=7)) is not None


def test_what_is_new_begins_with_its_next_time() -> None:
    bot = Bot(prepared())
    assert [action.at for action in bot.tick(NOON).actions if isinstance(action, Wake)] == [
        datetime(2026, 12, 6, 22, tzinfo=CHINA)
    ]
    changed = Bot(prepared(replace(WEEKLY, at="0 9 * * *")), bot.memory)
    assert changed.report(NOON + timedelta(days=3)) is None, "nobody had asked for one this morning"
    assert changed.report(NOON + timedelta(days=4)) is not None


def test_a_report_from_before_noon_is_about_the_days_before() -> None:
    bot = Bot(prepared(Report("0 8 * * *", ("activity",), days=1)))
    bot.tick(NOON)
    bot.hear(message("昨天", at=NOON))
    bot.hear(message("今天", at=NOON + timedelta(hours=19)))
    assert bot.report(NOON + timedelta(hours=20)) == "【群统计】12月1日\n消息 1 条\n发言 1 人\n新来 0 人，离开 0 人"
    assert "消息 1 条（前一天 1，持平）" in (bot.report(NOON + timedelta(hours=44)) or "")


def test_who_has_said_as_much_shares_a_rank_and_the_lower_number_is_first() -> None:
    bot = Bot(prepared(Report("0 22 * * *", ("leaderboard",), top=2)))
    bot.tick(NOON)
    for sender in (PEOPLE[3], PEOPLE[1], PEOPLE[2]):
        bot.hear(message("好", sender=sender))
    text = bot.report(NOON + timedelta(hours=10))
    assert (text or "").splitlines()[2:] == ["1. 人1　1 条", "1. 人2　1 条"]


def test_a_list_that_cannot_be_read_leaves_numbers_in_the_place_of_names_and_says_what_is_not_known() -> None:
    bot = Bot(prepared())
    bot.tick(NOON)
    bot.hear(message("好"))
    bot.hear(Joined(GROUP, BEN, NOON, ME))
    sunday = datetime(2026, 12, 6, 22, tzinfo=CHINA)
    bot.tick(sunday)
    text = told(bot.hear(Census(GROUP, None, None, sunday, ME))) or ""
    assert f"1. {ANN.qq}　1 条" in text
    assert "近 7 天来了 1 人：还在几人没有读到，0 人发过言" in text

    part = Bot(prepared())
    part.tick(NOON)
    part.hear(Joined(GROUP, BEN, NOON, ME))
    part.tick(sunday)
    assert "还在几人没有读到" in (told(part.hear(census([ANN], sunday, expected=500))) or "")


def test_days_before_the_first_one_are_not_compared_with() -> None:
    bot = Bot(prepared())
    bot.tick(SUNDAY - timedelta(days=3))
    text = bot.report(SUNDAY) or ""
    assert text.startswith("【群统计】12月21日—12月27日（12月24日起统计）\n消息 0 条\n")
    assert "近 30 天" not in text


def test_names_are_one_line_and_mentions_are_none() -> None:
    bot = Bot(prepared(Report("0 22 * * *", ("leaderboard",))))
    bot.tick(NOON)
    wild = Person(7, "[CQ:at,qq=all]\n\u202e" + "长" * 60)
    bot.hear(message("好", sender=wild))
    asked = bot.tick(NOON + timedelta(hours=10))
    decision = bot.hear(census([wild], NOON + timedelta(hours=10)))
    (said,) = (action for action in decision.actions if isinstance(action, Say))
    assert AskMembers() in asked.actions
    assert [type(part) for part in said.segments] == [Text]
    assert (told(decision) or "").splitlines()[2:] == ["1. [CQ:at,qq=all]" + "长" * 5 + "…　1 条"]


def test_a_report_stays_within_one_message() -> None:
    words = tuple(f"{number:030d}" for number in range(50))
    report = Report("0 22 * * *", ("leaderboard", "keywords"), top=50)
    ready_ = ready(statistics=Statistics(90 * DAY, words, report))
    bot, many = Bot(ready_), [Person(10**9 + n, "名" * 90) for n in range(60)]
    bot.tick(NOON)
    for person in many:
        bot.hear(message("好", sender=person))
    assert len(bot.report(NOON + timedelta(hours=10), many) or "") <= 4100


def test_messages_that_break_a_rule_are_counted_and_those_of_bots_are_not() -> None:
    rule = Rule("ads", "禁止广告", contains("刷单"), (Penalty(warn=True),), 1000.0)
    ready_ = prepared(rules=(rule,), bots=frozenset({BEN.qq}))
    bot = Bot(ready_)
    counted = [
        len([change for change in bot.hear(event).changes if isinstance(change, Add)])
        for event in (
            message("刷单"),
            message("好", sender=BEN),
            message("好", sender=Person(ME, "我")),
            message("好", at=NOON - timedelta(minutes=6)),
            Joined(GROUP, BEN, NOON, ME),
            Joined(GROUP, Person(ME), NOON, ME),
        )
    ]
    assert counted[:3] == [1, 0, 0]
    assert counted[4:] == [0, 0]
    old = replace(message("好"), at=NOON - timedelta(minutes=6))
    assert decide(old, ready_, Notebook(), NOON).changes == ()


def test_a_clock_ahead_does_not_count_for_another_day() -> None:
    later = replace(message("好"), at=NOON + timedelta(days=900))
    (added,) = decide(later, prepared(), Notebook(), NOON).changes
    assert isinstance(added, Add)
    assert (added.key.what, added.until) == ("said/2026-12-01", NOON.replace(hour=0) + timedelta(days=91))


def test_without_a_report_nothing_is_asked_or_waited_for() -> None:
    assert Bot(prepared(None)).tick(NOON) == Decision()
