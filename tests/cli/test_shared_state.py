"""The whole cycle with a state that machines share: who comes later finds what was done, waits, or is told so."""

from __future__ import annotations

import json
import os
import signal
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from qqgroup_provision.addresses import Address
from qqgroup_provision.cli.store import locked
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.resources.announcement import Publish
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.open_store import open_store
from qqgroup_provision.state.store import StateStore
from qqgroup_provision.workspace.load import load_workspace
from tests.stage import Stage, write_yaml
from tests.state.buckets import BUCKET, Buckets
from tests.state.conftest import postgres, s3, s3_server  # noqa: F401  (fixtures)
from tests.state.web_state_server import PASSWORD, USER, web_states

STORES = ["gitlab", "postgres", "s3"]


@dataclass
class Shared:
    """A stage whose workspace names a shared store."""

    stage: Stage
    section: Mapping[str, Any]
    secrets: Mapping[str, str]

    def use(self, section: Mapping[str, Any] | None) -> None:
        file = self.stage.folder / "workspace.yaml"
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        written.pop("state", None)
        write_yaml(file, {**written, **({"state": dict(section)} if section else {})})

    def store(self) -> StateStore:
        environment = {**self.stage.environment, **self.secrets}
        return open_store(load_workspace(self.stage.folder).required(), environment)


def section_of(kind: str, request: pytest.FixtureRequest) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    if kind == "postgres":
        url = request.getfixturevalue("postgres")
        yield {"store": "postgres", "url": "${env:STATE_URL}", "name": uuid.uuid4().hex}, {"STATE_URL": url}
    elif kind == "s3":
        served: Buckets = request.getfixturevalue("s3")
        key = {"access_key_id": "${env:STATE_KEY_ID}", "secret_access_key": "${env:STATE_KEY}"}
        at = {
            "bucket": BUCKET,
            "key": f"{uuid.uuid4().hex}/state.json",
            "region": "us-east-1",
            "endpoint": served.url,
        }
        yield {"store": "s3", **at, **key}, {"STATE_KEY_ID": "key-id", "STATE_KEY": PASSWORD}
    else:
        with web_states(kind) as states:
            at = {"address": states.address, "username": USER, "password": "${env:STATE_PASSWORD}"}
            yield {"store": "http", **at}, {"STATE_PASSWORD": PASSWORD}


@pytest.fixture
def shared(napcat: Stage, request: pytest.FixtureRequest) -> Iterator[Shared]:
    for section, secrets in section_of(getattr(request, "param", "plain"), request):
        found = Shared(napcat, section, secrets)
        napcat.environment.update(secrets)
        found.use(section)
        yield found


each_store = pytest.mark.parametrize("shared", STORES, indirect=True)


@each_store
def test_what_one_machine_applied_another_knows(shared: Shared) -> None:
    stage = shared.stage
    assert 0 == stage.run("apply", "--auto-approve").code
    after = stage.run("plan", "--detailed-exitcode")
    history = stage.run("history", "--json").out.splitlines()

    assert (0, True) == (after.code, "No changes" in after.out)
    assert not (stage.folder / ".qqgroup").exists()
    assert 1 == len(history)
    assert json.loads(stage.run("state", "pull").out) == json.loads(stage.run("state", "list", "--json").out)
    for words in (
        ["state", "list"],
        ["drift"],
        ["import", "731000001", "--state"],
        ["state", "mv", "hub/title/alice", "hub/title/al", "--yes"],
    ):
        ran = stage.run(*words)
        assert (0, "") == (ran.code, ran.err), ran
    assert "hub/title/al\n" in stage.run("state", "list").out


@each_store
def test_the_journal_of_a_run_that_died_elsewhere_is_settled_and_nothing_is_done_twice(shared: Shared) -> None:
    stage = shared.stage
    store = shared.store()
    with store.lock("apply"), store.begin_journal(store.load(), Run("p", "elsewhere")) as journal:
        news = Publish(731000001, "消息", "", "", pinned=False, confirm_read=False, known=())
        journal.intent(Address("hub", "announcement", "news"), news)
        # The request arrives, and then the machine is gone.
        stage.simulator.patch(731000001, {"announcements": [{"text": "消息", "sender": 100000000}]})
    ran = stage.run("apply", "--auto-approve")

    assert 0 == ran.code, ran
    texts = [notice["text"] for notice in stage.live()["announcements"]]
    assert 1 == texts.count("消息")
    assert "elsewhere" in stage.run("history").out


