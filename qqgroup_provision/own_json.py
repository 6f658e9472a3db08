"""JSON of the tool's own files, taken more strictly than Python does: no number that is none or without end, and no
half of a character.

No version has written such a file, and what is made of one breaks later, where it is shown or written again.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


def own_json(content: bytes) -> Any:
    """What a file or a line of one says. Raises ValueError or RecursionError for anything else."""
    text = content.decode("utf-8-sig")
    found = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    if "\\u" in text:
        json.dumps(found, ensure_ascii=False).encode()  # halves of characters can only be written so
    return found


def _no_number(written: str) -> NoReturn:
    raise ValueError(written)


def _finite(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise ValueError(written)
    return number
