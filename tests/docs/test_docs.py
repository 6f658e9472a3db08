"""The documentation against the program: complete in both languages, current, and true where it can be run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from qqgroup_provision.codes import CODES
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.simulator import faults
from qqgroup_provision.simulator.seed import parse_seed
from qqgroup_provision.workspace import schema
from qqgroup_provision.workspace.document import parse_document
from qqgroup_provision.workspace.positions import Positions
from tests.repository.tree import ROOT, files

DOCS = ROOT / "docs"
LANGUAGES = {"en": DOCS, "zh_CN": DOCS / "zh-CN"}
PAGES = sorted(path for path in DOCS.rglob("*.md"))
MARKDOWN = sorted(ROOT / path for path in files() if path.suffix == ".md")

in_each_language = pytest.mark.parametrize("folder", LANGUAGES.values(), ids=LANGUAGES)


@cache
def generator(name: str) -> ModuleType:
    """A module of the generator. It lies beside the pages and belongs to no package."""
    if str(DOCS) not in sys.path:
        sys.path.insert(0, str(DOCS))
    return __import__(name)


def text_of(folder: Path, page: str = "") -> str:
    """One page of a language, or all of them."""
    pages = [folder / page] if page else [p for p in PAGES if (DOCS / "zh-CN" in p.parents) == (folder != DOCS)]
    return "\n".join(path.read_text(encoding="utf-8") for path in pages)


def codes_in(text: str) -> set[str]:
    """Everything between single backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


# Both languages


def test_each_english_page_has_a_chinese_one_and_the_other_way_round() -> None:
    english = {str(path.relative_to(DOCS)) for path in PAGES if DOCS / "zh-CN" not in path.parents}
    chinese = {str(path.relative_to(DOCS / "zh-CN")) for path in PAGES if DOCS / "zh-CN" in path.parents}

    assert english
    assert english == chinese


def test_a_page_has_as_many_parts_and_examples_in_chinese_as_in_english() -> None:
    def outline(path: Path) -> tuple[list[int], list[str]]:
        text = path.read_text(encoding="utf-8")
        bare = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
        return [len(m) for m in re.findall(r"^(#+) ", bare, re.MULTILINE)], re.findall(
            r"^```(\w+)$", text, re.MULTILINE
        )

    differ = [
        str(path.relative_to(DOCS))
        for path in PAGES
        if DOCS / "zh-CN" not in path.parents and outline(path) != outline(DOCS / "zh-CN" / path.relative_to(DOCS))
    ]

    assert [] == differ


@in_each_language
def test_the_index_links_every_page(folder: Path) -> None:
    index = folder / "README.md"
    linked = {(folder / target.split("#")[0]).resolve() for target, _ in links(index)}
    pages = {p for p in PAGES if (DOCS / "zh-CN" in p.parents) == (folder != DOCS)}

    assert {index} == pages - linked


# Completeness


def schema_keys() -> Iterator[tuple[str, str]]:
    for name in schema.KINDS.values():
        loaded = schema.load_schema(name)
        for way, _, _ in generator("yaml_page").keys(loaded, loaded):
            yield name, way


@in_each_language
def test_every_key_of_every_schema_is_described(folder: Path) -> None:
    page = text_of(folder, "reference/yaml.md")
    found = list(schema_keys())
    headings = [f"### {'group' if n == 'template' and w not in ('kind', 'key') else n}: `{w}`\n" for n, w in found]

    assert len(found) > 100
    assert [] == [heading for heading in headings if heading not in page]


@in_each_language
def test_every_key_that_is_not_carried_out_yet_is_said_not_to_be(folder: Path) -> None:
    page = text_of(folder, "reference/yaml.md")
    sections = {part.split("\n", 1)[0]: part for part in page.split("### ")[1:]}
    marked = {title for title, part in sections.items() if re.search("not carried out yet\\*|尚未实现\\*", part)}

    assert set() == marked


def described_commands() -> list[dict[str, Any]]:
    return list(generator("generate").describe_commands("en"))


@in_each_language
def test_every_command_and_every_option_is_described(folder: Path) -> None:
    page = text_of(folder, "reference/commands.md")
    sections = {part.split("\n", 1)[0]: part for part in page.split("\n## ")[1:]}
    missing = [
        f"{command['path']} {name}"
        for command in described_commands()
        for option in command["options"]
        for name in option["names"]
        if f"`{name}`" not in sections.get(command["path"], "")
    ]

    assert {command["path"] for command in described_commands()} <= sections.keys()
    assert [] == missing


@in_each_language
def test_every_diagnostic_code_is_described(folder: Path) -> None:
    page = text_of(folder, "reference/codes.md")

    assert [] == [code for code in CODES if f'<a id="{code.lower()}"></a>\n\n### {code}' not in page]


