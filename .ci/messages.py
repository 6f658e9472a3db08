"""The Chinese catalogue: brought in step with the sources, compiled, or checked.

`--update` collects every `say("...")`, merges it into the .po file and compiles the .mo file beside it;
`--check` changes nothing and exits 1 with one line a fault. Both files are byte-stable.
"""

from __future__ import annotations

import argparse
import ast
import io
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "qqgroup_provision"
CATALOGUE = Path(PACKAGE, "locale", "zh_CN", "LC_MESSAGES", "qqgroup.po")

# Babel stamps the time of the run into both files, which would change them each time.
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One call of `say`: its template, the names of its values (None: a mapping is unpacked), its place."""

    template: str | None
    values: frozenset[str] | None
    file: str
    line: int


def main(arguments: list[str] | None = None) -> int:
    """Update or check the catalogue of the repository at `--root`; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--update", action="store_true", help="merge the sources in and compile")
    mode.add_argument("--check", action="store_true", help="change nothing, report what is out of step")
    parser.add_argument("--root", type=Path, default=ROOT)
    options = parser.parse_args(arguments)
    if options.update:
        update(options.root)
    found = faults(options.root)
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print(f"{len(found)} faults in {CATALOGUE.as_posix()}; run: make messages", file=sys.stderr)
    return 1 if found else 0


def update(root: Path) -> None:
    """Merge the sentences of the sources into the .po file and compile it."""
    path = root / CATALOGUE
    catalogue = _merged(_read(path), sentences(root))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_po_bytes(catalogue))
    path.with_suffix(".mo").write_bytes(_mo_bytes(_read(path)))


def faults(root: Path) -> list[str]:
    """What keeps the catalogue from being complete and current, one line each."""
    path = root / CATALOGUE
    spoken = list(sentences(root))
    found = [fault for sentence in spoken for fault in _source_faults(sentence)]
    if not path.is_file():
        return [*found, f"{CATALOGUE.as_posix()}: there is no such file"]
    catalogue = _read(path)
    found += _translation_faults(catalogue)
    if path.read_bytes() != _po_bytes(_merged(catalogue, spoken)):
        found.append(f"{CATALOGUE.as_posix()}: not in step with the sources")
    compiled = path.with_suffix(".mo")
    if not compiled.is_file() or compiled.read_bytes() != _mo_bytes(_read(path)):
        found.append(f"{CATALOGUE.with_suffix('.mo').as_posix()}: not compiled from the .po file")
    return found


def sentences(root: Path) -> Iterator[Sentence]:
    """Every call of `say` in the package, files in order."""
    for path in sorted((root / PACKAGE).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_say(node.func) and node.args:
                yield _sentence(node, path.relative_to(root).as_posix())


def fields(template: str) -> frozenset[str]:
    """The names of a template's placeholders; ValueError when its braces do not pair."""
    names = (name for _, name, _, _ in string.Formatter().parse(template) if name is not None)
    return frozenset(name.split(".")[0].split("[")[0] for name in names)


def _is_say(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "say"


def _sentence(call: ast.Call, file: str) -> Sentence:
    first = call.args[0]
    template = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    names = [keyword.arg for keyword in call.keywords]
    values = None if None in names else frozenset(name for name in names if name)
    return Sentence(template, values, file, call.lineno)


def _source_faults(sentence: Sentence) -> Iterator[str]:
    place = f"{sentence.file}:{sentence.line}"
    if sentence.template is None:
        yield f"{place}: say() needs its sentence written out here; a variable cannot be translated"
    elif sentence.values:  # without values a sentence is not formatted, and braces are plain characters
        yield from _missing_values(sentence.template, sentence.values, place)


def _missing_values(template: str, values: frozenset[str], place: str) -> Iterator[str]:
    try:
        missing = fields(template) - values
    except ValueError as error:
        yield f"{place}: {error}: {template!r}"
        return
    for name in sorted(missing):
        yield f"{place}: say() is given no value for {{{name}}}"


def _translation_faults(catalogue: Catalog) -> Iterator[str]:
    for message in catalogue:
        if not message.id:
            continue
        english, chinese = str(message.id), str(message.string or "")
        if not chinese:
            yield f"not translated: {english!r}"
        elif message.fuzzy:
            yield f"only guessed (fuzzy): {english!r}"
        elif _fields_or_none(english) != _fields_or_none(chinese):
            yield f"the translation has other placeholders: {english!r} -> {chinese!r}"


def _fields_or_none(template: str) -> frozenset[str] | None:
    try:
        return fields(template)
    except ValueError:
        return None


def _read(path: Path) -> Catalog:
    if not path.is_file():
        return Catalog(locale="zh_CN", domain="qqgroup", charset="utf-8")
    with path.open("rb") as stream:
        return read_po(stream, locale="zh_CN", domain="qqgroup", charset="utf-8")


def _merged(catalogue: Catalog, spoken: Iterable[Sentence]) -> Catalog:
    """The catalogue with exactly the spoken sentences; a changed one keeps its old translation as a guess."""
    template = Catalog(domain="qqgroup", charset="utf-8")
    for sentence in spoken:
        if sentence.template:
            template.add(sentence.template, locations=[(sentence.file, 0)])
    catalogue.update(template, update_header_comment=False)
    return catalogue


def _po_bytes(catalogue: Catalog) -> bytes:
    stream = io.BytesIO()
    _freeze_header(catalogue)
    write_po(stream, catalogue, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return stream.getvalue().rstrip(b"\n") + b"\n"


def _mo_bytes(catalogue: Catalog) -> bytes:
    stream = io.BytesIO()
    _freeze_header(catalogue)
    write_mo(stream, catalogue)
    return stream.getvalue()


def _freeze_header(catalogue: Catalog) -> None:
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "qqgroup", "1"
    catalogue.msgid_bugs_address = "the issues of the repository"
    catalogue.header_comment = "# The Chinese of every sentence a user reads. Written by make messages."
    catalogue.creation_date = catalogue.revision_date = _NO_TIME
    catalogue.last_translator = catalogue.language_team = "qqgroup contributors"


if __name__ == "__main__":
    sys.exit(main())
