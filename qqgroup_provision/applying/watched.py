"""Files that tell how much of them was taken, for whoever waits for a long upload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qqgroup_provision.resources.operation import ReadAsset


@dataclass(frozen=True, slots=True)
class Watched:
    """A `ReadAsset` that says after each part of a file how many bytes of how many were sent.

    A part counts once the next one is asked for: then the server has answered to it.
    """

    assets: ReadAsset
    sent: Callable[[int, int], None]

    def __call__(self, path: str, sha256: str, /) -> bytes:
        return self.assets(path, sha256)

    def parts(self, path: str, sha256: str, size: int, /) -> Callable[[int], Iterator[bytes]]:
        content = self.assets.parts(path, sha256, size)

        def parts(most: int) -> Iterator[bytes]:
            done = 0
            for part in content(most):
                yield part
                done += len(part)
                self.sent(done, size)

        return parts

    def location(self, path: str, /) -> str:
        return self.assets.location(path)
