"""A journal that somebody edited, or that a later version wrote: told, and never passed over."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.applying.recover import recover
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.title import SetTitle
from qqgroup_provision.state.file_store import FileStore
from tests.planning.material import hub, workspace

BEGIN = {"record": "begin", "format": 1, "lineage": "", "serial": 0, "plan": ""}
TITLE = {"group_id": 1, "user_id": 2, "title": "x"}


def left_over(folder: Path, operation: str, fields: dict[str, Any]) -> FileStore:
    intent = {"record": "intent", "n": 1, "address": "hub/title/alice", "operation": operation, "fields": fields}
    (folder / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (BEGIN, intent)))
    return FileStore(folder / "state.json")


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("set_everything", TITLE),  # of a later version
        (SetTitle.name, {"group_id": 1}),
        (SetTitle.name, {**TITLE, "user_id": "2"}),
        (SetTitle.name, {**TITLE, "title": None}),
    ],
)
def test_a_step_that_cannot_be_read_stops_the_run_and_the_journal_stays(
    tmp_path: Path, operation: str, fields: dict[str, Any]
) -> None:
    store = left_over(tmp_path, operation, fields)
    with pytest.raises(InvalidInput) as raised:
        asyncio.run(recover(store, Sessions(workspace(hub()), {})))

    (found,) = raised.value.diagnostics
    assert ("QG715", "hub/title/alice") == (found.code, found.subject)
    assert operation in str(found.summary)
    assert store.read_journal() is not None


def test_a_step_that_can_be_read_is_settled(tmp_path: Path) -> None:
    store = left_over(tmp_path, SetTitle.name, TITLE)

    state, settled = asyncio.run(recover(store, Sessions(workspace(hub()), {})))

    assert ((), None) == (settled, store.read_journal())  # nobody is there to ask, so nothing more will happen
    assert {} == state.entries
