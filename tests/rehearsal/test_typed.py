"""Messages as people type them: mentions and pictures are parts, everything else is text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.event import At, Card, File, Image, Other, Segment, Text
from qqgroup_provision.rehearsal.typed import segments_of

NUMBERS = {"alice": 7, "小艾": 7, "小艾艾": 8, "bot": 4}


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", []),
        ("你好", [Text("你好")]),
        ("@bot 在吗", [At(4), Text(" 在吗")]),
        ("@小艾你好@小艾艾", [At(7), Text("你好"), At(8)]),
        ("@全体成员 开会", [At(None), Text(" 开会")]),
        ("发到 a@b.com", [Text("发到 a@b.com")]),
        ("看 [图片]吧[image][表情]", [Text("看 "), Image(), Text("吧"), Image(), Other("face")]),
        ("[文件：作业.zip] [card:https://a.cn/x]", [File("作业.zip"), Text(" "), Card(url="https://a.cn/x")]),
        ("a[0] = [别的]", [Text("a[0] = [别的]")]),
    ],
)
def test_what_is_written_out_becomes_what_it_stands_for(text: str, segments: list[Segment]) -> None:
    assert segments == list(segments_of(text, NUMBERS))


@given(st.text(alphabet="@[]:：图片alice小艾 文件\n"))
def test_nothing_that_is_typed_is_lost(text: str) -> None:
    parts = segments_of(text, NUMBERS)
    plain = "".join(part.text for part in parts if isinstance(part, Text))

    assert plain == text or any(not isinstance(part, Text) for part in parts)
    assert all(part.text for part in parts if isinstance(part, Text))
