"""The one normal form in which texts are compared: what people read, not how it was typed or escaped."""

from __future__ import annotations


def plain(text: str) -> str:
    """LF line ends, ordinary spaces, no blanks at the end of a line or of the text.

    QQ's servers change exactly these when a text is sent and read back (qq_protocol §5.2).
    """
    if "\r" in text or "\xa0" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    found = "\n".join(map(str.rstrip, text.rstrip().split("\n")))
    return text if found == text else found  # mostly it is, and one of the two will do


def whole(text: str) -> str:
    """The text with a mark in the place of each half character. QQ cuts names where it likes, an emoji in two as
    well, and half of one cannot be written to any file."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
