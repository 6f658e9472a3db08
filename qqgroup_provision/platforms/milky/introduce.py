"""How a Milky server says who it is: two questions (qq_protocol §2.2, §13)."""

from __future__ import annotations

from typing import Any

from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.introduction import Ask, Introduced, NotSupported
from qqgroup_provision.platforms.milky.answers import judge
from qqgroup_provision.platforms.milky.dialect import DIALECTS, Dialect
from qqgroup_provision.platforms.milky.reader import MilkyReader
from qqgroup_provision.platforms.milky.writer import MilkyWriter
from qqgroup_provision.platforms.shape import integer, text, version
from qqgroup_provision.platforms.transport import Transport
from qqgroup_provision.ports import AccountFacts

_OLDEST, _MAJOR = (1, 2), 1  # of the protocol: versions of one major only ever add (qq_protocol §13)


async def introduce(
    transport: Transport,
    ask: Ask,
    settle: float,  # noqa: ARG001  (no cache to wait for)
) -> Introduced:
    caller = Caller(transport, judge, prefix="api/")
    dialect, number = await ask(caller, "get_impl_info", _dialect)
    self_id = await ask(caller, "get_login_info", lambda data: integer(data, "uin"))
    facts = AccountFacts(
        self_id, dialect.implementation, number, dialect.capabilities, upload_limit=dialect.upload_limit
    )
    return Introduced(facts, MilkyReader(caller, dialect, self_id), MilkyWriter(caller, dialect))


def _dialect(data: Any) -> tuple[Dialect, str]:
    name, number, milky = (text(data, key) for key in ("impl_name", "impl_version", "milky_version"))
    protocol = version(milky, "milky_version")
    dialect = DIALECTS.get(name)
    if dialect is not None and protocol >= _OLDEST and protocol[0] == _MAJOR and _new_enough(dialect, number):
        return dialect, number
    known = ", ".join(each.supported for each in DIALECTS.values())
    raise NotSupported(name, f"{number} (Milky {milky})", f"{known}, Milky 1.2")


def _new_enough(dialect: Dialect, number: str) -> bool:
    return not dialect.oldest or version(number, "impl_version") >= dialect.oldest
