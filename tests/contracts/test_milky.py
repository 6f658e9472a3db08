"""Held against Milky's own schema: every request the tool sends, and every answer of the simulated servers."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.simulator.dialects.base import Params, Reply
from qqgroup_provision.simulator.dialects.milky import LagrangeMilky, LLBotMilky, Milky
from tests.contracts.contract import closed, contract, faults
from tests.contracts.tours import MILKY, taken
from tests.stage import GROUP as STAGED
from tests.stage import staged

FILE = "milky-1.2.2.schema.json"


@pytest.fixture(scope="module")
def schema() -> Any:
    found = contract(FILE)
    assert "1.2" == found["milkyVersion"]
    return found


@dataclass
class Recorder:
    """Every call that the simulated servers answered: function, parameters and reply."""

    calls: list[tuple[str, Params, Reply]] = field(default_factory=list)

    def functions(self) -> set[str]:
        return {function for function, *_ in self.calls}

    def hold_against(self, schema: Any) -> None:
        for function, params, reply in self.calls:
            requires(schema, function, params, reply)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    found, answer = Recorder(), Milky.call

    def call(self: Milky, action: str, params: Params) -> Reply:
        reply = answer(self, action, params)
        found.calls.append((action, copy.deepcopy(params), reply))
        return reply

    monkeypatch.setattr(Milky, "call", call)
    return found


def requires(schema: Any, function: str, params: Params, reply: Reply) -> None:
    """The request and the answer keep the contract, which names nothing for an empty object."""
    api = schema["apis"][function]
    nothing = {"type": "object", "properties": {}}
    assert [] == faults(closed(api["request"] or nothing), params), function
    if reply.status == 200 and reply.body["status"] == "ok":
        assert [] == faults(closed(api["response"] or nothing), reply.body["data"]), function


def test_a_whole_cycle_over_llbots_milky_keeps_the_contract(schema: Any, recorder: Recorder, tmp_path: Path) -> None:
    with staged(tmp_path, implementation="llbot-milky") as stage:
        (stage.folder / "notice.png").write_bytes(PICTURE)
        rules, news = stage.wanted["announcements"]
        stage.group({**stage.wanted, "announcements": [rules, {**news, "image": "notice.png"}]})
        assert 0 == stage.run("apply", "--auto-approve").code
        stage.group({**stage.wanted, "mute_all": False, "roles": [], "announcements": []})
        assert 0 == stage.run("apply", "--auto-approve", "--allow", "delete:hub/admin/alice").code
        assert "No changes" in stage.run("plan").out
        assert "新群名" == stage.live(STAGED)["name"]

    recorder.hold_against(schema)
    assert {
        "get_impl_info", "get_login_info", "get_group_list", "get_group_member_list", "get_group_member_info",
        "get_group_announcements", "set_group_name", "set_group_member_card", "set_group_member_special_title",
        "set_group_member_admin", "set_group_whole_mute", "send_group_announcement", "delete_group_announcement",
    } <= recorder.functions()  # fmt: skip


def test_a_cycle_over_lagranges_milky_keeps_the_contract(schema: Any, recorder: Recorder, tmp_path: Path) -> None:
    with staged(tmp_path, implementation="lagrange-milky") as stage:
        role = {"key": "all", "members": ["alice"], "title": "头衔", "card": "{name}"}
        stage.group({"kind": "Group", "key": "hub", "id": STAGED, "profile": {"name": "新"}, "roles": [role]})
        assert 0 == stage.run("apply", "--auto-approve").code
        assert "No changes" in stage.run("plan").out

    recorder.hold_against(schema)
    assert {"set_group_name", "set_group_member_card", "set_group_member_special_title"} <= recorder.functions()


@pytest.mark.parametrize("kind", [LLBotMilky, LagrangeMilky])
def test_every_function_of_the_simulated_servers_is_one_of_milkys_and_answers_as_it_says(
    schema: Any, kind: type[Milky]
) -> None:
    calls = taken(kind, MILKY)

    assert {call.action for call in calls} <= schema["apis"].keys()
    for call in calls:
        requires(schema, call.action, call.params, call.reply)


def test_the_contract_would_notice(schema: Any) -> None:
    api = closed(schema["apis"]["get_group_announcements"]["response"])
    notice = {"group_id": STAGED, "announcement_id": "1", "user_id": STAGED, "time": 1, "content": ""}

    assert [] == faults(api, {"announcements": [notice]})
    assert faults(api, {"announcements": [{**notice, "image": "x"}]})
    assert faults(api, {"announcements": [{**notice, "user_id": "1"}]})


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)
