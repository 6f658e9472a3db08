"""Takes what is live into the YAML: the files are edited in place, or stay as they were."""

from __future__ import annotations

from pathlib import Path

from qqgroup_provision.addresses import matches_any
from qqgroup_provision.adoption.put_value import put_value, says
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import listed, say
from qqgroup_provision.planning.accept import Edit, edits, refused
from qqgroup_provision.planning.drift import Drift, Drifts
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace
from qqgroup_provision.workspace.replace import replace_file


def accept(found: Drifts, workspace: Workspace, folder: Path, patterns: tuple[str, ...]) -> tuple[Edit, ...]:
    """Write every live value that the patterns name into the YAML below `folder`: all of them, or none.

    Raises `InvalidInput`: what could not be seen, QG143 for a pattern that names no drift, QG144 for a value that
    cannot be written, and whatever the workspace would be faulted for. Raises OSError for a file that cannot be.
    """
    if found.unseen:
        raise InvalidInput(found.unseen)
    for pattern in patterns:
        if not any(drift.address.matches(pattern) for drift in found.found):
            raise InvalidInput(_no_drift(pattern))
    chosen = [drift for drift in found.found if matches_any(drift.address, patterns)]
    wanted = tuple(edit for drift in chosen for edit in edits(drift, workspace.groups[drift.address.group]))
    before: dict[Path, bytes] = {}
    try:
        for edit in wanted:
            path = folder / edit.file
            content = path.read_bytes()
            new = _edited(content, edit)
            before.setdefault(path, content)
            replace_file(path, new)
        _require_accepted(wanted, chosen, folder)
    except BaseException:
        for path, content in before.items():
            replace_file(path, content)
        raise
    return wanted


def _edited(content: bytes, edit: Edit) -> bytes:
    new = put_value(content, edit.way, edit.value)
    if new is not None:
        return new
    if says(content, edit.way):
        raise refused(edit.address, edit.said_at, say("The value cannot be written there as it is: edit it by hand."))
    way = ".".join(edit.way)
    hint = say("`{file}` does not say `{way}` itself: edit the template it comes from, or say it there first.",
               file=edit.file, way=way)  # fmt: skip
    raise refused(edit.address, edit.said_at, hint)


def _require_accepted(wanted: tuple[Edit, ...], chosen: list[Drift], folder: Path) -> None:
    """Raise `InvalidInput` unless the YAML is valid and asks for what is live: `{name}` in a card, for one, is
    not what it says."""
    workspace = load_workspace(folder).required()
    by_name = {kind.name: kind for kind in kinds()}
    for drift in chosen:
        asked = by_name[drift.address.kind].wanted(workspace.groups[drift.address.group]).get(drift.address.key)
        fields = asked.fields if asked is not None else {}
        edited = {edit.field for edit in wanted if edit.address == drift.address}
        live = {field.name: field.live for field in drift.fields if field.name in edited}
        differ = [name for name, value in live.items() if (fields.get(name) or None) != (value or None)]
        if differ:
            hint = say("YAML would not ask for it then: edit {fields} by hand.", fields=listed(differ))
            raise refused(drift.address, drift.place, hint)


def _no_drift(pattern: str) -> Diagnostic:
    return Diagnostic(
        "QG143",
        say("Nothing has drifted at `{address}`.", address=pattern),
        hint=say("`qqgroup drift` lists what has."),
    )
