"""`file`: the files of a group. No server tells what is in one, so state holds the digest of what was uploaded.

A changed file is uploaded beside the old one, as QQ never overwrites (qq_protocol §8.1). When the new one is seen,
the old one is renamed to a version with its date, or deleted where no versions are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    AccountFacts,
    Capability,
    FileDraft,
    GroupReader,
    GroupWriter,
    Known,
    LiveFile,
    LiveSpace,
    Rank,
    Reading,
    Unknown,
    Value,
)
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.group_files import (
    by_path,
    dated,
    identity,
    ids_of,
    is_same,
    listed,
    mark_of,
    marked,
    path_of,
    read,
    seen,
    version_name,
    versions,
    written,
)
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Step, Wanted, unseen
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import (
    Audience,
    CannotSee,
    Confirmation,
    NotSeen,
    Operation,
    Pace,
    ReadAsset,
    Seen,
)
from qqgroup_provision.workspace.model import UNSET, Group

_SURPLUS = say("an earlier version more than `keep_versions` keeps")
_OTHER = "?"  # the digest of a file that somebody else put in the place of ours: not the one that is wanted


class FileKind(Kind):
    """One resource a file, by its path. `older` is a version that a run that was cut off left under that path."""

    name = "file"
    order = 31
    collection = "files"
    replaced = say("the new file is uploaded, and only then the old one is deleted or renamed to an earlier version")
    needs = frozenset({Collection.FILES, Collection.SPACE})

    def managed(self, group: Group) -> bool:
        return group.files is not UNSET

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        return {
            item.path: Wanted(
                item.path,
                {"sha256": item.source.sha256, "size": item.source.size, "temporary": None, "older": None},
                paths={"sha256": item.source.path},
                place=item.place,
            )
            for item in (group.files.items if group.files else ())
        }

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        return {"sha256": Capability.READ_FILES}

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        listed = seen(live, last)
        if isinstance(listed, Unknown):
            return unseen({**wanted, **last}, listed)
        keep = group.files.keep_versions if group.files else 0
        files = sorted(listed.value.files, key=lambda file: -file.uploaded_at)
        of_path, older = by_path(files), versions(files)
        readings: dict[str, Reading[Observed]] = {}
        claimed: list[LiveFile] = []
        for key in {**wanted, **last}:
            same = of_path.get(key, [])
            found = _find(wanted.get(key), last.get(key), same, live.account_id)
            # Anybody may call a file so; a version of ours the account uploaded, at the moment that its name says.
            ours = [
                file
                for file in older.get(key, ())
                if path_of(file) not in wanted and file.uploader_id == live.account_id and dated(file, key)
            ]
            claimed += ours
            if found is None:
                readings[key] = Absent()
                continue
            claimed += [found.file, *found.older]
            surplus = ours[: max(0, len(ours) - keep)] if key in wanted and key in last else []
            for file in surplus:
                version = _observed(_Found(file), [], [file])
                readings[_key(file, readings)] = Known(replace(version, ours=True, reason=_SURPLUS))
            kept = [file for file in ours if file not in surplus]
            readings[key] = Known(_observed(found, kept, same))
        named = {identity(file) for file in claimed}
        for file in files:
            if identity(file) not in named:
                readings[_key(file, readings)] = Known(_observed(_Found(file), [], [file]))
        return readings

    def operations(self, step: Step) -> tuple[Operation, ...]:
        group, observed, wanted = step.group.id, step.observed, step.wanted
        facts = observed.facts if observed else {}
        current, older = read(facts.get("current", "[]")), read(facts.get("older", "[]"))
        versions = read(facts.get("versions", "[]"))
        if step.action is Action.DELETE or wanted is None:
            return tuple(_delete(group, file, step.account_id) for file in [*current, *older, *versions])
        steps: list[Operation] = []
        retired = older
        if not current or step.changed & {"sha256", "size"}:
            marks = tuple(mark_of(file) for file in read(facts.get("same", "[]")))
            part = step.facts.upload_part if step.facts else None
            steps.append(_upload(group, wanted, step.account_id, marks, part))
            retired = [*current, *older]
        elif "temporary" in step.changed:
            steps += [KeepFile(group, file.folder, file.name, mark_of(file)) for file in current]
        keep = step.group.files.keep_versions if step.group.files else 0
        spare = max(0, len(versions) + len(retired) - keep) if retired else 0
        retired.sort(key=lambda file: file.uploaded_at)
        steps += [_rename(group, file, step.account_id) for file in retired[max(0, spare - len(versions)) :]]
        gone = [*retired[: max(0, spare - len(versions))], *versions[:spare]]
        steps += [_delete(group, file, step.account_id) for file in gone]
        return tuple(steps)

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterator[Diagnostic]:
        """What stands in the way of uploads: no room for them (QG522), or an implementation's limit (QG524)."""
        uploads = [(change, step) for change in changes for step in change.operations if isinstance(step, Upload)]
        for change, step in uploads:
            if facts.upload_limit is not None and step.size > facts.upload_limit:
                yield Diagnostic(
                    "QG524",
                    say(
                        "{implementation} {version} can be sent files of {most} bytes at most, and this has {size}.",
                        implementation=facts.implementation,
                        version=facts.version,
                        most=facts.upload_limit,
                        size=step.size,
                    ),
                    place=change.place,
                    subject=str(change.address),
                    hint=say("Use a smaller file, upload it by hand, or run NapCat, which takes files in parts."),
                )
        if uploads:
            yield from _no_room(group, [step.size for _, step in uploads], live.space, uploads[0][0])


