"""Links in texts, by the host they lead to. Hosts are never folded as texts are: `аpple.com` is not `apple.com`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

MOST = 50  # links of one message that are looked at
_MOST_LABELS = 8  # the last ones of a host; nobody names one with more, and each takes time to encode
# Endings of what is a link without `https://` before it. Not those that are more often a file's: md, py, rs, sh.
_ENDINGS = (
    "ai app art asia biz cc club cn co com dev edu eu fun gg gl gov hk icu im info ink io jp kr la link live ltd ly "
    "me mobi net online org pro pub ren ru shop site store tech tk top tv tw uk us vip wang win work world xin xyz"
)
# A label is of Chinese characters or of other letters. One of both is a link in the middle of a Chinese sentence.
_LETTER = r"[^\W_\u3400-\u9fff]"
_LABEL = rf"(?>{_LETTER}(?:(?:{_LETTER}|[-_]){{0,61}}{_LETTER})?)"  # no shorter one is ever before a dot
_ANY_LABEL = rf"(?:{_LABEL}|[\u3400-\u9fff]{{1,30}})"
_LINK = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,20}}://(?:[^\s/?#]{{1,100}}@)?(?P<named>(?:{_ANY_LABEL}\.)+{_ANY_LABEL}|localhost)"
    rf"|(?<![a-z0-9_@.-])(?P<bare>(?:{_LABEL}\.){{1,8}}(?:{'|'.join(_ENDINGS.split())}))(?![a-z0-9_@-]|\.[a-z0-9]))",
    re.IGNORECASE,
)
_LONG = str.maketrans("\ufdfa\ufdfb", "  ")  # one character each that would become eighteen, and eight
_DOTS = str.maketrans("。．｡", "...")  # browsers take them for dots, so a host written with them leads there


def hosts_in(text: str) -> Iterator[str]:
    """The hosts a text leads to, in the form in which they can be compared."""
    if not _may_have_one(text):
        return
    plain = unicodedata.normalize("NFKC", text.translate(_LONG)).translate(_DOTS)
    for count, found in enumerate(_LINK.finditer(_visible(plain))):
        if count == MOST:
            return
        yield host_form(found["named"] or found["bare"])


def host_form(written: str) -> str:
    """A host in small ASCII letters; labels that have others as browsers send them."""
    host = unicodedata.normalize("NFKC", written).translate(_DOTS).strip(".").casefold()
    host = ".".join(host.split(".")[-_MOST_LABELS:])
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def is_among(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is one of these or below one."""
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _may_have_one(text: str) -> bool:
    return any(dot in text for dot in ".。．｡")


def _visible(text: str) -> str:
    return text if text.isascii() else "".join(char for char in text if unicodedata.category(char) != "Cf")
