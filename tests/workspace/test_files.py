"""Files of a workspace: which they are, what may be read through a name, and that nothing leads out."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.files import MAX_ASSET_BYTES, inside, read_asset, read_image, yaml_files
from tests.workspace.folder import GROUP, faults, load

PLACE = Place("g.yaml", 3, 4, 3, 9)
PNG = b"\x89PNG\r\n\x1a\n..."


def refused(read: object, root: Path, written: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(root, written, PLACE)  # type: ignore[operator]
    (found,) = caught.value.diagnostics
    assert found.place == PLACE
    return found.code


def test_yaml_files_come_sorted_from_every_folder_that_is_not_hidden(tmp_path: Path) -> None:
    for name in ("b.yaml", "a/z.yml", "a/b/c.yaml", ".hidden/x.yaml", ".x.yaml", "a/readme.md", "c.yaml.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    assert ["a/b/c.yaml", "a/z.yml", "b.yaml"] == [relative for relative, _ in yaml_files(tmp_path)]
    assert all(path == tmp_path / relative for relative, path in yaml_files(tmp_path))


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.yaml").write_text("")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out", target_is_directory=True)
    (tmp_path / "in" / "round").symlink_to(tmp_path / "in", target_is_directory=True)

    assert [] == list(yaml_files(tmp_path / "in"))


def test_a_link_to_a_file_inside_is_read_and_one_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("kind: Group\nkey: secret\n")
    root = tmp_path / "groups"
    (root / "more").mkdir(parents=True)
    (root / "hub.txt").write_text(GROUP)
    (root / "more" / "hub.yaml").symlink_to(root / "hub.txt")
    (root / "leak.yaml").symlink_to(tmp_path / "secret.yaml")
    loaded = load(root, {})

    assert ["QG121 leak.yaml:1:1"] == faults(loaded)
    (root / "leak.yaml").unlink()
    assert {"hub"} == load(root, {}).required().groups.keys()


@pytest.mark.parametrize("name", ["loop.yaml", "gone.yaml"])
def test_a_link_that_leads_nowhere_is_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "gone.yaml").symlink_to("nothing.txt")

    assert f"QG122 {name}:1:1" in faults(load(tmp_path, {}))


def test_a_picture_that_is_a_link_to_itself_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop.png").symlink_to("loop.png")

    assert "QG122" == refused(read_image, tmp_path, "loop.png")


def test_a_file_whose_name_is_not_utf8_is_read_all_the_same(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.yaml")
    try:
        (tmp_path / name).write_text(GROUP)
    except OSError:
        pytest.skip("this system has no such names")

    assert {"hub"} == load(tmp_path, {}).required().groups.keys()


def test_a_folder_that_is_named_like_a_file_is_searched(tmp_path: Path) -> None:
    assert {"hub"} == load(tmp_path, {"x.yaml/hub.yaml": GROUP}).required().groups.keys()


@pytest.mark.parametrize(
    "written",
    ["../x.png", "a/../../x.png", "/etc/hostname", "a\\..\\x", "", "x\x00y", "C:/x.png", "link/x.png", "file.png"],
)
def test_a_name_that_leads_out_names_nothing(tmp_path: Path, written: str) -> None:
    root = tmp_path / "groups"
    root.mkdir()
    (tmp_path / "x.png").write_bytes(PNG)
    (root / "link").symlink_to(tmp_path, target_is_directory=True)
    (root / "file.png").symlink_to(tmp_path / "x.png")

    assert inside(root, written) is None
    assert "QG121" == refused(read_asset, root, written)


names = st.text(st.sampled_from(list("ab./\\: ~\x00中")) | st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names)
def test_whatever_is_written_what_it_names_is_inside(tmp_path: Path, written: str) -> None:
    found = inside(tmp_path, written)

    assert found is None or found == tmp_path or tmp_path in found.parents


@pytest.mark.parametrize(
    "content", [PNG, b"\xff\xd8\xff\xe0", b"GIF87a", b"GIF89a..", b"RIFF\x00\x00\x00\x00WEBP"], ids=repr
)
def test_a_picture_is_known_by_how_it_begins(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.png").write_bytes(content)
    found = read_image(tmp_path, "x.png", PLACE)

    assert ("x.png", hashlib.sha256(content).hexdigest(), len(content)) == (found.path, found.sha256, found.size)


@pytest.mark.parametrize("content", [b"", b"PNG", b"<svg/>", b"%PDF"], ids=repr)
def test_what_is_no_picture_is_refused_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.png").write_bytes(content)

    assert "QG123" == refused(read_image, tmp_path, "x.png")


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_read(tmp_path: Path) -> None:
    with (tmp_path / "most").open("wb") as stream:
        stream.truncate(MAX_ASSET_BYTES)
    with (tmp_path / "more").open("wb") as stream:
        stream.truncate(MAX_ASSET_BYTES + 1)

    assert MAX_ASSET_BYTES == len(read_asset(tmp_path, "most", PLACE))
    assert "QG122" == refused(read_asset, tmp_path, "more")


def test_a_name_that_is_missing_or_a_folder_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    assert ["QG122"] * 3 == [refused(read_asset, tmp_path, name) for name in ("missing", "folder", "x" * 3000)]
