"""Files and answers made to harm, and those that once did: each is an error of the tool's own, or is taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from fuzz.guard import ENVIRONMENT, OUTSIDE, Found, check
from fuzz.mutate import mutated
from fuzz.stage import set_up
from fuzz.targets import CORPUS, targets

TARGETS = targets()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with patch.dict(os.environ, ENVIRONMENT):
        yield set_up(tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_begins_with_is_taken(name: str, folder: Path) -> None:
    for seed in TARGETS[name].seeds():
        check(TARGETS[name].one, seed, folder)


@pytest.mark.parametrize("name", TARGETS)
def test_no_hostile_input_brings_about_what_none_may(name: str, folder: Path) -> None:
    found = sorted((CORPUS / name).iterdir())

    assert found, "every target has some"
    for path in found:
        try:
            check(TARGETS[name].one, path.read_bytes(), folder)
        except Exception as error:
            raise AssertionError(f"{name}/{path.name}") from error


def test_every_folder_of_the_corpus_is_a_targets() -> None:
    assert set(TARGETS) == {path.name for path in CORPUS.iterdir()}


@pytest.mark.parametrize("name", TARGETS)
def test_changed_inputs_bring_nothing_about_either(name: str, folder: Path) -> None:
    seeds = list(TARGETS[name].seeds())
    for number in range(8):
        data = seeds[number % len(seeds)]
        for step in range(1 + number % 3):
            data = mutated(data, 1 << 16, 3 * number + step) or data[: -1 - number]
        check(TARGETS[name].one, data, folder)


def crash(data: bytes, folder: Path) -> str:
    raise KeyError(data)


def endless(data: bytes, folder: Path) -> str:
    while True:
        pass


def curious(data: bytes, folder: Path) -> str:
    (folder / "link.txt").read_text()
    return ""


def talkative(data: bytes, folder: Path) -> str:
    return OUTSIDE


def steering(data: bytes, folder: Path) -> str:
    return "\x1b[2J"


@pytest.mark.parametrize("one", [crash, endless, curious, talkative, steering])
def test_what_must_not_happen_is_noticed(one: object, folder: Path) -> None:
    with pytest.raises((Found, KeyError)), patch("fuzz.guard.SECONDS", 0.2):
        check(one, b"x", folder)  # type: ignore[arg-type]
