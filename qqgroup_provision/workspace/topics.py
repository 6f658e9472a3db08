"""`topics` of a composed group, typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.behavior.configuration import Cooldown
from qqgroup_provision.behavior.topics import DAY, NUDGED, SEARCHED, Digest, Nudge, Search, Tag, Topics
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.phrases import Phrases

_KEEP = 90 * DAY
_CHARACTERS, _LISTED, _RESULTS = 40, 10, 5


def topics(phrases: Phrases) -> Topics | None:
    """How messages are sorted; `None` for not at all."""
    written = phrases.body.get("topics")
    if not written:
        return None
    place = phrases.positions.key(phrases.body, "topics", phrases.fallback)
    if written.get("markers") and phrases.positions.key(written, "markers", place).file == phrases.fallback.file:
        phrases.known_roles(written, "markers")  # what comes from a template may name roles that are not here
    return Topics(
        tags=tuple(_tag(phrases, item) for item in written.get("tags") or ()),
        keep=seconds(written["keep"]) if "keep" in written else _KEEP,
        markers=frozenset(written.get("markers") or ()) & {role.key for role in phrases.roles},
        nudge=_nudge(phrases, written.get("nudge")),
        digest=_digest(phrases, written.get("digest")),
        search=_search(written.get("search")),
        place=place,
    )


def _tag(phrases: Phrases, item: Mapping[str, Any]) -> Tag:
    return Tag(
        key=item["key"],
        name=item["name"],
        aliases=tuple(item.get("aliases", ())),
        description=item.get("description", ""),
        when=phrases.condition(item["when"]) if "when" in item else None,
        place=phrases.positions.value(item, "key", phrases.fallback),
    )


def _nudge(phrases: Phrases, written: Mapping[str, Any] | None) -> Nudge | None:
    if written is None:
        return None
    return Nudge(
        sayings=phrases.sayings(written, "text") if "text" in written else (),
        when=phrases.condition(written["when"]) if "when" in written else None,
        cooldown=cooldown(written["cooldown"]) if "cooldown" in written else NUDGED,
        trial=written.get("trial", False),
    )


def _digest(phrases: Phrases, written: Mapping[str, Any] | None) -> Digest | None:
    if not written:
        return None
    place = phrases.positions.value(written, "at", phrases.fallback)
    return Digest(written["at"], written.get("characters", _CHARACTERS), written.get("most", _LISTED), place)


def _search(written: Any) -> Search | None:
    if written is None or written is False:
        return None
    fields = {} if written is True else written
    cools = cooldown(fields["cooldown"]) if "cooldown" in fields else SEARCHED
    return Search(fields.get("most", _RESULTS), cools)


def cooldown(written: Any) -> Cooldown:
    """A time for the group, or a mapping for the group and for one person."""
    if isinstance(written, str):
        return Cooldown(group=seconds(written))
    return Cooldown(**{key: seconds(value) for key, value in written.items()})
