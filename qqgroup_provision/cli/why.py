"""`qqgroup why`: what the bot would do about one message, and why; offline."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from qqgroup_provision.cli.rehearsed import Rehearsed, at_option, begin, rehearsed
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import use_color
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.suggest import suggest

if TYPE_CHECKING:
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.behavior.event import Person

_RANKS = ("member", "admin", "owner")


@click.command(
    help=str(
        say(
            "Explain what the bot would do about a message in a group, and why, without asking any endpoint. The"
            " message may have @NAME, [image], [face], [file:NAME] and [card:ADDRESS] in it."
        )
    )
)
@click.argument("group")
@click.argument("message")
@click.option(
    "--from",
    "sender",
    default="member",
    show_default=True,
    metavar="NAME|QQ",
    help=str(say("Who says it: a person of people.yaml, a QQ number, member, admin, owner or bot.")),
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE",
    help=str(say("Have them in this role of the group as well. May be given again.")),
)
@click.option(
    "--rank", type=click.Choice(_RANKS), help=str(say("Have them as a plain member, an admin or the owner."))
)
@click.option("--level", type=click.IntRange(0, 1000), help=str(say("Their level in the group.")))
@at_option
@click.option(
    "--item",
    "items",
    multiple=True,
    metavar="KEY",
    help=str(say("Show the conditions of this rule or reply, whatever they are. May be given again.")),
)
@click.option("--all", "everything", is_flag=True, help=str(say("Show the conditions of all rules and replies.")))
@click.option("--json", "as_json", is_flag=True, help=str(say("Write it as JSON.")))
@click.pass_obj
def command(
    settings: Settings,
    group: str,
    message: str,
    sender: str,
    roles: tuple[str, ...],
    rank: str | None,
    level: int | None,
    at: str | None,
    items: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> int:
    from qqgroup_provision.behavior.event import Message
    from qqgroup_provision.behavior.prepared import Prepared
    from qqgroup_provision.plain_text import whole
    from qqgroup_provision.rehearsal.explain import explain
    from qqgroup_provision.rehearsal.stage import ME, Stage
    from qqgroup_provision.rehearsal.typed import segments_of
    from qqgroup_provision.reports.explained import explained_json, render_explained

    about = rehearsed(settings, group)
    person = _person(about, sender, rank, level)
    prepared = Prepared(_with_roles(about, person.qq, roles))
    _known(items, prepared.configuration)
    names = dict(about.cast.names())
    numbers = {**dict(about.cast.aliases()), **{name: qq for qq, name in names.items()}}
    stage = Stage(prepared, begin(at, prepared.configuration), names)
    said = Message(about.group.id, "why/1", person, segments_of(whole(message), numbers), stage.now, ME)
    explained = explain([stage.happen(said)], said, prepared, stage, asked=items, everything=everything)
    folder = settings.folder.as_posix()
    if as_json:
        who = {
            "name": sender,
            "qq": person.qq,
            "rank": person.rank.name.lower() if person.rank is not None else None,
            "level": person.level,
            "roles": sorted(roles),
        }
        text = explained_json(
            explained, folder=folder, group=group, message=whole(message), at=str(stage.now), **{"from": who}
        )
        click.echo(text, nl=False)
    else:
        color = use_color(settings.color, sys.stdout)
        click.echo(render_explained(explained, folder=folder, color=color), nl=False, color=True)
    return 0


def _person(about: Rehearsed, name: str, rank: str | None, level: int | None) -> Person:
    """Who speaks. Raises `click.BadParameter` for nobody."""
    from qqgroup_provision.ports import Rank

    person = about.cast.called(name)
    if person is None:
        hint = suggest(name, (known for _, known in about.cast.names())) or ""
        problem = say("Nobody is called `{name}`. {hint}", name=name, hint=hint)
        raise click.BadParameter(str(problem), param_hint="--from")
    return replace(person, rank=Rank[rank.upper()] if rank is not None else person.rank, level=level)


def _with_roles(about: Rehearsed, qq: int, roles: tuple[str, ...]) -> Configuration:
    """The group's behaviour with somebody in some more of its roles."""
    known = [role.key for role in about.group.roles or ()]
    for role in roles:
        if role not in known:
            hint = suggest(role, known) or ""
            problem = say("The group has no role `{name}`. {hint}", name=role, hint=hint)
            raise click.BadParameter(str(problem), param_hint="--role")
    configuration = about.configuration
    held = configuration.roles.get(qq, frozenset()) | frozenset(roles)
    return replace(configuration, roles={**configuration.roles, qq: held})


def _known(items: tuple[str, ...], configuration: Configuration) -> None:
    known = {rule.key for rule in configuration.rules} | {reply.key for reply in configuration.replies}
    for item in items:
        if item not in known:
            hint = suggest(item, known) or ""
            problem = say("No rule and no reply is called `{name}`. {hint}", name=item, hint=hint)
            raise click.BadParameter(str(problem), param_hint="--item")
