"""`qqgroup fmt`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, writing
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.reports.printable import printable


@click.command(help=str(say("Bring YAML files into their canonical form: all of the workspace, or those named.")))
@click.option("--check", is_flag=True, help=str(say("Write nothing; exit with 1 if a file is not in this form.")))
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.pass_obj
def command(settings: Settings, check: bool, files: tuple[Path, ...]) -> int:
    from qqgroup_provision.workspace.replace import replace_file

    failed = False
    changed = 0
    for root, name in [(file.parent, file.name) for file in files] or _all(settings.folder):
        path = root / name
        try:
            before, after = _formatted(root, name)
        except InvalidInput as error:
            show_diagnostics(error.diagnostics, root, color=settings.color)
            failed = True
            continue
        if before == after:
            continue
        changed += 1
        if not check:
            with writing(path):
                replace_file(path, after)
        said = say("would be changed: {file}", file=path.as_posix())
        click.echo(printable(str(said if check else say("changed: {file}", file=path.as_posix()))))
    return 1 if failed or (check and changed) else 0


def _all(folder: Path) -> Iterable[tuple[Path, str]]:
    from qqgroup_provision.workspace.files import yaml_files
    from qqgroup_provision.workspace.load import load_workspace

    if not (folder / "workspace.yaml").is_file():
        load_workspace(folder).required()  # says where to look
    return [(folder, name) for name, _ in yaml_files(folder)]


def _formatted(root: Path, name: str) -> tuple[bytes, bytes]:
    """A file's bytes and those of its canonical form. Raises `InvalidInput` for one that is not valid."""
    from qqgroup_provision.adoption.canonical import canonical
    from qqgroup_provision.adoption.key_order import KeyOrder
    from qqgroup_provision.adoption.notes import cannot_change
    from qqgroup_provision.adoption.rewrite import CannotRewrite
    from qqgroup_provision.workspace.document import MAX_BYTES, parse_document
    from qqgroup_provision.workspace.files import read_yaml
    from qqgroup_provision.workspace.positions import Positions
    from qqgroup_provision.workspace.schema import KINDS, check, load_schema

    content = read_yaml(root, name, root / name, MAX_BYTES)
    positions = Positions()
    document, found = parse_document(content, name, positions)
    found = found or (check(document, positions) if document else [])
    if document is None or any(fault.is_error for fault in found):
        raise InvalidInput(found)
    schema = load_schema(KINDS[document.data["kind"]])
    try:
        return content, canonical(content.decode("utf-8-sig"), KeyOrder(schema, schema)).encode()
    except CannotRewrite:
        raise InvalidInput(cannot_change(name)) from None
