"""What is wrong with asking an assistant, found before anybody asks it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import say


def faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """Addresses that a token and what people say must not go to (QG362), and models that nobody named (QG363)."""
    if configuration.last_resort is None:
        return
    assistant = configuration.last_resort.assistant
    if not is_safe(assistant.url):
        yield Diagnostic(
            "QG362",
            say("What is sent to this address can be read on its way."),
            place=assistant.place,
            hint=say("Use https://, or an address of this machine or of a private network."),
        )
    if assistant.kind == "openai" and not assistant.model:
        yield Diagnostic(
            "QG363",
            say("An assistant of the kind `openai` is asked for a model, and none is named."),
            place=assistant.place,
            hint=say("Name it with `model`."),
        )


def is_safe(url: str) -> bool:
    """Whether what goes to an address cannot be read by strangers: it is encrypted, or does not leave the house."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "http" or host == "localhost":
        return bool(host) and parts.scheme in ("http", "https")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private and not (address.is_link_local or address.is_unspecified)
