"""Writes qqgroup_provision/behavior/traditional.py anew from OpenCC's data (Apache-2.0).

python .ci/traditional.py        needs the package `opencc`, which nothing else here needs
"""

from __future__ import annotations

import textwrap
from pathlib import Path

TARGET = Path(__file__).parent.parent / "qqgroup_provision" / "behavior" / "traditional.py"
HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2EE5D), (0x30000, 0x323AF))
HEAD = '''\
"""Traditional characters and the simplified one for each, written by `.ci/traditional.py`.

Derived from the data of OpenCC, Copyright 2010-2026 Carbo Kuo and contributors, under the Apache License 2.0; its
text is beside this file, in LICENSE-OpenCC. Changed: the first choice for each single character alone, followed
until it changes no more. Good for telling whether two texts are the same, not for showing: phrases are not known.
"""

from __future__ import annotations

'''


def main() -> None:
    """Ask OpenCC for every Han character alone."""
    import opencc  # type: ignore[import-not-found, unused-ignore]

    convert = opencc.OpenCC("t2s").convert
    found: dict[str, str] = {}
    for first, last in HAN:
        for number in range(first, last + 1):
            char = simple = chr(number)
            while (further := convert(simple)) != simple:
                simple = further
            if simple != char and len(simple) == 1:
                found[char] = simple
    text = HEAD + _lines("TRADITIONAL", "".join(found)) + _lines("SIMPLIFIED", "".join(found.values()))
    TARGET.write_text(text, encoding="utf-8", newline="\n")


def _lines(name: str, chars: str) -> str:
    return f"{name} = (\n" + "".join(f'    "{line}"\n' for line in textwrap.wrap(chars, 50)) + ")\n"


if __name__ == "__main__":
    main()
