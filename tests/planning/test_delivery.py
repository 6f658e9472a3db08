"""What a bot is to do: planned item by item, delivered as one document, and only what was planned changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.messages import say
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import Absent, Known, LiveBehavior, LiveMember, LiveProfile, Rank, Reading, Unknown
from qqgroup_provision.resources.behavior import Carried, Deliver, ReplyKind
from qqgroup_provision.resources.conduct import AppealKind, CardFormatKind
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace
from qqgroup_provision.workspace.schema import load_schema
from tests.planning.material import FACTS, SELF
from tests.workspace.folder import GROUP, PEOPLE, WORKSPACE

BOTS = WORKSPACE + "bots:\n  main: {endpoint: 'http://127.0.0.1:1', token: '${env:BOT}'}\n"
NO_BOT = Unknown(say("no bot is named"))
INSTALL = "- {key: install, when: {equals: 安装}, reply: 看文档, cooldown: 30s}\n"
RULES = "- {key: rules, when: {contains: [群规, 规则]}, reply: 友善}\n"
PNG = b"\x89PNG\r\n\x1a\n"
WELCOME = "welcome: {text: '欢迎 {at}'}\n"


def workspace(root: Path, written: str) -> Workspace:
    for name, text in {"workspace.yaml": BOTS, "people.yaml": PEOPLE, "hub.yaml": GROUP + written}.items():
        (root / name).write_text(text, encoding="utf-8")
    return load_workspace(root).required()


def live(behavior: Reading[LiveBehavior]) -> dict[str, LiveGroup]:
    members = {SELF: LiveMember(SELF, Rank.MEMBER, "小助手", "", "")}
    return {"hub": LiveGroup(SELF, Known(LiveProfile("群", "", False)), Known(members), behavior=behavior)}


def kept(document: bytes) -> Known[LiveBehavior]:
    return Known(LiveBehavior(json.loads(document), hashlib.sha256(document).hexdigest()))


def plan(space: Workspace, behavior: Reading[LiveBehavior], state: State | None = None, *targets: str) -> Plan:
    return make_plan(space, live(behavior), state or State(), {"main": FACTS}, targets)


def applied(found: Plan, before: State) -> State:
    """The state after every change of a plan was carried out."""
    gone = ("delete", "forget")
    return before.folded(
        (change.address, None if change.action.word in gone else Entry(change.ids, change.applied))
        for change in found.changes
    )


def actions(found: Plan) -> Mapping[str, str]:
    return {str(change.address): change.action.word for change in found.changes}


def test_everything_is_created_where_the_bot_has_nothing(tmp_path: Path) -> None:
    found = plan(workspace(tmp_path, f"replies:\n{INSTALL}{RULES}{WELCOME}"), Absent())

    assert dict.fromkeys(
        ["hub/behavior", "hub/reply/install", "hub/reply/rules", "hub/welcome"], "create"
    ) == actions(found)
    assert not found.errored


def test_one_change_delivers_and_the_others_come_with_it(tmp_path: Path) -> None:
    found = plan(workspace(tmp_path, f"replies:\n{INSTALL}{RULES}"), Absent())
    steps = [operation for change in found.changes for operation in change.operations]

    assert [Deliver, Carried, Carried] == [type(step) for step in steps]
    assert {hashlib.sha256(found.documents["hub"]).hexdigest()} == {step.tag for step in steps}  # type: ignore[attr-defined]


def test_what_was_delivered_is_not_delivered_again(tmp_path: Path) -> None:
    space = workspace(tmp_path, f"replies:\n{INSTALL}{RULES}{WELCOME}")
    first = plan(space, Absent())
    again = plan(space, kept(first.documents["hub"]), applied(first, State()))

    assert ({}, {}) == (actions(again), again.documents)
    assert 4 == again.unchanged


def test_only_what_differs_is_shown_to_its_part(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, f"replies:\n{INSTALL}{RULES}"), Absent())
    other = workspace(tmp_path, f"replies:\n{INSTALL.replace(', cooldown: 30s', '')}{RULES}")
    found = plan(other, kept(first.documents["hub"]), applied(first, State()))

    assert {"hub/reply/install": "update"} == actions(found)
    assert [("cooldown", "30s", None)] == [(one.name, one.before, one.after) for one in found.changes[0].fields]


def test_what_yaml_does_not_name_goes_and_another_order_of_the_rest_counts(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, f"replies:\n{INSTALL}{RULES}{WELCOME}"), Absent())
    state, there = applied(first, State()), kept(first.documents["hub"])

    assert {"hub/reply/rules": "delete"} == actions(
        plan(workspace(tmp_path, f"replies:\n{INSTALL}{WELCOME}"), there, state)
    )
    assert {"hub/behavior": "update"} == actions(
        plan(workspace(tmp_path, f"replies:\n{RULES}{INSTALL}{WELCOME}"), there, state)
    )


def test_a_change_by_hand_of_what_the_bot_has_is_taken_back(tmp_path: Path) -> None:
    space = workspace(tmp_path, f"replies:\n{INSTALL}")
    first = plan(space, Absent())
    document = json.loads(first.documents["hub"])
    document["items"]["reply/spam"] = {"when": {"equals": "x"}, "reply": "买"}
    document["order"]["replies"].append("spam")
    found = plan(space, kept(canonical(document)), applied(first, State()))

    assert {"hub/reply/spam": "delete"} == actions(found)
    assert first.documents["hub"] == found.documents["hub"]


def test_with_a_target_everything_else_stays_as_the_bot_has_it(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, f"replies:\n{INSTALL}{RULES}"), Absent())
    other = workspace(tmp_path, f"replies:\n{INSTALL.replace('看文档', '看这里')}{RULES.replace('友善', '和气')}")
    found = plan(other, kept(first.documents["hub"]), applied(first, State()), "hub/reply/install")
    items = json.loads(found.documents["hub"])["items"]

    assert ["看这里", "友善"] == [items["reply/install"]["reply"], items["reply/rules"]["reply"]]


def test_a_bot_that_cannot_be_asked_is_not_taken_for_one_that_has_nothing(tmp_path: Path) -> None:
    found = plan(workspace(tmp_path, f"replies:\n{INSTALL}"), Unknown(say("no connection")))

    assert ({}, {"QG501"}) == (actions(found), {item.code for item in found.diagnostics})


def test_without_a_bot_nothing_is_planned_and_it_is_told(tmp_path: Path) -> None:
    space = workspace(tmp_path, f"replies:\n{INSTALL}")
    space = replace(space, groups={"hub": replace(space.groups["hub"], bot=None)})
    found = plan(space, NO_BOT)

    assert ({}, ["QG541"]) == (actions(found), [item.code for item in found.diagnostics])


def test_the_fields_of_a_reply_are_those_of_the_schema() -> None:
    schema = load_schema("group")

    assert {"key", *ReplyKind.fields} == set(schema["$defs"]["reply"]["properties"])
    for name in ("welcome", "farewell"):
        assert {"text", "merge_within"} == set(schema["properties"][name]["properties"])


keys = st.lists(st.sampled_from("abcde"), unique=True, max_size=5)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys, keys, st.sets(st.sampled_from("abcde")))
def test_whatever_is_planned_the_document_is_one_that_a_bot_takes(
    tmp_path: Path, before: list[str], after: list[str], targets: set[str]
) -> None:
    def written(names: list[str], said: str) -> str:
        return (
            "replies:\n" + "".join(f"- {{key: {n}, when: {{equals: {n}}}, reply: {said}}}\n" for n in names) + WELCOME
        )

    first = plan(workspace(tmp_path, written(before, "一")), Absent())
    there = kept(first.documents["hub"])
    wish = workspace(tmp_path, written(after, "二"))
    part = plan(wish, there, applied(first, State()), *(f"hub/reply/{key}" for key in targets))
    for document in part.documents.values():
        configuration_of(json.loads(document))
    if targets:
        there = kept(part.documents["hub"]) if part.documents else there
    rest = plan(wish, there)

    assert rest.documents.get("hub", canonical(wish.groups["hub"].behavior_document or {})) == canonical(
        wish.groups["hub"].behavior_document or {}
    )


def rule(key: str, penalties: str, more: str = "") -> str:
    return f"  - {{key: {key}, text: 一, detect: {{contains: x}}, penalties: {penalties}{more}}}\n"


def test_rules_are_planned_item_by_item_and_keep_their_order(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, "rules:\n  items:\n" + rule("b", "[warn]") + rule("a", "[warn]")), Absent())
    other = workspace(tmp_path, "rules:\n  items:\n" + rule("b", "[warn, recall]"))
    found = plan(other, kept(first.documents["hub"]), applied(first, State()))

    assert dict.fromkeys(["hub/behavior", "hub/rule/a", "hub/rule/b"], "create") == actions(first)
    assert ["b", "a"] == json.loads(first.documents["hub"])["order"]["rules"]
    assert {"hub/rule/a": "delete", "hub/rule/b": "update"} == actions(found)


def test_a_note_tells_that_a_plain_member_can_only_warn(tmp_path: Path) -> None:
    for penalties, more, told in (
        ("[warn]", "", False),
        ("[warn, {mute: 1h}]", "", True),
        ("[kick]", ", trial: true", False),
        ("[kick]", "", True),
    ):
        space = workspace(tmp_path, "rules:\n  items:\n" + rule("a", penalties, more))
        found = plan(space, Absent())

        assert told is any(one.code == "QG542" for one in found.diagnostics)
        assert not found.errored
        again = plan(space, kept(found.documents["hub"]), applied(found, State()))
        assert not any(one.code == "QG542" for one in again.diagnostics), "where nothing changes nothing is told"


def test_a_new_line_in_a_list_of_hosts_is_a_change_and_travels_with_it(tmp_path: Path) -> None:
    written = "rules: {items: [{key: a, text: 一, detect: {phishing: bad.txt}, penalties: [warn]}]}\n" + WELCOME
    (tmp_path / "bad.txt").write_text("evil.example\n", encoding="utf-8")
    first = plan(workspace(tmp_path, written), Absent())
    state, there = applied(first, State()), kept(first.documents["hub"])
    assert {} == actions(plan(workspace(tmp_path, written), there, state))
    (tmp_path / "bad.txt").write_text("evil.example\nworse.example\n", encoding="utf-8")
    found = plan(workspace(tmp_path, written), there, state)

    assert {"hub/behavior": "update"} == actions(found)
    assert ["lists"] == [one.name for one in found.changes[0].fields]
    (hosts,) = configuration_of(json.loads(found.documents["hub"])).host_lists()
    assert hosts.takes("worse.example")
    gone = plan(workspace(tmp_path, WELCOME), there, state, "hub/rule/a")
    assert {"hub/rule/a": "delete"} == actions(gone)
    assert "lists" not in json.loads(gone.documents["hub"])
    configuration_of(json.loads(gone.documents["hub"]))


def test_a_picture_with_other_content_is_a_change_and_one_that_comes_with_a_reply_is_part_of_that(
    tmp_path: Path,
) -> None:
    shown = "- {key: map, when: {equals: 地图}, reply: [{image: map.png}]}\n"
    (tmp_path / "map.png").write_bytes(PNG + b"1")
    first = plan(workspace(tmp_path, f"replies:\n{INSTALL}"), Absent())
    state, there = applied(first, State()), kept(first.documents["hub"])
    second = plan(workspace(tmp_path, f"replies:\n{INSTALL}{shown}"), there, state)
    assert {"hub/reply/map": "create"} == actions(second)
    state, there = applied(second, state), kept(second.documents["hub"])
    assert {} == actions(plan(workspace(tmp_path, f"replies:\n{INSTALL}{shown}"), there, state))
    (tmp_path / "map.png").write_bytes(PNG + b"2")
    found = plan(workspace(tmp_path, f"replies:\n{INSTALL}{shown}"), there, state)

    assert {"hub/behavior": "update"} == actions(found)
    assert ["assets"] == [one.name for one in found.changes[0].fields]
    (sha256,) = json.loads(found.documents["hub"])["assets"].values()
    assert hashlib.sha256(PNG + b"2").hexdigest() == sha256


def test_a_role_that_rules_pass_over_commands_nobody_and_is_planned_like_one(tmp_path: Path) -> None:
    role = "roles: [{key: team, members: [alice], exempt_from_rules: true}]\n"
    found = plan(workspace(tmp_path, role + WELCOME), Absent())
    there = kept(found.documents["hub"])

    assert "create" == actions(found)["hub/role_permission/team"]
    assert [] == [one.code for one in found.diagnostics], "it takes no admin to pass somebody over"
    other = plan(workspace(tmp_path, role.replace("true", "false") + WELCOME), there, applied(found, State()))
    assert {"hub/role_permission/team": "delete"} == actions(other)


def test_fields_of_cards_and_appeals_are_those_of_the_schema() -> None:
    rules = load_schema("group")["properties"]["rules"]["properties"]

    assert set(CardFormatKind.fields) == set(rules["card_format"]["properties"])
    assert set(AppealKind.fields) == set(rules["appeal"]["properties"])
