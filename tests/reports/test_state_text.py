"""What state holds of one address, as people read it."""

from __future__ import annotations

from qqgroup_provision.addresses import Address
from qqgroup_provision.reports.state_text import render_entry
from qqgroup_provision.state.model import Entry
from tests.reports.samples import WEAPONS, speaking, steering

ENTRY = Entry(
    ids={"notice_id": "n1"},
    applied={"text": "群规\n二", "pinned": True},
    unverified=("pinned",),
    applied_at="2026-11-23T01:02:03+00:00",
)


def test_an_entry_reads_so() -> None:
    with speaking("en"):
        shown = render_entry(Address("hub", "announcement", "rules"), ENTRY)

    assert shown == (
        "hub/announcement/rules\n"
        "  notice_id: n1\n"
        "  pinned: true  (cannot be read back)\n"
        "  text: 群规\n    二\n"
        "  applied at: 2026-11-23T01:02:03+00:00\n"
    )


def test_an_entry_in_chinese_says_what_cannot_be_read_back() -> None:
    with speaking("zh_CN"):
        shown = render_entry(Address("hub", "announcement", "rules"), ENTRY)

    assert "pinned: true  （无法读回核对）" in shown


def test_nothing_of_an_entry_steers_a_terminal() -> None:
    entry = Entry(ids={WEAPONS: WEAPONS}, applied={WEAPONS: WEAPONS}, applied_at=WEAPONS)

    assert {"\n"} == steering(render_entry(Address("hub", "card", WEAPONS), entry))
