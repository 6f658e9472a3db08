"""`join.review` and `join.newcomer`, typed: what the bot asks of those who want to come in, and of those who did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qqgroup_provision.behavior.joining import Course, Demand, Newcomer, Otherwise, Review, ReviewRule
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.model import Person
from qqgroup_provision.workspace.phrases import Phrases

_COURSES = {course.value: course for course in Course}
_PLAIN = ("level_below", "level_at_least", "level_known", "blacklist", "invited", "full")


def items_of(body: Mapping[str, Any], person: Callable[[Any], Person | None]) -> dict[str, Any]:
    """A bot's items of a composed group, by kind, with people by number. Settings of QQ are none of them."""
    join = body.get("join") or {}
    items: dict[str, Any] = {}
    if join.get("review"):
        named = (person(name) for name in join.get("blacklist") or ())
        people = sorted({found.qq for found in named if found is not None})
        items["join_review"] = {"review": join["review"]} | ({"blacklist": people} if people else {})
    if join.get("newcomer"):
        items["newcomer"] = join["newcomer"]
    return items


def join_of(items: dict[str, Any]) -> dict[str, Any]:
    """What a group's `join` would say to have these items, which are taken out of the mapping. Raises ValueError."""
    join = dict(items.pop("join_review", {}))
    if not join.keys() <= {"review", "blacklist"}:
        raise ValueError("join_review")
    return join | {"newcomer": items.pop("newcomer")} if "newcomer" in items else join


def review_of(phrases: Phrases) -> Review | None:
    """The review of a composed group; `None` where there is none. Faults are collected by `phrases`."""
    join = phrases.body.get("join") or {}
    written = join.get("review")
    if not written:
        return None
    named = join.get("blacklist") or ()
    people = (phrases.known(named, index) for index in range(len(named)))
    rules = tuple(
        _rule(phrases, rule, phrases.positions.value(written, index, phrases.fallback))
        for index, rule in enumerate(written)
    )
    place = phrases.positions.key(join, "review", phrases.fallback)
    return Review(rules, frozenset(person.qq for person in people if person is not None), place)


def _rule(phrases: Phrases, written: Mapping[str, Any], place: Place) -> ReviewRule:
    ((word, value),) = written.items()
    if word != "otherwise":
        return ReviewRule(_COURSES[word], _demand(phrases, value), value.get("reason", ""), place=place)
    if isinstance(value, str):
        return ReviewRule(_COURSES[value], otherwise=True, place=place)
    return ReviewRule(Course.REJECT, reason=value["reject"]["reason"], otherwise=True, place=place)


def _demand(phrases: Phrases, written: Mapping[str, Any]) -> Demand:
    attempts = written.get("attempts")
    return Demand(
        **{key: written[key] for key in _PLAIN if key in written},
        answer=phrases.condition(written["answer"]) if "answer" in written else None,
        attempts=attempts["times"] if attempts else 0,
        within=seconds(attempts["within"]) if attempts else 0.0,
        left_within=seconds(written["left_within"]) if "left_within" in written else 0.0,
    )


def newcomer_of(phrases: Phrases) -> Newcomer | None:
    """What newcomers of a composed group are asked; `None` where nothing is."""
    join = phrases.body.get("join") or {}
    written = join.get("newcomer")
    if not written:
        return None
    place, otherwise = phrases.positions.key(join, "newcomer", phrases.fallback), written["otherwise"]
    mute = otherwise.get("mute") if isinstance(otherwise, dict) else None
    exempt = written.get("exempt") or {}
    if phrases.positions.key(written, "exempt", place).file == phrases.fallback.file:
        phrases.known_roles(exempt, "roles")  # a template may name roles that are not here
    return Newcomer(
        question=phrases.sayings(written, "question"),
        answer=phrases.condition(written["answer"]),
        within=seconds(written["within"]),
        otherwise=Otherwise.MUTE if mute is not None else Otherwise(otherwise),
        mute=seconds(mute) if mute is not None else 0.0,
        remind_before=seconds(written["remind_before"]) if "remind_before" in written else 0.0,
        attempts=written.get("attempts", 0),
        thanks=phrases.sayings(written, "thanks") if "thanks" in written else (),
        exempt_roles=frozenset(exempt.get("roles", ())) & {role.key for role in phrases.roles},
        place=place,
    )
