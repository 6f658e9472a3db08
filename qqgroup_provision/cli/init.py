"""`qqgroup init`: the smallest workspace that validates, or one for a whole community, with comments that say what to
change."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import writing
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say

_FILES = {
    "workspace.yaml": """\
# yaml-language-server: $schema={schemas}/workspace.schema.json
kind: Workspace
accounts:
  main:
    # Where your OneBot 11 server listens; ws:// for WebSocket. 你的 OneBot 11 服务地址；WebSocket 写 ws://。
    endpoint: http://127.0.0.1:3000
    protocol: onebot11
    # The token is never written here: export QQGROUP_MAIN_TOKEN=… 令牌不写在这里,放在环境变量里。
    token: ${{env:QQGROUP_MAIN_TOKEN}}
# Once a bot runs (qqgroup bot run), name it here: it carries out rules, replies and greetings.
# 机器人运行后（qqgroup bot run）在这里写上，群规、回复和欢迎语由它执行。
# bots:
#   main:
#     endpoint: http://127.0.0.1:8095
#     token: ${{env:QQGROUP_BOT_TOKEN}}
""",
    "people.yaml": """\
# yaml-language-server: $schema={schemas}/people.schema.json
kind: People
people:
  # A short name for each QQ number. 给每个 QQ 号起一个短名。
  alice: {{qq: 100000001, name: 爱丽丝}}
""",
    "my-group.yaml": """\
# yaml-language-server: $schema={schemas}/group.schema.json
kind: Group
key: my-group
# The QQ group number: create the group in QQ first. 群号:先在 QQ 里建群。
id: 700000001
account: main

profile:
  name: 我的群

roles:
  - key: maintainers
    members: [alice]
    title: 维护者

announcements:
  - key: welcome
    text: 欢迎!请先看群公告。
""",
    ".gitignore": ".qqgroup/\n",
}


_STARTERS = Path(__file__).resolve().parent / "starters"
_OF_EVERY = ("workspace.yaml", ".gitignore")
_TEMPLATES = ("developers", "company", "education", "hobby")


@click.command(help=str(say("Begin a workspace in a new folder. Writes over nothing.")))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option(
    "--template",
    type=click.Choice(_TEMPLATES),
    help=str(
        say(
            "Begin with two groups of a community, with rules, replies and tests: `developers`, who help each other"
            " with code; `company`, people who work together; `education`, a class that learns; `hobby`, people who"
            " share what they like."
        )
    ),
)
@click.pass_obj
def command(settings: Settings, folder: Path | None, template: str | None) -> None:
    target = folder or settings.folder
    files = dict(_files(template))
    there = [name for name in files if (target / name).exists()]
    if there:
        raise InvalidInput(
            Diagnostic(
                "QG141",
                say("{path} is there already.", path=(target / there[0]).as_posix()),
                hint=say("Choose another folder: qqgroup init FOLDER."),
            )
        )
    with writing(target):
        for name, text in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text, encoding="utf-8", newline="\n")
        _write_schemas(target / ".schemas")
    click.echo(say("Begun in {folder}. Next:", folder=target.as_posix()))
    for word in ("validate", "test", "plan") if template else ("validate", "plan"):
        click.echo(f"  qqgroup --dir {shlex.quote(target.as_posix())} {word}")


def _files(template: str | None) -> Iterator[tuple[str, str]]:
    """The files of a new workspace, each by its path in it."""
    for name, text in _FILES.items():
        if template is None or name in _OF_EVERY:
            yield name, text.format(schemas=".schemas") if "{" in text else text
    if template is not None:
        root = _STARTERS / template
        for path in sorted(root.rglob("*.yaml")):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def _write_schemas(folder: Path) -> None:
    """Beside the YAML, so that editors complete and check it without any network."""
    from qqgroup_provision.workspace.schema import KINDS, schema_folder

    folder.mkdir(exist_ok=True)
    for name in KINDS.values():
        file = f"{name}.schema.json"
        (folder / file).write_bytes((schema_folder() / file).read_bytes())
