"""The members of a group on stage, as a list of them would tell: whom a scenario names, and whoever came or spoke."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from qqgroup_provision.behavior.event import Census, Event, Joined, Left, Member, Message, Person
from qqgroup_provision.ports import Rank
from qqgroup_provision.workspace.listing import Listed


class Company:
    """Who is in the group. The bot is an admin, and always there."""

    def __init__(self, me: int, now: datetime) -> None:
        self._me = me
        self._members = {me: Member(Person(me, "bot", Rank.ADMIN), now - timedelta(days=365), now, "")}

    def listed(self, listed: Listed, now: datetime) -> None:
        """A scenario says who is there."""
        for one in listed.members:
            self._members[one.person.qq] = Member(one.person, _ago(one.joined, now), _ago(one.spoke, now), one.title)

    def see(self, event: Event, now: datetime) -> None:
        """Somebody came, went or spoke, and the list knows of it at once."""
        if isinstance(event, Joined):
            self._members[event.person.qq] = Member(event.person, now, now, "")
        elif isinstance(event, Left):
            self._members.pop(event.person.qq, None)
        elif isinstance(event, Message):
            known = self._members.get(event.sender.qq, Member(event.sender, None, None, ""))
            self._members[event.sender.qq] = replace(known, spoke=now)

    def gone(self, qq: int) -> None:
        """The bot removed somebody."""
        self._members.pop(qq, None)

    def census(self, group: int, now: datetime) -> Census:
        return Census(group, tuple(self._members.values()), len(self._members), now, self._me)


def _ago(seconds: float | None, now: datetime) -> datetime | None:
    return now - timedelta(seconds=seconds) if seconds is not None else None
