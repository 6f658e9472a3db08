"""Files and essence messages held against what is published: every request the tool sends, every simulated answer."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.simulator.dialects.base import Params, Reply, Service
from qqgroup_provision.simulator.dialects.milky import Milky
from qqgroup_provision.simulator.dialects.napcat import NapCat
from tests.cli import test_essence
from tests.cli.inside import run_on
from tests.cli.test_files import GUIDE, applied, want
from tests.contracts import test_milky, test_napcat
from tests.contracts.contract import contract, faults
from tests.stage import GROUP, Stage, staged

Calls = list[tuple[str, Params, Reply]]


def recorded(monkeypatch: pytest.MonkeyPatch, kind: Any) -> Calls:
    """Every call that servers of a kind answer from now on."""
    calls: Calls = []
    answer = kind.call

    def call(self: Service, action: str, params: Params) -> Reply:
        reply: Reply = answer(self, action, params)
        calls.append((action, copy.deepcopy(params), copy.deepcopy(reply)))
        return reply

    monkeypatch.setattr(kind, "call", call)
    return calls


def cycle(stage: Stage, keep: int, *, essence: bool) -> None:
    """Files that come, change and go, and essence messages that do; and all of it is imported in between."""
    for content in (b"one", b"two!", b"three"):
        want(stage, GUIDE, "说明.txt", content=content, keep_versions=keep)
        applied(stage)
    if essence:
        for texts in (["一"], ["二"], []):
            test_essence.want(stage, *texts)
            applied(stage)
    (stage.folder / "hub.yaml").unlink()
    assert 0 == run_on(stage, "import", str(GROUP)).code


@pytest.mark.parametrize(("name", "keep"), [("llbot-milky", 1), ("lagrange-milky", 0)])
def test_files_over_milky_keep_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, keep: int
) -> None:
    schema = contract(test_milky.FILE)
    calls = recorded(monkeypatch, Milky)
    with staged(tmp_path, implementation=name) as stage:
        cycle(stage, keep, essence=keep == 1)

    for function, params, reply in calls:
        test_milky.requires(schema, function, params, reply)
    used = {"get_group_files", "create_group_folder", "upload_group_file", "get_group_file_download_url"}
    used |= {"rename_group_file", "get_group_essence_messages", "get_history_messages", "send_group_message",
             "set_group_essence_message"} if keep else {"delete_group_file"}  # fmt: skip
    assert used <= {function for function, *_ in calls}


def test_files_over_napcat_keep_the_contract(napcat: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    published: Any = contract(test_napcat.FILE)
    calls = recorded(monkeypatch, NapCat)
    cycle(napcat, 1, essence=True)
    undeclared = set()
    for action, params, _ in calls:
        schema = test_napcat.of_request(published, action)
        usual = {key: of["default"] for key, of in schema["properties"].items() if "default" in of}  # filled in there
        assert [] == faults(schema, test_napcat.coerced(schema, {**usual, **params})), action
        undeclared |= {(action, key) for key in params.keys() - schema["properties"].keys()}

    assert {
        "get_group_file_url",
        "upload_file_stream",
        "rename_group_file",
        "delete_group_file",
        "get_essence_msg_list",
    } <= {action for action, *_ in calls}
    assert set() == undeclared
