"""`qqgroup schema`: the JSON Schemas, for editors that are not told of them by the files themselves."""

from __future__ import annotations

from pathlib import Path

import click

from qqgroup_provision.cli.terminal import writing
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.schema import KINDS, schema_folder

NAMES = tuple(KINDS.values())


@click.command(help=str(say("Print the JSON Schema of a kind of document, or write all of them into a folder.")))
@click.argument("kind", type=click.Choice(NAMES), required=False)
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=str(say("Write every schema into this folder.")),
)
def command(kind: str | None, folder: Path | None) -> None:
    if folder is not None:
        targets = {folder / f"{name}.schema.json": _text(name) for name in NAMES}
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for target, text in targets.items():
                target.write_text(text, encoding="utf-8", newline="\n")
        click.echo("".join(f"{target.as_posix()}\n" for target in targets), nl=False)
    else:
        click.echo(_text(kind or "group"), nl=False)


def _text(name: str) -> str:
    return (schema_folder() / f"{name}.schema.json").read_text(encoding="utf-8")
