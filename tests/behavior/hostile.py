"""What people send who want a bot to stumble, and a group that looks at messages in every way there is."""

from __future__ import annotations

from qqgroup_provision.behavior.conditions import (
    Expression,
    Flood,
    Fuzzy,
    Has,
    How,
    Link,
    Longer,
    Personal,
    Phishing,
    Qr,
    Repeat,
    Trait,
    Words,
)
from qqgroup_provision.behavior.configuration import (
    Configuration,
    Cooldown,
    Greeting,
    Penalty,
    Permission,
    Reply,
    Right,
    Rule,
)
from qqgroup_provision.behavior.hosts import hosts_of
from qqgroup_provision.behavior.last_resort import Assistant, LastResort
from qqgroup_provision.behavior.observing import Statistics
from qqgroup_provision.behavior.personal import Sort
from qqgroup_provision.behavior.topics import Digest, Nudge, Search, Tag, Topics
from tests.behavior.material import ANN, GROUP, contains, saying

# One turn of each; said over and over again.
TURNS = {
    "one letter": "a",
    "one Chinese character": "装",
    "strikes": "加\u0336\u0337\u0338\u0489微",
    "combining marks": "a" + "\u0301\u0302\u0303\u0315" * 12,
    "invisible characters": "\u200b\u2060\ufeff\u00ad\ufe0f\U000e0041",
    "an invisible character after each": "代\u200b充\u2063",
    "look-alikes": "аеорсхνχ𝐯𝐱❶①🅅🇻ᴠｖ",
    "traditional characters": "國裝機龍體",
    "characters that become many": "ﷺ㍿⑽㈠",
    "characters that become many, and dots": "ﷺ.",
    "half characters": "\ud800\udc00\udfff\udbff",
    "control characters": "\x00\x01\x08\x1b[31m\x7f\x85",
    "line breaks": "\n \r\u2028\u3000\t",
    "right to left": "\u202e\u2067מילה\u2069",
    "dots": "a.",
    "full-width dots": "加．微。",
    "links": "https://a.com ",
    "links within a sentence": "看a.top吧",
    "labels without an end": "a-b_c",
    "nothing but schemes": "http://a@",
    "Chinese hosts": "http://装.机.",
    "commas": "1,",
    "codes": "[CQ:at,qq=all]&#91;",
    "braces": "{name}{{0}}{at}",
    "commands": "/禁言 @",
    "digits, one by one": "1 ",
    "numbers that are nearly one": "4111 1111 1111 1112 ",
    "tags": "#求助 #a",
    "a search": "搜索 a 装 ",
    "quotation marks": "'\";--<script>",
    "flags": "🇻🇽👨\u200d👩\u200d👧",
}

EVERYTHING = Configuration(
    "hub",
    GROUP,
    "总群",
    rules=(
        Rule("ads", "禁止广告", contains("代充"), (Penalty(warn=True), Penalty(mute=600.0)), 60.0),
        Rule("links", "禁止链接", Link(("good.cn",)), (Penalty(recall=True),), 60.0),
        Rule("slow", "慢", Expression("(a+)+$"), (Penalty(warn=True),), 60.0),
        Rule("slower", "更慢", Expression("(.*?,){12}P"), (Penalty(warn=True),), 60.0),
        Rule("long", "太长", Longer(3000), (Penalty(warn=True),), 60.0),
        Rule("flood", "刷屏", Flood(5, 10.0), (Penalty(mute=60.0),), 60.0),
        Rule("repeat", "重复", Repeat(3, 60.0), (Penalty(mute=60.0),), 60.0),
        Rule("personal", "隐私", Personal(tuple(map(str, Sort))), (Penalty(recall=True, last=5, within=60.0),), 60.0),
        Rule("phishing", "钓鱼", Phishing((hosts_of("l", ["evil.com"]),), ("qq.com",)), (Penalty(warn=True),), 60.0),
        Rule("codes", "群码", Qr(("good.cn",)), (Penalty(recall=True),), 60.0),
        Rule("pictures", "图", Has(Trait.IMAGE), (Penalty(recall=True),), 60.0, trial=True),
    ),
    replies=(
        Reply("captures", Expression(r"装(?P<what>.{0,20})"), (saying("{what}"),)),
        Reply("nested", contains("a"), (saying("{name}"),), Cooldown(1.0, 60.0)),
        *(Reply(f"a{count}", contains("a" * count), (saying("a"),)) for count in range(2, 12)),
        Reply("alike", Fuzzy("怎么安装 Python", 60), (saying("{at}"),)),
        Reply("word", Words(How.WHOLE_WORD, "b"), (saying("b"),)),
    ),
    welcome=Greeting((saying("欢迎 {name}"),), merge=30.0),
    roles={ANN.qq: frozenset(("leaders",))},
    permissions=(Permission("leaders", frozenset(Right)),),
    statistics=Statistics(keywords=("a", "装", "b")),
    topics=Topics(
        (Tag("help", "求助", when=contains("装")), Tag("a", "a", ("aa", "装"))),
        markers=frozenset(("leaders",)),
        nudge=Nudge(),
        digest=Digest("0 21 * * *"),
        search=Search(),
    ),
    last_resort=LastResort(Assistant("http", "http://127.0.0.1:1"), when=contains("b")),
)


def endless(name: str, length: int) -> str:
    """A text of so many characters."""
    turn = TURNS[name]
    return (turn * (length // len(turn) + 1))[:length]
