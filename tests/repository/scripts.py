"""How the tests run the scripts of .ci: as the workflows do, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.tree import ROOT

CI = ROOT / ".ci"

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="the workflows run these scripts with bash")


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished process with its output as text; a variable given as an empty string is unset."""
    merged = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **environment}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={name: value for name, value in merged.items() if value},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def run_python(script: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python script of .ci, by the interpreter of the tests."""
    return run(sys.executable, CI / script, *arguments, cwd=ROOT, PYTHONUTF8="1", **environment)
