"""What QQ will not take, found before it is sent. Lengths are in bytes of UTF-8 where QQ counts bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, say
from qqgroup_provision.workspace.model import UNSET, Essence, Files, Group, Person, Role

TITLE_BYTES = 18  # qq_protocol §4.3
CARD_BYTES = 60  # qq_protocol §4.2
NOTICE_CHARACTERS = 600  # qq_protocol §5.1
NAME_BYTES = 90  # qq_protocol §3.1: seen in the client, not proved, hence a warning


def profile(group: Group) -> Iterator[Diagnostic]:
    """Faults of a group's name."""
    if isinstance(group.name, str) and _exceeds(group.name, NAME_BYTES):
        yield Diagnostic(
            "QG313",
            say("The group name may be too long: {size} bytes.", size=len(group.name.encode())),
            place=group.places["name"],
            hint=_bytes(NAME_BYTES),
            severity=Severity.WARNING,
        )


def join(group: Group) -> Iterator[Diagnostic]:
    """A question or answer that the method does not take, or one that it takes and that is missing.

    QQ is given method, question and answer together and forgets what is left out (qq_protocol §3.4).
    """
    written = group.join
    needed = {"question_and_review": ("question",), "correct_answer": ("question", "answer")}
    takes = needed.get(written.method or "", ())
    for key, value in (("question", written.question), ("answer", written.answer)):
        if value and key not in takes:
            yield Diagnostic(
                "QG318",
                say("The way people join has no use for `{key}`.", key=key),
                place=written.places[key],
                hint=say("Set `method` to one that takes it, or take it out; `null` does so with a template's."),
            )
        elif not value and key in takes:
            yield Diagnostic(
                "QG318",
                say("`{method}` takes a key `{key}` as well.", method=str(written.method), key=key),
                place=written.places["method"],
                hint=say("QQ is given all of it together, and forgets what is left out."),
            )


def roles(group: Group) -> Iterator[Diagnostic]:
    """Faults of titles and cards, and members to whom two roles give different ones."""
    titles: dict[int, Role] = {}  # by whom each member is given one first
    cards: dict[int, Role] = {}
    for role in group.roles or ():
        if isinstance(role.title, str) and _exceeds(role.title, TITLE_BYTES):
            yield _too_long("QG310", say("title"), role.title, role.places["title"], TITLE_BYTES)
        for person in role.members if role.title is not UNSET else ():
            by = titles.setdefault(person.qq, role)
            if by.title != role.title:
                yield _disagree("title", person, role, by)
        for person in role.members if role.card is not UNSET else ():
            card = card_of(role, person.name)
            by = cards.setdefault(person.qq, role)
            if by is not role and card_of(by, person.name) != card:
                yield _disagree("card", person, role, by)
            if card is not None and _exceeds(card, CARD_BYTES):
                yield _too_long("QG311", say("card"), card, role.places["card"], CARD_BYTES)


def _disagree(field: str, person: Person, role: Role, by: Role) -> Diagnostic:
    return Diagnostic(
        "QG314",
        say(
            "`{name}` is given another {field} here than by the role `{role}`.",
            name=person.key,
            field=say("title") if field == "title" else say("card"),
            role=by.key,
        ),
        place=role.places[field],
        hint=say("Leave it to one of the two roles."),
    )


def card_of(role: Role, name: str) -> str | None:
    """The card that a role which speaks of cards gives to somebody of that name; `None` clears."""
    return role.card.replace("{name}", name) if isinstance(role.card, str) else None


def announcements(group: Group) -> Iterator[Diagnostic]:
    """Texts over the limit, and two announcements that would be one: they are told apart by their text."""
    seen: dict[str, str] = {}
    for item in group.announcements or ():
        if len(item.text) > NOTICE_CHARACTERS:
            yield Diagnostic(
                "QG312",
                say("The announcement has {size} characters.", size=len(item.text)),
                place=item.place,
                hint=say("QQ takes {limit} at most: split it into two.", limit=NOTICE_CHARACTERS),
            )
        if item.text in seen:
            yield Diagnostic(
                "QG315",
                say("This announcement has the same text as `{key}`.", key=seen[item.text]),
                place=item.place,
                hint=say("QQ gives announcements no names, so two equal ones cannot be told apart."),
            )
        seen.setdefault(item.text, item.key)


def files(wanted: Files) -> Iterator[Diagnostic]:
    """Two files of one name in one folder, and empty ones: QQ takes neither."""
    seen: set[str] = set()
    for item in wanted.items:
        if item.path in seen:
            yield Diagnostic(
                "QG322",
                say("Two files have the path `{path}`.", path=item.path),
                place=item.place,
                hint=say("Give one another name: nobody could tell them apart."),
            )
        seen.add(item.path)
        if not item.source.size:
            yield Diagnostic(
                "QG323",
                say("`{path}` is empty.", path=item.source.path),
                place=item.place,
                hint=say("QQ takes no empty files."),
            )


def essence(wanted: Iterable[Essence]) -> Iterator[Diagnostic]:
    """Two messages that would be one: they are told apart by their text."""
    seen: dict[str, str] = {}
    for item in wanted:
        if item.text in seen:
            yield Diagnostic(
                "QG315",
                say("This message has the same text as `{key}`.", key=seen[item.text]),
                place=item.place,
                hint=say("Messages have no names in QQ, so two equal ones cannot be told apart."),
            )
        seen.setdefault(item.text, item.key)


def curfew(group: Group) -> Iterator[Diagnostic]:
    """A curfew of a group that is muted anyway."""
    if group.mute_all is True and group.behavior is not None and group.behavior.curfew:
        yield Diagnostic(
            "QG355",
            say("Everybody is muted at all times, by `mute_all`, so that the curfew changes nothing."),
            place=group.places["curfew"],
            hint=say("Leave one of the two out."),
            severity=Severity.WARNING,
        )


def _exceeds(text: str, limit: int) -> bool:
    """Whether a text has more bytes than that. A character has four at most."""
    return len(text) * 4 > limit and len(text.encode()) > limit


def _too_long(code: str, what: Text, text: str, place: Place, limit: int) -> Diagnostic:
    return Diagnostic(
        code,
        say("The {what} `{text}` is too long: {size} bytes.", what=what, text=text, size=len(text.encode())),
        place=place,
        hint=_bytes(limit),
    )


def _bytes(limit: int) -> Text:
    return say(
        "QQ takes {limit} bytes at most; a Chinese character has three, so that is {count}.",
        limit=limit,
        count=limit // 3,
    )
