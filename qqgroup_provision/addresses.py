"""The stable name of everything the tool manages: `<group>/<kind>` or `<group>/<kind>/<key>`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, order=True, slots=True)
class Address:
    """Where one resource stands. `key` is empty for kinds that a group has once, such as `profile`."""

    group: str
    kind: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.group}/{self.kind}/{self.key}" if self.key else f"{self.group}/{self.kind}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `group/kind` or `group/kind/key`. Raises ValueError for anything else."""
        parts = text.split("/", 2)
        if len(parts) < 2 or not all(parts):
            raise ValueError(text)
        return cls(*parts)

    def matches(self, pattern: str) -> bool:
        """Whether a shell-style pattern names this address, or a group or kind above it."""
        whole = str(self)
        return fnmatchcase(whole, pattern) or fnmatchcase(whole, f"{pattern.rstrip('/')}/*")


def matches_any(address: Address, patterns: Iterable[str]) -> bool:
    """Whether any pattern names the address; no pattern at all names every address."""
    patterns = tuple(patterns)
    return not patterns or any(address.matches(pattern) for pattern in patterns)
