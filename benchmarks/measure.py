"""Runs commands in turn and gives what the system says they took."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Took:
    """Medians of several runs: wall and processor seconds, and the most memory of any run in MB."""

    wall: float
    cpu: float
    memory: float


def in_turn(commands: Sequence[Sequence[str]], rounds: int) -> tuple[list[Took], list[list[float]]]:
    """Run each command once a round, after a round that does not count.

    Gives what each took, and the processor seconds round by round, so that ratios can be taken pair by pair:
    the machine's speed drifts, and ratios do not.
    """
    seen: list[list[tuple[float, float, float]]] = [[] for _ in commands]
    for number in range(rounds + 1):
        for index, command in enumerate(commands):
            run = _once(command)
            if number:
                seen[index].append(run)
    took = [
        Took(
            statistics.median(wall for wall, _, _ in runs),
            statistics.median(cpu for _, cpu, _ in runs),
            max(memory for _, _, memory in runs),
        )
        for runs in seen
    ]
    return took, [[cpu for _, cpu, _ in runs] for runs in seen]


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """The median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def _once(command: Sequence[str]) -> tuple[float, float, float]:
    import time

    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
