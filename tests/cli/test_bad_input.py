"""Everything that can be wrong from outside: one message each, with its place, no traceback, nothing lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from tests.stage import GROUP_YAML, PEOPLE_YAML, Stage, staged, write_yaml

WORKSPACE = """\
kind: Workspace
accounts:
  main: {endpoint: "http://127.0.0.1:1", protocol: onebot11, token: "${env:TEST_TOKEN}"}
"""
GROUP = "kind: Group\nkey: hub\nid: 731000001\n"


class Offline(Stage):
    """A workspace without a world: for what is found before anything is asked."""


@pytest.fixture
def offline(tmp_path: Path) -> Stage:
    folder = tmp_path / "groups"
    write_yaml(folder / "people.yaml", PEOPLE_YAML)
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    (folder / "hub.yaml").write_text(GROUP, encoding="utf-8")
    return Stage(folder, None)  # type: ignore[arg-type]


CASES = {
    "a misspelt key": (GROUP + "anouncements: []\n", "QG203", "4:1", "announcements"),
    "a misspelt key inside": (GROUP + "profile:\n  nmae: x\n", "QG203", "5:3", "name"),
    "a duplicate key": (GROUP + "id: 731000002\n", "QG108", "4:1", "line 3"),
    "a tab as indent": (GROUP + "profile:\n\tname: x\n", "QG103", "5:1", "spaces"),
    "a wrong type": (GROUP + "profile: [x]\n", "QG205", "4:10", "mapping"),
    "a number for a text": (GROUP + "profile: {name: 42}\n", "QG205", "4:17", '"42"'),
    "a word that is no choice": (GROUP + "manage: {admins: exclusiv}\n", "QG206", "4:18", "exclusive"),
    "a leading zero": ("kind: Group\nkey: hub\nid: 0731000001\n", "QG112", "3:5", "zeros"),
    "an id out of bounds": ("kind: Group\nkey: hub\nid: 12\n", "QG208", "3:5", "10001"),
    "no kind": ("key: hub\n", "QG201", "1:1", "kind:"),
    "an unknown kind": ("kind: Gruop\nkey: hub\n", "QG202", "1:7", "Group"),
    "a missing key": ("kind: Group\nid: 731000001\n", "QG204", "1:1", "`key`"),
    "a missing id": ("kind: Group\nkey: hub\n", "QG204", "1:1", "`id`"),
    "an unknown person": (GROUP + "roles: [{key: a, members: [alcie]}]\n", "QG306", "4:28", "alice"),
    "a person twice": (GROUP + "roles: [{key: a, members: [alice, 100000001]}]\n", "QG307", "4:35", "second"),
    "an unknown account": (GROUP + "account: mian\n", "QG305", "4:10", "main"),
    "an unknown parent": (GROUP + "parent: hbu\n", "QG303", "4:9", "hub"),
    "its own parent": (GROUP + "parent: hub\n", "QG304", "4:9", "hub → hub"),
    "an unknown template": (GROUP + "extends: [nothing]\n", "QG301", "4:11", "nothing"),
    "two items with one key": (
        GROUP + "announcements:\n- {key: a, text: x}\n- {key: a, text: y}\n", "QG308", "6:9", "`a`",
    ),
    "two equal announcements": (
        GROUP + "announcements:\n- {key: a, text: x}\n- {key: b, text: 'x '}\n", "QG315", "6:18", "`a`",
    ),
    "an announcement too long": (
        GROUP + f"announcements:\n- {{key: a, text: {'长' * 601}}}\n", "QG312", "5:18", "600",
    ),
    "a title too long": (
        GROUP + "roles: [{key: a, members: [alice], title: 七个汉字太长了}]\n", "QG310", "4:36", "18",
    ),
    "a card too long": (
        GROUP + f"roles: [{{key: a, members: [alice], card: '{'长' * 19}{{name}}'}}]\n",
        "QG311", "4:36", "60",
    ),
    "a strange placeholder": (GROUP + "roles: [{key: a, card: '{nick}'}]\n", "QG207", "4:24", "{name}"),
    "two roles that disagree": (
        GROUP + "roles:\n- {key: a, members: [alice], title: 甲}\n- {key: b, members: [alice], title: 乙}\n",
        "QG314", "6:30", "`a`",
    ),
    "a path out of the workspace": (
        GROUP + "announcements: [{key: a, text: x, image: ../../etc/passwd}]\n",
        "QG121", "4:42", "out of the workspace",
    ),
    "a picture that is missing": (
        GROUP + "announcements: [{key: a, text: x, image: no.png}]\n", "QG122", "4:42", "No such file",
    ),
    "a picture that is none": (
        GROUP + "announcements: [{key: a, text: x, image: people.yaml}]\n", "QG123", "4:42", "PNG",
    ),
    "a hundred thousand brackets": ("[" * 100_000, "QG105", "1:65", "64"),
    "an alias bomb": (
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefg", "bcdefgh", strict=True)),
        "QG114", "5:", "aliases",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_wrong_yaml_is_one_message_with_its_place(offline: Stage, case: str) -> None:
    text, code, place, word = CASES[case]
    (offline.folder / "hub.yaml").write_text(text, encoding="utf-8")
    ran = offline.run("validate")

    assert (1, 1) == (ran.code, ran.err.count("error QG")), ran.err
    assert f"error {code}" in ran.err
    assert f"hub.yaml:{place}" in ran.err
    assert word in ran.err


def test_every_fault_of_every_file_is_told_in_one_run_sorted_by_place(offline: Stage) -> None:
    (offline.folder / "hub.yaml").write_text(GROUP + "replise: []\nprofile: 1\n", encoding="utf-8")
    (offline.folder / "a.yaml").write_text(GROUP + "id: 5\n", encoding="utf-8")
    ran = offline.run("validate", "--format", "json")
    found = [
        (d["code"], d["range"]["filename"][-8:], d["range"]["start"]["line"])
        for d in json.loads(ran.out)["diagnostics"]
    ]

    assert [("QG108", "s/a.yaml", 4), ("QG203", "hub.yaml", 4), ("QG205", "hub.yaml", 5)] == found


def test_templates_in_a_circle_are_told_once_with_the_way_round(offline: Stage) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        write_yaml(
            offline.folder / "templates" / f"{name}.yaml", {"kind": "Template", "key": name, "extends": [other]}
        )
    (offline.folder / "hub.yaml").write_text(GROUP + "extends: [a]\n", encoding="utf-8")
    ran = offline.run("validate")

    assert (1, 1) == (ran.code, ran.err.count("error QG302"))
    assert "templates/b.yaml:4:3" in ran.err
    assert "a → b → a" in ran.err


def test_two_groups_with_one_number_are_told_with_both_places(offline: Stage) -> None:
    (offline.folder / "other.yaml").write_text(GROUP.replace("hub", "other"), encoding="utf-8")
    ran = offline.run("validate")

    assert "error QG309" in ran.err
    assert "other.yaml:3:5" in ran.err
    assert "hub.yaml:3:5" in ran.err


def test_a_link_that_leads_out_of_the_workspace_is_not_followed(offline: Stage, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("kind: Secret\ntoken: hidden-value\n", encoding="utf-8")
    (offline.folder / "link.yaml").symlink_to(secret)
    ran = offline.run("validate")

    assert "error QG121" in ran.err
    assert "hidden-value" not in ran.err


def test_a_token_written_out_is_refused_and_not_repeated_beyond_its_line(offline: Stage) -> None:
    (offline.folder / "workspace.yaml").write_text(WORKSPACE.replace("${env:TEST_TOKEN}", "abc"), encoding="utf-8")
    ran = offline.run("validate")

    assert "error QG207" in ran.err
    assert "${env:" in ran.err


def test_a_folder_that_is_no_workspace_is_told_how_to_become_one(tmp_path: Path) -> None:
    ran = Stage(tmp_path, None).run("validate")  # type: ignore[arg-type]

    assert (1, True, True) == (ran.code, "QG120" in ran.err, "qqgroup init" in ran.err)


def test_a_missing_token_variable_is_named(offline: Stage) -> None:
    offline.environment["TEST_TOKEN"] = ""
    ran = offline.run("plan")

    assert (1, True) == (ran.code, "QG131" in ran.err)
    assert "TEST_TOKEN" in ran.err
    assert "workspace.yaml:3:3" in ran.err


def test_a_server_that_is_down_is_named_with_its_address(offline: Stage) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (offline.folder / "workspace.yaml").write_text(WORKSPACE.replace(':1"', f':{port}"'), encoding="utf-8")
    ran = offline.run("plan")

    assert (1, True) == (ran.code, "QG401" in ran.err)
    assert f"http://127.0.0.1:{port}/get_version_info" in ran.err


def test_a_refused_token_is_named_with_its_endpoint_and_not_shown(stage: Stage) -> None:
    stage.environment["TEST_TOKEN"] = "wr0ng-token"
    ran = stage.run("plan")

    assert (1, True, False) == (ran.code, "QG402" in ran.err, "wr0ng-token" in ran.out + ran.err)
    assert stage.simulator.endpoint() in ran.err


def test_a_group_the_account_is_not_in_is_named_with_its_place(stage: Stage) -> None:
    stage.group({**GROUP_YAML, "id": 731000099})
    ran = stage.run("plan")

    assert (1, True) == (ran.code, "QG502" in ran.out)
    assert "hub.yaml:3:5" in ran.out
    assert "731000099" in ran.out


def test_what_the_accounts_standing_does_not_allow_is_told_while_planning(tmp_path: Path) -> None:
    world = yaml.safe_load(yaml.safe_dump(dict(__import__("tests.stage", fromlist=["WORLD"]).WORLD)))
    world["groups"][0]["owner"] = 100000009
    world["groups"][0]["admins"] = [100000000]
    with staged(tmp_path, world) as stage:
        ran = stage.run("plan")
        applied = stage.run("apply", "--auto-approve")

    assert (1, 1) == (ran.code, applied.code)
    refused = {line.split()[-1] for line in ran.out.splitlines() if line.strip().startswith("--> hub/")}
    assert {"hub/admin/alice", "hub/title/alice", "hub/title/qq-100000003"} == refused
    assert "QG511" in ran.out
    assert "the owner" in ran.out


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A web server that gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>hello</html>", "QG403"),
        (200, b"[1, 2]", "QG403"),
        (200, b'{"status": "ok", "retcode": 0, "data": {', "QG403"),
        (302, b"", "QG403"),
        (500, b"", "QG404"),
        (200, b'{"status": "ok", "retcode": 0, "data": []}', "QG407"),
        (200, b'{"status": "ok", "retcode": 0, "data": {"app_name": 7}}', "QG407"),
        (
            200,
            b'{"status": "ok", "retcode": 0, "data": {"app_name": "OpenShamrock", "app_version": "v1.2.0"}}',
            "QG406",
        ),
        (200, b'{"status": "ok", "retcode": 0, "data": {"app_name": "LLOneBot", "app_version": "8.1.6"}}', "QG406"),
        (200, b'{"status": "failed", "retcode": 1, "message": "broken"}', "QG404"),
    ],
)
def test_an_endpoint_that_is_not_what_it_should_be_is_told_so(
    offline: Stage, status: int, body: bytes, code: str
) -> None:
    with answering(status, body) as url:
        text = WORKSPACE.replace("http://127.0.0.1:1", url)
        (offline.folder / "workspace.yaml").write_text(text, encoding="utf-8")
        ran = offline.run("plan")

    assert (1, True) == (ran.code, code in ran.err), ran.err
    assert f"{url}/get_version_info" in ran.err


def test_a_redirect_is_not_followed_so_that_a_token_stays_where_it_belongs(offline: Stage) -> None:
    with answering(200, b"{}") as elsewhere, answering(302, b"") as url:
        text = WORKSPACE.replace("http://127.0.0.1:1", url)
        (offline.folder / "workspace.yaml").write_text(text, encoding="utf-8")
        ran = offline.run("plan")

    assert elsewhere not in ran.err
    assert "302" in ran.err


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"not json", b"[]", b'{"resource_changes": [], "qqgroup": {"format": 1}}']
)
def test_a_file_that_is_no_plan_is_told_so(offline: Stage, content: bytes) -> None:
    file = offline.folder / "plan.json"
    file.write_bytes(content)

    for command in ("show", "apply"):
        ran = offline.run(command, str(file))
        assert (1, True) == (ran.code, "QG702" in ran.err or "QG703" in ran.err)


def test_a_damaged_state_is_told_and_left_as_it_is(stage: Stage) -> None:
    state = stage.folder / ".qqgroup" / "state.json"
    state.parent.mkdir()
    state.write_text("{", encoding="utf-8")
    ran = stage.run("apply", "--auto-approve")

    assert (1, True, "{") == (ran.code, "QG713" in ran.err, state.read_text(encoding="utf-8"))
    assert [] == stage.writes()


def test_an_unknown_command_or_option_is_told_with_a_suggestion(offline: Stage) -> None:
    ran = offline.run("pln")

    assert (1, True) == (ran.code, "Did you mean `plan`?" in ran.err)
    assert 1 == offline.run("plan", "--no-such-option").code
