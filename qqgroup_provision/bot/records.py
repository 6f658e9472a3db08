"""What the bot writes down: one JSON object a line, of what it did and of what went wrong. Never a token."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import quote

_HIDDEN = "(sensitive)"


class Records:
    """Writes lines, and counts. `secrets` are taken out of every line, however they got there."""

    def __init__(
        self,
        stream: IO[str] | None = None,
        secrets: Iterable[str] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._stream = sys.stderr if stream is None else stream
        self._secrets = sorted({form for one in secrets if one for form in (one, quote(one))}, key=len, reverse=True)
        self._now = now

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def write(self, event: str, **about: Any) -> None:
        """One line. `event` is what happened, in one word."""
        told = {key: value for key, value in about.items() if value is not None}
        line = json.dumps(
            {"at": self._now().isoformat(timespec="milliseconds"), "event": event, **told},
            ensure_ascii=False,
            default=str,
        )
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        self._stream.write(line + "\n")
        self._stream.flush()
