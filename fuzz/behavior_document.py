"""The document that a bot is handed: taken, and asked about a few messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.event import At, Message, Person, Text, Tick
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.bot.behaviors import NotUsable, prepare
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.workspace.behavior_document import canonical
from qqgroup_provision.workspace.load import load_workspace

WEIGHT = 3
_EXAMPLES = Path(__file__).parent.parent / "groups"
_SAID = ("群规", "兼职加微信 https://a.top/x", "/禁言 @小艾 10m", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")


def seeds() -> Iterator[bytes]:
    for group in load_workspace(_EXAMPLES).required().groups.values():
        if group.behavior_document is not None:
            yield canonical(group.behavior_document)


def one(data: bytes, folder: Path) -> str:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return ""  # the bot answers such a one before it is looked at
    try:
        prepared, memory = prepare(document).prepared, Notebook()
    except NotUsable as error:
        return printable(str(error))
    configuration = prepared.configuration
    now = datetime(2026, 12, 1, 12, tzinfo=configuration.zone)
    sender = Person(100000001, "小艾")
    group = configuration.group_id
    for number, text in enumerate(_SAID):
        message = Message(group, str(number), sender, (At(1), Text(text)), now, 100000000)
        memory.change(decide(message, prepared, memory, now).changes)
    decision = decide(Tick(group, now, 100000000), prepared, memory, now)
    return printable(repr(decision.actions))
