"""The workspace that targets work on, and the secrets beside it."""

from __future__ import annotations

import json
from pathlib import Path

from fuzz.guard import OUTSIDE

GROUP = 731000001
SELF = 100000000
WORKSPACE = {
    "kind": "Workspace",
    "accounts": {"main": {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11", "token": "${env:TEST_TOKEN}"}},
    "secrets": ["ANSWER"],
}
PEOPLE = {"kind": "People", "people": {"alice": {"qq": 100000001, "name": "小艾"}, "bob": 100000002}}
HUB = {
    "kind": "Group",
    "key": "hub",
    "id": GROUP,
    "profile": {"name": "新群名", "remark": "备注"},
    "mute_all": True,
    "roles": [
        {"key": "maintainers", "members": ["alice"], "admin": True, "title": "维护者", "card": "【维护】{name}"}
    ],
    "announcements": [{"key": "rules", "text": "群规 <1>\n  二 & 三  ", "pinned": True}],
    "files": {"items": [{"path": "资料/a.txt", "source": "a.txt"}]},
    "essence": [{"key": "tips", "text": "精华"}],
    "manage": dict.fromkeys(("admins", "titles", "cards", "announcements", "files", "essence"), "exclusive"),
}


def set_up(root: Path) -> Path:
    """Make a workspace in a folder; gives its own folder. Beside it lies what no workspace may name."""
    folder = root / "groups"
    folder.mkdir(parents=True)
    (root / "outside.txt").write_text(OUTSIDE)
    (folder / "link.txt").symlink_to(root / "outside.txt")
    (folder / "a.txt").write_bytes(b"one")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    for name, data in (("workspace.yaml", WORKSPACE), ("people.yaml", PEOPLE), ("hub.yaml", HUB)):
        write(folder / name, data)
    return folder


def write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
