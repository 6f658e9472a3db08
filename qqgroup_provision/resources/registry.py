"""The kinds and operations there are. A new kind is one file beside this one, found here by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from inspect import isabstract
from types import MappingProxyType
from typing import Any

from qqgroup_provision import resources
from qqgroup_provision.resources.kind import Kind
from qqgroup_provision.resources.operation import Operation


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind, in the order in which a group's changes are carried out."""
    _import_all()
    return tuple(sorted((found() for found in _concrete(Kind)), key=lambda kind: kind.order))


@cache
def kind_called(name: str) -> Kind | None:
    """The kind of that name; `None` for one of another version's."""
    return next((kind for kind in kinds() if kind.name == name), None)


@cache
def operations() -> Mapping[str, type[Operation]]:
    """Every operation by its name, as plan files and journals write it."""
    _import_all()
    return MappingProxyType({found.name: found for found in _concrete(Operation)})


def rebuild(kind: type[Operation], written: Mapping[str, Any]) -> Operation:
    """An operation from its plain fields. Raises KeyError or TypeError if they are not those of the kind."""
    values: list[Any] = [_plain(field.type, written[field.name]) for field in fields(kind)]
    return kind(*values)


def _plain(annotation: object, value: Any) -> Any:
    """A field's value, checked: plan files and journals may have been changed by hand."""
    if annotation == "tuple[str, ...]":
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif type(value).__name__ == annotation:
        return value
    raise TypeError(f"{value!r:.40} where {annotation} belongs")


def _import_all() -> None:
    for module in pkgutil.iter_modules(resources.__path__):
        importlib.import_module(f"{resources.__name__}.{module.name}")


def _concrete(base: Any) -> list[Any]:
    found: list[Any] = []
    for subclass in base.__subclasses__():
        if not isabstract(subclass) and subclass.__module__.startswith(resources.__name__):
            found.append(subclass)
        found.extend(_concrete(subclass))
    return found
