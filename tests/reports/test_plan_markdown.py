"""The plan as a comment of a pull request."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.planning.plan import Extra, GroupFacts, Plan
from qqgroup_provision.reports.plan_markdown import LONGEST, plan_markdown
from qqgroup_provision.resources.change import Action, FieldChange
from tests.reports.samples import WEAPONS, admin, announcement, change, plan, speaking, steering, whole

MOST_ON_GITHUB = 65_536
HEAD = """\
### Plan for the QQ groups

> [!CAUTION]
> The plan has errors: nothing of it can be applied.

- **QG502** `hub.yaml:4:3` `hub` The account \\`main\\` \\(10001\\) is not in the group 731000001.

| group | people | - delete | -/+ replace | + create | ~ update | ! by hand | = adopt | . forget |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
| `hub` 学习群 | 470 | **1** | **1** | 1 | 1 | 1 | 1 |  |
| `jobs`  |  |  |  |  |  |  |  | 1 |

- Plan: 1 to create, 1 to update, 1 to replace, 1 to delete, 1 to adopt, 1 by hand.
- Only in the state: 1 to forget, 0 to rename.
- Requests: 10, \\~1 min 13 s; making this plan took 6.
- People who will see something: 470 in hub.
- Cannot be undone: hub/announcement/rules.
- not in YAML, left as it is: `hub/admin/qq-100000006` 方哥

<details><summary>hub (6)</summary>

```diff
- - card/bob (Bob)
      card:
-       “旧名片”
! -/+ announcement/rules (一、友善 二、随意) [everybody sees it]
#     QQ cannot edit it: a new one is posted, then the old one is taken down
      text:
        一、友善
-       二、随意
+       二、禁广告
"""


def details(report: str) -> list[str]:
    """What is between each pair of fences, which are told apart by their length."""
    return [body for _, body in re.findall(r"^(`{3,})diff\n(.*?)\n\1\n", report, re.DOTALL | re.MULTILINE)]


def test_a_report_reads_so() -> None:
    with speaking("en"):
        shown = plan_markdown(whole())

    assert shown.startswith(HEAD)
    assert shown.endswith("\n```\n\n</details>\n")
    assert 2 == len(details(shown))


def test_a_report_in_chinese_has_chinese_headings() -> None:
    with speaking("zh_CN"):
        shown = plan_markdown(whole())

    assert shown.startswith("### QQ 群变更计划\n")
    assert "| 群 | 人数 |" in shown


def test_a_plan_without_changes_says_so_and_still_names_what_is_not_in_yaml() -> None:
    shown = plan_markdown(plan(unchanged=12, extras=(Extra(Address.parse("hub/admin/x"), "方哥"),)))

    assert "No changes. The groups are as the YAML says (12 resources)." in shown
    assert "`hub/admin/x` 方哥" in shown
    assert "|" not in shown


def test_a_plan_with_errors_and_no_changes_does_not_claim_that_all_is_well() -> None:
    shown = plan_markdown(Plan("d", "l", 1, (), diagnostics=whole().diagnostics))

    assert "No changes" not in shown
    assert "> [!CAUTION]" in shown


@pytest.mark.parametrize("ticks", [1, 3, 4, 17])
def test_a_fence_cannot_be_broken_out_of(ticks: int) -> None:
    escape = f"{'`' * ticks}\n</details>\n# mine\n```diff\n"
    made = plan(announcement("x", escape), admin("eve", 100000001, escape))
    shown = plan_markdown(made)
    (body,) = details(shown)
    outside = shown.replace(body, "")

    assert "# mine" in body
    assert "# mine" not in outside
    assert 1 == outside.count("</details>")
    fence = re.findall(r"^(`+)diff$", shown, re.MULTILINE)[0]
    assert fence not in body


HOSTILE = (
    "@everyone @octocat [click](https://evil.example) http://evil.example www.evil.example WWW.evil.example #17 "
    "GH-17 <img src=x> &lt; *b* _i_ ~s~ `c` | !x > q \\ a@evil.example"
)
# What GitHub makes of a text, in a regular expression for each: mentions, issues, links, markup.
ALIVE = [
    r"@\w",
    r"#\d",
    r"(?i)\bgh-\d",
    r"(?i)https?://",
    r"(?i)www\.",
    r"<\w",
    r"&lt;",
    r"(?<!\\)[*_~`|!\[\]()]",
]


def names() -> Plan:
    """A plan in which everything outside of the details that a stranger may have written is hostile."""
    return plan(
        change("hub/card/bob", Action.UPDATE, FieldChange("card", "a", "b")),
        groups={"hub": GroupFacts(HOSTILE, 731000001, "main", 2)},
        extras=(Extra(Address.parse("hub/admin/x"), HOSTILE),),
        diagnostics=(Diagnostic("QG404", say("{words}", words=HOSTILE)),),
    )


