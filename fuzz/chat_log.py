"""A chat log that is replayed to a group's bot, as JSON Lines or as QQ exports it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.backtest import backtest
from qqgroup_provision.rehearsal.logs import Log
from qqgroup_provision.reports.backtest import backtest_json, render_backtest
from qqgroup_provision.workspace.load import load_workspace

WEIGHT = 2
_EXAMPLES = Path(__file__).parent.parent / "groups"
_LOGS = (
    (
        '{"time": "2026-11-23T12:00:00+08:00", "qq": 100000001, "name": "小艾", "text": "安装"}\n'
        '{"time": 1790000000, "qq": 100000002, "text": "兼职加微信", "level": 3, "rank": "admin"}\n'
        '{"event": "join", "time": 1790000001000, "qq": 100000003}\n'
    ),
    (
        "消息记录\n\n消息分组:群\n====\n消息对象:总群\n====\n2026-11-23 9:00:00 【管理员】小艾(100000001)\n群规\n\n"
        "2026-11-23 9:00:01 小波<a@b.c>\n[图片]\n@小艾 加微信 https://a.top\n"
    ),
)


def seeds() -> Iterator[bytes]:
    yield from (log.encode() for log in _LOGS)


def _prepared() -> Prepared:
    behavior = load_workspace(_EXAMPLES).required().groups["python-hub"].behavior
    assert behavior is not None
    return Prepared(behavior)


_READY = _prepared()


def one(data: bytes, folder: Path) -> str:
    log = Log(io.BytesIO(data), _READY.configuration.zone, me=100000000)
    found = backtest(log, _READY, None, me=100000000, examples=3)
    backtest_json(found, log, group="hub", broad=())
    return render_backtest(found, log)
