"""What happens to Bob or by his hand, so that bots are told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.contracts.homes import BOB, CAROL, Home, Homes
from tests.contracts.process import Client, Line

Deed = Callable[[Homes, Home], object]


def mute(homes: Homes, home: Home) -> None:
    for seconds in (600, 0):
        homes.hand(home, "mute", operator=home.qq, qq=BOB, seconds=seconds)


def mute_all(homes: Homes, home: Home) -> None:
    for on in (True, False):
        homes.patch(home, mute_all=on)


def promote(homes: Homes, home: Home) -> None:
    for role in ("admin", "member"):
        homes.patch(home, members={str(BOB): {"role": role}})


def upload(homes: Homes, home: Home) -> None:
    homes.hand(home, "upload", qq=BOB, path="新.txt", size=7)


def recall(homes: Homes, home: Home) -> None:
    homes.hand(home, "recall", qq=BOB, sequence=said_by_bob(homes, home))


def poke(homes: Homes, home: Home) -> None:
    homes.hand(home, "poke", qq=BOB, target=home.qq)


def entitle(homes: Homes, home: Home) -> None:
    homes.patch(home, members={str(BOB): {"title": "新"}})


def change_card(homes: Homes, home: Home) -> None:
    """Some notice it only when he says something."""
    homes.patch(home, members={str(BOB): {"card": "牌"}})
    homes.hand(home, "say", qq=BOB, message="new")


def praise(homes: Homes, home: Home) -> None:
    for on in (True, False):
        homes.hand(home, "essence", operator=CAROL, sequence=said_by_bob(homes, home), on=on)


def rename(homes: Homes, home: Home) -> None:
    homes.patch(home, name="又一个")


def react(homes: Homes, home: Home) -> None:
    homes.hand(home, "react", qq=BOB, sequence=said_by_bob(homes, home), face="66")


def throw_out(homes: Homes, home: Home) -> None:
    homes.hand(home, "kick", operator=CAROL, qq=BOB)


def come_back(homes: Homes, home: Home) -> None:
    homes.hand(home, "leave", qq=BOB)
    homes.hand(home, "join", qq=BOB, inviter=CAROL)


DEEDS: Mapping[str, Deed] = {
    "is muted, and no longer": mute,
    "is muted with all others, and no longer": mute_all,
    "becomes an admin, and a member again": promote,
    "uploads a file": upload,
    "takes back what he said": recall,
    "pokes the bot": poke,
    "is given a title": entitle,
    "is given a card": change_card,
    "has his words marked as essence, and no longer": praise,
    "sees the group have a new name": rename,
    "puts a face under what he said": react,
    "is thrown out": throw_out,
    "leaves, and comes back with Carol's help": come_back,
}


def told_of(deed: str, homes: Homes, client: Client, home: Home) -> list[Line]:
    """What a bot hears of a deed: every event but messages. It hears of no more and no fewer than it is told."""
    homes.patch(home, members={str(BOB): {"nickname": "Bob"}, str(CAROL): {"role": "admin"}})
    homes.hand(home, "say", qq=BOB, message="before")
    client.heard(home.qq, homes.told(home))

    DEEDS[deed](homes, home)
    heard = client.heard(home.qq, homes.told(home))
    return [event for event in heard if not event["name"].startswith(("message", "meta_event"))]


def said_by_bob(homes: Homes, home: Home) -> int:
    """The number of his last message."""
    return max(int(each["sequence"]) for each in homes.messages(home) if each["sender"] == BOB)


def said_last(homes: Homes, home: Home) -> tuple[str, int]:
    """The last message in a group, and who said it."""
    found = homes.messages(home)[-1]
    return found["text"], found["sender"]
