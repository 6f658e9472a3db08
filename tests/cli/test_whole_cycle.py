"""From groups that nobody described to YAML, changes by hand, drift, and back: on every implementation, with 500
members in each of three groups."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from qqgroup_provision.ports import Capability
from qqgroup_provision.simulator.seed import IMPLEMENTATIONS
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace
from tests.cli.by_hand import BESIDE, LISTS, PICTURE, ROWS, Row, abilities, address, done_by_hand, world
from tests.cli.inside import run_on
from tests.stage import GROUP, Ran, Stage, readable, staged, write_yaml

HUB = "hub-0"
HIGHEST = 500


def bare(stage: Stage) -> None:
    """Leave the workspace with an account and nothing else."""
    for file in ("hub.yaml", "people.yaml"):
        (stage.folder / file).unlink()
    (stage.folder / "logo.png").write_bytes(PICTURE)


def ran(stage: Stage, *words: str) -> Ran:
    """Run a command; whatever it asked, nothing that it wrote was refused."""
    done = run_on(stage, *words)
    refused = [call for call in stage.simulator.control("calls") if call["writes"] and call["status"] == "failed"]
    assert [] == refused, done.out + done.err
    return done


def counted(stage: Stage) -> int:
    return len(stage.simulator.take_calls())


def imported(stage: Stage) -> None:
    """Describe every group, and find that there is nothing left to do."""
    counted(stage)
    done = ran(stage, "import", "--all", "--state")
    assert (0, True) == (done.code, "Imported. Groups: 3," in done.out), done.out + done.err
    assert_asked_once(stage)
    settled(stage)


def settled(stage: Stage) -> None:
    counted(stage)
    done = ran(stage, "plan", "--detailed-exitcode")
    assert (0, True) == (done.code, "No changes" in done.out), done.out + done.err
    assert_asked_once(stage)


def assert_asked_once(stage: Stage) -> None:
    """Nothing was asked twice since calls were counted last, but what NapCat has to be asked twice for."""
    calls = [call for call in stage.simulator.take_calls() if call["action"] != "download"]  # they all look alike
    asked = Counter((call["action"], json.dumps(call["params"])) for call in calls)
    napcat = stage.simulator.seed.accounts["main"].implementation == "napcat"
    often = {action for (action, _), times in asked.items() if times > 1}
    assert ({"get_group_member_list"} if napcat else set()) == often
    assert set(asked.values()) <= {1, 2}


def completed(stage: Stage, can: frozenset[str]) -> None:
    """Say the rest in YAML as well: what nobody reads back, and that lists are the YAML's alone."""
    for path in sorted(stage.folder.glob("hub-*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for capability, more in BESIDE.items():
            if capability in can:
                for key, value in more.items():
                    data[key] = {**data.get(key, {}), **value} if isinstance(value, dict) else value
        data["manage"] = dict.fromkeys(LISTS, "exclusive")
        write_yaml(path, data)
    done = ran(stage, "apply", "--auto-approve")
    assert 0 == done.code, done.out + done.err
    settled(stage)


def drifted(stage: Stage) -> dict[str, list[str]]:
    """The fields that have drifted, by address; what has no name in YAML goes by its kind."""
    done = ran(stage, "drift", "--json")
    found = json.loads(done.out)
    assert found["complete"], found["diagnostics"]
    assert (2 if found["drifts"] else 0) == done.code
    keys = {item.key for item in load_workspace(stage.folder).required().groups[HUB].essence or ()}
    return {
        _known(item["address"], keys): sorted(field["name"] for field in item["fields"]) for item in found["drifts"]
    }


def _known(address: str, keys: Container[str]) -> str:
    """What has no key in YAML goes by its id, which nobody can foresee."""
    if address.rpartition("/")[2] in keys:
        return address
    return re.sub("/(notice|message)-([0-9a-f]{24}|(?<=message-)[0-9]+(@live)?)$", r"/\1-*", address)


def expected(rows: Iterable[Row], workspace: Workspace) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(address(row, HUB, workspace), []).extend(row.shows[2])
    return {key: sorted(names) for key, names in found.items()}


def assert_same(expected: dict[str, list[str]], found: dict[str, list[str]]) -> None:
    """`*` stands for whatever fields a thing that came or went as a whole has there."""
    assert sorted(expected) == sorted(found)
    named = {key: names for key, names in expected.items() if names != ["*"]}
    assert named == {key: found[key] for key in named}


def carried_out(stage: Stage) -> None:
    """Apply a saved plan, which takes as many requests as it says."""
    counted(stage)
    plan = json.loads(run_on(stage, "plan", "--out", str(stage.folder / "p"), "--json").out)["qqgroup"]
    read = counted(stage)
    done = ran(stage, "apply", str(stage.folder / "p"))
    assert 0 == done.code, done.out + done.err
    assert (plan["reads"], plan["writes"]) == (read, counted(stage) - read)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_what_people_change_by_hand_is_named_and_put_right(implementation: str, tmp_path: Path) -> None:
    with staged(tmp_path, world(HIGHEST), implementation=implementation) as stage:
        can = abilities(stage)
        seen = [row for row in ROWS if row.reads <= can and row.does <= can]
        hopeless = [row for row in ROWS if row.reads <= can and not row.does <= can]
        unseen = [row for row in ROWS if not row.reads <= can]
        bare(stage)
        imported(stage)
        completed(stage, can)
        for row in unseen:  # nobody can tell, so nothing may come of it
            done_by_hand(stage, row)
        assert {} == drifted(stage)
        before = {number: readable(stage.live(number)) for number in range(GROUP, GROUP + 3)}
        for row in seen:
            done_by_hand(stage, row)
        workspace = load_workspace(stage.folder).required()
        assert_same(expected(seen, workspace), drifted(stage))
        carried_out(stage)
        for row in seen:
            if row.person is not None:
                stage.simulator.patch(GROUP, row.person)
        assert before == {number: readable(stage.live(number)) for number in before}
        settled(stage)
        for row in hopeless:
            told(stage, row, address(row, HUB, workspace))


def told(stage: Stage, row: Row, where: str) -> None:
    """What an implementation sees and cannot put right is told by the plan, and nothing is sent."""
    done_by_hand(stage, row)
    plan = json.loads(ran(stage, "plan", "--json").out)["qqgroup"]
    assert [("QG512", where)] == [(item["code"], item["subject"]) for item in plan["diagnostics"]]
    counted(stage)
    assert 0 != ran(stage, "apply", "--auto-approve").code
    assert [] == stage.writes()
    stage.simulator.patch(GROUP, before_by_hand(row))


def before_by_hand(row: Row) -> dict[str, Any]:
    """The opposite of what can be seen and not put right."""
    (group, *_) = world()["groups"]
    found = {key: group[key] for key in row.hand if key in ("name", "remark")}
    roles = {str(number): {"role": "admin" if row.name == "an admin less" else "member"}
             for number in row.hand.get("members", ())}  # fmt: skip
    return {**found, "members": roles}


LEAST = "gocq"  # what it can tell of a group, every other one can tell too, but for lists that some do not have
LISTED_BY = {
    "announcements": Capability.READ_NOTICES,
    "files": Capability.READ_FILES,
    "essence": Capability.READ_ESSENCE,
}


def only_what_it_can(stage: Stage) -> None:
    """Take out of the YAML what the implementation does not list, and titles where it does not tell them."""
    can = abilities(stage)
    for path in stage.folder.rglob("*.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "roles" in data and "member.title" not in can:
            data["roles"] = [
                {key: value for key, value in role.items() if key != "title"}
                for role in data["roles"]
                if role.keys() & {"admin", "card"}
            ]
        write_yaml(path, {key: value for key, value in data.items() if LISTED_BY.get(key) in {None, *can}})


def test_what_was_imported_from_one_is_true_on_every_other(tmp_path: Path) -> None:
    with staged(tmp_path / "first", world(60), implementation=LEAST) as stage:
        bare(stage)
        imported(stage)
        first = stage.folder
    for implementation in IMPLEMENTATIONS:
        with staged(tmp_path / implementation, world(60), implementation=implementation) as stage:
            bare(stage)
            kept = (stage.folder / "workspace.yaml").read_bytes()
            shutil.copytree(first, stage.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".qqgroup"))
            (stage.folder / "workspace.yaml").write_bytes(kept)
            only_what_it_can(stage)
            assert "0 to create, 0 to update, 0 to replace, 0 to delete" in run_on(stage, "plan").out
            assert 0 == ran(stage, "apply", "--auto-approve").code
            assert [] == stage.writes()
            settled(stage)