@in_each_language
def test_every_exit_code_is_described(folder: Path) -> None:
    def below(error: type[QQGroupError]) -> set[int]:
        return {error.exit_code}.union(*(below(child) for child in error.__subclasses__()))

    rows = set(re.findall(r"^\| `(\d+)` \|", text_of(folder, "reference/exit-codes.md"), re.MULTILINE))

    assert {str(code) for code in below(QQGroupError) | {0, 2, 130}} == rows


@in_each_language
def test_every_kind_of_resource_has_a_page_with_its_name_and_an_example(folder: Path) -> None:
    kinds_folder = folder / "reference" / "kinds"

    assert {kind.name for kind in kinds()} == {path.stem for path in kinds_folder.glob("*.md")}
    for path in kinds_folder.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert f"`{path.stem}`" in text.split("\n", 1)[0]
        assert "```yaml" in text, path.name


@in_each_language
def test_every_kind_of_resource_and_every_action_is_named(folder: Path) -> None:
    named = codes_in(text_of(folder, "reference/plan-file.md"))

    assert [] == [kind.name for kind in kinds() if kind.name not in named]
    assert [] == [action for action in Action if not {action.word, action.glyph} <= named]


@in_each_language
def test_every_fault_of_the_simulator_is_described(folder: Path) -> None:
    named = {code.split(":")[0] for code in codes_in(text_of(folder, "how-to/simulate.md"))}

    assert [] == [
        kind for kind in (*faults.KINDS, "action", "group", "writes_only", "skip", "times") if kind not in named
    ]


def environment_variables() -> set[str]:
    """The names that sources ask the environment for."""
    python = [p for p in files() if p.suffix == ".py" and p.parts[0] in ("qqgroup_provision", ".ci")]
    asked = re.compile(
        r"environ(?:ment)?(?:\.get\(|\[)\s*\"([A-Z_]+)\"(?!\] = )|envvar=\"([A-Z_]+)\"|\"(_QQGROUP_COMPLETE)\""
        r"|for name in \((\"[A-Z_\", ]+)\)"
    )
    found: set[str] = set()
    for path in python:
        for match in asked.findall((ROOT / path).read_text(encoding="utf-8")):
            found.update(re.findall("[A-Z_]{4,}", " ".join(match)))
    for path in files():
        if path.parts[0] == ".ci" and not path.suffix:
            found.update(re.findall(r"\$\{?([A-Z][A-Z_]{3,})\b(?!\[)", (ROOT / path).read_text(encoding="utf-8")))
        if path.suffix == ".yml" and ".github" in path.parts:
            found.update(re.findall(r"\bvars\.([A-Z_]+)", (ROOT / path).read_text(encoding="utf-8")))
    return found - {"BASH_SOURCE", "GIT_CONFIG_VALUE_0"}


@in_each_language
def test_every_environment_variable_is_described(folder: Path) -> None:
    named = codes_in(text_of(folder, "reference/environment.md"))
    found = environment_variables()

    assert {"QQGROUP_DIR", "QQGROUP_LANG", "NO_COLOR", "LANG", "GH_TOKEN", "QQGROUP_RUNNER"} <= found
    assert [] == sorted(found - named)


def test_every_workflow_is_described() -> None:
    names = {path.name for path in files() if path.parent == Path(".github/workflows")}

    assert names
    assert [] == [
        (folder, n) for folder in LANGUAGES.values() for n in names if n not in text_of(folder, "how-to/ci.md")
    ]


def test_every_floor_of_the_house_is_drawn() -> None:
    rooms = {path.parts[1].removesuffix(".py") for path in files() if path.parts[0] == "qqgroup_provision"}
    rooms -= {"__init__", "__main__", "locale", "py.typed"}

    for folder in LANGUAGES.values():
        named = codes_in(text_of(folder, "explanation/architecture.md"))
        assert set() == rooms - named


# Currency


def test_the_generated_pages_are_current() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in generator("generate").reference_pages()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]

    assert [] == stale, "run make docs"


@pytest.mark.skipif(sys.platform == "win32", reason="the pages show a POSIX shell")
@pytest.mark.parametrize(
    "page", [p for p in PAGES if "<!-- run -->" in p.read_text("utf-8")], ids=lambda p: p.relative_to(DOCS).as_posix()
)
def test_what_a_page_shows_is_what_the_commands_print(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    language = "zh_CN" if "zh-CN" in page.parts else "en"

    assert generator("replay").replayed(text, language) == text, "run make docs"


def test_a_page_that_shows_something_else_is_noticed() -> None:
    page = "<!-- run -->\n\n```console\n$ echo one\ntwo\n```\n"

    assert "<!-- run -->\n\n```console\n$ echo one\none\n```\n" == generator("replay").replayed(page, "en")


def test_check_names_each_stale_file_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "stale.md"
    stale.write_text("old\n")
    generate = generator("generate")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "reference_pages", lambda: [(stale, "new\n")])
    monkeypatch.setattr(generate.replay, "pages", lambda _: [])
    monkeypatch.setattr(generate.picture, "pictures", lambda _: [])

    assert (1, "old\n") == (generate.main(["--check"]), stale.read_text())
    assert (0, "new\n") == (generate.main([]), stale.read_text())
    assert 0 == generate.main(["--check"])


