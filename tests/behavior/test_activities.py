"""Activities: opened and closed at exact moments, counted by number, and told once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.activities import lottery
from qqgroup_provision.behavior.activities.check_in import has_day, streak, with_day
from qqgroup_provision.behavior.activities.model import (
    CheckIn,
    Lottery,
    MakeUp,
    Nomination,
    Prize,
    Question,
    Quiz,
    Vote,
)
from qqgroup_provision.behavior.activities.part import AGAIN, GRACE, TOGETHER
from qqgroup_provision.behavior.conditions import How, Words
from qqgroup_provision.behavior.configuration import CHINA, Hours
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Decision, Say, Wake
from qqgroup_provision.behavior.event import At, Event, Left, Message, Person, Text, Tick
from qqgroup_provision.behavior.memory import Notebook
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, message, ready

CAT, DOG = Person(100000003, "小猫"), Person(100000004, "小狗")
OPENS, CLOSES = NOON, NOON + timedelta(hours=2)
SEED = "5e" * 32
VOTE = Vote("star", "之星", OPENS, CLOSES, ("甲", "乙"))
DRAW = Lottery("draw", "抽奖", OPENS, CLOSES, (Prize("书", 1), Prize("贴纸", 2)))


class Life:
    """A bot's life, with its ticks: `texts` is all that it says. What is said arrives, unless `deaf`."""

    def __init__(self, *activities: object, now: datetime = OPENS, **more: object) -> None:
        self.prepared = ready(activities=activities, **more)
        self.memory = Notebook()
        self.now = now
        self.texts: list[str] = []
        self.deaf = False
        self.due: set[datetime] = set()
        self.count = 0
        self.begin()

    def begin(self) -> None:
        """The bot begins, as it does after a restart."""
        self.due = {self.now}
        self.until(self.now)

    def until(self, moment: datetime) -> None:
        while self.due and (first := min(self.due)) <= moment:
            self.due.discard(first)
            self.now = max(self.now, first)
            self.happen(Tick(GROUP, self.now, ME, SEED))
        self.now = moment

    def wait(self, **span: float) -> None:
        self.until(self.now + timedelta(**span))

    def happen(self, event: Event) -> Decision:
        decision = decide(event, self.prepared, self.memory, self.now)
        self.memory.change(decision.changes)
        for action in decision.actions:
            if isinstance(action, Wake):
                self.due.add(action.at)
            elif isinstance(action, Say):
                parts = (f"@{part.qq}" if isinstance(part, At) else part.text for part in action.segments)  # type: ignore[union-attr]
                self.texts.append("".join(parts))
                if action.receipt is not None and not self.deaf:
                    self.memory.change((action.receipt,))
        return decision

    def hear(self, *parts: str | At, sender: Person = ANN, at: datetime | None = None) -> Decision:
        self.count += 1
        return self.happen(message(*parts, sender=sender, id=str(self.count), at=at or self.now))

    def results(self) -> str:
        """What is said when it closes."""
        self.texts.clear()
        self.until(CLOSES + GRACE)
        (text,) = (text for text in self.texts if "结果】" in text)
        return text


# Votes


def test_a_vote_is_opened_once_counted_and_told_once() -> None:
    life = Life(VOTE)
    assert life.texts == [
        "【投票】之星\n1. 甲\n2. 乙\n说“投”加编号，例如 投1；每人一票，投出后不能改\n截止：2026-12-01 14:00"
    ]
    for sender, said in ((ANN, "投1"), (BEN, "投 ２"), (CAT, "投2")):
        life.hear(said, sender=sender)
    assert life.results() == "【投票结果】之星\n共 3 人投票\n乙：2 票\n甲：1 票"
    life.texts.clear()
    life.wait(days=30)
    life.begin()
    assert life.texts == []


def test_everybody_has_one_vote_whatever_name_they_go_by() -> None:
    life = Life(VOTE)
    life.hear("投1")
    life.hear("投2", sender=replace(ANN, name="另一个名字"))
    life.hear("投1")
    assert life.results().endswith("共 1 人投票\n甲：1 票\n乙：0 票")


def test_of_a_changeable_vote_the_last_one_counts() -> None:
    life = Life(replace(VOTE, changeable=True))
    for said in ("投1", "投2", "投3", "投0", "投", "投票2"):
        life.hear(said)
    assert life.results().endswith("共 1 人投票\n乙：1 票\n甲：0 票")


