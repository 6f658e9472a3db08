"""One live group as the body of its YAML: what YAML says already, brought in step with what was read.

A part describes one top-level key. It is used if a kind of that name carries it out; a new part is a function
and a line in `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.adoption.announcements import announcements
from qqgroup_provision.adoption.essence import essence
from qqgroup_provision.adoption.files import Sources, files
from qqgroup_provision.adoption.people import People
from qqgroup_provision.adoption.roles import roles
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import plain
from qqgroup_provision.ports import Known, LiveSettings, Reading
from qqgroup_provision.resources.group_files import seen
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.workspace import schema
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.published import announced

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """What describing a group takes beside the group: who is who, where to say what had to be left out, and
    what was downloaded of its files."""

    people: People
    number_of: Callable[[str | int], int]
    leave_out: Callable[[Text, Text], None]
    sources: Sources | None = None


Part = Callable[[Body, LiveGroup, Scene], Any]


def describe(body: Body, live: LiveGroup, scene: Scene) -> dict[str, Any]:
    """The body that a plan has nothing to say against. Every collection of `live` that was asked for is `Known`.

    A part that finds nothing adds no key, so that the tool manages nothing there.
    """
    described = dict(body)
    carried_out = {kind.name for kind in kinds()}
    for key, (kind, part) in PARTS.items():
        if kind in carried_out:
            found = part(body, live, scene)
            if found not in (None, {}, []) or key in body:
                described[key] = found
    return described


def _profile(body: Body, live: LiveGroup, scene: Scene) -> Any:
    profile = live.profile
    before = body.get("profile") or {}
    if not isinstance(profile, Known):
        return before
    read = profile.value
    description = read.description  # in the listing, or among the details (qq_protocol §0.1)
    if description is None and isinstance(live.settings, Known):
        description = live.settings.value.description
    found = {"name": read.name, "remark": read.remark, "description": description}
    return _fields("profile", before, found, scene)


def _mute_all(body: Body, live: LiveGroup, _: Scene) -> Any:
    muted = live.profile.value.mute_all if isinstance(live.profile, Known) else None
    if body.get("curfew"):
        muted = None  # whether it is muted may only say that it is night
    return body.get("mute_all") if muted is None else muted


def _join(body: Body, live: LiveGroup, scene: Scene) -> Any:
    before = body.get("join") or {}
    if not isinstance(live.settings, Known):
        return before
    read = live.settings.value
    found = {
        "member_invites": read.member_invites,
        "history_visible_to_new_members": read.history_visible,
        "robots": read.robots,
    }
    return _fields("join", _way_in(before, read, scene), found, scene)


def _way_in(before: Body, read: LiveSettings, scene: Scene) -> Body:
    """Method, question and answer, which QQ is given together: as they were where all three are not known."""
    method, question = read.join_method, read.join_question
    asks = method in ("question_and_review", "correct_answer")
    if method is None or (method, question or None if asks else None) == (
        before.get("method"),
        before.get("question"),
    ):
        return before
    after = {**before, "method": method, **({"question": question} if asks else {})}
    for key, stays in (("question", asks), ("answer", method == "correct_answer")):
        if not stays and before.get(key):
            after[key] = None
    if method == "correct_answer" and not before.get("answer"):
        scene.leave_out(say("how people join"), say("nobody gives the answer back, and YAML needs it"))
    elif (asks and not question) or not holds(
        {"join": {key: after[key] for key in ("method", "question") if key in after}}
    ):
        scene.leave_out(say("how people join"), say("YAML does not take the value that it has"))
    else:
        return after
    return before


def _permissions(body: Body, live: LiveGroup, scene: Scene) -> Any:
    before = body.get("permissions") or {}
    if not isinstance(live.settings, Known):
        return before
    read = live.settings.value
    found = {name: getattr(read, name) for name in ("upload_album", "temporary_session", "create_group")}
    return _fields("permissions", before, found, scene)


def _roles(body: Body, live: LiveGroup, scene: Scene) -> Any:
    before = body.get("roles")
    members = _value(live.members)
    if members is None:
        return before
    return roles(before or (), members, scene.people, scene.number_of, scene.leave_out) or before


def _announcements(body: Body, live: LiveGroup, scene: Scene) -> Any:
    before = body.get("announcements")
    notices = _value(live.notices)
    if notices is None:
        return before
    made = announced(body)  # of the rules, which say it already
    own = tuple(notice for notice in notices if made is None or notice.text != plain(made))
    found = announcements(before or (), own, scene.leave_out)
    return found or (before and found)  # null stays null


def _files(body: Body, live: LiveGroup, scene: Scene) -> Any:
    before = body.get("files")
    found = seen(live, ()) if isinstance(live.files, Known) else None
    if not isinstance(found, Known):
        return before
    return files(before or {}, found.value, live.account_id, scene.sources, _takes_folder, scene.leave_out) or before


def _essence(body: Body, live: LiveGroup, scene: Scene) -> Any:
    before = body.get("essence")
    messages = _value(live.essence)
    if messages is None:
        return before
    found = essence(before or (), messages, scene.leave_out)
    return found or (before and found)  # null stays null


# A top-level key of a group, the kind that carries it out, and what describes it.
PARTS: Mapping[str, tuple[str, Part]] = {
    "profile": ("profile", _profile),
    "mute_all": ("mute_all", _mute_all),
    "permissions": ("permissions", _permissions),
    "join": ("join", _join),
    "roles": ("title", _roles),
    "announcements": ("announcement", _announcements),
    "files": ("file", _files),
    "essence": ("essence", _essence),
}


def _value(reading: Reading[Any]) -> Any:
    return reading.value if isinstance(reading, Known) else None


def _fields(key: str, before: Body, found: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    """`before` with the fields that were read (`None` was not) and that this version takes."""
    fields = dict(before)
    for name, value in found.items():
        if value is None or value == before.get(name) or (not value and value is not False and not before.get(name)):
            continue
        value = value if value or value is False else None  # noqa: PLW2901  (an empty text is one that is cleared)
        if holds({key: {name: value}}):
            fields[name] = value
        elif name in before or holds({key: {name: _EXAMPLE.get(type(value))}}):  # else this version does not know it
            scene.leave_out(say("`{key}`", key=f"{key}.{name}"), say("YAML does not take the value that it has"))
    return fields


_EXAMPLE = {str: "x", bool: True}


def holds(body: Body) -> bool:
    """Whether a group's file may say this, and this version carries it out."""
    data = {"kind": "Group", "key": "x", **body}
    return not schema.check(Document("", data, Place("")), Positions())


def _takes_folder(name: str) -> bool:
    return holds({"files": {"folders": [name]}})


def takes_file(path: str) -> bool:
    """Whether YAML can name a file of a group so."""
    return holds({"files": {"items": [{"path": path, "source": "x"}]}})


def speaks_of_settings() -> bool:
    """Whether this version carries out anything of what a group's details say."""
    return holds({"permissions": {"upload_album": True}}) or holds({"profile": {"description": "x"}})
