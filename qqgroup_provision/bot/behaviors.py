"""What the bot does in each group now, and how that is replaced while it works."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select

from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.assets import Assets
from qqgroup_provision.bot.database import DOCUMENTS, Database
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.messages import Text, say
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of, digest

Content = Callable[[str, str], bytes]  # of a picture, by path and sha256


@dataclass(frozen=True, slots=True)
class Behavior:
    """What is in force in a group. `pictures` are by path the sha256 of each."""

    prepared: Prepared
    pictures: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""  # of its document


class Changed(Exception):
    """Somebody else has replaced the document meanwhile. `sha256` is what is stored now, empty for nothing."""

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256)
        self.sha256 = sha256


class NotUsable(Exception):
    """A document that cannot be put in force."""

    def __init__(self, reasons: tuple[tuple[str, Text | str], ...]) -> None:
        super().__init__("; ".join(f"{code} {what}" for code, what in reasons))
        self.reasons = reasons


class AssetsMissing(Exception):
    """A document names pictures that were not brought before."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class Behaviors:
    """The behaviour of all groups. What is in force changes from one event to the next, never within one."""

    def __init__(self) -> None:
        self.current: dict[int, Behavior] = {}

    def enforce(self, group: int, behavior: Behavior) -> None:
        self.current[group] = behavior

    def forget(self, group: int) -> None:
        self.current.pop(group, None)

    async def refresh(self) -> list[int]:
        """Put in force what another bot that shares them was handed meanwhile; gives the groups."""
        return []


class StoredBehaviors(Behaviors):
    """Behaviours that are replaced as a whole, and that outlast the process."""

    def __init__(self, database: Database, assets: Assets) -> None:
        super().__init__()
        self.assets = assets
        self._database = database
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def load(self) -> list[tuple[int, NotUsable]]:
        """Put in force what is stored; gives the groups for which that cannot be used any more, with why."""
        broken = []
        for group, document in (await self._database.run(self._all)).items():
            try:
                self.enforce(group, await asyncio.to_thread(prepare, document))
            except NotUsable as error:
                broken.append((group, error))
        return broken

    async def refresh(self) -> list[int]:
        changed = []
        for group, sha256 in (await self._database.run(self._digests)).items():
            if group in self.current and self.current[group].sha256 == sha256:
                continue
            found = await self.document(group)
            if found is None:
                continue
            try:
                behavior = await asyncio.to_thread(prepare, json.loads(found[0]))
            except NotUsable:
                continue  # the bot that was handed it can carry it out, and this one is older
            if not self.assets.missing(behavior.pictures.values()):
                self.enforce(group, behavior)
                changed.append(group)
        return changed

    async def document(self, group: int) -> tuple[bytes, str] | None:
        """The stored document and its sha256."""
        return await self._database.run(self._one, group)

    async def replace(self, group: int, document: Any, expected: str) -> str:
        """Store a document and put it in force; gives its sha256.

        `expected` is the sha256 of what is stored until then, empty where nothing is. Raises `Changed`, `NotUsable`,
        `AssetsMissing`; then what was in force stays so.
        """
        async with self._locks[group]:
            found = await self.document(group)
            if (found[1] if found else "") != expected:
                raise Changed(found[1] if found else "")
            behavior = await asyncio.to_thread(prepare, document)
            if behavior.prepared.configuration.group_id != group:
                reason = say("The document is of group {number}.", number=behavior.prepared.configuration.group_id)
                raise NotUsable((("group_mismatch", reason),))
            missing = self.assets.missing(behavior.pictures.values())
            if missing:
                raise AssetsMissing(missing)
            await self._database.run(self._store, group, canonical(document).decode(), behavior.sha256, expected)
            self.enforce(group, behavior)
            return behavior.sha256

    def _store(self, group: int, body: str, sha256: str, expected: str) -> None:
        """Replace it unless another process did so since it was looked at."""
        with self._database.transaction() as connection:
            stored = connection.execute(select(DOCUMENTS.c.sha256).where(DOCUMENTS.c.group_id == group)).scalar()
            if (stored or "") != expected:
                raise Changed(stored or "")
            connection.execute(delete(DOCUMENTS).where(DOCUMENTS.c.group_id == group))
            connection.execute(insert(DOCUMENTS).values(group_id=group, sha256=sha256, body=body))

    def _one(self, group: int) -> tuple[bytes, str] | None:
        with self._database.transaction() as connection:
            row = connection.execute(select(DOCUMENTS).where(DOCUMENTS.c.group_id == group)).one_or_none()
        return (row.body.encode(), row.sha256) if row is not None else None

    def _digests(self) -> dict[int, str]:
        with self._database.transaction() as connection:
            rows = connection.execute(select(DOCUMENTS.c.group_id, DOCUMENTS.c.sha256))
            return {row.group_id: row.sha256 for row in rows}

    def _all(self) -> dict[int, Any]:
        with self._database.transaction() as connection:
            return {row.group_id: json.loads(row.body) for row in connection.execute(select(DOCUMENTS))}


def prepare(document: Any) -> Behavior:
    """A document made ready. Raises `NotUsable`."""
    try:
        configuration = configuration_of(document)
        sha256 = digest(document)
    except QQGroupError as error:
        raise NotUsable(tuple((found.code, _told(found)) for found in error.diagnostics)) from None
    except (ValueError, RecursionError) as error:
        raise NotUsable((("not_readable", str(error)[:200]),)) from None
    return Behavior(Prepared(configuration), dict(configuration.pictures()), sha256)


def _told(found: Diagnostic) -> Text | str:
    return found.summary
