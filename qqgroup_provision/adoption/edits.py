"""What to change in a file so that a composed body says what it should, and nothing that it says already."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from qqgroup_provision.adoption.rewrite import Edit, Items, Path, Put, Set

Body = Mapping[str, Any]


def edits_of(
    own: Body, composed: Body, described: Body, order: Sequence[str], stays: Callable[[str], None]
) -> Iterator[Edit]:
    """The edits of a group's own file. `composed` is what it says now with templates and parent, `described`
    what it is to say; `order` are the keys of a group as they are usually written.

    `stays` hears of items that a template asks for and that no edit of this file can take away.
    """
    yield from _mapping(own, composed, described, (), order, stays)


def apply_edits(own: Any, edits: Sequence[Edit]) -> Any:
    """The data after the edits: what the changed text has to say."""
    for edit in edits:
        own = _changed(own, edit.path, edit)
    return own


def _mapping(
    own: Body, composed: Body, wanted: Body, path: Path, order: Sequence[str], stays: Callable[[str], None]
) -> Iterator[Edit]:
    for key, value in wanted.items():
        now = composed.get(key)
        if key in composed and now == value:
            continue
        if key not in own:
            added = _difference(now, value)
            if value and _keyed(value):
                _tell_removed(now or (), value, (), key, stays)
            if added or not value:
                yield Put(path, key, added, tuple(order[: order.index(key)]) if key in order else ())
        elif isinstance(value, Mapping) and isinstance(own[key], Mapping) and own[key]:
            yield from _mapping(own[key], now or {}, value, (*path, key), (), stays)
        elif isinstance(value, list) and own[key]:
            if _keyed(value) or _keyed(own[key]):
                yield from _keyed_items(own[key], now or (), value, (*path, key), stays)
            else:
                yield from _plain_items(own[key], value, (*path, key))
        else:
            yield Set((*path, key), value)


def _keyed_items(
    own: Sequence[Body], composed: Sequence[Body], wanted: Sequence[Body], path: Path, stays: Callable[[str], None]
) -> Iterator[Edit]:
    now = {item["key"]: item for item in composed}
    wished = {item["key"]: item for item in wanted}
    here = {item["key"]: index for index, item in enumerate(own)}
    _tell_removed(composed, wanted, here.keys(), path[-1], stays)
    drop = frozenset(index for key, index in here.items() if key not in wished)
    add = [
        _difference(now.get(key), item, "key")
        for key, item in wished.items()
        if key not in here and item != now.get(key)
    ]
    if len(drop) == len(own):
        yield Set(path, add)
        return
    for key, index in here.items():
        if key in wished:
            yield from _mapping(own[index], now[key], wished[key], (*path, index), (), stays)
    if drop or add:
        yield Items(path, drop, tuple(add))


def _tell_removed(
    composed: Sequence[Body],
    wanted: Sequence[Body],
    here: Container[str],
    part: str | int,
    stays: Callable[[str], None],
) -> None:
    wished = {item["key"] for item in wanted}
    for item in composed:
        if item["key"] not in wished and item["key"] not in here:
            stays(f"{part}/{item['key']}")


def _plain_items(own: Sequence[Any], wanted: Sequence[Any], path: Path) -> Iterator[Edit]:
    drop = frozenset(index for index, item in enumerate(own) if item not in wanted)
    add = tuple(item for item in wanted if item not in own)
    if len(drop) == len(own):
        yield Set(path, list(add))
    elif drop or add:
        yield Items(path, drop, add)


def _difference(now: Any, wanted: Any, *always: str) -> Any:
    """What has to be said over what a template says already."""
    if isinstance(now, Mapping) and isinstance(wanted, Mapping):
        return {
            key: _difference(now.get(key), value)
            for key, value in wanted.items()
            if key in always or key not in now or now[key] != value
        }
    if _keyed(wanted) and now:
        before = {item["key"]: item for item in now}
        return [
            _difference(before.get(item["key"]), item, "key") for item in wanted if item != before.get(item["key"])
        ]
    return wanted


def _keyed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping) and "key" in value[0]


def _changed(own: Any, path: Path, edit: Edit) -> Any:
    if isinstance(edit, Set) and len(path) == 1:
        return {**own, path[0]: edit.value}
    if path:
        step = path[0]
        if isinstance(own, Mapping):
            return {**own, step: _changed(own[step], path[1:], edit)}
        return [_changed(item, path[1:], edit) if index == step else item for index, item in enumerate(own)]
    if isinstance(edit, Put):
        return {**own, edit.key: edit.value}
    if isinstance(edit, Items):
        return [item for index, item in enumerate(own) if index not in edit.drop] + list(edit.add)
    return edit.value
