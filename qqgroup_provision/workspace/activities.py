"""`activities` of a composed group, and what `may:` of its roles lets people do, typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from qqgroup_provision.behavior.activities.model import (
    CHECK_IN,
    ENTER,
    MAKE_UP,
    NOMINATE,
    VOTE,
    Activity,
    CheckIn,
    Lottery,
    MakeUp,
    Nomination,
    Prize,
    Question,
    Quiz,
    Vote,
)
from qqgroup_provision.behavior.configuration import Hours, Permission, Right
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import listed, say
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.moments import moment
from qqgroup_provision.workspace.phrases import Phrases

_TIMED = frozenset({"key", "kind", "title", "opens", "closes"})
_KEYS: Mapping[str, frozenset[str]] = {
    "vote": _TIMED | {"options", "changeable", "word"},
    "quiz": _TIMED | {"questions", "each"},
    "nomination": _TIMED | {"word"},
    "lottery": _TIMED | {"prizes", "enter", "exempt"},
    "check_in": frozenset({"key", "kind", "title", "word", "window", "make_up"}),
}


def permissions(phrases: Phrases, roles: Sequence[Mapping[str, Any]]) -> Iterator[Permission]:
    """What each role may have the bot do, and which ones rules pass over, by the name of the role."""
    for role in sorted(roles, key=lambda role: str(role["key"])):
        exempt = role.get("exempt_from_rules", False)
        if role.get("may") or exempt:
            place = phrases.positions.key(role, "may" if role.get("may") else "exempt_from_rules", phrases.fallback)
            yield Permission(role["key"], frozenset(map(Right, role.get("may") or ())), place, exempt)


def activities(phrases: Phrases, items: Sequence[Mapping[str, Any]]) -> Iterator[Activity]:
    """What the group does together. One whose moments make no sense is told of and left out."""
    for item in items:
        place = phrases.positions.value(item, "key", phrases.fallback)
        _no_others(phrases, item)
        if item["kind"] == "check_in":
            yield _check_in(item, place)
            continue
        opens, closes = _moment(phrases, item, "opens"), _moment(phrases, item, "closes")
        if opens is None or closes is None:
            continue
        if closes <= opens:
            phrases.found.append(
                Diagnostic(
                    "QG381",
                    say("The activity would close before it opens."),
                    place=phrases.positions.value(item, "closes", phrases.fallback),
                    hint=say("`closes` has to be later than `opens`."),
                )
            )
        yield _timed(phrases, item, opens, closes, place)


def _timed(phrases: Phrases, item: Mapping[str, Any], opens: datetime, closes: datetime, place: Place) -> Activity:
    key, title = item["key"], item["title"]
    if item["kind"] == "vote":
        options, changeable = tuple(item["options"]), item.get("changeable", False)
        return Vote(key, title, opens, closes, options, changeable, item.get("word", VOTE), place=place)
    if item["kind"] == "nomination":
        return Nomination(key, title, opens, closes, item.get("word", NOMINATE), place=place)
    if item["kind"] == "quiz":
        questions = tuple(_question(phrases, item["questions"], n) for n in range(len(item["questions"])))
        each = seconds(item["each"]) if "each" in item else 0.0
        return Quiz(key, title, opens, closes, questions, each, place=place)
    exempt = item.get("exempt") or {}
    if place.file == phrases.fallback.file:  # one of a template may name roles that are not here
        phrases.known_roles(exempt, "roles")
    roles = frozenset(exempt.get("roles", ())) & {role.key for role in phrases.roles}
    prizes = tuple(Prize(prize["name"], prize["count"]) for prize in item["prizes"])
    return Lottery(key, title, opens, closes, prizes, item.get("enter", ENTER), roles, place=place)


def _question(phrases: Phrases, items: Sequence[Mapping[str, Any]], number: int) -> Question:
    item = items[number]
    ((how, written),) = item["answer"].items()
    told = "" if how == "regex" else written if isinstance(written, str) else written[0]
    place = phrases.positions.value(item["answer"], how, phrases.fallback)
    return Question(item["ask"], phrases.condition(item["answer"]), told, place)


def _check_in(item: Mapping[str, Any], place: Place) -> CheckIn:
    window = Hours(time.fromisoformat(item["window"]["from"]), time.fromisoformat(item["window"]["to"]))
    word, written = item.get("word", CHECK_IN), item.get("make_up")
    make_up = MakeUp(written["per_month"], written.get("word", MAKE_UP)) if written else None
    return CheckIn(item["key"], item.get("title", word), window, word, make_up, place)


def _moment(phrases: Phrases, item: Mapping[str, Any], key: str) -> datetime | None:
    found = moment(item[key], phrases.zone)
    if found is None:
        phrases.found.append(
            Diagnostic(
                "QG319",
                say("There is no such time as `{written}`.", written=item[key]),
                place=phrases.positions.value(item, key, phrases.fallback),
                hint=say("Write it as 2026-12-01T09:00, or with an offset as 2026-12-01T09:00+08:00."),
            )
        )
    return found


def _no_others(phrases: Phrases, item: Mapping[str, Any]) -> None:
    """QG382 for keys of another kind: they would be ignored in silence."""
    for key in item:
        if key not in _KEYS[item["kind"]]:
            phrases.found.append(
                Diagnostic(
                    "QG382",
                    say("An activity of kind `{kind}` has no `{key}`.", kind=item["kind"], key=key),
                    place=phrases.positions.key(item, key, phrases.fallback),
                    hint=say("It has: {keys}.", keys=listed(sorted(_KEYS[item["kind"]]))),
                )
            )
