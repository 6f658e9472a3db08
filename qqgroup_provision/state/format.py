"""State as a file: JSON that is byte-stable, versioned, and read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.own_json import own_json
from qqgroup_provision.ports import Value
from qqgroup_provision.state.model import Entry, Override, State

VERSION = 1
MOVED = 2  # the format of a state that was moved: what knows nothing of moving refuses it
_MAX_BYTES = 256 << 20


def dump(state: State) -> bytes:
    """Equal states give equal bytes: sorted, LF, one trailing newline."""
    return (json.dumps(document_of(state), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def document_of(state: State) -> dict[str, Any]:
    """A state as plain JSON values."""
    resources = [{"address": str(address), **dump_entry(state.entries[address])} for address in sorted(state.entries)]
    document: dict[str, Any] = {
        "version": VERSION,
        "lineage": state.lineage,
        "serial": state.serial,
        "resources": resources,
    }
    if state.overrides:  # only then, as files written before there were any have no such key
        document["overrides"] = [asdict(override) for override in state.overrides]
    if state.moved_to:
        document |= {"version": MOVED, "moved_to": state.moved_to}
    return document


def load(content: bytes, name: str) -> State:
    """Read a state. `name` is the file's, for messages. Raises `InvalidInput` (QG711, QG712, QG713)."""
    return state_of(json_object(content, name), name)


def state_of(document: Mapping[str, Any], name: str) -> State:
    """The opposite of `document_of`. Raises as `load` does."""
    version = document.get("version")
    if not isinstance(version, int) or "lineage" not in document:
        raise _fault("QG712", say("This is not a state file."), name)
    if version > MOVED:
        raise _fault("QG711", say("The state has format {version}; this version reads {most}.",
                                  version=version, most=MOVED), name)  # fmt: skip
    try:
        entries = {Address.parse(resource["address"]): read_entry(resource) for resource in document["resources"]}
        overrides = tuple(read_override(item) for item in document.get("overrides", ()))
        moved_to = _is(str, document["moved_to"]) if version == MOVED else ""
        return State(_is(str, document["lineage"]), _is(int, document["serial"]), entries, overrides, moved_to)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _fault("QG713", say("The state file is damaged: {problem}.", problem=str(error)), name) from None


def read_override(written: Mapping[str, Any]) -> Override:
    """Raises KeyError or TypeError for what is none."""
    return Override(_is(str, written["pattern"]), _is(str, written["at"]))


def dump_entry(entry: Entry) -> dict[str, Any]:
    """An entry as the state file and the journal write it."""
    written: dict[str, Any] = {
        "ids": dict(entry.ids),
        "applied": dict(entry.applied),
        "unverified": list(entry.unverified),
        "applied_at": entry.applied_at,
    }
    if entry.protected:  # only then, as files written before there was protection have no such key
        written["protected"] = True
    return written


def read_entry(written: Mapping[str, Any]) -> Entry:
    """The opposite of `dump_entry`. Raises KeyError, TypeError or ValueError for anything else."""
    ids = {_is(str, key): _is(str, value) for key, value in written["ids"].items()}
    applied = {_is(str, key): _value(value) for key, value in written["applied"].items()}
    unverified = tuple(_is(str, name) for name in written["unverified"])
    protected = written.get("protected", False)
    if not isinstance(protected, bool):  # to guess here would be to lift a protection
        raise TypeError(f"{protected!r:.40} where true or false belongs")
    return Entry(ids, applied, unverified, _is(str, written["applied_at"]), protected)


def _value(written: Any) -> Value:
    if isinstance(written, list):
        return tuple(_value(item) for item in written)
    if isinstance(written, dict):
        return {key: _value(item) for key, item in written.items()}
    if written is None or isinstance(written, (str, int)):
        return written
    raise TypeError(f"a value of type {type(written).__name__}")


def _is(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{value!r:.40} where {kind.__name__} belongs")
    return value


def json_object(content: bytes, name: str) -> dict[str, Any]:
    """What a file or an answer says. Raises `InvalidInput` (QG712, QG713) for anything but one object of JSON."""
    if len(content) > _MAX_BYTES:
        raise _fault("QG713", say("The state file is larger than {most} bytes.", most=_MAX_BYTES), name)
    try:
        document = own_json(content)
    except (ValueError, RecursionError):
        raise _fault("QG713", say("The state file is damaged: it is not JSON."), name) from None
    if not isinstance(document, dict):
        raise _fault("QG712", say("This is not a state file."), name)
    return document


def _fault(code: str, summary: Text, name: str) -> InvalidInput:
    hints = {
        "QG711": say("Use the version of the tool that wrote it."),
        "QG712": say("Check `state.path` in workspace.yaml."),
        "QG713": say("Restore it from the backup beside it."),
    }
    return InvalidInput(Diagnostic(code, summary, subject=name, hint=hints[code]))
