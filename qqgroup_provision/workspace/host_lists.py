"""Lists of hosts in files of the workspace: a host a line, `*.` before it for those below, `#` before a comment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from qqgroup_provision.behavior.hosts import MOST, Hosts, hosts_of, is_shared, line_form
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.files import read_asset

LARGEST = 1 << 20  # bytes
_MOST_FAULTS = 20  # lines of one file that are told of


def read_hosts(root: Path, written: str, place: Place) -> tuple[Hosts | None, list[Diagnostic]]:
    """The list that a key names, and what is wrong with its lines (QG347, QG348), or with it as a whole (QG349)."""
    try:
        content = read_asset(root, written, place)
    except InvalidInput as error:
        return None, list(error.diagnostics)
    lines = content[: LARGEST + 1].decode("utf-8-sig", "replace").splitlines()
    known = [(number, line_form(line), line) for number, line in enumerate(lines, 1)]
    hosts = {form for _, form, _ in known if form}
    if len(content) > LARGEST or len(hosts) > MOST:
        return None, [_too_large(written, place)]
    faults = list(islice(_faults(written, known), _MOST_FAULTS))
    return (hosts_of(written, hosts) if not faults else None), faults


def _faults(path: str, lines: list[tuple[int, str | None, str]]) -> Iterator[Diagnostic]:
    for number, form, line in lines:
        place = Place(path, number, 1, number, len(line) + 1)
        if form is None:
            yield Diagnostic(
                "QG347",
                say("This line is no host: {line}", line=line.strip()[:100]),
                place=place,
                hint=say("Write a host alone, such as example.com or *.example.com, and comments after #."),
            )
        elif form and is_shared(form):
            yield Diagnostic(
                "QG348",
                say("`{host}` would be the hosts of everybody.", host=form),
                place=place,
                hint=say("Name the host itself, with what stands before this ending."),
            )


def _too_large(path: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG349",
        say("`{path}` has more than {hosts} hosts or {bytes} bytes.", path=path, hosts=MOST, bytes=LARGEST),
        place=place,
        hint=say("Keep only what is current; a domain stands for every host below it."),
    )
