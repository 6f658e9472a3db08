"""Diagnostics as programs read them: JSON, GitHub's annotations, SARIF."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qqgroup_provision import __version__
from qqgroup_provision.codes import CODES
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.reports.diagnostics_data import diagnostics_github, diagnostics_json, diagnostics_sarif
from tests.reports.samples import WEAPONS, speaking, steering

FILES = {"群.yaml": "种类: Group\nname: 群名 x\n"}
FAULT = Diagnostic(
    "QG203",
    say("Unknown key `{key}`.", key="nmae"),
    say("More of it."),
    Place("群.yaml", 2, 10, 2, 11),
    hint=say("Did you mean `{word}`?", word="name"),
)
WARNING = Diagnostic("QG313", say("Long."), place=Place("a b.yaml", 1), severity=Severity.WARNING)
NOTE = Diagnostic("QG404", say("Odd."), subject="hub/profile", severity=Severity.NOTE)
ALL = (FAULT, WARNING, NOTE)


def as_json(*diagnostics: Diagnostic) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(diagnostics_json(diagnostics, sources=FILES.get, folder="groups"))
    return found


def test_json_counts_and_has_the_keys_of_terraforms_validate() -> None:
    document = as_json(*ALL)

    assert {"format_version", "valid", "error_count", "warning_count", "diagnostics"} == set(document)
    assert ("1.0", False, 1, 1) == tuple(
        document[key] for key in ("format_version", "valid", "error_count", "warning_count")
    )
    assert ["note", "warning", "error"] == [item["severity"] for item in document["diagnostics"]]


def test_json_of_one_fault_reads_so_with_bytes_counted_from_zero() -> None:
    (item,) = as_json(FAULT)["diagnostics"]

    assert item == {
        "severity": "error",
        "code": "QG203",
        "summary": "Unknown key `nmae`.",
        "detail": "More of it.",
        "hint": "Did you mean `name`?",
        "address": "",
        "range": {
            "filename": "groups/群.yaml",
            "start": {"line": 2, "column": 10, "byte": 14 + 13},
            "end": {"line": 2, "column": 11, "byte": 14 + 14},
        },
    }
    assert b"x" == FILES["群.yaml"].encode()[27:28]


def test_json_without_faults_is_valid_and_what_has_no_place_has_no_range() -> None:
    assert {"valid": True, "diagnostics": []}.items() <= as_json().items()
    assert "range" not in as_json(NOTE)["diagnostics"][0]
    assert "hub/profile" == as_json(NOTE)["diagnostics"][0]["address"]


def test_json_of_a_place_beyond_its_file_has_a_byte_within_it() -> None:
    far = Diagnostic("QG203", say("Wrong."), place=Place("群.yaml", 9, 9, 9, 9))
    unseen = Diagnostic("QG203", say("Wrong."), place=Place("gone.yaml", 2, 2, 2, 3))

    assert [0, 29] == [item["range"]["start"]["byte"] for item in as_json(far, unseen)["diagnostics"]]


@pytest.mark.parametrize("render", [diagnostics_github, diagnostics_sarif])
def test_equal_diagnostics_in_any_order_give_equal_bytes(render: Any) -> None:
    assert render(ALL) == render(reversed(ALL))
    assert diagnostics_json(ALL, sources=FILES.get) == diagnostics_json(reversed(ALL), sources=FILES.get)


def test_annotations_read_so() -> None:
    assert diagnostics_github(ALL, folder="groups").splitlines() == [
        "::notice title=QG404::hub/profile%0AOdd.",
        "::warning file=groups/a b.yaml,line=1,col=1,endLine=1,endColumn=1,title=QG313::Long.",
        (
            "::error file=groups/群.yaml,line=2,col=10,endLine=2,endColumn=11,title=QG203::"
            "Unknown key `nmae`.%0AMore of it.%0ADid you mean `name`?"
        ),
    ]


def test_an_annotation_cannot_be_ended_nor_another_begun() -> None:
    words = "100%\r\n::error title=mine::x"
    place = Place("a,line=9::b%\n.yaml", 1)
    shown = diagnostics_github([Diagnostic("QG404", say("{words}", words=words), place=place)])

    assert 1 == shown.count("\n")
    assert "file=a%2Cline=9%3A%3Ab%25%0A.yaml," in shown
    assert shown.endswith("::100%25%0D%0A::error title=mine::x\n")


def test_an_annotation_does_not_steer_the_terminal_of_who_reads_the_log() -> None:
    fault = Diagnostic("QG404", say("{words}", words=WEAPONS), subject=WEAPONS)

    assert {"\n"} == steering(diagnostics_github([fault]))


def test_sarif_has_the_shape_that_2_1_0_asks_for() -> None:
    document = json.loads(diagnostics_sarif(ALL, folder="groups"))
    (run,) = document["runs"]
    driver = run["tool"]["driver"]

    assert ("2.1.0", True) == (document["version"], document["$schema"].endswith("sarif-2.1.0.json"))
    assert ("qqgroup", __version__, "unicodeCodePoints") == (driver["name"], driver["version"], run["columnKind"])
    assert ["QG203", "QG313", "QG404"] == [rule["id"] for rule in driver["rules"]]
    assert [] == [rule for rule in driver["rules"] if not rule["help"]["text"] or not rule["fullDescription"]["text"]]
    assert [("QG404", "note"), ("QG313", "warning"), ("QG203", "error")] == [
        (result["ruleId"], result["level"]) for result in run["results"]
    ]


def test_sarif_of_one_fault_has_its_range_and_a_path_that_is_a_uri() -> None:
    (result,) = json.loads(diagnostics_sarif([FAULT], folder="my groups"))["runs"][0]["results"]
    (location,) = result["locations"]

    assert "Unknown key `nmae`. More of it. Did you mean `name`?" == result["message"]["text"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20groups/%E7%BE%A4.yaml"},
        "region": {"startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 11},
    }


def test_sarif_of_what_has_no_place_names_what_it_is_about() -> None:
    (result,) = json.loads(diagnostics_sarif([NOTE]))["runs"][0]["results"]

    assert "hub/profile Odd." == result["message"]["text"]
    assert "locations" not in result


def test_what_people_read_is_in_the_language_in_use_and_what_programs_read_is_not() -> None:
    english = json.loads(diagnostics_sarif([FAULT]))["runs"][0]
    with speaking("zh_CN"):
        chinese = json.loads(diagnostics_sarif([FAULT]))["runs"][0]
        title = str(CODES["QG203"].title)

    assert title == chinese["tool"]["driver"]["rules"][0]["shortDescription"]["text"]
    assert english["tool"]["driver"]["rules"][0]["shortDescription"]["text"] != title
    assert ("QG203", "error") == (chinese["results"][0]["ruleId"], chinese["results"][0]["level"])