def test_what_is_said_at_the_moment_of_opening_counts_and_at_that_of_closing_does_not() -> None:
    life = Life(VOTE, now=OPENS - timedelta(seconds=1))
    life.hear("投1", sender=CAT)
    life.until(OPENS)
    life.hear("投1")
    life.until(CLOSES - timedelta(seconds=1))
    life.hear("投1", sender=BEN)
    life.until(CLOSES + timedelta(seconds=1))
    life.hear("投2", sender=DOG, at=CLOSES)
    life.hear("投2", sender=CAT, at=CLOSES - timedelta(seconds=1))  # said in time, and heard a little later
    assert "共 3 人投票\n甲：2 票\n乙：1 票" in life.results()


def test_moments_are_those_of_their_zone() -> None:
    life = Life(VOTE, now=datetime.fromisoformat("2026-12-01T03:59:59+00:00"))
    assert life.texts == []
    life.until(datetime.fromisoformat("2026-12-01T05:00:00+01:00"))
    assert len(life.texts) == 1


def test_options_may_change_their_order_while_people_vote() -> None:
    life = Life(VOTE)
    life.hear("投1")
    life.prepared = ready(activities=(replace(VOTE, options=("丙", "乙", "甲")),))
    assert "甲：1 票" in life.results()


def test_people_are_told_together_after_a_while_and_not_each_at_once() -> None:
    life = Life(VOTE)
    life.texts.clear()
    assert life.hear("投1").actions == (Wake(life.now + TOGETHER),)
    life.wait(seconds=3)
    life.hear("投9", sender=BEN)
    life.hear("投1", sender=Person(7, "a\nb\u2028c" + "长" * 50))
    life.until(OPENS + TOGETHER)
    assert life.texts == [f"【之星】小艾：已投 1 号；小波：没有 9 号；a b c{'长' * 15}：已投 1 号"]


@pytest.mark.parametrize(("late", "times"), [(timedelta(days=2), 1), (timedelta(days=8), 0)])
def test_results_are_told_late_but_once_and_not_at_all_after_a_week(late: timedelta, times: int) -> None:
    life = Life(VOTE)
    life.hear("投1")
    life.texts.clear()
    life.now = CLOSES + late  # no bot was there
    life.begin()
    life.begin()
    life.wait(minutes=10)
    assert len([text for text in life.texts if "共 1 人投票" in text]) == times == len(life.texts)


def test_what_was_decided_and_not_said_is_said_once_more_in_the_same_words() -> None:
    life = Life(DRAW)
    for sender in (ANN, BEN, CAT):
        life.hear("参加抽奖", sender=sender)
    life.deaf = True
    first = life.results()
    life.prepared = ready(activities=(replace(DRAW, prizes=(Prize("车", 3),)),), bots=frozenset({ANN.qq, BEN.qq}))
    life.texts.clear()
    life.begin()  # as after a crash between the draw and its announcement
    assert life.texts[0] == f"（重发）{first}"
    assert len(life.texts) == 2
    life.begin()
    life.wait(days=1)
    assert len(life.texts) == 2


def test_what_was_said_is_not_said_again() -> None:
    life = Life(VOTE)
    life.begin()
    life.until(CLOSES + GRACE)
    life.begin()
    life.wait(seconds=AGAIN.total_seconds() * 2)
    assert len(life.texts) == 2


def test_an_activity_nobody_was_told_of_has_no_results() -> None:
    assert Life(VOTE, DRAW, now=CLOSES + timedelta(hours=1)).texts == []


def test_an_activity_that_opens_at_another_time_is_another_one() -> None:
    life = Life(VOTE)
    life.hear("投1")
    assert "共 1 人投票" in life.results()
    again = replace(VOTE, opens=OPENS + timedelta(days=365), closes=CLOSES + timedelta(days=365))
    life.prepared = ready(activities=(again,))
    life.begin()
    life.texts.clear()
    life.until(again.closes + GRACE)
    assert ["【投票】" in life.texts[0], "共 0 人投票" in life.texts[1]] == [True, True]


# Nominations


