"""Where somebody's strikes of a rule are, and how one is taken back. How they are counted: judging.py."""

from __future__ import annotations

from datetime import timedelta

from qqgroup_provision.behavior.configuration import Configuration, Rule
from qqgroup_provision.behavior.linked import strikes_item
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember


def strikes_key(configuration: Configuration, rule: Rule, qq: int) -> Key:
    """Under which somebody's strikes of a rule are."""
    return Key(strikes_item(configuration, rule), "strikes", qq)


def one_less(key: Key, mark: Mark, rule: Rule) -> MemoryChange:
    """The change that takes one back. What is forgotten by and by goes on from when it was."""
    count = mark.count - 1
    if count <= 0:
        return Forget(key)
    return Remember(key, Mark(mark.at, ((count, ""),)), mark.at + count * timedelta(seconds=rule.decay))
