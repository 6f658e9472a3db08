"""Each call of an apply that uses every kind, answered wrongly in each way, on each implementation.

What is told is so, nothing is deleted that no plan names, nothing that people see is done twice, and the next apply
ends as if nothing had happened.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.ports import AnswerLost
from qqgroup_provision.resources.operation import Seen
from tests.applying.faulty import LINES, Line, lived, wrong


def found(line: Line, folder: Path, most: int | None = None) -> tuple[int, dict[str, list[str]]]:
    """How many cases of a line were tried, and what went wrong in which; with `most` in so many of them."""
    with lived(line, folder) as expected:
        cases = list(expected.cases())
        if most is not None:
            cases = random.Random(f"20261124 {line}").sample(cases, most)
        told = {str(case): wrong(case, expected) for case in cases}
    return len(cases), {case: problems for case, problems in told.items() if problems}


@pytest.mark.parametrize("line", LINES, ids=str)
def test_whatever_a_call_meets_what_is_told_is_so_and_the_next_apply_goes_on(tmp_path: Path, line: Line) -> None:
    assert (2, {}) == found(line, tmp_path, 2)


def test_an_apply_that_believes_what_it_is_told_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def believe(*_: object) -> Seen:
        return Seen()

    with lived(LINES[0], tmp_path) as expected:
        (case,) = (one for one in expected.cases() if (one.action, one.fault) == ("set_group_name", "ok and nothing"))
        assert [] == wrong(case, expected)
        monkeypatch.setattr("qqgroup_provision.applying.execute.confirm_patiently", believe)

        assert "hub/profile is told as done, and is not" in wrong(case, expected)


def test_an_apply_that_sends_again_what_it_got_no_answer_to_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Caller.write

    async def twice(self: Caller, *what: Any) -> Any:
        try:
            return await write(self, *what)
        except AnswerLost:
            return await write(self, *what)

    with lived(LINES[0], tmp_path) as expected:
        case = next(one for one in expected.cases() if (one.action, one.fault) == ("send_group_msg", "reset done"))
        monkeypatch.setattr(Caller, "write", twice)

        assert any("or twice" in problem for problem in wrong(case, expected))


@pytest.mark.long
@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_call_that_meets_each_fault_is_told_as_it_is_and_the_next_apply_goes_on(
    tmp_path: Path, line: Line
) -> None:
    count, problems = found(line, tmp_path)

    assert {} == problems
    assert count > 500
