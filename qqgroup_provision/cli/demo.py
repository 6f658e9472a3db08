"""`qqgroup demo`: the whole cycle on a simulated world, in a temporary folder, with the real commands."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import require_extra, use_color
from qqgroup_provision.messages import Text, language, say
from qqgroup_provision.reports.paint import Paint

_TOKEN = "QQGROUP_MAIN_TOKEN"  # noqa: S105  (the name of a variable)
_STEPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (say("Check the YAML"), ("validate",)),
    (say("See what would change"), ("plan",)),
    (say("Change it"), ("apply", "--auto-approve")),
    (say("Nothing is left to do"), ("plan", "--detailed-exitcode")),
)


@click.command(help=str(say("Validate, plan, apply and plan again, against a simulated QQ on this machine.")))
@click.pass_obj
def command(settings: Settings) -> int:
    require_extra("simulator", "uvicorn", "starlette")
    from qqgroup_provision.simulator.running import RunningSimulator
    from qqgroup_provision.simulator.seed import read_seed
    from qqgroup_provision.simulator.worlds import example_world

    seed = read_seed(example_world())
    paint = Paint(use_color(settings.color, sys.stdout))
    with tempfile.TemporaryDirectory(prefix="qqgroup-demo-") as scratch, RunningSimulator(seed) as simulator:
        folder = Path(scratch) / "groups"
        _workspace(folder, simulator.endpoint())
        environment = {**os.environ, _TOKEN: simulator.token()}
        for title, words in _STEPS:
            click.echo(paint("bold", f"\n# {title}\n$ qqgroup {' '.join(words)}\n"), color=True)
            code = _run(words, folder, settings, environment)
            if code != 0:
                return code
    return 0


def _workspace(folder: Path, endpoint: str) -> None:
    """A copy of the example that asks the simulator, and does not wait as one would for the real QQ."""
    shutil.copytree(_example(), folder, ignore=shutil.ignore_patterns(".*"))
    main = folder / "workspace.yaml"
    text = main.read_text(encoding="utf-8").replace("http://127.0.0.1:3000", endpoint)
    pace = "    pace: {write: 20ms, announcement: 50ms, settle: 100ms}\n"
    main.write_text(text.replace("    protocol: onebot11\n", f"    protocol: onebot11\n{pace}"), encoding="utf-8")


def _example() -> Path:
    """The example workspace: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "example"
    return installed if installed.is_dir() else package.parent / "groups"


def _run(words: tuple[str, ...], folder: Path, settings: Settings, environment: dict[str, str]) -> int:
    import subprocess

    sys.stdout.flush()
    program = [sys.executable, "-m", "qqgroup_provision", "--dir", str(folder), "--lang", language()]
    if settings.color is not None:
        program.append("--color" if settings.color else "--no-color")
    return subprocess.run([*program, *words], env=environment, check=False).returncode
