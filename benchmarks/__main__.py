"""`make bench`: every comparison in one run, written to results.md with the machine it was made on."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.material import write_bot_case, write_octodns_case, write_plan_case, write_workspace
from benchmarks.measure import in_turn, ratio
from benchmarks.talk import WORD

HERE = Path(__file__).parent
PYTHON = sys.executable
OCTODNS = HERE.parent / ".venv-bench" / "bin" / "octodns-sync"
SUBJECT = [PYTHON, "-m", "benchmarks.subjects"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the results: what, the figure, the goal, and whether it is met."""

    what: str
    figure: str
    goal: str
    met: bool
    notes: str


def validation(scratch: Path) -> Row:
    folder = scratch / "validate"
    write_workspace(folder, 2000)
    size = sum(path.stat().st_size for path in folder.glob("*.yaml")) / 2000
    (ours, theirs), cpu = in_turn([[*SUBJECT, "validate", str(folder)], [*SUBJECT, "yaml_load", str(folder)]], 5)
    found = ratio(*cpu)
    notes = f"{ours.cpu:.2f} s and {theirs.cpu:.2f} s of processor, 2,000 files of {size:.0f} bytes, whole processes"
    return Row("validate ÷ `yaml.load` with CSafeLoader", f"{found:.2f}", "≤ 0.75", found <= 0.75, notes)


def planning(scratch: Path) -> list[Row]:
    folders = {count: scratch / f"plan-{count}" for count in (1000, 10_000)}
    for count, folder in folders.items():
        write_plan_case(folder, count)
    octodns = write_octodns_case(scratch / "octodns", 10_000)
    commands = [
        [*SUBJECT, "plan", str(folders[10_000])],
        [*SUBJECT, "plan", str(folders[1000])],
        [str(OCTODNS), "--config-file", str(octodns), "--force", "--quiet"],
    ]
    (large, small, theirs), cpu = in_turn(commands, 3)
    found, growth = ratio(cpu[0], cpu[2]), ratio(cpu[0], cpu[1])
    return [
        Row(
            "no-change plan of 10,000 resources ÷ octoDNS, 10,000 records",
            f"{found:.3f}", "≤ 0.167", found <= 1 / 6,
            f"{large.cpu:.2f} s and {theirs.cpu:.2f} s of processor, whole processes",
        ),
        Row(
            "memory of that plan", f"{large.memory:.0f} MB", "< 120 MB", large.memory < 120,
            f"octoDNS {theirs.memory:.0f} MB",
        ),
        Row("t(10,000) ÷ t(1,000)", f"{growth:.1f}", "≤ 11", growth <= 11, f"{small.cpu:.2f} s for 1,000"),
    ]  # fmt: skip


def live_reading(scratch: Path) -> list[Row]:
    return [
        _live(scratch, "live_read", 600, "live read: share of the latency bound"),
        _live(scratch, "live_plan", 300, "plan of 300 groups: share of the latency bound"),
        _live(scratch, "live_import", 300, "import of 300 groups: share of the latency bound"),
    ]


def _live(scratch: Path, subject: str, groups: int, what: str) -> Row:
    latency, in_flight = 0.02, 32
    folder = scratch / subject
    folder.mkdir()
    server = subprocess.Popen([PYTHON, "-m", "benchmarks.server", str(folder), str(groups), str(latency)])
    try:
        while not (folder / "endpoint").exists():
            if server.poll() is not None:
                raise RuntimeError("the server did not start")
        command = [*SUBJECT, subject, str(folder), str(groups), str(in_flight)]
        runs = [json.loads(subprocess.check_output(command)) for _ in range(5)]
    finally:
        server.terminate()
        server.wait()
    share = statistics.median(run["share"] for run in runs)
    notes = f"{runs[0]['requests']} requests, {in_flight} in flight, {runs[0]['waited'] * 1000:.1f} ms each"
    return Row(what, f"{share:.2f}", "≥ 0.75", share >= 0.75, notes)


def behavior() -> list[Row]:
    runs = [json.loads(subprocess.check_output([*SUBJECT, "behavior", "."])) for _ in range(5)]
    rate, p99, ready = (statistics.median(run[key] for run in runs) for key in ("rate", "p99", "ready"))
    what = "behaviour, 10,000 replies of which 500 are expressions"
    return [
        Row(
            f"{what}: messages a second",
            f"{rate:,.0f}",
            "≥ 20,000",
            rate >= 20_000,
            "of processor time; memory in RAM",
        ),
        Row("one message, 99th percentile", f"{p99:.2f} ms", "< 0.5 ms", p99 < 0.5, "every fourth is answered"),
        Row(
            "making these replies ready anew",
            f"{ready:.2f} s",
            "≤ 0.5 s",
            ready <= 0.5,
            "as after each change of YAML",
        ),
    ]


