"""The pictures of the READMEs: a real plan, made against the demo's simulated world, as an SVG without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from wording import wordings

_WIDTH = 88
_FONTS = "ui-monospace, 'Cascadia Mono', 'Sarasa Mono SC', Menlo, Consolas, monospace"


def pictures(docs: Path) -> Iterator[tuple[Path, str]]:
    """Each picture with its text."""
    for wording in wordings():
        name = "plan.svg" if wording.language == "en" else "plan.zh-CN.svg"
        yield docs / "images" / name, drawn(_plan(wording.language))


def drawn(printed: str) -> str:
    """What a terminal shows as an SVG: equal texts give equal bytes, and nothing is fetched to show it."""
    console = Console(record=True, file=StringIO(), width=_WIDTH, force_terminal=True, color_system="standard")
    for line in printed.splitlines():
        console.print(Text.from_ansi(line), no_wrap=True, overflow="crop")
    svg = console.export_svg(title="qqgroup plan", theme=MONOKAI, unique_id="qqgroup")
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", _FONTS).replace("font-family: arial", "font-family: sans-serif")
    return "\n".join(line.rstrip() for line in svg.strip().splitlines()) + "\n"


def _plan(language: str) -> str:
    """What the real command prints, in colour."""
    from qqgroup_provision.simulator.running import RunningSimulator
    from qqgroup_provision.simulator.seed import read_seed
    from qqgroup_provision.simulator.worlds import example_world

    with (
        tempfile.TemporaryDirectory(prefix="qqgroup-picture-") as scratch,
        RunningSimulator(read_seed(example_world())) as simulator,
    ):
        folder = Path(scratch) / "groups"
        example = Path(__file__).resolve().parent.parent / "groups"
        shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".*"))
        main = folder / "workspace.yaml"
        text = main.read_text(encoding="utf-8").replace("http://127.0.0.1:3000", simulator.endpoint())
        pace = "    protocol: onebot11\n    pace: {settle: 100ms}\n"
        main.write_text(text.replace("    protocol: onebot11\n", pace), encoding="utf-8")
        words = ["--dir", str(folder), "--lang", language, "--color", "plan", "--target", "python-hub"]
        printed = subprocess.run(
            [sys.executable, "-m", "qqgroup_provision", *words],
            env={**os.environ, "QQGROUP_MAIN_TOKEN": simulator.token(), "COLUMNS": str(_WIDTH)},
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        ).stdout
    return f"$ qqgroup plan --target python-hub\n\n{printed}"
