"""Which files make up a workspace, and reading them without ever leaving it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.model import Asset

MAX_ASSET_BYTES = 20 << 20
_PART = 1 << 20  # bytes that are read at once
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF")


def yaml_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Every YAML file below the root as (path relative to it, path), sorted. Hidden folders and links to
    folders are passed over."""
    found: list[tuple[str, Path]] = []
    pending = [("", os.fspath(root))]
    while pending:
        prefix, folder = pending.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{entry.name}/", entry.path))
                elif entry.name.endswith((".yaml", ".yml")):
                    found.append((prefix + entry.name, Path(entry.path)))
    return iter(sorted(found))


def read_yaml(root: Path, relative: str, path: Path, limit: int) -> bytes:
    """A file's bytes, one more than `limit` at most. Raises `InvalidInput` (QG121, QG122)."""
    if os.path.islink(path) and not _real(path).is_relative_to(_real(root)):  # noqa: PTH114  (as below)
        raise InvalidInput(outside(relative, Place(relative)))
    try:
        with open(path, "rb") as stream:  # noqa: PTH123  (a third faster than Path.open)
            # Asked for what is there and one more, as a buffer for the limit would be made anew for each file.
            return stream.read(min(os.fstat(stream.fileno()).st_size, limit) + 1)
    except OSError as error:
        raise InvalidInput(unreadable(relative, error, Place(relative))) from error


def inside(root: Path, written: str) -> Path | None:
    """The path that a text in YAML names, if it stays below the root with all links followed."""
    if not written or "\x00" in written or "\\" in written or PurePosixPath(written).is_absolute():
        return None
    path = _real(root / written)
    return path if path.is_relative_to(_real(root)) and ":" not in written else None


def _real(path: Path) -> Path:
    """The path with all links followed. A link that leads to itself stays, and then cannot be opened."""
    return Path(os.path.realpath(path))


def read_image(root: Path, written: str, place: Place) -> Asset:
    """The picture a key names. Raises `InvalidInput` (QG121, QG122, QG123)."""
    content = read_asset(root, written, place)
    if not content.startswith(_IMAGES):
        raise InvalidInput(
            Diagnostic(
                "QG123",
                say("`{path}` is not a picture that QQ takes.", path=written),
                place=place,
                hint=say("Use a PNG, JPEG, GIF or WebP file."),
            )
        )
    return Asset(written, hashlib.sha256(content).hexdigest(), len(content))


def digest_file(root: Path, written: str, place: Place) -> Asset:
    """A file of any size by its digest and size. Raises `InvalidInput` (QG121, QG122)."""
    digest, size = hashlib.sha256(), 0
    for part in _parts(root, written, place, _PART):
        digest.update(part)
        size += len(part)
    return Asset(written, digest.hexdigest(), size)


def parts_of(root: Path, asset: Asset, place: Place) -> Callable[[int], Iterator[bytes]]:
    """What gives a file's content in parts of a size, and holds one of them at most.

    Raises `InvalidInput`: QG121 and QG122 where it cannot be read, QG704 at the end if it was another file.
    """

    def parts(size: int) -> Iterator[bytes]:
        digest, length = hashlib.sha256(), 0
        for part in _parts(root, asset.path, place, size):
            digest.update(part)
            length += len(part)
            if length > asset.size:
                break
            yield part
        if (length, digest.hexdigest()) != (asset.size, asset.sha256):
            raise InvalidInput(changed(asset.path))

    return parts


def _parts(root: Path, written: str, place: Place, size: int) -> Iterator[bytes]:
    path = inside(root, written)
    if path is None:
        raise InvalidInput(outside(written, place))
    try:
        with path.open("rb") as stream:
            while part := stream.read(size):
                yield part
    except OSError as error:
        raise InvalidInput(unreadable(written, error, place)) from error


def changed(path: str) -> Diagnostic:
    return Diagnostic(
        "QG704",
        say("`{path}` is not the file it was when the plan was made.", path=path),
        hint=say("Make a new plan."),
    )


def read_asset(root: Path, written: str, place: Place) -> bytes:
    """The bytes of a file in the workspace. Raises `InvalidInput` (QG121, QG122)."""
    path = inside(root, written)
    if path is None:
        raise InvalidInput(outside(written, place))
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_ASSET_BYTES + 1)
    except OSError as error:
        raise InvalidInput(unreadable(written, error, place)) from error
    if len(content) > MAX_ASSET_BYTES:
        raise InvalidInput(
            Diagnostic(
                "QG122",
                say("`{path}` is larger than {most} bytes.", path=written, most=MAX_ASSET_BYTES),
                place=place,
                hint=say("Use a smaller picture."),
            )
        )
    return content


def outside(written: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG121",
        say("`{path}` leads out of the workspace.", path=written),
        place=place,
        hint=say("Put the file into the workspace, for example under `assets/`, and name it relative to it."),
    )


def unreadable(written: str, error: OSError, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG122",
        say("`{path}` cannot be read: {reason}.", path=written, reason=error.strerror or type(error).__name__),
        place=place,
        hint=say("Check the name and that the file is there."),
    )
