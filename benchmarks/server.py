"""A simulated LLBot with many small groups, which waits before each answer. Writes its address to a file."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from benchmarks.material import ACCOUNT
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import Seed, SeedAccount, SeedGroup, SeedMember


def main(folder: Path, groups: int, latency: float) -> None:
    members = (SeedMember(ACCOUNT, "owner", "bot"), *(SeedMember(200000000 + n, "member", f"m{n}") for n in range(4)))
    seed = Seed(
        {"main": SeedAccount("main", ACCOUNT, "bot", "llbot", "t", 0)},
        tuple(SeedGroup(700000000 + n, f"g{n}", "", 500, False, members, ()) for n in range(groups)),
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with RunningSimulator(seed, latency=latency) as simulator:
        ready = folder / "endpoint.tmp"
        ready.write_text(simulator.endpoint(), encoding="utf-8")
        ready.rename(folder / "endpoint")
        stop.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
