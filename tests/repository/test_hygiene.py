"""What must not be in the repository: hosts that only some networks have, one machine's paths, live state."""

from __future__ import annotations

import re

import pytest

from tests.repository.tree import ROOT, files, texts

# Put together here, so that this file does not name them either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("anaconda", "org"),
    )
]

MACHINE_PATH = re.compile(r"(?<![\w.}~/-])/(?:work|root|home/\w+|Users/\w+)/|[A-Z]:\\+Users\\+\w")


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_package_registry(host: str) -> None:
    assert [] == [str(path) for path, text in texts() if host in text]


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]

    assert [] == found


@pytest.mark.parametrize(
    "line", ["see /ro" + "ot/x", '"/home' + '/ann/x"', "/Users" + "/ann/x", "C:\\Users" + "\\ann"]
)
def test_a_path_of_a_machine_is_recognised(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["https://example.org/work/x", "repo/root/x", "~/work/x", "/home/"])
def test_an_ordinary_path_is_let_through(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_every_text_has_unix_line_ends_and_one_at_its_end() -> None:
    wrong = [
        str(path)
        for path, text in texts()
        if "\r" in text or (text and (not text.endswith("\n") or text.endswith("\n\n")))
    ]

    assert [] == wrong


def test_state_locks_and_environments_are_not_tracked() -> None:
    kept_out = {".qqgroup", ".venv", "__pycache__", "uv.lock", ".env"}

    assert [] == [str(path) for path in files() if kept_out & set(path.parts)]


def test_every_script_of_ci_that_has_no_extension_can_be_run() -> None:
    scripts = [path for path in files() if path.parts[0] == ".ci" and not path.suffix]

    assert scripts
    assert [] == [str(path) for path in scripts if not (ROOT / path).read_text().startswith("#!/usr/bin/env bash\n")]
