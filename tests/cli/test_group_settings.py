"""Picture, description, joining and permissions, command by command, as somebody at a terminal goes through it."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.answers import digest_of
from tests.applying.test_truth import killed_at_write
from tests.stage import GROUP, WORLD, Stage, staged

ANSWER = "吉多-4711"
PICTURE = b"\x89PNG\r\n\x1a\n one"
WISH: dict[str, Any] = {
    "kind": "Group",
    "key": "hub",
    "id": GROUP,
    "profile": {"avatar": "logo.png", "description": "学习 & 交流"},
    "join": {
        "method": "correct_answer",
        "question": "Python 之父是谁？",
        "answer": "${secret:HUB_ANSWER}",
        "member_invites": "disabled",
        "history_visible_to_new_members": True,
        "robots": "forbidden",
    },
    "permissions": {"upload_album": False, "temporary_session": False, "create_group": True},
}
LIVE: dict[str, Any] = {
    "description": "学习 & 交流",
    "avatar": hashlib.sha256(PICTURE).hexdigest(),
    "method": "correct_answer",
    "question": "Python 之父是谁？",
    "answer": ANSWER,
    "member_invites": "disabled",
    "history_visible": True,
    "robots": "forbidden",
    "upload_album": False,
    "temporary_session": False,
    "create_group": True,
}
ADDRESSES = ["hub/join", "hub/permissions", "hub/profile", "hub/profile/description"]


@pytest.fixture
def hub(napcat: Stage) -> Stage:
    return prepared(napcat)


@pytest.fixture
def llbot(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, implementation="llbot") as stage:
        yield prepared(stage)


def prepared(stage: Stage) -> Stage:
    stage.environment["HUB_ANSWER"] = ANSWER
    (stage.folder / "logo.png").write_bytes(PICTURE)
    stage.group(WISH)
    return stage


def without(*path: str, **changed: Any) -> dict[str, Any]:
    wish = copy.deepcopy(WISH)
    for key in path:
        del wish[key]
    return wish | changed


def planned(stage: Stage) -> dict[str, Any]:
    """The plan's changes by address."""
    document = json.loads(stage.run("plan", "--json").out)
    return {change["address"]: change for change in document["resource_changes"]}


