"""State, journal and history in one document, for a store that keeps only one.

To its keeper it looks like a state of Terraform with nothing in it, for some keepers look: GitLab wants a `serial`
that it has not seen, Gitea a version 4 with a lineage, resources and outputs. So the document has a lineage and a
serial of its own; those of the state are within. `stamp` is new with each write: by it a writer knows its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.state.format import document_of, json_object, state_of
from qqgroup_provision.state.history import Record, dump_record, read_records
from qqgroup_provision.state.model import State
from qqgroup_provision.state.paces import AccountPace, dump_paces, read_paces

FORMAT = 1
KEPT = 200  # runs that the history of such a document holds


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that is kept. `journal` is its lines, empty where no run is open."""

    lineage: str = ""
    serial: int = 0
    stamp: str = ""
    state: State = field(default_factory=State)
    journal: bytes = b""
    history: tuple[Record, ...] = ()
    paces: Mapping[int, AccountPace] = field(default_factory=dict)


def dump_document(document: Document) -> bytes:
    ours: dict[str, Any] = {
        "format": FORMAT,
        "stamp": document.stamp,
        "state": document_of(document.state),
        "journal": document.journal.decode().split("\n")[:-1],  # not at the other line ends of Unicode
        "history": [json.loads(dump_record(record)) for record in document.history[-KEPT:]],
    }
    if document.paces:  # only then, as documents of earlier versions have no such key
        ours["paces"] = dump_paces(document.paces)
    outside = {
        "version": 4,
        "terraform_version": "1.0.0",
        "lineage": document.lineage,
        "serial": document.serial,
        "resources": [],
        "outputs": {},
        "qqgroup": ours,
    }
    return (json.dumps(outside, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def load_document(content: bytes, place: str) -> Document:
    """The opposite of `dump_document`. Raises `InvalidInput`: QG711 for a newer format, QG712 for a state of
    another tool, QG713 for one that is damaged."""
    outside = json_object(content, place)
    ours = outside.get("qqgroup")
    if not isinstance(ours, dict):
        hint = say("Name another address: what is there belongs to another tool, and is left alone.")
        raise InvalidInput(Diagnostic("QG712", say("This is not a state of qqgroup."), subject=place, hint=hint))
    try:
        if ours["format"] > FORMAT:
            hint = say("Use the version of the tool that wrote it.")
            said = say("The state has format {version}; this version reads {most}.",
                       version=ours["format"], most=FORMAT)  # fmt: skip
            raise InvalidInput(Diagnostic("QG711", said, subject=place, hint=hint))
        return Document(
            str(outside["lineage"]),
            int(outside["serial"]),
            str(ours["stamp"]),
            state_of(ours["state"], place),
            _lines(ours["journal"]),
            tuple(read_records(map(json.dumps, ours["history"]))),
            read_paces(ours.get("paces")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        hint = say("Restore an earlier version of it, where the store keeps those.")
        said = say("The state file is damaged: {problem}.", problem=str(error))
        raise InvalidInput(Diagnostic("QG713", said, subject=place, hint=hint)) from None


def _lines(written: Any) -> bytes:
    if not isinstance(written, list) or not all(isinstance(line, str) for line in written):
        raise TypeError("a journal that is no list of lines")
    return "".join(f"{line}\n" for line in written).encode()
