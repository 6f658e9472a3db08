"""What every composed group says, place by place: for comparing two workspaces as they were written.

Only a workspace in which nothing is wrong is asked for this, so faults are not looked for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace.compose import Composer
from qqgroup_provision.workspace.document import MAX_BYTES, Document, parse_document
from qqgroup_provision.workspace.files import read_yaml, yaml_files
from qqgroup_provision.workspace.positions import Positions

Way = tuple[str, ...]


def composed(root: Path) -> Mapping[str, Mapping[Way, tuple[str, Place]]]:
    """By group and way the value, as JSON, and where it was written. Items of a list go by their `key:`."""
    positions = Positions()
    groups: dict[str, Document] = {}
    templates: dict[str, Document] = {}
    for relative, path in yaml_files(root):
        document, _ = parse_document(read_yaml(root, relative, path, MAX_BYTES), relative, positions)
        if document is not None and document.data["kind"] in ("Group", "Template"):
            shelf = groups if document.data["kind"] == "Group" else templates
            shelf[document.data["key"]] = document
    composer = Composer(groups, templates, positions)
    return {
        key: dict(_leaves(composer.group(key), (), document.place, positions)) for key, document in groups.items()
    }


def _leaves(value: Any, way: Way, place: Place, positions: Positions) -> Iterator[tuple[Way, tuple[str, Place]]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*way, key), positions.value(value, key, place), positions)
    elif _keyed(value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*way, item["key"]), positions.value(value, index, place), positions)
    else:
        yield way, (json.dumps(value, ensure_ascii=False, sort_keys=True), place)


def _keyed(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and isinstance(item.get("key"), str) for item in value)
    )
