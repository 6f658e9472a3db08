"""How a OneBot 11 server says who it is: two questions (qq_protocol §2.1, §2.2)."""

from __future__ import annotations

from typing import Any

from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.introduction import Ask, Introduced, NotSupported
from qqgroup_provision.platforms.onebot11.answers import judge
from qqgroup_provision.platforms.onebot11.dialect import DIALECTS, PART, Dialect, Upload
from qqgroup_provision.platforms.onebot11.essence import OneBotEssence
from qqgroup_provision.platforms.onebot11.reader import OneBotReader
from qqgroup_provision.platforms.onebot11.writer import OneBotWriter
from qqgroup_provision.platforms.shape import integer, text, version
from qqgroup_provision.platforms.transport import Transport
from qqgroup_provision.ports import AccountFacts


async def introduce(transport: Transport, ask: Ask, settle: float) -> Introduced:
    caller = Caller(transport, judge)
    dialect, number = await ask(caller, "get_version_info", _dialect)
    self_id = await ask(caller, "get_login_info", lambda data: integer(data, "user_id"))
    later = dialect.later(version(number, "app_version")) if dialect.since else {}
    facts = AccountFacts(
        self_id, dialect.implementation, number, dialect.capabilities - later.keys(), later, dialect.upload_limit,
        upload_part=PART if dialect.upload is Upload.PARTS else None, reads_paths=dialect.upload is Upload.PATH,
    )  # fmt: skip
    essence = OneBotEssence(caller, dialect)  # one for both: what the reader knows, the writer need not ask
    reader = OneBotReader(caller, dialect, self_id, settle, essence)
    return Introduced(facts, reader, OneBotWriter(caller, dialect, essence))


def _dialect(data: Any) -> tuple[Dialect, str]:
    name, number = text(data, "app_name"), text(data, "app_version")
    dialect = DIALECTS.get(name)
    if dialect is not None and (not dialect.oldest or version(number, "app_version") >= dialect.oldest):
        return dialect, number
    raise NotSupported(name, number, ", ".join(known.supported for known in DIALECTS.values()))
