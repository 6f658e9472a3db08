"""Makes texts from YAML and servers harmless to look at: they may be written to steer a terminal."""

from __future__ import annotations

import unicodedata

# Cc and Cf hold escapes, backspaces and the marks that turn the order of writing around; Co and Cs are nobody's.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def printable(text: object, *, keep: str = "") -> str:
    """A text with everything invisible written out as `\\u....`. `keep` names what may stay, such as a newline."""
    shown = str(text)
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(char if char in keep or not _hidden(char) else _written(char) for char in shown)


def _hidden(char: str) -> bool:
    # The joiner of emoji is invisible and harmless.
    return unicodedata.category(char) in _HIDDEN and char != "\u200d"


def _written(char: str) -> str:
    return {"\n": "\\n", "\t": "\\t"}.get(char, f"\\u{ord(char):04x}")
