"""Whether what is sent to an endpoint can be read on its way: it is encrypted, or does not leave the house."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place, Severity
from qqgroup_provision.messages import say

# Names that no server on the internet has (RFC 6762, 8375, 9476, and what ICANN keeps for private use).
_LOCAL = (".localhost", ".local", ".home.arpa", ".internal", ".lan")


def unprotected(endpoints: Iterable[tuple[str, Place]], required: bool, diagnostics: Diagnostics) -> None:
    """QG133 for each address that carries a token in the clear over a network of others; an error if `required`."""
    for address, place in endpoints:
        if not _is_protected(address):
            diagnostics.add(
                Diagnostic(
                    "QG133",
                    say("What is sent to {address} can be read on its way, its token too.", address=address),
                    severity=Severity.ERROR if required else Severity.WARNING,
                    place=place,
                    hint=say("Use https:// or wss://, or an address of this machine or of a private network."),
                )
            )


def _is_protected(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "ws"):
        return True
    host = (parts.hostname or "").rstrip(".")
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        # A name without a dot is one of this machine, of a container or of the network here.
        return "." not in host or host.endswith(_LOCAL)
    return number.is_private and not number.is_unspecified
