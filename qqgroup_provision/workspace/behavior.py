"""What a composed group says of its bot, typed. Loaded only for groups that say something of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from qqgroup_provision.behavior import activity_checks, checks, time_checks
from qqgroup_provision.behavior.configuration import (
    Configuration,
    Cooldown,
    Greeting,
    Hours,
    Reply,
    Rule,
)
from qqgroup_provision.workspace.activities import activities, permissions
from qqgroup_provision.workspace.conduct import appeal, card_format, penalty_of
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.joining import newcomer_of, review_of
from qqgroup_provision.workspace.last_resort import last_resort
from qqgroup_provision.workspace.linked import links_of
from qqgroup_provision.workspace.model import Role
from qqgroup_provision.workspace.observing import inactive, statistics
from qqgroup_provision.workspace.phrases import Phrases
from qqgroup_provision.workspace.timed import curfew, schedules
from qqgroup_provision.workspace.topics import topics

Q_GROUP_MANAGER = 2854196310  # QQ's own Q群管家, which answers in many groups

_DECAY = 30 * 86400.0  # seconds until a strike is forgotten where nothing is said of it


class BehaviorBuilder(Phrases):
    """Builds the behaviour of one group. Faults are collected in `found`."""

    def build(self) -> Configuration:
        """The configuration, as far as it goes, and everything that is wrong with it in `found`."""
        body = self.body
        named = body.get("other_bots") or ()
        bots = {Q_GROUP_MANAGER, *(found.qq for n in range(len(named)) if (found := self.known(named, n)))}
        built = Configuration(
            group=body["key"],
            group_id=int(body["id"]),
            group_name=(body.get("profile") or {}).get("name") or body["key"],
            zone=self.zone,
            rules=self._rules((body.get("rules") or {}).get("items") or ()),
            replies=self._replies(body.get("replies") or ()),
            welcome=self._greeting("welcome"),
            farewell=self._greeting("farewell"),
            card_format=card_format(self),
            appeal=appeal(self),
            statistics=statistics(self),
            inactive=inactive(self),
            links=links_of(self),
            topics=topics(self),
            last_resort=last_resort(self, self.assistants),
            roles=_roles_of(self.roles),
            bots=frozenset(bots),
            permissions=tuple(permissions(self, body.get("roles") or ())),
            activities=tuple(activities(self, body.get("activities") or ())),
            schedules=tuple(schedules(self, body.get("schedules") or ())),
            curfew=tuple(curfew(self, body.get("curfew") or ())),
            review=review_of(self),
            newcomer=newcomer_of(self),
        )
        if not self.found:
            self.found.extend(checks.faults(built))
            self.found.extend(activity_checks.activity_faults(built))
        if not any(fault.is_error for fault in self.found):
            self.found.extend(activity_checks.swallowed(built))
        self.found.extend(time_checks.faults(built))
        return built

    def _replies(self, items: Sequence[Mapping[str, Any]]) -> tuple[Reply, ...]:
        """Those of the group's own file come first: what is nearer wins."""
        built = [self._reply(item) for item in items]
        return tuple(sorted(built, key=lambda reply: reply.place.file != self.fallback.file))

    def _rules(self, items: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
        """The same for rules."""
        built = [self._rule(item) for item in items]
        return tuple(sorted(built, key=lambda rule: rule.place.file != self.fallback.file))

    def _rule(self, item: Mapping[str, Any]) -> Rule:
        steps = item["penalties"]
        exempt, place = item.get("exempt") or {}, self.positions.value(item, "key", self.fallback)
        if place.file == self.fallback.file:  # a rule of a parent or template may name roles that are not here
            self.known_roles(exempt, "roles")
        return Rule(
            key=item["key"],
            text=item["text"],
            detect=self.condition(item["detect"]),
            penalties=tuple(
                penalty_of(step, self.positions.value(steps, n, self.fallback)) for n, step in enumerate(steps)
            ),
            decay=seconds(item["strikes"]["decay"]) if "strikes" in item else _DECAY,
            exempt_roles=frozenset(exempt.get("roles", ())) & {role.key for role in self.roles},
            trial=item.get("trial", False),
            place=place,
        )

    def _reply(self, item: Mapping[str, Any]) -> Reply:
        return Reply(
            key=item["key"],
            when=self.condition(item["when"]),
            sayings=self.sayings(item, "reply"),
            cooldown=_cooldown(item.get("cooldown")),
            hours=tuple(
                Hours(time.fromisoformat(part["from"]), time.fromisoformat(part["to"]))
                for part in item.get("hours", ())
            ),
            who=self.who(item.get("who") or {}),
            quote=item.get("quote", False),
            title=item.get("title", ""),
            place=self.positions.value(item, "key", self.fallback),
        )

    def _greeting(self, kind: str) -> Greeting | None:
        written = self.body.get(kind)
        if not written:
            return None
        merge = seconds(written["merge_within"]) if "merge_within" in written else 0.0
        place = self.positions.key(self.body, kind, self.fallback)
        return Greeting(self.sayings(written, "text"), merge, place)


def _cooldown(written: Any) -> Cooldown:
    if isinstance(written, str):
        return Cooldown(group=seconds(written))
    return Cooldown(**{key: seconds(value) for key, value in (written or {}).items()})


def _roles_of(roles: Sequence[Role]) -> dict[int, frozenset[str]]:
    """The roles of everybody who has one, by QQ number."""
    found: dict[int, frozenset[str]] = {}
    for role in roles:
        for person in role.members:
            found[person.qq] = found.get(person.qq, frozenset()) | {role.key}
    return found
