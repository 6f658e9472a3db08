"""A plan file's signature: proof that whoever made the plan knew a key, and that nobody has changed it since.

HMAC-SHA256 over the file as it would be without its signature, so it stays one JSON file that other tools read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from qqgroup_provision.secrets import Secret

LEAST_KEY = 16  # characters: a shorter one could be guessed from a plan that somebody got hold of
_PREFIX = "hmac-sha256:"


def signed(content: bytes, key: Secret) -> bytes:
    """A plan file's bytes with a signature in them."""
    document = json.loads(content)
    document["qqgroup"].pop("signature", None)
    document["qqgroup"]["signature"] = _PREFIX + _mac(document, key)
    return _bytes(document)


def signature_of(content: bytes) -> str:
    """The signature in a plan file, empty where there is none. Nothing is known of its worth yet."""
    try:
        found = json.loads(content)["qqgroup"].get("signature", "")
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def is_signed(content: bytes, key: Secret) -> bool:
    """Whether the file has the signature that this key gives it."""
    written = signature_of(content)
    if not written.startswith(_PREFIX):
        return False
    document = json.loads(content)
    del document["qqgroup"]["signature"]
    given = written.removeprefix(_PREFIX).encode("utf-8", "surrogatepass")
    return hmac.compare_digest(given, _mac(document, key).encode())


def _mac(document: dict[str, Any], key: Secret) -> str:
    # What is signed is what a reader of JSON makes of the file: of a key that is there twice both take the last.
    return hmac.new(key.reveal().encode(), _bytes(document), hashlib.sha256).hexdigest()


def _bytes(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(
        "utf-8", "surrogatepass"
    )
