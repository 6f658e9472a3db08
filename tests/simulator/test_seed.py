"""World files: what they mean, what they leave out, and that nothing in one is worse than a diagnostic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import Seed, SeedMember, SeedPost, SeedReverse, parse_seed, read_seed
from qqgroup_provision.simulator.world import World
from qqgroup_provision.simulator.worlds import example_world

WORLD: dict[str, Any] = {
    "kind": "World",
    "clock": 1_800_000_000,
    "accounts": {
        "main": {
            "qq": 100000000,
            "nickname": "小助手",
            "implementation": "llbot",
            "token": "t",
            "port": 0,
            "message_format": "array",
            "friends": [100000001],
            "report_self": False,
            "reverse": [{"url": "ws://127.0.0.1:9/", "role": "universal", "reconnect": 5}],
            "post": [{"url": "http://127.0.0.1:9/", "secret": "s"}],
        }
    },
    "people": {100000001: "Alice"},
    "groups": [
        {
            "id": 731000001,
            "name": "群",
            "owner": 100000000,
            "admins": [100000001],
            "members": [100000002, {"qq": 100000003, "card": "c", "title": "t", "nickname": "丙"}],
            "strangers": 2,
            "announcements": [{"text": "公告"}, {"text": "图", "sender": 100000001, "pinned": True, "image": True}],
        }
    ],
    "faults": [{"action": "x", "http": 500}],
}


def changed(*path: Any, to: Any) -> str:
    world = yaml.safe_load(yaml.safe_dump(WORLD))
    container = world
    for part in path[:-1]:
        container = container[part]
    if to is ...:
        del container[path[-1]]
    else:
        container[path[-1]] = to
    return yaml.safe_dump(world, allow_unicode=True)


def refused(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "world.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInput) as caught:
        read_seed(path)
    (found,) = caught.value.diagnostics
    assert ("QG151", path.as_posix()) == (found.code, found.subject)
    return str(found.summary)


def test_a_world_is_what_is_written_and_the_rest_is_made_up() -> None:
    seed = parse_seed(yaml.safe_dump(WORLD))
    (group,) = seed.groups

    assert ("llbot", "t", 0) == (
        seed.accounts["main"].implementation,
        seed.accounts["main"].token,
        seed.accounts["main"].port,
    )
    assert (
        SeedMember(100000000, "owner", "小助手"),
        SeedMember(100000001, "admin", "Alice"),
        SeedMember(100000002, "member", "100000002"),
        SeedMember(100000003, "member", "丙", "c", "t"),
    ) == group.members[:4]
    assert ["member"] * 2 == [member.role for member in group.members[4:]]
    assert [("公告", 100000000, False, False), ("图", 100000001, True, True)] == [
        (notice.text, notice.sender, notice.pinned, notice.image) for notice in group.notices
    ]
    assert (500, "", False, 1) == (group.capacity, group.remark, group.mute_all, len(seed.faults))


def test_an_account_says_where_its_events_go_and_the_world_what_time_it_is() -> None:
    text = yaml.safe_dump(
        {
            "kind": "World",
            "clock": "2026-11-23T20:00:00+08:00",
            "accounts": {
                "main": {
                    "qq": 10001, "token": "t", "message_format": "string", "report_self": True, "friends": [10002],
                    "reverse": ["ws://127.0.0.1:1/", {"url": "wss://x/", "token": "u", "reconnect": 2}],
                    "post": ["http://127.0.0.1:2/", {"url": "https://x/", "secret": "s"}],
                }
            },
            "people": {10002: "Bob"},
        }
    )  # fmt: skip
    seed = parse_seed(text)
    main = seed.accounts["main"]

    assert ("string", True, (10002,), 1795435200) == (main.message_format, main.report_self, main.friends, seed.clock)
    assert (
        SeedReverse("ws://127.0.0.1:1/", "universal", "t", 5.0),
        SeedReverse("wss://x/", "universal", "u", 2.0),
    ) == main.reverse
    assert (SeedPost("http://127.0.0.1:2/", ""), SeedPost("https://x/", "s")) == main.post
    assert {10001: "main", 10002: "Bob"} == seed.people
    assert parse_seed("kind: World\naccounts: {a: {qq: 10001}}\n").clock is None


def test_the_least_of_a_world_is_one_account() -> None:
    seed = parse_seed("kind: World\naccounts: {a: {qq: 10001}}\n")

    assert ("napcat", "a", "", ()) == (
        seed.accounts["a"].implementation,
        seed.accounts["a"].nickname,
        seed.accounts["a"].token,
        seed.groups,
    )


def test_the_world_of_the_example_can_be_lived_in() -> None:
    world = World(read_seed(example_world()))
    sizes = {group: len(found["members"]) for group, found in world.snapshot().items()}

    assert {"731000001", "731000002", "731000003"} == sizes.keys()
    assert min(sizes.values()) > 50
    world.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "kind: World"),
        ("[]", "kind: World"),
        ("kind: Group\n", "kind: World"),
        ("kind: [", ""),
        (b"\xff", ""),
        ("kind: World\n", "accounts"),
        ("- " * 1200, ""),
        (changed("accounts", to=[]), ""),
        (changed("accounts", "main", "qq", to=...), "qq"),
        (changed("accounts", "main", "qq", to="x"), "x"),
        (changed("accounts", "main", "qq", to=-1), "-1"),
        (changed("accounts", "main", "qq", to=1 << 70), "bounds"),
        (changed("accounts", "main", "qq", to=float("inf")), ""),
        (changed("accounts", "main", "port", to=65536), "65536"),
        (changed("accounts", "main", "implementation", to="mirai"), "mirai is none of napcat, llbot"),
        (changed("accounts", "main", "message_format", to="xml"), "xml is none of"),
        (changed("accounts", "main", "reverse", to=["http://x/"]), "ws://"),
        (changed("accounts", "main", "reverse", to=[{"role": "api"}]), "url"),
        (changed("accounts", "main", "reverse", to=[{"url": "ws://x/", "role": "api"}]), "api is none of universal"),
        (changed("accounts", "main", "reverse", to=[{"url": "ws://x/", "reconnect": 0}]), "reconnect"),
        (changed("accounts", "main", "post", to=["ws://x/"]), "http://"),
        (changed("clock", to="2026-11-23T20:00:00"), "moment"),
        (changed("people", to={"x": "y"}), "x"),
        (changed("groups", to=[WORLD["groups"][0]] * 2), "same id"),
        (changed("groups", 0, "id", to=...), "id"),
        (changed("groups", 0, "name", to=...), "name"),
        (changed("groups", 0, "members", to=[None]), ""),
        (changed("groups", 0, "announcements", to=[{"pinned": True}]), "text"),
        (changed("faults", to=[1]), ""),
        (changed("faults", to=[{"action": "x"}]), "a fault has to say"),
    ],
    ids=lambda value: f"{value[:30]!r}",
)
def test_what_is_no_world_is_told(tmp_path: Path, text: str | bytes, words: str) -> None:
    assert words in refused(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="QG151"):
        read_seed(tmp_path / "nothing.yaml")


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, below in pairs for found in ((*path, key), *spots(below, (*path, key)))]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 1 << 70)
    | st.floats()
    | st.text(st.characters(codec="ascii"), max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=2),
    max_leaves=3,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([spot for spot in spots(WORLD) if "strangers" not in spot]), st.just(...) | json_values)
def test_changed_anywhere_a_world_is_one_or_is_refused(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    (tmp_path / "world.yaml").write_text(changed(*path, to=value))
    try:
        seed = read_seed(tmp_path / "world.yaml")
    except InvalidInput:
        return
    assert isinstance(seed, Seed)
    World(seed).close()


def test_a_world_that_cannot_be_begun_is_an_error_and_not_a_silence(tmp_path: Path) -> None:
    (tmp_path / "world.db").write_text("this is no database " * 100)
    simulator = RunningSimulator(parse_seed(yaml.safe_dump(WORLD)), database=tmp_path / "world.db")

    with pytest.raises(InvalidInput) as raised:
        simulator.__enter__()
    assert ["QG151"] == [item.code for item in raised.value.diagnostics]
