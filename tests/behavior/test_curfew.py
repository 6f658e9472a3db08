"""The curfew: what it does whenever a bot looks, and that nothing it has begun is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import CHINA, CurfewWindow
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Decision, MuteAll, Say, Verdict, Wake
from qqgroup_provision.behavior.event import Event, MutedAll, Tick
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.nights import Night
from tests.behavior.material import GROUP, ME, message, ready, said, saying, verdicts

EVENING = datetime(2026, 12, 1, 22, 0, tzinfo=CHINA)


def window(opens: str, closes: str, begin: str = "", end: str = "") -> CurfewWindow:
    night = Night(time.fromisoformat(opens), time.fromisoformat(closes))
    return CurfewWindow(night, (saying(begin),) if begin else (), (saying(end),) if end else ())


NIGHT = (window("23:00", "06:00", "夜深了", "早上好"),)


@dataclass
class Group:
    """A group with a bot in it. `works` is whether QQ does what it is asked to."""

    windows: Sequence[CurfewWindow] = NIGHT
    now: datetime = EVENING
    muted: bool = False
    works: bool = True
    memory: Notebook = field(default_factory=Notebook)
    asked: list[bool] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    wake: datetime | None = None

    def look(self, at: str = "", *, tells: bool = True) -> Decision:
        """A tick, when the clock shows that next. Without `tells` the bot dies before it hears what came of it."""
        if at:
            self.now = self._next(time.fromisoformat(at))
        return self._happen(Tick(GROUP, self.now, ME), tells)

    def until(self, at: str) -> None:
        """Let the bot wake up as it asks for it until then."""
        end = self._next(time.fromisoformat(at))
        while self.wake is not None and self.wake <= end:
            self.now = max(self.now, self.wake)
            self.wake = None
            self._happen(Tick(GROUP, self.now, ME), tells=True)
        self.now = end

    def _next(self, at: time) -> datetime:
        found = datetime.combine(self.now.astimezone(CHINA).date(), at, CHINA)
        return found if found >= self.now else found + timedelta(days=1)

    def _happen(self, event: Event, tells: bool) -> Decision:
        found = decide(event, ready(curfew=tuple(self.windows)), self.memory, self.now)
        self.memory.change(found.changes)
        wakes = [action.at for action in found.actions if isinstance(action, Wake)]
        self.wake = min(
            [*wakes, *([self.wake] if self.wake is not None and self.wake > self.now else [])], default=None
        )
        if any(isinstance(action, Say) for action in found.actions):
            self.told.append(said(found) or "")
        for action in found.actions:
            if isinstance(action, MuteAll):
                self.asked.append(action.on)
                done: bool | None = self.works
                if action.look and self.muted:
                    done = None
                elif self.works:
                    self.muted = action.on
                if tells:
                    self._happen(MutedAll(GROUP, action.on, done, self.now, ME), tells)
        return found


def test_everybody_is_muted_when_it_begins_and_may_speak_when_it_ends() -> None:
    group = Group()
    group.look()
    assert (group.muted, group.wake) == (False, EVENING.replace(hour=23))
    group.until("23:00")
    assert (group.muted, group.told) == (True, ["夜深了"])
    group.until("06:00")
    assert (group.muted, group.told, group.asked) == (False, ["夜深了", "早上好"], [True, False])


def test_a_bot_that_begins_after_midnight_within_a_window_mutes_at_once() -> None:
    """Others compare the time of day alone: one that begins between 0:00 and the end of 23:00–06:00 does nothing."""
    for at in ("23:30", "00:00", "02:00", "05:59"):
        group = Group()
        group.look(at)
        assert group.muted, at
        group.until("06:00")
        assert not group.muted


def test_a_bot_that_ends_within_a_window_lets_people_speak_when_it_is_back() -> None:
    group = Group()
    group.look("23:00")
    group.look("11:15")
    assert (group.muted, group.asked) == (False, [True, False])
    assert group.told == ["夜深了"]  # nobody says good morning at noon


def test_a_second_bot_process_within_a_window_does_nothing_again() -> None:
    group = Group()
    group.look("23:00")
    group.look("01:00")
    group.look("02:00")
    assert group.asked == [True]


def test_there_may_be_several_windows() -> None:
    """Others have one a group."""
    group = Group((window("12:30", "14:00"), window("23:00", "06:00"), window("06:00", "07:00")))
    group.look("08:00")
    seen = []
    for at in ("12:30", "14:00", "23:00", "06:30", "07:00"):
        group.until(at)
        seen.append(group.muted)
    assert seen == [True, False, True, True, False]
    assert group.asked == [True, False, True, False]  # windows that touch are one


def test_what_fails_is_tried_again_and_the_task_is_not_lost() -> None:
    """Others delete the group's task when QQ refuses once."""
    group = Group(works=False)
    found = group.look("23:00")
    assert found.actions[0] == MuteAll(True, look=True)
    assert group.wake == group.now + timedelta(minutes=1)
    group.until("01:00")
    assert 5 < len(group.asked) < 15
    group.works = True
    group.until("02:00")
    assert group.muted
    group.works = False
    group.until("07:00")
    assert group.muted
    group.works = True
    group.until("08:00")
    assert not group.muted


