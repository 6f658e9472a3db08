"""Connections to every account a command needs, opened side by side and closed together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import EndpointError, InvalidInput, QQGroupError
from qqgroup_provision.platforms.bots import Bot, Bots
from qqgroup_provision.platforms.connection import Connection, EndpointSettings, connect
from qqgroup_provision.platforms.elsewhere import Places
from qqgroup_provision.platforms.read_groups import OnRead, Request, read_groups
from qqgroup_provision.ports import AccountFacts, LiveProfile, Reading
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.model import Workspace
from qqgroup_provision.workspace.tokens import resolve_token

GroupLists: TypeAlias = Mapping[str, asyncio.Task[Reading[Mapping[int, LiveProfile]]]]  # by account


@dataclass(frozen=True, slots=True)
class Sessions:
    """Open connections by account key. `environment` is where secrets are looked up when they are needed."""

    workspace: Workspace
    connections: Mapping[str, Connection]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    bots: Bots = field(default_factory=lambda: Bots({}))

    @property
    def facts(self) -> Mapping[str, AccountFacts]:
        return {key: connection.facts for key, connection in self.connections.items()}

    @property
    def requests_sent(self) -> int:
        return self.bots.requests_sent + sum(one.requests_sent for one in self.connections.values())

    def of_group(self, group: str) -> Connection:
        """The connection that operates a group of the workspace."""
        return self.connections[self.workspace.groups[group].account]

    async def list_groups(self) -> GroupLists:
        """Ask every account which groups it is in. Returns as soon as that is asked."""
        lists = {key: asyncio.create_task(one.reader.profiles()) for key, one in self.connections.items()}
        await asyncio.sleep(0)
        return lists

    async def read(
        self,
        needs: Mapping[str, frozenset[Collection]],
        on_read: OnRead | None = None,
        lists: GroupLists | None = None,
    ) -> dict[str, LiveGroup]:
        """Every group in `needs` as it is now, all accounts side by side.

        `on_read` gets each as soon as it is read. `lists` are the accounts' groups, where they were asked for.
        """
        by_account: dict[str, dict[str, Request]] = {}
        for key, collections in needs.items():
            group = self.workspace.groups[key]
            by_account.setdefault(group.account, {})[key] = Request(group.id, collections)

        async def read(account: str, requests: Mapping[str, Request]) -> dict[str, LiveGroup]:
            one = self.connections[account]
            profiles = await lists[account] if lists is not None else None
            return await read_groups(requests, one.reader, one.facts.self_id, profiles, on_read)

        parts = await asyncio.gather(*(read(account, requests) for account, requests in by_account.items()))
        return {key: live for part in parts for key, live in part.items()}


@asynccontextmanager
async def open_sessions(
    workspace: Workspace, accounts: Iterable[str], environment: Mapping[str, str]
) -> AsyncIterator[Sessions]:
    """Connect to the accounts named. Raises `InvalidInput` or `EndpointError` with the faults of all of them."""
    settings: dict[str, EndpointSettings] = {}
    faults: list[Diagnostic] = []
    for key in sorted(set(accounts)):
        account = workspace.accounts[key]
        try:
            token = resolve_token(account, workspace.root, environment)
        except InvalidInput as error:
            faults.extend(error.diagnostics)
            continue
        settings[key] = EndpointSettings(
            key,
            account.endpoint,
            token,
            account.protocol,
            in_flight=account.pace.in_flight,
            settle=account.pace.settle,
        )
    tokens: dict[str, Secret] = {}
    for name in {group.bot for group in workspace.groups.values() if group.bot and group.account in settings}:
        try:
            tokens[name] = resolve_token(workspace.bots[name], workspace.root, environment)
        except InvalidInput as error:
            faults.extend(error.diagnostics)
    if faults:
        raise InvalidInput(faults)
    hosts = {name: Bot(workspace.bots[name].endpoint, token) for name, token in tokens.items()}
    bots = Bots({group.id: hosts[group.bot] for group in workspace.groups.values() if group.bot in hosts})
    results = await asyncio.gather(*map(connect, settings.values()), return_exceptions=True)
    connections = {
        key: result for key, result in zip(settings, results, strict=True) if isinstance(result, Connection)
    }
    try:
        _raise_failures(results)
        for connection in connections.values():
            connection.reader.bots = connection.writer.bots = bots
            connection.writer.elsewhere = Places(workspace.notifications, workspace.root, environment)
        yield Sessions(workspace, connections, environment, bots)
    finally:
        await bots.close()
        for connection in connections.values():
            await connection.close()


def _raise_failures(results: Iterable[Connection | BaseException]) -> None:
    failures = [result for result in results if isinstance(result, BaseException)]
    for failure in failures:
        if not isinstance(failure, QQGroupError):
            raise failure
    found = [item for failure in failures if isinstance(failure, QQGroupError) for item in failure.diagnostics]
    if found:
        raise EndpointError(found)
