"""`qqgroup explain`."""

from __future__ import annotations

from qqgroup_provision.codes import CODES
from tests.cli.inside import run_inside
from tests.reports.samples import speaking


def test_every_code_is_explained_with_its_title_meaning_and_remedy() -> None:
    for code, entry in CODES.items():
        ran = run_inside("explain", code)
        assert (0, f"{code}  {entry.title}\n\n{entry.meaning}\n\n{entry.remedy}\n") == (ran.code, ran.out)


def test_without_a_code_all_are_listed_in_order() -> None:
    lines = run_inside("explain").out.splitlines()

    assert list(CODES) == [line.split()[0] for line in lines]
    assert "QG203  Unknown key" in lines


def test_a_code_may_be_written_small() -> None:
    assert run_inside("explain", "QG203") == run_inside("explain", "qg203")


def test_an_explanation_is_in_the_language_in_use() -> None:
    with speaking("zh_CN"):
        meaning = str(CODES["QG203"].meaning)

    assert meaning in run_inside("--lang", "zh_CN", "explain", "QG203").out


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    ran = run_inside("explain", "QG2003")

    assert (1, "") == (ran.code, ran.out)
    assert "error QG143  There is no code `QG2003`." in ran.err
    assert "Did you mean `QG203`?" in ran.err


def test_what_is_no_code_at_all_is_answered_with_where_they_are_listed() -> None:
    ran = run_inside("explain", "wrong")

    assert (1, True) == (ran.code, "`qqgroup explain` lists them all." in ran.err)
