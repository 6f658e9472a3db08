"""What `workspace.yaml` and `people.yaml` say, typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.files import inside, outside
from qqgroup_provision.workspace.model import Account, Bot, Pace, Person, Safety
from qqgroup_provision.workspace.moments import CHINA, zone
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

if TYPE_CHECKING:
    from qqgroup_provision.workspace.shared_state import SharedState

DEFAULT_STATE = ".qqgroup/state.json"


def read_settings(
    document: Document, root: Path, positions: Positions, diagnostics: Diagnostics
) -> tuple[dict[str, Account], Path | None]:
    """The accounts by key, and the path of the state file; `None` if that leads out of the workspace."""
    written = document.data.get("accounts", {})
    accounts = {
        key: Account(
            key=key,
            endpoint=item["endpoint"].rstrip("/"),
            protocol=item["protocol"],
            token=item.get("token", ""),
            pace=_pace(item.get("pace") or {}),
            place=positions.key(written, key, document.place),
        )
        for key, item in written.items()
    }
    state = document.data.get("state", {})
    path = inside(root, state.get("path", DEFAULT_STATE))
    if path is None:
        diagnostics.add(outside(state["path"], positions.value(state, "path", document.place)))
    return accounts, path


def read_store(document: Document, positions: Positions, diagnostics: Diagnostics) -> SharedState | None:
    """The store that several machines share, where `state:` names one."""
    written = document.data.get("state")
    if not written:
        return None
    from qqgroup_provision.workspace.shared_state import read_shared_state

    return read_shared_state(written, positions, document.place, diagnostics)


def read_zone(document: Document, positions: Positions, diagnostics: Diagnostics) -> tzinfo:
    """The time zone of times that name none: China's, unless the workspace says otherwise."""
    written = document.data.get("timezone")
    if written is None:
        return CHINA
    found = zone(written)
    if found is None:
        diagnostics.add(
            Diagnostic(
                "QG319",
                say("There is no time zone `{name}`.", name=written),
                place=positions.value(document.data, "timezone", document.place),
                hint=say("Write it as in `Asia/Shanghai` or `Europe/Berlin`."),
            )
        )
    return found or CHINA


def read_bots(document: Document, positions: Positions) -> dict[str, Bot]:
    """The bots by key."""
    written = document.data.get("bots") or {}
    return {
        key: Bot(key, item["endpoint"].rstrip("/"), item["token"], positions.key(written, key, document.place))
        for key, item in written.items()
    }


def read_safety(
    document: Document, people: Mapping[str, Person], positions: Positions, diagnostics: Diagnostics
) -> Safety:
    """The limits of a plan, as they are without a word where none is said."""
    written = dict(document.data.get("safety") or {})
    names = written.pop("required_admins", [])
    required: list[Person] = []
    for index, name in enumerate(names):
        if name in people:
            required.append(people[name])
            continue
        diagnostics.add(
            Diagnostic(
                "QG306",
                say("Nobody is called `{name}` in people.yaml.", name=name),
                place=positions.value(names, index, document.place),
                hint=suggest(name, people) or say("Add `{name}: <QQ number>` to people.yaml.", name=name),
            )
        )
    return Safety(**written, required_admins=tuple(required))


def _pace(written: Mapping[str, Any]) -> Pace:
    values: dict[str, Any] = {key: value if key == "in_flight" else seconds(value) for key, value in written.items()}
    return Pace(**values)


def read_people(documents: Sequence[Document], positions: Positions, diagnostics: Diagnostics) -> dict[str, Person]:
    """Everybody by key. Two keys for one number, or one key in two files, are faults."""
    people: dict[str, Person] = {}
    numbers: dict[int, Person] = {}
    for document in documents:
        written = document.data["people"]
        for key, value in written.items():
            fields = value if isinstance(value, dict) else {"qq": value}
            emails, forge = tuple(fields.get("emails", ())), fields.get("forge", "")
            person = Person(key, int(fields["qq"]), fields.get("name", key), emails, forge)
            other = people.get(key) or numbers.get(person.qq)
            if other is not None:
                diagnostics.add(
                    Diagnostic(
                        "QG317",
                        say(
                            "`{key}` ({number}) is in people.yaml already, as `{other}`.",
                            key=key,
                            number=person.qq,
                            other=other.key,
                        ),
                        place=positions.key(written, key, document.place),
                        hint=say("Keep one of the two: a person has one key and one QQ number."),
                    )
                )
            people.setdefault(key, person)
            numbers.setdefault(person.qq, person)
    return people
