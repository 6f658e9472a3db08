"""What somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from qqgroup_provision.messages import Text, listed, say

_MOST = 12


def suggest(written: str, known: Iterable[str]) -> Text | None:
    """A hint that names the nearest of the known words; the words themselves if none is near and they are few."""
    import difflib

    words = sorted(known)
    near = difflib.get_close_matches(written, words, n=1, cutoff=0.6)
    if near:
        return say("Did you mean `{word}`?", word=near[0])
    if words and len(words) <= _MOST:
        return say("Known here: {words}.", words=listed(words))
    return None
