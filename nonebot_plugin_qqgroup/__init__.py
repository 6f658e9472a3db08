"""The bot of `qqgroup` inside somebody's own NoneBot, with the adapters and accounts that are there."""

from __future__ import annotations

from nonebot import get_bots, get_driver, get_plugin_config
from nonebot.message import event_preprocessor
from nonebot.plugin import PluginMetadata

from nonebot_plugin_qqgroup.config import Config
from qqgroup_provision.bot.guest import Guest

__plugin_meta__ = PluginMetadata(
    name="QQ 群即代码",
    description="按 YAML 运行 QQ 群的回复、群规、入群审核、活动与定时消息",
    usage="在 .env 里写 QQGROUP_WATCH=群的文件夹，或写 QQGROUP_INTERFACE_TOKEN 后用 qqgroup apply 交付",
    type="application",
    config=Config,
    supported_adapters={"~onebot.v11", "~milky"},
)

_guest = Guest(get_plugin_config(Config).options(), lambda: tuple(get_bots().values()))
_driver = get_driver()
_driver.on_startup(_guest.start)
_driver.on_shutdown(_guest.stop)
_driver.on_bot_connect(_guest.connected)
_driver.on_bot_disconnect(_guest.disconnected)
event_preprocessor(_guest.hear)
