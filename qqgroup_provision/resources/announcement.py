"""`announcement`: QQ's group announcements (群公告), which have no names and cannot be edited.

So an announcement is known by the id of the last apply, else by its text; an equal text that is already
there is adopted; and a changed one is replaced: the new one goes up before the old one is taken down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    LiveNotice,
    NoticeDraft,
    Rank,
    Reading,
    Unknown,
    Value,
)
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Step, Wanted, unnamed, unseen
from qqgroup_provision.resources.live import Collection, LiveGroup, unread
from qqgroup_provision.resources.operation import (
    Audience,
    CannotSee,
    Confirmation,
    NotSeen,
    Operation,
    Pace,
    ReadAsset,
    Seen,
)
from qqgroup_provision.workspace.model import UNSET, Announcement, Group

LISTED = 20  # a listing gives no more than this many, so a full one may have been cut (qq_protocol §5.2)
# What becomes of an announcement where its flags cannot be chosen (qq_protocol §5.1).
_WITHOUT_FLAGS = {"pinned": False, "confirm": True}
_LABEL = 24  # characters of a text by which people know it


class AnnouncementKind(Kind):
    """One resource an announcement. A live one nobody named has the key `notice-<its id>`.

    Ids of one group begin alike (with the group's number), so no part of one tells which it is.
    """

    name = "announcement"
    order = 60
    collection = "announcements"
    replaced = say("QQ cannot edit it: a new one is posted, then the old one is taken down")
    needs = frozenset({Collection.NOTICES})

    def managed(self, group: Group) -> bool:
        return group.announcements is not UNSET

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        return {
            item.key: Wanted(
                item.key,
                _fields(item),
                exists=item.due,
                paths={"image": item.image.path} if item.image else {},
                place=item.place,
                reason=None if item.due else say("it is not the time for it: see `publish`"),
            )
            for item in group.announcements or ()
        }

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        taken = {"text": Capability.READ_NOTICES}
        if wanted.fields.get("image") is not None:
            taken["image"] = Capability.NOTICE_IMAGE
        for name, fixed in _WITHOUT_FLAGS.items():
            if wanted.fields.get(name, fixed) != fixed:
                taken[name] = Capability.NOTICE_FLAGS
        return taken

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        notices = live.notices
        if not isinstance(notices, Known):
            return unseen({**wanted, **last}, unread(notices))
        found = _match(wanted, last, notices.value)
        readings: dict[str, Reading[Observed]] = {}
        claimed: set[str] = set()
        for key in {**wanted, **last}:
            notice = found.get(key)
            if notice is not None:
                claimed.add(notice.notice_id)
                readings[key] = Known(_observed(notice))
            else:
                readings[key] = _missing(key in last, len(notices.value))
        previous = {entry.ids.get(name) for entry in last.values() for name in ("notice_id", "replaces")}
        for notice in notices.value:
            if notice.notice_id not in claimed:
                # An id that state holds, under a key whose new text is already up, or beside its own, is a
                # replacement that was cut off half-way: the old one is still to be taken down.
                ours = notice.notice_id in previous
                readings[unnamed(f"notice-{notice.notice_id}", readings)] = Known(_observed(notice, ours=ours))
        return readings

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        return None if field == "image" else ("announcements", key, field)

    def operations(self, step: Step) -> tuple[Operation, ...]:
        group_id = step.group.id
        old = step.observed.ids["notice_id"] if step.observed else None
        steps: list[Operation] = []
        if step.action is not Action.DELETE and step.wanted is not None:
            steps.append(_publish(group_id, step.wanted, (old,) if old else ()))
        if step.action is not Action.CREATE and old is not None:
            steps.append(Withdraw(group_id, old))
        return tuple(steps)


def _fields(item: Announcement) -> dict[str, Value]:
    fields: dict[str, Value] = {"text": item.text}
    if item.image is not UNSET:
        fields["image"] = item.image.sha256 if item.image else None
    if item.pinned is not UNSET:
        fields["pinned"] = bool(item.pinned)
    if item.confirm is not UNSET:
        fields["confirm"] = bool(item.confirm)
    return fields


def _match(
    wanted: Mapping[str, Wanted], last: Mapping[str, Last], notices: Iterable[LiveNotice]
) -> dict[str, LiveNotice]:
    """Which live announcement each key means. Equal texts first, so that what is already up is never posted
    again; then the ids of the last apply, for those whose text is to change or that are to go."""
    by_id = {notice.notice_id: notice for notice in notices}
    by_text: dict[str, list[LiveNotice]] = {}
    for notice in by_id.values():
        by_text.setdefault(notice.text, []).append(notice)
    found: dict[str, LiveNotice] = {}
    taken: set[str] = set()
    for key, item in wanted.items():
        equal = by_text.get(str(item.fields["text"]), [])
        known = last[key].ids.get("notice_id") if key in last else None
        equal = sorted(equal, key=lambda n: (_fits(n, item), n.notice_id == known, n.published_at), reverse=True)
        choice = next((notice for notice in equal if notice.notice_id not in taken), None)
        if choice is not None:
            found[key] = choice
            taken.add(choice.notice_id)
    for key, entry in last.items():
        notice_id = entry.ids.get("notice_id", "")
        if key not in found and notice_id in by_id and notice_id not in taken:
            found[key] = by_id[notice_id]
            taken.add(notice_id)
    return found


def _fits(notice: LiveNotice, wanted: Wanted) -> bool:
    """Whether its flags are those that are wanted, as far as the server tells them."""
    told = {"pinned": notice.pinned, "confirm": notice.confirm}
    return all(live is None or wanted.fields.get(name, live) == live for name, live in told.items())


def _missing(remembered: bool, listed: int) -> Reading[Observed]:
    if remembered and listed >= LISTED:
        return Unknown(say("QQ lists the newest {count} announcements only, and it is not among them", count=LISTED))
    return Absent()


def _observed(notice: LiveNotice, *, ours: bool = False) -> Observed:
    fields = {
        "text": notice.text,
        "image": UNREADABLE if notice.images else None,
        "pinned": UNREADABLE if notice.pinned is None else notice.pinned,
        "confirm": UNREADABLE if notice.confirm is None else notice.confirm,
    }
    label = " ".join(notice.text.split())
    label = label if len(label) <= _LABEL else label[:_LABEL] + "…"
    return Observed(fields, {"notice_id": notice.notice_id}, label=label, ours=ours)


def _publish(group_id: int, wanted: Wanted, known: tuple[str, ...]) -> Publish:
    fields = wanted.fields
    return Publish(
        group_id,
        text=str(fields["text"]),
        image=wanted.paths.get("image", ""),
        image_sha256=str(fields.get("image") or ""),
        pinned=bool(fields.get("pinned")),
        confirm_read=bool(fields.get("confirm")),
        known=known,
    )


@dataclass(frozen=True, slots=True)
class Publish(Operation):
    """Post an announcement. Everybody is notified, so it is never sent twice (qq_protocol §5.1).

    `known` are the ids of announcements with this very text that were there before: they are not this one.
    """

    name: ClassVar[str] = "publish"
    capability: ClassVar[Capability] = Capability.PUBLISH_NOTICE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.GROUP
    pace: ClassVar[Pace] = Pace.ANNOUNCEMENT
    reversible: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False

    text: str
    image: str
    image_sha256: str
    pinned: bool
    confirm_read: bool
    known: tuple[str, ...]

    def leaves(self, ids: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, Value]]:
        """Some servers do not tell flags, so what was posted with another one looks like what it is to replace; and
        the next plan has to know which one that is."""
        replaced = {"replaces": self.known[0]} if self.known else {}
        values = {"text": self.text, "image": self.image_sha256 or None, "pinned": self.pinned}
        return {**ids, **replaced}, {**values, "confirm": self.confirm_read}

    def describe(self) -> Text:
        return say("post the announcement “{start}”", start=" ".join(self.text.split())[:_LABEL])

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        picture = read_asset(self.image, self.image_sha256) if self.image else None
        draft = NoticeDraft(self.text, picture, pinned=self.pinned, confirm=self.confirm_read)
        await writer.publish_notice(self.group_id, draft)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        notices = await reader.notices(self.group_id)
        if not isinstance(notices, Known):
            return CannotSee(notices.reason if isinstance(notices, Unknown) else say("the group is gone"))
        new = [n for n in notices.value if n.text == self.text and n.notice_id not in self.known]
        if not new:
            return NotSeen(say("the announcement is not in the group's list"))
        return Seen((("notice_id", max(new, key=lambda n: n.published_at).notice_id),))


@dataclass(frozen=True, slots=True)
class Withdraw(Operation):
    """Take an announcement down. Nobody is notified; its readers' confirmations are gone (qq_protocol §5.3)."""

    name: ClassVar[str] = "withdraw"
    capability: ClassVar[Capability] = Capability.WITHDRAW_NOTICE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    reversible: ClassVar[bool] = False

    notice_id: str

    def describe(self) -> Text:
        return say("take down the announcement {id}", id=self.notice_id)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.withdraw_notice(self.group_id, self.notice_id)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        notices = await reader.notices(self.group_id)
        if not isinstance(notices, Known):
            return CannotSee(notices.reason if isinstance(notices, Unknown) else say("the group is gone"))
        if any(notice.notice_id == self.notice_id for notice in notices.value):
            return NotSeen(say("the announcement is still in the group's list"))
        return Seen()
