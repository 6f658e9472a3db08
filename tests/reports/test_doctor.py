"""What was found of each account, for people and for programs."""

from __future__ import annotations

import json

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.planning.examined import Examined, Standing
from qqgroup_provision.ports import AccountFacts, Capability, LiveSpace, Rank
from qqgroup_provision.reports.doctor import examined_json, render_examined
from qqgroup_provision.workspace.model import Account, Pace
from tests.reports.samples import WEAPONS, speaking, steering, without_color

FAULT = Diagnostic("QG511", say("x"), place=Place("hub.yaml", 3, 1), subject="hub/title")


def account(key: str) -> Account:
    return Account(key, f"http://127.0.0.1/{key}", "onebot11", "${env:TOKEN}", Pace(), Place("workspace.yaml"))


FACTS = AccountFacts(100000000, "NapCat", "4.18.13", frozenset(Capability) - {Capability.SET_TITLE})
RESULTS = (
    Examined(
        account("main"),
        FACTS,
        (
            Standing("hub", 731000001, True, Rank.ADMIN, "总群", 470, 500, LiveSpace(1, 10, 12, 5000)),
            Standing("jobs", 731000002, True, None, "招聘", 3),
            Standing("left", 731000003, False),
            Standing("unseen", 731000004, None),
        ),
        (FAULT,),
    ),
    Examined(account("other"), None, (), (Diagnostic("QG401", say("y")),)),
    Examined(account("idle"), FACTS),
)


def test_a_report_reads_so() -> None:
    expected = """\
main  http://127.0.0.1/main  not well
  NapCat 4.18.13, QQ 100000000
  cannot do: set_title
  hub     731000001  admin             470/500  files 12/5000  总群
  jobs    731000002  rank not seen     3                       招聘
  left    731000003  not in the group
  unseen  731000004  not seen

other  http://127.0.0.1/other  not well

idle  http://127.0.0.1/idle  well
  NapCat 4.18.13, QQ 100000000
  cannot do: set_title
"""
    assert expected == render_examined(RESULTS)
    assert expected == without_color(render_examined(RESULTS, color=True))


def test_a_report_in_chinese_is_in_chinese() -> None:
    with speaking("zh_CN"):
        shown = render_examined(RESULTS)

    assert "管理员" in shown
    assert "well" not in shown


def test_a_name_does_not_steer_the_terminal() -> None:
    facts = AccountFacts(1, WEAPONS, WEAPONS, frozenset(Capability))
    hostile = Examined(account("main"), facts, (Standing(WEAPONS, 1, True, Rank.OWNER, WEAPONS),))

    assert {"\n"} == steering(render_examined((hostile,)))


def test_the_json_says_the_same_and_what_is_wrong() -> None:
    written = json.loads(examined_json(RESULTS, lambda _: None, "groups"))
    main, other, idle = written["accounts"]

    assert (False, [False, False, True]) == (written["well"], [main["well"], other["well"], idle["well"]])
    assert ("NapCat", None) == (main["implementation"], other["implementation"])
    assert "set_title" not in main["capabilities"]
    assert ["admin", None, None, None] == [group["role"] for group in main["groups"]]
    assert [True, True, False, None] == [group["inside"] for group in main["groups"]]
    assert {"used": 1, "total": 10, "count": 12, "limit": 5000} == main["groups"][0]["space"]
    assert ["QG511"] == [item["code"] for item in main["diagnostics"]]
    assert "groups/hub.yaml" == main["diagnostics"][0]["range"]["filename"]
    assert "TOKEN" not in json.dumps(written)
