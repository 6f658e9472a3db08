"""What folders and files have in common: how a live file is told from others, and what QQ makes of versions.

Ids of files are of no use, as NapCat makes new ones for each listing (qq_protocol §0.2). A file is known by its
folder, name, size, who uploaded it and when.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import GroupReader, Known, LiveFile, LiveFiles, Reading, Unknown

_CHINA = timezone(timedelta(hours=8))  # the dates that people in the group know


def path_of(file: LiveFile) -> str:
    return f"{file.folder}/{file.name}" if file.folder else file.name


def ids_of(file: LiveFile) -> dict[str, str]:
    """What tells a file from others of its path, for state."""
    return {"uploaded_at": str(file.uploaded_at), "uploader": str(file.uploader_id)}


def mark_of(file: LiveFile) -> str:
    """The same with its size as one text, for operations."""
    return f"{file.uploaded_at}:{file.uploader_id}:{file.size}"


def marked(folder: str, name: str, mark: str) -> LiveFile:
    """A file as an operation knows it. Raises ValueError for a mark that is none."""
    uploaded_at, uploader, size = mark.split(":")
    return LiveFile("", name, folder, int(size), int(uploader), int(uploaded_at))


def is_same(one: LiveFile, other: LiveFile) -> bool:
    """Whether two listings speak of one file."""
    return (path_of(one), mark_of(one)) == (path_of(other), mark_of(other))


def version_name(file: LiveFile) -> str:
    """What an earlier version of a file is called: `guide-20261123-164900.pdf`, by when it was uploaded."""
    stem, dot, extension = file.name.rpartition(".")
    moment = datetime.fromtimestamp(file.uploaded_at, UTC).astimezone(_CHINA).strftime("%Y%m%d-%H%M%S")
    return f"{stem}-{moment}.{extension}" if dot and stem else f"{file.name}-{moment}"


def versions_of(path: str, files: Iterable[LiveFile]) -> list[LiveFile]:
    """Earlier versions of a path, oldest first."""
    folder, _, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    ending = re.escape(f".{extension}") if dot and stem else ""
    pattern = re.compile(re.escape(stem if ending else name) + r"-[0-9]{8}-[0-9]{6}" + ending)
    found = [file for file in files if file.folder == folder and pattern.fullmatch(file.name)]
    return sorted(found, key=lambda file: (file.name, file.uploaded_at))


def written(files: Iterable[LiveFile]) -> str:
    """Files as one text, in which what was observed hands them to operations."""
    return json.dumps([[file.folder, file.name, mark_of(file)] for file in files])


def read(text: str) -> list[LiveFile]:
    """The opposite of `written`."""
    return [marked(*item) for item in json.loads(text)]


def unread(reading: Reading[LiveFiles]) -> Unknown:
    """Why there are no files to look at."""
    return reading if isinstance(reading, Unknown) else Unknown(say("the account is not in the group"))


async def listed(reader: GroupReader, group_id: int, folder: str) -> list[LiveFile] | Text:
    """The files of a folder, or why they could not be seen."""
    found = await reader.files(group_id, folder)
    return list(found.value.files) if isinstance(found, Known) else unread(found).reason
