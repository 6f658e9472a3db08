"""Plays a scenario step by step, and says of each expectation that is not met what came instead, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.configuration import Configuration, Reply, Rule, Spoken
from qqgroup_provision.behavior.decision import Decision
from qqgroup_provision.behavior.event import (
    CardChanged,
    Event,
    Joined,
    Left,
    Message,
    Quote,
    Recalled,
    Requested,
    Segment,
    text_of,
)
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.rehearsal.stage import ME, Said, Stage
from qqgroup_provision.rehearsal.why import Line, concerned, reasons_of, unheard
from qqgroup_provision.workspace.listing import Listed
from qqgroup_provision.workspace.scenarios import (
    Asked,
    Came,
    Expected,
    Happening,
    Recarded,
    Scenario,
    Spoke,
    Step,
    TookBack,
)

# When a conversation begins that does not say: a Monday morning in the group's own time zone.
BEGIN = datetime(2026, 1, 5, 10, 0)  # noqa: DTZ001  (the zone is the group's)

Done: TypeAlias = tuple[str, Address | None]  # one thing that was done, as YAML calls it, and the item that did it


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met."""

    place: Place
    expected: tuple[Text, ...]
    came: Text
    why: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario after it was played."""

    scenario: Scenario
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        return not self.failures


def play(scenario: Scenario, prepared: Prepared) -> Played:
    """Play all steps. A step whose expectation is not met does not end it: the later ones are told of too."""
    begins = scenario.begins or BEGIN.replace(tzinfo=prepared.configuration.zone)
    stage = Stage(prepared, begins, scenario.names)
    failures: list[Failure] = []
    spoken: dict[int, Message] = {}  # what each person said last
    for number, step in enumerate(scenario.steps):
        decisions = list(stage.wait(step.after))
        if isinstance(step.happens, Listed):
            stage.company.listed(step.happens, stage.now)
        stage.assistant = step.assistant
        event = event_of(step.happens, f"{scenario.name}/{number}", prepared.configuration, stage.now)
        event = _recollected(event, step.happens, spoken, stage.now)
        if isinstance(event, Message):
            spoken[event.sender.qq] = event
        if event is not None:
            decisions.append(stage.happen(event))
        if step.expected is not None:
            failures.extend(_judged(step, step.expected, decisions, event, stage, prepared))
    return Played(scenario, tuple(failures))


def event_of(happens: Happening | None, id: str, configuration: Configuration, now: datetime) -> Event | None:  # noqa: A002
    """What the engine is told of something that happens now; nothing where only time goes by."""
    group = configuration.group_id
    if happens is None or isinstance(happens, Listed | TookBack):
        return None
    if isinstance(happens, Recarded):
        return CardChanged(group, happens.actor, now, ME)
    if isinstance(happens, Spoke):
        return Message(group, id, happens.actor, happens.segments, now, ME, happens.people)
    if isinstance(happens, Asked):
        comment, invited, full = happens.answer, happens.invited, happens.full
        return Requested(
            group, id, happens.actor, comment, now, ME, invited=invited, full=full, elsewhere=happens.elsewhere
        )
    if isinstance(happens, Came):
        return Joined(group, happens.actor, now, ME)
    return Left(group, happens.actor, now, None, ME)


def _recollected(
    event: Event | None, happens: Happening | None, spoken: Mapping[int, Message], now: datetime
) -> Event | None:
    """With the messages that are meant: who is quoted, or takes back what they said, said it last in the scenario."""
    if isinstance(happens, TookBack):
        last = spoken.get(happens.actor.qq)
        return Recalled(last.group, last.id, now, ME) if last is not None else None
    if not isinstance(event, Message) or not any(isinstance(part, Quote) for part in event.segments):
        return event
    return replace(event, segments=tuple(_quoting(part, spoken) for part in event.segments))


def _quoting(part: Segment, spoken: Mapping[int, Message]) -> Segment:
    last = spoken.get(part.sender.qq) if isinstance(part, Quote) and part.sender is not None else None
    return Quote(last.id, last.sender, text_of(last.segments)) if last is not None else part


def _judged(
    step: Step,
    expected: Expected,
    decisions: Sequence[Decision],
    event: Event | None,
    stage: Stage,
    prepared: Prepared,
) -> Iterator[Failure]:
    said = [one for decision in decisions for one in stage.said(decision)]
    done = [one for decision in decisions for one in stage.done(decision)]
    unmet = tuple(_unmet(expected, said, done))
    if not unmet:
        return
    message = event if isinstance(event, Message) else None
    why = [line for decision in decisions for line in reasons_of(decision, message)]
    if message is not None:
        spoken_of = {item for decision in decisions for item in concerned(decision)}
        missed = [reply for reply in _meant(expected, prepared.configuration)
                  if prepared.configuration.address(reply) not in spoken_of]  # fmt: skip
        why.extend(unheard(message, prepared, missed))
    if not why:
        count = len(prepared.configuration.replies)
        why.append(Line(0, say("The conditions of none of {count} replies hold.", count=count)))
    yield Failure(step.place, unmet, _came(said, done), tuple(why))


def _unmet(expected: Expected, said: Sequence[Said], done: Sequence[Done]) -> Iterator[Text]:
    """What is not as it has to be. Of several messages, one has to be all that is expected of a reply."""
    if expected.silent and said:
        yield say("nothing is said")
    if expected.actions is not None and list(expected.actions) != [name for name, _ in done]:
        yield say("actions: {actions}", actions=listed(expected.actions) or say("none"))
    if expected.reply or expected.by is not None:
        quiet = [Said("", (), item) for name, item in done if name not in ("say", "warn")]
        each = [list(_unlike(expected, one)) for one in (*said, *quiet)] or [list(_unlike(expected, None))]
        yield from min(each, key=len)


def _unlike(expected: Expected, said: Said | None) -> Iterator[Text]:
    """In what a message is not the one that is expected; without one, all that is expected."""
    if expected.equals is not None and (said is None or said.text not in expected.equals):
        yield say("“{text}”", text=str(say("” or “")).join(expected.equals))
    for text in expected.contains:
        if said is None or text not in said.text:
            yield say("something with “{text}” in it", text=text)
    for text in expected.excludes:
        if said is None or text in said.text:
            yield say("something without “{text}”", text=text)
    if expected.image is not None and not _pictured(expected.image, said):
        yield say(
            "a picture: {image}",
            image=str(expected.image).lower() if expected.image in (True, False) else expected.image,
        )
    if expected.by is not None and (
        said is None or said.item is None or expected.by not in (said.item.key, said.item.kind)
    ):
        yield say("something said by `{item}`", item=expected.by)


def _pictured(wanted: bool | str, said: Said | None) -> bool:
    if said is None:
        return False
    return wanted in said.images if isinstance(wanted, str) else wanted is bool(said.images)


def _came(said: Sequence[Said], done: Sequence[Done]) -> Text:
    if not said and done:
        return say("{actions} by {item}", actions=listed(name for name, _ in done), item=str(done[0][1]))
    if not said:
        return say("nothing was said")
    first = say("“{text}” by {item}", text=said[0].text, item=str(said[0].item))
    return first if len(said) == 1 else say("{first}, and {count} more", first=first, count=len(said) - 1)


def _meant(expected: Expected, configuration: Configuration) -> Sequence[Reply | Rule]:
    """The items that an expectation seems to be about: those it names, else replies that say such a thing."""
    replies = configuration.replies
    if expected.by is not None:
        either: tuple[Rule | Reply, ...] = (*configuration.rules, *replies)
        return [item for item in either if item.key == expected.by]
    texts = (*(expected.equals or ()), *expected.contains)
    return [reply for reply in replies if any(text in template for text in texts for template in _templates(reply))][
        :3
    ]


def _templates(reply: Reply) -> Iterator[str]:
    for saying in reply.sayings:
        for piece in saying.pieces:
            if isinstance(piece, Spoken):
                yield "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in piece.template)