def test_everybody_nominates_one_member_and_neither_themselves_nor_a_bot() -> None:
    life = Life(Nomination("best", "本月之星", OPENS, CLOSES), bots=frozenset({DOG.qq}))
    for sender, whom in ((ANN, CAT), (BEN, CAT), (CAT, CAT), (CAT, DOG), (ANN, BEN), (Person(9), None)):
        life.hear("提名 ", At(whom.qq if whom else None), sender=sender)
    life.hear("提名是什么", At(CAT.qq), sender=DOG)
    assert life.results() == f"【提名结果】本月之星\n共 2 人提名\n@{CAT.qq} 2 票"


# Quizzes


QUESTIONS = (
    Question("一加一？", Words(How.EQUALS, "二"), "二"),
    Question("英文的猫？", Words(How.EQUALS, "cat"), "cat"),
)


def test_whoever_answers_first_gets_the_point_and_the_next_question_follows() -> None:
    life = Life(Quiz("q", "竞赛", OPENS, CLOSES, QUESTIONS, each=60.0))
    assert "第 1 题：一加一？" in life.texts[0]
    life.texts.clear()
    life.hear("三")
    life.hear("二", sender=BEN)
    life.hear("二", sender=ANN)
    assert life.texts == [f"@{BEN.qq} 答对第 1 题，得 1 分\n第 2 题：英文的猫？"]
    life.hear("ＣＡＴ", sender=ANN)
    assert life.texts[1:] == [f"@{ANN.qq} 答对第 2 题，得 1 分", "【竞赛结果】竞赛\n小波：1 分\n小艾：1 分"]
    life.hear("cat", sender=CAT)
    life.until(CLOSES + GRACE)
    assert len(life.texts) == 3


def test_a_question_nobody_answers_in_time_is_over() -> None:
    life = Life(Quiz("q", "竞赛", OPENS, CLOSES, QUESTIONS, each=60.0))
    life.texts.clear()
    life.wait(seconds=59)
    assert life.texts == []
    life.wait(seconds=1)
    assert life.texts == ["时间到，第 1 题没有人答对，答案是：二\n第 2 题：英文的猫？"]
    life.hear("二")
    life.wait(minutes=1)
    assert life.texts[1:] == ["时间到，第 2 题没有人答对，答案是：cat", "【竞赛结果】竞赛\n没有人答对"]


def test_questions_that_are_asked_all_at_once_are_answered_by_their_number() -> None:
    life = Life(Quiz("q", "竞赛", OPENS, CLOSES, QUESTIONS))
    life.texts.clear()
    for said in ("cat", "1 cat", "3 二", "2.cat", "2 cat"):
        life.hear(said)
    assert life.texts == [f"@{ANN.qq} 答对第 2 题，得 1 分"]
    assert life.results().endswith("小艾：1 分")


# Checking in


def checking(**more: object) -> CheckIn:
    window = Hours(time(5), time(9))
    return replace(CheckIn("morning", "早起", window, make_up=MakeUp(1)), **more)  # type: ignore[arg-type]


def told(life: Life) -> str:
    life.texts.clear()
    life.wait(seconds=TOGETHER.total_seconds())
    return life.texts[0].removeprefix("【早起】小艾：")


def test_days_in_a_row_are_counted_within_the_window_of_the_groups_zone() -> None:
    life = Life(checking(), now=datetime(2026, 12, 1, 6, tzinfo=CHINA))
    for expected in ("连续 1 天", "连续 2 天"):
        life.hear("打卡")
        assert told(life) == expected
        life.hear("打 卡")
        assert told(life).startswith("今天打过了")
        life.until(life.now.replace(hour=9, minute=0, second=0))
        life.hear("打卡")
        assert told(life) == "打卡时间是 05:00–09:00"
        life.until(life.now.replace(hour=6, minute=0, second=0) + timedelta(days=1))
    life.wait(days=1)
    life.hear("打卡")
    assert told(life) == "连续 1 天"
    life.hear("补卡")
    assert told(life) == "已补昨天，连续 4 天"
    life.hear("补卡")
    assert told(life) == "昨天打过了，不用补"
    life.wait(days=2)
    life.hear("补卡")
    assert told(life) == "这个月的 1 次补卡用完了"
    life.until(datetime(2027, 1, 2, 6, tzinfo=CHINA))
    life.hear("补卡")
    assert told(life) == "已补昨天，连续 1 天"


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_opens() -> None:
    night = checking(window=Hours(time(22), time(2)))
    life = Life(night, now=datetime(2026, 12, 1, 23, tzinfo=CHINA))
    life.hear("打卡")
    assert told(life) == "连续 1 天"
    life.until(datetime(2026, 12, 2, 1, tzinfo=CHINA))
    life.hear("打卡")
    assert told(life).startswith("今天打过了")
    life.until(datetime(2026, 12, 3, 1, 59, tzinfo=CHINA))
    life.hear("打卡")
    assert told(life) == "连续 2 天"