@pytest.mark.parametrize("pattern", ALIVE)
def test_mentions_links_and_markup_in_hostile_names_are_inert(pattern: str) -> None:
    assert re.search(pattern, HOSTILE)
    shown = plan_markdown(names()).replace("&amp;lt;", "").replace("&lt;", "")
    lines = [line for line in shown.splitlines() if "octocat" in line]
    written = [re.sub(r"^- \*\*QG404\*\* |^- .*?`hub/admin/x`|^\| `hub` | \| 2 \| 1 \|$", "", line) for line in lines]

    assert 3 == len(written)
    assert [] == [line for line in written if re.search(pattern, line)]


def test_what_a_name_says_can_still_be_read() -> None:
    shown = plan_markdown(names()).replace("\u200b", "").replace("\\", "").replace("&lt;", "<").replace("&amp;", "&")

    assert 3 == shown.count(HOSTILE.replace("\\", ""))


def test_a_code_span_cannot_be_broken_out_of() -> None:
    place = Place("a`b``c.yaml", 4, 3)
    shown = plan_markdown(plan(diagnostics=(Diagnostic("QG404", say("Gone"), place=place, subject="`@x`"),)))

    assert "``` a`b``c.yaml:4:3 ```" in shown
    assert "`` `@x` ``" in shown


def test_what_steers_a_terminal_is_written_out_everywhere() -> None:
    made = plan(
        announcement("x", f"x{WEAPONS}\ny"),
        admin(f"e{WEAPONS}", 100000001, WEAPONS),
        groups={"hub": GroupFacts(WEAPONS, 731000001, "main", 2)},
        extras=(Extra(Address.parse(f"hub/admin/x{WEAPONS}"), WEAPONS),),
        diagnostics=(Diagnostic("QG404", say("{words}", words=f"@{WEAPONS}"), subject=f"@x {WEAPONS}"),),
    )

    # The one invisible character of our own breaks mentions and links.
    assert {"\n", "\u200b"} == steering(plan_markdown(made))


def many(groups: int, changes: int) -> Plan:
    parts = [
        replace(admin(f"somebody-{number}", 100000001), address=Address(f"group-{group}", "admin", f"p{number}"))
        for group in range(groups)
        for number in range(changes)
    ]
    return plan(*parts)


def test_a_report_that_fits_leaves_nothing_out() -> None:
    shown = plan_markdown(many(10, 10))

    assert "too long" not in shown.lower()
    assert 10 == len(details(shown))


def test_details_are_left_out_before_the_summary_is_and_it_is_said() -> None:
    shown = plan_markdown(many(60, 60))

    assert len(shown) <= LONGEST < MOST_ON_GITHUB
    assert "3600 to create" in shown
    assert 60 == shown.count("\n| `group-")
    assert 1 <= len(details(shown)) < 60
    assert shown.endswith("\nThe rest is too long to be shown here; the saved plan has it all.\n")


def test_one_change_too_long_for_a_comment_is_left_out_whole() -> None:
    shown = plan_markdown(plan(announcement("x", "长" * MOST_ON_GITHUB)))

    assert len(shown) < 1000
    assert "The rest is too long" in shown


@pytest.mark.parametrize("many_of", ["diagnostics", "extras", "groups"])
def test_lists_of_the_summary_are_cut_with_a_count_of_what_was_left_out(many_of: str) -> None:
    faults = tuple(Diagnostic("QG404", say("Fault {number}", number=number)) for number in range(5000))
    extras = tuple(Extra(Address("hub", "admin", f"p{number}"), "somebody") for number in range(5000))
    made = {
        "diagnostics": plan(admin("alice", 100000001), diagnostics=faults),
        "extras": plan(admin("alice", 100000001), extras=extras),
        "groups": many(5000, 1),
    }[many_of]
    shown = plan_markdown(made)

    assert len(shown) <= LONGEST
    assert "to create" in shown
    (left_out,) = re.findall(r"^Too long to be shown here: (\d+) more\.$", shown, re.MULTILINE)
    listed = re.findall(r"^- \*\*QG404|^- not in YAML|^\| `group-", shown, re.MULTILINE)
    assert 5000 == int(left_out) + len(listed)


def test_all_lists_together_still_fit() -> None:
    made = replace(
        many(3000, 2),
        diagnostics=tuple(Diagnostic("QG404", say("Fault {number}", number=number)) for number in range(5000)),
        extras=tuple(Extra(Address("hub", "admin", f"p{number}"), "somebody") for number in range(5000)),
    )

    assert len(plan_markdown(made)) <= LONGEST
