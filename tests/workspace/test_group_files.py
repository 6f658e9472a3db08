"""`files` and `essence` in YAML: what they become, and what is refused before anybody is asked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from qqgroup_provision.workspace.model import UNSET
from tests.workspace.folder import GROUP, groups, load


def items(*paths: str) -> str:
    """The line of `files` that asks for these paths, each with one source."""
    return "items: [" + ", ".join(f"{{path: {path}, source: a.txt}}" for path in paths) + "]"


def files(*lines: str) -> dict[str, str]:
    return {"hub.yaml": GROUP + "\n".join(("files:", *(f"  {line}" for line in lines))) + "\n", "a.txt": "内容"}


def codes(root: Path, written: dict[str, str]) -> list[str]:
    return [item.code for item in load(root, written).diagnostics]


def test_files_are_paths_with_the_digest_of_their_source(tmp_path: Path) -> None:
    group = groups(tmp_path, files("folders: [代码]", items("资料/指南.txt"), "keep_versions: 2"))["hub"]
    assert group.files
    (item,) = group.files.items

    assert (["代码", "资料"], 2) == (list(group.files.folders), group.files.keep_versions)
    assert ("资料", "指南.txt", "资料/指南.txt", 6) == (item.folder, item.name, item.path, item.source.size)
    assert hashlib.sha256("内容".encode()).hexdigest() == item.source.sha256


def test_what_yaml_does_not_speak_of_is_not_managed(tmp_path: Path) -> None:
    group = groups(tmp_path, {"hub.yaml": GROUP})["hub"]

    assert (UNSET, UNSET) == (group.files, group.essence)


@pytest.mark.parametrize(
    "path", ["a/b/c.txt", "/a.txt", "a/", "../a.txt", ".a", "a*b", "a.", "a|b", "a:b", " ", "a /b"]
)
def test_a_path_that_qq_cannot_have_is_refused(tmp_path: Path, path: str) -> None:
    assert ["QG207"] == codes(tmp_path, files(items(repr(path))))


@pytest.mark.parametrize(("source", "code"), [("../x", "QG121"), ("gone.txt", "QG122"), ("folder", "QG122")])
def test_a_source_has_to_be_a_file_of_the_workspace(tmp_path: Path, source: str, code: str) -> None:
    (tmp_path / "folder").mkdir()

    assert [code] == codes(tmp_path, files(f"items: [{{path: b, source: {source}}}]"))


def test_two_files_of_one_path_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    written = files(items("a", "a")[:-1] + ", {path: b, source: empty}]") | {"empty": ""}

    assert ["QG322", "QG323"] == codes(tmp_path, written)


def test_two_messages_of_one_text_are_refused(tmp_path: Path) -> None:
    text = "essence: [{key: a, text: 'x '}, {key: b, text: x}]\n"

    assert ["QG315"] == codes(tmp_path, {"hub.yaml": GROUP + text})


def test_a_changed_source_makes_another_workspace(tmp_path: Path) -> None:
    first = load(tmp_path, files(items("a"))).required().digest
    second = load(tmp_path, files(items("a")) | {"a.txt": "anders"}).required().digest

    assert first != second
