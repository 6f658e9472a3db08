"""`notifications:` of workspace.yaml: where short messages go, and where announcements are mirrored to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.suggest import suggest

if TYPE_CHECKING:
    from qqgroup_provision.workspace.document import Document
    from qqgroup_provision.workspace.model import Group
    from qqgroup_provision.workspace.positions import Positions


@dataclass(frozen=True, slots=True)
class Notification:
    """A place to send to. `url` is the reference as written, `${env:…}` or `${file:…}`.

    `on` are the words of YAML. No `groups` is all of them, and an empty `language` that of the command.
    """

    key: str
    url: str
    on: frozenset[str]
    groups: tuple[str, ...]
    language: str
    place: Place


def read_notifications(document: Document, positions: Positions, diagnostics: Diagnostics) -> dict[str, Notification]:
    """All of them by key. Two with one key (QG388) are a fault."""
    found: dict[str, Notification] = {}
    for item in document.data.get("notifications") or ():
        place = positions.value(item, "key", document.place)
        if item["key"] in found:
            diagnostics.add(
                Diagnostic(
                    "QG388",
                    say("There is a notification `{key}` already.", key=item["key"]),
                    place=place,
                    hint=say("Give each notification a key of its own."),
                )
            )
        found[item["key"]] = Notification(
            item["key"],
            item["url"],
            frozenset(item.get("on", ())),
            tuple(item.get("groups", ())),
            item.get("language", ""),
            place,
        )
    return found


def unknown_names(notifications: Mapping[str, Notification], groups: Mapping[str, Group]) -> Iterator[Diagnostic]:
    """QG389: a group that a notification is for, and a notification that an announcement is mirrored to."""
    for notification in notifications.values():
        for key in notification.groups:
            if key not in groups:
                yield Diagnostic(
                    "QG389",
                    say("There is no group `{name}`.", name=key),
                    place=notification.place,
                    hint=suggest(key, groups),
                )
    for group in groups.values():
        for item in group.announcements or ():
            for key in item.mirror_to:
                if key not in notifications:
                    yield Diagnostic(
                        "QG389",
                        say("There is no notification `{name}` in workspace.yaml.", name=key),
                        place=item.places["mirror_to"],
                        hint=suggest(key, notifications) or say("Add it to `notifications:` in workspace.yaml."),
                    )
