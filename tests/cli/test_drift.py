"""`qqgroup drift`: three ways, and back into YAML where somebody wants it so."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.cli.inside import run_on
from tests.stage import GROUP, GROUP_YAML, Stage, write_yaml

COMMENTED = """\
# 总群
kind: Group
key: hub
id: 731000001
profile:
  name: 新群名  # 不要改
  remark: 备注
roles:
  - {key: lead, members: [alice], title: 维护者}
  - {key: both, members: [bob, 100000003], card: "【{name}】"}
announcements:
  - key: rules
    text: |
      群规
      第二行
    # 以上
"""
GROUP_ONLY = "kind: Group\nkey: hub\nid: 731000001\n"


def applied(stage: Stage, text: str = COMMENTED) -> str:
    """A group that was applied, as its file stands."""
    (stage.folder / "hub.yaml").write_text(text, encoding="utf-8")
    assert 0 == run_on(stage, "apply", "--auto-approve").code
    stage.simulator.take_calls()
    return text


def by_hand(stage: Stage, **changes: Any) -> None:
    stage.simulator.patch(GROUP, changes)


def file_of(stage: Stage) -> str:
    return (stage.folder / "hub.yaml").read_text(encoding="utf-8")


def test_there_is_none_after_an_apply_and_nothing_was_written(stage: Stage) -> None:
    applied(stage)
    ran = run_on(stage, "drift")

    assert (0, "") == (ran.code, ran.err)
    assert "No drift" in ran.out
    assert [] == stage.writes()


def test_each_address_is_told_by_the_side_that_moved(stage: Stage) -> None:
    applied(stage)
    by_hand(stage, name="手改", members={"100000001": {"title": "别的"}})
    changed = COMMENTED.replace("新群名  # 不要改", "另一个名字").replace("群规\n", "新群规\n")
    (stage.folder / "hub.yaml").write_text(changed, encoding="utf-8")
    ran = run_on(stage, "drift", "--json")
    sides = {drift["address"]: drift["side"] for drift in json.loads(ran.out)["drifts"]}

    assert 2 == ran.code
    assert {"hub/profile": "both", "hub/title/alice": "live", "hub/announcement/rules": "yaml"} == sides


@pytest.mark.parametrize(("field", "live"), [("title", "旧头衔"), ("card", "旧名片"), ("admin", True)])
def test_what_was_cleared_and_is_there_again_was_changed_live(stage: Stage, field: str, live: str | bool) -> None:
    by_hand(stage, members={"100000001": {"role": "admin", "title": "旧头衔", "card": "旧名片"}})
    none = "false" if field == "admin" else "null"
    written = f"{GROUP_ONLY}roles:\n  - {{key: none, members: [alice], {field}: {none}}}\n"
    (stage.folder / "hub.yaml").write_text(written, encoding="utf-8")
    assert 0 == run_on(stage, "apply", "--auto-approve", "--allow", "delete:hub/admin/*").code
    stage.simulator.take_calls()
    again = {"role": "admin"} if field == "admin" else {field: live}
    by_hand(stage, members={"100000001": again})
    found = json.loads(run_on(stage, "drift", "--json").out)["drifts"]

    assert [(f"hub/{field}/alice", "live")] == [(drift["address"], drift["side"]) for drift in found]
    stage.group({"kind": "Group", "key": "hub", "id": GROUP, "roles": []})
    assert 0 == run_on(stage, "apply", "--auto-approve").code
    assert [] == stage.writes(), "what somebody else has put there is left"


def test_both_changed_to_the_same_is_no_drift(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="一致")
    (napcat.folder / "hub.yaml").write_text(COMMENTED.replace("新群名", "一致"), encoding="utf-8")

    assert 0 == run_on(napcat, "drift").code


def test_targets_limit_what_is_looked_at(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="手改", members={"100000001": {"title": "别的"}})

    assert "profile" not in run_on(napcat, "drift", "--target", "hub/title/*").out


def test_what_cannot_be_read_is_told_and_is_an_error(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="手改")
    napcat.simulator.faults({"action": "_get_group_notice", "http": 500})
    ran = run_on(napcat, "drift")

    assert 1 == ran.code
    assert "QG501" in ran.out
    assert "hub/profile" in ran.out
    assert "No drift" not in ran.out


@pytest.mark.parametrize(
    "options",
    [("--accept", "hub", "--revert", "x"), ("--accept", "hub", "--target", "x"), ("--json", "--revert", "hub")],
)
def test_options_that_each_choose_addresses_do_not_go_together(napcat: Stage, options: tuple[str, ...]) -> None:
    assert 1 == run_on(napcat, "drift", *options).code


# Accepting


def test_a_live_value_is_written_at_its_place_and_every_comment_stays(stage: Stage) -> None:
    applied(stage)
    by_hand(stage, name="手改", members={"100000001": {"title": ""}})
    ran = run_on(stage, "drift", "--accept", "hub/profile", "--accept", "*/title/*")

    assert (0, []) == (ran.code, stage.writes())
    assert COMMENTED.replace("name: 新群名", "name: 手改").replace("title: 维护者", "title: null") == file_of(stage)
    assert 0 == run_on(stage, "drift").code


def test_only_what_was_changed_live_is_accepted(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="手改")
    (napcat.folder / "hub.yaml").write_text(COMMENTED.replace("备注", "新备注"), encoding="utf-8")
    run_on(napcat, "drift", "--accept", "hub/profile")

    assert COMMENTED.replace("备注", "新备注").replace("name: 新群名", "name: 手改") == file_of(napcat)


def refused(stage: Stage, address: str) -> str:
    before = {path.name: path.read_bytes() for path in stage.folder.glob("*.yaml")}
    ran = run_on(stage, "drift", "--accept", address)

    assert (1, "") == (ran.code, ran.out)
    assert before == {path.name: path.read_bytes() for path in stage.folder.glob("*.yaml")}
    return ran.err


def test_what_a_role_says_of_several_is_not_one_persons_to_change(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, members={"100000002": {"card": "别的"}})

    assert "No one place in YAML says `card` of it alone" in refused(napcat, "hub/card/bob")


def test_what_comes_from_a_template_is_refused_and_the_template_named(napcat: Stage) -> None:
    write_yaml(
        napcat.folder / "templates" / "base.yaml", {"kind": "Template", "key": "base", "profile": {"remark": "总群"}}
    )
    applied(
        napcat, COMMENTED.replace("  remark: 备注\n", "").replace("id: 731000001", "id: 731000001\nextends: [base]")
    )
    by_hand(napcat, remark="手改")
    told = refused(napcat, "hub/profile")

    assert "`hub.yaml` does not say `profile.remark` itself" in told
    assert "QG144" in told


def test_an_item_that_somebody_took_away_is_left_to_a_person(napcat: Stage) -> None:
    applied(napcat)
    (notice,) = (n["id"] for n in napcat.live()["announcements"] if n["text"] == "群规\n第二行")
    by_hand(napcat, withdraw=[notice])

    assert "It came or went as a whole" in refused(napcat, "hub/announcement/rules")


def test_a_value_that_yaml_would_read_as_another_is_taken_back(napcat: Stage) -> None:
    applied(napcat, COMMENTED.replace("members: [bob, 100000003]", "members: [bob]"))
    by_hand(napcat, members={"100000002": {"card": "我是{name}"}})

    assert "YAML would not ask for it then" in refused(napcat, "hub/card/bob")


def test_a_value_that_the_schema_refuses_is_taken_back(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, members={"100000001": {"title": "六" * 7}})

    assert "QG310" in refused(napcat, "hub/title/alice")


def test_what_has_not_drifted_cannot_be_accepted(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="手改")

    assert "QG143" in refused(napcat, "hub/title/*")


def test_nothing_is_accepted_while_something_cannot_be_seen(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="手改")
    napcat.simulator.faults({"action": "get_group_member_list", "http": 500})

    assert "QG501" in refused(napcat, "hub")


# Reverting


def test_reverting_shows_the_plan_and_says_how_to_carry_it_out(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="手改", members={"100000001": {"title": "别的"}})
    ran = run_on(napcat, "drift", "--revert", "hub/profile")

    assert (2, []) == (ran.code, napcat.writes())
    assert "name: “手改” → “新群名”" in ran.out
    assert "title/alice" not in ran.out
    assert "qqgroup apply --target hub/profile\n" in ran.out


def test_what_is_reverted_is_as_before(napcat: Stage) -> None:
    applied(napcat)
    by_hand(napcat, name="手改")
    run_on(napcat, "apply", "--auto-approve", "--target", "hub/profile")

    assert ("新群名", 0) == (napcat.live()["name"], run_on(napcat, "drift").code)


def test_a_renamed_group_has_not_drifted(napcat: Stage) -> None:
    run_on(napcat, "apply", "--auto-approve")
    renamed: Any = {**copy.deepcopy(dict(GROUP_YAML)), "key": "new", "moved": "hub"}
    napcat.group(renamed)

    assert 0 == run_on(napcat, "drift").code
