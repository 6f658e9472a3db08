"""Credentials in files are found, told by their place alone, and shown by nothing that quotes the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.reports.diagnostics_data import diagnostics_github, diagnostics_json, diagnostics_sarif
from qqgroup_provision.reports.diagnostics_text import render_diagnostics
from qqgroup_provision.workspace.leaks import leaks, masked
from qqgroup_provision.workspace.load import load_workspace

# Written in two parts, or whoever scans this repository would be alarmed.
SECRETS = [
    "gh" + "p_" + "a1B2" * 9,
    "github" + "_pat_" + "a1B2c3" * 5,
    "gl" + "pat-" + "a1B2_" * 5,
    "s" + "k-" + "a1B2-" * 6,
    "AK" + "IA" + "ABCD1234" * 2,
    "LT" + "AI" + "5tABcd123456",
    "AK" + "ID" + "a1B2c3D4" * 4,
    "xo" + "xb-" + "1234567890-abc",
    "ey" + "JhbGciOiJIUzI1NiJ9" + ".ey" + "JzdWIiOiIxMjM0In0" + ".c2lnbmF0dXJlcw",
    "-----BEGIN RSA PRIVATE" + " KEY-----",
]
HOOKS = {
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=": "01234567-89ab-cdef-0123-456789abcdef",
    "https://oapi.dingtalk.com/robot/send?access_token=": "0123456789abcdef" * 4,
    "https://open.feishu.cn/open-apis/bot/v2/hook/": "01234567-89ab-cdef-0123-456789abcdef",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_credential_is_found_at_its_place_and_is_no_part_of_the_message(secret: str) -> None:
    line = f'  text: "用 {secret} 登录"'
    (found,) = leaks(f"kind: Group\n{line}\n".encode(), "hub.yaml")
    before = line.index(secret) + 1

    assert ("QG171", Place("hub.yaml", 2, before, 2, before + len(secret))) == (found.code, found.place)
    assert secret not in f"{found.summary} {found.detail} {found.hint}"


@pytest.mark.parametrize(("address", "secret"), HOOKS.items())
def test_a_web_hook_is_as_good_as_a_password(address: str, secret: str) -> None:
    (found,) = leaks(f"mirror_to: {address}{secret}\n".encode(), "workspace.yaml")

    assert "QG171" == found.code
    assert secret not in masked(address + secret)
    assert masked(address + secret).startswith(address)


@pytest.mark.parametrize(
    "text",
    [
        "task-force and risk-averse people",
        "请在 gh_pages 看",
        "AKIA",
        "${env:QQGROUP_MAIN_TOKEN}",
        "eyJ",
        "sk-8000 型",
    ],
)
def test_ordinary_texts_are_not_suspected(text: str) -> None:
    assert [] == list(leaks(f"text: {text}\n".encode(), "hub.yaml"))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("token: abc", "token: •••"),
        ('{token: "a b", x: 1}', "{token: •••••, x: 1}"),
        ("token: ${env:MAIN}", "token: ${env:MAIN}"),
        ("answer: null", "answer: null"),
        ("password = 'x y", "password = ••••"),
        ("endpoint: http://me:pw@10.0.0.1:3000", "endpoint: http://•••••@10.0.0.1:3000"),
        ("text: 群规", "text: 群规"),
    ],
)
def test_what_a_line_holds_in_secret_is_not_shown(line: str, shown: str) -> None:
    assert shown == masked(line)


@given(st.text())
def test_masking_keeps_the_columns(line: str) -> None:
    assert len(line) == len(masked(line))


def test_no_report_of_a_workspace_shows_a_secret_that_was_written_out(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text(
        "kind: Workspace\naccounts:\n"
        "  main: {endpoint: 'http://me:hunter2@10.0.0.1', protocol: onebot11, token: hunter3}\n"
        "  more: {endpoint: 'http://127.0.0.1:1', protocol: onebot11, token: 44444444}\n",
        encoding="utf-8",
    )
    (tmp_path / "hub.yaml").write_text(
        "kind: Group\nkey: hub\nid: 731000001\njoin: {method: correct_answer, question: q, answer: hunter5}\n"
        f"announcements: [{{key: a, text: '{SECRETS[0]}'}}]\n",
        encoding="utf-8",
    )
    found = load_workspace(tmp_path).diagnostics

    def sources(name: str) -> str:
        return (tmp_path / name).read_text(encoding="utf-8")

    shown = [
        render_diagnostics(found, sources=sources, color=False),
        diagnostics_json(found, sources=sources),
        diagnostics_github(found),
        diagnostics_sarif(found),
    ]
    assert {"QG207", "QG171"} == {item.code for item in found}
    assert [] == [part for part in shown for secret in ("hunter", "44444444", SECRETS[0]) if secret in part]