def settings(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = stage.live()["settings"]
    return found


def describe(stage: Stage) -> None:
    """What the plan asks a person to do."""
    stage.simulator.patch(GROUP, {"settings": {"description": "学习 & 交流"}})


def test_plan_apply_plan_ends_with_nothing_to_do(hub: Stage) -> None:
    assert ADDRESSES == sorted(planned(hub))
    applied = hub.run("apply", "--auto-approve")
    assert 0 == applied.code, applied.out + applied.err
    describe(hub)
    assert 0 == hub.run("apply", "--auto-approve").code
    after = hub.run("plan", "--detailed-exitcode")

    assert (0, True) == (after.code, "No changes" in after.out)
    assert LIVE == settings(hub)


def test_the_plan_says_how_many_requests_apply_then_sends(hub: Stage) -> None:
    plan = json.loads(hub.run("plan", "--out", str(hub.folder / "p"), "--json").out)["qqgroup"]
    planned_reads = len(hub.simulator.take_calls())
    assert 0 == hub.run("apply", str(hub.folder / "p")).code
    sent = hub.simulator.take_calls()

    assert plan["reads"] == planned_reads
    assert plan["writes"] == len(sent) - planned_reads


def test_a_group_that_needs_no_settings_is_not_asked_for_them(hub: Stage) -> None:
    hub.group(without("join", "permissions", profile={"avatar": "logo.png", "name": "新群名"}))
    hub.run("plan")

    assert not {"get_group_detail_info", "get_group_info_ex"} & {c["action"] for c in hub.simulator.take_calls()}


def test_a_description_that_differs_is_left_to_a_person_and_nothing_is_sent_for_it(hub: Stage) -> None:
    hub.group(without("join", "permissions", profile={"description": "学习 & 交流"}))
    plan = hub.run("plan", "--detailed-exitcode")
    applied = hub.run("apply", "--auto-approve")

    assert 2 == plan.code
    assert "群简介" in plan.out
    assert (0, []) == (applied.code, hub.writes())
    assert "by hand" in applied.out


def test_a_picture_is_uploaded_once_and_again_only_when_the_file_changes(hub: Stage) -> None:
    hub.group(without("join", "permissions", profile={"avatar": "logo.png"}))
    first = hub.run("plan").out
    uploads = []
    for content in (PICTURE, PICTURE, PICTURE + b" two", PICTURE + b" two"):
        (hub.folder / "logo.png").write_bytes(content)
        assert 0 == hub.run("apply", "--auto-approve").code
        uploads.append(len(hub.writes()))

    assert "nobody can read avatar" in first
    assert [1, 0, 1, 0] == uploads
    assert hashlib.sha256(PICTURE + b" two").hexdigest() == settings(hub)["avatar"]


def test_a_picture_whose_upload_was_lost_is_not_taken_for_uploaded(hub: Stage) -> None:
    hub.group(without("join", "permissions", profile={"avatar": "logo.png"}))
    hub.simulator.faults({"action": "set_group_portrait", "reset": "before", "times": 1})
    lost = hub.run("apply", "--auto-approve")
    again = hub.run("apply", "--auto-approve")

    assert (6, 0) == (lost.code, again.code)
    assert hashlib.sha256(PICTURE).hexdigest() == settings(hub)["avatar"]


@pytest.mark.parametrize(
    ("by_hand", "address", "fields"),
    [
        ({"method": "open"}, "hub/join", ["method"]),
        ({"question": "别的问题"}, "hub/join", ["question"]),
        ({"member_invites": "no_approval"}, "hub/join", ["member_invites"]),
        ({"history_visible": False}, "hub/join", ["history_visible_to_new_members"]),
        ({"robots": "review"}, "hub/join", ["robots"]),
        ({"upload_album": True}, "hub/permissions", ["upload_album"]),
        (
            {"create_group": False, "temporary_session": True},
            "hub/permissions",
            ["create_group", "temporary_session"],
        ),
        ({"description": "手改的"}, "hub/profile/description", ["description"]),
    ],
)
def test_a_change_made_by_hand_is_a_difference_and_the_only_one(
    hub: Stage, by_hand: dict[str, Any], address: str, fields: list[str]
) -> None:
    describe(hub)
    assert 0 == hub.run("apply", "--auto-approve").code
    before = settings(hub)
    hub.simulator.patch(GROUP, {"settings": by_hand})
    found = planned(hub)

    assert [address] == list(found)
    assert fields == sorted(found[address]["change"]["after"])
    assert 0 == hub.run("apply", "--auto-approve").code
    if address != "hub/profile/description":
        assert before == settings(hub), "the answer is sent whenever the question is"


def test_permissions_that_yaml_does_not_name_are_not_sent(hub: Stage) -> None:
    hub.group(without("join", "profile", permissions={"upload_album": False}))
    hub.run("apply", "--auto-approve")
    sent = [call["params"] for call in hub.simulator.take_calls() if call["writes"]]

    assert [{"group_id": GROUP, "allow_member_upload_album": False}] == sent


def everything_written(stage: Stage) -> str:
    return "\n".join(
        path.read_bytes().decode("utf-8", "replace") for path in sorted(stage.folder.rglob("*")) if path.is_file()
    )


def test_the_answer_is_in_no_output_and_no_file(hub: Stage) -> None:
    plan, note = str(hub.folder / "plan.json"), str(hub.folder / "plan.md")
    ran = [hub.run("validate"), hub.run("plan", "--out", plan, "--markdown", note), hub.run("plan", "--json")]
    hub.simulator.faults({"action": "set_group_add_option", "timeout": 0.1, "reset": "after", "times": 1})
    ran.append(hub.run("apply", plan))
    journals = everything_written(hub)
    ran += [
        hub.run("apply", "--auto-approve"),
        hub.run("state", "list"),
        hub.run("state", "show", "hub/join"),
    ]
    ran.append(hub.run("show", "hub"))

    said = "\n".join(one.out + one.err for one in ran)
    assert ANSWER not in said + journals + everything_written(hub)
    assert "4711" not in said
    assert "HUB_ANSWER" in said + journals
    assert "(sensitive)" in said
    assert "scrypt:" not in hub.run("state", "show", "hub/join").out
    assert ANSWER == settings(hub)["answer"]


def test_a_server_that_repeats_the_answer_is_not_quoted(hub: Stage) -> None:
    words = f"设置群添加选项失败, 7:{ANSWER} 不可用"
    hub.simulator.faults({"action": "set_group_add_option", "refuse": {"message": words}})
    applied = hub.run("apply", "--auto-approve")

    assert 6 == applied.code
    assert ANSWER not in applied.out + applied.err + everything_written(hub)


def test_another_answer_is_noticed_and_sent(hub: Stage) -> None:
    describe(hub)
    hub.run("apply", "--auto-approve")
    hub.environment["HUB_ANSWER"] = "另一个"
    found = planned(hub)
    change = found["hub/join"]["change"]

    assert ["hub/join"] == list(found)
    assert ({"answer": None}, {"answer": True}) == (change["after"], change["after_sensitive"])
    assert 0 == hub.run("apply", "--auto-approve").code
    assert "另一个" == settings(hub)["answer"]
    assert {} == planned(hub)


def test_a_saved_plan_is_not_carried_out_with_another_answer(hub: Stage) -> None:
    plan = str(hub.folder / "plan.json")
    hub.run("plan", "--out", plan)
    hub.environment["HUB_ANSWER"] = "另一个"
    applied = hub.run("apply", plan)

    assert 6 == applied.code
    assert "does not hold the answer" in applied.out + applied.err
    assert "" == settings(hub)["answer"]


def test_a_plan_that_sends_no_answer_holds_no_digest_of_one(hub: Stage) -> None:
    describe(hub)
    hub.run("apply", "--auto-approve")
    hub.group(copy.deepcopy(WISH) | {"join": WISH["join"] | {"robots": "review"}})
    plan = hub.folder / "plan.json"
    hub.run("plan", "--out", str(plan))

    assert "hub/join" in plan.read_text(encoding="utf-8")
    assert "scrypt:" not in plan.read_text(encoding="utf-8")
    assert 0 == hub.run("apply", str(plan)).code
    assert {} == planned(hub), "state still knows the answer"


def test_a_digest_of_an_older_version_is_no_reason_to_send_the_answer_again(hub: Stage) -> None:
    describe(hub)
    hub.run("apply", "--auto-approve")
    state = hub.folder / ".qqgroup" / "state.json"
    written = json.loads(state.read_text(encoding="utf-8"))
    for entry in written["resources"]:
        if "answer" in entry["applied"]:
            entry["applied"]["answer"] = digest_of(Secret(ANSWER), str(GROUP))
    state.write_text(json.dumps(written), encoding="utf-8")

    assert {} == planned(hub)


@pytest.mark.parametrize("target", [(), ("--target", "hub/join")])
def test_an_answer_that_is_not_set_is_told_with_its_place(hub: Stage, target: tuple[str, ...]) -> None:
    del hub.environment["HUB_ANSWER"]
    plan = hub.run("plan", *target)

    assert (1, True, True) == (plan.code, "QG131" in plan.err, "HUB_ANSWER" in plan.err)
    assert "hub.yaml:" in plan.err


def test_validating_needs_no_answer(hub: Stage) -> None:
    del hub.environment["HUB_ANSWER"]

    assert 0 == hub.run("validate").code


def test_an_older_version_is_told_which_one_is_needed_before_anything_is_sent(tmp_path: Path) -> None:
    with staged(tmp_path, version="4.18.13") as stage:
        prepared(stage)
        plan = stage.run("plan")
        applied = stage.run("apply", "--auto-approve")

        assert 1 == plan.code
        for word in ("QG512", "NapCat 4.18.13", "NapCat 4.18.18 or newer", "set_member_invites", "set_permissions",
                     "set_history_visible", "the owner"):  # fmt: skip
            assert word in plan.out
        assert "QG501" not in plan.out
        assert (1, []) == (applied.code, stage.writes())


def test_what_an_older_version_can_do_is_done(tmp_path: Path) -> None:
    with staged(tmp_path, version="4.18.13") as stage:
        prepared(stage)
        join = {key: WISH["join"][key] for key in ("method", "question", "answer", "robots")}
        stage.group(without("permissions", join=join))

        assert 0 == stage.run("apply", "--auto-approve").code
        assert "correct_answer" == settings(stage)["method"]


def test_llbot_is_told_what_it_cannot_do_before_anything_is_sent(llbot: Stage) -> None:
    plan = llbot.run("plan")
    applied = llbot.run("apply", "--auto-approve")

    assert 1 == plan.code
    for word in ("QG512", "LLBot 8.1.7", "method, question", "upload_album", "read_settings", "the owner"):
        assert word in plan.out
    assert "QG501" not in plan.out
    assert (1, []) == (applied.code, llbot.writes())


def test_llbot_does_picture_and_description(llbot: Stage) -> None:
    llbot.group(without("join", "permissions"))
    assert ["hub/profile", "hub/profile/description"] == sorted(planned(llbot))
    assert 0 == llbot.run("apply", "--auto-approve").code
    describe(llbot)
    assert 0 == llbot.run("apply", "--auto-approve").code

    assert {} == planned(llbot)
    assert hashlib.sha256(PICTURE).hexdigest() == settings(llbot)["avatar"]


def test_what_yaml_stops_to_speak_of_is_left_and_forgotten(hub: Stage) -> None:
    describe(hub)
    hub.run("apply", "--auto-approve")
    before = settings(hub)
    hub.group(without("join", "permissions", profile={"name": "旧群名"}))
    done = hub.run("apply", "--auto-approve")

    assert (0, before) == (done.code, settings(hub))
    assert ["hub/profile"] == hub.run("state", "list").out.split()


def test_a_member_who_may_not_change_settings_is_told_so(tmp_path: Path) -> None:
    other: Any = copy.deepcopy(WORLD)
    other["groups"][0] |= {"owner": 100000009, "members": [100000000]}
    with staged(tmp_path, other) as stage:
        prepared(stage)
        plan = stage.run("plan")

        assert (1, True) == (plan.code, "QG511" in plan.out)


PAST, FUTURE = "2001-01-01T09:00", "2999-01-01T09:00"


@pytest.mark.parametrize(
    ("window", "up"),
    [
        ({"from": PAST}, True),
        ({"until": FUTURE}, True),
        ({"from": PAST, "until": FUTURE}, True),
        ({"from": FUTURE}, False),
        ({"until": PAST}, False),
        ({"from": PAST, "until": "2001-01-01T09:01"}, False),
    ],
)
def test_an_announcement_is_up_in_its_time_and_at_no_other(napcat: Stage, window: Any, up: bool) -> None:
    item = {"key": "news", "text": "消息"}
    wish = {"kind": "Group", "key": "hub", "id": GROUP}
    napcat.group(wish | {"announcements": [{**item, "publish": window}]})
    assert 0 == napcat.run("apply", "--auto-approve").code
    texts = {notice["text"] for notice in napcat.live()["announcements"]}
    assert up == ("消息" in texts)
    assert 0 == napcat.run("plan", "--detailed-exitcode").code

    # Whatever was before: put up without a window, it comes down exactly where the window is not open.
    napcat.group(wish | {"announcements": [item]})
    assert 0 == napcat.run("apply", "--auto-approve").code
    napcat.group(wish | {"announcements": [{**item, "publish": window}]})
    assert 0 == napcat.run("apply", "--auto-approve").code
    assert up == ("消息" in {notice["text"] for notice in napcat.live()["announcements"]})
    assert "别人的公告" in {notice["text"] for notice in napcat.live()["announcements"]}


def test_the_plan_says_when_the_next_announcement_is_due(napcat: Stage) -> None:
    later = [{"key": key, "text": key, "publish": {"from": when}}
             for key, when in (("late", "2999-02-01T09:00"), ("soon", FUTURE), ("past", PAST))]  # fmt: skip
    napcat.group({"kind": "Group", "key": "hub", "id": GROUP, "announcements": later})
    said = "Next due: hub/announcement/soon at 2999-01-01 09:00+08:00."
    note = napcat.folder / "plan.md"
    first = napcat.run("plan", "--markdown", str(note))
    napcat.run("apply", "--auto-approve")

    assert said in first.out
    assert "2999" in note.read_text(encoding="utf-8")
    assert said in napcat.run("plan").out


@pytest.mark.long
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("number", range(6))
def test_killed_at_any_request_the_next_apply_ends_in_the_same_world(hub: Stage, number: int, done: bool) -> None:
    describe(hub)
    killed_at_write(hub, number, done=done)
    again = hub.run("apply", "--auto-approve")

    assert 0 == again.code, again.err
    assert ANSWER not in again.out + again.err + everything_written(hub)
    assert LIVE == settings(hub)
    assert {} == planned(hub)


def test_a_server_that_says_ok_and_does_nothing_is_believed_only_of_what_nobody_can_read(hub: Stage) -> None:
    describe(hub)
    before = settings(hub)
    hub.simulator.faults({"action": "*set_*", "pretend": True})
    done = hub.run("apply", "--auto-approve")

    assert (6, before) == (done.code, settings(hub))
    for address in ("hub/join", "hub/permissions"):
        assert f"{address}  NOT APPLIED" in done.out
    listed = hub.run("state", "list").out
    assert "not verified: avatar" in listed
    assert not {"hub/join", "hub/permissions"} & set(listed.split())
