"""Held against Milky's own schema: every request the tool sends, and every answer of the simulated servers."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from qqgroup_provision.simulator.dialects.base import Params, Reply
from qqgroup_provision.simulator.dialects.milky import LagrangeMilky, LLBotMilky, Milky
from qqgroup_provision.simulator.seed import SeedMember, SeedNotice
from qqgroup_provision.simulator.world import World
from tests.contracts.contract import contract
from tests.planning.material import GROUP, SELF, seed
from tests.stage import GROUP as STAGED
from tests.stage import staged

FILE = "milky-1.2.2.schema.json"
ALICE = SELF + 1


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


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    found, answer = Recorder(), Milky.call

    def call(self: Milky, action: str, params: Params) -> Reply:
        reply = answer(self, action, params)
        found.calls.append((action, copy.deepcopy(params), reply))
        return reply

    monkeypatch.setattr(Milky, "call", call)
    return found


def faults(schema: Mapping[str, Any] | None, value: Any) -> list[str]:
    """What is wrong with a value. A contract without a schema stands for the empty object."""
    strict = {**(schema or {"type": "object", "properties": {}}), "additionalProperties": False}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(strict).iter_errors(value)]


def requires(schema: Any, recorder: Recorder) -> None:
    for function, params, reply in recorder.calls:
        api = schema["apis"][function]
        assert [] == faults(api["request"], params), function
        if reply.status == 200 and reply.body["status"] == "ok":
            assert [] == faults(api["response"], reply.body["data"]), function


def test_a_whole_cycle_over_llbots_milky_keeps_the_contract(schema: Any, recorder: Recorder, tmp_path: Path) -> None:
    with staged(tmp_path, implementation="llbot-milky") as stage:
        (stage.folder / "notice.png").write_bytes(PICTURE)
        rules, news = stage.wanted["announcements"]
        stage.group({**stage.wanted, "announcements": [rules, {**news, "image": "notice.png"}]})
        assert 0 == stage.run("apply", "--auto-approve").code
        stage.group({**stage.wanted, "mute_all": False, "roles": [], "announcements": []})
        assert 0 == stage.run("apply", "--auto-approve").code
        assert "No changes" in stage.run("plan").out
        assert "新群名" == stage.live(STAGED)["name"]

    requires(schema, recorder)
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

    requires(schema, recorder)
    assert {"set_group_name", "set_group_member_card", "set_group_member_special_title"} <= recorder.functions()


@pytest.mark.parametrize("kind", [LLBotMilky, LagrangeMilky])
def test_every_function_of_the_simulated_servers_is_one_of_milkys_and_answers_as_it_says(
    schema: Any, recorder: Recorder, kind: type[Milky]
) -> None:
    found = seed(SeedMember(ALICE, "member", "A", "牌", "头衔"), notices=[SeedNotice("一 <二>", SELF, image=True)])
    server = kind(World(found), found.accounts["main"])
    assert server.actions.keys() <= schema["apis"].keys()
    usual = {
        "group_id": GROUP, "user_id": ALICE, "no_cache": True, "new_group_name": "名", "card": "x", "content": "文",
        "special_title": "x", "is_set": True, "is_mute": True, "duration": 60, "reject_add_request": False,
        "announcement_id": "x", "image_uri": "base64://eA==",
    }  # fmt: skip
    for function in sorted(server.actions, key=lambda name: name == "kick_group_member"):
        properties = (schema["apis"][function]["request"] or {}).get("properties", {})
        assert properties.keys() <= usual.keys(), function
        server.call(function, {key: usual[key] for key in properties})
    server.call("get_group_member_list", {"group_id": GROUP})
    server.world.close()

    requires(schema, recorder)


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)
