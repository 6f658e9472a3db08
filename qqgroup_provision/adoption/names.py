"""Keys for what has none in QQ: made from its name where that has letters of ASCII, never one that is taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

_LONGEST = 40
_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
# Words that YAML 1.1 reads as something else, names Windows gives to no file, and what would look like a key
# that the tool makes for somebody or something unnamed.
_MISLEADING = re.compile(
    r"(?:null|true|false|yes|no|on|off|y|n|con|prn|aux|nul|com\d|lpt\d|(?:qq|notice|message|group)(?:-.*)?)\Z"
)


def slug(text: str) -> str:
    """A key made of the text's ASCII words; empty where that gives none, or a misleading one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = ""
    for word in re.findall(r"[a-z0-9]+", plain):
        longer = f"{made}-{word}" if made else word
        if len(longer) > _LONGEST:
            break
        made = longer
    return made if _KEY.match(made) and not _MISLEADING.match(made) else ""


def unused(wished: str, taken: Container[str]) -> str:
    """The key wished for, or with the first number from 2 on that makes it new; `notice-1` counts up itself."""
    number = 1
    key = wished
    while key in taken:
        number += 1
        key = f"{wished.removesuffix('-1')}-{number}"
    return key
