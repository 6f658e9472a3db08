"""Our accounts: who of them is connected, in which groups they are, and which one speaks where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from qqgroup_provision.behavior.event import At, Message
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard

PATIENCE = 40.0  # seconds after which an account is taken not to answer


class Accounts:
    """The accounts of this bot, and the numbers of those of other bots that share its memory.

    `connected` are those that are there now, by number; `ours` are the numbers of all bots', as far as is known.
    """

    def __init__(self) -> None:
        self.connected: dict[int, Account] = {}
        self.ours: frozenset[int] = frozenset()
        self._since: dict[int, datetime] = {}  # since when each account is connected
        self._groups: dict[int, frozenset[int]] = {}  # of each account
        self._last_said: dict[tuple[int, int], str] = {}  # the id of what each account said last in a group

    @property
    def numbers(self) -> list[int]:
        """The accounts that are connected now."""
        return sorted(self.connected)

    def connect(self, account: Account, at: datetime) -> None:
        """An account is there, in the place of one with its number that was there before."""
        self.connected[account.number] = account
        self._since[account.number] = at

    def disconnect(self, account: Account) -> bool:
        """A connection ended; gives whether it did. One that was made anew meanwhile is not touched."""
        if self.is_gone(account):
            return False
        del self.connected[account.number]
        return True

    def since(self, account: Account) -> datetime:
        """When the account with this number connected last."""
        return self._since[account.number]

    def is_gone(self, account: Account) -> bool:
        """Whether this connection has ended, or another one has taken its place."""
        return self.connected.get(account.number) is not account

    def is_ours(self, qq: int) -> bool:
        """Whether somebody is one of ours, of whichever bot."""
        return qq in self.connected or qq in self.ours

    def are_in(self, account: Account, groups: frozenset[int]) -> None:
        """An account is in these groups, as far as it knows; it still is once it is connected anew."""
        self._groups[account.number] = groups

    def all_inside(self, group: int) -> Iterator[Account]:
        """The accounts that are there and in a group, in the order in which they told so."""
        others = (number for number, groups in self._groups.items() if group in groups)
        return (self.connected[number] for number in others if number in self.connected)

    def inside(self, group: int) -> Account | None:
        """An account that is in a group."""
        return next(self.all_inside(group), None)

    def speaker(self, group: int, wished: int) -> Account | None:
        """The account that heard it, or else another one that is in the group."""
        return self.connected[wished] if wished in self.connected else self.inside(group)

    def about_to_speak(self, group: int, wished: int) -> tuple[int, str]:
        """The account that is going to speak, and the id of what it said last in this group."""
        account = self.speaker(group, wished)
        if account is None:
            return 0, ""
        return account.number, self._last_said.get((account.number, group), "")

    def has_said(self, account: Account, group: int, message: str) -> None:
        """An account has just said something in a group, with this id."""
        self._last_said[account.number, group] = message

    def had_said(self, account: Account, group: int, message: str) -> None:
        """What an account said last as history tells it, which counts for nothing if it has said more since."""
        self._last_said.setdefault((account.number, group), message)

    def about_us(self, heard: Heard) -> Heard:
        """A message that mentions another account of ours is about that one, whichever hears it first."""
        event = heard.event
        if not isinstance(event, Message):
            return heard
        mentioned = {part.qq for part in event.segments if isinstance(part, At)}
        ours = [number for number in sorted({*self.connected, *self.ours}) if number in mentioned]
        if not ours or event.me in ours:
            return heard
        return replace(heard, event=replace(event, me=ours[0]), account=heard.by)
