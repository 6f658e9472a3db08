"""The lock of the Terraform state protocol: one request takes it, another gives it back, both with a note.

The server holds it until it is given back: there is no lease, so that of a run that died is freed by its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from qqgroup_provision import __version__
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.messages import say
from qqgroup_provision.state.faults import lock_stays, refused, unreachable, unreadable, unsafe
from qqgroup_provision.state.lock_note import LockNote, held, new_note, read_note
from qqgroup_provision.state.store import not_held
from qqgroup_provision.state.web import NoAnswer, Web, WebAnswer

_DONE = (200, 201, 204)
_TAKEN = (409, 423)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class LockWords:
    """How this server is asked: for GitLab and Gitea POST and DELETE at `…/lock`, else LOCK and UNLOCK."""

    place: str
    lock_address: str
    unlock_address: str
    lock_method: str
    unlock_method: str


@contextmanager
def http_lock(web: Web, words: LockWords, operation: str) -> Iterator[LockNote]:
    """Hold the lock. Raises `LockHeld` (QG721), and `EndpointError` (QG725) if it could not be given back."""
    note = new_note(operation)
    found = take(web, words, note)
    if found is not None:
        raise held(found, words.place)
    try:
        yield note
    except BaseException:
        with suppress(QQGroupError):  # what went wrong first is what is told
            give_back(web, words, note)
        raise
    give_back(web, words, note)


def take(web: Web, words: LockWords, note: LockNote) -> LockNote | None:
    """Take the lock; gives who holds it if that is somebody else."""
    body = json.dumps(_written(note, words.place), ensure_ascii=False).encode()
    answer = _send(web, words, words.lock_method, words.lock_address, body)
    if answer.status in _DONE:
        return None
    if answer.status in _TAKEN:
        holder = _holder(answer.body)
        return None if holder.id == note.id else holder  # ours: the first answer was lost
    if answer.status in (404, 405, 501):
        raise unsafe(words.place, say("{method} at {address} is answered with {status}, so it has no lock",
                                      method=words.lock_method, address=words.lock_address,
                                      status=answer.status))  # fmt: skip
    raise _refused(words, answer)


def give_back(web: Web, words: LockWords, note: LockNote) -> None:
    body = json.dumps(_written(note, words.place), ensure_ascii=False).encode()
    try:
        answer = _send(web, words, words.unlock_method, words.unlock_address, body, note.id)
    except QQGroupError:
        raise lock_stays(words.place, note.id) from None
    if answer.status not in _DONE:
        raise lock_stays(words.place, note.id)


def look(web: Web, words: LockWords) -> LockNote | None:
    """Who holds the lock. The protocol has no such question: it is taken for a moment, and given back."""
    note = new_note("look")
    found = take(web, words, note)
    if found is None:
        give_back(web, words, note)
    return found


def force(web: Web, words: LockWords, lock_id: str) -> None:
    """Free the lock that has this id. Raises `InvalidInput` (QG723) if it is another."""
    found = look(web, words)
    if found is None or found.id != lock_id:
        raise not_held(lock_id, found, words.place)
    answer = _send(
        web, words, words.unlock_method, words.unlock_address, json.dumps({"ID": lock_id}).encode(), lock_id
    )
    if answer.status in _TAKEN:
        raise not_held(lock_id, _holder(answer.body), words.place)
    if answer.status not in _DONE:
        raise _refused(words, answer)


def require_exclusive(web: Web, words: LockWords) -> None:
    """Try to take the lock, which is held, once more. Raises `EndpointError` (QG728) if the server lets that be."""
    second = new_note("look")
    if take(web, words, second) is None:
        with suppress(QQGroupError):
            give_back(web, words, second)
        raise unsafe(words.place, say("it gives its lock to two at once"))


def _send(web: Web, words: LockWords, method: str, address: str, body: bytes, lock_id: str = "") -> WebAnswer:
    """Taking and giving back may be asked again: both say by the id whether it was done already."""
    url = f"{address}?ID={lock_id}" if lock_id else address
    for left in reversed(range(_TRIES)):
        try:
            answer = web.send(method, url, body, {"Content-Type": "application/json"})
        except NoAnswer as error:
            if left == 0 or not error.sent:
                raise unreachable(words.place, str(error)) from None
            continue
        if answer.status >= 500 and answer.status != 501 and left:
            continue
        return answer
    raise AssertionError("the last try returns or raises")


def _refused(words: LockWords, answer: WebAnswer) -> QQGroupError:
    if answer.status in (401, 403):
        return refused(words.place, f"HTTP {answer.status}")
    return unreadable(words.place, f"HTTP {answer.status}")


def _written(note: LockNote, place: str) -> dict[str, str]:
    # GitLab gives back the asker's own `Info` where somebody else holds the lock: the id within tells whose it is.
    info = {"id": note.id, "pid": note.pid, "log": note.log}
    return {
        "ID": note.id,
        "Operation": note.operation,
        "Info": json.dumps(info, sort_keys=True),
        "Who": note.who,
        "Version": __version__,
        "Created": note.created,
        "Path": place,
    }


def _holder(body: bytes) -> LockNote:
    """Who the server says holds it; of an answer that says nothing, a holder of whom nothing is known."""
    said = _object(body)
    info = _object(str(said.get("Info", "")).encode())
    names = {"id": "ID", "who": "Who", "created": "Created", "operation": "Operation"}
    note = read_note({ours: said[theirs] for ours, theirs in names.items() if said.get(theirs)})
    if info.get("id") == note.id:
        return replace(note, pid=str(info.get("pid", "?"))[:20], log=str(info.get("log", ""))[:200])
    return replace(note, operation="?") if info else note


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
