"""A folder of YAML to one workspace: every fault in one run, and a digest that is that of what was read."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Severity
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.limits import CARD_BYTES, NAME_BYTES, NOTICE_CHARACTERS, TITLE_BYTES
from qqgroup_provision.workspace.load import load_workspace
from tests.reports.samples import speaking
from tests.workspace.folder import GROUP, WORKSPACE, faults, groups, load

PNG = b"\x89PNG\r\n\x1a\n"
UNSET_TEXT = "kind: Group\nkey: {key}\nid: {id}\n"


def test_a_folder_without_a_workspace_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text(GROUP)
    loaded = load_workspace(tmp_path)

    assert [f"QG120 {tmp_path.as_posix()}"] == faults(loaded)
    with pytest.raises(InvalidInput, match="QG120"):
        loaded.required()


def test_a_workspace_yaml_of_another_kind_is_no_workspace(tmp_path: Path) -> None:
    assert [f"QG120 {tmp_path.as_posix()}"] == faults(load(tmp_path, {}, GROUP))


def test_faults_of_all_files_are_told_in_one_run_in_the_order_of_files(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "c.yaml": GROUP + "profile: {nmae: x}\n",
            "a.yaml": "kind: Group\nkey: [\n",
            "b.yaml": "kind: Group\nkey: b\nid: 731000002\nroles: [{key: r, members: [nobody]}]\n",
            "d.yaml": "",
        },
    )

    assert ["QG102 a.yaml:3:1", "QG306 b.yaml:4:28", "QG203 c.yaml:4:11", "QG106 d.yaml:1:1"] == faults(loaded)
    assert (None, 6) == (loaded.workspace, loaded.files)


def test_a_second_workspace_group_or_template_of_one_key_is_told_with_the_first(tmp_path: Path) -> None:
    template = "kind: Template\nkey: t\n"
    files = {"a.yaml": GROUP, "b.yaml": GROUP, "t.yaml": template, "u.yaml": template, "z.yaml": WORKSPACE}
    loaded = load(tmp_path, files)

    assert ["QG316 b.yaml:2:6", "QG316 u.yaml:2:6", "QG316 z.yaml:1:1"] == faults(loaded)
    assert "a.yaml:1:1" in str(next(iter(loaded.diagnostics)).summary)


def test_two_groups_with_one_number_are_told_at_the_number(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"a.yaml": GROUP, "b.yaml": 'kind: Group\nkey: b\nid: "731000001"\n'})

    assert ["QG309 b.yaml:3:5"] == faults(loaded)
    assert "a.yaml:3:5" in str(next(iter(loaded.diagnostics)).hint)


def test_the_digest_changes_with_any_file_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(PNG)
    files = {"g.yaml": GROUP + "announcements: [{key: a, text: x, image: x.png}]\n", "unused.md": "x"}

    def digest(**changed: str) -> str:
        return load(tmp_path, {**files, **{f"{name}.yaml": text for name, text in changed.items()}}).required().digest

    first = digest()
    assert first == digest()
    (tmp_path / "unused.md").write_text("y")
    assert first == digest()
    (tmp_path / "x.png").write_bytes(PNG + b"changed")
    picture = digest()
    (tmp_path / "x.png").write_bytes(PNG)
    others = [picture, digest(g=files["g.yaml"] + "# a comment\n"), digest(h="kind: Template\nkey: t\n")]
    (tmp_path / "h.yaml").rename(tmp_path / "renamed.yaml")
    others.append(digest())
    assert 5 == len({first, *others})


def test_the_collector_is_left_as_it_was(tmp_path: Path) -> None:
    gc.disable()
    try:
        load(tmp_path, {})
        assert not gc.isenabled()
    finally:
        gc.enable()
    load(tmp_path, {"broken.yaml": "["})
    assert gc.isenabled()


def test_a_group_of_several_accounts_has_to_name_its_own(tmp_path: Path) -> None:
    two = WORKSPACE + '  other: {endpoint: "http://127.0.0.1:2", protocol: onebot11}\n'

    assert ["QG204 g.yaml:1:1"] == faults(load(tmp_path, {"g.yaml": GROUP}, two))


def test_a_group_without_a_number_is_told(tmp_path: Path) -> None:
    own = "kind: Group\nkey: hub\n"
    assert ["QG204 g.yaml:1:1"] == faults(load(tmp_path, {"g.yaml": own}))


def test_a_person_who_stands_twice_in_a_list_is_told_under_whatever_name(tmp_path: Path) -> None:
    roles = "roles: [{key: a, members: [alice, bob, 100000001, alice]}, {key: b, members: [alice]}]\n"

    assert ["QG307 g.yaml:4:40", "QG307 g.yaml:4:51"] == faults(load(tmp_path, {"g.yaml": GROUP + roles}))


def test_people_may_be_named_by_key_or_by_number_and_are_then_the_same(tmp_path: Path) -> None:
    roles = 'roles: [{key: a, members: [alice, "100000002", 100000009]}]\n'
    (role,) = groups(tmp_path, {"g.yaml": GROUP + roles})["hub"].roles or ()

    assert [("alice", 100000001), ("bob", 100000002), ("qq-100000009", 100000009)] == [
        (person.key, person.qq) for person in role.members
    ]


def test_a_picture_that_cannot_be_used_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"no picture")
    text = GROUP + "announcements:\n- {key: a, text: x, image: x.png}\n- {key: b, text: x, image: y.png}\n"

    assert ["QG123 g.yaml:5:28", "QG315 g.yaml:6:18", "QG122 g.yaml:6:28"] == faults(load(tmp_path, {"g.yaml": text}))


texts = st.text(st.sampled_from("aé中😀"), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, texts, st.integers(NOTICE_CHARACTERS - 2, NOTICE_CHARACTERS + 2), texts)
def test_a_text_is_too_long_exactly_when_qq_says_so(
    tmp_path: Path, title: str, card: str, notice: int, name: str
) -> None:
    text = (
        f"profile: {{name: {name}}}\n"
        f"roles:\n- {{key: a, members: [alice], card: '{card}{{name}}'}}\n- {{key: b, title: {title}}}\n"
        f"announcements: [{{key: n, text: {'😀' * notice}}}]\n"
    )
    found = {item.code: item.severity for item in load(tmp_path, {"g.yaml": GROUP + text}).diagnostics}
    expected = {
        "QG310": (len(title.encode()) > TITLE_BYTES, Severity.ERROR),
        "QG311": (len((card + "小艾").encode()) > CARD_BYTES, Severity.ERROR),
        "QG312": (notice > NOTICE_CHARACTERS, Severity.ERROR),
        "QG313": (len(name.encode()) > NAME_BYTES, Severity.WARNING),
    }
    if len(title) > TITLE_BYTES:  # the schema refuses it first
        assert {"QG208"} == found.keys()
    else:
        assert {code: severity for code, (is_so, severity) in expected.items() if is_so} == found


def test_two_roles_that_give_one_member_different_things_are_told_and_equal_ones_are_not(tmp_path: Path) -> None:
    text = """\