def _no_room(group: Group, sizes: Sequence[int], space: Reading[LiveSpace], first: Change) -> Iterator[Diagnostic]:
    subject = f"{group.key}/{FileKind.name}"
    if not isinstance(space, Known):
        if isinstance(space, Unknown):
            summary = say("How much room the group has for files could not be seen: {reason}.", reason=space.reason)
            hint = say("Run the plan again once the endpoint answers.")
            yield Diagnostic("QG501", summary, place=first.place, subject=subject, hint=hint)
        return
    room = space.value
    if room.used is not None and room.total is not None and room.used + sum(sizes) > room.total:
        summary = say("The uploads take {size} bytes, and the group has {left} left.",
                      size=sum(sizes), left=max(0, room.total - room.used))  # fmt: skip
    elif room.count is not None and room.limit is not None and room.count + len(sizes) > room.limit:
        summary = say("The uploads are {count} files, and the group has room for {left} more.",
                      count=len(sizes), left=max(0, room.limit - room.count))  # fmt: skip
    else:
        return
    hint = say("Delete files that nobody needs: QQ keeps what is too much for some days only.")
    yield Diagnostic("QG522", summary, place=first.place, subject=subject, hint=hint)


@dataclass(frozen=True, slots=True)
class _Found:
    """Which live file a key means. `digest` is `None` where it is what was applied last, or nobody knows."""

    file: LiveFile
    digest: str | None = None
    older: tuple[LiveFile, ...] = ()


def _find(want: Wanted | None, last: Last | None, same: Sequence[LiveFile], account: int) -> _Found | None:
    """The file of a path that is meant, among those that have it, newest first.

    A run that was cut off after an upload left two: the old one and, newer, one that this account uploaded and that
    has the wanted size. That one is taken for what was uploaded, and never uploaded again.
    """
    known = next((file for file in same if last is not None and ids_of(file) == dict(last.ids)), None)
    if want is None:
        return _Found(known) if known else None

    def found(file: LiveFile, digest: str | None = None) -> _Found:
        older = [each for each in same if each.uploader_id == account and each.uploaded_at < file.uploaded_at]
        return _Found(file, digest, tuple(older))

    if known and last is not None and last.applied.get("sha256") == want.fields["sha256"]:
        return found(known)
    fitting = [file for file in same if file.size == want.fields["size"] and file != known]
    ours = [file for file in fitting if file.uploader_id == account]
    if ours:
        return found(ours[0], str(want.fields["sha256"]) if last is not None else None)
    if known:
        return found(known)
    if last is None and fitting:
        return found(fitting[0])
    return found(same[0], _OTHER) if same else None


def _observed(found: _Found, versions: Sequence[LiveFile], same: Sequence[LiveFile]) -> Observed:
    file = found.file
    fields: dict[str, Value | object] = {
        "sha256": UNREADABLE if found.digest is None else found.digest,
        "size": file.size,
        "temporary": True if file.temporary else None,
        "older": tuple(version_name(each) for each in found.older) or None,
    }
    facts = {
        "current": written([file]),
        "older": written(found.older),
        "versions": written(versions),
        "same": written(same),
    }
    return Observed(fields, ids_of(file), facts, label=path_of(file))  # type: ignore[arg-type]


def _key(file: LiveFile, taken: Mapping[str, object]) -> str:
    """A key for a live file nobody named: its path, and when it was uploaded if another has that already."""
    path = path_of(file)
    return path if path not in taken else f"{path}@{mark_of(file)}"


