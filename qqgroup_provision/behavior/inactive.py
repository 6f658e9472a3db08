"""What comes of being silent for long: a report, a word to those it concerns, or being removed after one.

Each run asks for the list of members first, and is done when the list has come: reported, refused with a reason, or
warned. Who is to be removed is warned before, and looked at once more when the time is up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior import cron, occasion
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Action, AskMembers, Decision, Kick, Note, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import At, Census, Event, Message, Segment, Text, Tick
from qqgroup_provision.behavior.memory import Add, Asked, Forget, Key, Mark, MemoryChange, Remember, Scan
from qqgroup_provision.behavior.observing import Inactive
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.report import fitting, shown
from qqgroup_provision.behavior.silence import Silent, doubt, may_remove, silent_ones
from qqgroup_provision.messages import Text as Told
from qqgroup_provision.messages import listed, say

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

_AGAIN = timedelta(hours=1)  # until a list is asked for again that could not be read
_LATE = timedelta(days=7)  # who was to be removed longer ago is not: they were told of another day

_SPOKE, _WARNED, _LEAVING, _RUN = "spoke", "warned", "leaving", "run"


def _used(configuration: Configuration) -> bool:
    return configuration.inactive is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Asked, ...]:
    configuration = prepared.configuration
    if not isinstance(event, Tick | Census):
        return ()
    item = str(_address(configuration))
    marks = (Key(item, _RUN), Key(item, _LEAVING))
    scans = (Scan(item, _SPOKE, _SPOKE), Scan(item, _WARNED, _WARNED)) if isinstance(event, Census) else ()
    return (*marks, *scans)


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration = prepared.configuration
    settings = configuration.inactive
    if settings is None:
        return Decision()
    if isinstance(event, Message):
        at = min(event.at, now)
        kept = at + timedelta(seconds=max(settings.after, settings.never_spoke_after))
        return Decision(changes=(Add(Key(str(_address(configuration)), _SPOKE, event.sender.qq), 1, at, kept),))
    if isinstance(event, Tick | Census):
        run = _Run(configuration, settings, event, remembered)
        return run.census(event) if isinstance(event, Census) else run.tick()
    return Decision()


def _address(configuration: Configuration) -> Address:
    return Address(configuration.group, "inactive")


class _Run:
    """What is due at one moment, and what is remembered of it."""

    def __init__(
        self, configuration: Configuration, settings: Inactive, event: Tick | Census, marks: Mapping[Key, Mark]
    ) -> None:
        self.configuration = configuration
        self.settings = settings
        self.now = event.at
        self.item = _address(configuration)
        self.marks = marks
        self.mark = marks.get(self._key(_RUN))
        self.due = occasion.due(self.settings.at, self.mark, self.now, configuration.zone)
        self.leaving = marks.get(self._key(_LEAVING))

    def tick(self) -> Decision:
        """Ask for the list if anything is due, and to be woken when something will be."""
        actions: list[Action] = []
        changes: list[MemoryChange] = []
        if not occasion.waits(self.settings.at, self.mark, self.now):
            changes.append(occasion.done(self._key(_RUN), self.settings.at, self.now))
        if self.leaving is not None and self._is_void(self.leaving):
            changes.append(Forget(self._key(_LEAVING)))
        elif self.leaving is not None and self.now < _time_of(self.leaving):
            actions.append(Wake(_time_of(self.leaving)))
        if self.due is not None or self._leave_now:
            actions.append(AskMembers(self.item))
        following = cron.after(self.settings.at, self.now, self.configuration.zone)
        if following is not None:
            actions.append(Wake(following))
        return Decision(tuple(actions), (), tuple(changes))

    def census(self, census: Census) -> Decision:
        """Do what is due with the list that was asked for, unless it was for something else."""
        if self.due is None and not self._leave_now:
            return Decision()
        if census.members is None:
            note = say("The list of members cannot be read; it is asked for again later.")
            return Decision((Note(note, self.item), Wake(self.now + _AGAIN)))
        done = self._done()
        refused = doubt(census, self._heard())
        silent = silent_ones(census, self._heard(), self.configuration, self.settings, self.now)
        if refused is None and self.settings.action in ("warn", "kick"):
            refused = self._too_many(silent, len(census.members))
        if refused is None and self.settings.action == "kick" and not may_remove(census):
            refused = say("the account is not known to be an admin of the group")
        if refused is not None:
            note = say("Nothing is done about silent members: {reason}.", reason=refused)
            return Decision((Note(note, self.item),), (), done)
        removed = self._removed(silent) if self._leave_now else Decision()
        gone = {action.qq for action in removed.actions if isinstance(action, Kick)}
        left = [one for one in silent if one.qq not in gone]
        looked = self._looked(left) if self.due is not None else Decision()
        actions = (*removed.actions, *looked.actions)
        reasons = (Reason(self.item, Verdict.DONE),) if actions else ()
        return Decision(actions, reasons, (*done, *looked.changes))

    # What is due

    @property
    def _leave_now(self) -> bool:
        """Whether the time is up for those who were told that they would be removed."""
        leaving = self.leaving
        return leaving is not None and not self._is_void(leaving) and self.now >= _time_of(leaving)

    def _is_void(self, leaving: Mark) -> bool:
        return self.settings.action != "kick" or self.now > _time_of(leaving) + _LATE

    def _done(self) -> tuple[MemoryChange, ...]:
        """What is due counts as done before anything is, so that nothing is done twice."""
        changes: list[MemoryChange] = []
        if self.due is not None:
            changes.append(occasion.done(self._key(_RUN), self.settings.at, self.due))
        if self._leave_now:
            changes.append(Forget(self._key(_LEAVING)))
        return tuple(changes)

    # What is done

    def _looked(self, silent: Sequence[Silent]) -> Decision:
        """A run: tell of those who are silent, or tell them."""
        action, most = self.settings.action, self.settings.at_most
        if action == "log":
            names = listed(f"{one.name or one.qq} ({one.qq})" for one in silent[:most])
            text = say("{count} members have been silent for long: {names}", count=len(silent), names=names)
            return Decision((Note(text if silent else say("No member has been silent for long."), self.item),))
        if action == "report":
            return Decision((self._say(Text(self._report(silent))),)) if silent else Decision()
        if action == "warn":
            again = timedelta(seconds=self.settings.after)  # until somebody is told once more
            warned = {qq for qq, at in self._counted(_WARNED).items() if self.now - at < again}
            chosen = [one for one in silent if one.qq not in warned][:most]
            if not chosen:
                return Decision()
            changes = tuple(Add(self._key(_WARNED, one.qq), 1, self.now, self.now + again) for one in chosen)
            words = Text(" 很久没有在群里见到你们说话了，有空来打个招呼吧。")
            return Decision((self._say(*_mentions(chosen), words),), (), changes)
        if self.leaving is not None and not self._leave_now and not self._is_void(self.leaving):
            return Decision()  # those who were told before have not gone yet
        return self._told_to_leave(silent[:most])

    def _told_to_leave(self, chosen: Sequence[Silent]) -> Decision:
        if not chosen:
            return Decision()
        at = self.now + timedelta(seconds=self.settings.warn_before)
        day = at.astimezone(self.configuration.zone)
        words = Text(
            f" 你们很久没有在群里发言了。到{day.month}月{day.day}日 {day:%H:%M} 仍没有发言的，会被移出本群；"
            "在群里说一句话就会留下。"
        )
        people = ((int(at.timestamp()), ""), *((one.qq, "") for one in chosen))
        remembered = Remember(self._key(_LEAVING), Mark(self.now, people), at + 2 * _LATE)
        return Decision((self._say(*_mentions(chosen), words), Wake(at)), (), (remembered,))

    def _removed(self, silent: Sequence[Silent]) -> Decision:
        """Remove who was told so, and has been silent since."""
        if self.leaving is None:
            return Decision()
        told, at = {qq for qq, _ in self.leaving.people[1:]}, self.leaving.at
        still = [one for one in silent if one.qq in told and one.since < at]
        return Decision(tuple(Kick(one.qq, self.item, look=True) for one in still[: self.settings.at_most]))

    def _too_many(self, silent: Sequence[Silent], members: int) -> Told | None:
        if len(silent) <= members * self.settings.refuse_above:
            return None
        return say(
            "{count} of {members} members would count as silent, more than `refuse_above`",
            count=len(silent),
            members=members,
        )

    def _report(self, silent: Sequence[Silent]) -> str:
        zone, most = self.configuration.zone, self.settings.at_most
        lines = [f"【久未发言】{len(silent)} 人"]
        for one in silent[:most]:
            day = one.since.astimezone(zone).date()
            lines.append(
                f"{shown(one.name, one.qq)}　{f'{day} 入群，没有发过言' if one.never else f'{day} 之后没有发言'}"
            )
        if len(silent) > most:
            lines.append(f"另有 {len(silent) - most} 人")
        return fitting(lines)

    # Small things

    def _heard(self) -> dict[int, datetime]:
        """When the bot itself last heard each person."""
        return self._counted(_SPOKE)

    def _counted(self, what: str) -> dict[int, datetime]:
        item = str(self.item)
        return {key.subject: mark.at for key, mark in self.marks.items() if key.item == item and key.what == what}

    def _say(self, *segments: Segment) -> Say:
        return Say(segments, item=self.item)

    def _key(self, what: str, subject: int = 0) -> Key:
        return Key(str(self.item), what, subject)


def _mentions(chosen: Sequence[Silent]) -> Iterator[At]:
    return (At(one.qq) for one in chosen)


def _time_of(leaving: Mark) -> datetime:
    """When those who were told are to be removed: it was told to them, so it stays whatever is configured since."""
    return datetime.fromtimestamp(leaving.people[0][0], UTC)


INACTIVE = Part(_used, _keys, _act, beside=True)