@given(st.lists(st.integers(1, 40), max_size=30))
def test_runs_of_days_say_what_a_set_of_days_would(days: list[int]) -> None:
    begin = date(2026, 12, 1).toordinal()
    runs: tuple[tuple[int, int], ...] = ()
    seen: set[int] = set()
    for day in sorted(days):
        runs = with_day(runs, begin + day)
        seen.add(day)
        expected = 0
        while day - expected in seen:
            expected += 1
        assert streak(runs, begin + day) == expected
        assert has_day(runs, begin + day)
        assert not has_day(runs, begin + day + 1)


# Draws


def winners_by_the_documented_formula(text: str, numbers: list[int], counts: list[int]) -> list[list[int]]:
    """What the documentation tells people to compute, with nothing of the program."""
    seed = text.split("种子：")[1].split("\n", maxsplit=1)[0]
    ranked = sorted(numbers, key=lambda qq: hashlib.sha256(f"{seed}:{qq}".encode()).hexdigest())
    won, start = [], 0
    for count in counts:
        won.append(ranked[start : start + count])
        start += count
    return won


def test_a_draw_is_what_anybody_computes_from_what_was_published() -> None:
    life = Life(DRAW)
    promised = life.texts[0].split("承诺：")[1].split("\n")[0]
    people = [Person(100000010 + number, f"p{number}") for number in range(250)]
    for person in people:
        life.hear("参加抽奖", sender=person)
    text = life.results()
    numbers = [person.qq for person in people]
    listed = [int(line) for one in life.texts for line in one.split("\n")[1:] if line.isdigit()]
    first, second = winners_by_the_documented_formula(text, numbers, [1, 2])

    assert hashlib.sha256(SEED.encode()).hexdigest() == promised
    assert listed == numbers
    assert hashlib.sha256("\n".join(map(str, numbers)).encode()).hexdigest() in text
    assert "参加者：250 人" in text
    assert f"书：@{first[0]} \n贴纸：@{second[0]} @{second[1]} \n" in text


def test_bots_the_exempt_and_those_who_left_win_nothing_and_nobody_enters_twice() -> None:
    draw = replace(DRAW, exempt_roles=frozenset({"keepers"}))
    life = Life(draw, roles={BEN.qq: frozenset({"keepers"})}, bots=frozenset({DOG.qq}))
    for sender in (ANN, ANN, BEN, CAT, DOG, Person(ME), Person(5)):
        life.hear("参加抽奖", sender=sender)
    life.happen(Left(GROUP, Person(5), life.now, None, ME))
    text = life.results()
    assert "参加者：2 人" in text
    assert text.count("@") == 2


def test_without_a_number_nobody_can_foresee_there_is_no_draw() -> None:
    prepared, memory = ready(activities=(DRAW,)), Notebook()
    decision = decide(Tick(GROUP, OPENS, ME), prepared, memory, OPENS)
    assert not [action for action in decision.actions if isinstance(action, Say)]
    entering = Message(GROUP, "1", ANN, (Text("参加抽奖"),), OPENS, ME)
    assert decide(entering, prepared, memory, OPENS).changes == ()


def test_the_seed_is_said_to_nobody_before_the_end() -> None:
    life = Life(DRAW)
    life.hear("参加抽奖")
    life.until(CLOSES)
    assert not any(SEED in text for text in life.texts)
    assert SEED in life.results()


@given(
    st.sets(st.integers(10001, 10**10), max_size=40), st.lists(st.integers(1, 5), min_size=1, max_size=4), st.text()
)
def test_nobody_wins_twice_and_the_order_of_entering_does_not_matter(
    numbers: set[int], counts: list[int], seed: str
) -> None:
    prizes = [Prize(str(n), count) for n, count in enumerate(counts)]
    seed = seed.encode("utf-8", "replace").decode()
    drawn = lottery.drawn(seed, sorted(numbers), prizes)
    won = [qq for _, winners in drawn for qq in winners]
    assert len(won) == len(set(won)) == min(len(numbers), sum(counts))
    assert drawn == lottery.drawn(seed, [*sorted(numbers, reverse=True), *numbers], prizes)
