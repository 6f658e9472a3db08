"""The wheel, the source archive and the editable install, built offline from a copy of the files."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.repository.scripts import run
from tests.repository.tree import copy_to, files

SCHEMAS = [path.name for path in files() if path.parts[0] == "schemas"]
EXAMPLE = [Path(*path.parts[1:]).as_posix() for path in files() if path.parts[0] == "groups"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files as cloned, and the state that somebody's run left in the example."""
    folder = copy_to(tmp_path_factory.mktemp("source"))
    (folder / "groups" / ".qqgroup").mkdir(parents=True)
    (folder / "groups" / ".qqgroup" / "state.json").write_text("{}")
    return folder


def build(source: Path, target: str, into: Path) -> Path:
    built = run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", into, cwd=source)
    assert 0 == built.returncode, built.stderr
    (archive,) = into.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    with zipfile.ZipFile(build(source, "wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_the_schemas_and_the_example(wheel: set[str]) -> None:
    assert SCHEMAS
    assert EXAMPLE
    assert {f"qqgroup_provision/schemas/{name}" for name in SCHEMAS} <= wheel
    assert {f"qqgroup_provision/example/{name}" for name in EXAMPLE} <= wheel


def test_the_wheel_carries_the_whole_package_and_its_catalogue(wheel: set[str]) -> None:
    packages = ("qqgroup_provision", "nonebot_plugin_qqgroup")
    package = {path.as_posix() for path in files() if path.parts[0] in packages}

    assert package <= wheel
    assert "qqgroup_provision/locale/zh_CN/LC_MESSAGES/qqgroup.mo" in wheel


def test_the_wheel_carries_nothing_else(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}

    assert {"qqgroup_provision", "nonebot_plugin_qqgroup"} == {top for top in tops if not top.endswith(".dist-info")}
    assert [] == [name for name in wheel if ".qqgroup" in name or "__pycache__" in name]


def test_a_wheel_built_from_the_source_archive_is_the_same(source: Path, wheel: set[str], tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    with tarfile.open(build(source, "sdist", tmp_path / "archive")) as archive:
        assert [] == [name for name in archive.getnames() if ".qqgroup/" in name]
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    (tmp_path / "again").mkdir()

    with zipfile.ZipFile(build(unpacked, "wheel", tmp_path / "again")) as again:
        assert wheel == set(again.namelist())


def test_an_editable_install_reads_schemas_and_example_in_place(source: Path, tmp_path: Path) -> None:
    code = "import sys; from hatchling.build import build_editable; print(build_editable(sys.argv[1]))"
    built = run(sys.executable, "-c", code, tmp_path, cwd=source)
    assert 0 == built.returncode, built.stderr

    with zipfile.ZipFile(tmp_path / built.stdout.strip()) as archive:
        assert str(source) == archive.read("_qqgroup_provision.pth").decode().strip()
    assert (source / "schemas").is_dir()
    assert (source / "groups").is_dir()
