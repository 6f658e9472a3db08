"""What can go wrong between a client and QQ, on request: a list of rules, each for some calls.

A rule is a mapping. `action` (a pattern such as `set_group_*`), `group`, `writes_only`, `skip` (that many matches
first) and `times` (then this often; without it, always) say which calls. One of these says what happens:

  delay: 0.5               seconds before anything is done; it goes with each of the others
  refuse: {retcode: 100, message: 说不}
  http: 500                with `retry_after: 1` for a 429
  body: html | truncated | wrong_types | not_json | half (every list in it has lost the second half)
  reset: before | after    the connection is cut without an answer, the work not done or done
  timeout: 5               the work is done, and the answer comes after that many seconds
  pretend: true            an `ok` for work that is not done
  empty: true              an `ok` with nothing in it

A rule with `event` is about what is told instead. It is a pattern of the event's name, such as
`notice.group_increase.*` or Milky's `group_member_increase`, and takes `group`, `skip`, `times` and

  deliver: never | twice   listeners do not hear of it, or hear of it twice
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

KINDS = ("delay", "refuse", "http", "body", "reset", "timeout", "pretend", "empty", "deliver")
_DELIVERIES = {"never": 0, "twice": 2}


class Faults:
    """The rules in force. A rule counts its own matches."""

    def __init__(self, rules: Iterable[Mapping[str, Any]] = ()) -> None:
        self._rules: list[dict[str, Any]] = []
        self.replace(rules)

    def replace(self, rules: Iterable[Mapping[str, Any]]) -> None:
        """Put other rules in force. Raises ValueError for a rule that says nothing this knows."""
        fresh = [dict(rule) for rule in rules]
        for rule in fresh:
            if not rule.keys() & set(KINDS) or ("event" in rule) != ("deliver" in rule):
                raise ValueError(f"a fault has to say one of {', '.join(KINDS)}")
            if rule.get("deliver", "never") not in _DELIVERIES:
                raise ValueError(f"an event is delivered {' or '.join(_DELIVERIES)}")
        self._rules = fresh

    def fault(self, action: str, group: int | None, *, writes: bool) -> Mapping[str, Any]:
        """The rule this call falls under, an empty mapping for none. Counts the call."""
        for rule in self._rules:
            if "event" in rule or not fnmatchcase(action, rule.get("action", "*")):
                continue
            if rule.get("writes_only") and not writes:
                continue
            if _counts(rule, group):
                return rule
        return {}

    def deliveries(self, event: str, group: int | None) -> int:
        """How often an event is told. Counts it."""
        for rule in self._rules:
            if "event" in rule and fnmatchcase(event, rule["event"]) and _counts(rule, group):
                return _DELIVERIES[rule["deliver"]]
        return 1


def _counts(rule: dict[str, Any], group: int | None) -> bool:
    """Whether a rule that fits otherwise is in force for this match, which it counts."""
    if "group" in rule and rule["group"] != group:
        return False
    seen = rule.setdefault("seen", 0)
    rule["seen"] = seen + 1
    first = rule.get("skip", 0)
    return bool(seen >= first and ("times" not in rule or seen < first + rule["times"]))
