"""Templates, parents and groups put together: what wins, where it was written, and what goes round in circles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace.compose import MAX_EXTENDS, Composer
from qqgroup_provision.workspace.document import Document, parse_document
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.positions import Positions
from tests.workspace.folder import GROUP, TWO_ACCOUNTS, faults, groups, load

RULES = (
    "kind: Template\nkey: base\nannouncements:\n- {key: rules, text: 群规, pinned: true}\n- {key: faq, text: 问答}\n"
)


def test_a_group_changes_one_item_of_a_templates_list_and_keeps_the_others(tmp_path: Path) -> None:
    own = GROUP + "extends: [base]\nannouncements:\n- {key: new, text: 新}\n- {key: rules, text: 新群规}\n"
    hub = groups(tmp_path, {"t.yaml": RULES, "g.yaml": own})["hub"]

    assert [("rules", "新群规", True), ("faq", "问答", False), ("new", "新", False)] == [
        (item.key, item.text, bool(item.pinned)) for item in hub.announcements or ()
    ]


def test_the_group_wins_over_its_templates_and_a_later_template_over_an_earlier(tmp_path: Path) -> None:
    hub = groups(
        tmp_path,
        {
            "a.yaml": "kind: Template\nkey: a\nprofile: {name: 甲, remark: 甲}\nmute_all: true\n",
            "b.yaml": "kind: Template\nkey: b\nprofile: {remark: 乙}\n",
            "g.yaml": GROUP + "extends: [a, b]\nprofile: {name: 丙}\n",
        },
    )["hub"]

    assert ("丙", "乙", True) == (hub.name, hub.remark, hub.mute_all)


def test_null_takes_back_what_a_template_gives(tmp_path: Path) -> None:
    hub = groups(tmp_path, {"t.yaml": RULES, "g.yaml": GROUP + "extends: [base]\nannouncements: null\n"})["hub"]

    assert () == hub.announcements


def test_a_list_without_keys_is_replaced_whole(tmp_path: Path) -> None:
    template = "kind: Template\nkey: base\nroles: [{key: a, admin: true, members: [alice]}]\n"
    hub = groups(
        tmp_path,
        {"t.yaml": template, "g.yaml": GROUP + "extends: [base]\nroles: [{key: a, members: [bob]}]\n"},
    )["hub"]

    assert [("a", True, ["bob"])] == [(r.key, r.admin, [p.key for p in r.members]) for r in hub.roles or ()]


def test_two_items_of_one_list_with_one_key_are_a_fault_also_over_a_template(tmp_path: Path) -> None:
    own = GROUP + "extends: [base]\nannouncements:\n- {key: rules, text: x}\n- {key: rules, text: y}\n"

    assert ["QG308 g.yaml:7:9"] == faults(load(tmp_path, {"t.yaml": RULES, "g.yaml": own}))


def test_two_items_of_a_templates_list_with_one_key_are_told_in_the_template(tmp_path: Path) -> None:
    template = RULES + "- {key: faq, text: 再问}\n"

    assert ["QG308 t.yaml:6:9"] == faults(load(tmp_path, {"t.yaml": template, "g.yaml": GROUP + "extends: [base]\n"}))


def test_a_fault_of_a_template_is_told_where_the_template_was_written(tmp_path: Path) -> None:
    long = "x" * 601
    template = f"kind: Template\nkey: base\nannouncements:\n- key: rules\n  text: {long}\n"
    own = GROUP + "extends: [base]\nannouncements: [{key: rules, text: ok}, {key: b, text: " + long + "}]\n"

    assert ["QG312 t.yaml:5:9"] == faults(load(tmp_path, {"t.yaml": template, "g.yaml": GROUP + "extends: [base]\n"}))
    assert ["QG312 g.yaml:5:56"] == faults(load(tmp_path, {"t.yaml": template, "g.yaml": own}))


def test_an_unknown_template_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"t.yaml": RULES, "g.yaml": GROUP + "extends: [base, baes]\n"})

    assert ["QG301 g.yaml:4:17"] == faults(loaded)
    assert "`base`" in str(next(iter(loaded.diagnostics)).hint)


def test_an_unknown_parent_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"g.yaml": GROUP, "h.yaml": "kind: Group\nkey: low\nid: 731000002\nparent: hbu\n"})

    assert ["QG303 h.yaml:4:9"] == faults(loaded)
    assert "`hub`" in str(next(iter(loaded.diagnostics)).hint)


@pytest.mark.parametrize("ring", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_templates_in_a_circle_are_told_once_however_many_groups_extend_them(tmp_path: Path, ring: list[str]) -> None:
    files = {
        f"{key}.yaml": f"kind: Template\nkey: {key}\nextends: [{after}]\n"
        for key, after in zip(ring, [*ring[1:], ring[0]], strict=True)
    }
    files |= {f"g{n}.yaml": f"kind: Group\nkey: g{n}\nid: 73100000{n}\nextends: [a]\n" for n in (1, 2)}
    loaded = load(tmp_path, files)

    assert [f"QG302 {ring[-1]}.yaml:3:11"] == faults(loaded)
    assert " → ".join([*ring, "a"]) in str(next(iter(loaded.diagnostics)).summary)


@pytest.mark.parametrize("ring", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_parents_in_a_circle_are_told_once(tmp_path: Path, ring: list[str]) -> None:
    files = {
        f"{key}.yaml": f"kind: Group\nkey: {key}\nid: 73100000{number}\nparent: {after}\n"
        for number, (key, after) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True))
    }
    loaded = load(tmp_path, files | {"z.yaml": "kind: Group\nkey: z\nid: 731000009\nparent: a\n"})

    assert [f"QG304 {ring[-1]}.yaml:4:9"] == faults(loaded)
    assert " → ".join([*ring, "a"]) in str(next(iter(loaded.diagnostics)).summary)


@pytest.mark.parametrize("first", [f"a{MAX_EXTENDS + 1}", "zz"])
def test_a_chain_of_templates_has_an_end(tmp_path: Path, first: str) -> None:
    """Whichever group is composed first: one that extends the whole chain, or one that knows half of it already."""
    chain = ["kind: Template\nkey: a1\nmute_all: true\n"]
    chain += [f"kind: Template\nkey: a{n}\nextends: [a{n - 1}]\n" for n in range(2, 601)]
    templates = {f"t{n:03}.yaml": text for n, text in enumerate(chain, start=1)}
    half = "kind: Group\nkey: half\nid: 731000002\nextends: [a16]\n"
    files = {**templates, "g1.yaml": half, f"{first}.yaml": GROUP + "extends: [a33]\n"}

    assert ["QG343"] == [fault.split()[0] for fault in faults(load(tmp_path, files))]
    (tmp_path / f"{first}.yaml").write_text(GROUP + "extends: [a600]\n", encoding="utf-8")
    assert ["QG343 t569.yaml:3:11"] == faults(load_workspace(tmp_path))
    (tmp_path / f"{first}.yaml").write_text(GROUP + "extends: [a32]\n", encoding="utf-8")
    assert load_workspace(tmp_path).required().groups["hub"].mute_all is True


def test_templates_may_meet_again_without_a_circle(tmp_path: Path) -> None:
    hub = groups(
        tmp_path,
        {
            "root.yaml": "kind: Template\nkey: root\nmute_all: true\n",
            "l.yaml": "kind: Template\nkey: l\nextends: [root]\n",
            "r.yaml": "kind: Template\nkey: r\nextends: [root]\nprofile: {name: 名}\n",
            "g.yaml": GROUP + "extends: [l, r]\n",
        },
    )["hub"]

    assert (True, "名") == (hub.mute_all, hub.name)


def test_the_account_comes_from_the_nearest_ancestor_that_names_one(tmp_path: Path) -> None:
    found = groups(
        tmp_path,
        {
            "a.yaml": "kind: Group\nkey: top\nid: 731000001\naccount: main\nmute_all: true\n",
            "b.yaml": "kind: Group\nkey: mid\nid: 731000002\nparent: top\n",
            "c.yaml": "kind: Group\nkey: own\nid: 731000003\nparent: mid\naccount: other\n",
            "d.yaml": "kind: Group\nkey: low\nid: 731000004\nparent: own\n",
        },
        TWO_ACCOUNTS,
    )

    assert {"top": "main", "mid": "main", "own": "other", "low": "other"} == {k: g.account for k, g in found.items()}
    assert not found["mid"].mute_all, "nothing else is inherited"


def test_a_wrong_account_that_is_inherited_is_told_where_it_stands(tmp_path: Path) -> None:
    files = {
        "a.yaml": "kind: Group\nkey: top\nid: 731000001\naccount: nobody\n",
        "b.yaml": "kind: Group\nkey: low\nid: 731000002\nparent: top\n",
    }

    assert ["QG305 a.yaml:4:10"] == faults(load(tmp_path, files))


def test_a_line_of_parents_may_be_longer_than_python_recurses(tmp_path: Path) -> None:
    positions, documents = Positions(), {}
    for number in range(3000):
        above = "account: main" if number == 2999 else f"parent: g{number + 1}"
        text = f"kind: Group\nkey: g{number}\n{above}\n".encode()
        documents[f"g{number}"], _ = parse_document(text, f"g{number}.yaml", positions)
    composer = Composer({key: found for key, found in documents.items() if found}, {}, positions)

    assert "main" == composer.group("g0")["account"]
    assert [] == composer.found


scalars = st.integers(0, 99) | st.sampled_from(["甲", "乙 丙", "x"]) | st.booleans() | st.none()
keys = st.sampled_from(["a", "b", "c", "d"])
values: st.SearchStrategy[Any] = st.recursive(
    scalars | st.lists(scalars, max_size=3),
    lambda inner: (
        st.dictionaries(keys, inner, max_size=3)
        | st.lists(
            st.builds(lambda k, rest: {**rest, "key": k}, keys, st.dictionaries(keys, inner, max_size=2)),
            max_size=3,
            unique_by=lambda item: item["key"],
        )
    ),
    max_leaves=8,
)
bodies = st.dictionaries(keys, values, max_size=4)


def expected(base: Any, own: Any) -> Any:
    """Merging in as few words as possible."""
    if isinstance(base, dict) and isinstance(own, dict):
        return base | {key: expected(base[key], value) if key in base else value for key, value in own.items()}
    if all(isinstance(x, list) and x and all(isinstance(i, dict) and "key" in i for i in x) for x in (base, own)):
        mine = {item["key"]: item for item in own}
        kept = [expected(item, mine.pop(item["key"])) if item["key"] in mine else item for item in base]
        return [*kept, *(item for item in own if item["key"] in mine)]
    return own


@settings(max_examples=80, deadline=None)
@given(bodies, bodies, bodies)
def test_composing_is_merging_and_every_value_is_found_where_its_place_says(
    first: dict[str, Any], second: dict[str, Any], own: dict[str, Any]
) -> None:
    positions, texts, documents = Positions(), {}, {}
    written = {
        "t": {"kind": "Template", **first},
        "u": {"kind": "Template", **second},
        "g": {"kind": "Group", "extends": ["t", "u"], **own},
    }
    for name, body in written.items():
        texts[name] = yaml.safe_dump(body, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000)
        documents[name], found = parse_document(texts[name].encode(), name, positions)
        assert [] == found
    shelf = {name: document for name, document in documents.items() if document}
    body = Composer({"g": shelf["g"]}, {"t": shelf["t"], "u": shelf["u"]}, positions).group("g")

    assert expected(expected(first, second), own) == {k: v for k, v in body.items() if k not in ("kind", "extends")}
    assert_placed(body, positions, texts)


def assert_placed(container: Any, positions: Positions, texts: Mapping[str, str]) -> None:
    for key, value in container.items() if isinstance(container, dict) else enumerate(container):
        place = positions.value(container, key, Place("nowhere"))
        if isinstance(value, dict | list):
            assert_placed(value, positions, texts)
        else:
            line = texts[place.file].split("\n")[place.line - 1]
            assert value == yaml.safe_load(line[place.column - 1 : place.end_column - 1])


def test_what_is_composed_leaves_the_documents_as_they_were() -> None:
    positions = Positions()
    template, _ = parse_document(b"kind: Template\nprofile: {name: a}\n", "t", positions)
    group, _ = parse_document(b"kind: Group\nextends: [t]\nprofile: {remark: b}\n", "g", positions)
    assert isinstance(template, Document)
    assert isinstance(group, Document)
    body = Composer({"g": group}, {"t": template}, positions).group("g")

    assert {"name": "a", "remark": "b"} == body["profile"]
    assert ({"name": "a"}, {"remark": "b"}) == (template.data["profile"], group.data["profile"])
