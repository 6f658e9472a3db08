"""The plan file: the very plan that was written, or a diagnostic; and Terraform's words where it has them."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision import __version__
from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import language, say, use_language
from qqgroup_provision.planning import plan_file
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.plan import Extra, GroupFacts, Plan
from qqgroup_provision.planning.plan_file import OUR_FORMAT, plan_document, read_plan, write_plan
from qqgroup_provision.platforms.read_groups import Request, read_groups
from qqgroup_provision.resources.change import Action, Change, FieldChange
from qqgroup_provision.resources.title import SetTitle
from qqgroup_provision.simulator.seed import Seed, read_seed
from qqgroup_provision.simulator.worlds import example_world
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Group
from qqgroup_provision.workspace.schema import schema_folder
from tests.planning.material import Scene, groups, worlds

PLAN = Plan(
    "config",
    "lineage",
    7,
    changes=(
        Change(
            Address("hub", "title", "alice"),
            Action.UPDATE,
            731000001,
            (FieldChange("title", "旧", "新"), FieldChange("answer", None, None, sensitive=True)),
            (SetTitle(731000001, 100000001, "新"),),
            say("it was changed in QQ since the last apply"),
            {"qq": "100000001"},
            {"title": "新", "list": ("a", {"b": None})},
            ("confirm",),
            "fingerprint",
            "Alice",
            Place("hub.yaml", 3, 4, 3, 9),
        ),
        Change(Address("hub", "profile"), Action.FORGET, 0),
    ),
    unchanged=2,
    extras=(Extra(Address("hub", "admin", "qq-1"), "Bob"),),
    diagnostics=(Diagnostic("QG511", say("{a} {b}", a=say("an admin"), b=3), severity=Severity.WARNING),),
    groups={"hub": GroupFacts("群", 731000001, "main", 500)},
    targets=("hub/*",),
    reads=5,
    seconds=2.5,
)
WRITTEN = json.loads(write_plan(PLAN))


def refused(content: bytes) -> Diagnostic:
    with pytest.raises(InvalidInput) as caught:
        read_plan(content, "plan.json")
    (found,) = caught.value.diagnostics
    assert ("plan.json", True) == (found.subject, bool(str(found.hint)))
    return found


def example_plan() -> Plan:
    """The plan of the example workspace in the world it comes with."""
    workspace = load_workspace(schema_folder().parent / "groups").required()

    async def run(scene: Scene) -> Plan:
        needed = collections_needed(workspace, State(), ())
        requests = {key: Request(workspace.groups[key].id, needs) for key, needs in needed.items()}
        live = await read_groups(requests, scene.reader, scene.facts.self_id)
        return make_plan(
            workspace, live, State(), {"main": scene.facts}, reads=9, now=datetime(2026, 12, 1, tzinfo=UTC)
        )

    scene = Scene(read_seed(example_world()))
    try:
        return asyncio.run(run(scene))
    finally:
        scene.close()


def test_a_plan_of_every_part_is_read_back_as_it_was_written() -> None:
    assert PLAN == read_plan(write_plan(PLAN), "plan.json")


def test_the_plan_of_the_example_is_read_back_as_it_was_written() -> None:
    plan = example_plan()

    assert len(plan.changes) > 20
    assert plan == read_plan(write_plan(plan), "plan.json")
    assert write_plan(plan) == write_plan(example_plan())


@settings(max_examples=60, deadline=None)
@given(worlds(), st.lists(groups, min_size=2, max_size=2))
def test_any_plan_is_read_back_as_it_was_written(world: Seed, wishes: list[Group]) -> None:
    async def run(scene: Scene) -> list[Plan]:
        first = await scene.plan(wishes[0], State())
        return [first, await scene.plan(wishes[1], await scene.carry_out(first, State()))]

    scene = Scene(world)
    try:
        plans = asyncio.run(run(scene))
    finally:
        scene.close()
    for plan in plans:
        again = read_plan(write_plan(plan), "plan.json")
        assert plan == again
        assert write_plan(plan) == write_plan(again)


def test_a_plan_written_in_one_language_is_shown_in_another() -> None:
    before = language()
    try:
        use_language("en")
        content = write_plan(example_plan())
        english = read_plan(content, "p").changes[0].operations[0].describe()
        use_language("zh_CN")
        assert content == write_plan(read_plan(content, "p"))
        chinese = str(read_plan(content, "p").changes[0].operations[0].describe())
        use_language("en")
        assert chinese != str(english)
    finally:
        use_language(before)


def test_terraforms_words_are_used_where_it_has_them() -> None:
    def actions(action: Action) -> Any:
        return plan_document(Plan("", "", 0, (Change(Address("hub", "title", "a"), action, 1),)))["resource_changes"][
            0
        ]

    assert {
        "create": ["create"],
        "update": ["update"],
        "replace": ["create", "delete"],
        "delete": ["delete"],
        "forget": ["forget"],
        "adopt": ["no-op"],
        "move": ["no-op"],
        "manual": ["no-op"],
    } == {action.word: actions(action)["change"]["actions"] for action in Action}
    assert [Action.ADOPT] == [action for action in Action if "importing" in actions(action)["change"]]
    change = WRITTEN["resource_changes"][0]
    assert ("hub/title/alice", "title", "alice") == (change["address"], change["type"], change["name"])
    assert ({"title": "旧", "answer": None}, {"title": "新", "answer": None}, {"answer": True}) == (
        change["change"]["before"],
        change["change"]["after"],
        change["change"]["after_sensitive"],
    )
    assert (__version__, "1.2", False) == (
        WRITTEN["qqgroup"]["version"],
        WRITTEN["format_version"],
        WRITTEN["errored"],
    )


def test_a_plan_of_a_newer_format_is_refused_and_says_which_version_wrote_it() -> None:
    newer = {**WRITTEN, "qqgroup": {**WRITTEN["qqgroup"], "format": OUR_FORMAT + 1, "version": "99.1"}}
    found = refused(json.dumps(newer).encode())

    assert ("QG701", True) == (found.code, "99.1" in str(found.summary))


def test_keys_that_a_later_version_added_are_passed_over() -> None:
    later = copy.deepcopy(WRITTEN)
    later["later"] = later["qqgroup"]["later"] = later["resource_changes"][0]["qqgroup"]["later"] = 1

    assert PLAN == read_plan(json.dumps(later).encode(), "plan.json")


@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b"7", b'{"resource_changes": [], "qqgroup": []}', b'{"format_version": "1.2"}']
)
def test_a_file_that_is_no_plan_of_ours_is_said_to_be_none(content: bytes) -> None:
    assert "QG702" == refused(content).code


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000], ids=["empty", "cut", "bytes", "deep"])
def test_what_is_no_json_is_damage(content: bytes) -> None:
    assert "QG703" == refused(content).code


def test_a_plan_over_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_file, "_MAX_BYTES", len(write_plan(PLAN)) - 1)

    assert "QG703" == refused(write_plan(PLAN)).code


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield from spots(below, (*path, key))


SPOTS = list(spots(WRITTEN))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["hub/title", "{x}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SPOTS), st.just(...) | json_values)
def test_changed_anywhere_a_plan_file_is_a_plan_or_a_diagnostic(path: tuple[Any, ...], value: Any) -> None:
    changed = copy.deepcopy(WRITTEN)
    container: Any = changed
    for part in path[:-1]:
        container = container[part]
    if value is ...:
        del container[path[-1]]
    else:
        container[path[-1]] = value
    try:
        plan = read_plan(json.dumps(changed).encode(), "plan.json")
    except InvalidInput as error:
        found = error
    else:
        assert plan == read_plan(write_plan(plan), "plan.json")
        assert all(str(item.summary) is not None for item in plan.diagnostics)
        return
    assert {item.code for item in found.diagnostics} <= {"QG701", "QG702", "QG703"}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(write_plan(PLAN)) - 2))
def test_a_plan_file_cut_off_anywhere_is_damage(end: int) -> None:
    assert "QG703" == refused(write_plan(PLAN)[:end]).code


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("reason", {"text": "{missing}", "values": {"a": 1}}),
        ("reason", {"text": "{a[5]}", "values": {"a": "x"}}),
        ("reason", {"text": "{a.b}", "values": {"a": "x"}}),
        ("reason", {"text": "{0}", "values": {"a": "x"}}),
        ("reason", {"text": "{", "values": {"a": "x"}}),
        ("operations", [{"name": "rm", "fields": {}}]),
        ("operations", [{"name": "rename", "fields": {"group_id": 1}}]),
        ("operations", [{"name": "rename", "fields": {"group_id": "1", "new_name": "x"}}]),
        ("operations", [{"name": "rename", "fields": {"group_id": True, "new_name": "x"}}]),
        ("operations", [{"name": "set_admin", "fields": {"group_id": 1, "user_id": 1, "admin": 1}}]),
        ("action", "destroy"),
        ("applied", {"x": 1.5}),
        ("place", {"file": "x"}),
    ],
    ids=str,
)
def test_a_part_of_the_wrong_shape_is_damage(where: str, value: Any) -> None:
    changed = copy.deepcopy(WRITTEN)
    changed["resource_changes"][0]["qqgroup"][where] = value

    assert "QG703" == refused(json.dumps(changed).encode()).code


def test_values_nested_too_deep_to_be_read_are_damage() -> None:
    changed = copy.deepcopy(WRITTEN)
    changed["resource_changes"][0]["qqgroup"]["applied"] = {"x": "HERE"}

    assert "QG703" == refused(json.dumps(changed).encode().replace(b'"HERE"', b"[" * 900 + b"]" * 900)).code
