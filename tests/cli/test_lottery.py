"""`qqgroup lottery verify`: a draw computed again, and what does not agree."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.inside import run_inside
from tests.stage import Ran

SEED = "ab" * 32
NUMBERS = [100000001, 100000002, 100000003]
LIST = "参加者名单，按参加的先后，第 1–3 位：\n" + "\n".join(map(str, NUMBERS)) + "\n"
COMMITMENT = hashlib.sha256(SEED.encode()).hexdigest()
DIGEST = hashlib.sha256("\n".join(map(str, NUMBERS)).encode()).hexdigest()


def verify(path: Path, *words: str, written: str = LIST) -> Ran:
    file = path / "entrants.txt"
    file.write_text(written, encoding="utf-8")
    return run_inside("--lang", "en", "lottery", "verify", "--seed", SEED, "--entrants", str(file), *words)


def test_the_winners_are_those_with_the_smallest_scores(tmp_path: Path) -> None:
    ran = verify(tmp_path, "--prize", "书=1", "--prize", "贴=纸=2", "--commitment", COMMITMENT, "--digest", DIGEST)
    ranked = sorted(NUMBERS, key=lambda qq: hashlib.sha256(f"{SEED}:{qq}".encode()).hexdigest())

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.splitlines() == [
        f"commitment: {COMMITMENT}",
        f"entrants: 3, sha256 of the list: {DIGEST}",
        f"书: {ranked[0]}",
        f"贴=纸: {ranked[1]} {ranked[2]}",
    ]


@pytest.mark.parametrize("page", ["docs/reference/behaviour.md", "docs/zh-CN/reference/behaviour.md"])
def test_the_ten_lines_of_the_documentation_draw_the_same(
    tmp_path: Path, page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Path(page).read_text(encoding="utf-8").split("```python\n")[1].split("```", maxsplit=1)[0]
    (tmp_path / "entrants.txt").write_text("\n".join(map(str, NUMBERS)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(lines.replace("…", SEED).replace('("书", 3)', '("书", 1), ("贴纸", 1)'), {})

    ranked = sorted(NUMBERS, key=lambda qq: hashlib.sha256(f"{SEED}:{qq}".encode()).hexdigest())
    first, second = ([str(qq)] for qq in ranked[:2])
    assert f"承诺 {COMMITMENT}\n名单 {DIGEST}\n书 {first}\n贴纸 {second}\n" == capsys.readouterr().out
    ran = verify(tmp_path, "--prize", "书=1", "--prize", "贴纸=1")
    assert ran.out.splitlines()[2:] == [f"书: {first[0]}", f"贴纸: {second[0]}"]


@pytest.mark.parametrize(
    ("words", "written", "code"),
    [
        (("--commitment", "00"), LIST, "QG386"),
        (("--digest", DIGEST), LIST.replace("100000002\n", ""), "QG386"),
        ((), LIST + "小艾\n", "QG385"),
        ((), "\n".join(map(str, NUMBERS)).replace("1", "①"), "QG385"),
    ],
)
def test_what_does_not_agree_or_is_no_list_is_told(
    tmp_path: Path, words: tuple[str, ...], written: str, code: str
) -> None:
    ran = verify(tmp_path, *words, written=written)

    assert ran.code == 1
    assert f"error {code}" in ran.err


def test_a_file_that_is_not_there_and_a_prize_without_a_number_are_told(tmp_path: Path) -> None:
    gone = run_inside("--lang", "en", "lottery", "verify", "--seed", SEED, "--entrants", str(tmp_path / "none"))

    assert "error QG385" in gone.err
    for prize in ("书", "书=0", "=1", "书=一"):
        assert verify(tmp_path, "--prize", prize).code == 1
