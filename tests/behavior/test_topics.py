"""Topics: which messages have a tag, what is kept of them, how they are found, and the list that is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior import texts
from qqgroup_provision.behavior.configuration import Cooldown
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Decision, Say, Verdict
from qqgroup_provision.behavior.event import At, Event, Message, Person, Quote, Recalled, Text, Tick
from qqgroup_provision.behavior.memory import Key, Mark, Notebook, Remember, Shelf
from qqgroup_provision.behavior.normal import normal
from qqgroup_provision.behavior.nudging import seems_to_ask
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.behavior.tagging import messages
from qqgroup_provision.behavior.texts import Kept
from qqgroup_provision.behavior.topics import DAY, Digest, Nudge, Search, Tag, Topics
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, Talk, contains, message, ready, reply, said, verdicts

HELP = Tag("help", "求助", ("提问", "help me"), when=contains("traceback"))
SHARE = Tag("share", "分享")
SHARERS = Tag("sharers", "分享者")
RUST = Tag("rust", "Rust")
TOPICS = Topics(
    (HELP, SHARE, SHARERS, RUST),
    markers=frozenset({"team"}),
    digest=Digest("0 21 * * *", 20, 2),
    search=Search(3, Cooldown()),
)
TEAM = {BEN.qq: frozenset({"team"})}


def group(topics: Topics = TOPICS, *replies: object, **more: object) -> Prepared:
    return ready(*replies, topics=topics, roles=TEAM, **more)  # type: ignore[arg-type]


def found(talk: Talk, query: str) -> list[str]:
    """The lines of results."""
    return (talk.answer(f"搜索 {query}") or "").split("\n")[1:]


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("#求助 有人吗", {"help"}),
        ("＃求助有人吗", {"help"}),
        ("看看 #提問", {"help"}),
        ("#HELP", {"help"}),
        ("#分享 #求助", {"help", "share"}),
        ("#分享者 大会", {"sharers"}),
        ("#rust 好", {"rust"}),
        ("#rustc 好", set()),
        ("求助", set()),
        ("# 求助", {"help"}),
        ("#求 助", {"help"}),  # blanks beside Chinese are none, as everywhere
        ("##求助", {"help"}),
    ],
)
def test_a_tag_is_found_however_it_is_written_and_the_longest_name_counts(written: str, tags: set[str]) -> None:
    assert TOPICS.written_in(normal(written).text) == tags


def test_what_has_a_tag_by_its_author_or_by_a_condition_is_found_again_and_nothing_else_is_kept() -> None:
    talk = Talk(group())
    assert talk.answer("#求助 asyncio 怎么取消任务") is None
    talk.hear("Traceback: asyncio.CancelledError", sender=BEN)
    talk.hear("asyncio 真好用")
    assert found(talk, "asyncio") == [
        "1. 【求助】小波（12月1日）：Traceback: asyncio.CancelledError",
        "2. 【求助】小艾（12月1日）：#求助 asyncio 怎么取消任务",
    ]
    assert "真好用" not in repr(vars(talk.memory))


@pytest.mark.parametrize(
    "query", ["取消任务", "取消 任務", "ＡＳＹＮＣＩＯ", "怎样取消任务", "asynci0 取消", "#求助", "#求助 取消"]
)
def test_a_search_finds_other_ways_to_write_and_words_in_common(query: str) -> None:
    talk = Talk(group())
    talk.hear("#求助 asyncio 怎么取消任务")
    talk.hear("#分享 周末去爬山")
    assert [line.partition("：")[2] for line in found(talk, query)] == ["#求助 asyncio 怎么取消任务"]


def test_an_answer_with_a_title_is_found_and_one_without_is_not() -> None:
    install = reply("install", "怎么装", "看 https://docs.python.org", title="安装 Python")
    talk = Talk(group(TOPICS, install, reply("secret", "安装密码", "安装 1234")))
    assert found(talk, "安装") == ["1. 【常见问题】安装 Python：看 https://docs.python.org"]
    assert "没有找到" in str(talk.answer("搜索 完全无关"))


def test_results_are_few_and_their_texts_bounded_and_on_one_line() -> None:
    talk = Talk(group())
    for number in range(8):
        talk.hear(f"#求助 爬虫\n{number}\u202e" + "长" * 500, sender=Person(100000003, "坏\n人\u202e" * 30))
    lines = found(talk, "爬虫")
    assert len(lines) == 3
    assert all(len(line) < 120 and "\u202e" not in line for line in lines)


def test_who_searches_again_at_once_is_not_answered() -> None:
    talk = Talk(group(Topics((HELP,), search=Search(cooldown=Cooldown(user=10)))))
    assert talk.answer("/search 东西") is not None
    assert verdicts(talk.hear("/search 东西")) == {"hub/topics": Verdict.COOLDOWN}
    assert talk.answer("/search 东西", sender=BEN) is not None
    talk.wait(10)
    assert talk.answer("/search 东西") is not None


@pytest.mark.parametrize("said_", ["搜索一下就有了", "search it", "忘记我吧", "你忘记我了", "标记 求助", "搜索"])
def test_ordinary_talk_is_no_command(said_: str) -> None:
    assert Talk(group()).hear(said_) == Decision()


def test_a_role_tags_and_untags_a_quoted_message_and_nobody_else_does() -> None:
    talk = Talk(group())
    quote = Quote("77", ANN, "这篇讲协程")
    assert verdicts(talk.hear(quote, "标记 分享")) == {"hub/topics": Verdict.MAY}
    assert talk.answer(quote, "标记 #分享", sender=BEN) == f"@{BEN.qq} 已标记为 分享"
    assert talk.answer(quote, "/标记 求助", sender=BEN) == f"@{BEN.qq} 已标记为 求助"
    assert len(found(talk, "协程")) == 1
    assert len(found(talk, "#求助")) == 1
    assert "已取消标记" in str(talk.answer(quote, "取消标记 分享", sender=BEN))
    assert (len(found(talk, "#求助")), len(found(talk, "#分享"))) == (1, 0)
    talk.hear(quote, "取消标记", sender=BEN)
    assert found(talk, "协程") == []
    assert "没有这个标签，有：求助、分享" in str(talk.answer(quote, "标记 别的", sender=BEN))
    assert "看不到" in str(talk.answer(Quote("78"), "标记 分享", sender=BEN))


def test_what_is_taken_back_is_forgotten_for_the_account_that_heard_it() -> None:
    talk = Talk(group())
    talk.hear("#求助 密码是一二三")
    talk.event(Recalled(GROUP, "1", NOON, 100000009))
    assert len(found(talk, "密码")) == 1, "another account has other ids"
    talk.event(Recalled(GROUP, "1", NOON, ME))
    assert found(talk, "密码") == []
    assert "密码" not in repr(vars(talk.memory))


def test_somebody_who_asks_to_be_forgotten_is_and_others_are_not() -> None:
    talk = Talk(group())
    talk.hear("#求助 甲的问题")
    talk.hear("#求助 乙的问题", sender=BEN)
    assert talk.answer("/忘记我") == f"@{ANN.qq} 已删除你的 1 条内容"
    assert talk.answer(At(ME), " 忘记我") == f"@{ANN.qq} 没有记着你说的内容"
    assert len(found(talk, "问题")) == 1
    assert "甲的" not in repr(vars(talk.memory))


def test_texts_are_dropped_after_a_while_and_the_oldest_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(texts, "MOST", 20)
    talk = Talk(group(Topics((HELP,), keep=2 * DAY, search=Search(cooldown=Cooldown()))))
    talk.hear("#求助 旧的")
    talk.wait(2 * DAY)
    assert found(talk, "旧的") == []
    talk = Talk(group())
    for number in range(25):
        talk.wait(0.01)
        talk.hear(f"#求助 {number}号")
    assert len(talk.memory.recall((Shelf("hub/topics", "text/", 100),))) == 20
    assert (found(talk, "4号")[0][-2:], [line for line in found(talk, "#求助") if line.endswith(" 4号")]) == (
        "4号",
        [],
    )


def told(decision: Decision) -> list[str]:
    return [part.text for say in decision.actions if isinstance(say, Say) for part in say.segments
            if isinstance(part, Text)]  # fmt: skip


class Days(Talk):
    """The same, with what a tick says."""

    def tick(self) -> list[str]:
        return told(self.event(Tick(GROUP, self.now, ME)))


def test_the_list_is_told_once_caught_up_once_and_never_twice() -> None:
    memory = Notebook()
    talk = Days(group(), memory)  # it is noon
    assert talk.tick() == []
    for number in range(4):
        talk.hear(f"#求助 问题{number}")
    talk.hear("#分享 文章", sender=BEN)
    talk.wait(9 * 3600)
    (text,) = talk.tick()
    assert text == (
        "【话题摘要】共 5 条\n—— 求助（4 条）——\n· 小艾：#求助 问题2\n· 小艾：#求助 问题3\n……以及更早的 2 条\n"
        "—— 分享（1 条）——\n· 小波：#分享 文章"
    )
    assert talk.tick() == []
    talk.hear("#分享 睡前", sender=BEN)
    later = Days(group(), memory)  # a bot that begins anew three days later
    later.now = talk.now + timedelta(days=3, hours=1)
    assert len(later.tick()) == 1
    assert later.tick() == []
    later.wait(DAY)
    assert later.tick() == [], "nothing new, nothing said"


def test_a_text_that_comes_just_when_the_list_is_due_is_in_exactly_one_list() -> None:
    for order in ("text first", "tick first"):
        talk = Days(group())
        talk.tick()
        talk.now = NOON.replace(hour=21)
        lists = []
        if order == "text first":
            talk.hear("#求助 准点")
            lists += talk.tick()
        else:
            lists += talk.tick()
            talk.hear("#求助 准点")
        talk.wait(DAY)
        lists += talk.tick()
        assert "".join(lists).count("准点") == 1, order


@given(st.lists(st.tuples(st.sampled_from(["help", "share"]), st.text(max_size=400)), max_size=200))
def test_a_list_is_a_few_messages_of_a_bounded_length(tagged: list[tuple[str, str]]) -> None:
    kept = [
        Kept(ANN.qq, "名" * 100, ME, str(n), frozenset({tag}), text, NOON) for n, (tag, text) in enumerate(tagged)
    ]
    said_ = list(messages(kept, TOPICS, Digest("0 21 * * *", 200, 30)))
    assert len(said_) <= 3
    assert all(0 < len(one) <= 1700 for one in said_)
    assert bool(said_) is bool(kept)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("请问 asyncio 怎么取消任务", True),
        ("有人知道这个报错吗", True),
        ("这个能用在生产里？", True),
        ("怎么了", False),
        ("今天天气不错", False),
        ("哈哈哈哈哈哈", False),
        ("为什么" + "长" * 400, False),
    ],
)
def test_a_question_to_everybody_is_told_from_talk(text: str, asks: bool) -> None:
    assert seems_to_ask(normal(text).text) is asks


def test_who_asks_without_a_tag_is_asked_to_name_one_once_in_a_while() -> None:
    talk = Talk(group(Topics((HELP,), nudge=Nudge(cooldown=Cooldown(10, 60)))))
    assert f"@{ANN.qq} 如果是提问，写上标签（#求助）" in str(talk.answer("请问怎么装环境"))
    assert verdicts(talk.hear("请问怎么装环境", sender=BEN)) == {"hub/topics": Verdict.COOLDOWN}
    talk.wait(10)
    assert talk.answer("请问怎么装环境") is None
    assert talk.answer("请问怎么装环境", sender=BEN) is not None


def test_who_was_answered_or_spoke_to_somebody_or_named_a_tag_is_not_asked_to() -> None:
    nudged = Topics((HELP,), nudge=Nudge(cooldown=Cooldown()))
    talk = Talk(group(nudged, reply("install", "怎么装", "看文档", cooldown=Cooldown(60))))
    assert talk.answer("请问怎么装环境") == "看文档"
    assert talk.answer("请问怎么装环境") is None, "the answer still stands above"
    for parts in (("#求助 请问怎么办",), (At(BEN.qq), " 请问怎么办"), (Quote("1"), "请问怎么办")):
        assert talk.answer(*parts) is None


def test_a_reminder_that_is_tried_out_says_nothing() -> None:
    talk = Talk(group(Topics((HELP,), nudge=Nudge(trial=True))))
    decision = talk.hear("请问怎么装环境")
    assert (said(decision), verdicts(decision)) == (None, {"hub/topics": Verdict.TRIAL})


def test_a_shelf_has_its_last_marks_in_order_and_those_of_nobody_else() -> None:
    memory = Notebook()
    for number in (3, 1, 2):
        key = Key("hub/topics", f"text/{number}", number)
        memory.change((Remember(key, Mark(NOON), NOON), Remember(Key("hub/other", key.what), Mark(NOON), NOON)))
    memory.change((Remember(Key("hub/topics", "told"), Mark(NOON), NOON),))
    assert [key.what for key in memory.recall((Shelf("hub/topics", "text/", 2),))] == ["text/2", "text/3"]


@given(st.lists(st.text(max_size=30), max_size=5))
def test_nothing_that_strangers_write_breaks_anything(parts: list[str]) -> None:
    memory, prepared = (
        Notebook(),
        group(Topics((HELP, SHARE), markers=frozenset({"team"}), search=Search(), nudge=Nudge())),
    )
    for text in (*parts, "搜索 " + "".join(parts), "/标记 " + "".join(parts)):
        event: Event = message(Quote("1", ANN, text), text, sender=BEN)
        decision = decide(event, prepared, memory, NOON)
        memory.change(decision.changes)
    assert isinstance(event, Message)
