"""Uploads in parts: with little memory however large the file is, and past connections that break."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from qqgroup_provision.cli import apply_display
from tests.cli.inside import run_on
from tests.cli.test_files import GUIDE, paths, uploads, want
from tests.stage import Stage

MIB = 1 << 20
# Runs the command and tells on its last line how much memory its process held at most, in KiB.
_MEASURED = """
import re, sys
from qqgroup_provision.__main__ import main
try:
    main()
finally:
    sys.stdout.flush()
    status = open("/proc/self/status", encoding="ascii").read()
    print("\\npeak", re.search("VmHWM:\\\\s+([0-9]+)", status).group(1))
"""


def sized(stage: Stage, size: int) -> str:
    """Make the source a file of that many bytes, no two parts of it alike; gives its digest."""
    want(stage, GUIDE)
    digest = hashlib.sha256()
    with (stage.folder / "assets" / "guide.pdf").open("wb") as source:
        for number in range(0, size, MIB):
            part = number.to_bytes(8, "big") * (min(MIB, size - number) // 8)
            digest.update(part)
            source.write(part)
    return digest.hexdigest()


def peak_of_apply(stage: Stage) -> float:
    """Apply, and tell how many MiB the process held at most."""
    command = [sys.executable, "-c", _MEASURED, *stage.command("apply", "--auto-approve")[3:]]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=stage.process_environment(),
        stdin=subprocess.DEVNULL, timeout=600, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout + done.stderr
    return int(done.stdout.split()[-1]) / 1024


def test_a_long_upload_says_how_far_it_is(napcat: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_display, "_PATIENCE", 0.0)
    sized(napcat, 3 * MIB)
    done = run_on(napcat, "apply", "--auto-approve")
    said = [line for line in done.out.splitlines() if "MiB" in line]

    assert 0 == done.code, done.err
    assert [
        f"hub/file/{GUIDE}: {n}.0 of 3.0 MiB sent ({percent} %)" for n, percent in ((1, 33), (2, 66), (3, 100))
    ] == said


def test_a_short_upload_says_nothing_but_its_end(napcat: Stage) -> None:
    sized(napcat, 3 * MIB)

    assert "MiB" not in run_on(napcat, "apply", "--auto-approve").out


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux tells how much memory was held")
@pytest.mark.parametrize("size", [40, pytest.param(200, marks=pytest.mark.long)])
def test_a_large_file_is_uploaded_in_parts_and_never_held_whole(napcat: Stage, size: int) -> None:
    digest = sized(napcat, size * MIB)
    peak = peak_of_apply(napcat)

    assert [digest] == [file["sha256"] for file in napcat.live()["files"]]
    assert size == sum(call["action"] == "upload_file_stream" for call in napcat.simulator.take_calls()) - 1
    assert peak < (150 if size == 200 else 120), f"{peak:.0f} MiB"


@pytest.mark.parametrize("fault", [
    {"reset": "after"},  # carried out, and nobody says so
    {"reset": "before"},
    {"http": 500},
    {"body": "truncated"},
    {"refuse": {"message": "Stream not found"}, "times": 1},  # a server that was started again
])  # fmt: skip
def test_parts_that_get_lost_are_sent_again_and_the_file_appears_once(
    napcat: Stage, fault: dict[str, object]
) -> None:
    digest = sized(napcat, 6 * MIB)
    napcat.simulator.faults({"action": "upload_file_stream", "skip": 3, "times": 2, **fault})
    done = napcat.run("apply", "--auto-approve")

    assert 0 == done.code, done.out + done.err
    assert [digest] == [file["sha256"] for file in napcat.live()["files"]]
    assert ["新人指南.pdf"] == uploads(napcat)
    assert ["create_group_file_folder", "upload_group_file"] == napcat.writes()


def test_when_parts_never_arrive_nothing_is_posted_and_it_is_said(napcat: Stage) -> None:
    sized(napcat, MIB)
    napcat.simulator.faults({"action": "upload_file_stream", "refuse": {"message": "没有空间"}})
    done = napcat.run("apply", "--auto-approve")

    assert 6 == done.code
    assert "REFUSED" in done.out
    assert "没有空间" in done.out
    assert [] == paths(napcat)
    assert ["create_group_file_folder"] == napcat.writes()
