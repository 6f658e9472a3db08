"""Whatever people send, nothing fails and nothing takes longer than its length: counted, not timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.behavior import index
from qqgroup_provision.behavior.counting import MOST
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Decision, Kick, Mute, Recall, Say, Verdict
from qqgroup_provision.behavior.event import (
    DEEPEST,
    MOST_PARTS,
    At,
    Card,
    File,
    Forwarded,
    Image,
    Joined,
    Left,
    Message,
    Other,
    Person,
    Quote,
    Requested,
    Segment,
    Text,
    Tick,
)
from qqgroup_provision.behavior.links import MOST as MOST_LINKS
from qqgroup_provision.behavior.links import hosts_in
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.normal import fold
from qqgroup_provision.behavior.prepared import Prepared
from tests.behavior.hostile import EVERYTHING, TURNS, endless
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, Talk, message, verdicts
from tests.planning.test_work import counting

READY = Prepared(EVERYTHING)
LONG = 20_000
WIDE = tuple((Text("a.com " * 800), Image(), Card("x", "https://a.top/" + "x" * 5000)) for _ in range(2000))


def told(*parts: str | Segment, sender: Person = BEN) -> Decision:
    return decide(message(*parts, sender=sender), READY, Notebook(), NOON)


def lines(work: Callable[[], object]) -> int:
    work()  # what is found out once and kept is not counted
    with counting() as found:
        work()
    return found[0]


@pytest.mark.parametrize("name", TURNS)
def test_a_message_of_twenty_thousand_characters_is_judged_by_its_beginning(name: str) -> None:
    text = endless(name, LONG)

    assert told(text).reasons == told(text[: index.LONGEST]).reasons
    for sender in (ANN, BEN):
        assert told(At(ME), " /" + text, sender=sender) == told(At(ME), " /" + text, sender=sender)


@pytest.mark.parametrize("name", TURNS)
def test_twice_as_long_is_twice_the_work_at_most_and_then_no_more(name: str) -> None:
    small, large, longest, endless_ = (
        lines(lambda length=length: told(endless(name, length)))  # type: ignore[misc]
        for length in (1000, 2000, 5000, LONG)
    )

    assert large < 2.2 * small + 500
    assert endless_ < 1.1 * longest + 500


def test_twice_as_many_parts_are_twice_the_work_at_most() -> None:
    split = [Text(char) for char in endless("links within a sentence", 4000)]

    assert lines(lambda: told(*split)) < 2.2 * lines(lambda: told(*split[:2000]))


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("".join(TURNS.values())), max_size=200), st.sampled_from([ANN, BEN]))
def test_no_mixture_of_them_is_an_error(text: str, sender: Person) -> None:
    odd = Person(sender.qq, text)
    told(text, sender=odd)
    told(At(None), text, Quote(text), File(text), Card(text, text), Other(text), sender=odd)
    talk = Talk(READY)
    for event in (
        Joined(GROUP, Person(7, text), NOON),
        Left(GROUP, odd, NOON),
        Requested(GROUP, text, odd, text, NOON),
    ):
        talk.event(event)
    talk.wait(30)
    talk.event(Tick(GROUP, NOON, entropy="00"))


def nested(depth: int, inner: Segment) -> Segment:
    for _ in range(depth):
        inner = Forwarded(((inner,),))
    return inner


@pytest.mark.parametrize("depth", [0, DEEPEST, DEEPEST + 1, 50_000])
def test_a_forwarded_message_is_looked_into_so_deep(depth: int) -> None:
    found = verdicts(told(nested(depth, Card("t", "https://evil.top/x"))))

    assert (found.get("hub/rule/links") is Verdict.DONE) is (depth <= DEEPEST)


def test_a_forwarded_message_is_looked_into_so_wide() -> None:
    within: tuple[tuple[Segment, ...], ...] = (*[(Other("face"),)] * (MOST_PARTS - 2), (Card("t", "evil.top"),))
    beyond = ((Other("face"),), *within)

    assert verdicts(told(Forwarded(within)))["hub/rule/links"] is Verdict.DONE
    assert "hub/rule/links" not in verdicts(told(Forwarded(beyond)))
    bushy: Segment = Text("a.com")
    for _ in range(DEEPEST + 2):
        bushy = Forwarded(((bushy, bushy), (bushy,)) * 40)  # 80 ** 6 parts, if anybody counted them
    assert told(bushy).reasons == told(bushy).reasons


def test_of_all_that_is_forwarded_so_many_characters_are_searched_for_links(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def counted(text: str) -> object:
        looked.append(len(text))
        return hosts_in(text)

    monkeypatch.setattr(index, "hosts_in", counted)
    for parts in ((Forwarded(WIDE),), [part for one in WIDE for part in one]):
        looked.clear()
        found = index.heard(message(*parts))
        assert sum(looked) <= index.LONGEST_LINKED
        assert len(found.hosts) <= MOST_LINKS


def test_a_link_that_follows_other_forwarded_texts_is_still_found() -> None:
    filler = [(Text("今天天气真好。"),)] * 300

    assert "hub/rule/links" in verdicts(told(Forwarded((*filler, (Text("看 evil.top"),)))))


def test_a_host_of_many_labels_is_the_one_it_belongs_to() -> None:
    far = "https://" + "装." * 400 + "good.cn/x"

    assert "hub/rule/links" not in verdicts(told(far))
    assert "hub/rule/links" in verdicts(told(far.replace("good.cn", "good.cn.evil.top")))


def test_numbers_that_are_none_of_qq_are_no_error() -> None:
    for qq in (0, -1, 2**63, 10**30):
        decision = told("代充", At(qq), At(-qq), sender=Person(qq, level=10**9))
        assert verdicts(decision)["hub/rule/ads"] is Verdict.DONE


FEW = Prepared(
    replace(EVERYTHING, rules=EVERYTHING.rules[:1] + EVERYTHING.rules[5:6], replies=EVERYTHING.replies[1:2])
)


def talking(members: int, says: Callable[[int], str]) -> Notebook:
    """So many people of whom each says something, all within a moment."""
    memory = Notebook()
    for number in range(members):
        said = Message(GROUP, str(number), Person(10_000 + number), (Text(says(number)),), NOON, ME)
        memory.change(decide(said, FEW, memory, NOON).changes)
    return memory


def test_ten_thousand_members_who_talk_at_once_leave_a_few_marks_each() -> None:
    memory = talking(10_000, lambda number: f"装机 {number} 代充" if number % 2 else "a")
    marks, each = memory._marks, {}  # type: ignore[var-annotated]
    for key, mark in marks.items():
        each[key.subject] = each.get(key.subject, 0) + 1
        assert len(mark.people) <= 1

    assert max(count for subject, count in each.items() if subject) <= 4, (
        "what was said lately and how often, a strike or a pause, and the last penalty"
    )
    assert len(memory._counts) <= 10_000 + 3, "one for each person and day, one for each word"


def test_a_member_who_never_stops_leaves_no_more_marks_than_others() -> None:
    memory = Notebook()
    for number in range(1000):
        at = NOON + timedelta(milliseconds=number)
        said = Message(GROUP, str(number), BEN, (Text(f"{number}"),), at, ME)
        memory.change(decide(said, READY, memory, at).changes)

    assert {(key.what, len(mark.people)) for key, mark in memory._marks.items()} <= {
        (what, count) for what in ("lately", "strikes", "said", "last") for count in range(MOST + 1)
    }
    assert len(memory._marks) <= 4


def test_twice_the_members_are_twice_the_work() -> None:
    small, large = (lines(lambda count=count: talking(count, "说了 {} 句".format)) for count in (200, 400))  # type: ignore[misc]

    assert large < 2.1 * small


def test_a_rush_of_ten_thousand_is_greeted_together_and_forgotten() -> None:
    talk = Talk(READY)
    for number in range(10_000):
        decision = talk.event(Joined(GROUP, Person(10_000 + number, "\u0336" * 5000), NOON))
        assert all(len(mark.people) <= 50 for mark in talk.memory._marks.values())  # type: ignore[attr-defined]
        for action in decision.actions:
            assert not isinstance(action, Kick | Mute | Recall)
            if isinstance(action, Say):
                assert sum(len(part.text) for part in action.segments if isinstance(part, Text)) < 1000
    assert len(talk.memory._marks) <= 1  # type: ignore[attr-defined]


def test_a_sign_that_is_a_whole_sentence_stays_one_sign() -> None:
    assert fold("ﷺ" * 100) == "ﷺ" * 100
    assert "hub/rule/links" in verdicts(told("ﷺ" * 300 + " evil.top"))
