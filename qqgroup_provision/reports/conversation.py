"""A conversation as it goes on: who said what, what the bot did, and why."""

from __future__ import annotations

from qqgroup_provision.rehearsal.conversation import Entry, Manner, Shown
from qqgroup_provision.reports.explained import render_explained
from qqgroup_provision.reports.paint import Paint
from qqgroup_provision.reports.printable import printable

_STYLES = {
    Manner.SAID: "create", Manner.DID: "warning", Manner.QUIET: "dim", Manner.NOTE: "dim", Manner.FAULT: "error",
}  # fmt: skip


def render_shown(shown: Shown, *, folder: str = "", color: bool = False) -> str:
    """One thing that is shown, with the clock of the conversation."""
    if not isinstance(shown, Entry):
        return render_explained(shown, folder=folder, color=color)
    paint = Paint(color)
    text = printable(shown.text, keep="\n").replace("\n", "\n" + " " * 9)
    item = paint("dim", f"  ({printable(shown.item)})") if shown.item is not None else ""
    if shown.manner in (Manner.NOTE, Manner.FAULT):
        return f"{paint(_STYLES[shown.manner], text)}\n"
    clock = paint("dim", f"{shown.at:%H:%M:%S}")
    if shown.manner is Manner.QUIET:
        return f"{clock} {paint('dim', f'({text})')}{item}\n"
    style = _STYLES.get(shown.manner)
    who = printable(shown.who)
    return f"{clock} {who}: {paint(style, text) if style else text}{item}\n"
