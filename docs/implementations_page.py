"""The page that compares the implementations. Its table is what the dialects say, so it cannot go stale."""

from __future__ import annotations

import yaml_page
from wording import Wording

from qqgroup_provision.platforms.milky import dialect as milky
from qqgroup_provision.platforms.onebot11 import dialect as onebot11
from qqgroup_provision.ports import Capability

Dialect = onebot11.Dialect | milky.Dialect

# In the order of the columns: the page of each implementation.
PAGES: dict[str, Dialect] = {
    "napcat.md": onebot11.NAPCAT,
    "llbot.md": onebot11.LLBOT,
    "lagrange.md": onebot11.LAGRANGE,
    "go-cqhttp.md": onebot11.GO_CQHTTP,
    "llbot-milky.md": milky.LLBOT,
    "lagrange-milky.md": milky.LAGRANGE,
}

# What each capability is, in English and in Chinese, in the order of the rows.
WORDS: dict[Capability, tuple[str, str]] = {
    Capability.RENAME: ("rename the group", "改群名"),
    Capability.SET_REMARK: ("set the account's own remark", "改账号自己的群备注"),
    Capability.SET_AVATAR: ("set the group's picture", "改群头像"),
    Capability.READ_DESCRIPTION: ("read the description", "读群简介"),
    Capability.READ_SETTINGS: ("read join settings and permissions", "读入群设置和成员权限"),
    Capability.SET_JOIN: ("set how people join", "改入群方式"),
    Capability.SET_MEMBER_INVITES: ("set whether members invite", "改成员邀请规则"),
    Capability.SET_HISTORY_VISIBLE: ("set whether new members see history", "改新成员能否看历史消息"),
    Capability.SET_ROBOTS: ("set who may add robots", "改谁能加机器人"),
    Capability.SET_PERMISSIONS: ("set what members may do", "改成员权限"),
    Capability.SET_ADMIN: ("make and unmake admins", "设置管理员"),
    Capability.SET_TITLE: ("set titles", "设置头衔"),
    Capability.SET_CARD: ("set cards", "设置群名片"),
    Capability.MUTE_ALL: ("mute the whole group", "全员禁言"),
    Capability.READ_NOTICES: ("read announcements", "读公告"),
    Capability.PUBLISH_NOTICE: ("post announcements", "发公告"),
    Capability.WITHDRAW_NOTICE: ("take announcements down", "删公告"),
    Capability.NOTICE_IMAGE: ("announcements with a picture", "公告带图片"),
    Capability.NOTICE_FLAGS: ("choose `pinned` and `confirm`", "选择公告的 `pinned` 和 `confirm`"),
    Capability.READ_FILES: ("read files and folders", "读群文件和文件夹"),
    Capability.CREATE_FOLDER: ("create folders", "建文件夹"),
    Capability.DELETE_FOLDER: ("delete folders", "删文件夹"),
    Capability.UPLOAD_FILE: ("upload files", "上传文件"),
    Capability.DELETE_FILE: ("delete files", "删文件"),
    Capability.RENAME_FILE: ("rename files", "给文件改名"),
    Capability.KEEP_FILE: ("make temporary files lasting", "把临时文件转为永久"),
    Capability.DOWNLOAD_FILE: ("download files", "下载文件"),
    Capability.READ_ESSENCE: ("read essence messages", "读精华消息"),
    Capability.SEND_MESSAGE: ("send messages", "发消息"),
    Capability.MARK_ESSENCE: ("mark essence messages", "设精华"),
    Capability.UNMARK_ESSENCE: ("unmark essence messages", "取消精华"),
}

