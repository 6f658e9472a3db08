"""The one normal form in which texts are compared: what people read, not how it was typed or escaped."""

from __future__ import annotations


def plain(text: str) -> str:
    """LF line ends, ordinary spaces, no blanks at the end of a line or of the text.

    QQ's servers change exactly these when a text is sent and read back (qq_protocol §5.2).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")
