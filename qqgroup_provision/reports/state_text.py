"""What state holds of one address, for people."""

from __future__ import annotations

import json

from qqgroup_provision.addresses import Address
from qqgroup_provision.messages import say
from qqgroup_provision.ports import Value
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.state.model import Entry
from qqgroup_provision.state.surgery import Cut
from qqgroup_provision.workspace.answers import DIGEST


def render_entry(address: Address, entry: Entry) -> str:
    """The address, its ids, the values of the last apply, and when that was."""
    lines = [printable(address)]
    lines += [f"  {printable(name)}: {printable(value)}" for name, value in sorted(entry.ids.items())]
    for name, value in sorted(entry.applied.items()):
        mark = "  " + str(say("(cannot be read back)")) if name in entry.unverified else ""
        text = printable(_written(value), keep="\n").replace("\n", "\n    ")
        lines.append(f"  {printable(name)}: {text}{mark}")
    lines.append(f"  {say('applied at')}: {printable(entry.applied_at)}")
    if entry.protected:
        lines.append(f"  {say('protected')}")
    return "\n".join(lines) + "\n"


def cut_line(cut: Cut) -> str:
    """What becomes of one entry."""
    if cut.new is None:
        return f"  . {printable(cut.old)}"
    return f"  > {printable(cut.old)} → {printable(cut.new)}"


def _written(value: Value) -> str:
    """A value as YAML would have it; a text as it is. What is kept of a secret is shown to nobody."""
    if isinstance(value, str) and value.startswith(DIGEST):
        return str(say("(sensitive)"))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=dict)