_ENGLISH = {
    "title": "Implementations",
    "about": "The program that speaks for your QQ account, and what the tool can do through it. It finds out by "
    "itself which one answers. What your YAML asks for and an implementation cannot do is an error of the plan "
    "([QG512](../codes.md#qg512)) that names implementation and version, before anything is sent. If one turns out "
    "to lack an action that its version should have, apply reports the same code, and does not ask for it again in "
    "that run.",
    "choose": "If you are free to choose, take NapCat or LLBot: they do most and are kept up. go-cqhttp and "
    "Lagrange.OneBot are no longer developed.",
    "transports": "Those that speak OneBot 11 are reached over HTTP (`endpoint: http://…`) or over forward "
    "WebSocket (`endpoint: ws://…`). Both do the same. A `ws://` address may end in `/` or `/api`. Reverse "
    "WebSocket, where the server connects to you, is not supported. Over `http://` and `ws://` the token travels "
    "in the clear: stay on one machine or in a private network, or use `https://` and `wss://`.",
    "can": "What each can do",
    "versions": "versions",
    "any": "any",
    "mute": "read whether the group is muted",
    "yes": "yes",
    "legend": "`–`: it cannot. A number is the version from which on it can.",
}
_CHINESE = {
    "title": "各个实现",
    "about": "替你的 QQ 账号说话的那个程序，以及工具通过它能做什么。是哪一个在回答，工具会自己弄清楚。YAML 要求了而"
    "实现做不到的，是计划里的错误（[QG512](../codes.md#qg512)），会写明实现和版本，此时还什么都没有发送。如果执行时才"
    "发现缺少某个动作，会以同一个代码报告，并且在这次执行里不再请求它。",
    "choose": "如果可以选择，请用 NapCat 或 LLBot：能做的最多，也有人维护。"
    "go-cqhttp 和 Lagrange.OneBot 已经不再开发。",
    "transports": "支持 OneBot 11 的，可以用 HTTP（`endpoint: http://…`）或正向 WebSocket（`endpoint: ws://…`），"
    "两者效果相同。`ws://` 地址可以以 `/` 或 `/api` 结尾。不支持反向 WebSocket（由服务端连接你）。"
    "`http://` 和 `ws://` 会明文传送令牌：请只在同一台机器或内网使用，或改用 `https://` 和 `wss://`。",
    "can": "各自能做什么",
    "versions": "版本",
    "any": "任意",
    "mute": "读是否全员禁言",
    "yes": "能",
    "legend": "`–` 表示做不到；数字表示从哪个版本开始能做。",
}


def page(wording: Wording) -> str:
    """The whole page in one language."""
    chinese = wording.language != "en"
    say = _CHINESE if chinese else _ENGLISH
    parts = [f"# {say['title']}\n", wording.generated("docs/implementations_page.py")]
    parts.extend(yaml_page.wrapped(say[key]) for key in ("about", "choose", "transports"))
    columns = [f"[{dialect.implementation}]({name})" for name, dialect in PAGES.items()]
    rows = [[say["versions"], *(_oldest(dialect, say["any"]) for dialect in PAGES.values())]]
    for capability in Capability:
        words = WORDS.get(capability, (f"`{capability.value}`",) * 2)[chinese]
        rows.append([words, *(_can(dialect, capability, say["yes"]) for dialect in PAGES.values())])
    mutes = [say["yes"] if getattr(dialect, "muted", None) is not None else "–" for dialect in PAGES.values()]
    rows.append([say["mute"], *mutes])
    parts.append(f"## {say['can']}\n")
    parts.append("\n".join(map(_row, [["", *columns], ["---"] * (len(columns) + 1), *_in_order(rows)])) + "\n")
    parts.append(yaml_page.wrapped(say["legend"]))
    return "\n".join(parts)


def _in_order(rows: list[list[str]]) -> list[list[str]]:
    """The rows as `WORDS` has them; the first and those it does not know stay where they are."""
    order = {words: place for place, pair in enumerate(WORDS.values()) for words in pair}
    first, *rest = rows
    return [first, *sorted(rest, key=lambda row: order.get(row[0], len(order)))]


def _oldest(dialect: Dialect, anything: str) -> str:
    return f"≥ {'.'.join(map(str, dialect.oldest))}" if dialect.oldest else anything


def _can(dialect: Dialect, capability: Capability, yes: str) -> str:
    if capability not in dialect.capabilities:
        return "–"
    since = getattr(dialect, "since", {}).get(capability)
    return f"≥ {'.'.join(map(str, since))}" if since else yes


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
