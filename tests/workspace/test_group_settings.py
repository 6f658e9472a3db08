"""Picture, description, joining, permissions and times as YAML writes them, and every fault at its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from qqgroup_provision.workspace.model import UNSET, Window
from tests.workspace.folder import GROUP, WORKSPACE, faults, groups, load

ANSWER = "${secret:HUB_ANSWER}"
WITH_SECRET = WORKSPACE + "secrets: [HUB_ANSWER]\n"


def test_what_is_written_is_what_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    text = GROUP + (
        "profile: {avatar: logo.png, description: ' 学习  '}\n"
        f"join: {{method: correct_answer, question: '谁？', answer: '{ANSWER}', robots: free,\n"
        "  history_visible_to_new_members: false}\n"
        "permissions: {create_group: false}\n"
    )
    hub = groups(tmp_path, {"hub.yaml": text}, WITH_SECRET)["hub"]

    assert hub.avatar
    assert ("logo.png", " 学习") == (hub.avatar.path, hub.description)
    assert hub.join.answer
    assert (ANSWER, "") == (hub.join.answer.reference, hub.join.answer.digest)
    assert ("correct_answer", "谁？", UNSET, False) == (
        hub.join.method, hub.join.question, hub.join.member_invites, hub.join.history_visible)  # fmt: skip
    assert (UNSET, False) == (hub.permissions.upload_album, hub.permissions.create_group)


@pytest.mark.parametrize(
    ("join", "found"),
    [
        ("method: open", []),
        ("robots: free", []),
        ("method: question_and_review, question: q", []),
        (f"method: correct_answer, question: q, answer: '{ANSWER}'", []),
        ("method: open, question: null, answer: null", []),
        ("method: open, question: q", ["QG318 hub.yaml:4:22"]),
        ("question: q", ["QG318 hub.yaml:4:8"]),
        ("method: question_and_review", ["QG318 hub.yaml:4:8"]),
        ("method: question_and_review, question: null", ["QG318 hub.yaml:4:8"]),
        ("method: correct_answer", ["QG318 hub.yaml:4:8"] * 2),
        ("method: correct_answer, question: q", ["QG318 hub.yaml:4:8"]),
        (f"method: question_and_review, question: q, answer: '{ANSWER}'", ["QG318 hub.yaml:4:50"]),
        ("method: correct_answer, question: q, answer: plain", ["QG207 hub.yaml:4:53"]),
        ("method: maybe", ["QG206 hub.yaml:4:16"]),
        ("robots: maybe", ["QG206 hub.yaml:4:16"]),
        ("search: true", ["QG203 hub.yaml:4:8"]),
    ],
)
def test_method_question_and_answer_have_to_fit(tmp_path: Path, join: str, found: list[str]) -> None:
    assert found == faults(load(tmp_path, {"hub.yaml": f"{GROUP}join: {{{join}}}\n"}, WITH_SECRET))


def test_a_group_can_take_back_what_its_template_asks(tmp_path: Path) -> None:
    template = f"kind: Template\nkey: t\njoin: {{method: correct_answer, question: q, answer: '{ANSWER}'}}\n"
    own = GROUP + "extends: [t]\njoin: {method: open, question: null, answer: null}\n"
    hub = groups(tmp_path, {"t.yaml": template, "hub.yaml": own}, WITH_SECRET)["hub"]

    assert ("open", None, None) == (hub.join.method, hub.join.question, hub.join.answer)


def announcement(publish: str) -> str:
    return f"{GROUP}announcements:\n  - key: a\n    text: x\n    publish: {{{publish}}}\n"


def window(tmp_path: Path, publish: str, workspace: str = WORKSPACE) -> Window | None:
    found = groups(tmp_path, {"hub.yaml": announcement(publish)}, workspace)["hub"].announcements
    assert found
    return found[0].window


def test_a_time_without_an_offset_is_chinas_unless_the_workspace_says_otherwise(tmp_path: Path) -> None:
    there = "from: 2026-12-01T09:00"

    assert Window(datetime(2026, 12, 1, 1, tzinfo=UTC), None) == window(tmp_path, there)
    berlin = WORKSPACE + "timezone: Europe/Berlin\n"
    assert Window(datetime(2026, 12, 1, 8, tzinfo=UTC), None) == window(tmp_path, there, berlin)
    assert Window(None, datetime(2026, 12, 1, 9, tzinfo=UTC)) == window(tmp_path, "until: 2026-12-01T09:00Z", berlin)
    assert window(tmp_path, "") is None


@pytest.mark.parametrize(
    ("publish", "found"),
    [
        ("from: 2026-12-01T09:00, until: 2026-12-01T09:01", []),
        ("from: 2026-12-01T09:00, until: 2026-12-01T09:00", ["QG320 hub.yaml:7:46"]),
        ("until: 2026-12-01T09:00, from: 2026-12-02T09:00", ["QG320 hub.yaml:7:22"]),
        ("from: 2026-12-01T09:00+08:00, until: 2026-12-01T02:00Z", []),
        ("from: 2026-12-01T09:00+08:00, until: 2026-12-01T01:00Z", ["QG320 hub.yaml:7:52"]),
        ("from: 2026-02-30T09:00", ["QG319 hub.yaml:7:21"]),
        ("until: 2026-02-30T25:00", ["QG319 hub.yaml:7:22"]),
        ("from: tomorrow", ["QG207 hub.yaml:7:21"]),
        ("from: 2026-12-01", ["QG207 hub.yaml:7:21"]),
    ],
)
def test_a_window_has_to_open_before_it_closes(tmp_path: Path, publish: str, found: list[str]) -> None:
    assert found == faults(load(tmp_path, {"hub.yaml": announcement(publish)}))


def test_a_time_zone_nobody_knows_is_told_at_its_place(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"hub.yaml": GROUP}, WORKSPACE + "timezone: Asia/Nowhere\n")

    assert ["QG319 workspace.yaml:4:11"] == faults(loaded)


def test_a_picture_that_is_none_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"hello")

    assert ["QG123 hub.yaml:4:19"] == faults(load(tmp_path, {"hub.yaml": GROUP + "profile: {avatar: logo.png}\n"}))


@pytest.mark.parametrize("reference", ["${secret:HOME}", "${env:GH_TOKEN}"])
def test_a_group_names_no_variable_that_the_workspace_does_not_list(tmp_path: Path, reference: str) -> None:
    text = GROUP + f"join: {{method: correct_answer, question: q, answer: '{reference}'}}\n"

    assert ["QG325 hub.yaml:4:53"] == faults(load(tmp_path, {"hub.yaml": text}, WITH_SECRET))
    assert ["QG325 hub.yaml:4:53"] == faults(load(tmp_path, {"hub.yaml": text}))


@pytest.mark.parametrize("reference", ["${secret:QQ_TOKEN}", "${env:QQ_TOKEN}"])
def test_the_token_of_an_account_is_never_an_answer(tmp_path: Path, reference: str) -> None:
    account = WORKSPACE.replace("protocol: onebot11", 'protocol: onebot11, token: "${env:QQ_TOKEN}"')
    account += "secrets: [QQ_TOKEN, QQ_TOKENS]\n"
    asking = f"{GROUP}join: {{method: correct_answer, question: q, answer: '{reference}'}}\n"

    assert ["QG324 hub.yaml:4:53"] == faults(load(tmp_path, {"hub.yaml": asking}, account))
    assert [] == faults(load(tmp_path, {"hub.yaml": asking.replace("QQ_TOKEN", "QQ_TOKENS")}, account))
