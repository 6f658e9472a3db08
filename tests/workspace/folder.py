"""A workspace on disk made of a few texts, and what loading it says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qqgroup_provision.workspace.load import Loaded, load_workspace
from qqgroup_provision.workspace.model import Group

WORKSPACE = """\
kind: Workspace
accounts:
  main: {endpoint: "http://127.0.0.1:1", protocol: onebot11}
"""
TWO_ACCOUNTS = WORKSPACE + '  other: {endpoint: "http://127.0.0.1:2", protocol: onebot11}\n'
PEOPLE = """\
kind: People
people:
  alice: {qq: 100000001, name: 小艾}
  bob: 100000002
"""
GROUP = "kind: Group\nkey: hub\nid: 731000001\n"


def load(root: Path, files: Mapping[str, str], workspace: str = WORKSPACE) -> Loaded:
    """Write these files beside a workspace.yaml and a people.yaml, and load all of it."""
    for name, text in {"workspace.yaml": workspace, "people.yaml": PEOPLE, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return load_workspace(root)


def groups(root: Path, files: Mapping[str, str], workspace: str = WORKSPACE) -> Mapping[str, Group]:
    """The groups of a workspace in which nothing is wrong."""
    loaded = load(root, files, workspace)
    assert [] == faults(loaded)
    return loaded.required().groups


def faults(loaded: Loaded) -> list[str]:
    """Everything wrong as `<code> <file>:<line>:<column>`, in order."""
    return [f"{item.code} {item.place or item.subject}" for item in loaded.diagnostics]
