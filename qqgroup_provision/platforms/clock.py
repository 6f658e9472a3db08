"""How far the clock of the machine that an endpoint runs on is from ours, by the times that its answers carry."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime


class Clock:
    """The time that was told last: by the `Date` of an HTTP answer, in whole seconds, or by an event."""

    def __init__(self) -> None:
        self._told: str | int = ""
        self._when = 0.0

    def tell(self, told: str | int) -> None:
        """Remember a `Date` as it came, or seconds since 1970; empty and 0 say nothing. Read only when asked for."""
        if told:
            self._told, self._when = told, time.time()

    @property
    def ahead(self) -> float | None:
        """Seconds by which the other clock is ahead, negative for behind; `None` where nothing sensible was told.

        The way of the answer is in it, and up to a second for the fraction that nobody tells.
        """
        if not self._told:
            return None
        try:
            told = parsedate_to_datetime(self._told).timestamp() if isinstance(self._told, str) else float(self._told)
        except (ValueError, OverflowError):
            return None
        return told - self._when
