"""NoneBot's adapters, from which events are taken the moment they are read.

NoneBot starts a task for every event, and one that quotes something waits for an answer of the server first; so
what it hands to plugins is in no order. Here events are taken where they are still in one. It then hears of nothing
but what belongs to connections.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from loguru import logger
from nonebot.adapters.onebot import v11
from nonebot.adapters.onebot.v11.event import MetaEvent
from nonebot.drivers import Request, Response

from qqgroup_provision.bot import hearing
from qqgroup_provision.bot.heard import Heard

T = TypeVar("T")
Hear = Callable[[Heard], None]


class OneBotAdapter(v11.Adapter):
    """OneBot 11. `hear` is set before it is registered."""

    hear: ClassVar[Hear]

    @classmethod
    def json_to_event(cls, json_data: Any) -> v11.Event | None:
        event = super().json_to_event(json_data)
        if event is None or isinstance(event, MetaEvent):
            return event
        _take(event, hearing.heard, cls.hear)
        return None

    def _check_access_token(self, request: Request) -> Response | None:
        """Compared in constant time, and never without a token."""
        wanted = self.onebot_config.onebot_access_token or ""
        kind, _, given = str(request.headers.get("authorization", "")).partition(" ")
        if wanted and kind.lower() in {"bearer", "token"} and hmac.compare_digest(given.encode(), wanted.encode()):
            return None
        logger.warning("A connection without the right token was refused.")
        return Response(403, content="The token is missing or wrong.")


def _take(event: T, read: Callable[[T], Heard | None], hear: Hear) -> None:
    """Hand an event on. One that cannot be read must not end the connection on which it came."""
    try:
        found = read(event)
        if found is not None:
            hear(found)
    except Exception as error:
        logger.warning("An event could not be taken: {}", type(error).__name__)


def milky_adapter(hear: Hear) -> type[Any]:
    """The adapter of Milky; imported only by those who use it."""
    from nonebot.adapters.milky import Adapter, Event

    from qqgroup_provision.bot import milky

    class MilkyAdapter(Adapter):
        @classmethod
        def json_to_event(cls, json_data: Any) -> Event | None:
            event = super().json_to_event(milky.understood(json_data))
            if event is not None:
                _take(event, milky.heard, hear)
            return None

    return MilkyAdapter
