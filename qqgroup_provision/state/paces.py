"""How fast accounts have written, and which of them rest: what the next run has to know, whoever starts it.

Beside a state in a file this is a file with a lock of its own, in PostgreSQL a row: both are changed by everybody
who shares them at the same moment. A web address and a bucket could do so only with requests before every write, and
the lock of the state keeps two applies apart there anyway. So they carry it along with the journal: the next apply
begins from what the last one left.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from qqgroup_provision.own_json import own_json
from qqgroup_provision.state.lock import moment_of


@dataclass(frozen=True, slots=True)
class AccountPace:
    """One account. `free_at` says for each kind of write from when on the next may be sent; times are seconds since
    1970.

    It rests until `rests_until`, as `why` says in a server's words; `rests` counts how often in a row.
    """

    free_at: Mapping[str, float] = field(default_factory=dict)
    rests_until: float = 0.0
    why: str = ""
    rests: int = 0


Step = Callable[[AccountPace], AccountPace]
UNKNOWN = AccountPace()


class Paces(Protocol):
    """The pace of accounts, by QQ number."""

    def of(self, account: int) -> AccountPace:
        """What is remembered of an account. No lock is needed."""

    def change(self, account: int, step: Step) -> AccountPace:
        """Put what `step` makes of it in its place, and give that."""


class CarriedPaces:
    """In memory, for a store that writes them along with something else. `load` is asked once."""

    def __init__(self, load: Callable[[], Mapping[int, AccountPace]]) -> None:
        self._load = load
        self._known: dict[int, AccountPace] | None = None

    def of(self, account: int) -> AccountPace:
        return self._all().get(account, UNKNOWN)

    def change(self, account: int, step: Step) -> AccountPace:
        self._all()[account] = after = step(self.of(account))
        return after

    @property
    def known(self) -> Mapping[int, AccountPace] | None:
        """All of them; `None` while nobody has asked."""
        return self._known

    def _all(self) -> dict[int, AccountPace]:
        if self._known is None:
            self._known = dict(self._load())
        return self._known


class FilePaces:
    """In a file, for everybody on this machine. Where it cannot be written, this process keeps to its pace alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unwritten: dict[int, AccountPace] = {}

    def of(self, account: int) -> AccountPace:
        return self._read().get(account, UNKNOWN)

    def change(self, account: int, step: Step) -> AccountPace:
        with ExitStack() as guarded:
            with suppress(OSError):
                guarded.enter_context(moment_of(self._path.with_suffix(".lock")))
            known = self._read()
            after = self._unwritten[account] = step(known.get(account, UNKNOWN))
            with suppress(OSError):
                self._write({**known, account: after})
                self._unwritten.clear()
        return after

    def _write(self, paces: Mapping[int, AccountPace]) -> None:
        temporary = self._path.with_suffix(".tmp")
        with open(temporary, "wb", opener=_private) as stream:
            stream.write(json.dumps(dump_paces(paces), ensure_ascii=False).encode())
        os.replace(temporary, self._path)  # noqa: PTH105  (nothing of a run depends on this file)

    def _read(self) -> dict[int, AccountPace]:
        with suppress(OSError, ValueError, RecursionError):
            return {**read_paces(own_json(self._path.read_bytes())), **self._unwritten}
        return dict(self._unwritten)


def dump_paces(paces: Mapping[int, AccountPace]) -> dict[str, Any]:
    """As JSON: by the account's QQ number."""
    return {str(account): asdict(pace) for account, pace in sorted(paces.items())}


def read_paces(written: Any) -> dict[int, AccountPace]:
    """The opposite of `dump_paces`. What is no such thing is passed over: at worst an account is a little quick."""
    found: dict[int, AccountPace] = {}
    for account, pace in written.items() if isinstance(written, dict) else ():
        with suppress(ValueError, TypeError, KeyError, AttributeError, OverflowError):
            free_at = {str(kind): _time(at) for kind, at in pace["free_at"].items()}
            found[int(account)] = AccountPace(free_at, _time(pace["rests_until"]), str(pace["why"])[:300],
                                              max(0, int(pace["rests"])))  # fmt: skip
    return found


def _time(written: Any) -> float:
    found = float(written)
    if not math.isfinite(found):
        raise ValueError(written)
    return found


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
