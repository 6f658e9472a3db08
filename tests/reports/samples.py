"""Plans made by hand, so that a test of a report can choose every value in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import language, say, use_language
from qqgroup_provision.planning.plan import Extra, GroupFacts, Plan
from qqgroup_provision.resources.admin import SetAdmin
from qqgroup_provision.resources.announcement import Publish, Withdraw
from qqgroup_provision.resources.change import Action, Change, FieldChange
from qqgroup_provision.resources.profile import Rename, SetRemark

GROUP = 731000001
# Everything a text can hold that moves a cursor, hides, turns writing around or ends a line.
WEAPONS = "\x1b[2J\x1b]0;t\x07\x9b31m\b\r\n\t\x7f\u202e\u2066\u2028\u200b\ufeff"
_KINDS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def speaking(wished: str) -> Iterator[None]:
    """Render in this language."""
    before = language()
    use_language(wished)
    try:
        yield
    finally:
        use_language(before)


def steering(text: str) -> set[str]:
    """What a text holds that a terminal obeys or hides."""
    return {char for char in text if unicodedata.category(char) in _KINDS}


def without_color(text: str) -> str:
    """A text without the codes that colour it, and only those."""
    return _ANSI.sub("", text)


def change(address: str, action: Action, *fields: FieldChange, **more: Any) -> Change:
    return Change(Address.parse(address), action, GROUP, fields, **more)


def plan(*changes: Change, **more: Any) -> Plan:
    more.setdefault("groups", {"hub": GroupFacts("学习群", GROUP, "main", 470)})
    return Plan("digest", "lineage", 3, changes, **more)


def announcement(key: str, text: str, action: Action = Action.CREATE, before: str | None = None) -> Change:
    post = Publish(GROUP, text, "", "", pinned=False, confirm_read=False, known=())
    take_down = (Withdraw(GROUP, "n1"),) if action is Action.REPLACE else ()
    return change(
        f"hub/announcement/{key}",
        action,
        FieldChange("text", before, text),
        operations=(post, *take_down),
        label=" ".join((before or text).split())[:24],
    )


def admin(key: str, qq: int, label: str = "") -> Change:
    return change(
        f"hub/admin/{key}",
        Action.CREATE,
        FieldChange("admin", False, True),
        operations=(SetAdmin(GROUP, qq, admin=True),),
        label=label,
    )


def whole() -> Plan:
    """One change of every kind, two groups, something left alone, and an error."""
    return plan(
        change(
            "hub/profile",
            Action.UPDATE,
            FieldChange("name", "旧群名", "新群名"),
            FieldChange("remark", "", "备注"),
            operations=(Rename(GROUP, "新群名"), SetRemark(GROUP, "备注")),
            unverified=("remark", "name"),
        ),
        admin("alice", 100000001, "Alice"),
        change("hub/card/bob", Action.DELETE, FieldChange("card", "旧名片", None), label="Bob"),
        announcement("rules", "一、友善\n二、禁广告", Action.REPLACE, "一、友善\n二、随意"),
        change("hub/title/eve", Action.MANUAL, reason=say("{number} is not in the group", number=100000009)),
        change("hub/mute_all", Action.ADOPT, FieldChange("mute_all", True, True)),
        change(
            "jobs/title/old",
            Action.FORGET,
            FieldChange("title", "旧", None),
            reason=say("YAML does not name it any more"),
        ),
        unchanged=12,
        extras=(Extra(Address.parse("hub/admin/qq-100000006"), "方哥"),),
        diagnostics=(
            Diagnostic(
                "QG502",
                say(
                    "The account `{account}` ({number}) is not in the group {id}.",
                    account="main",
                    number=10001,
                    id=GROUP,
                ),
                place=Place("hub.yaml", 4, 3, 4, 9),
                subject="hub",
            ),
        ),
        reads=6,
        seconds=73.4,
    )
