"""`join.review` and `join.newcomer` in YAML: typed, inherited, told where they are wrong, the same as documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.behavior.conditions import Any, How, Words
from qqgroup_provision.behavior.joining import Course, Demand, Newcomer, Otherwise, Review, ReviewRule
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from tests.behavior.material import saying
from tests.workspace.folder import GROUP, WORKSPACE, faults, groups, load

JOIN = """\
roles: [{key: team, members: [alice]}]
join:
  method: review
  blacklist: [bob, 3000000001]
  review:
  - reject: {level_below: 4, reason: QQ 等级过低}
  - reject: {blacklist: true}
  - approve: {answer: {contains: [爬虫, web]}, level_at_least: 16}
  - approve: {invited: true}
  - reject: {attempts: {times: 3, within: 1d}, reason: 明天再来}
  - reject: {left_within: 7d}
  - leave_to_admins: {level_known: false}
  - reject: {full: true, reason: 已满}
  - otherwise: {reject: {reason: 请先看群介绍}}
  newcomer:
    question: 请回复关键词
    answer: {contains: 友善}
    within: 10m
    remind_before: 1m
    attempts: 3
    thanks: "谢谢 {name}"
    otherwise: {mute: 1d}
    exempt: {roles: [team]}
"""


def test_a_review_and_a_question_are_what_they_say(tmp_path: Path) -> None:
    hub = groups(tmp_path, {"hub.yaml": GROUP + JOIN})["hub"]
    assert hub.behavior is not None

    def reject(reason: str = "", **demand: object) -> ReviewRule:
        return ReviewRule(Course.REJECT, Demand(**demand), reason)  # type: ignore[arg-type]

    answer = Any((Words(How.CONTAINS, "爬虫"), Words(How.CONTAINS, "web")))
    assert hub.behavior.review == Review(
        (
            reject("QQ 等级过低", level_below=4),
            reject(blacklist=True),
            ReviewRule(Course.APPROVE, Demand(answer=answer, level_at_least=16)),
            ReviewRule(Course.APPROVE, Demand(invited=True)),
            reject("明天再来", attempts=3, within=86400),
            reject(left_within=7 * 86400),
            ReviewRule(Course.ADMINS, Demand(level_known=False)),
            reject("已满", full=True),
            ReviewRule(Course.REJECT, reason="请先看群介绍", otherwise=True),
        ),
        frozenset({100000002, 3000000001}),
    )
    assert hub.behavior.newcomer == Newcomer(
        (saying("请回复关键词"),), Words(How.CONTAINS, "友善"), 600, Otherwise.MUTE, 86400, 60, 3,
        (saying("谢谢 {name}"),), frozenset({"team"}),
    )  # fmt: skip
    assert ["hub/join_review", "hub/newcomer"] == [str(item) for item in hub.behavior.items()]


def test_a_bot_reads_from_its_document_what_yaml_said_and_nothing_of_the_settings(tmp_path: Path) -> None:
    written = JOIN.replace(
        "method: review", "method: correct_answer\n  question: 几?\n  answer: ${secret:THE_ANSWER}"
    )
    allowed = WORKSPACE + "secrets: [THE_ANSWER]\n"
    hub = groups(tmp_path, {"hub.yaml": GROUP + written}, allowed)["hub"]
    document = canonical(hub.behavior_document or {})

    assert hub.behavior == configuration_of(json.loads(document))
    assert b"THE_ANSWER" not in document
    assert [100000002, 3000000001] == json.loads(document)["items"]["join_review"]["blacklist"]


def test_a_document_that_smuggles_settings_in_is_refused(tmp_path: Path) -> None:
    hub = groups(tmp_path, {"hub.yaml": GROUP + JOIN})["hub"]
    document = json.loads(canonical(hub.behavior_document or {}))
    document["items"]["join_review"]["method"] = "open"

    with pytest.raises(InvalidInput):
        configuration_of(document)


@pytest.mark.parametrize("otherwise", ["leave_to_admins", "approve", "reject"])
def test_all_other_requests_have_one_course(tmp_path: Path, otherwise: str) -> None:
    written = f"join: {{review: [{{otherwise: {otherwise}}}]}}\n"
    behavior = groups(tmp_path, {"hub.yaml": GROUP + written})["hub"].behavior
    assert behavior is not None
    assert behavior.review is not None

    assert (ReviewRule(Course(otherwise), otherwise=True),) == behavior.review.rules


def test_settings_alone_load_nothing_of_a_bot(tmp_path: Path) -> None:
    found = groups(tmp_path, {"hub.yaml": GROUP + "join: {method: open, blacklist: [bob]}\n"})

    assert found["hub"].behavior is None


def test_templates_give_a_review_that_a_group_replaces_or_takes_back(tmp_path: Path) -> None:
    template = "kind: Template\nkey: common\njoin:\n  review: [{otherwise: approve}]\n  newcomer:\n"
    template += "    {question: 问, answer: {contains: 甲, prefix: 甲}, within: 10m, otherwise: kick,\n"
    template += "     exempt: {roles: [elsewhere]}}\n"
    files = {
        "t.yaml": template,
        "hub.yaml": GROUP
        + "extends: [common]\njoin: {review: [{otherwise: reject}], newcomer: {answer: {contains: 乙}}}\n".replace(
            "newcomer: {", "newcomer: {question: 问, within: 5m, otherwise: report, "
        ),
        "a.yaml": "kind: Group\nkey: a\nid: 731000002\naccount: main\nextends: [common]\n",
        "b.yaml": "kind: Group\nkey: b\nid: 731000003\naccount: main\nextends: [common]\n"
        "join: {review: null, newcomer: null}\n",
    }
    found = {key: group.behavior for key, group in groups(tmp_path, files).items()}

    hub, a, b = found["hub"], found["a"], found["b"]
    assert hub is not None and hub.review is not None and hub.newcomer is not None  # noqa: PT018
    assert (Course.REJECT, 300) == (hub.review.rules[0].course, hub.newcomer.within)
    assert Words(How.CONTAINS, "乙") == hub.newcomer.answer, "half of a condition is another condition"
    assert a is not None and a.review is not None and a.newcomer is not None  # noqa: PT018
    assert (Course.APPROVE, frozenset()) == (a.review.rules[0].course, a.newcomer.exempt_roles)
    assert b is not None
    assert (None, None) == (b.review, b.newcomer)


def test_a_blacklist_is_inherited_and_a_list_of_ones_own_takes_its_place(tmp_path: Path) -> None:
    files = {"hub.yaml": GROUP + "join: {method: open, blacklist: [bob]}\n"}
    for key, number, own in (("a", 2, ""), ("b", 3, "blacklist: [alice], "), ("c", 4, "blacklist: [], ")):
        files[f"{key}.yaml"] = (
            f"kind: Group\nkey: {key}\nid: 73100000{number}\naccount: main\nparent: hub\n"
            f"join: {{{own}review: [{{reject: {{blacklist: true}}}}]}}\n"
        )
    found = groups(tmp_path, files)

    reviews = {key: group.behavior.review for key, group in found.items() if group.behavior is not None}
    people = {key: review.blacklist for key, review in reviews.items() if review is not None}
    assert {"a": {100000002}, "b": {100000001}, "c": set()} == people
    assert found["a"].join.method != "open", "settings are not inherited"


@pytest.mark.parametrize(
    ("written", "code", "at"),
    [
        ("review: [{otherwise: approve}, {reject: {full: true}}]", "QG372", "{reject"),
        ("review: [{reject: {reason: 不行}}]", "QG372", "{reject"),
        ("review: [{approve: {answer: {image: true}}}]", "QG371", "true"),
        ("review: [{approve: {answer: {not: {at_me: true}}}}]", "QG371", "true"),
        ("review: [{approve: {answer: {flood: {messages: 2, within: 1s}}}}]", "QG371", "{messages"),
        ("review: [{approve: {answer: {regex: '(?=x)'}}}]", "QG331", "(?=x)"),
        ("review: [{approve: {answer: {contains: ' '}}}]", "QG333", "' '"),
        ("blacklist: [nobody], review: [{reject: {blacklist: true}}]", "QG306", "nobody"),
        ("newcomer: {question: 问, answer: {card: true}, within: 1m, otherwise: kick}", "QG371", "true"),
        ("newcomer: {question: '{nope}', answer: {contains: x}, within: 1m, otherwise: kick}", "QG334", "'{nope}'"),
        ("newcomer: {question: 问, answer: {contains: x}, within: 0s, otherwise: kick}", "QG373", "newcomer"),
        ("newcomer: {question: 问, answer: {contains: x}, within: 31d, otherwise: kick}", "QG373", "newcomer"),
        (
            "newcomer: {question: 问, answer: {contains: x}, within: 1m, remind_before: 1m, otherwise: kick}",
            "QG373",
            "newcomer",
        ),
        ("newcomer: {question: 问, answer: {contains: x}, within: 1m, otherwise: {mute: 30d}}", "QG345", "newcomer"),
        (
            "newcomer: {question: 问, answer: {contains: x}, within: 1m, otherwise: kick, exempt: {roles: [no]}}",
            "QG336",
            "no]",
        ),
    ],
)
def test_what_nobody_can_mean_is_told_at_its_place(tmp_path: Path, written: str, code: str, at: str) -> None:
    line = f"join: {{{written}}}"
    loaded = load(tmp_path, {"hub.yaml": GROUP + line + "\n"})
    (found,) = loaded.diagnostics

    assert code == found.code
    assert found.place is not None
    assert line[found.place.column - 1 :].startswith(at), line[found.place.column - 1 :]


@pytest.mark.parametrize(
    "written",
    [
        "review: [{approve: {}}]",
        "review: [{approve: {invited: true}, reject: {full: true}}]",
        "review: [{approve: {invited: true, reason: x}}]",
        "review: [{approve: {attempts: {times: 3}}}]",
        "review: [{otherwise: nothing}]",
        "review: [{reject: {level_below: 0}}]",
        "newcomer: {question: 问, within: 1m, otherwise: kick}",
        "newcomer: {question: 问, answer: {contains: x}, within: 1m, otherwise: mute}",
    ],
)
def test_what_is_no_review_is_refused(tmp_path: Path, written: str) -> None:
    loaded = load(tmp_path, {"hub.yaml": GROUP + f"join: {{{written}}}\n"})

    assert faults(loaded)
