"""Held against NapCat's own OpenAPI file: every request the tool sends, and every answer of the simulated NapCat."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from qqgroup_provision.platforms.onebot11.dialect import NAPCAT
from qqgroup_provision.simulator.dialects.base import Params, Reply
from qqgroup_provision.simulator.dialects.napcat import NapCat
from tests.cli.inside import run_on
from tests.contracts.contract import contract, faults
from tests.contracts.tours import ONEBOT, taken
from tests.stage import GROUP, Stage

FILE = "napcat-4.18.13.openapi.json"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64

# Where what runs and what is published part ways. Each is tested to be needed.
UNDECLARED = {
    ("set_group_special_title", "duration"): "OneBot 11 has it, NapCat passes over it (qq_protocol §4.3)",
}
ANSWERS_OTHERWISE = {
    "set_group_special_title": "the key `data` is left out, not null (qq_protocol §17.2)",
    "_send_group_notice": "the key `data` is left out, not null (qq_protocol §17.2)",
    "get_msg": "`message` is a list of segments, as in its own schema of a message, not an object",
}
# Later than the file, so there is nothing to hold them against (qq_protocol §3.5).
NEWER = {"set_group_member_invite_policy", "set_group_member_permissions", "set_group_new_member_history_visibility"}


@pytest.fixture(scope="module")
def published() -> Any:
    found = contract(FILE)
    assert found["openapi"].startswith("3.1")  # whose schemas are JSON Schema 2020-12
    return found


@dataclass
class Recorder:
    """Every call that the simulated NapCat answered: action, parameters and reply."""

    calls: list[tuple[str, Params, Reply]] = field(default_factory=list)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    found, answer = Recorder(), NapCat.call

    def call(self: NapCat, action: str, params: Params) -> Reply:
        reply = answer(self, action, params)
        found.calls.append((action, copy.deepcopy(params), copy.deepcopy(reply)))
        return reply

    monkeypatch.setattr(NapCat, "call", call)
    return found


def coerced(schema: Mapping[str, Any], value: Any) -> Any:
    """What NapCat makes of a value before it looks at it: numbers become texts where texts belong
    (qq_protocol §1.4)."""
    if schema.get("type") == "string" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if schema.get("type") == "array" and isinstance(value, list):
        return [coerced(schema.get("items", {}), item) for item in value]
    if schema.get("type") == "object" and isinstance(value, dict):
        known = schema.get("properties", {})
        return {key: coerced(known.get(key, {}), item) for key, item in value.items()}
    return value


def of(published: Any, schema: Any) -> Any:
    """A schema with everything it refers to."""
    return {"components": published["components"], **schema}


def of_request(published: Any, action: str) -> Any:
    operation = published["paths"][f"/{action}"]["post"]
    return of(published, operation["requestBody"]["content"]["application/json"]["schema"])


def of_answer(published: Any, action: str) -> Any:
    responses = published["paths"][f"/{action}"]["post"]["responses"]
    return of(published, responses["200"]["content"]["application/json"]["schema"])


def cycle(stage: Stage) -> None:
    """Everything the tool can do to a group, and everything undone."""
    (stage.folder / "rules.png").write_bytes(PICTURE)
    stage.environment["HUB_ANSWER"] = "吉多"
    rules, news = stage.wanted["announcements"]
    stage.group(
        {
            **stage.wanted,
            "profile": {**stage.wanted["profile"], "avatar": "rules.png"},
            "announcements": [rules, {**news, "image": "rules.png"}],
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
    )
    assert 0 == run_on(stage, "apply", "--auto-approve").code
    stage.group({**stage.wanted, "mute_all": False, "roles": [], "announcements": []})
    assert 0 == run_on(stage, "apply", "--auto-approve", "--allow", "delete:hub/admin/alice").code
    assert "No changes" in run_on(stage, "plan").out


def test_every_request_and_answer_of_a_whole_cycle_keeps_the_contract(
    published: Any, recorder: Recorder, napcat: Stage
) -> None:
    cycle(napcat)

    undeclared, otherwise = set(), set()
    for action, params, reply in recorder.calls:
        if action in NEWER:
            continue
        schema = of_request(published, action)
        assert [] == faults(schema, coerced(schema, params)), action
        undeclared |= {(action, key) for key in params.keys() - schema["properties"].keys()}
        if faults(of_answer(published, action), reply.body):
            otherwise.add(action)
    assert UNDECLARED.keys() == undeclared
    assert otherwise <= ANSWERS_OTHERWISE.keys()
    assert NEWER == {action for action, *_ in recorder.calls if f"/{action}" not in published["paths"]}
    assert {
        "get_version_info", "get_login_info", "get_group_list", "get_group_member_list", "get_group_member_info",
        "_get_group_notice", "set_group_name", "set_group_remark", "set_group_whole_ban", "set_group_admin",
        "set_group_special_title", "set_group_card", "_send_group_notice", "_del_group_notice",
    } <= {action for action, *_ in recorder.calls}  # fmt: skip


def test_every_action_of_the_simulated_napcat_answers_as_published(published: Any) -> None:
    otherwise = {
        call.action
        for call in taken(NapCat, ONEBOT)
        if call.ok and call.action not in NEWER and faults(of_answer(published, call.action), call.reply.body)
    }
    assert ANSWERS_OTHERWISE.keys() == otherwise


def test_a_failure_keeps_the_contract_as_well(published: Any, recorder: Recorder, napcat: Stage) -> None:
    napcat.group({"kind": "Group", "key": "hub", "id": GROUP, "profile": {"name": "新"}})
    napcat.simulator.patch(GROUP, {"members": {"100000001": {"role": "owner"}, "100000000": {"role": "admin"}}})
    napcat.simulator.faults({"action": "set_group_name", "refuse": {"retcode": 200, "message": "设置群名称失败"}})
    run_on(napcat, "apply", "--auto-approve")

    envelope = of(published, {"$ref": "#/components/schemas/BaseResponse"})
    for _, _, reply in recorder.calls:
        assert [] == faults(envelope, reply.body)


def test_the_contract_would_notice(published: Any) -> None:
    schema = of_request(published, "set_group_admin")
    wrong = {"group_id": {"number": GROUP}, "user_id": "1", "enable": True}
    assert faults(schema, coerced(schema, wrong))
    assert faults(schema, {"group_id": GROUP})
    assert faults(of_answer(published, "get_group_list"), {"status": "ok", "retcode": 0, "data": {}})


def test_every_action_of_the_tools_own_table_is_in_the_contract_or_known_to_be_newer(published: Any) -> None:
    missing = {action for action in NAPCAT.actions.values() if f"/{action}" not in published["paths"]}
    newer = {action for key, action in NAPCAT.actions.items() if NAPCAT.since.get(key, (0,)) > (4, 18, 13)}
    assert NEWER == missing == newer
