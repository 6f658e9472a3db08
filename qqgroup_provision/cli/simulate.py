"""`qqgroup simulate WORLD`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from qqgroup_provision.cli.terminal import require_extra, writing
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say


@click.command(
    help=str(say("Serve a simulated QQ world from a YAML file, until Ctrl-C. Each account has its own port."))
)
@click.argument("world", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help=str(say("Where to listen.")))
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help=str(say("Keep the world in this SQLite file; without it, it ends with the process.")),
)
@click.option("--latency", default=0.0, show_default=True, help=str(say("Seconds before each answer.")))
def command(world: Path | None, host: str, database: Path | None, latency: float) -> None:
    require_extra("simulator", "uvicorn", "starlette")
    from qqgroup_provision.simulator.running import RunningSimulator
    from qqgroup_provision.simulator.seed import read_seed
    from qqgroup_provision.simulator.worlds import example_world

    seed = read_seed(world or example_world())
    if database is not None:
        with writing(database):
            database.open("ab").close()
    try:
        simulator = RunningSimulator(seed, host=host, database=database, latency=latency)
    except OSError as error:
        raise InvalidInput(
            Diagnostic(
                "QG151",
                say("The simulator cannot listen at {host}: {reason}.", host=host, reason=error.strerror),
                hint=say("Choose another --host, or another `port:` in the world file."),
            )
        ) from None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with simulator:
        for key, account in seed.accounts.items():
            click.echo(f"{key}  {account.implementation}  {simulator.endpoint(key)}")
        click.echo(str(say("Serving until Ctrl-C.")))
        while not stop.wait(0.5):  # in slices, so that Windows sees Ctrl-C
            pass
