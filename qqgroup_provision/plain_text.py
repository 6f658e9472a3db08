"""The one normal form in which texts are compared: what people read, not how it was typed or escaped."""

from __future__ import annotations

import re

_UNUSUAL = re.compile(r"[\r\xa0]|\s\n")


def plain(text: str) -> str:
    """LF line ends, ordinary spaces, no blanks at the end of a line or of the text.

    QQ's servers change exactly these when a text is sent and read back (qq_protocol §5.2).
    """
    text = text.rstrip()
    if not _UNUSUAL.search(text):
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def whole(text: str) -> str:
    """The text with a mark in the place of each half character. QQ cuts names where it likes, an emoji in two as
    well, and half of one cannot be written to any file."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
