"""What each Milky implementation can do: one table each, and nothing else in the program asks which one it is."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from qqgroup_provision.ports import Capability


@dataclass(frozen=True, slots=True)
class Dialect:
    """One implementation. `oldest` is the oldest version whose answers can be trusted; empty where any will do and
    versions need not be numbers."""

    implementation: str
    impl_name: str
    oldest: tuple[int, ...]
    capabilities: frozenset[Capability]
    upload_limit: int = 20 << 20  # bytes of a file in one request: more makes servers fall over (qq_protocol §1.1)

    @property
    def supported(self) -> str:
        """The implementation and what versions of it are supported, for people."""
        return f"{self.implementation} ≥ {'.'.join(map(str, self.oldest))}" if self.oldest else self.implementation


def in_base64(content: bytes) -> str:
    """A file as a URI that every implementation takes, on whichever machine it runs."""
    return "base64://" + base64.b64encode(content).decode("ascii")


_FILES = frozenset(
    {
        Capability.READ_FILES,
        Capability.CREATE_FOLDER,
        Capability.DELETE_FOLDER,
        Capability.UPLOAD_FILE,
        Capability.DELETE_FILE,
        Capability.DOWNLOAD_FILE,
    }
)
# What the protocol itself has no words for is in no table: an own remark, the flags of announcements, whether
# a group is muted, to keep a temporary file (qq_protocol §0.1, §13).
LLBOT = Dialect(
    implementation="LLBot (Milky)",
    impl_name="LLBot",
    oldest=(8, 1, 7),  # older ones gave wrong roles and shortened names (qq_protocol §2.4)
    capabilities=frozenset(
        {
            Capability.RENAME,
            Capability.MUTE_ALL,
            Capability.SET_ADMIN,
            Capability.SET_TITLE,
            Capability.SET_CARD,
            Capability.PUBLISH_NOTICE,
            Capability.WITHDRAW_NOTICE,
            Capability.READ_NOTICES,
            Capability.NOTICE_IMAGE,
            Capability.SET_AVATAR,
            Capability.READ_DESCRIPTION,
            Capability.RENAME_FILE,
            Capability.READ_ESSENCE,
            Capability.SEND_MESSAGE,
            Capability.MARK_ESSENCE,
            Capability.UNMARK_ESSENCE,
        }
    )
    | _FILES,
)
# 43 of 64 functions; it lists no essence messages and renames no files. Of those it has, some do not do what they
# say: a kick answers the wrong way round, set_group_essence_message ignores is_set and so only ever sets, and
# move_group_file has no destination. None of these is used. New folders and files come back without an id, which
# nobody looks at (qq_protocol §0.3).
LAGRANGE = Dialect(
    implementation="Lagrange.Milky",
    impl_name="Lagrange.Core",
    oldest=(),  # its version is the hash of a commit
    capabilities=frozenset(
        {
            Capability.RENAME,
            Capability.MUTE_ALL,
            Capability.SET_TITLE,
            Capability.SET_CARD,
            Capability.READ_DESCRIPTION,
        }
    )
    | _FILES,
)
DIALECTS = {dialect.impl_name: dialect for dialect in (LLBOT, LAGRANGE)}
