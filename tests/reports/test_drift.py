"""What has drifted, for people and for programs."""

from __future__ import annotations

import json

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.planning.drift import Drift, Drifts, FieldDrift, Side
from qqgroup_provision.reports.drift import drifts_json, render_drifts
from qqgroup_provision.resources.change import Action
from tests.reports.samples import WEAPONS, speaking, steering, without_color

DRIFTS = Drifts(
    (
        Drift(
            Address("hub", "profile"),
            Action.UPDATE,
            (
                FieldDrift("name", Side.BOTH, "旧群名", "手改", "新群名"),
                FieldDrift("remark", Side.YAML, "备注", "备注", "新备注"),
            ),
            "手改",
            Place("hub.yaml", 4, 3, 4, 7),
        ),
        Drift(
            Address("hub", "title", "alice"),
            Action.CREATE,
            (FieldDrift("title", Side.LIVE, "维护者", None, "维护者"),),
        ),
        Drift(
            Address("hub", "join"),
            Action.UPDATE,
            (FieldDrift("answer", Side.YAML, None, None, None, sensitive=True),),
        ),
    ),
    unchanged=4,
)
UNSEEN = Diagnostic("QG501", say("This could not be seen: {reason}.", reason="x"), subject="hub/admin")


def test_a_report_in_english_reads_so() -> None:
    expected = """\
hub/profile (手改)  changed in both
    name: changed in both
      applied last: “旧群名”
      live: “手改”
      YAML: “新群名”
    remark: changed in YAML
      applied last: “备注”
      live: “备注”
      YAML: “新备注”

hub/title/alice  changed live
    title: changed live
      applied last: “维护者”
      live: nothing
      YAML: “维护者”

hub/join  changed in YAML
    answer: (sensitive)

Drift: 1 changed live, 1 changed in YAML, 1 changed in both.
"""
    assert expected == render_drifts(DRIFTS)
    assert expected == without_color(render_drifts(DRIFTS, color=True))


def test_a_report_in_chinese_is_in_chinese() -> None:
    with speaking("zh_CN"):
        shown = render_drifts(DRIFTS)

    assert "线上已改" in shown
    assert "changed" not in shown


def test_no_drift_is_said_only_where_everything_was_seen() -> None:
    assert render_drifts(Drifts(())).startswith("No drift.")
    unseen = render_drifts(Drifts((), (UNSEEN,)))
    assert "No drift" not in unseen
    assert "QG501" in unseen
    assert unseen.endswith("Not everything could be seen: more may have drifted.\n")


def test_values_from_qq_do_not_steer_the_terminal() -> None:
    field = FieldDrift("card", Side.LIVE, WEAPONS, WEAPONS + "\n二", WEAPONS)
    hostile = Drifts((Drift(Address("hub", "card", WEAPONS), Action.UPDATE, (field,), WEAPONS),))

    assert {"\n"} == steering(render_drifts(hostile))


def test_the_json_has_all_three_values_of_each_field() -> None:
    written = json.loads(drifts_json(Drifts(DRIFTS.found, (UNSEEN,))))

    assert (1, True, False) == (written["format"], written["drifted"], written["complete"])
    assert ["both", "live", "yaml"] == [drift["side"] for drift in written["drifts"]]
    assert {
        "name": "name",
        "side": "both",
        "sensitive": False,
        "applied": "旧群名",
        "live": "手改",
        "yaml": "新群名",
    } == written["drifts"][0]["fields"][0]
    assert "hub.yaml:4:3" == written["drifts"][0]["place"]
    assert ["QG501"] == [item["code"] for item in written["diagnostics"]]
    assert drifts_json(DRIFTS) == drifts_json(DRIFTS)
