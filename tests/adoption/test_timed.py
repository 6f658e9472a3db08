"""An import takes nothing over that YAML says already in another way: what the rules are made into, and the night."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qqgroup_provision.ports import Known, LiveProfile
from tests.adoption.material import Folder, group

HUB = (
    "kind: Group\nkey: hub\nid: 731000001\nmute_all: false\nprofile: {name: 群}\n"
    "rules:\n  publish: {announcement: true}\n"
    "  items: [{key: ads, text: 禁止广告, detect: {contains: 刷单}, penalties: [warn]}]\n"
    "curfew: [{from: '22:00', to: '09:00'}]\n"
)


def test_the_announcement_of_the_rules_and_a_group_muted_at_night_are_there_already(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "groups")
    folder.write("hub.yaml", HUB)
    live = replace(group(notices=("群规\n一、禁止广告",)), profile=Known(LiveProfile("群", None, True)))
    folder.adopt({731000001: live})
    assert folder.texts()["hub.yaml"] == HUB
    assert [change.address.kind for change in folder.plan({731000001: live}).changes if change.operations] == []

    folder.adopt({731000001: replace(live, notices=group(notices=("消息", "群规\n一、禁止广告")).notices)})
    assert "text: 消息" in folder.texts()["hub.yaml"]
    assert folder.texts()["hub.yaml"].count("禁止广告") == 1
