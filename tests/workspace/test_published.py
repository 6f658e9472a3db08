"""`rules.publish`: one source for the announcement, the answer to a keyword and the reminder."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.workspace.published import numeral
from tests.workspace.folder import GROUP, faults, groups, load

ADS = "  - {key: ads, text: 禁止广告, detect: {contains: 刷单}, penalties: [warn]}\n"
KIND = '  - {key: kind, text: "友善 {交流}", detect: {contains: 滚}, penalties: [warn]}\n'
ALL = "  publish: {announcement: {pinned: true}, keyword: [群规, 规则], remind: '0 20 * * 5'}\n"
MANY = "".join(
    f"  - {{key: r{number}, text: {'禁' * 98}, detect: {{contains: x}}, penalties: [warn]}}\n" for number in range(20)
)  # each a hundred characters, or some more, with its number
TEXT = "群规\n一、禁止广告\n二、友善 {交流}"


def hub(publish: str = ALL, rules: str = ADS + KIND, more: str = "") -> dict[str, str]:
    return {"hub.yaml": f"{GROUP}rules:\n{publish}  items:\n{rules}{more}"}


def test_the_texts_of_the_rules_become_an_announcement_a_reply_and_a_schedule(tmp_path: Path) -> None:
    group = groups(tmp_path, hub())["hub"]
    behavior, document = group.behavior, group.behavior_document
    assert group.announcements
    assert behavior is not None
    assert document is not None
    (notice,) = group.announcements
    assert (notice.key, notice.text, notice.pinned) == ("rules", TEXT, True)
    escaped = TEXT.replace("{", "{{").replace("}", "}}")
    assert document["items"]["reply/rules"] == {
        "when": {"equals": ["群规", "规则"]},
        "reply": escaped,
        "cooldown": "30s",
    }
    assert document["items"]["schedule/rules"] == {"cron": "0 20 * * 5", "send": escaped}
    assert {str(one) for one in behavior.items()} == {
        "hub/rule/ads",
        "hub/rule/kind",
        "hub/reply/rules",
        "hub/schedule/rules",
    }


def test_only_what_is_asked_for_is_made_with_its_own_first_and_last_line(tmp_path: Path) -> None:
    publish = (
        "  publish: {heading: 本群约定, closing: 违者移出。, remind: {cron: '0 9 1 * *', calendar: cn-workdays}}\n"
    )
    group = groups(tmp_path, hub(publish, ADS))["hub"]
    assert not group.announcements
    assert group.behavior_document is not None
    assert group.behavior_document["items"]["schedule/rules"] == {
        "cron": "0 9 1 * *",
        "calendar": "cn-workdays",
        "send": "本群约定\n一、禁止广告\n违者移出。",
    }
    assert "reply/rules" not in group.behavior_document["items"]


def test_it_stands_beside_what_the_group_says_itself_and_is_inherited_with_the_rules(tmp_path: Path) -> None:
    more = "announcements: [{key: news, text: 消息}]\nreplies: [{key: hi, when: {equals: 你好}, reply: 好}]\n"
    child = "kind: Group\nkey: child\nid: 731000002\nparent: hub\n"
    found = groups(tmp_path, {**hub(more=more), "child.yaml": child})
    assert [one.key for one in found["hub"].announcements or ()] == ["news", "rules"]
    assert [one.key for one in found["child"].announcements or ()] == ["rules"]
    assert found["child"].behavior_document is not None
    assert "schedule/rules" in found["child"].behavior_document["items"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (hub(more="announcements: [{key: rules, text: 别的}]\n"), ["QG354 hub.yaml:9:23"]),
        (hub(more="replies: [{key: rules, when: {equals: x}, reply: y}]\n"), ["QG354 hub.yaml:9:17"]),
        (hub(more="schedules: [{key: rules, cron: '0 8 * * *', send: x}]\n"), ["QG354 hub.yaml:9:19"]),
        (hub(rules="".join(MANY.splitlines(keepends=True)[:6])), ["QG312 hub.yaml:5:27"]),
        (hub("  publish: {keyword: 群规}\n", "".join(MANY.splitlines(keepends=True)[:19])), []),
        (hub("  publish: {keyword: 群规}\n", MANY), ["QG208 hub.yaml:5:22"]),
        (hub("  publish: {remind: '0 8 31 2 *'}\n"), ["QG351 hub.yaml:5:21"]),
        (hub("  publish: {remind: {cron: '0 8 31 2 *'}}\n"), ["QG351 hub.yaml:5:28"]),
        (hub("  publish: {remnd: x}\n"), ["QG203 hub.yaml:5:13"]),
        (hub("  publish: null\n"), []),
        (hub("  publish: {announcement: false, keyword: 群规}\n"), []),
    ],
)
def test_what_is_wrong_is_said_where_it_was_asked_for(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    assert expected == faults(load(tmp_path, files))


def test_rules_are_numbered_as_one_counts_in_chinese() -> None:
    assert [numeral(number) for number in (1, 9, 10, 11, 20, 21, 99, 100, 101, 110, 115, 200)] == [
        *("一", "九", "十", "十一", "二十", "二十一", "九十九"),
        *("一百", "一百零一", "一百一十", "一百一十五", "二百"),
    ]
