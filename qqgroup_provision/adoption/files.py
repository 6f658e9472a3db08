"""A group's live files as YAML names them: which of them to download, and what to write of those that were.

Names and contents are strangers'. What YAML or a disk cannot hold under its name is left out, and said.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import LiveFile, LiveFiles
from qqgroup_provision.resources.group_files import dated, path_of, versions

Body = Mapping[str, Any]
LeaveOut = Callable[[Text, Text], None]
FOLDER = "files"  # of the workspace, in which what is downloaded goes
_LONGEST = 150  # bytes of a file's name on disk
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)  # names Windows gives to no file
_READ = (".yaml", ".yml")  # a file that is called so would be read as part of the workspace
_MOST_VERSIONS = 100  # that YAML can say


@dataclass(frozen=True, slots=True)
class Limits:
    """What is downloaded at most: bytes of one file, files, and bytes of all."""

    largest: int
    most: int
    total: int


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the content of a group's files is in the workspace, by path, and why that of others is nowhere."""

    found: Mapping[str, str]
    left: tuple[tuple[str, Text], ...] = ()


def choose(
    live: LiveFiles, account: int, known: Mapping[str, int], can_be_said: Callable[[str], bool], limits: Limits
) -> tuple[list[LiveFile], list[tuple[str, Text]]]:
    """Which files to download, and why not the others. `known` is the size of what YAML names already, by path.

    Versions that the tool itself made are neither: YAML says how many of these there are.
    """
    chosen: list[LiveFile] = []
    left: list[tuple[str, Text]] = []
    count = Counter(path_of(file) for file in live.files)
    own = {path_of(file) for group in _versions(live, account).values() for file in group}
    total = 0
    for file in sorted(live.files, key=path_of):
        path = path_of(file)
        reason: Text | None = None
        if path in own or (path in known and known[path] == file.size and count[path] == 1):
            continue
        if not can_be_said(path):
            reason = say("YAML does not take such a name")
        elif count[path] > 1:
            reason = say("there are several files of that name")
        elif file.temporary:
            reason = say("QQ deletes it after some days")
        elif not file.size:
            reason = say("it is empty")
        elif file.size > limits.largest:
            reason = say(
                "it has {size} bytes, and {most} are downloaded at most", size=file.size, most=limits.largest
            )
        elif len(chosen) >= limits.most:
            reason = say("only {count} files are downloaded in one run", count=limits.most)
        elif total + file.size > limits.total:
            reason = say("only {size} bytes are downloaded in one run", size=limits.total)
        else:
            chosen.append(file)
            total += file.size
        if reason is not None and (path, reason) not in left:
            left.append((path, reason))
    return chosen, left


def files(
    body: Body,
    live: LiveFiles,
    account: int,
    sources: Sources | None,
    can_be_said: Callable[[str], bool],
    leave_out: LeaveOut,
) -> dict[str, Any]:
    """The part of YAML that describes the files. Without `sources` only the folders are brought in step.

    `can_be_said` tells whether YAML takes a name as that of a folder.
    """
    before: list[Body] = list(body.get("items") or ())
    if (before or body.get("folders")) and not live.files and not live.folders:
        leave_out(say("that there are no files"), say("a server that knows nothing of them answers the same"))
        return dict(body)
    described = dict(body)
    items = before
    if sources is not None:
        for path, reason in sources.left:
            leave_out(say("the file “{path}”", path=path), reason)
        items = _items(before, live, sources)
        kept = max((len(found) for found in _versions(live, account).values()), default=0)
        if kept > described.get("keep_versions", 0):
            described["keep_versions"] = min(kept, _MOST_VERSIONS)
    used = {item["path"].rpartition("/")[0] for item in items}
    named = body.get("folders") or ()
    there = {folder.name for folder in live.folders}
    folders = [name for name in named if name in there]
    for name in sorted(there - used - set(folders)):
        if can_be_said(name):
            folders.append(name)
        else:
            leave_out(say("the folder “{name}”", name=name), say("YAML does not take such a name"))
    for key, value in (("folders", folders), ("items", items)):
        if value:
            described[key] = value
        else:
            described.pop(key, None)
    return {key: described[key] for key in ("folders", "items", "keep_versions") if key in described}


def _items(before: Iterable[Body], live: LiveFiles, sources: Sources) -> list[Body]:
    """Items that are live, with another source where another content is; then the new ones."""
    there = {path_of(file) for file in live.files}
    items: list[Body] = [
        {**item, "source": sources.found.get(item["path"], item["source"])}
        for item in before
        if item["path"] in there
    ]
    known = {item["path"] for item in items}
    return items + [
        {"path": path, "source": source} for path, source in sorted(sources.found.items()) if path not in known
    ]


def _versions(live: LiveFiles, account: int) -> dict[str, list[LiveFile]]:
    """Earlier versions that this tool made, by the path of what they are versions of."""
    there = {path_of(file) for file in live.files}
    return {
        path: [file for file in found if file.uploader_id == account and dated(file, path)]
        for path, found in versions(live.files).items()
        if path in there
    }


def safe_name(name: str) -> str:
    """What a file is called on disk: a name that no system takes for anything else, and that nothing reads."""
    shown = "".join(
        c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in unicodedata.normalize("NFC", name)
    )
    stem, dot, extension = shown.strip(" .").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    if len(extension.encode()) > 20:
        stem, extension = f"{stem}.{extension}", ""
    stem = stem.encode()[:_LONGEST].decode(errors="ignore").strip(" .") or "file"
    if _RESERVED.match(stem.split(".")[0]):
        stem = f"_{stem}"
    made = f"{stem}.{extension}" if extension else stem
    return f"{made}.file" if made.lower().endswith(_READ) else made
