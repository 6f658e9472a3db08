"""An import describes what is live: a plan has nothing to say to it, and a second import nothing to add."""

from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings

from qqgroup_provision.adoption.adopt import Wish
from qqgroup_provision.ports import Rank
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.live import LiveGroup
from tests.adoption.material import Folder, before_and_after, group, member

often = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
ALICE, BOB, CAROL = 100000001, 100000002, 100000003


def actions(folder: Folder, live: dict[int, LiveGroup]) -> set[Action]:
    plan = folder.plan(live)
    assert not plan.errored
    return {change.action for change in plan.changes}


@often
@given(before_and_after)
def test_whatever_is_live_comes_back_from_yaml_and_a_change_of_it_too(
    tmp_path: Path, worlds: tuple[dict[int, LiveGroup], dict[int, LiveGroup]]
) -> None:
    live, later = worlds
    folder = Folder(tmp_path / "groups")
    folder.adopt(live)

    assert actions(folder, live) <= {Action.ADOPT}
    assert {} == folder.adopt(live).files
    changed = {**live, **later}
    notes = folder.adopt(changed).notes
    if not any(note.code in ("QG162", "QG163") for note in notes):
        assert actions(folder, changed) <= {Action.ADOPT}
    assert {} == folder.adopt(changed).files


