"""The plan as a terminal shows it."""

from __future__ import annotations

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.planning.plan import Extra, GroupFacts, Plan
from qqgroup_provision.reports.paint import columns
from qqgroup_provision.reports.plan_lines import duration, notes
from qqgroup_provision.reports.plan_text import render_plan
from qqgroup_provision.resources.announcement import Withdraw
from qqgroup_provision.resources.change import Action, Change, FieldChange
from tests.reports.samples import (
    WEAPONS,
    admin,
    announcement,
    change,
    plan,
    speaking,
    steering,
    whole,
    without_color,
)


@pytest.mark.parametrize(("kind", "words"), [("announcement", "taken down"), ("essence", "loses its mark"),
                                             ("file", "uploaded, and only then the old one")])  # fmt: skip
def test_each_kind_says_in_its_own_words_how_it_is_replaced(kind: str, words: str) -> None:
    steps = (Withdraw(1, "a"), Withdraw(1, "b"))
    (said,) = notes(Change(Address("hub", kind, "a"), Action.REPLACE, 1, operations=steps))

    assert words in str(said)
    assert not list(notes(Change(Address("hub", kind, "a"), Action.REPLACE, 1, operations=steps[:1])))


ENGLISH = """\
hub   - 1 delete  -/+ 1 replace  + 1 create  ~ 1 update  ! 1 by hand  = 1 adopt
jobs  . 1 forget

hub  学习群 (731000001, 470 people)
    - card/bob (Bob)
        card: “旧名片”
  -/+ announcement/rules (一、友善 二、随意) [everybody sees it]
        QQ cannot edit it: a new one is posted, then the old one is taken down
        text:
            一、友善
          - 二、随意
          + 二、禁广告
    + admin/alice (Alice)
        admin: false → true
    ~ profile [everybody sees it]
        cannot be read back: remark, name
        name: “旧群名” → “新群名”
        remark: “” → “备注”
    ! title/eve
        100000009 is not in the group
    = mute_all

jobs
    . title/old
        YAML does not name it any more

Not in YAML, left as they are:
      hub/admin/qq-100000006 (方哥)

error QG502  The account `main` (10001) is not in the group 731000001.
  --> hub.yaml:4:3
  --> hub

The plan has errors: nothing of it can be applied.
Plan: 1 to create, 1 to update, 1 to replace, 1 to delete, 1 to adopt, 1 by hand.
Only in the state: 1 to forget, 0 to rename.
Requests: 10, ~1 min 13 s; making this plan took 6.
People who will see something: 470 in hub.
Cannot be undone: hub/announcement/rules.
= is there already: it is taken into state, and nothing is sent.
"""
CHINESE = """\
hub   - 1 删除  -/+ 1 替换  + 1 新增  ~ 1 修改  ! 1 需手动处理  = 1 接管
jobs  . 1 不再管理

hub  学习群（731000001，470 人）
    - card/bob (Bob)
        card: “旧名片”
  -/+ announcement/rules (一、友善 二、随意) [全群可见]
        QQ 不能编辑它：先发布新的，再撤下旧的
        text:
            一、友善
          - 二、随意
          + 二、禁广告
    + admin/alice (Alice)
        admin: false → true
    ~ profile [全群可见]
        无法读回核对：remark、name
        name: “旧群名” → “新群名”
        remark: “” → “备注”
    ! title/eve
        100000009 不在群里
    = mute_all
"""


def test_a_plan_in_english_reads_so() -> None:
    with speaking("en"):
        assert ENGLISH == render_plan(whole())


def test_a_plan_in_chinese_reads_so_with_chinese_commas() -> None:
    with speaking("zh_CN"):
        shown = render_plan(whole())

    assert shown.startswith(CHINESE)
    assert "执行需发送 10 个请求，约 1 分 13 秒；" in shown


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_colour_adds_codes_and_changes_no_word(language: str) -> None:
    with speaking(language):
        plain, colored = render_plan(whole()), render_plan(whole(), color=True)

    assert "\x1b" not in plain
    assert colored != plain
    assert without_color(colored) == plain


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_line_of_a_change_is_wider_than_the_terminal(width: int) -> None:
    long = "很长的名字" * 30
    made = plan(
        announcement("a" * 60, f"{long}\n{long}", Action.REPLACE, "旧"),
        admin("b" * 60, 100000001, long),
        change("hub/profile", Action.UPDATE, FieldChange("name", long, "x" * 200), unverified=(long,)),
        groups={"hub": GroupFacts(long, 731000001, "main", 470)},
        extras=(Extra(Address.parse("hub/admin/x"), long),),
    )
    shown = render_plan(made, width=width, color=True).split("\n\n")
    changes = [line for block in shown[:-1] for line in without_color(block).splitlines()]

    assert len(changes) >= 10
    assert [] == [line for line in changes if columns(line) > width]
    assert "[everybody sees it]" in changes[1]


