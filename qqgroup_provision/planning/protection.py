"""What may not be deleted or replaced: what `protect:` names, and what it named when it was applied last.

The second part is why protection outlives its YAML: a pull request that removes an item and its protection is
refused like one that removes the item alone. To lift a protection takes an apply of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.kind import Last
from qqgroup_provision.workspace.model import Group

PROTECTING = say("it is protected from now on; nothing is sent")
LIFTING = say("it is not protected any more; nothing is sent")


def is_protected(address: Address, group: Group) -> bool:
    """Whether the group's YAML protects an address. Its patterns begin with the kind."""
    return any(address.matches(f"{group.key}/{pattern}") for pattern in group.protect)


def differs(address: Address, group: Group, last: Last | None) -> Text | None:
    """What is to be told where state has to learn of a protection, or of its end; `None` where it need not."""
    if last is None or last.protected == is_protected(address, group):
        return None
    return LIFTING if last.protected else PROTECTING


def refusals(change: Change, group: Group, last: Last | None) -> Iterator[Diagnostic]:
    """QG521 where a change would destroy what is protected."""
    if change.action not in (Action.DELETE, Action.REPLACE):
        return
    if is_protected(change.address, group):
        hint = say("To do it after all, take it out of `protect:` and apply that first, then make this change.")
    elif last is not None and last.protected:
        hint = say("Put the item back without its protection and apply that first, then make this change.")
    else:
        return
    yield Diagnostic(
        "QG521",
        say("This is protected, and the change would delete or replace it."),
        place=change.place or group.places.get("protect", group.place),
        subject=str(change.address),
        hint=hint,
    )