@each_store
def test_a_second_apply_ends_with_4_and_says_who_the_first_is(shared: Shared) -> None:
    stage = shared.stage
    store = shared.store()
    with store.lock("apply"):
        second = stage.run("apply", "--auto-approve")
        shown = stage.run("state", "lock", "--json")
        assert (4, 4, True) == (second.code, shown.code, json.loads(shown.out)["held"])
        assert "QG721" in second.err
        assert json.loads(shown.out)["id"] in second.err
        assert json.loads(shown.out)["who"] in stage.run("state", "lock").out
    assert [] == stage.writes()
    assert (0, "Nobody holds the lock.\n") == (stage.run("state", "lock").code, stage.run("state", "lock").out)


@pytest.mark.parametrize("stored", [2, 3, 4])
def test_a_store_that_fails_midway_stops_the_run_and_the_next_one_goes_on(napcat: Stage, stored: int) -> None:
    napcat.environment["STATE_PASSWORD"] = PASSWORD
    with web_states("gitlab") as states:
        at = {"address": states.address, "username": USER, "password": "${env:STATE_PASSWORD}"}
        Shared(napcat, {}, {}).use({"store": "http", **at})

        def failing(method: str, path: str) -> tuple[int, bytes, dict[str, str]] | None:
            full = method == "POST" and "/lock" not in path and len(states.serials) >= stored
            return (503, b"", {}) if full else None

        states.trouble = failing
        first = napcat.run("apply", "--auto-approve")
        assert (1, None, stored - 1) == (
            first.code,
            states.lock,
            len(napcat.writes()),
        )  # all but `begin` were intents
        assert "QG727" in first.err
        states.trouble = lambda *_: None
        second = napcat.run("apply", "--auto-approve")

        assert (0, "") == (second.code, second.err)
        assert 0 == napcat.run("plan", "--detailed-exitcode").code
        texts = [notice["text"] for notice in napcat.live()["announcements"]]
        assert 3 == len(texts) == len(set(texts))


def test_one_that_waits_goes_on_when_the_first_is_done(shared: Shared) -> None:
    stage = shared.stage
    store, held, release = shared.store(), threading.Event(), threading.Event()

    def hold() -> None:
        with store.lock("apply"):
            held.set()
            release.wait(60)

    first = threading.Thread(target=hold)
    first.start()
    held.wait(60)
    threading.Timer(0.2, release.set).start()
    ran = stage.run("apply", "--auto-approve", "--lock-timeout", "1m")
    first.join()

    assert 0 == ran.code
    assert "Another run holds the lock" in ran.err


def test_one_that_waited_for_nothing_is_told_who_held_it(shared: Shared) -> None:
    store = shared.store()
    with store.lock("apply"):
        ran = shared.stage.run("apply", "--auto-approve", "--lock-timeout", "100ms")
        assert (4, True) == (ran.code, "QG721" in ran.err)
    assert "`soon` is no duration" in shared.stage.run("apply", "--lock-timeout", "soon").err


@each_store
def test_the_lock_of_a_dead_run_is_freed_by_its_id(shared: Shared) -> None:
    stage = shared.stage
    died = ExitStack()
    died.enter_context(shared.store().lock("apply"))
    name = json.loads(stage.run("state", "lock", "--json").out)["id"]
    wrong = stage.run("state", "unlock", "another")
    freed = stage.run("state", "unlock", name)

    assert (1, True) == (wrong.code, "QG723" in wrong.err)
    assert (0, 0) == (freed.code, stage.run("state", "lock").code)
    assert "QG723" in stage.run("state", "unlock", name).err
    with suppress(QQGroupError):  # what it held is not its own any more
        died.close()