def test_an_unknown_option_of_the_generator_is_refused() -> None:
    done = subprocess.run([sys.executable, DOCS / "generate.py", "--wrong"], capture_output=True, check=False)

    assert 2 == done.returncode


@pytest.mark.parametrize("name", ["plan.svg", "plan.zh-CN.svg"])
def test_a_picture_fetches_nothing_and_names_no_machine(name: str) -> None:
    svg = (DOCS / "images" / name).read_text(encoding="utf-8")

    assert "python-hub" in svg
    assert ["http://www.w3.org/2000/svg"] == sorted(set(re.findall(r"https?://[^\"'<> )]+", svg)))
    assert [] == re.findall(r"@font-face|@import|<script|<image|127\.0\.0\.1", svg)


def test_a_picture_is_the_same_bytes_each_time_it_is_drawn() -> None:
    draw = generator("picture").drawn
    first = draw("\x1b[32m+ title/alice\x1b[0m\n头衔")

    assert first == draw("\x1b[32m+ title/alice\x1b[0m\n头衔")
    assert first != draw("\x1b[32m+ title/bob\x1b[0m\n头衔")


# Truth of what stands in pages


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)


def links(path: Path) -> list[tuple[str, str]]:
    """Relative links of a page as (target, whole link)."""
    text = without_code(path.read_text(encoding="utf-8"))
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [(target, target) for target in found if not re.match(r"[a-z]+:", target)]


def anchors(path: Path) -> set[str]:
    """The fragments a page can be entered at, as GitHub makes them."""
    text = path.read_text(encoding="utf-8")
    bare = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", bare, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)"', text))


def broken(path: Path) -> list[str]:
    found = []
    for target, whole in links(path):
        file, _, fragment = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (fragment and there.suffix == ".md" and fragment not in anchors(there)):
            found.append(whole)
    return found


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    assert [] == broken(path)


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A part\n\n[here](#a-part) [gone](gone.md) [nowhere](page.md#nowhere) [web](https://example.org)\n"
    )

    assert ["gone.md", "page.md#nowhere"] == broken(page)


def yaml_blocks() -> Iterator[tuple[str, str]]:
    for path in MARKDOWN:
        for match in re.finditer(r"^```yaml\n(.*?)^```$", path.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            if re.match(r"(#.*\n)*kind:", match[1]):
                yield path.relative_to(ROOT).as_posix(), match[1]


def faults_of(text: str) -> list[str]:
    """What is wrong with one document, a simulated world included."""
    if re.search(r"^kind: World$", text, re.MULTILINE):
        parse_seed(text)
        return []
    positions = Positions()
    document, found = parse_document(text.encode(), "example.yaml", positions)
    if document is not None:
        found = schema.check(document, positions)
    return [f"{item.code} {item.summary} {item.place}" for item in found]


@pytest.mark.parametrize(("page", "text"), list(yaml_blocks()))
def test_every_document_in_the_pages_passes_its_schema(page: str, text: str) -> None:
    assert [] == faults_of(text)


def test_a_wrong_document_in_a_page_is_noticed() -> None:
    assert faults_of("kind: Group\nkey: hub\nnmae: x\n")
    assert faults_of("kind: Group\nkey: hub\ncurfew: {}\n")


def test_every_diagnostic_code_that_a_page_names_exists() -> None:
    named = {(path.name, code) for path in MARKDOWN for code in re.findall(r"\bQG\d{3}\b", path.read_text("utf-8"))}

    assert named
    assert [] == sorted(item for item in named if item[1] not in CODES)


def test_no_page_uses_an_option_that_no_command_has() -> None:
    known = {name for command in described_commands() for option in command["options"] for name in option["names"]}
    known |= {"--help", "--version"}
    used = {
        (path.relative_to(DOCS).as_posix(), option)
        for path in PAGES
        for line in re.findall(r"^\$ (?:eval \"\$\()?(qqgroup .*)$", path.read_text("utf-8"), re.MULTILINE)
        for option in re.findall(r"(?<!\S)(--[a-z-]+)", line.split("#")[0])
    }

    assert used
    assert [] == sorted(item for item in used if item[1] not in known)


def test_lines_of_written_pages_are_not_long() -> None:
    """Tables cannot be broken, nor what commands print, nor examples; generated pages are broken as they are made."""
    long = []
    for path in PAGES:
        text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        long += [
            f"{path.relative_to(DOCS)}: {line}"
            for line in text.splitlines()
            if len(line) > 120 and not re.match(r"\||<!-- do: |\s*`[^`]*`$", line) and "](" not in line
        ]

    assert [] == long
