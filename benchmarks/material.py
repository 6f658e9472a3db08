"""What the benchmarks work on: workspaces and live groups of any size, the same ones every time."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

ACCOUNT = 100000000
TITLED, TITLE, NOTICE = 200000099, "讲师", "群规：友善"  # what the live server's groups have
PER_GROUP = 20  # announcements and titled members each, which QQ can list in one call

WORKSPACE = """\
kind: Workspace
accounts:
  main: {endpoint: "http://127.0.0.1:1", protocol: onebot11, token: "${env:BENCH_TOKEN}"}
"""


def four_kilobyte_group(number: int) -> str:
    """A group file of about 4 KB: Chinese texts, flow and block style, numbers, booleans, comments."""
    roles = "".join(
        f"  - key: role-{n}\n"
        f"    members: [p{(number + n) % 40}, p{(number + n + 7) % 40}, {100000000 + number * 9 + n}]\n"
        f'    title: 头衔{n}\n    card: "【{n}】{{name}}"\n    admin: {"true" if n % 2 else "false"}\n'
        for n in range(6)
    )
    notices = "".join(
        f"  - key: notice-{n}\n    text: |\n      第 {n} 次线上分享会，{number} 群\n"
        "      时间：周六 20:00，地点：群语音。欢迎提前把问题写进群文件《提问清单》。\n"
        f"      请准时参加，录像会上传到群文件。\n    pinned: {'true' if n == 0 else 'false'}\n    confirm: false\n"
        for n in range(11)
    )
    return (
        f"# 第 {number} 个群\nkind: Group\nkey: g-{number}\nid: {700000000 + number}\naccount: main\n"
        f'profile:\n  name: 技术交流群 {number}\n  remark: "备注 {number}"\nmute_all: false\n'
        f"roles:\n{roles}announcements:\n{notices}manage: {{announcements: additive, admins: report}}\n"
    )


def write_workspace(folder: Path, groups: int) -> None:
    """A workspace of 4 KB group files."""
    folder.mkdir(parents=True)
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    people = "".join(f"  p{n}: {{qq: {300000000 + n}, name: 成员{n}}}\n" for n in range(40))
    (folder / "people.yaml").write_text(f"kind: People\npeople:\n{people}", encoding="utf-8")
    for number in range(groups):
        (folder / f"g-{number}.yaml").write_text(four_kilobyte_group(number), encoding="utf-8")


def write_plan_case(folder: Path, resources: int) -> None:
    """A workspace with so many announcement and title resources, and live groups that are just so.

    The live values lie beside it in live.json: a reader's answers, so that no network is measured.
    """
    folder.mkdir(parents=True)
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    live: dict[str, object] = {}
    for number in range(resources // (2 * PER_GROUP)):
        group_id = 700000000 + number
        numbers = [200000000 + number * PER_GROUP + n for n in range(PER_GROUP)]
        texts = [f"公告 {number}-{n}：周六 20:00 线上分享会" for n in range(PER_GROUP)]
        notices = "".join(f'  - {{key: n-{n}, text: "{text}"}}\n' for n, text in enumerate(texts))
        (folder / f"g-{number}.yaml").write_text(
            f"kind: Group\nkey: g-{number}\nid: {group_id}\naccount: main\n"
            f"roles:\n  - key: titled\n    members: {numbers}\n    title: 讲师\nannouncements:\n{notices}",
            encoding="utf-8",
        )
        live[f"g-{number}"] = {
            "members": [[ACCOUNT, 2, "bot", "", ""], *([qq, 0, f"群友{qq}", "", "讲师"] for qq in numbers)],
            "notices": [[f"{group_id:x}{n:04x}", text, ACCOUNT, 1_700_000_000 + n] for n, text in enumerate(texts)],
        }
    (folder / "live.json").write_text(json.dumps(live, ensure_ascii=False), encoding="utf-8")


def write_live_case(folder: Path, url: str, groups: int) -> None:
    """A workspace that says of each group of the live server (server.py) what is so."""
    folder.mkdir(parents=True)
    (folder / "workspace.yaml").write_text(WORKSPACE.replace("http://127.0.0.1:1", url), encoding="utf-8")
    for number in range(700000000, 700000000 + groups):
        (folder / f"g-{number}.yaml").write_text(
            f"kind: Group\nkey: g-{number}\nid: {number}\nprofile: {{name: g-{number}}}\nmute_all: false\n"
            f"roles:\n  - {{key: titled, members: [{TITLED}], title: {TITLE}}}\n"
            f'announcements:\n  - {{key: rules, text: "{NOTICE}", confirm: true}}\n',
            encoding="utf-8",
        )


def write_octodns_case(folder: Path, records: int) -> Path:
    """The same for octoDNS: a zone of so many records, planned from YAML to YAML; gives the configuration."""
    rows = "".join(
        f"host-{n:06}:\n  ttl: 300\n  type: A\n  value: 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}\n"
        for n in range(records)
    )
    for side in ("source", "target"):
        (folder / side).mkdir(parents=True)
        (folder / side / "example.com.yaml").write_text(f"---\n{rows}", encoding="utf-8")
    configuration = folder / "config.yaml"
    provider = "    class: octodns.provider.yaml.YamlProvider\n    default_ttl: 300\n    enforce_order: false\n"
    configuration.write_text(
        f"providers:\n  source:\n{provider}    directory: {folder}/source\n"
        f"  target:\n{provider}    directory: {folder}/target\n"
        "zones:\n  example.com.:\n    sources: [source]\n    targets: [target]\n",
        encoding="utf-8",
    )
    return configuration


COMMON = "".join(bytes((0xB0 + row, 0xA1 + cell)).decode("gb2312") for row in range(39) for cell in range(94))


def behavior_case(replies: int, expressions: int, messages: int) -> tuple[Any, list[Any]]:
    """A group with so many replies, some of them by expressions, and messages of 8 to 60 Chinese characters to it.

    Every fourth message has one of the texts in it.
    """
    from qqgroup_provision.behavior.conditions import Expression, How, Words
    from qqgroup_provision.behavior.configuration import CHINA, Configuration, Cooldown, Reply, Saying, Spoken
    from qqgroup_provision.behavior.event import Message, Person, Text
    from qqgroup_provision.behavior.placeholders import parse

    draw = random.Random(1)

    def han(count: int) -> str:
        return "".join(draw.choice(COMMON) for _ in range(count))

    texts = [han(draw.randrange(2, 6)) for _ in range(replies - expressions)]
    spoken = (Saying((Spoken(parse("{name}，看群公告。")),)),)
    listed = [Reply(f"t-{n}", Words(How.CONTAINS, text), spoken, Cooldown(0.001)) for n, text in enumerate(texts)]
    asked = (Expression(rf"{han(2)}.{{0,8}}(加|➕).{{0,6}}(微|v|\d{{5,12}})") for _ in range(expressions))
    listed.extend(Reply(f"e-{n}", expression, spoken) for n, expression in enumerate(asked))
    now, sender = datetime(2026, 12, 1, 12, tzinfo=CHINA), Person(ACCOUNT + 1, "小艾")
    said = []
    for n in range(messages):
        text = han(draw.randrange(8, 60))
        if n % 4 == 0:
            at = draw.randrange(len(text))
            text = text[:at] + draw.choice(texts) + text[at:]
        said.append(Message(ACCOUNT, str(n), sender, (Text(text),), now, ACCOUNT))
    return Configuration("hub", ACCOUNT, replies=tuple(listed)), said


def write_bot_case(folder: Path, replies: int, expressions: int, word: str) -> None:
    """A workspace whose bot knows that many replies, so many of them expressions; the last one answers the word."""
    folder.mkdir()
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    lines = ["kind: Group", "key: hub", "id: 731000001", "replies:"]
    for number in range(replies - 1):
        form = f"regex: '第{number}章.*(失败|报错)'" if number < expressions else f"contains: 没有这句话{number}"
        lines.append(f"  - {{key: r{number}, when: {{{form}}}, reply: 答{number}}}")
    lines.append(f"  - {{key: install, when: {{contains: {word}}}, reply: 看这篇}}")
    (folder / "hub.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def hostile_case(messages: int) -> tuple[Any, list[Any]]:
    """A group that looks at messages in every way there is, and messages made to take long, of many members at once.

    Long ones, ones of many parts, and forwarded ones within forwarded ones, mixed.
    """
    from qqgroup_provision.behavior.event import Card, Forwarded, Message, Person, Text
    from tests.behavior.hostile import EVERYTHING, TURNS, endless

    draw = random.Random(1)
    now = datetime(2026, 12, 1, 12, tzinfo=EVERYTHING.zone)

    def segments(name: str, form: int) -> tuple[Any, ...]:
        if form == 0:
            return (Text(endless(name, 20_000)),)
        if form == 1:
            return tuple(Text(endless(name, 100)) for _ in range(200))
        if form == 2:
            return (Forwarded(tuple((Text(endless(name, 5000)), Card("", endless(name, 5000))) for _ in range(300))),)
        inner: Any = Text(endless(name, 5000))
        for _ in range(8):
            inner = Forwarded(((inner, inner), (inner,)))
        return (inner,)

    forms = {(name, form): segments(name, form) for name in TURNS for form in range(4)}
    drawn = draw.choices(list(forms.values()), k=messages)
    said = [
        Message(EVERYTHING.group_id, str(n), Person(200_000_000 + n % 1000), parts, now, ACCOUNT)
        for n, parts in enumerate(drawn)
    ]
    return EVERYTHING, said
