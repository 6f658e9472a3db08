"""Downloads files of a group into the workspace: whole ones only, beside what is there and never over it."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qqgroup_provision.adoption.files import FOLDER, safe_name
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import GroupReader, Known, LiveFile, Unknown
from qqgroup_provision.resources.group_files import path_of
from qqgroup_provision.workspace.files import inside
from qqgroup_provision.workspace.model import Asset

_PART = 1 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was downloaded: as it was listed, where it is in the workspace, and what is in it."""

    file: LiveFile
    source: str
    sha256: str


async def fetch_files(
    root: Path, group_id: int, files: Iterable[LiveFile], have: Mapping[str, Asset], reader: GroupReader
) -> tuple[list[Fetched], list[tuple[str, Text]]]:
    """Where each file is below the root now, and why others are not, by their path in the group.

    `have` is what YAML names as the content of a path. It, and a file that is there already, is used as it is if it
    has the same content. Raises OSError where nothing can be written.
    """
    found: list[Fetched] = []
    left: list[tuple[str, Text]] = []
    for file in files:
        folder = "/".join(filter(None, (FOLDER, str(group_id), safe_name(file.folder) if file.folder else "")))
        place = inside(root, folder)
        if place is None:
            left.append((path_of(file), say("`{path}` leads out of the workspace", path=folder)))
            continue
        place.mkdir(parents=True, exist_ok=True)
        got = await _fetch(place, folder, group_id, file, have.get(path_of(file)), reader)
        if isinstance(got, Text):
            left.append((path_of(file), got))
        else:
            found.append(got)
    return found, left


async def _fetch(
    place: Path, folder: str, group_id: int, file: LiveFile, have: Asset | None, reader: GroupReader
) -> Fetched | Text:
    """Where the file is now, or why it could not be had."""
    part = place / f".{secrets.token_hex(8)}.part"  # hidden, so nothing takes it for a part of the workspace
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as stream:

            def write(content: bytes) -> None:
                digest.update(content)
                stream.write(content)

            got = await reader.download(group_id, file, write)
            stream.flush()
            os.fsync(stream.fileno())
        if not isinstance(got, Known):
            return got.reason if isinstance(got, Unknown) else say("the account is not in the group")
        sha256 = digest.hexdigest()
        if have is not None and have.sha256 == sha256:
            return Fetched(file, have.path, sha256)
        return Fetched(file, f"{folder}/{_placed(part, place, safe_name(file.name), sha256)}", sha256)
    finally:
        part.unlink(missing_ok=True)


def _placed(part: Path, place: Path, wished: str, digest: str) -> str:
    """Give the file the wished name, or the first with a number that is free or has this very content."""
    stem, dot, extension = wished.rpartition(".")
    stem, extension = (stem, f".{extension}") if dot else (wished, "")
    taken = {entry.name.casefold(): entry for entry in place.iterdir()}  # some disks tell no capitals from small
    number = 1
    while True:
        name = wished if number == 1 else f"{stem}-{number}{extension}"
        there = taken.get(name.casefold())
        if there is None:
            part.rename(place / name)
            return name
        if there.is_file() and not there.is_symlink() and _digest(there) == digest:
            return there.name
        number += 1


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(_PART):
            digest.update(part)
    return digest.hexdigest()
