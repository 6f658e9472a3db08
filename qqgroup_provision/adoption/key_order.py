"""The order in which a schema lists keys, which is the one in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class KeyOrder:
    """A place in a schema. One that the schema does not know has no order."""

    def __init__(self, schema: Any, root: Mapping[str, Any]) -> None:
        while isinstance(schema, Mapping) and "$ref" in schema:
            target: Any = root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        self._schema: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
        self._root = root
        self._properties: Mapping[str, Any] = self._schema.get("properties", {})
        self._ranks = {key: rank for rank, key in enumerate(self._properties)}

    def rank(self, key: str) -> int:
        """Keys of no fixed place, such as people, come as they stand, behind those that have one."""
        return self._ranks.get(key, len(self._ranks))

    def below(self, key: str) -> KeyOrder:
        return KeyOrder(self._properties.get(key, self._schema.get("additionalProperties")), self._root)

    def items(self) -> KeyOrder:
        return KeyOrder(self._schema.get("items"), self._root)
