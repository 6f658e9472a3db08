"""Writes what is generated in docs/: reference pages, the output shown in walk-throughs, pictures of a plan.

    python docs/generate.py            write what is stale
    python docs/generate.py --check    write nothing; exit 1 and name each stale file

Reference pages come from the schemas, the commands and the table of diagnostic codes, in both languages. A
console block after `<!-- run -->` shows what the commands in it really print; `replay.py` runs them.
"""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS))

import implementations_page  # noqa: E402
import picture  # noqa: E402
import replay  # noqa: E402
import yaml_page  # noqa: E402
from wording import Wording, wordings  # noqa: E402

from qqgroup_provision.codes import CODES  # noqa: E402
from qqgroup_provision.messages import language, use_language  # noqa: E402

HUNDREDS = "1234567"


def main(arguments: list[str] | None = None) -> int:
    """Write what is stale, or with `--check` only name it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name each stale file")
    parser.add_argument("--describe-commands", choices=("en", "zh_CN"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.describe_commands:
        print(json.dumps(describe_commands(options.describe_commands), ensure_ascii=False))
        return 0
    stale = 0
    for path, text in (*reference_pages(), *replay.pages(DOCS), *picture.pictures(DOCS)):
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(path.relative_to(ROOT).as_posix())
        if options.check:
            _show_difference(path, text)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if stale and options.check else 0


def _show_difference(path: Path, text: str) -> None:
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in list(difflib.unified_diff(before, text.splitlines(), "there", "generated", lineterm="", n=1))[:40]:
        print(f"    {line}", file=sys.stderr)


def reference_pages() -> Iterator[tuple[Path, str]]:
    """Each generated page of the reference with its text, in both languages."""
    pages: Mapping[str, Callable[[Wording], str]] = {
        "yaml.md": yaml_page.page,
        "commands.md": commands_page,
        "codes.md": codes_page,
        "implementations/README.md": implementations_page.page,
    }
    before = language()
    try:
        for wording in wordings():
            use_language(wording.language)
            for name, page in pages.items():
                yield DOCS / wording.folder / "reference" / name, page(wording)
    finally:
        use_language(before)


def codes_page(wording: Wording) -> str:
    """Every diagnostic code, its title, meaning and remedy."""
    say = wording
    parts = [
        f"# {say('Diagnostic codes')}\n",
        say.generated("qqgroup_provision/codes.py"),
        wrapped(say("about codes")),
    ]
    for hundred in HUNDREDS:
        parts.append(f"## QG{hundred}xx{say(':')}{say(f'codes of {hundred}')}\n")
        for code, entry in CODES.items():
            if code[2] == hundred:
                parts.append(f'<a id="{code.lower()}"></a>\n\n### {code}{say(":")}{entry.title}\n')
                parts.append(wrapped(str(entry.meaning)))
                parts.append(wrapped(f"**{say('What to do')}**{say(':')}{entry.remedy}"))
    return "\n".join(parts)


def commands_page(wording: Wording) -> str:
    """Every command with its arguments and options."""
    say = wording
    shown = [sys.executable, __file__, "--describe-commands", wording.language]
    printed = subprocess.run(shown, check=True, capture_output=True, cwd=ROOT).stdout
    root, *commands = json.loads(printed)
    parts = [f"# {say('Commands')}\n", say.generated("qqgroup_provision/cli"), wrapped(say("about commands"))]
    parts.append(f"## qqgroup\n\n{_command(root, say)}")
    parts.extend(f"## {command['path']}\n\n{_command(command, say)}" for command in commands)
    parts.append(f"## {say('Options of every command')}\n")
    parts.append(f"- `--help`{say(':')}{say('show help')}\n- `--version`{say(':')}{say('show version')}\n")
    return "\n".join(parts)


def _command(command: Mapping[str, Any], say: Wording) -> str:
    lines = [wrapped(command["help"]), f"```console\n$ {' '.join(command['usage'])}\n```\n"]
    if command["options"]:
        lines.append(f"{say('Options')}{say(':')}".rstrip() + "\n")
        lines.append("".join(_option(option, say) for option in command["options"]))
    return "\n".join(lines)


def _option(option: Mapping[str, Any], say: Wording) -> str:
    names = ", ".join(f"`{name}`" for name in option["names"])
    value = f" `{option['value']}`" if option["value"] else ""
    facts = []
    if option["default"]:
        facts.append(f"{say('default')} `{option['default']}`")
    if option["variable"]:
        facts.append(f"{say('variable')} `{option['variable']}`")
    told = f" ({', '.join(facts)})" if facts else ""
    return wrapped(f"- {names}{value}{say(':')}{option['help']}{told}", indent="  ")


def describe_commands(chosen: str) -> list[dict[str, Any]]:
    """Every command as plain data. In a process of its own: help texts are rendered when modules are loaded."""
    use_language(chosen)
    import click

    from qqgroup_provision.cli.main import COMMANDS, build

    root = build()
    context = click.Context(root, info_name="qqgroup")
    found = [_described("qqgroup", root, context)]
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        found.append(_described(f"qqgroup {name}", command, context))
        if isinstance(command, click.Group):
            found.extend(_described(f"qqgroup {name} {sub}", c, context) for sub, c in command.commands.items())
    return found


def _described(path: str, command: Any, context: Any) -> dict[str, Any]:
    import click

    inner = click.Context(command, info_name=path.rsplit(maxsplit=1)[-1], parent=context if " " in path else None)
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {
        "path": path,
        "help": command.help,
        "usage": [path, *command.collect_usage_pieces(inner)],
        "options": [_describe_option(item, inner) for item in options if item.name not in ("help", "version")],
    }


def _describe_option(option: Any, context: Any) -> dict[str, Any]:
    default = option.default if option.show_default or isinstance(option.default, (str, float)) else None
    return {
        "names": [*option.opts, *option.secondary_opts],
        "value": "" if option.is_flag else option.make_metavar(context),
        "help": option.help,
        "default": str(default) if isinstance(default, (str, float, Path)) else "",
        "variable": option.envvar or "",
    }


def wrapped(text: str, indent: str = "") -> str:
    """A paragraph in lines of at most 110 columns, ending in a newline."""
    return yaml_page.wrapped(text, indent)


if __name__ == "__main__":
    sys.exit(main())
