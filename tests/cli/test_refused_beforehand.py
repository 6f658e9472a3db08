"""What an implementation cannot do, or an account may not, is told by the plan; what the plan has is carried out.

Every wish has a group of its own. One plan asks for all of them, through each implementation and in each role.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.inside import run_on
from tests.stage import SELF, Stage, staged

OWNER, ADMIN, ALICE, BOB, DEPUTY = range(100000001, 100000006)
CONTENT, PICTURE = b"the handbook", b"\x89PNG\r\n\x1a\n" + bytes(64)
NEWEST = {
    "napcat": "NapCat 4.18.19",
    "llbot": "LLBot 8.1.7",
    "lagrange": "Lagrange.OneBot 0.0.3",
    "gocq": "go-cqhttp v1.2.0",
    "llbot-milky": "LLBot (Milky) 8.1.7",
    "lagrange-milky": "Lagrange.Milky 58a4f99ac",
}
ROLES = {"owner": "the owner", "admin": "an admin", "member": "a member"}


def _role(qq: int, **what: Any) -> dict[str, Any]:
    return {"roles": [{"key": "some", "members": [qq], **what}]}


def _file(path: str, content: bytes = CONTENT, **more: Any) -> dict[str, Any]:
    return {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **more}


def _notices(*items: Mapping[str, Any]) -> dict[str, Any]:
    return {"announcements": [{"key": f"a{number}", **item} for number, item in enumerate(items)]}


# Each differs from every group as it is.
WISHES: Mapping[str, Mapping[str, Any]] = {
    "name": {"profile": {"name": "新群名"}},
    "remark": {"profile": {"remark": "新备注"}},
    "avatar": {"profile": {"avatar": "logo.png"}},
    "description": {"profile": {"description": "新简介"}},
    "mute": {"mute_all": True},
    "method": {"join": {"method": "open"}},
    "question": {"join": {"method": "question_and_review", "question": "从哪里来？"}},
    "answer": {"join": {"method": "correct_answer", "question": "几？", "answer": "${secret:ANSWER}"}},
    "invites": {"join": {"member_invites": "disabled"}},
    "history": {"join": {"history_visible_to_new_members": True}},
    "robots": {"join": {"robots": "forbidden"}},
    "album": {"permissions": {"upload_album": False}},
    "session": {"permissions": {"temporary_session": False, "create_group": False}},
    "promoted": _role(ALICE, admin=True),
    "demoted": _role(ADMIN, admin=False),
    "titled": _role(ALICE, title="讲师"),
    "untitled": _role(BOB, title=None),
    "carded": _role(ALICE, card="【{name}】"),
    "uncarded": _role(BOB, card=None),
    "own-card": _role(SELF, card="小助手"),
    "owners-card": _role(OWNER, card="群主"),
    "notice": _notices({"text": "新公告"}),
    "pinned": _notices({"text": "置顶", "pinned": True}),
    "unconfirmed": _notices({"text": "看看", "confirm": False}),
    "picture": _notices({"text": "带图", "image": "logo.png"}),
    "pinned-now": _notices({"text": "群规", "pinned": True}),
    "no-notices": {"announcements": [], "manage": {"announcements": "exclusive"}},
    "folder": {"files": {"folders": ["新"]}},
    "no-folder": {"files": {"folders": ["资料"], "items": [{"path": "资料/手册.txt", "source": "handbook.txt"},
                  {"path": "自己的.txt", "source": "handbook.txt"},
                  {"path": "别人的.txt", "source": "handbook.txt"}]},
                  "manage": {"files": "exclusive"}},
    "file": {"files": {"items": [{"path": "新.txt", "source": "handbook.txt"}]}},
    "file-inside": {"files": {"items": [{"path": "资料/新.txt", "source": "handbook.txt"}]}},
    "own-file-new": {"files": {"items": [{"path": "自己的.txt", "source": "other.txt"}]}},
    "others-file-new": {"files": {"items": [{"path": "别人的.txt", "source": "other.txt"}]}},
    "file-kept": {"files": {"items": [{"path": "自己的.txt", "source": "other.txt"}], "keep_versions": 1}},
    "no-files": {"files": {"folders": ["资料", "空"]}, "manage": {"files": "exclusive"}},
    "essence": {"essence": [{"key": "new", "text": "新精华"}]},
    "essence-less": {"essence": [], "manage": {"essence": "exclusive"}},
}  # fmt: skip
GROUPS = {key: 731000001 + number for number, key in enumerate(WISHES)}


def world(role: str) -> dict[str, Any]:
    """As many groups as there are wishes, all alike; the account is of that role in each."""
    admins = [ADMIN, DEPUTY]
    mine: dict[str, Any] = {
        "owner": {"owner": SELF, "admins": [OWNER, *admins]},
        "admin": {"owner": OWNER, "admins": [SELF, *admins]},
        "member": {"owner": OWNER, "admins": admins, "members": [SELF]},
    }[role]
    group = {
        "name": "旧群名",
        "strangers": 3,
        **mine,
        "members": [*mine.get("members", ()), ALICE, {"qq": BOB, "card": "旧名片", "title": "旧头衔"}],
        "announcements": [{"text": "群规", "confirm": True, "sender": OWNER}],
        "files": {
            "folders": ["空"],
            "upload": [_file("资料/手册.txt", uploader=SELF), _file("自己的.txt", uploader=SELF),
                       _file("别人的.txt", uploader=ALICE)],
        },
        "essence": [{"text": "别人的精华", "sender": ALICE}],
    }  # fmt: skip
    return {
        "kind": "World",
        "accounts": {"main": {"qq": SELF, "nickname": "小助手", "token": "s3cret-token"}},
        "groups": [{**group, "id": number} for number in GROUPS.values()],
    }


def planned(stage: Stage, *targets: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_on(stage, "plan", "--json", *targets).out)
    return found


def told(plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What stands in the way, by group."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in plan["qqgroup"]["diagnostics"]:
        found.setdefault(item["subject"].split("/")[0], []).append(item)
    return found


def said(text: Any) -> str:
    """A sentence of a plan file as people read it."""
    if not isinstance(text, dict):
        return str(text)
    return str(text["text"]).format(**{key: said(value) for key, value in text["values"].items()})


def names(item: dict[str, Any]) -> str:
    return " ".join(said(item[part]) for part in ("summary", "detail", "hint") if item[part])


def acts(plan: dict[str, Any]) -> dict[str, set[str]]:
    """What is to happen, by group: by the account, by a person, or nothing as nobody can see whether it is so."""
    found: dict[str, set[str]] = {}
    for item in plan["resource_changes"]:
        ours = item["qqgroup"]
        if ours["operations"] or ours["action"] == "manual" or ours["unverified"]:
            found.setdefault(item["address"].split("/")[0], set()).add(ours["action"])
    return found


def targets(keys: list[str]) -> list[str]:
    return [word for key in keys for word in ("--target", f"{key}/*", "--target", key)]


@pytest.mark.parametrize(
    ("implementation", "version", "role"),
    [*((name, "", role) for name in NEWEST for role in ROLES), ("napcat", "4.18.13", "owner")],
)
def test_what_cannot_be_done_is_told_beforehand_and_what_is_planned_is_done(
    implementation: str, version: str, role: str, tmp_path: Path
) -> None:
    name = f"NapCat {version}" if version else NEWEST[implementation]
    with staged(tmp_path, world(role), implementation=implementation, version=version) as stage:
        for path, content in (("handbook.txt", CONTENT), ("other.txt", b"another"), ("logo.png", PICTURE)):
            (stage.folder / path).write_bytes(content)
        (stage.folder / "hub.yaml").unlink()
        stage.environment["ANSWER"] = "三"
        for key, wish in WISHES.items():
            stage.group({"kind": "Group", "key": key, "id": GROUPS[key], **wish}, f"{key}.yaml")
        plan = planned(stage)
        obstacles = told(plan)
        for key, items in obstacles.items():
            for item in items:
                assert item["code"] in {"QG511", "QG512"}, (key, names(item))
                parts = [ROLES[role], str(SELF), "`main`"] + ([name] if item["code"] == "QG512" else [])
                assert all(part in names(item) for part in parts), names(item)
                assert "YAML" in said(item["hint"]), names(item)
        free = [key for key in WISHES if key not in obstacles]
        found = acts(plan)
        # Where titles cannot be read, one that is to be none and of which nothing is on record counts as none.
        assumed = {"untitled"} if implementation == "lagrange" else set()
        assert set(free) - assumed == found.keys() - obstacles.keys()
        stage.simulator.take_calls()
        done = run_on(stage, "apply", "--auto-approve", *targets(free))
        calls = stage.simulator.take_calls()
        assert 0 == done.code, done.out + done.err
        assert [] == [call for call in calls if call["status"] == "failed" and call["writes"]]
        again = planned(stage, *targets([key for key in free if "manual" not in found.get(key, ())]))
        assert [] == again["resource_changes"]
        if obstacles:
            stage.simulator.take_calls()
            assert 1 == run_on(stage, "apply", "--auto-approve", *targets(list(obstacles))).code
            assert [] == stage.writes()