roles:
- {key: a, members: [alice, bob], title: 甲, card: "{name}"}
- {key: b, members: [alice], title: 甲, card: 小艾}
- {key: c, members: [bob], title: null, card: 小艾}
"""

    assert ["QG314 g.yaml:7:28", "QG314 g.yaml:7:41"] == faults(load(tmp_path, {"g.yaml": GROUP + text}))


@pytest.mark.parametrize("blank", [" ", "\t", "\u3000", "\u00a0", "\n \n"])
def test_an_announcement_of_blanks_is_none(tmp_path: Path, blank: str) -> None:
    written = blank.encode("unicode_escape").decode()
    loaded = load(tmp_path, {"a.yaml": GROUP + f'announcements: [{{key: rules, text: "{written}"}}]\n'})

    assert ["QG207 a.yaml:4:36"] == faults(loaded)


def test_what_a_group_was_called_is_nobodys_now_and_was_one_groups_only(tmp_path: Path) -> None:
    files = {
        "a.yaml": GROUP,
        "b.yaml": "kind: Group\nkey: b\nid: 731000002\nmoved: hub\n",
        "c.yaml": "kind: Group\nkey: c\nid: 731000003\nmoved: old\n",
        "d.yaml": "kind: Group\nkey: d\nid: 731000004\nmoved: old\n",
        "e.yaml": "kind: Group\nkey: e\nid: 731000005\nmoved: e\n",
        "f.yaml": "kind: Group\nkey: f\nid: 731000006\nmoved: gone\nprotect: [title/*]\n",
    }

    assert ["QG321 b.yaml:4:8", "QG321 d.yaml:4:8", "QG321 e.yaml:4:8"] == faults(load(tmp_path, files))
    (found,) = groups(tmp_path / "alone", {"f.yaml": files["f.yaml"]}).values()
    assert ("gone", ("title/*",)) == (found.moved, found.protect)


def test_the_words_a_hint_lists_are_listed_as_the_language_does(tmp_path: Path) -> None:
    loaded = load(tmp_path / "en", {"a.yaml": GROUP + "extends: [zzz]\n", "t.yaml": "kind: Template\nkey: one\n",
                                    "u.yaml": "kind: Template\nkey: two\n"})  # fmt: skip
    assert ["Known here: one, two."] == [str(item.hint) for item in loaded.diagnostics]
    with speaking("zh_CN"):
        loaded = load_workspace(tmp_path / "en")
        assert ["one、two" in str(item.hint) for item in loaded.diagnostics] == [True]
