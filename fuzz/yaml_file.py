"""A YAML file of a workspace that has others already: parsed, checked, composed, and told what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qqgroup_provision.reports.diagnostics_text import render_diagnostics
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.workspace.load import load_workspace

WEIGHT = 4
_EXAMPLES = Path(__file__).parent.parent / "groups"
_CORNERS = (
    "kind: Group\nkey: a\nid: 731000009\nannouncements: [{key: a, text: t, image: ../outside.txt}]\n",
    "kind: Group\nkey: a\nid: 731000009\nfiles: {items: [{path: x/y.txt, source: link.txt}]}\n",
    "kind: Group\nkey: a\nid: 731000009\nprofile: &p {name: 甲}\nroles: [*p, *p]\n",
    "kind: Template\nkey: t\nextends: [t]\nroles: null\n",
    'kind: Group\nkey: a\nid: 731000009\njoin: {method: answer, question: q, answer: "${secret:ANSWER}"}\n',
    "kind: Group\nkey: a\nid: 731000009\nreplies: [{key: r, when: {regex: '(a+)+$'}, reply: x}]\n",
)


def seeds() -> Iterator[bytes]:
    for path in sorted(_EXAMPLES.rglob("*.yaml")):
        yield path.read_bytes()
    yield from (text.encode() for text in _CORNERS)


def one(data: bytes, folder: Path) -> str:
    (folder / "fuzzed.yaml").write_bytes(data)
    loaded = load_workspace(folder)
    texts = {"fuzzed.yaml": data.decode("utf-8", "replace")}
    told = render_diagnostics(loaded.diagnostics, sources=texts.get, color=False)
    return told + printable(repr(loaded.workspace and sorted(loaded.workspace.groups)))