def _upload(group_id: int, wanted: Wanted, account: int, known: tuple[str, ...], part: int | None) -> Upload:
    folder, _, name = wanted.key.rpartition("/")
    size, sha256 = int(str(wanted.fields["size"])), str(wanted.fields["sha256"])
    parts = -(-size // part) + 1 if part else 0  # and one that says that these were all
    return Upload(group_id, folder, name, wanted.paths["sha256"], sha256, size, account, known, parts)


def _looks(folder: str) -> int:
    """How many requests it takes to look for a file: the folders, and the one it is in."""
    return 2 if folder else 1


def _rename(group_id: int, file: LiveFile, account: int) -> RenameFile:
    own = file.uploader_id == account
    return RenameFile(group_id, file.folder, file.name, mark_of(file), own, version_name(file))


def _delete(group_id: int, file: LiveFile, account: int) -> DeleteFile:
    return DeleteFile(group_id, file.folder, file.name, mark_of(file), file.uploader_id == account)


@dataclass(frozen=True, slots=True)
class Upload(Operation):
    """Upload a file. Everybody sees a message about it, so what makes it appear is never sent twice.

    `known` are the marks (group_files.py) of files that had the path before: they are not this one. `parts` is how
    many requests hand it over before the one that makes it appear.
    """

    name: ClassVar[str] = "upload_file"
    capability: ClassVar[Capability] = Capability.UPLOAD_FILE
    rank: ClassVar[Rank] = Rank.MEMBER
    audience: ClassVar[Audience] = Audience.GROUP
    pace: ClassVar[Pace] = Pace.FILE
    reversible: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False

    folder: str
    file: str
    source: str
    sha256: str
    size: int
    account_id: int
    known: tuple[str, ...]
    parts: int

    @property
    def calls_needed(self) -> int:
        return bool(self.folder) + self.parts + 1 + _looks(self.folder)

    @property
    def gradual(self) -> bool:
        return self.parts > 0

    def describe(self) -> Text:
        return say("upload “{name}” ({size} bytes)", name=self.file, size=self.size)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        parts = read_asset.parts(self.source, self.sha256, self.size)
        path = read_asset.location(self.source)
        draft = FileDraft(self.file, self.folder, self.size, self.sha256, parts, path)
        await writer.upload_file(self.group_id, draft)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        files = await listed(reader, self.group_id, self.folder)
        if isinstance(files, Text):
            return CannotSee(files)
        new = [
            file
            for file in files
            if (file.folder, file.name, file.size, file.uploader_id)
            == (self.folder, self.file, self.size, self.account_id)
            and mark_of(file) not in self.known
        ]
        if not new:
            return NotSeen(say("the file is not in the group's list"))
        newest = max(new, key=lambda file: file.uploaded_at)
        if newest.temporary:
            return NotSeen(say("it is there for some days only: the group has no room for it"))
        return Seen(tuple(ids_of(newest).items()))


@dataclass(frozen=True, slots=True)
class RenameFile(Operation):
    """Give a file another name in its folder (qq_protocol §8.4). `mark` is as in group_files.py."""

    name: ClassVar[str] = "rename_file"
    capability: ClassVar[Capability] = Capability.RENAME_FILE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY

    folder: str
    file: str
    mark: str
    own: bool  # whether the account uploaded it
    new: str

    @property
    def calls_needed(self) -> int:
        return 1 + 2 * _looks(self.folder)  # it is looked for before and after

    @property
    def rank_needed(self) -> Rank:
        return Rank.MEMBER if self.own else Rank.ADMIN

    def describe(self) -> Text:
        return say("rename “{name}” to “{new}”", name=self.file, new=self.new)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.rename_file(self.group_id, marked(self.folder, self.file, self.mark), self.new)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        files = await listed(reader, self.group_id, self.folder)
        if isinstance(files, Text):
            return CannotSee(files)
        old = marked(self.folder, self.file, self.mark)
        if any(is_same(file, old) for file in files):
            return NotSeen(say("the file still has its old name"))
        if not any((file.name, file.size) == (self.new, old.size) for file in files):
            return NotSeen(say("there is no file of the new name"))
        return Seen()


@dataclass(frozen=True, slots=True)
class DeleteFile(Operation):
    """Delete a file (qq_protocol §8.4). `mark` is as in group_files.py."""

    name: ClassVar[str] = "delete_file"
    capability: ClassVar[Capability] = Capability.DELETE_FILE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    reversible: ClassVar[bool] = False

    folder: str
    file: str
    mark: str
    own: bool  # whether the account uploaded it

    @property
    def calls_needed(self) -> int:
        return 1 + 2 * _looks(self.folder)

    @property
    def rank_needed(self) -> Rank:
        return Rank.MEMBER if self.own else Rank.ADMIN

    def describe(self) -> Text:
        return say("delete the file “{name}”", name=self.file)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.delete_file(self.group_id, marked(self.folder, self.file, self.mark))

    async def confirm(self, reader: GroupReader) -> Confirmation:
        files = await listed(reader, self.group_id, self.folder)
        if isinstance(files, Text):
            return CannotSee(files)
        old = marked(self.folder, self.file, self.mark)
        if any(is_same(file, old) for file in files):
            return NotSeen(say("the file is still there"))
        return Seen()


@dataclass(frozen=True, slots=True)
class KeepFile(Operation):
    """Make a file that QQ would delete after some days one that stays (qq_protocol §8.1)."""

    name: ClassVar[str] = "keep_file"
    capability: ClassVar[Capability] = Capability.KEEP_FILE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY

    folder: str
    file: str
    mark: str

    @property
    def calls_needed(self) -> int:
        return 1 + 2 * _looks(self.folder)

    def describe(self) -> Text:
        return say("keep the file “{name}”", name=self.file)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.keep_file(self.group_id, marked(self.folder, self.file, self.mark))

    async def confirm(self, reader: GroupReader) -> Confirmation:
        files = await listed(reader, self.group_id, self.folder)
        if isinstance(files, Text):
            return CannotSee(files)
        old = marked(self.folder, self.file, self.mark)
        found = [file for file in files if is_same(file, old)]
        if not found:
            return NotSeen(say("the file is not in the group's list"))
        return NotSeen(say("it is still there for some days only")) if found[0].temporary else Seen()
