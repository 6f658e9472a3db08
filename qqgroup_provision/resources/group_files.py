"""What folders and files have in common: how a live file is told from others, and what QQ makes of versions.

Ids of files are of no use, as NapCat makes new ones for each listing (qq_protocol §0.2). A file is known by its
folder, name, size, who uploaded it and when.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import Absent, GroupReader, Known, LiveFile, LiveFiles, Unknown
from qqgroup_provision.resources.live import LiveGroup, unread

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


def identity(file: LiveFile) -> tuple[str, str]:
    """What is equal exactly where two listings speak of one file."""
    return path_of(file), mark_of(file)


def is_same(one: LiveFile, other: LiveFile) -> bool:
    """Whether two listings speak of one file."""
    return identity(one) == identity(other)


def version_name(file: LiveFile) -> str:
    """What an earlier version of a file is called: `guide-20261123-164900.pdf`, by when it was uploaded."""
    stem, dot, extension = file.name.rpartition(".")
    moment = datetime.fromtimestamp(file.uploaded_at, UTC).astimezone(_CHINA).strftime("%Y%m%d-%H%M%S")
    return f"{stem}-{moment}.{extension}" if dot and stem else f"{file.name}-{moment}"


_VERSION = re.compile(r"(.+)-[0-9]{8}-[0-9]{6}(\.[^.]*)?", re.DOTALL)


def by_path(files: Iterable[LiveFile]) -> Mapping[str, list[LiveFile]]:
    """The files of each path, in the order that they come in."""
    found: dict[str, list[LiveFile]] = defaultdict(list)
    for file in files:
        found[path_of(file)].append(file)
    return found


def versions(files: Iterable[LiveFile]) -> Mapping[str, list[LiveFile]]:
    """What can be an earlier version of something, by its path, oldest first."""
    found: dict[str, list[LiveFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: (file.name, file.uploaded_at)):
        named = _VERSION.fullmatch(file.name)
        if named is not None:
            found[path_of(replace(file, name=named[1] + (named[2] or "")))].append(file)
    return found


def dated(version: LiveFile, path: str) -> bool:
    """Whether an earlier version of a path has the name that this tool gives it, and did not get it by chance."""
    return version.name == version_name(replace(version, name=path.rpartition("/")[2]))


def seen(live: LiveGroup, last: Collection[str]) -> Known[LiveFiles] | Unknown:
    """The files of a group, if the list is believed. `last` are the keys that state remembers.

    A server that knows nothing answers with an empty list, and one that was cut short looks like a whole one: so
    the files are counted, and what the server says of their number is what tells (qq_protocol §8.2). Where it says
    nothing, a list with nothing in it is not believed as long as state remembers something.
    """
    files, space = live.files, live.space
    if not isinstance(files, Known):
        return unread(files)
    if isinstance(space, (Unknown, Absent)):
        return Unknown(say("how many files there are could not be seen: {reason}", reason=unread(space).reason))
    found, count = len(files.value.files), space.value.count
    if count is not None and found < count:
        return Unknown(say("the lists have {found} of {count} files", found=found, count=count))
    if count is None and last and not found and not files.value.folders:
        return Unknown(say("the list of files is empty, and nothing says whether that is so (if it is: `state rm`)"))
    return files


def written(files: Iterable[LiveFile]) -> str:
    """Files as one text, in which what was observed hands them to operations."""
    return json.dumps([[file.folder, file.name, mark_of(file)] for file in files])


def read(text: str) -> list[LiveFile]:
    """The opposite of `written`."""
    return [marked(*item) for item in json.loads(text)]


async def listed(reader: GroupReader, group_id: int, folder: str) -> list[LiveFile] | Text:
    """The files of a folder, or why they could not be seen."""
    found = await reader.files(group_id, folder)
    return list(found.value.files) if isinstance(found, Known) else unread(found).reason