@each_store
def test_a_state_moves_from_the_file_to_the_store_and_back_and_the_old_one_says_so(shared: Shared) -> None:
    stage = shared.stage
    shared.use(None)
    stage.run("apply", "--auto-approve")
    at_home = stage.run("state", "pull").out
    shared.use(shared.section)
    old = stage.folder / "old.txt"
    old.write_bytes((stage.folder / "workspace.yaml").read_bytes())
    moved = stage.run("state", "migrate")
    assert (0, "") == (moved.code, moved.err)
    assert at_home == stage.run("state", "pull").out
    assert 0 == stage.run("plan", "--detailed-exitcode").code
    assert 1 == len(stage.run("history", "--json").out.splitlines())
    assert 0 == stage.run("state", "migrate").code  # said twice, done once
    shared.use(None)
    left = stage.run("plan")
    assert (1, True) == (left.code, "QG724" in left.err)
    back = stage.run("state", "migrate", "--from", str(old))
    assert (0, "") == (back.code, back.err)
    assert at_home == stage.run("state", "pull").out
    shared.use(shared.section)
    assert "QG724" in stage.run("apply", "--auto-approve").err


def test_a_state_is_not_moved_over_another(shared: Shared) -> None:
    stage = shared.stage
    stage.run("apply", "--auto-approve")
    shared.use(None)
    stage.run("apply", "--auto-approve")
    before = stage.run("state", "pull").out
    shared.use(shared.section)
    ran = stage.run("state", "migrate")

    assert (1, True) == (ran.code, "QG729" in ran.err)
    shared.use(None)
    assert before == stage.run("state", "pull").out


@each_store
def test_a_state_is_pushed_only_if_it_follows_from_the_stored_one(shared: Shared) -> None:
    stage = shared.stage
    stage.run("apply", "--auto-approve")
    stored = json.loads(stage.run("state", "pull").out)
    file = stage.folder.parent / "pushed.json"

    def push(*words: str, **changes: Any) -> tuple[int, str]:
        file.write_text(json.dumps({**stored, **changes}), encoding="utf-8")
        ran = stage.run("state", "push", str(file), "--yes", *words)
        return ran.code, ran.err

    assert (0, "") == push()
    for wrong in ({"serial": 0}, {"resources": []}, {"lineage": "other"}, {"lineage": "other", "serial": 99}):
        code, said = push(**wrong)
        assert (1, True) == (code, "QG729" in said)
    assert 1 == push("--over", "not-the-one", resources=[])[0]
    assert stored == json.loads(stage.run("state", "pull").out)
    assert 0 == push("--over", stored["lineage"], resources=[])[0]
    assert (stored["serial"] + 1, []) == tuple(
        json.loads(stage.run("state", "pull").out)[k] for k in ("serial", "resources")
    )
    assert 0 == push(serial=9)[0]
    assert {**stored, "serial": 9} == json.loads(stage.run("state", "pull").out)


def cancelled(store: StateStore) -> None:
    with locked(store, "apply"):
        signal.raise_signal(signal.SIGTERM)


def test_a_run_that_ci_cancels_gives_its_lock_back(shared: Shared) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no SIGTERM that a process could hear")
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        cancelled(shared.store())

    assert (143, None, before) == (ended.value.code, shared.store().holder(), signal.getsignal(signal.SIGTERM))


@each_store
def test_no_secret_of_a_store_is_ever_shown(shared: Shared) -> None:
    stage = shared.stage
    stage.environment.update({name: f"{value}x" for name, value in shared.secrets.items()})
    ran = stage.run("plan")

    assert 1 == ran.code or shared.section["store"] == "s3"  # moto believes every key
    assert not any(f"{value}x" in ran.out + ran.err for value in shared.secrets.values())
    for name in shared.secrets:
        stage.environment.pop(name)
    assert "QG131" in stage.run("plan").err


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ({"store": "http"}, "QG204"),
        ({"store": "postgres", "url": "postgres://u:p@h/d"}, "QG207"),
        ({"store": "s3", "bucket": "b", "key": "k", "path": "x"}, "QG203"),
        ({"store": "http", "address": "https://u:p@host/x"}, "QG207"),
        ({"store": "http", "address": "https://host/x", "password": "written out"}, "QG207"),
        ({"store": "file", "address": "https://host/x"}, "QG203"),
        ({"store": "ftp"}, "QG206"),
    ],
)
def test_a_store_that_is_described_wrongly_is_a_fault_with_its_place(
    shared: Shared, section: dict[str, Any], code: str
) -> None:
    shared.use(section)
    ran = shared.stage.run("validate")

    assert (1, True) == (ran.code, code in ran.err + ran.out)
    assert not any(secret in ran.err + ran.out for secret in ("u:p@", "written out"))
