"""A memory for long logs: what counts no more is dropped, so that it does not grow with the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from qqgroup_provision.behavior.memory import Forget, Key, MemoryChange, Notebook

_FEW = 10_000  # marks that are not worth a look


class FadingNotebook(Notebook):
    """A notebook that is gone through whenever it has twice as many marks as were left the last time."""

    def __init__(self) -> None:
        super().__init__()
        self._until: dict[Key, datetime] = {}
        self._look_at = _FEW

    def __len__(self) -> int:
        return len(self._until)

    def change(self, changes: Iterable[MemoryChange]) -> None:
        changes = tuple(changes)
        super().change(changes)
        for change in changes:
            if isinstance(change, Forget):
                self._until.pop(change.key, None)
            else:
                self._until[change.key] = change.until

    def fade(self, now: datetime) -> None:
        """Drop what counts no more, if there may be much of it."""
        if len(self._until) < self._look_at:
            return
        for key in [key for key, until in self._until.items() if until < now]:
            del self._until[key]
            self._marks.pop(key, None)
            self._counts.pop(key, None)
        self._look_at = max(_FEW, 2 * len(self._until))
