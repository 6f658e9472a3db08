"""A configuration made ready for deciding: one index of all that is looked for, and which items a find concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from qqgroup_provision.behavior.conditions import Condition, Counted, Hits, Leaf, holds, leaves, triggers
from qqgroup_provision.behavior.configuration import Configuration, Reply, Rule
from qqgroup_provision.behavior.event import Message, text_of
from qqgroup_provision.behavior.index import LONGEST, Index
from qqgroup_provision.behavior.lately import recalled_within
from qqgroup_provision.behavior.normal import normal
from qqgroup_provision.behavior.parts import parts_of
from qqgroup_provision.behavior.searching import titled


class _Concerned:
    """Which of many conditions can hold, by what was found: of ten thousand, few have anything in a message."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self._by_leaf: dict[Leaf, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, condition in enumerate(conditions):
            some = triggers(condition)
            if some is None:
                self._always.append(number)
            for leaf in some or ():
                self._by_leaf[leaf].append(number)

    def by(self, hits: Hits) -> Collection[int]:
        """The numbers of those that can hold, in their order."""
        if not hits:
            return self._always
        near = set(self._always)
        for leaf in hits:
            near.update(self._by_leaf.get(leaf, ()))
        return sorted(near)


class Prepared:
    """What `decide` works with. Made once for each version of a configuration; deciding changes nothing in it."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.parts = parts_of(configuration)
        self.hearing = tuple(part for part in self.parts if not part.deaf)
        self.answering = tuple(part for part in self.hearing if not part.beside)
        conditions = [rule.detect for rule in configuration.rules] + [reply.when for reply in configuration.replies]
        known = dict.fromkeys(leaf for condition in conditions for leaf in leaves(condition))
        self.index = Index(known)
        answers = dict.fromkeys(leaf for condition in configuration.answers() for leaf in leaves(condition))
        self.answers = Index(answers)  # what is looked for in answers of those who want to come in or just did
        self.sorting = Index(dict.fromkeys(leaf for one in configuration.sorting() for leaf in leaves(one)))
        self.titled = titled(configuration) if configuration.topics is not None else ()  # found by a search
        # What takes a person's earlier messages, in all rules together.
        self.counted = tuple(leaf for leaf in known if isinstance(leaf, Counted))
        self.codes = self.index.codes or self.sorting.codes  # whether what QR codes say is to be known
        # For how many seconds back messages may be recalled later, 0 for never.
        self.recalls = recalled_within(configuration)
        self._rules = _Concerned(rule.detect for rule in configuration.rules)
        self._replies = _Concerned(reply.when for reply in configuration.replies)
        self._counting = frozenset(
            rule.key for rule in configuration.rules if any(isinstance(leaf, Counted) for leaf in leaves(rule.detect))
        )

    def matching(self, hits: Hits) -> Iterator[Reply]:
        """The replies whose conditions hold, in the order in which they are tried."""
        replies = self.configuration.replies
        return (replies[number] for number in self._replies.by(hits) if holds(replies[number].when, hits))

    def breakable(self, hits: Hits) -> tuple[Rule, ...]:
        """The rules that a message breaks, or may break once messages are counted, in the order they are tried."""
        rules = self.configuration.rules
        if not rules:
            return ()
        near = (rules[number] for number in self._rules.by(hits))
        return tuple(rule for rule in near if rule.key in self._counting or holds(rule.detect, hits))

    def judges(self, rules: Collection[Rule]) -> bool:
        """Whether a message is to be judged: it may break one of these, or it counts towards one."""
        return bool(rules or self.counted or self.recalls)

    def text_of(self, message: Message) -> str:
        """What a message says, in the form in which texts are compared."""
        return normal(text_of(message.segments)[:LONGEST]).text
