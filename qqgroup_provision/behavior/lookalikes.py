"""Characters that people take for a Latin letter or a digit, and that Unicode's compatibility forms leave apart.

Only small letters: texts are folded to them before. No Chinese character is here, whatever letter it resembles: to
read 千 as an f would make rules of ordinary sentences.
"""

from __future__ import annotations

from string import ascii_lowercase

_LETTERS = {
    # Cyrillic
    "а": "a", "в": "b", "е": "e", "ѕ": "s", "і": "i", "ј": "j", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p",
    "с": "c", "т": "t", "у": "y", "х": "x", "ԁ": "d", "һ": "h", "ԛ": "q", "ԝ": "w", "ӏ": "l",
    # Greek. Not µ, which is a unit.
    "α": "a", "β": "b", "γ": "y", "ε": "e", "ζ": "z", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p",
    "τ": "t", "υ": "u", "χ": "x", "ω": "w",
    # Latin with a stroke or without its dot, and small capitals
    "ı": "i", "ɑ": "a", "ɡ": "g", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ƶ": "z",
    "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k",
    "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ʀ": "r", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w",
    "ʏ": "y", "ᴢ": "z",
}  # fmt: skip


def _row(first: int, signs: list[str]) -> dict[str, str]:
    return {chr(first + offset): sign for offset, sign in enumerate(signs)}


def _numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


LOOKALIKES = {
    **_LETTERS,
    **_row(0x2776, _numbers(1, 10)),  # ❶ to ❿
    **_row(0x2780, _numbers(1, 10)),  # ➀
    **_row(0x278A, _numbers(1, 10)),  # ➊
    **_row(0x24EB, _numbers(11, 20)),  # ⓫
    **_row(0x24F5, _numbers(1, 10)),  # ⓵
    "⓿": "0",
    **_row(0x1F150, list(ascii_lowercase)),  # 🅐
    **_row(0x1F170, list(ascii_lowercase)),  # 🅰
    **_row(0x1F1E6, list(ascii_lowercase)),  # 🇦
}
