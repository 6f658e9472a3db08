"""Every happening as each implementation tells of it: fields, types, and what one of them does not tell at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qqgroup_provision.simulator.content import At, Image, Reply, Text
from qqgroup_provision.simulator.world import World
from tests.simulator.people import ADMIN, ALICE, BOB, GROUP, KINDS, MILKY, NOW, ONEBOT, SELF, STRANGER, scene

Event = dict[str, Any]
Deed = Callable[[World], Any]
REQUEST = 1_737_070_836_000_001  # what the first request is called


def notice(kind: str, **more: Any) -> Event:
    """A notice of the group, as OneBot has it."""
    return {"time": NOW, "self_id": SELF, "post_type": "notice", "notice_type": kind, "group_id": GROUP, **more}


def request(kind: str, **more: Any) -> Event:
    return {
        "time": NOW, "self_id": SELF, "post_type": "request", "request_type": "group", "sub_type": kind,
        "group_id": GROUP, **more,
    }  # fmt: skip


def milky(kind: str, **data: Any) -> Event:
    return {"event_type": kind, "time": NOW, "self_id": SELF, "data": {"group_id": GROUP, **data}}


def poke_info() -> list[dict[str, str]]:
    ends = [{"col": "1", "jp": "", "nm": "", "tp": "0", "type": "qq", "uid": str(qq)} for qq in (ALICE, SELF)]
    return [ends[0], {"col": "1", "jp": "", "txt": "戳了戳", "type": "nor"}, ends[1]]


ADD = {"user_id": STRANGER, "comment": "我想学"}
BROUGHT = {"user_id": STRANGER, "comment": "", "invitor_id": BOB}
ASKED_MILKY = milky(
    "group_join_request", notification_seq=REQUEST, is_filtered=False, initiator_id=STRANGER, comment="我想学"
)
RENAMED = {"user_id": ADMIN, "name_new": "新"}

# What happens, and how each tells of it; `milky` stands for both of that protocol. Nothing is: not told.
TOLD: Mapping[str, tuple[Deed, Mapping[str, Event]]] = {
    "joined by leave": (
        lambda w: w.requests.enter(GROUP, STRANGER, "陌生人", operator=ADMIN),
        {
            "napcat": notice("group_increase", sub_type="approve", user_id=STRANGER, operator_id=ADMIN),
            "llbot": notice("group_increase", sub_type="approve", user_id=STRANGER, operator_id=ADMIN),
            "lagrange": notice("group_increase", sub_type="approve", user_id=STRANGER, operator_id=0),
            "gocq": notice("group_increase", sub_type="approve", user_id=STRANGER, operator_id=0),
            "milky": milky("group_member_increase", user_id=STRANGER, operator_id=ADMIN),
        },
    ),
    "joined by invitation": (
        lambda w: w.requests.enter(GROUP, STRANGER, "陌生人", inviter=BOB),
        {
            "napcat": notice("group_increase", sub_type="invite", user_id=STRANGER, operator_id=BOB),
            "llbot": notice("group_increase", sub_type="invite", user_id=STRANGER, operator_id=BOB),
            "lagrange": notice("group_increase", sub_type="invite", user_id=STRANGER, operator_id=BOB),
            "gocq": notice("group_increase", sub_type="approve", user_id=STRANGER, operator_id=0),
            "milky": milky("group_member_increase", user_id=STRANGER, invitor_id=BOB),
        },
    ),
    "left": (
        lambda w: w.quit(BOB, GROUP),
        {
            "napcat": notice("group_decrease", sub_type="leave", user_id=BOB, operator_id=0),
            "llbot": notice("group_decrease", sub_type="leave", user_id=BOB, operator_id=BOB),
            "lagrange": notice("group_decrease", sub_type="leave", user_id=BOB, operator_id=0),
            "gocq": notice("group_decrease", sub_type="leave", user_id=BOB, operator_id=BOB),
            "milky": milky("group_member_decrease", user_id=BOB),
        },
    ),
    "thrown out": (
        lambda w: w.kick(ADMIN, GROUP, BOB),
        {
            **dict.fromkeys(ONEBOT, notice("group_decrease", sub_type="kick", user_id=BOB, operator_id=ADMIN)),
            "milky": milky("group_member_decrease", user_id=BOB, operator_id=ADMIN),
        },
    ),
    "asked": (
        lambda w: w.requests.ask(GROUP, STRANGER, "陌生人", "我想学"),
        {
            "napcat": request("add", flag=str(REQUEST), **ADD),
            "llbot": request("add", flag=f"{GROUP}|{REQUEST}|7|0", invitor_id=0, **ADD),
            "lagrange": request("add", flag=f"{REQUEST}-{GROUP}-1-0", invitor_id=0, **ADD),
            "gocq": request("add", flag=str(REQUEST), invitor_id=0, **ADD),
            "milky": ASKED_MILKY,
        },
    ),
    "brought along": (
        lambda w: w.requests.bring(BOB, GROUP, STRANGER, "陌生人"),
        {
            "napcat": request("add", flag=str(REQUEST), user_id=STRANGER, comment=""),
            "llbot": request("add", flag=f"{GROUP}|{REQUEST}|5|0", **BROUGHT),
            "lagrange": request("add", flag=f"{REQUEST}-{GROUP}-22", **BROUGHT),
            "gocq": request("add", flag=str(REQUEST), **BROUGHT),
            "milky": milky(
                "group_invited_join_request", notification_seq=REQUEST, initiator_id=BOB, target_user_id=STRANGER
            ),
        },
    ),
    "muted": (
        lambda w: w.mute(ADMIN, GROUP, BOB, 600),
        {
            **dict.fromkeys(
                ONEBOT, notice("group_ban", sub_type="ban", user_id=BOB, operator_id=ADMIN, duration=600)
            ),
            "milky": milky("group_mute", user_id=BOB, operator_id=ADMIN, duration=600),
        },
    ),
    "let speak again": (
        lambda w: w.mute(ADMIN, GROUP, BOB, 0),
        {
            **dict.fromkeys(
                ONEBOT, notice("group_ban", sub_type="lift_ban", user_id=BOB, operator_id=ADMIN, duration=0)
            ),
            "milky": milky("group_mute", user_id=BOB, operator_id=ADMIN, duration=0),
        },
    ),
    "all muted": (
        lambda w: w.mute_all(ADMIN, GROUP, True),
        {
            **dict.fromkeys(ONEBOT, notice("group_ban", sub_type="ban", user_id=0, operator_id=ADMIN, duration=-1)),
            "milky": milky("group_whole_mute", operator_id=ADMIN, is_mute=True),
        },
    ),
    "all let speak": (
        lambda w: w.mute_all(ADMIN, GROUP, False),
        {
            **dict.fromkeys(
                ONEBOT, notice("group_ban", sub_type="lift_ban", user_id=0, operator_id=ADMIN, duration=0)
            ),
            "milky": milky("group_whole_mute", operator_id=ADMIN, is_mute=False),
        },
    ),
    "made an admin": (
        lambda w: w.set_admin(SELF, GROUP, BOB, True),
        {
            **dict.fromkeys(ONEBOT, notice("group_admin", sub_type="set", user_id=BOB)),
            "milky": milky("group_admin_change", user_id=BOB, operator_id=SELF, is_set=True),
        },
    ),
    "no admin any more": (
        lambda w: w.set_admin(SELF, GROUP, ADMIN, False),
        {
            **dict.fromkeys(ONEBOT, notice("group_admin", sub_type="unset", user_id=ADMIN)),
            "milky": milky("group_admin_change", user_id=ADMIN, operator_id=SELF, is_set=False),
        },
    ),
    "a card": (
        lambda w: w.set_card(ALICE, GROUP, ALICE, "新"),
        {"llbot": notice("group_card", user_id=ALICE, card_new="新", card_old="艾")},
    ),
    "a title": (
        lambda w: w.set_title(SELF, GROUP, ALICE, "新"),
        dict.fromkeys(("napcat", "llbot", "gocq"), notice("notify", sub_type="title", user_id=ALICE, title="新")),
    ),
    "another name": (
        lambda w: w.rename(ADMIN, GROUP, "新"),
        {
            "napcat": notice("notify", sub_type="group_name", user_id=ADMIN, name_new="新"),
            "lagrange": notice("group_name_change", name="新"),
            "milky": milky("group_name_change", new_group_name="新", operator_id=ADMIN),
        },
    ),
    "a poke": (
        lambda w: w.chat.poke(ALICE, GROUP, SELF),
        {
            "napcat": notice("notify", sub_type="poke", user_id=ALICE, target_id=SELF, raw_info=poke_info()),
            "llbot": notice("notify", sub_type="poke", user_id=ALICE, target_id=SELF, raw_info=poke_info()),
            "lagrange": notice(
                "notify", sub_type="poke", user_id=ALICE, target_id=SELF, action="戳了戳", suffix="",
                action_img_url="",
            ),
            "gocq": notice("notify", sub_type="poke", user_id=ALICE, target_id=SELF, sender_id=ALICE),
            "milky": milky(
                "group_nudge", sender_id=ALICE, receiver_id=SELF, display_action="戳了戳", display_suffix="",
                display_action_img_url="",
            ),
        },
    ),
}  # fmt: skip


UNKNOWN_TO_LAGRANGE_MILKY = ("all muted", "all let speak", "made an admin", "no admin any more", "another name")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TOLD)
def test_each_tells_of_what_happens_in_its_own_words(kind: str, name: str) -> None:
    deed, told = TOLD[name]
    expected = told.get("milky" if kind in MILKY else kind)
    if kind == "lagrange-milky" and name in UNKNOWN_TO_LAGRANGE_MILKY:
        expected = None
    with scene(kind) as found:
        deed(found.world)
        assert ([expected] if expected is not None else []) == found.told()


@pytest.mark.parametrize("kind", ONEBOT)
def test_what_comes_of_a_message_is_told_with_the_name_the_message_has(kind: str) -> None:
    with scene(kind) as found:
        sequence = found.world.chat.say(ALICE, GROUP, "你好")
        name = found.told()[0]["message_id"]
        found.world.chat.mark(ADMIN, sequence)
        found.world.chat.react(BOB, sequence, "76", on=True)
        found.world.chat.react(BOB, sequence, "76", on=False)
        found.world.chat.recall(ALICE, sequence)
        told = found.told()

    essence = notice("essence", sub_type="add", sender_id=ALICE, operator_id=ADMIN, message_id=name)
    recall = notice("group_recall", user_id=ALICE, operator_id=ALICE, message_id=name)
    likes = [
        notice(
            "group_msg_emoji_like",
            user_id=BOB,
            message_id=name,
            likes=[{"emoji_id": "76", "count": count}],
            is_add=on,
        )
        for count, on in ((1, True), (0, False))
    ]
    reactions = [
        notice("reaction", sub_type=sub, operator_id=BOB, message_id=name, code="76", count=count)
        for sub, count in (("add", 1), ("remove", 0))
    ]
    assert {
        "napcat": [{**essence, "user_id": ALICE}, *likes, recall],
        "llbot": [essence, *likes, recall],
        "lagrange": [essence, *reactions, {**recall, "tip": ""}],
        "gocq": [essence, recall],
    }[kind] == told


@pytest.mark.parametrize("kind", MILKY)
def test_milky_tells_of_messages_by_their_numbers(kind: str) -> None:
    with scene(kind) as found:
        sequence = found.world.chat.say(ALICE, GROUP, "你好")
        found.told()
        found.world.chat.mark(ADMIN, sequence)
        found.world.chat.react(BOB, sequence, "76", on=True)
        found.world.chat.recall(ALICE, sequence)
        told = found.told()

    recalled = {
        "message_scene": "group", "peer_id": GROUP, "message_seq": sequence, "sender_id": ALICE,
        "operator_id": ALICE, "display_suffix": "",
    }  # fmt: skip
    marked = milky("group_essence_message_change", message_seq=sequence, operator_id=ADMIN, is_set=True)
    assert [
        *([marked] if kind == "llbot-milky" else ()),
        milky(
            "group_message_reaction", user_id=BOB, message_seq=sequence, face_id="76", reaction_type="face",
            is_add=True,
        ),
        {"event_type": "message_recall", "time": NOW, "self_id": SELF, "data": recalled},
    ] == told  # fmt: skip


def test_go_cqhttp_does_not_tell_of_essence_it_made_itself() -> None:
    for kind, expected in (("gocq", 0), ("llbot", 1)):
        with scene(kind) as found:
            sequence = found.world.chat.say(ALICE, GROUP, "你好")
            found.told()
            found.world.chat.mark(SELF, sequence)
            assert expected == len(found.told())


@pytest.mark.parametrize("kind", ["napcat", "gocq"])
def test_a_card_is_noticed_when_its_owner_speaks_and_only_if_it_is_another(kind: str) -> None:
    with scene(kind) as found:
        found.world.set_card(ALICE, GROUP, ALICE, "一")
        found.world.set_card(ALICE, GROUP, ALICE, "二")
        found.world.set_card(BOB, GROUP, BOB, "一")
        found.world.set_card(BOB, GROUP, BOB, "")
        assert [] == found.told()
        found.world.clock.advance(60)
        found.world.chat.say(ALICE, GROUP, "你好")
        found.world.chat.say(BOB, GROUP, "你好")
        found.world.chat.say(ALICE, GROUP, "再见")
        message, card, *others = found.told()

    assert "二" == message["sender"]["card"]
    changed = notice("group_card", user_id=ALICE, card_new="二", card_old="艾")
    assert {**changed, "time": NOW + 60} == card
    assert ["message", "message"] == [event["post_type"] for event in others]


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_file_is_told_of_as_an_upload_and_on_most_as_a_message_too(kind: str) -> None:
    with scene(kind) as found:
        found.world.files.plant(GROUP, SELF, {"upload": [{"path": "a.txt", "size": 5, "uploader": ALICE}]})
        told = found.told()
        (row,) = found.world.files.files(GROUP)

    assert (["notice"] if kind == "gocq" else ["message", "notice"]) == [event["post_type"] for event in told]
    file = told[-1]["file"]
    assert ("group_upload", ALICE) == (told[-1]["notice_type"], told[-1]["user_id"])
    assert ("a.txt", 5, 0 if kind == "lagrange" else 102) == (file["name"], file["size"], file["busid"])
    assert (kind == "napcat") == (file["id"] != row["id"])
    if kind != "gocq":
        assert "file" == told[0]["message"][0]["type"]


def test_the_id_of_a_file_that_napcat_tells_of_is_one_it_takes() -> None:
    with scene("napcat") as found:
        found.world.files.plant(GROUP, SELF, {"upload": [{"path": "a.txt", "uploader": ALICE}]})
        found.call("delete_group_file", group_id=GROUP, file_id=found.told()[-1]["file"]["id"])
        assert [] == found.world.files.files(GROUP)


@pytest.mark.parametrize("kind", MILKY)
def test_milky_tells_of_a_file_with_qqs_own_id(kind: str) -> None:
    with scene(kind) as found:
        found.world.files.plant(GROUP, SELF, {"upload": [{"path": "a.txt", "size": 5, "uploader": ALICE}]})
        message, *upload = found.told()
        (row,) = found.world.files.files(GROUP)

    data = {"file_id": row["id"], "file_name": "a.txt", "file_size": 5}
    told = milky("group_file_upload", user_id=ALICE, **data)
    assert ([told] if kind == "llbot-milky" else []) == upload
    assert [{"type": "file", "data": data}] == message["data"]["segments"]


SENDER = {"user_id": ALICE, "nickname": "Alice", "card": "艾", "role": "member"}
MORE = {"sex": "unknown", "age": 0, "area": "", "title": "头"}
PARTS = (Reply(1), At(SELF), At(0), Text(" [你&,]"), Image("A.jpg", "https://x/1", 5))


def message_of(kind: str) -> Event:
    """The message event each makes of `PARTS`."""
    name = {"napcat": 400_000_014, "llbot": -1002, "lagrange": 2, "gocq": 2}[kind]
    quoted = {"napcat": 400_000_007, "llbot": -1001, "lagrange": 1, "gocq": 1}[kind]
    image = {
        "napcat": {"summary": "", "file": "A.jpg", "sub_type": 0, "url": "https://x/1", "file_size": "5"},
        "lagrange": {"file": "A.jpg", "filename": "A.jpg", "url": "https://x/1", "summary": "", "subType": 0},
    }.get(kind, {"file": "A.jpg", "url": "https://x/1"})
    segments = [
        {"type": "reply", "data": {"id": str(quoted)}},
        {"type": "at", "data": {"qq": str(SELF)}},
        {"type": "at", "data": {"qq": "all"}},
        {"type": "text", "data": {"text": " [你&,]"}},
        {"type": "image", "data": image},
    ]
    written = ",".join(f"{key}={value}" for key, value in image.items())
    raw = f"[CQ:reply,id={quoted}][CQ:at,qq={SELF}][CQ:at,qq=all] &#91;你&amp;,&#93;[CQ:image,{written}]"
    own: dict[str, Event] = {
        "napcat": {
            "message_seq": name, "real_id": name, "real_seq": "2", "font": 14, "group_name": "群",
            "message_format": "array", "sender": SENDER,
        },
        "llbot": {
            "message_seq": 2, "font": 14, "message_format": "array", "group_name": "群",
            "sender": {**SENDER, "level": "1", "title": "头"},
        },
        "lagrange": {"anonymous": None, "font": 0, "sender": {**SENDER, **MORE, "level": "1"}},
        "gocq": {
            "anonymous": None, "font": 0, "message_seq": 2, "message": raw,
            "sender": {**SENDER, **MORE, "level": ""},
        },
    }  # fmt: skip
    return {
        "time": NOW, "self_id": SELF, "post_type": "message", "message_type": "group", "sub_type": "normal",
        "group_id": GROUP, "message_id": name, "user_id": ALICE, "message": segments, "raw_message": raw, **own[kind],
    }  # fmt: skip


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_message_is_told_with_its_segments_or_as_a_string(kind: str) -> None:
    with scene(kind) as found:
        found.world.chat.say(BOB, GROUP, "一")
        found.world.chat.say(ALICE, GROUP, PARTS)
        assert message_of(kind) == found.told()[1]


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_seed_says_which_of_the_two_it_is(kind: str) -> None:
    expected = message_of(kind)
    with scene(kind, message_format="string") as found:
        found.world.chat.say(BOB, GROUP, "一")
        found.world.chat.say(ALICE, GROUP, PARTS)
        assert expected["raw_message"] == found.told()[1]["message"]
    with scene(kind, message_format="array") as found:
        found.world.chat.say(BOB, GROUP, "一")
        assert [{"type": "text", "data": {"text": "一"}}] == found.told()[0]["message"]


@pytest.mark.parametrize("kind", MILKY)
def test_a_milky_message_brings_its_group_its_sender_and_what_it_quotes(kind: str) -> None:
    with scene(kind) as found:
        found.world.chat.say(BOB, GROUP, "一")
        found.world.chat.say(ALICE, GROUP, PARTS)
        event = found.told()[1]

    data = event["data"]
    assert ("message_receive", NOW, SELF) == (event["event_type"], event["time"], event["self_id"])
    assert ("group", GROUP, 2, ALICE, NOW) == tuple(
        data[key] for key in ("message_scene", "peer_id", "message_seq", "sender_id", "time")
    )
    assert ("群", 4) == (data["group"]["group_name"], data["group"]["member_count"])
    assert ("艾", "member", NOW) == tuple(data["group_member"][key] for key in ("card", "role", "last_sent_time"))
    quoted = [{"type": "text", "data": {"text": "一"}}]
    assert [
        {"type": "reply", "data": {"message_seq": 1, "sender_id": BOB, "time": NOW, "segments": quoted}},
        {"type": "mention", "data": {"user_id": SELF, "name": "小助手"}},
        {"type": "mention_all", "data": {}},
        {"type": "text", "data": {"text": " [你&,]"}},
    ] == data["segments"][:4]
    assert ("image", "https://x/1") == (data["segments"][4]["type"], data["segments"][4]["data"]["temp_url"])


@pytest.mark.parametrize("kind", KINDS)
def test_own_messages_are_told_only_where_the_seed_wants_them(kind: str) -> None:
    for wanted in (False, True):
        with scene(kind, report_self=wanted) as found:
            found.world.chat.say(SELF, GROUP, "我")
            told = found.told()
        assert wanted == bool(told)
    if kind in ONEBOT:
        assert ("message" if kind == "lagrange" else "message_sent") == told[0]["post_type"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_hears_of_its_groups_alone_and_of_requests_only_as_an_admin(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [SELF, ALICE]}) as found:
        found.world.requests.ask(GROUP, STRANGER, "陌生人", "")
        assert [] == found.told()
        found.world.set_admin(ADMIN, GROUP, SELF, True)
        found.told()
        found.world.requests.ask(GROUP, BOB, "Bob", "")
        assert 1 == len(found.told())
        found.world.kick(ADMIN, GROUP, SELF)
        (last,) = found.told()
        found.world.chat.say(ALICE, GROUP, "走了")
        assert [] == found.told()

    if kind in ONEBOT:
        assert ("group_decrease", "kick_me", SELF, ADMIN) == tuple(
            last[key] for key in ("notice_type", "sub_type", "user_id", "operator_id")
        )
    else:
        assert milky("group_member_decrease", user_id=SELF, operator_id=ADMIN) == last


@pytest.mark.parametrize("kind", KINDS)
def test_an_invitation_reaches_the_account_that_is_invited(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [ALICE]}) as found:
        found.world.requests.invite(ALICE, GROUP, SELF, "小助手")
        (told,) = found.told()

    flag = {"llbot": f"{GROUP}|{REQUEST}|1|0", "lagrange": f"{REQUEST}-{GROUP}-2"}.get(kind, str(REQUEST))
    more = {"invitor_id": 0} if kind in ("lagrange", "gocq") else {}
    if kind in ONEBOT:
        assert request("invite", user_id=ALICE, comment="", flag=flag, **more) == told
    else:
        assert milky("group_invitation", invitation_seq=REQUEST, initiator_id=ALICE) == told


def test_what_stays_as_it_was_is_not_told() -> None:
    with scene("llbot") as found:
        found.world.set_card(ALICE, GROUP, ALICE, "艾")
        found.world.set_title(SELF, GROUP, ALICE, "头")
        found.world.set_admin(SELF, GROUP, ADMIN, True)
        assert [] == found.told()


@pytest.mark.parametrize("kind", KINDS)
def test_changes_by_hand_and_by_an_action_are_told_alike(kind: str) -> None:
    action, params = {
        True: ("set_group_name", {"new_group_name": "新"}),
        False: ("set_group_name", {"group_name": "新"}),
    }[kind in MILKY]
    told = []
    for deed in (
        lambda found: found.world.patch(GROUP, {"name": "新"}),
        lambda found: found.call(action, group_id=GROUP, **params),
    ):
        with scene(kind) as found:
            deed(found)
            told.append(found.told())
    assert told[0] == told[1]


def test_what_is_there_from_the_beginning_is_not_told() -> None:
    group = {"files": {"upload": [{"path": "a.txt"}]}, "essence": ["旧"], "announcements": [{"text": "x"}]}
    with scene("napcat", group=group) as found:
        assert [] == found.told()
