"""What QR codes in pictures say. Decoding them is not the engine's: it is told with the picture what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qqgroup_provision.behavior.conditions import Qr
from qqgroup_provision.behavior.links import host_form, hosts_in, is_among

# Where codes lead that let somebody into a group: of QQ, the addresses it has had over the years, and of WeChat.
_INVITATIONS = re.compile(
    r"(?i)\A\s*(?:https?://(?:qm|jq|qun|qqweb)\.qq\.com(?:[/?]|\Z)|https?://weixin\.qq\.com/g/"
    r"|mqqapi://card/show_pslcard\?.{0,300}card_type=group|https?://ti\.qq\.com/(?:open_qq|qqgroup))"
)


def found(leaf: Qr, codes: Iterable[str]) -> bool:
    """Whether one of the codes is one the condition is about. A code that leads nowhere leads to no allowed host."""
    if leaf.invitation:
        return any(_INVITATIONS.match(code) for code in codes)
    if not leaf.hosts:
        return any(True for _ in codes)
    wanted = [host_form(host) for host in leaf.hosts]
    return any(_leads(code, wanted) is not leaf.others for code in codes)


def _leads(code: str, wanted: list[str]) -> bool:
    hosts = list(hosts_in(code))
    return bool(hosts) and all(is_among(host, wanted) for host in hosts)
