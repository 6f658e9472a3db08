"""Files, folders and essence messages: what is looked for, what is found, and what is done about it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    FileDraft,
    Known,
    LiveFile,
    LiveFiles,
    LiveSpace,
    Reading,
    Unknown,
    WriteRefused,
)
from qqgroup_provision.resources.essence import MarkEssence, Post, UnmarkEssence
from qqgroup_provision.resources.file import DeleteFile, FileKind, KeepFile, RenameFile, Upload
from qqgroup_provision.resources.folder import CreateFolder, DeleteFolder
from qqgroup_provision.resources.group_files import mark_of, marked, read, version_name, versions, written
from qqgroup_provision.resources.kind import Last, Observed
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.operation import CannotSee, Confirmation, NotSeen, Operation, Seen
from qqgroup_provision.workspace.files import parts_of
from qqgroup_provision.workspace.model import Asset, Files, GroupFile
from tests.planning.material import GROUP, PLACE, SELF, Scene, hub, seed

CONTENT = b"guide"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER = SELF + 77
UPLOAD = Upload(GROUP, "资料", "a.txt", "assets/a.txt", SHA256, len(CONTENT), SELF, (), 0)
EVERY: list[Operation] = [
    CreateFolder(GROUP, "资料"),
    UPLOAD,
    RenameFile(GROUP, "资料", "a.txt", f"1:{SELF}:5", True, "b.txt"),
    KeepFile(GROUP, "资料", "a.txt", f"1:{SELF}:5"),
    DeleteFile(GROUP, "资料", "a.txt", f"1:{SELF}:5", True),
    DeleteFolder(GROUP, "资料"),
    Post(GROUP, SELF, "一"),
    MarkEssence(GROUP, SELF, "一", 0),
    UnmarkEssence(GROUP, 7),
]


class Workspace:
    """Stands in for the files of a workspace: there is one."""

    def __call__(self, path: str, sha256: str, /) -> bytes:
        raise AssertionError("a file is never read whole")

    def parts(self, path: str, sha256: str, size: int, /) -> Callable[[int], Iterator[bytes]]:
        return lambda _: iter([CONTENT])

    def location(self, path: str, /) -> str:
        return f"/workspace/{path}"


class Told:
    """A reader that gives one answer to everything."""

    def __init__(self, answer: Reading[object]) -> None:
        self._answer = answer

    async def files(self, group_id: int, folder: str | None = None) -> Reading[object]:
        return self._answer

    async def essence(self, group_id: int) -> Reading[object]:
        return self._answer


@pytest.fixture(params=["napcat", "llbot"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    opened = Scene(seed(implementation=request.param))
    yield opened
    opened.close()


def perform(scene: Scene, operation: Operation) -> None:
    asyncio.run(operation.perform(scene.writer, Workspace()))


def confirm(scene: Scene, operation: Operation) -> Confirmation:
    return asyncio.run(operation.confirm(scene.reader))


def only_file(scene: Scene) -> LiveFile:
    found = asyncio.run(scene.reader.files(GROUP))
    assert isinstance(found, Known)
    (file,) = found.value.files
    return file


def test_each_step_is_not_seen_before_it_and_seen_after_it(scene: Scene) -> None:
    for step in (CreateFolder(GROUP, "资料"), UPLOAD):
        assert isinstance(confirm(scene, step), NotSeen)
        perform(scene, step)
        assert isinstance(confirm(scene, step), Seen)
    mark = mark_of(only_file(scene))
    steps = [
        RenameFile(GROUP, "资料", "a.txt", mark, True, "b.txt"),
        DeleteFile(GROUP, "资料", "b.txt", mark, True),
        DeleteFolder(GROUP, "资料"),
        Post(GROUP, SELF, "一"),
        MarkEssence(GROUP, SELF, "一", 0),
    ]
    for step in steps:
        assert isinstance(confirm(scene, step), NotSeen), step
        perform(scene, step)
        seen = confirm(scene, step)
        assert isinstance(seen, Seen), step
    unmark = UnmarkEssence(GROUP, int(dict(seen.ids)["sequence"]))
    assert isinstance(confirm(scene, unmark), NotSeen)
    perform(scene, unmark)
    assert isinstance(confirm(scene, unmark), Seen)
    assert ([], [], []) == tuple(scene.snapshot()[key] for key in ("files", "folders", "essence"))


def test_a_folder_with_anything_in_it_is_not_deleted_whatever_a_plan_says(scene: Scene) -> None:
    perform(scene, CreateFolder(GROUP, "资料"))
    perform(scene, UPLOAD)
    with pytest.raises(WriteRefused, match="holds 1 files"):
        perform(scene, DeleteFolder(GROUP, "资料"))

    assert ["资料/a.txt"] == [file["path"] for file in scene.snapshot()["files"]]


def test_a_file_that_somebody_put_in_the_place_of_another_is_not_deleted_for_it(scene: Scene) -> None:
    scene.world.patch(GROUP, {"files": {"upload": [{"path": "资料/a.txt", "size": 5}]}})
    mark = mark_of(only_file(scene))
    scene.world.clock.advance(1)
    scene.world.patch(GROUP, {"files": {"delete": ["资料/a.txt"], "upload": [{"path": "资料/a.txt", "size": 5}]}})
    with pytest.raises(WriteRefused, match="0 times"):
        perform(scene, DeleteFile(GROUP, "资料", "a.txt", mark, False))

    assert 1 == len(scene.snapshot()["files"])


def test_a_member_is_refused_folders_and_marks_and_the_files_of_others() -> None:
    for implementation in ("napcat", "llbot"):
        lesser = Scene(seed(role="member", implementation=implementation))
        lesser.world.patch(GROUP, {"files": {"folders": ["旧"], "upload": [{"path": "a.txt"}]}})
        before = lesser.snapshot()
        with pytest.raises(WriteRefused, match="只允许群主和管理员操作"):
            perform(lesser, CreateFolder(GROUP, "资料"))
        with pytest.raises(WriteRefused):
            perform(lesser, DeleteFolder(GROUP, "旧"))
        delete = DeleteFile(GROUP, "", "a.txt", mark_of(only_file(lesser)), False)
        if implementation == "napcat":
            perform(lesser, delete)  # it says ok whatever QQ says
            assert isinstance(confirm(lesser, delete), NotSeen)
        else:
            with pytest.raises(WriteRefused):
                perform(lesser, delete)
        assert before == lesser.snapshot()
        lesser.close()


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_what_cannot_be_read_is_neither_seen_nor_not_seen(step: Operation) -> None:
    lost = asyncio.run(step.confirm(Told(Unknown(say("the answer was lost")))))
    gone = asyncio.run(step.confirm(Told(Absent())))

    assert (CannotSee, "the answer was lost") == (type(lost), str(lost.reason))
    assert isinstance(gone, CannotSee)


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_every_step_can_be_told_in_one_line(step: Operation) -> None:
    said = step.describe()

    assert isinstance(said, Text)
    assert "\n" not in str(said)
    shown = {"folder", "file", "new"} if isinstance(step, (CreateFolder, DeleteFolder, RenameFile)) else {"file"}
    for field in fields(step):
        if field.name in shown and not (isinstance(step, RenameFile) and field.name == "folder"):
            assert getattr(step, field.name) in str(said)


@given(st.text(min_size=1).filter(lambda name: "/" not in name), st.integers(0, 1 << 33))
@settings(max_examples=100, deadline=None)
def test_a_version_is_known_as_one_of_its_path_and_of_no_other(name: str, moment: int) -> None:
    file = LiveFile("", name, "资料", 5, SELF, moment)
    version = LiveFile("", version_name(file), "资料", 5, SELF, moment)

    assert {f"资料/{name}": [version]} == versions([file, version])
    assert [file] == [LiveFile("", each.name, each.folder, each.size, each.uploader_id, each.uploaded_at)
                      for each in read(written([file]))]  # fmt: skip
    assert file == marked("资料", name, mark_of(file))


def observed(files: tuple[LiveFile, ...], last: dict[str, Last] | None = None) -> Reading[Observed]:
    group = hub(files=Files(items=(GroupFile("", "a.txt", Asset("a", SHA256, 5), PLACE),)))
    live = LiveGroup(SELF, files=Known(LiveFiles((), files)), space=Known(LiveSpace(count=len(files))))
    return FileKind().observe(group, FileKind().wanted(group), last or {}, live)["a.txt"]


def test_a_file_of_others_with_an_equal_name_and_size_is_not_taken_for_ours_once_ours_is_known() -> None:
    ours, theirs = LiveFile("1", "a.txt", "", 5, SELF, 100), LiveFile("2", "a.txt", "", 5, OTHER, 200)
    last = {"a.txt": Last({"sha256": SHA256}, {"uploaded_at": "100", "uploader": str(SELF)})}
    both, alone = observed((theirs, ours), last), observed((theirs,), last)

    assert isinstance(both, Known)
    assert "100" == both.value.ids["uploaded_at"]
    assert isinstance(alone, Known)
    assert "?" == alone.value.fields["sha256"]


def test_a_file_that_changes_while_it_is_read_is_not_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(CONTENT)
    draft = FileDraft("a.txt", "", 5, SHA256, parts_of(tmp_path, Asset("a.txt", SHA256, 5), PLACE))
    assert [b"gu", b"id", b"e"] == list(draft.parts(2)) == list(draft.parts(2))
    for other in (b"guidE", b"guide and more", b"gui"):
        path.write_bytes(other)
        with pytest.raises(InvalidInput) as refused:
            list(draft.parts(2))
        assert "QG704" == refused.value.diagnostics[0].code
