"""How much may be asked for: so much at once, and so much each second after that."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Allowance:
    """A bucket of `burst` requests that fills by `rate` a second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left = float(burst)
        self._at = clock()

    def take(self) -> int:
        """Take one. Gives 0, or in how many whole seconds there will be one; then nothing was taken."""
        now = self._clock()
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return math.ceil((1 - self._left) / self._rate)
        self._left -= 1
        return 0
