"""What a person allows one run although a guard stands against it: `delete:python-hub/announcement/*`.

It names an action and addresses of one group. There is no way to allow everything.
"""

from __future__ import annotations

from dataclasses import dataclass

from qqgroup_provision.resources.change import Action, Change

_ACTIONS = {action.word: action for action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)}
_WILD = frozenset("*?[]")


@dataclass(frozen=True, slots=True)
class Allowance:
    """One action on the addresses that a pattern names."""

    action: Action
    pattern: str

    def __str__(self) -> str:
        return f"{self.action.word}:{self.pattern}"

    @classmethod
    def parse(cls, text: str) -> Allowance:
        """Read `ACTION:GROUP/ADDRESS`. Raises ValueError for anything else, and where no group is named."""
        word, _, pattern = text.partition(":")
        group, _, rest = pattern.partition("/")
        if word not in _ACTIONS or not group or not rest or _WILD & set(group):
            raise ValueError(text)
        return cls(_ACTIONS[word], pattern)

    def covers(self, change: Change) -> bool:
        return change.action is self.action and change.address.matches(self.pattern)
