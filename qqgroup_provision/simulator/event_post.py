"""Events posted to an address: OneBot 11's HTTP POST, signed (qq_protocol §1.6), and Milky's webhook (§13).

An event is posted once; an address that cannot be reached misses it. Of what the bot answers, OneBot's quick
operations are carried out (dialects/quick.py).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp

from qqgroup_provision.simulator.dialects.base import Implementation, Service
from qqgroup_provision.simulator.dialects.quick import operate
from qqgroup_provision.simulator.feed import Feed
from qqgroup_provision.simulator.seed import SeedPost

_PATIENCE = aiohttp.ClientTimeout(total=10)


class EventPost:
    """One address that is told of everything for as long as `run` runs."""

    def __init__(self, service: Service, feed: Feed, post: SeedPost) -> None:
        self._service = service
        self._feed = feed
        self._post = post

    def headers(self, body: bytes) -> Mapping[str, str]:
        """Who posts, and what proves it."""
        secret = self._post.secret
        if not isinstance(self._service, Implementation):
            return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {secret}"} if secret else {})
        found = {"Content-Type": "application/json", "X-Self-ID": str(self._service.account.qq)}
        if secret:
            signature = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
            found["X-Signature"] = f"sha1={signature.upper() if self._service.capital_signature else signature}"
        return found

    async def run(self) -> None:
        """Post every event, one after the other, until this is cancelled. Each has a connection of its own: on one
        that was kept an event would be lost if the bot ended it just then."""
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(timeout=_PATIENCE, connector=connector) as session:
            with self._feed.listening(self._post.url) as outbox:
                while True:
                    event = await outbox.take()
                    with suppress(aiohttp.ClientError, OSError, TimeoutError):
                        await self._send(session, event)

    async def _send(self, session: aiohttp.ClientSession, event: dict[str, Any]) -> None:
        body = json.dumps(event, ensure_ascii=False).encode()
        async with session.post(self._post.url, data=body, headers=self.headers(body), allow_redirects=False) as said:
            written = await said.content.read(1 << 20)
        if said.status == 200 and isinstance(self._service, Implementation):
            with suppress(ValueError, RecursionError):
                operation = json.loads(written or b"null")
                if isinstance(operation, dict):
                    operate(self._service, event, operation)
