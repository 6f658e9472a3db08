"""`qqgroup owners`: who may change what, checked against git and written down for a forge."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import sources_of, use_color, width, writing
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.reports.codeowners import FORGES

if TYPE_CHECKING:
    from qqgroup_provision.cli.git import Entry, Repository
    from qqgroup_provision.planning.ownership import Contents, Seen
    from qqgroup_provision.workspace.load import Loaded
    from qqgroup_provision.workspace.model import Workspace

_FORMATS = ("text", "json", "github", "sarif")


@click.group(help=str(say("Check who changed what, by `owners:` of workspace.yaml.")))
def command() -> None:
    pass


@command.command(
    name="check",
    help=str(say("Name every change between two commits that nobody made who may. Asks git alone.")),
)
@click.option("--base", required=True, metavar="REF", help=str(say("What is compared with. Its `owners:` decide.")))
@click.option("--head", default="HEAD", show_default=True, metavar="REF", help=str(say("The proposed commit.")))
@click.option(
    "--author",
    "authors",
    multiple=True,
    metavar="WHO",
    help=str(
        say("Who made all of it, as the forge knows: an address or an account. Else authors of commits are believed.")
    ),
)
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="text", help=str(say("How to write what is wrong."))
)
@click.pass_obj
def check(settings: Settings, base: str, head: str, authors: tuple[str, ...], form: str) -> int:
    from qqgroup_provision.cli.git import Repository
    from qqgroup_provision.planning.ownership import Commit, unentitled

    repository = Repository(settings.folder)
    prefix = repository.prefix()
    of_base, of_head = repository.commit(base), repository.commit(head)
    with tempfile.TemporaryDirectory(prefix="qqgroup-") as place:
        shelf = _Shelf(repository, prefix, Path(place))
        owned = shelf.required(of_base).owners
        if not owned and form == "text":
            click.echo(str(say("Nothing is owned: workspace.yaml of the base has no `owners:`.")))
            return 0
        if not owned:
            _write([], settings, shelf.folder(of_head), form)
            return 0
        fork = repository.fork(of_base, of_head)
        shelf.required(fork)
        shelf.required(of_head)
        commits = [Commit(*one) for one in repository.commits(fork, of_head)]
        found = list(unentitled(owned, prefix, fork, of_head, commits, shelf.look, authors))
        _write(found, settings, shelf.folder(of_head), form)
    if found:
        return 1
    if form == "text":
        click.echo(str(say("Nobody changed what is not theirs. Commits: {count}.", count=len(commits))))
    return 0


@command.command(name="codeowners", help=str(say("Write `owners:` as a CODEOWNERS file, for reviews by the forge.")))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help=str(say("The file; .github/CODEOWNERS, .gitlab/CODEOWNERS or .gitea/CODEOWNERS by the format if absent.")),
)
@click.option(
    "--format",
    "forge",
    type=click.Choice(FORGES),
    default="github",
    show_default=True,
    help=str(say("Which forge is to read it.")),
)
@click.option("--check", "compare", is_flag=True, help=str(say("Write nothing; exit with 1 if the file is old.")))
@click.pass_obj
def write(settings: Settings, output: Path | None, forge: str, compare: bool) -> int:
    from qqgroup_provision.cli.git import Repository
    from qqgroup_provision.reports.codeowners import BEGIN, codeowners, placed
    from qqgroup_provision.workspace.load import load_workspace

    workspace = load_workspace(settings.folder).required()
    repository = Repository(settings.folder)
    file = output or repository.top() / f".{forge}" / "CODEOWNERS"
    with writing(file):
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
    nothing = not workspace.owners and BEGIN not in before
    after = before if nothing else placed(before, codeowners(workspace.owners, repository.prefix(), forge))
    shown = os.path.relpath(file)
    if before == after:
        click.echo(str(say("{path} is as it should be.", path=shown)))
        return 0
    if compare:
        hint = say("Run `qqgroup owners codeowners`, and commit the file.")
        raise InvalidInput(
            Diagnostic("QG379", say("{path} is not what `owners:` says.", path=shown), subject=shown, hint=hint)
        )
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(after, encoding="utf-8", newline="\n")
    click.echo(str(say("Written: {path}.", path=shown)))
    return 0


class _Shelf:
    """Commits as they were, each workspace laid out and read once."""

    def __init__(self, repository: Repository, prefix: str, place: Path) -> None:
        self._repository = repository
        self._prefix = prefix
        self._place = place
        self._files: dict[str, Mapping[str, Entry]] = {}
        self._loaded: dict[Path, Loaded] = {}
        self._contents: dict[Path, Contents | None] = {}
        self._folders: dict[object, Path] = {}
        self._seen: dict[str, Seen] = {}

    def look(self, commit: str) -> Seen:
        from qqgroup_provision.planning.ownership import Name, Seen

        if commit not in self._seen:
            files = {
                Name(file=path): (f"{entry.mode} {entry.object}", None) for path, entry in self._of(commit).items()
            }
            self._seen[commit] = Seen(files, self._groups(self.folder(commit)))
        return self._seen[commit]

    def required(self, commit: str) -> Workspace:
        """The workspace of a commit. Raises `InvalidInput` (QG378) where something is wrong with it."""
        loaded = self._load(self.folder(commit))
        if loaded.workspace is None:
            hint = say("Correct it first: `qqgroup validate` says where.")
            summary = say("The workspace cannot be read as it is in {commit}.", commit=commit[:12])
            errors = [found for found in loaded.diagnostics if found.is_error]
            raise InvalidInput([*errors, Diagnostic("QG378", summary, subject=commit[:12], hint=hint)])
        return loaded.workspace

    def folder(self, commit: str) -> Path:
        files = {
            path.removeprefix(self._prefix): entry
            for path, entry in self._of(commit).items()
            if path.startswith(self._prefix)
        }
        known = frozenset(files.items())
        if known not in self._folders:
            self._folders[known] = folder = self._place / str(len(self._folders))
            folder.mkdir()
            self._repository.write(files, folder)
        return self._folders[known]

    def _of(self, commit: str) -> Mapping[str, Entry]:
        if commit not in self._files:
            self._files[commit] = self._repository.files(commit)
        return self._files[commit]

    def _load(self, folder: Path) -> Loaded:
        from qqgroup_provision.workspace.load import load_workspace

        if folder not in self._loaded:
            self._loaded[folder] = load_workspace(folder)
        return self._loaded[folder]

    def _groups(self, folder: Path) -> Contents | None:
        from qqgroup_provision.planning.ownership import contents_of
        from qqgroup_provision.workspace.composed import composed

        if folder not in self._contents:
            workspace = self._load(folder).workspace
            self._contents[folder] = contents_of(workspace, composed(folder)) if workspace is not None else None
        return self._contents[folder]


def _write(found: list[Diagnostic], settings: Settings, folder: Path, form: str) -> None:
    """Diagnostics about a commit: lines are those of that commit, places those of the workspace."""
    from qqgroup_provision.reports import diagnostics_data as data
    from qqgroup_provision.reports.diagnostics_text import render_diagnostics

    prefix, sources = settings.folder.as_posix(), sources_of(folder)
    if form == "text":
        if found:
            painted = use_color(settings.color, sys.stderr)
            text = render_diagnostics(found, sources=sources, folder=prefix, color=painted, width=width())
            click.echo(text, err=True, nl=False, color=True)
        return
    writers: Mapping[str, Callable[[], str]] = {
        "json": lambda: data.diagnostics_json(found, sources=sources, folder=prefix),
        "github": lambda: data.diagnostics_github(found, folder=prefix),
        "sarif": lambda: data.diagnostics_sarif(found, folder=prefix),
    }
    click.echo(writers[form](), nl=False)
