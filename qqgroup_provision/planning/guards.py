"""What is refused although it could be done: too much at once, too few admins left, too many people disturbed.

Shares are what saves a group from a half-finished file: whoever empties a list by mistake deletes most of it.
A change that somebody allowed for this run counts for no limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.ports import AccountFacts, Known, Rank
from qqgroup_provision.resources.announcement import Publish
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.essence import Post
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.operation import Audience
from qqgroup_provision.workspace.model import Safety

Existing = Mapping[tuple[str, str], int]  # group and kind -> how many resources are there now


@dataclass(frozen=True, slots=True)
class Guards:
    """The workspace's limits, what is allowed for this run, and the numbers of the accounts at work."""

    safety: Safety
    allowed: Sequence[Allowance]
    accounts: Mapping[str, AccountFacts]

    def refusals(
        self, changes: Iterable[Change], existing: Existing, live: Mapping[str, LiveGroup]
    ) -> Iterator[Diagnostic]:
        """QG531 to QG535, for the changes of a whole plan."""
        changes = [change for change in changes if change.operations]
        limited = [change for change in changes if not any(one.covers(change) for one in self.allowed)]
        there: dict[str, dict[str, int]] = {}
        for (group, kind), count in existing.items():
            there.setdefault(group, {})[kind] = count
        everything = _by_group(changes)
        for group, of_group in sorted(_by_group(limited).items()):
            yield from self._shares(group, of_group, there.get(group, {}))
            if group in live:
                yield from self._admins_left(group, of_group, everything[group], live[group])
        yield from self._needed_admins(changes)
        yield from self._disturbance(limited, live)

    def _shares(self, group: str, changes: Sequence[Change], there: Mapping[str, int]) -> Iterator[Diagnostic]:
        for action, most in (
            (Action.DELETE, self.safety.max_delete_percent),
            (Action.UPDATE, self.safety.max_update_percent),
        ):
            touched = Counter(change.address.kind for change in changes if change.action is action)
            if self._too_many(touched.total(), sum(there.values()), most):
                yield _share(action, group, touched.total(), sum(there.values()), most)
                continue
            for kind in sorted(touched):
                if self._too_many(touched[kind], there.get(kind, 0), most):
                    yield _share(action, f"{group}/{kind}", touched[kind], there[kind], most)

    def _too_many(self, touched: int, there: int, most: int) -> bool:
        return there >= self.safety.min_existing and touched * 100 > there * most

    def _admins_left(
        self, group: str, limited: Sequence[Change], changes: Sequence[Change], live: LiveGroup
    ) -> Iterator[Diagnostic]:
        """The owner is not counted: there is one in every group."""
        removed = [change for change in limited if _takes_admin(change)]
        if not removed or not isinstance(live.members, Known):
            return
        now = sum(member.rank is Rank.ADMIN for member in live.members.value.values())
        actions = Counter(change.action for change in changes if change.address.kind == "admin")
        left = now + actions[Action.CREATE] - actions[Action.DELETE]
        if left < min(now, self.safety.min_admins):
            yield Diagnostic(
                "QG533",
                say("The group would be left with {left} admins; it has {now}.", left=left, now=now),
                subject=f"{group}/admin",
                hint=_allow(say("{limit} is the least that `safety.min_admins` lets it keep.",
                                limit=self.safety.min_admins), removed[0]),
            )  # fmt: skip

    def _needed_admins(self, changes: Iterable[Change]) -> Iterator[Diagnostic]:
        """No allowance helps here: whoever means it takes the name out of the list."""
        own = {facts.self_id for facts in self.accounts.values()}
        needed = {person.qq for person in self.safety.required_admins}
        for change in changes:
            number = int(change.ids.get("qq", 0)) if _takes_admin(change) else 0
            if number and number in own:
                yield Diagnostic(
                    "QG534",
                    say("The tool would take admin rights from an account it works with."),
                    subject=str(change.address),
                    hint=say("Name the account in a role with `admin: true`."),
                )
            elif number and number in needed:
                yield Diagnostic(
                    "QG534",
                    say("`safety.required_admins` names this person as one who stays an admin."),
                    subject=str(change.address),
                    hint=say("Name them in a role with `admin: true`, or take them out of `safety.required_admins`."),
                )

    def _disturbance(self, changes: Sequence[Change], live: Mapping[str, LiveGroup]) -> Iterator[Diagnostic]:
        for steps, most, key in (
            (_steps(changes, Publish), self.safety.max_announcements, "max_announcements"),
            (_steps(changes, Post), self.safety.max_messages, "max_messages"),
        ):
            if most is not None and len(steps) > most:
                what = say("announcements") if key == "max_announcements" else say("messages")
                yield Diagnostic(
                    "QG535",
                    say("{count} {what} would be posted in one run.", count=len(steps), what=what),
                    subject=str(steps[-1].address),
                    hint=_allow(say("`safety.{key}` is {limit}.", key=key, limit=most), steps[-1]),
                )
        most = self.safety.max_people
        loud = {change.address.group: change for change in changes if change.audience is Audience.GROUP}
        people = sum(_members(live.get(group)) for group in loud)
        if most is not None and people > most:
            change = max(loud.values(), key=lambda one: _members(live.get(one.address.group)))
            yield Diagnostic(
                "QG535",
                say("{people} people would see something of it.", people=people),
                subject=str(change.address),
                hint=_allow(say("`safety.{key}` is {limit}.", key="max_people", limit=most), change),
            )


def _by_group(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.address.group, []).append(change)
    return found


def _share(action: Action, subject: str, touched: int, there: int, most: int) -> Diagnostic:
    values = {"touched": touched, "there": there, "limit": most}
    if action is Action.DELETE:
        summary = say("{touched} of {there} resources would be deleted at once; the limit is {limit} %.", **values)
        key = "max_delete_percent"
    else:
        summary = say("{touched} of {there} resources would be changed at once; the limit is {limit} %.", **values)
        key = "max_update_percent"
    hint = say(
        "If it is meant, allow it for this run with `--allow '{pattern}'`; the limit is `safety.{key}`.",
        pattern=f"{action.word}:{subject}/*",
        key=key,
    )
    return Diagnostic("QG531" if action is Action.DELETE else "QG532", summary, subject=subject, hint=hint)


def _allow(limit: Text, change: Change) -> Text:
    pattern = f"{change.action.word}:{change.address}"
    return say(
        "{limit} If it is meant, allow it for this run with `--allow '{pattern}'`.", limit=limit, pattern=pattern
    )


def _takes_admin(change: Change) -> bool:
    return change.address.kind == "admin" and change.action is Action.DELETE


def _steps(changes: Iterable[Change], kind: type[Publish] | type[Post]) -> list[Change]:
    return [change for change in changes if any(isinstance(one, kind) for one in change.operations)]


def _members(group: LiveGroup | None) -> int:
    profile = group.profile if group is not None else None
    return profile.value.member_count if isinstance(profile, Known) else 0