def test_what_a_hostile_name_or_card_holds_never_reaches_the_terminal() -> None:
    facts = GroupFacts(f"群{WEAPONS}", 731000001, "main", 2)
    made = plan(
        change(f"hub/card/{WEAPONS}", Action.UPDATE, FieldChange(f"card{WEAPONS}", f"a{WEAPONS}", f"b{WEAPONS}\nc")),
        admin("eve", 100000001, f"Eve{WEAPONS}"),
        announcement("x", f"x\n{WEAPONS}"),
        groups={"hub": facts},
        extras=(Extra(Address.parse(f"hub/admin/x{WEAPONS}"), f"y{WEAPONS}"),),
    )
    shown = render_plan(made)

    assert {"\n"} == steering(shown)
    assert "群\\u001b[2J" in shown
    assert "\\u202e\\u2066\\u2028\\u200b\\ufeff" in shown


def test_a_line_of_an_announcement_cannot_pass_for_a_line_of_the_plan() -> None:
    shown = render_plan(plan(announcement("x", "one\nNo changes.\rPlan: 0 to create")))

    assert "\n          + No changes.\\u000dPlan: 0 to create\n" in shown


def test_a_plan_without_changes_says_so_with_how_many_are_as_they_should_be() -> None:
    assert "No changes. The groups are as the YAML says (12 resources).\n" == render_plan(plan(unchanged=12))


def test_a_plan_with_errors_and_no_changes_does_not_claim_that_all_is_well() -> None:
    made = Plan("d", "l", 1, (), diagnostics=whole().diagnostics)

    assert "No changes" not in render_plan(made)
    assert "The plan has errors: nothing of it can be applied." in render_plan(made)


def test_what_only_changes_state_promises_no_requests_and_reaches_nobody() -> None:
    made = plan(change("hub/mute_all", Action.ADOPT, FieldChange("mute_all", True, True)), unchanged=1)
    shown = render_plan(made)

    assert "1 to adopt" in shown
    assert "Requests:" not in shown
    assert "People who will see" not in shown


def test_a_long_list_is_counted_after_the_eighth() -> None:
    made = plan(*(announcement(f"n{number}", f"文{number}") for number in range(11)))
    with speaking("en"):
        english = render_plan(made)
    with speaking("zh_CN"):
        chinese = render_plan(made)

    names = [f"hub/announcement/n{number}" for number in range(8)]
    assert f"Cannot be undone: {', '.join(names)} and 3 more.\n" in english
    assert "、".join(names) in chinese
    assert "n8" not in english.rsplit("Cannot be undone", maxsplit=1)[1]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ((), ("a", "b"), [" → “a”, “b”"]),
        ("a" * 64, "b" * 64, ["sha256 aaaaaaaaaaaa… → sha256 bbbbbbbbbbbb…"]),
        (None, 7, ["7"]),
        (7, None, ["- 7"]),
        ("x\ny", "x\nz", ["  x", "- y", "+ z"]),
        ({"a": 1, "b": {"c": 2}, "e": 5}, {"a": 1, "b": {"c": 3}, "f": 6}, ["b.c: 2", "b.c: 3", "e: 5", "f: 6"]),
    ],
)
def test_every_kind_of_value_is_shown_as_what_it_was_and_will_be(
    before: object, after: object, lines: list[str]
) -> None:
    field = FieldChange("value", before, after)  # type: ignore[arg-type]
    shown = render_plan(plan(change("hub/card/bob", Action.UPDATE, field)))

    assert [] == [line for line in lines if line not in shown], shown
    assert "a: 1" not in shown


def test_a_sensitive_value_is_said_to_change_and_not_shown() -> None:
    field = FieldChange("token", "old-secret", "new-secret", sensitive=True)
    shown = render_plan(plan(change("hub/profile", Action.UPDATE, field)))

    assert "token: (sensitive)" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0.0, "~1 s", "约 1 秒"),
        (1.4, "~1 s", "约 1 秒"),
        (59.4, "~59 s", "约 59 秒"),
        (60.0, "~1 min 0 s", "约 1 分 0 秒"),
        (125.0, "~2 min 5 s", "约 2 分 5 秒"),
        (3569.0, "~59 min 29 s", "约 59 分 29 秒"),
        (3599.0, "~1 h 0 min", "约 1 小时 0 分"),
        (9000.0, "~2 h 30 min", "约 2 小时 30 分"),
    ],
)
def test_a_duration_needs_no_plural_in_any_language(seconds: float, english: str, chinese: str) -> None:
    with speaking("en"):
        assert english == str(duration(seconds))
    with speaking("zh_CN"):
        assert chinese == str(duration(seconds))