def talking(scratch: Path) -> list[Row]:
    """Answers a second through a socket, one group, in turn with bots as people write them with NoneBot."""
    folder = scratch / "talking"
    write_bot_case(folder, 10_000, 500, WORD)
    program = str(Path(PYTHON).with_name("qqgroup"))
    begun = [program, "--dir", str(folder), "bot", "run", "--onebot", "{url}", "--watch"]
    begun += ["--group-pause", "0s", "--account-pause", "0s", "--data"]
    # A folder of its own for each run: what was answered before is not answered again.
    ours = [[*begun, str(scratch / f"bot-{turn}")] for turn in range(3)]
    plain = [PYTHON, "-m", "benchmarks.plain_bot", "{url}"]
    rates: dict[str, list[float]] = {"ours": [], "one": [], "hundred": []}
    for turn in range(3):
        for name, command in (("ours", ours[turn]), ("one", [*plain, "1"]), ("hundred", [*plain, "100"])):
            told = subprocess.check_output([PYTHON, "-m", "benchmarks.talk", "3", *command])
            rates[name].append(json.loads(told)["rate"])
    one, hundred = ratio(rates["ours"], rates["one"]), ratio(rates["ours"], rates["hundred"])
    ours_rate, theirs, many = (statistics.median(found) for found in rates.values())
    what = "answers a second through the socket, 10,000 replies of which 500 are expressions"
    return [
        Row(f"{what} ÷ NoneBot with one keyword", f"{one:.2f}", "≥ 1", one >= 1,
            f"{ours_rate:.0f} and {theirs:.0f} a second, each of ours stored before it is said"),
        Row("÷ NoneBot with 100 matchers", f"{hundred:.0f}", "≥ 50", hundred >= 50, f"{many:.1f} a second"),
    ]  # fmt: skip


def bot_memory() -> Row:
    (took,), _ = in_turn([[*SUBJECT, "bot_memory", "."]], 1)
    what = "memory of a bot with the example's behaviour in 500 groups"
    return Row(what, f"{took.memory:.0f} MB", "< 300 MB", took.memory < 300, "whole process")


def hostile() -> Row:
    runs = [json.loads(subprocess.check_output([*SUBJECT, "hostile", "."])) for _ in range(5)]
    slow, middle = (statistics.median(run[key] for run in runs) for key in ("p99.9", "p50"))
    what = "99.9 % of hostile messages, each within"
    notes = f"20,000 characters, forwards, strikes, links, patterns; half of them within {middle:.1f} ms"
    return Row(what, f"{slow:.1f} ms", "< 50 ms", slow < 50, notes)


def start() -> Row:
    program = str(Path(PYTHON).with_name("qqgroup"))
    (ours, bare), cpu = in_turn([[program, "--version"], [PYTHON, "-I", "-c", "pass"]], 21)
    found = ours.wall / bare.wall
    took = f"{ours.wall * 1000:.0f} ms and {bare.wall * 1000:.0f} ms"
    notes = f"{took}, medians of whole processes; processor {ratio(*cpu):.1f}"
    return Row("`qqgroup --version` ÷ `python -I -c pass`", f"{found:.1f}", "≤ 3", found <= 3, notes)


def report(rows: list[Row]) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: Python {platform.python_version()}, {machine}.",
        "Commands run in turn, and ratios are taken round by round: the machine may drift, ratios do not.",
        "",
        "| what | figure | goal | met | |",
        "|---|--:|--:|:-:|---|",
        *(f"| {r.what} | {r.figure} | {r.goal} | {'yes' if r.met else '**no**'} | {r.notes} |" for r in rows),
    ]
    notes = HERE / "notes.md"
    return "\n".join(lines) + "\n" + (f"\n{notes.read_text(encoding='utf-8')}" if notes.exists() else "")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="qqgroup-bench-") as name:
        scratch = Path(name)
        rows = [
            validation(scratch),
            *planning(scratch),
            *live_reading(scratch),
            *behavior(),
            bot_memory(),
            hostile(),
            *talking(scratch),
            start(),
        ]
    text = report(rows)
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