def test_a_group_is_named_by_the_ascii_words_of_its_name_else_by_its_number(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    names = ["Python 总群", "python", "总群", "People", "CON", "123", "qq-1"]
    adopted = folder.adopt({731000001 + n: group(name=name) for n, name in enumerate(names)})

    assert ["python", "python-2", "group-731000003", "people-2"] == [*adopted.keys.values()][:4]
    assert [f"group-73100000{n}" for n in (5, 6, 7)] == [*adopted.keys.values()][4:]


def test_members_who_are_alike_share_a_role_and_the_name_is_found_in_the_card(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    folder.adopt(
        {
            731000001: group(
                member(ALICE, "【维护】小艾", "维护者", Rank.ADMIN, "Alice"),
                member(BOB, "【维护】小波", "维护者", Rank.ADMIN, "阿波"),
                member(CAROL, "Carol·北京", nickname="Carol"),
                member(100000009, nickname="nobody special"),
            )
        }
    )
    texts = folder.texts()

    assert [
        {
            "key": "admins",
            "members": ["alice", f"qq-{BOB}"],
            "admin": True,
            "title": "维护者",
            "card": "【维护】{name}",
        },
        {"key": "carded", "members": ["carol"], "card": "{name}·北京"},
    ] == yaml.safe_load(texts["group-731000001.yaml"])["roles"]
    assert {
        "alice": {"qq": ALICE, "name": "小艾"},
        f"qq-{BOB}": {"qq": BOB, "name": "小波"},
        "carol": {"qq": CAROL, "name": "Carol"},
    } == yaml.safe_load(texts["people.yaml"])["people"]


def test_what_groups_share_is_in_a_template_and_nowhere_else(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    live = {
        731000001: group(member(ALICE, title="x"), notices=("Rules", "only here")),
        731000002: group(member(ALICE, title="x"), notices=("Rules", "for two")),
        731000003: group(notices=("for two",)),
    }
    folder.adopt(live, Wish("main", template="common"))
    data = {name: yaml.safe_load(text) for name, text in folder.texts().items()}

    assert {"kind": "Template", "key": "common-2", "announcements": [{"key": "for-two", "text": "for two"}]} == data[
        "templates/common-2.yaml"
    ]
    assert ["x"] == [item["key"] for item in data["templates/common.yaml"]["roles"]]
    assert ["rules"] == [item["key"] for item in data["templates/common.yaml"]["announcements"]]
    assert [["common"], ["common", "common-2"], ["common-2"]] == [
        data[f"group-73100000{n}.yaml"]["extends"] for n in (1, 2, 3)
    ]
    assert [["only-here"], None] == [
        [i["key"] for i in a] if (a := data[f"group-73100000{n}.yaml"].get("announcements")) else None for n in (1, 2)
    ]
    assert actions(folder, live) == {Action.ADOPT}


def test_a_change_by_hand_touches_its_line_and_no_other(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    written = (
        "kind:   Group  # a layout\nkey: hub\nid: 731000001\n\n"
        "roles:\n- key: lead   # of all\n  members: [alice]\n  # the title\n"
        "  title: 旧   # kept\n  card: '【x】{name}'\n"
        "announcements:\n  - key: rules\n    text: |   # long\n      一\n      二\n  # below\n"
        'profile: {name: "群", remark: r}\n# end\n'
    )
    folder.write("hub.yaml", written)
    folder.write("people.yaml", f"kind: People\npeople:\n  alice: {{qq: {ALICE}, name: 小艾}}\n")
    same = {731000001: group(member(ALICE, "【x】小艾", "旧"), name="群", remark="r", notices=("一\n二",))}
    folder.adopt(same)
    unmuted = folder.texts()["hub.yaml"]
    folder.adopt(
        {731000001: group(member(ALICE, "【x】小艾", "新: #"), name="群", remark="", notices=("一\n三\n四",))}
    )

    assert unmuted == written.replace("r}\n", "r}\nmute_all: false\n")
    assert folder.texts()["hub.yaml"] == unmuted.replace("旧   # kept", '"新: #"   # kept').replace(
        "remark: r", "remark: null"
    ).replace("|   # long\n      一\n      二\n", "|-   # long\n      一\n      三\n      四\n")


def test_one_who_differs_leaves_the_role_and_comments_stay(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    folder.write(
        "hub.yaml",
        "kind: Group\nkey: hub\nid: 731000001\nmute_all: false\nprofile: {name: 群}\nroles:\n  - key: leads\n"
        "    members:\n      - alice # first\n      # about bob\n      - bob\n    title: 甲\n  # the end\n",
    )
    folder.write("people.yaml", f"kind: People\npeople: {{alice: {ALICE}, bob: {BOB}}}\n")
    folder.adopt({731000001: group(member(ALICE, title="甲"), member(BOB, title="乙", rank=Rank.ADMIN))})

    assert folder.texts()["hub.yaml"].endswith(
        "    members:\n      - alice # first\n      # about bob\n    title: 甲\n"
        "  - key: admins\n    members: [bob]\n    admin: true\n    title: 乙\n  # the end\n"
    )


def test_somebody_yaml_calls_by_number_keeps_the_number(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    role = f"roles: [{{key: leads, members: [{ALICE}], admin: true}}]\n"
    folder.write("hub.yaml", "kind: Group\nkey: hub\nid: 731000001\n" + role)
    live = {731000001: group(member(ALICE, title="x", rank=Rank.ADMIN, nickname="Alice"))}
    folder.adopt(live)

    assert "people.yaml" not in folder.texts()
    assert f"[{ALICE}], title: x" in folder.texts()["hub.yaml"]
    assert actions(folder, live) == {Action.ADOPT}


def test_an_older_announcement_than_the_list_holds_is_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    folder.write("hub.yaml", "kind: Group\nkey: hub\nid: 731000001\nannouncements: [{key: old, text: old}]\n")
    folder.adopt({731000001: group(notices=tuple(f"n{n}" for n in range(20)))})

    assert ["old", *(f"n{n}" for n in range(20))] == [
        item["key"] for item in yaml.safe_load(folder.texts()["hub.yaml"])["announcements"]
    ]


def test_the_key_of_one_that_went_is_not_given_to_another(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    folder.write(
        "hub.yaml",
        "kind: Group\nkey: hub\nid: 731000001\nannouncements:\n"
        "  - {key: notice-1, text: 一, confirm: true}\n  - {key: notice-2, text: 二}\n",
    )
    folder.adopt({731000001: group(notices=("二", "三", "四"))})

    assert [("notice-2", "二"), ("notice-3", "三"), ("notice-4", "四")] == [
        (item["key"], item["text"]) for item in yaml.safe_load(folder.texts()["hub.yaml"])["announcements"]
    ]


def test_an_empty_list_takes_no_announcement_out_of_the_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    live = {731000001: group(notices=("一", "二"))}
    folder.adopt(live)
    before = folder.texts()
    adopted = folder.adopt({731000001: group()})

    assert (before, ["QG162"]) == (folder.texts(), [note.code for note in adopted.notes])


def test_what_a_template_asks_for_and_is_gone_is_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    folder.write(
        "common.yaml", "kind: Template\nkey: common\nannouncements: [{key: a, text: a}, {key: b, text: b}]\n"
    )
    folder.write("hub.yaml", "kind: Group\nkey: hub\nid: 731000001\nextends: [common]\n")
    adopted = folder.adopt({731000001: group(notices=("b",))})

    assert [("QG163", "hub")] == [(note.code, note.subject) for note in adopted.notes]


def test_a_file_with_aliases_is_reported_and_left_as_it_is(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    folder.write(
        "hub.yaml", "kind: Group\nkey: hub\nid: 731000001\nprofile: {name: &n 群, remark: *n}\nmute_all: false\n"
    )
    before = folder.texts()
    adopted = folder.adopt({731000001: group(name="别", remark="群")})

    assert (before, ["QG164"], {}) == (folder.texts(), [note.code for note in adopted.notes], adopted.keys)
