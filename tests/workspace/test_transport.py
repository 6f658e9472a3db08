"""Endpoints whose tokens can be read on their way."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.workspace.load import load_workspace

WORKSPACE = """kind: Workspace
accounts:
  main: {{endpoint: "{endpoint}", protocol: onebot11, token: "${{env:QQ_TOKEN}}"}}
"""


def faults(root: Path, text: str) -> list[tuple[str, bool, int]]:
    (root / "workspace.yaml").write_text(text)
    return [
        (item.code, item.is_error, item.place.line if item.place else 0) for item in load_workspace(root).diagnostics
    ]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:3000", "http://[::1]:3000", "ws://localhost:3001", "http://10.1.2.3", "http://192.168.1.2:80",
        "http://[fd00::1]", "http://napcat:3000", "http://bot.local:3000", "ws://bot.lan:3001", "https://qq.example.org",
        "wss://qq.example.org/ws",
    ],
)  # fmt: skip
def test_an_address_in_the_house_or_one_that_is_encrypted_is_no_fault(tmp_path: Path, endpoint: str) -> None:
    assert [] == faults(tmp_path, WORKSPACE.format(endpoint=endpoint))


@pytest.mark.parametrize(
    "endpoint", ["http://qq.example.org", "ws://203.0.113.9x.example.org", "http://8.8.8.8:3000", "http://0.0.0.0:3000",
                 "http://[2001:4860:4860::8888]", "http://local.example.org", "HTTP://8.8.8.8".lower()]
)  # fmt: skip
def test_an_address_elsewhere_that_is_not_encrypted_is_told_where_it_is_written(
    tmp_path: Path, endpoint: str
) -> None:
    assert [("QG133", False, 3)] == faults(tmp_path, WORKSPACE.format(endpoint=endpoint))


def test_it_is_an_error_where_the_workspace_says_so(tmp_path: Path) -> None:
    text = WORKSPACE.format(endpoint="http://qq.example.org") + "safety: {require_tls: true}\n"

    assert [("QG133", True, 3)] == faults(tmp_path, text)


def test_a_bot_and_a_store_of_the_state_are_looked_at_as_well(tmp_path: Path) -> None:
    text = WORKSPACE.format(endpoint="http://127.0.0.1:3000") + (
        'bots:\n  main: {endpoint: "http://bot.example.org", token: "${env:BOT}"}\n'
        'state: {store: http, address: "http://state.example.org/s"}\n'
    )

    assert [("QG133", False, 5), ("QG133", False, 6)] == faults(tmp_path, text)
