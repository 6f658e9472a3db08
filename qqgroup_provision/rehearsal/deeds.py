"""What the bot did, in the words of YAML and as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decision import (
    Action,
    Announce,
    Approve,
    Ask,
    Decision,
    Kick,
    Mute,
    MuteAll,
    Note,
    Recall,
    Reject,
)
from qqgroup_provision.messages import Text, say
from qqgroup_provision.rehearsal.stage import Stage
from qqgroup_provision.workspace.durations import written


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done: its word in YAML, a sentence, the item that did it, and what was said, if anything."""

    word: str
    text: Text
    item: Address | None
    said: str | None = None
    images: tuple[str, ...] = ()


def brief(decision: Decision, stage: Stage) -> Iterator[tuple[str, Address | None]]:
    """The same in a word or two each, with how long a mute lasts: what makes two behaviours differ."""
    for action in decision.actions:
        for word, item in stage.done(Decision((action,))):
            time = f" {written(action.seconds)}" if isinstance(action, Mute) and action.seconds else ""
            yield f"{word}{time}", item


def deeds(decision: Decision, stage: Stage) -> Iterator[Deed]:
    """Everything a decision does, in its order."""
    for action in decision.actions:
        alone = Decision((action,))
        said = next(stage.said(alone), None)
        for word, item in stage.done(alone):
            if said is None:
                yield Deed(word, _sentence(action, word, stage), item)
            else:
                yield Deed(word, say("says “{text}”", text=said.text), item, said.text, said.images)


def _sentence(action: Action, word: str, stage: Stage) -> Text:
    match action:
        case Recall():
            return say("takes back the message of {name}", name=stage.name(action.sender))
        case Mute() if action.seconds:
            return say("mutes {name} for {time}", name=stage.name(action.qq), time=written(action.seconds))
        case Mute():
            return say("lets {name} speak again", name=stage.name(action.qq))
        case MuteAll():
            return say("lets only admins speak") if action.on else say("lets everybody speak again")
        case Kick():
            return say("removes {name} from the group", name=stage.name(action.qq))
        case Approve():
            return say("lets {name} in", name=stage.name(action.qq))
        case Reject():
            return say("does not let {name} in: {reason}", name=stage.name(action.qq), reason=action.reason or "–")
        case Ask():
            return say("asks the assistant: “{text}”", text=action.question)
        case Announce() | Note():
            return say("{action}: “{text}”", action=word, text=action.text)
    return say("does `{action}`", action=word)