def test_it_is_not_tried_for_ever() -> None:
    group = Group()
    group.look("23:00")
    group.works, group.windows = False, ()
    for _ in range(5):
        group.look("06:00")
        group.until("05:00")
    assert (group.asked.count(False), group.wake) == (60, None)


def test_a_group_somebody_else_has_muted_is_left_to_them() -> None:
    group = Group(muted=True)
    group.look("23:00")
    assert group.asked == [True]
    group.until("07:00")
    assert (group.muted, group.asked, group.told) == (True, [True], [])


def test_who_is_unmuted_by_an_admin_within_a_window_stays_so_until_the_next_one() -> None:
    group = Group()
    group.look("23:00")
    group.muted = False
    group.look("01:00")
    assert not group.muted
    group.look("07:00")
    group.look("23:00")
    assert group.muted


def test_a_bot_that_dies_between_doing_it_and_hearing_of_it_knows_it_for_its_own() -> None:
    group = Group()
    group.look("23:00", tells=False)
    assert group.muted
    group.look("23:10")
    group.until("06:00")
    assert not group.muted

    group.look("23:00")
    group.look("06:00", tells=False)
    group.look("06:10")
    assert (group.muted, group.asked[-2:]) == (False, [False, False])
    group.look("06:20")
    assert group.asked[-2:] == [False, False]


def test_a_curfew_that_is_taken_out_of_yaml_at_night_is_lifted() -> None:
    group = Group()
    group.look("23:00")
    group.windows = ()
    group.look("02:00")
    assert not group.muted


def test_a_window_that_is_made_longer_or_shorter_at_night_ends_as_it_then_says() -> None:
    group = Group()
    group.look("23:00")
    group.windows = (window("22:00", "08:00"),)
    group.look("05:00")
    group.until("07:00")
    assert (group.muted, group.asked) == (True, [True])
    group.until("08:00")
    assert not group.muted


def test_an_answer_to_nothing_says_nothing_and_messages_are_no_concern_of_it() -> None:
    prepared, memory = ready(curfew=NIGHT), Notebook()
    for event in (
        MutedAll(GROUP, True, True, EVENING),
        MutedAll(GROUP, False, False, EVENING),
        message("你好", at=EVENING),
    ):
        assert decide(event, prepared, memory, EVENING) == Decision()
    failed = Group(works=False).look("23:00")
    assert verdicts(failed) == {}
    memory.change(failed.changes)
    again = decide(MutedAll(GROUP, True, False, EVENING), prepared, memory, EVENING.replace(hour=23))
    assert verdicts(again) == {"hub/curfew": Verdict.AGAIN}


@given(st.lists(st.integers(1, 600), min_size=1, max_size=40))
def test_whenever_it_is_looked_the_group_is_muted_exactly_within_the_window(minutes: list[int]) -> None:
    group = Group()
    for minute in minutes:
        group.now += timedelta(minutes=minute)
        group.look()
        assert group.muted == (NIGHT[0].night.holding(group.now, CHINA) is not None)
