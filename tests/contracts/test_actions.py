"""Held against the list of which implementation has which action: what the dialects use, and what they leave out."""

from __future__ import annotations

from typing import Any

import pytest

from qqgroup_provision.platforms.onebot11.dialect import GO_CQHTTP, LAGRANGE, LLBOT, NAPCAT, Dialect
from qqgroup_provision.ports import Capability
from tests.contracts.contract import contract

NAMES = {"napcat": NAPCAT, "llbot": LLBOT, "lagrange.onebot": LAGRANGE, "go-cqhttp": GO_CQHTTP}
# It has these, and the tool does not use them: its list of essence messages does not say what they say, and it knows
# a message only if it was there when it was said (qq_protocol §0.2, §6).
ESSENCE = (Capability.READ_ESSENCE, Capability.SEND_MESSAGE, Capability.MARK_ESSENCE, Capability.UNMARK_ESSENCE)
UNUSED = {("go-cqhttp", capability) for capability in ESSENCE}


@pytest.fixture(scope="module")
def actions() -> Any:
    return contract("onebot_action_matrix.json")["actions"]


@pytest.mark.parametrize("name", NAMES)
def test_every_action_a_dialect_uses_is_there(actions: Any, name: str) -> None:
    missing = {action for action in NAMES[name].actions.values() if name not in actions.get(action, ())}

    assert set() == missing


@pytest.mark.parametrize("name", NAMES)
def test_nothing_an_implementation_has_under_a_known_name_is_left_out(actions: Any, name: str) -> None:
    def known_names(capability: Capability) -> set[str]:
        dialects: list[Dialect] = [*NAMES.values()]
        return {dialect.actions[capability] for dialect in dialects if capability in dialect.actions}

    left_out = {
        capability
        for capability in Capability
        if capability not in NAMES[name].actions
        and any(name in actions.get(action, ()) for action in known_names(capability))
        and (name, capability) not in UNUSED
    }

    assert set() == left_out
