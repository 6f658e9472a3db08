"""The kinds and operations there are: found by themselves, rebuilt from plain fields, and refused otherwise."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.messages import say
from qqgroup_provision.ports import Absent, Known, LiveNotice, LiveProfile, Unknown
from qqgroup_provision.resources.announcement import AnnouncementKind
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.kind import UNREADABLE, Last, Observed, Step, Wanted
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.member import MemberKind
from qqgroup_provision.resources.mute_all import MuteAllKind
from qqgroup_provision.resources.operation import Operation
from qqgroup_provision.resources.profile import ProfileKind
from qqgroup_provision.resources.registry import kinds, operations, rebuild
from tests.planning.material import PEOPLE, SELF, groups, hub, role

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(),
    "str": st.text(),
    "bool": st.booleans(),
    "tuple[str, ...]": st.lists(st.text()).map(tuple),
}


def any_of(kind: type[Operation]) -> st.SearchStrategy[Operation]:
    return st.builds(kind, *(VALUES[str(field.type)] for field in fields(kind)))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(operations().values(), key=lambda kind: kind.name)).flatmap(any_of))
def test_an_operation_is_rebuilt_from_what_json_keeps_of_it(operation: Operation) -> None:
    written = json.loads(json.dumps(asdict(operation)))

    assert operation == rebuild(operations()[operation.name], written)


@pytest.mark.parametrize("kind", operations().values(), ids=lambda kind: kind.name)
def test_a_field_that_is_missing_or_of_another_type_is_refused(kind: type[Operation]) -> None:
    good = {"int": 1, "str": "x", "bool": True, "tuple[str, ...]": ["x"]}
    whole = {field.name: good[str(field.type)] for field in fields(kind)}
    assert whole == json.loads(json.dumps(asdict(rebuild(kind, whole))))
    for field in fields(kind):
        for wrong in (None, 1.5, {}, [1], *(value for name, value in good.items() if name != field.type)):
            with pytest.raises(TypeError):
                rebuild(kind, {**whole, field.name: wrong})
        with pytest.raises(KeyError):
            rebuild(kind, {key: value for key, value in whole.items() if key != field.name})


def test_a_groups_changes_are_carried_out_in_an_order_that_makes_sense() -> None:
    names = [kind.name for kind in kinds()]

    assert len({kind.order for kind in kinds()}) == len(names) == len(set(names))
    assert names.index("admin") < names.index("title")
    assert "mute_all" == names[-1], "what is to be said is said before a mute"


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
@given(wish=groups)
@settings(max_examples=25, deadline=None)
def test_what_was_not_read_or_is_not_there_is_never_a_live_item(kind: Any, wish: Any) -> None:
    wanted = kind.wanted(wish)
    last = {"old": Last({}, {"qq": "1", "notice_id": "x"})} if kind.collection else {"": Last({})}
    lost = Unknown(say("lost"))
    for reading in (lost, Absent()):
        live = LiveGroup(SELF, reading, reading, reading)
        found = kind.observe(wish, wanted, last, live)
        assert wanted.keys() | last.keys() <= found.keys()
        assert all(isinstance(value, Unknown) for value in found.values())


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_a_kind_that_yaml_does_not_speak_of_wants_nothing(kind: Any) -> None:
    assert not kind.managed(hub())
    assert not kind.wanted(hub())


@pytest.mark.parametrize("kind", [ProfileKind(), MuteAllKind()], ids=lambda kind: kind.name)
def test_what_a_group_has_once_has_no_steps_where_yaml_wants_nothing(kind: Any) -> None:
    observed = Observed({"name": "x", "mute_all": True})

    assert () == kind.operations(Step(Action.FORGET, hub(), SELF, None, observed, frozenset()))


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if isinstance(kind, MemberKind)], ids=lambda kind: kind.name
)
def test_nobody_is_changed_who_is_not_there(kind: Any) -> None:
    wanted = Wanted("alice", {kind.field: True}, SELF + 1)

    assert () == kind.operations(Step(Action.CREATE, hub(), SELF, wanted, None, frozenset({kind.field})))


def test_a_field_an_implementation_does_not_give_is_unreadable_and_not_empty() -> None:
    live = LiveGroup(SELF, Known(LiveProfile("名", None, None)))
    profile = ProfileKind().observe(hub(), {"": Wanted("", {})}, {}, live)[""]
    muted = MuteAllKind().observe(hub(), {}, {}, live)[""]

    assert isinstance(profile, Known)
    assert isinstance(muted, Known)
    assert (UNREADABLE, UNREADABLE) == (profile.value.fields["remark"], muted.value.fields["mute_all"])
    assert "UNREADABLE" == repr(UNREADABLE)


def test_only_the_fields_that_differ_are_sent() -> None:
    wanted = Wanted("", {"name": "新", "remark": "备"})
    for changed in ({"name"}, {"remark"}, {"name", "remark"}):
        step = Step(Action.UPDATE, hub(), SELF, wanted, Observed({}), frozenset(changed))
        sent = {"rename": "name", "set_remark": "remark"}
        assert changed == {sent[operation.name] for operation in ProfileKind().operations(step)}


def test_a_role_gives_each_member_what_it_says_and_no_more() -> None:
    wish = hub(roles=(role("a", PEOPLE[:2], admin=True), role("b", PEOPLE[2:3], title=None, card="{name}!")))
    found = {kind.name: kind.wanted(wish) for kind in kinds() if isinstance(kind, MemberKind)}

    assert {"self": True, "alice": True} == {key: item.fields["admin"] for key, item in found["admin"].items()}
    assert [("bob", None, False)] == [(k, i.fields["title"], i.exists) for k, i in found["title"].items()]
    assert {"bob": "小波!"} == {key: item.fields["card"] for key, item in found["card"].items()}


def test_a_key_in_yaml_that_looks_like_a_live_announcements_is_not_taken_for_it() -> None:
    theirs = LiveNotice("a1", "别人的", SELF, 1)
    wanted = {"notice-a1": Wanted("notice-a1", {"text": "我们的"})}
    readings = AnnouncementKind().observe(hub(), wanted, {}, LiveGroup(SELF, notices=Known((theirs,))))

    assert Absent() == readings.pop("notice-a1")
    assert ["notice-a1@live"] == list(readings)


notices = st.lists(
    st.builds(
        LiveNotice,
        notice_id=st.integers(0, 99).map(lambda n: f"{731000001:08x}{n:016x}"),
        text=st.sampled_from(["一", "二", "三"]),
        sender_id=st.just(SELF),
        published_at=st.integers(0, 9),
    ),
    max_size=6,
    unique_by=lambda notice: notice.notice_id,
).map(tuple)
wants = st.lists(st.sampled_from(["一", "二", "四"]), unique=True, max_size=3).map(
    lambda texts: {f"k{n}": Wanted(f"k{n}", {"text": text}) for n, text in enumerate(texts)}
)
memories = st.dictionaries(
    st.sampled_from(["k0", "k1", "old"]),
    st.integers(0, 99).map(lambda n: Last({"text": "一"}, {"notice_id": f"{731000001:08x}{n:016x}"})),
)


@settings(max_examples=200, deadline=None)
@given(wants, memories, notices)
def test_every_announcement_is_one_item_and_none_is_two(
    wanted: dict[str, Wanted], last: dict[str, Last], live: tuple[LiveNotice, ...]
) -> None:
    readings = AnnouncementKind().observe(hub(), wanted, last, LiveGroup(SELF, notices=Known(live)))
    ids = [reading.value.ids["notice_id"] for reading in readings.values() if isinstance(reading, Known)]
    by_id = {notice.notice_id: notice for notice in live}

    assert sorted(by_id) == sorted(ids)
    assert wanted.keys() | last.keys() <= readings.keys()
    for key, want in wanted.items():
        reading = readings[key]
        text = want.fields["text"]
        if any(notice.text == text for notice in live):
            assert isinstance(reading, Known)
            assert text == reading.value.fields["text"], "what is up already is never posted again"
    previous = {entry.ids["notice_id"] for entry in last.values()}
    for key, reading in readings.items():
        if isinstance(reading, Known) and reading.value.ours:
            assert reading.value.ids["notice_id"] in previous
            assert key not in wanted
