"""`mirror`: the text of an announcement, also sent to a place that is not QQ, once.

Nothing ever tells what is there, so state alone remembers what was sent. A send that was begun counts as done: one
that nobody saw arrive is told of, and not repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    AccountFacts,
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    Rank,
    Reading,
    Value,
)
from qqgroup_provision.resources.announcement import AnnouncementKind
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.kind import Kind, Last, Observed, Step, Wanted, unseen
from qqgroup_provision.resources.live import Collection, LiveGroup, unread
from qqgroup_provision.resources.operation import Audience, Confirmation, Operation, Pace, ReadAsset, Unseeable
from qqgroup_provision.workspace.model import Group


class MirrorKind(Kind):
    """One resource for each announcement and place, with the key `<announcement>/<notification>`."""

    name = "mirror"
    order = AnnouncementKind.order + 1
    needs: ClassVar[frozenset[Collection]] = frozenset({Collection.NOTICES})

    def managed(self, group: Group) -> bool:
        return any(item.mirror_to for item in group.announcements or ())

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        return {
            f"{item.key}/{place}": Wanted(
                f"{item.key}/{place}",
                {"text": item.text, "image": item.image.sha256 if item.image else None},
                paths={"image": item.image.path} if item.image else {},
                place=item.places["mirror_to"],
            )
            for item in group.announcements or ()
            if item.due
            for place in item.mirror_to
        }

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        """What was sent is what is there. What YAML names no more is forgotten: it cannot be taken back.

        Where the group's announcements cannot be seen, nothing is sent elsewhere either.
        """
        if not isinstance(live.notices, Known):
            return unseen({**wanted, **last}, unread(live.notices))
        return {key: Known(Observed(last[key].applied)) if key in last else Absent() for key in wanted}

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.wanted is None or step.action is Action.DELETE:
            return ()
        fields = step.wanted.fields
        announcement, _, place = step.wanted.key.rpartition("/")
        sent = Mirror(
            step.group.id,
            place=place,
            announcement=announcement,
            text=str(fields["text"]),
            image=step.wanted.paths.get("image", ""),
            image_sha256=str(fields["image"] or ""),
        )
        return (sent,)

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG735: nothing is sent elsewhere that the group itself does not get."""
        posted = {change.address.key for change in changes if change.address.kind == AnnouncementKind.name}
        notices = live.notices.value if isinstance(live.notices, Known) else ()
        up = {notice.text for notice in notices}
        for change in changes:
            for operation in change.operations:
                if (
                    isinstance(operation, Mirror)
                    and operation.announcement not in posted
                    and operation.text not in up
                ):
                    yield Diagnostic(
                        "QG735",
                        say("The announcement `{key}` is not in the group.", key=operation.announcement),
                        place=change.place,
                        subject=str(change.address),
                        hint=say("Post it in the same run: add it to --target, or leave --target out."),
                    )


@dataclass(frozen=True, slots=True)
class Mirror(Operation):
    """Send the text of an announcement, and its picture where the place takes one. Never sent twice."""

    name: ClassVar[str] = "mirror"
    capability: ClassVar[Capability | None] = None
    rank: ClassVar[Rank] = Rank.MEMBER
    audience: ClassVar[Audience] = Audience.NOBODY  # of the group
    pace: ClassVar[Pace] = Pace.FREE
    reversible: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False
    calls: ClassVar[int] = 0  # to the account's server

    place: str
    announcement: str
    text: str
    image: str
    image_sha256: str

    @property
    def follows(self) -> str:
        return f"{AnnouncementKind.name}/{self.announcement}"

    def describe(self) -> Text:
        return say("also send the announcement `{key}` to {place}", key=self.announcement, place=self.place)

    def once_begun(self) -> Mapping[str, Value]:
        return {"text": self.text, "image": self.image_sha256 or None}

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        picture = read_asset(self.image, self.image_sha256) if self.image else None
        await writer.elsewhere.send(self.place, self.text, picture)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        return Unseeable(say("nothing tells what has arrived there; it is not sent again"))
