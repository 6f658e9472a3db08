"""Schedules and curfews as YAML has them: what is wrong is said with its place, also what only a clock knows of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qqgroup_provision.behavior import calendars
from qqgroup_provision.behavior.calendars import Calendar
from qqgroup_provision.workspace.behavior_document import configuration_of
from qqgroup_provision.workspace.load import load_workspace
from tests.workspace.folder import GROUP, faults, groups, load

DAILY = '- {key: daily, cron: "0 8 * * *", send: 早安'
TEMPLATE = (
    f"kind: Template\nkey: base\nschedules:\n  {DAILY}, calendar: cn-workdays}}\n"
    "curfew: [{from: '23:00', to: '06:00'}]\n"
)


def wrong(root: Path, written: str) -> list[str]:
    return faults(load(root, {"hub.yaml": GROUP + written}))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"schedules:\n{DAILY}}}\n", []),
        ('schedules:\n- {key: a, cron: "0 8 30 2 *", send: x}\n', ["QG351 hub.yaml:5:18"]),
        ('schedules:\n- {key: a, cron: "0 25 * * *", send: x}\n', ["QG351 hub.yaml:5:18"]),
        ('schedules:\n- {key: a, cron: "0 0 8 * * *", send: x}\n', ["QG351 hub.yaml:5:18"]),
        ('schedules:\n- {key: a, cron: "0 8 1 10 *", calendar: cn-workdays, send: x}\n', ["QG351 hub.yaml:5:18"]),
        ('schedules:\n- {key: a, cron: "0 8 1 10 *", calendar: cn-holidays, send: x}\n', []),
        (f"schedules:\n{DAILY}, timezone: Europe/Nowhere}}\n", ["QG319 hub.yaml:5:55"]),
        (f"schedules:\n{DAILY}, catch_up: 7d}}\n", ["QG207 hub.yaml:5:55"]),
        (f"schedules:\n{DAILY} {{name}}}}\n", ["QG102 hub.yaml:5:44"]),
        ('schedules:\n- {key: a, cron: "0 8 * * *", send: "{at} 早"}\n', ["QG334 hub.yaml:5:37"]),
        ('schedules:\n- {key: a, cron: "0 8 * * *", send: [{at: sender}, 早]}\n', ["QG334 hub.yaml:5:37"]),
        ('schedules:\n- {key: a, cron: "0 8 * * *", send: [{at: alice}, 早]}\n', []),
        (f"schedules:\n{DAILY}}}\n{DAILY}}}\n", ["QG308 hub.yaml:6:9"]),
        ("curfew: [{from: '23:00', to: '06:00'}, {from: '12:00', to: '14:00'}]\n", []),
        ("curfew: [{from: '23:00', to: '06:00'}, {from: '05:59', to: '07:00'}]\n", ["QG353 hub.yaml:4:40"]),
        ("curfew: [{from: '23:00', to: '06:00'}, {from: '06:00', to: '07:00'}]\n", []),
        ("curfew: [{from: '23:00', to: '23:00'}]\n", ["QG353 hub.yaml:4:10"]),
        ("curfew: [{from: '23:00', to: '24:00'}]\n", ["QG207 hub.yaml:4:30"]),
        (
            "curfew:\n- {from: '22:00', to: '06:00', days: [fri]}\n- {from: '05:00', to: '09:00', days: [sat]}\n",
            ["QG353 hub.yaml:6:3"],
        ),
        (
            "curfew:\n- {from: '22:00', to: '06:00', days: [fri]}\n- {from: '05:00', to: '09:00', days: [fri]}\n",
            [],
        ),
        ("curfew: [{from: '23:00', to: '06:00', at_begin: '{at} 睡吧'}]\n", ["QG334 hub.yaml:4:49"]),
        ("mute_all: true\ncurfew: [{from: '23:00', to: '06:00'}]\n", ["QG355 hub.yaml:5:1"]),
        ("mute_all: false\ncurfew: [{from: '23:00', to: '06:00'}]\n", []),
        ("mute_all: true\ncurfew: null\n", []),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, written: str, expected: list[str]) -> None:
    assert expected == wrong(tmp_path, written)


def test_a_template_gives_schedules_and_a_curfew_and_null_takes_them_back(tmp_path: Path) -> None:
    files = {
        "base.yaml": TEMPLATE,
        "hub.yaml": GROUP
        + f"extends: [base]\nschedules:\n  {DAILY}呀}}\n  - {{key: b, cron: '0 9 * * *', send: x}}\n",
        "none.yaml": "kind: Group\nkey: none\nid: 731000002\nextends: [base]\nschedules: null\ncurfew: null\n",
    }
    found = groups(tmp_path, files)
    hub, none = found["hub"].behavior, found["none"].behavior
    assert hub is not None
    assert none is not None
    assert [(one.key, one.timing.calendar) for one in hub.schedules] == [("daily", Calendar.WORKDAYS), ("b", None)]
    assert len(hub.curfew) == 1
    assert (none.schedules, none.curfew) == ((), ())


def test_it_travels_to_a_bot_as_it_was_written(tmp_path: Path) -> None:
    written = (
        "schedules:\n"
        "- {key: a, cron: '0 8 * * 1-5', timezone: Europe/Berlin, calendar: cn-holidays, catch_up: 30m,\n"
        "   send: [{at: alice}, 早]}\n"
        "- {key: b, cron: '0 9 * * *', send: {weighted: [{weight: 2, say: 一}, {weight: 1, say: 二}]}}\n"
        "curfew:\n- {from: '23:00', to: '06:00', days: [sat, sun], calendar: cn-workdays,\n"
        "   at_begin: 晚安, at_end: {random: [早, 好]}}\n"
    )
    group = groups(tmp_path, {"hub.yaml": GROUP + written})["hub"]
    assert group.behavior is not None
    assert group.behavior_document is not None
    assert list(group.behavior_document["items"]) == ["schedule/a", "schedule/b", "curfew"]
    there = configuration_of(group.behavior_document)
    assert there.curfew == group.behavior.curfew
    assert there.schedules == group.behavior.schedules


END = datetime.combine(calendars.last_day(), datetime.min.time(), UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (END - timedelta(days=90), []),
        (END - timedelta(days=30), ["warning QG352 hub.yaml:5:22", "warning QG352 hub.yaml:8:3"]),
        (END + timedelta(days=10), ["error QG352 hub.yaml:5:22", "error QG352 hub.yaml:8:3"]),
    ],
)
def test_a_year_without_a_calendar_is_said_in_time(tmp_path: Path, now: datetime, expected: list[str]) -> None:
    hub = (
        GROUP
        + 'schedules:\n- {key: daily, cron: "0 8 * * *", calendar: cn-workdays, send: x}\n'
        + '- {key: b, cron: "0 8 * * *", send: x}\n'
        + "curfew:\n- {from: '23:00', to: '06:00', calendar: cn-workdays}\n- {from: '12:00', to: '13:00'}\n"
    )
    load(tmp_path, {"hub.yaml": hub})
    found = load_workspace(tmp_path, now).diagnostics
    assert expected == [f"{one.severity.value} {one.code} {one.place}" for one in found]


def test_a_time_that_comes_only_after_the_calendar_has_ended_is_said_now(tmp_path: Path) -> None:
    hub = GROUP + "schedules:\n- {key: year, cron: '0 8 1 1 *', calendar: cn-holidays, send: 新年好}\n"
    load(tmp_path, {"hub.yaml": hub})
    found = load_workspace(tmp_path, END - timedelta(days=200)).diagnostics
    assert [f"{one.severity.value} {one.code}" for one in found] == ["error QG352"]
