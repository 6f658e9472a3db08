"""The world's time: that of the machine, or a moment that moves only when it is told to."""

from __future__ import annotations

import time
from datetime import datetime

LONGEST_STEP = 100 * 366 * 86_400  # seconds


class Clock:
    """Whole seconds since 1970. `stopped_at` is where it stands still; without that it runs with the machine's."""

    def __init__(self, stopped_at: int | None = None) -> None:
        self._stopped_at = stopped_at
        self._ahead = 0

    @property
    def runs(self) -> bool:
        return self._stopped_at is None

    def now(self) -> int:
        return (int(time.time()) if self._stopped_at is None else self._stopped_at) + self._ahead

    def advance(self, seconds: int) -> None:
        """Go forward. Raises ValueError for a step that is none: what was said stays in the past."""
        if not 0 <= seconds <= LONGEST_STEP:
            raise ValueError("a clock is advanced by a number of seconds that is not negative")
        self._ahead += seconds

    def set(self, moment: int | None) -> None:
        """Stand still at a moment, or with `None` run with the machine's clock again."""
        self._stopped_at, self._ahead = moment, 0


def moment(written: object) -> int | None:
    """What YAML or JSON says of a clock: `real` is `None`, a date with a zone or a number of seconds is a moment.

    Raises ValueError or TypeError for anything else.
    """
    if written == "real":
        return None
    if isinstance(written, int) and not isinstance(written, bool) and 0 <= written <= 1 << 40:
        return written
    if isinstance(written, str):
        written = datetime.fromisoformat(written)
    if isinstance(written, datetime) and written.tzinfo is not None:
        return int(written.timestamp())
    raise ValueError(f"{written!s:.40} is neither `real` nor a moment with its zone")
