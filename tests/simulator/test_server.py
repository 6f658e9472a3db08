"""A served world: tokens, bodies, the control interface, and each fault doing what it says."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from qqgroup_provision.simulator.faults import KINDS, Faults
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed
from tests.stage import GROUP, SELF

TOKEN = "s3cret-token"
WORLD = {
    "kind": "World",
    "accounts": {
        "nc": {"qq": SELF, "implementation": "napcat", "token": TOKEN},
        "ll": {"qq": SELF, "implementation": "llbot", "token": TOKEN},
        "open": {"qq": SELF, "implementation": "llbot"},
    },
    "groups": [{"id": GROUP, "name": "旧", "owner": SELF, "members": [100000001], "announcements": [{"text": "x"}]}],
}
RENAME = {"group_id": GROUP, "group_name": "新"}


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningSimulator]:
    with RunningSimulator(parse_seed(yaml.safe_dump(WORLD))) as found:
        yield found


@pytest.fixture
def simulator(shared: RunningSimulator) -> RunningSimulator:
    shared.control("faults", "PUT", [], account="nc")
    shared.control("calls", "DELETE", account="nc")
    shared.control(f"groups/{GROUP}", "PATCH", {"name": "旧", "mute_all": False}, account="nc")
    return shared


def ask(
    simulator: RunningSimulator,
    path: str,
    body: bytes | None = None,
    account: str = "nc",
    *,
    token: str | None = TOKEN,
    kind: str = "application/json",
    method: str = "POST",
) -> tuple[int, str]:
    """HTTP status and text of an answer."""
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token is not None else {})
    request = urllib.request.Request(simulator.endpoint(account) + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def call(simulator: RunningSimulator, action: str, account: str = "nc", **params: Any) -> Any:
    status, text = ask(simulator, f"/{action}", json.dumps(params).encode(), account)
    assert 200 == status, text
    return json.loads(text)


def faults(simulator: RunningSimulator, *rules: dict[str, Any]) -> None:
    simulator.control("faults", "PUT", list(rules), account="nc")


def name(simulator: RunningSimulator) -> str:
    return str(simulator.control("world", account="nc")[str(GROUP)]["name"])


@pytest.mark.parametrize(("account", "words"), [("nc", "token verify failed!"), ("ll", "token verify failed")])
@pytest.mark.parametrize("token", [None, "", "wrong", "中"])
def test_a_wrong_or_missing_token_is_answered_403_without_an_envelope(
    simulator: RunningSimulator, account: str, words: str, token: str | None
) -> None:
    header = token.encode().decode("latin-1") if token else token
    status, text = ask(simulator, "/get_login_info", b"{}", account, token=header)

    assert (403, {"message": words}) == (status, json.loads(text))
    assert 403 == ask(simulator, "/_simulator/world", account=account, token=header, method="GET")[0]


def test_a_token_may_stand_in_the_query_and_wins_there(simulator: RunningSimulator) -> None:
    assert 200 == ask(simulator, f"/get_login_info?access_token={TOKEN}", b"{}", token=None)[0]
    assert 200 == ask(simulator, f"/get_login_info?access_token={TOKEN}", b"{}", token="wrong")[0]
    assert 403 == ask(simulator, "/get_login_info?access_token=wrong", b"{}")[0]
    assert TOKEN not in json.dumps(simulator.control("calls", account="nc"))


def test_an_account_without_a_token_answers_anybody(simulator: RunningSimulator) -> None:
    assert 200 == ask(simulator, "/get_login_info", b"{}", "open", token=None)[0]


def test_a_get_at_the_root_says_that_it_lives(simulator: RunningSimulator) -> None:
    status, text = ask(simulator, "/", method="GET", token=None)

    assert (200, "ok", "NapCat4 Is Running") == (status, json.loads(text)["status"], json.loads(text)["message"])


@pytest.mark.parametrize("body", [b"{", b"not json", b"\xff", b"[" * 100_000], ids=["cut", "words", "bytes", "deep"])
def test_a_body_that_is_no_json_is_refused_as_each_does(simulator: RunningSimulator, body: bytes) -> None:
    assert (400, "Invalid JSON") == ask(simulator, "/get_group_list", body)
    status, text = ask(simulator, "/get_group_list", body, "ll")
    assert (200, 400) == (status, json.loads(text)["retcode"])
    assert json.loads(text)["message"].startswith("请求体解析失败: ")


def test_json_is_read_only_as_json_and_the_query_wins(simulator: RunningSimulator) -> None:
    body = json.dumps(RENAME).encode()
    assert 400 == json.loads(ask(simulator, "/set_group_name", body, kind="text/plain")[1])["retcode"]
    ask(simulator, "/set_group_name?group_name=query", body)
    assert "query" == name(simulator)
    ask(simulator, f"/set_group_name?group_id={GROUP}&group_name=get", method="GET")
    assert "get" == name(simulator)


@pytest.mark.parametrize("group", ["9" * 5000, "²", -1, None, [], {}, True])
def test_a_group_that_is_no_number_is_answered(simulator: RunningSimulator, group: Any) -> None:
    assert "failed" == call(simulator, "set_group_name", group_id=group, group_name="x")["status"]


def test_calls_are_kept_in_order_and_told_which_write(simulator: RunningSimulator) -> None:
    call(simulator, "get_group_list")
    call(simulator, "set_group_name", "ll", **RENAME)
    call(simulator, "_send_group_notice", group_id=GROUP, content="x", image="y" * 3000)
    found = simulator.control("calls", account="nc")

    assert [
        ("nc", "get_group_list", False, "ok"),
        ("ll", "set_group_name", True, "ok"),
        ("nc", "_send_group_notice", True, "failed"),
    ] == [(c["account"], c["action"], c["writes"], c["status"]) for c in found]
    assert len(found[2]["params"]["image"]) < 100
    assert found == simulator.control("calls", "DELETE", account="nc")
    assert [] == simulator.control("calls", account="nc")


def test_a_change_by_hand_is_a_change(simulator: RunningSimulator) -> None:
    simulator.control(f"groups/{GROUP}", "PATCH", {"name": "手改"}, account="nc")

    assert "手改" == call(simulator, "get_group_list", "ll")["data"][0]["group_name"]
    assert ("group_name", "手改") == (
        (last := simulator.control("timeline", account="nc")[-1])["event"],
        last["value"],
    )


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ({"refuse": {"retcode": 100, "message": "说不"}}, False),
        ({"pretend": True}, False),
        ({"empty": True}, False),
        ({"http": 500}, False),
        ({"reset": "before"}, False),
        ({"reset": "after"}, True),
        ({"delay": 0.01}, True),
        ({"timeout": 0.01}, True),
        ({"body": "html"}, True),
        ({"body": "truncated"}, True),
        ({"body": "not_json"}, True),
        ({"body": "wrong_types"}, True),
    ],
    ids=str,
)
def test_a_fault_says_what_it_says_and_does_what_it_does(
    simulator: RunningSimulator, fault: dict[str, Any], done: bool
) -> None:
    faults(simulator, {"action": "set_*", **fault})
    answer: Any = None
    try:
        answer = ask(simulator, "/set_group_name", json.dumps(RENAME).encode())
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
        assert "reset" in fault
    assert (("新" if done else "旧"), "reset" in fault) == (name(simulator), answer is None)
    if answer is not None:
        status, text = answer
        assert fault.get("http", 200) == status
        match fault:
            case {"refuse": _}:
                assert (100, "说不") == (json.loads(text)["retcode"], json.loads(text)["message"])
            case {"body": "wrong_types"}:
                assert "?" == json.loads(text)["data"]
            case {"body": _}:
                with pytest.raises(ValueError, match=r"."):
                    json.loads(text)
            case {"http": _}:
                assert "" == text
            case _:
                assert "ok" == json.loads(text)["status"]
    assert [next(iter(fault))] == [
        key for key in simulator.control("calls", account="nc")[-1]["fault"] if key != "action"
    ]


def given_up(simulator: RunningSimulator, account: str = "nc") -> None:
    """Send the rename, and do not wait for its answer."""
    body = json.dumps(RENAME).encode()
    request = urllib.request.Request(f"{simulator.endpoint(account)}/set_group_name?access_token={TOKEN}", body)
    request.add_header("Content-Type", "application/json")
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(request, timeout=0.2)


def test_a_delayed_call_is_done_after_its_delay_and_a_timed_out_one_before(simulator: RunningSimulator) -> None:
    faults(simulator, {"action": "set_group_name", "delay": 600})
    given_up(simulator)
    assert "旧" == name(simulator)
    faults(simulator, {"action": "set_group_name", "timeout": 600})
    given_up(simulator)
    assert "新" == name(simulator)


def test_an_empty_answer_to_a_list_is_an_empty_list(simulator: RunningSimulator) -> None:
    faults(simulator, {"empty": True})

    assert [[], [], None] == [
        call(simulator, action, group_id=GROUP)["data"]
        for action in ("get_group_list", "_get_group_notice", "get_login_info")
    ]


def test_wrong_types_spoil_every_field_of_a_list(simulator: RunningSimulator) -> None:
    faults(simulator, {"body": "wrong_types"})
    (item,) = call(simulator, "get_group_list")["data"]

    assert all(isinstance(value, list) for value in item.values())
    assert isinstance(call(simulator, "get_login_info")["data"]["user_id"], list)


def test_a_wait_that_is_asked_for_is_in_the_header(simulator: RunningSimulator) -> None:
    faults(simulator, {"http": 429, "retry_after": 7})
    request = urllib.request.Request(simulator.endpoint("nc") + f"/get_group_list?access_token={TOKEN}", b"{}")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)
    with caught.value as error:
        assert (429, "7") == (error.code, error.headers["Retry-After"])


def test_a_rule_counts_only_its_own_matches() -> None:
    rules = Faults(
        [
            {"action": "set_*", "skip": 1, "times": 2, "http": 500},
            {"group": 7, "http": 501},
            {"action": "get_*", "writes_only": True, "http": 502},
        ]
    )

    def met(action: str, group: int | None = None, *, writes: bool = True) -> int | None:
        found: int | None = rules.fault(action, group, writes=writes).get("http")
        return found

    assert [None, 500, 500, None, None] == [met("set_x") for _ in range(5)]
    assert [501, None] == [met("get_x", 7, writes=False), met("get_x", 8, writes=False)]
    assert [502, None] == [met("get_x"), met("get_x", writes=False)]


def test_a_rule_that_says_nothing_is_refused_and_the_old_ones_stay() -> None:
    rules = Faults([{"http": 500}])
    for wrong in ({}, {"action": "x"}, {"htpp": 500}):
        with pytest.raises(ValueError, match="a fault has to say"):
            rules.replace([wrong])
    assert 500 == rules.fault("x", None, writes=True)["http"]
    assert {"delay", "refuse", "http", "body", "reset", "timeout", "pretend", "empty", "deliver"} == set(KINDS)


def test_the_rules_that_were_given_are_not_changed_by_counting() -> None:
    rule = {"http": 500, "times": 1}
    Faults([rule]).fault("x", None, writes=True)

    assert {"http": 500, "times": 1} == rule


def test_latency_is_there_for_every_call() -> None:
    with RunningSimulator(parse_seed(yaml.safe_dump(WORLD)), latency=600) as slow:
        given_up(slow)
        assert "旧" == name(slow)
        assert [] == slow.control("calls", account="nc")


def test_a_world_is_served_over_ipv6_as_well() -> None:
    try:
        opened = RunningSimulator(parse_seed(yaml.safe_dump(WORLD)), host="::1")
    except OSError:
        pytest.skip("this system has no IPv6 loopback")
    with opened as found:
        assert found.endpoint("nc").startswith("http://")
