"""The page about the simulator: every request of its control interface, key of an account, and action of a bot."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from starlette.routing import Route

from qqgroup_provision.simulator import happenings
from qqgroup_provision.simulator.control import Control
from qqgroup_provision.simulator.dialects.events import _METHODS
from qqgroup_provision.simulator.dialects.milky_chat import MilkyChat
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.seed import SeedAccount
from tests.repository.tree import ROOT
from tests.simulator.people import ONEBOT, Scene, scene, seed

PAGES = [ROOT / "docs" / folder / "reference" / "simulator.md" for folder in (".", "zh-CN")]
in_each_language = pytest.mark.parametrize("page", PAGES, ids=["en", "zh_CN"])


def named(page: Path) -> set[str]:
    """Everything between single backticks."""
    return set(re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")))


def requests(found: Scene) -> list[str]:
    control = Control(found.world, [], Faults(), found.feed, lambda _: None, lambda _: True)
    routes: list[Route] = control.routes()
    return [
        f"{method} {route.path.removeprefix('/_simulator/').replace('{group:int}', '{id}')}"
        for route in routes
        for method in route.methods or ()
        if method != "HEAD"
    ]


@in_each_language
def test_every_request_of_the_control_interface_is_described(page: Path) -> None:
    with scene() as found:
        asked = requests(found)

    assert len(asked) > 25
    assert [] == [request for request in asked if request not in named(page)]


@in_each_language
def test_every_key_of_an_account_is_described(page: Path) -> None:
    keys = {field.name for field in dataclasses.fields(SeedAccount)} - {"key"}

    assert set() == keys - named(page)


@in_each_language
def test_every_action_a_bot_uses_is_described(page: Path) -> None:
    made = seed("llbot-milky")
    actions = set(MilkyChat(Scene(made).world, made.accounts["main"]).actions)
    for kind in ONEBOT:
        with scene(kind) as found:
            assert hasattr(found.service, "messages")
            actions |= found.service.messages.actions.keys()
            actions |= {"get_status", "set_group_add_request"} & found.service.actions.keys()

    assert len(actions) > 25
    assert set() == actions - named(page)


def test_every_happening_can_be_told() -> None:
    every = {
        kind for kind in vars(happenings).values() if isinstance(kind, type) and kind.__module__.endswith("ings")
    }

    assert every - {happenings.Happening} == set(_METHODS)
