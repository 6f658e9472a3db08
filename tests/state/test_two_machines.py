"""A state in PostgreSQL that two machines share: two network namespaces, each with an address of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.state.conftest import postgres_store
from tests.state.postgres_server import start, stop

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
COUNT = """\
import sys, time
from qqgroup_provision.errors import LockHeld
from tests.state.conftest import postgres_store
from tests.state.test_stores import one_more
url, name, writer, times = sys.argv[1:]
for _ in range(int(times)):
    while True:
        store = postgres_store(url, name)
        try:
            with store.lock("apply"):
                state = store.load()
                store.save(state, one_more(state, int(writer)))
                break
        except LockHeld:
            time.sleep(0.002)
"""
HOLD = """\
import sys
from tests.state.conftest import postgres_store
with postgres_store(*sys.argv[1:]).lock("apply"):
    print("held", flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Machine:
    """A namespace, and the URL under which it sees the server."""

    name: str
    url: str

    def begin(self, program: str, *words: str) -> subprocess.Popen[str]:
        command = ["ip", "netns", "exec", self.name, sys.executable, "-c", program, self.url, *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )


@pytest.fixture
def machines() -> Iterator[list[Machine]]:
    """Two of them; the server is on a third, which is this one."""
    mark = uuid.uuid4().hex[:6]
    made: list[str] = []
    try:
        for number in (1, 2):
            made.append(f"qq{mark}{number}")
            _connected(made[-1], number)
    except (OSError, subprocess.CalledProcessError) as error:
        _removed(made)
        reason = f"network namespaces cannot be made here, so nothing was tried across machines: {error}"
        warnings.warn(pytest.PytestWarning(reason), stacklevel=1)
        pytest.skip(reason)
    try:
        port = _free()
        url = start("10.77.1.1", "10.77.2.1", port=port)
        try:
            yield [
                Machine(name, f"postgresql://postgres@10.77.{number}.1:{port}/postgres")
                for number, name in enumerate(made, 1)
            ]
        finally:
            stop(url)
    finally:
        _removed(made)


def _free() -> int:
    """A port that nobody has on an address that is only ours."""
    with socket.socket() as listener:
        listener.bind(("10.77.1.1", 0))
        return int(listener.getsockname()[1])


def _connected(name: str, number: int) -> None:
    """A namespace with a cable to here."""
    for words in (
        f"netns add {name}",
        f"link add {name} type veth peer name eth0 netns {name}",
        f"addr add 10.77.{number}.1/24 dev {name}",
        f"link set {name} up",
        f"-n {name} addr add 10.77.{number}.2/24 dev eth0",
        f"-n {name} link set eth0 up",
    ):
        subprocess.run(["ip", *words.split()], check=True, capture_output=True)


def _removed(names: list[str]) -> None:
    if shutil.which("ip"):
        for name in names:
            subprocess.run(["ip", "link", "del", name], check=False, capture_output=True)
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.mark.filterwarnings("default:network namespaces")
def test_two_machines_lose_no_update_in_a_thousand(machines: list[Machine]) -> None:
    name = uuid.uuid4().hex
    writing = [machine.begin(COUNT, name, str(number), "500") for number, machine in enumerate(machines)]
    for process in writing:
        process.communicate(timeout=300)
    state = postgres_store(machines[0].url, name).load()

    assert [0, 0] == [process.returncode for process in writing]
    assert (1000, [500, 500]) == (state.serial, [entry.applied["count"] for entry in state.entries.values()])


@pytest.mark.filterwarnings("default:network namespaces")
def test_the_lock_of_a_process_that_was_killed_elsewhere_is_free_at_once(machines: list[Machine]) -> None:
    name = uuid.uuid4().hex
    with machines[0].begin(HOLD, name) as holder:
        assert holder.stdout is not None
        assert "held\n" == holder.stdout.readline()
        assert postgres_store(machines[1].url, name).holder() is not None
        holder.kill()
        holder.wait()
        while postgres_store(machines[1].url, name).holder() is not None:  # until the server has noticed
            time.sleep(0.01)
        with machines[1].begin(HOLD, name) as next_one:
            assert next_one.stdout is not None
            assert "held\n" == next_one.stdout.readline()
            next_one.kill()
