"""The two Milky servers in their own words, over HTTP as a client meets them."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.simulator.dialects.milky import LagrangeMilky, LLBotMilky, Milky
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import SeedMember, SeedNotice, parse_seed
from qqgroup_provision.simulator.world import World
from tests.planning.material import seed
from tests.stage import GROUP, SELF

ALICE = 100000001
STRANGER = 199999999
TOKEN = "s3cret-token"
PNG = "base64://" + base64.b64encode(b"\x89PNG").decode()
WORLD = {
    "kind": "World",
    "accounts": {
        "ll": {"qq": SELF, "implementation": "llbot-milky", "token": TOKEN},
        "lgm": {"qq": SELF, "implementation": "lagrange-milky", "token": TOKEN},
        "low": {"qq": ALICE, "implementation": "llbot-milky", "token": TOKEN},
        "low_lgm": {"qq": ALICE, "implementation": "lagrange-milky", "token": TOKEN},
    },
    "groups": [
        {
            "id": GROUP,
            "name": "旧",
            "owner": SELF,
            "members": [{"qq": ALICE, "card": "牌"}, 100000002],
            "settings": {"description": "简介", "question": "暗号？"},
            "announcements": [{"text": '一 <b> & "x"\n 二', "image": True}],
        }
    ],
}
BOTH = pytest.mark.parametrize("account", ["ll", "lgm"])


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(parse_seed(yaml.safe_dump(WORLD))) as found:
        yield found


def ask(
    simulator: RunningSimulator,
    path: str,
    body: bytes = b"{}",
    account: str = "ll",
    token: str | None = TOKEN,
    kind: str = "application/json",
) -> tuple[int, Any]:
    """HTTP status and JSON of an answer, `None` for an empty one."""
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token is not None else {})
    request = urllib.request.Request(simulator.endpoint(account) + path, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read()
    return status, json.loads(text) if text else None


def call(simulator: RunningSimulator, account: str, function: str, **params: Any) -> tuple[int, Any]:
    """HTTP status, and the retcode of an answer that is not ok or its data."""
    status, answer = ask(simulator, f"/api/{function}", json.dumps({"group_id": GROUP, **params}).encode(), account)
    if answer is None:
        return status, None
    return status, answer["data"] if answer["status"] == "ok" else answer["retcode"]


def member(simulator: RunningSimulator, qq: int = ALICE) -> dict[str, Any]:
    found: dict[str, Any] = simulator.control("world", account="ll")[str(GROUP)]["members"][str(qq)]
    return found


def group(simulator: RunningSimulator) -> dict[str, Any]:
    found: dict[str, Any] = simulator.control("world", account="ll")[str(GROUP)]
    return found


def test_each_says_who_it_is(simulator: RunningSimulator) -> None:
    said = [call(simulator, account, "get_impl_info")[1] for account in ("ll", "lgm")]

    assert [("LLBot", "1.2"), ("Lagrange.Core", "1.2")] == [(s["impl_name"], s["milky_version"]) for s in said]
    assert "58a4f99ac" == said[1]["impl_version"]
    assert (200, {"uin": SELF, "nickname": "ll"}) == call(simulator, "ll", "get_login_info")


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_wrong_or_missing_token_is_answered_401(simulator: RunningSimulator, token: str | None) -> None:
    status, answer = ask(simulator, "/api/get_login_info", token=token)

    assert (401, "failed", 401) == (status, answer["status"], answer["retcode"])
    assert (401, None) == ask(simulator, "/api/get_login_info", account="lgm", token=token)


def test_only_lagrange_takes_a_token_from_the_query(simulator: RunningSimulator) -> None:
    path = f"/api/get_login_info?access_token={TOKEN}"

    assert [401, 200] == [ask(simulator, path, account=account, token=None)[0] for account in ("ll", "lgm")]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_called_json_is_answered_415(simulator: RunningSimulator, kind: str) -> None:
    assert 415 == ask(simulator, "/api/get_login_info", kind=kind)[1]["retcode"]
    assert (415, None) == ask(simulator, "/api/get_login_info", account="lgm", kind=kind)
    assert 200 == ask(simulator, "/api/get_login_info", kind="application/json; charset=utf-8")[0]


def test_a_function_nobody_knows_is_answered_404(simulator: RunningSimulator) -> None:
    status, answer = ask(simulator, "/api/set_group_remark")

    assert (404, 404, "API not found") == (status, answer["retcode"], answer["message"])
    for function in ("get_group_announcements", "set_group_member_admin", "set_group_avatar"):
        assert (404, None) == call(simulator, "lgm", function)
    with pytest.raises(urllib.error.HTTPError, match="404"):  # no prefix, no function
        urllib.request.urlopen(simulator.endpoint("ll") + "/get_login_info", b"{}", timeout=30)


@BOTH
@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"7", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_answered_and_nothing_is_done(
    simulator: RunningSimulator, account: str, body: bytes
) -> None:
    status, answer = ask(simulator, "/api/get_group_list", body, account)

    assert (500, None) == (status, answer) if account == "lgm" else (200, "failed") == (status, answer["status"])


@pytest.mark.parametrize("wrong", [str(GROUP), 10000, 0, -1, 4294967296, None, True, 1.5, [], "x"])
def test_a_group_that_is_no_number_or_below_10001_is_refused(simulator: RunningSimulator, wrong: Any) -> None:
    assert (200, -400) == call(simulator, "ll", "set_group_name", group_id=wrong, new_group_name="x")
    assert (500, None) == call(simulator, "lgm", "set_group_name", group_id=wrong, new_group_name="x")
    assert "旧" == group(simulator)["name"]


@pytest.mark.parametrize("wrong", [1, 0, "true", "false", []])
def test_only_a_boolean_is_a_boolean_and_null_is_as_good_as_missing(simulator: RunningSimulator, wrong: Any) -> None:
    assert (200, -400) == call(simulator, "ll", "set_group_whole_mute", is_mute=wrong)
    assert not group(simulator)["mute_all"]
    assert (200, {}) == call(simulator, "ll", "set_group_whole_mute", is_mute=None)
    assert group(simulator)["mute_all"]
    assert (200, {}) == call(simulator, "lgm", "set_group_whole_mute", is_mute=False)
    assert not group(simulator)["mute_all"]


@BOTH
def test_a_group_does_not_say_whether_it_is_muted(simulator: RunningSimulator, account: str) -> None:
    call(simulator, account, "set_group_whole_mute")
    (listed,) = call(simulator, account, "get_group_list")[1]["groups"]

    assert ("旧", 3, "简介", "暗号？") == tuple(
        listed[key] for key in ("group_name", "member_count", "description", "question")
    )
    assert listed == call(simulator, account, "get_group_info")[1]["group"]
    assert not [key for key in listed if "mute" in key or "shut" in key]


@BOTH
def test_somebody_muted_has_an_end_of_it_and_others_have_none(simulator: RunningSimulator, account: str) -> None:
    call(simulator, account, "set_group_member_mute", user_id=ALICE, duration=60)
    listed = call(simulator, account, "get_group_member_list")[1]["members"]
    assert {ALICE} == {item["user_id"] for item in listed if "shut_up_end_time" in item}
    call(simulator, account, "set_group_member_mute", user_id=ALICE)  # without a duration it is lifted
    assert "shut_up_end_time" not in call(simulator, account, "get_group_member_info", user_id=ALICE)[1]["member"]


@BOTH
def test_somebody_who_is_not_there_is_denied_with_minus_404(simulator: RunningSimulator, account: str) -> None:
    assert (200, -404) == call(simulator, account, "get_group_member_info", user_id=STRANGER)


def test_an_announcement_is_escaped_unpinned_and_to_be_confirmed(simulator: RunningSimulator) -> None:
    (listed,) = call(simulator, "ll", "get_group_announcements")[1]["announcements"]
    assert "一&nbsp;&lt;b&gt;&nbsp;&amp;&nbsp;&quot;x&quot;&#10;&nbsp;二" == listed["content"]
    assert listed["image_url"].startswith("https://")
    assert (200, {}) == call(simulator, "ll", "send_group_announcement", content="新", pinned=True, confirm=False)
    newest = group(simulator)["announcements"][0]
    assert ("新", False, True) == (newest["text"], newest["pinned"], newest["confirm"])
    assert (200, {}) == call(simulator, "ll", "delete_group_announcement", announcement_id=newest["id"])
    assert (200, -500) == call(simulator, "ll", "delete_group_announcement", announcement_id=newest["id"])


def test_no_more_than_twenty_announcements_are_listed(simulator: RunningSimulator) -> None:
    for number in range(22):
        call(simulator, "ll", "send_group_announcement", content=str(number))

    assert 20 == len(call(simulator, "ll", "get_group_announcements")[1]["announcements"])


def test_what_qq_refuses_llbot_passes_on_except_of_titles_and_lagrange_crashes(simulator: RunningSimulator) -> None:
    before = group(simulator)
    writes: dict[str, dict[str, Any]] = {
        "set_group_name": {"new_group_name": "x"},
        "set_group_member_card": {"user_id": 100000002, "card": "x" * 61},
        "set_group_whole_mute": {"is_mute": True},
        "set_group_member_mute": {"user_id": 100000002, "duration": 60},
    }
    answers = {
        function: (call(simulator, "low", function, **params), call(simulator, "low_lgm", function, **params))
        for function, params in writes.items()
    }

    assert {(200, -500)} == {llbot for llbot, _ in answers.values()}
    assert (200, -500) == answers.pop("set_group_whole_mute")[1]
    assert {(500, None)} == {lagrange for _, lagrange in answers.values()}
    title = {"user_id": ALICE, "special_title": "x"}
    assert (200, {}) == call(simulator, "low", "set_group_member_special_title", **title)
    assert (500, None) == call(simulator, "low_lgm", "set_group_member_special_title", **title)
    assert (200, -500) == call(simulator, "low", "set_group_member_admin", user_id=ALICE)
    assert before == group(simulator)


@pytest.mark.parametrize("function", [
    "set_group_member_card", "set_group_member_special_title", "set_group_member_admin", "set_group_member_mute",
    "kick_group_member",
])  # fmt: skip
def test_somebody_who_is_not_there_makes_llbot_fail_inside(simulator: RunningSimulator, function: str) -> None:
    params = {"user_id": STRANGER, "card": "x", "special_title": "x"}
    status, answer = ask(simulator, f"/api/{function}", json.dumps({"group_id": GROUP, **params}).encode())

    assert (200, 500, True) == (status, answer["retcode"], answer["message"].startswith("Internal error: "))


def test_lagrange_tells_a_kick_the_wrong_way_round(simulator: RunningSimulator) -> None:
    assert (200, {}) == call(simulator, "low_lgm", "kick_group_member", user_id=100000002)
    assert str(100000002) in group(simulator)["members"]
    assert (200, -500) == call(simulator, "lgm", "kick_group_member", user_id=100000002)
    assert str(100000002) not in group(simulator)["members"]
    assert (200, {}) == call(simulator, "ll", "kick_group_member", user_id=ALICE)
    assert str(ALICE) not in group(simulator)["members"]


@BOTH
def test_names_cards_and_titles_are_set_and_cleared(simulator: RunningSimulator, account: str) -> None:
    for text in ("新", ""):
        call(simulator, account, "set_group_member_card", user_id=ALICE, card=text)
        call(simulator, account, "set_group_member_special_title", user_id=ALICE, special_title=text)
        assert (text, text) == (member(simulator)["card"], member(simulator)["title"])
    assert (200, {}) == call(simulator, account, "set_group_name", new_group_name="新群名")
    assert "新群名" == group(simulator)["name"]


def test_admins_and_avatars_are_llbots_alone(simulator: RunningSimulator) -> None:
    assert (200, {}) == call(simulator, "ll", "set_group_member_admin", user_id=ALICE)  # a missing is_set is true
    assert "admin" == member(simulator)["role"]
    assert (200, {}) == call(simulator, "ll", "set_group_member_admin", user_id=ALICE, is_set=False)
    assert "member" == member(simulator)["role"]
    assert (200, {}) == call(simulator, "ll", "set_group_avatar", image_uri=PNG)
    assert (200, -500) == call(simulator, "ll", "set_group_avatar", image_uri="base64://eA==")
    assert (200, 500) == call(simulator, "ll", "set_group_avatar", image_uri="file:///x")


@BOTH
def test_faults_are_answered_in_milkys_envelope(simulator: RunningSimulator, account: str) -> None:
    def fault(rule: dict[str, Any]) -> Any:
        simulator.control("faults", "PUT", [rule], account=account)
        return call(simulator, account, "get_group_member_list")

    assert (200, {"members": []}) == fault({"empty": True})
    assert (200, -500) == fault({"refuse": {"retcode": -500, "message": "说不"}})
    assert (503, None) == fault({"http": 503})
    spoilt = fault({"body": "wrong_types"})[1]
    assert isinstance(spoilt["members"], list)
    assert isinstance(spoilt["members"][0], list)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=6)
    | st.sampled_from([GROUP, str(GROUP), ALICE, PNG, "base64://中", "\ud83d"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
PARAMS = ["group_id", "user_id", "is_set", "is_mute", "card", "new_group_name", "special_title", "content",
          "image_uri", "announcement_id", "duration", "no_cache", "reject_add_request"]  # fmt: skip


@pytest.mark.parametrize("kind", [LLBotMilky, LagrangeMilky])
def test_any_call_with_any_parameters_is_answered(kind: type[Milky]) -> None:
    found = seed(SeedMember(ALICE, "member", "A"), notices=[SeedNotice("x", SELF)])
    opened = kind(World(found), found.accounts["main"])
    usual = {"group_id": GROUP, "user_id": ALICE}

    @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.sampled_from([*opened.actions, "no_such"]),
        st.dictionaries(st.sampled_from(PARAMS), json_values, max_size=4),
    )
    def answered(function: str, params: dict[str, Any]) -> None:
        reply = opened.call(function, {**usual, **params})
        assert reply.status in (200, 404, 500)
        if reply.body is not None:
            assert (reply.body["status"] == "ok") == (reply.body["retcode"] == 0)
            json.dumps(reply.body, ensure_ascii=False).encode()

    answered()
    opened.world.close()
