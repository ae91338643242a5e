"""The documentation: its links lead somewhere, and what it names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.ingest import unpacking
from indexer.parsing import attachments
from indexer.parsing.formats import Format
from indexer.parsing.magic import Unparsable
from indexer.parsing.office import package, sheets
from indexer.parsing.workers import WorkerLimits

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
        *(ROOT / name / "README.md" for name in ("benchmarks", "examples")),
    ]
)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:indexer|connectors|tests|docs|benchmarks|examples|systemd|\.ci)/[\w./-]*")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def anchors(text: str) -> set[str]:
    """The fragments that a page's headings get where it is rendered."""
    titles = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(FENCED.sub("", text)))
    return {title.strip().replace(" ", "-") for title in titles}


@pages
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(FENCED.sub("", text)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target}: there is no such file"
        assert file.is_relative_to(ROOT), f"{target} leads out of the repository"
        if fragment:
            assert fragment in anchors(file.read_text(encoding="utf-8")), (
                f"{target}: there is no such heading"
            )


@pages
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    for code in CODE.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if PATH.fullmatch(code):
            assert (ROOT / code).exists(), f"`{code}` does not exist"


def test_the_index_of_the_documentation_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        if page.name != "README.md":
            assert f"]({page.name})" in index


def test_no_two_decisions_have_the_same_number() -> None:
    numbers = sorted(int(page.name[:4]) for page in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == sorted(set(numbers))


def test_the_glossary_explains_each_term_once_and_the_pages_use_it() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = [
        term.strip()
        for line in re.findall(r"^\*\*(.+)\*\*$", glossary, re.MULTILINE)
        for term in line.split(",")
    ]
    assert len(terms) == len(set(terms)) > 20
    elsewhere = " ".join(
        path.read_text(encoding="utf-8").lower()
        for path in [
            ROOT / "docs" / "design.md",
            ROOT / "docs" / "invariants.md",
            ROOT / "indexer" / "model.py",
            ROOT / "indexer" / "ports" / "connector.py",
            ROOT / "config.toml",
        ]
    )
    unused = [term for term in terms if term not in elsewhere.replace("_", " ")]
    assert unused == []


def test_the_seven_invariants_are_stated_in_order() -> None:
    text = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
    assert [int(number) for number in re.findall(r"^## (\d)\. ", text, re.MULTILINE)] == list(range(1, 8))


def test_the_commands_of_the_makefile_are_the_ones_that_the_pages_name() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(
            re.findall(r"(?:`|^ {4}|\$ )make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert named <= targets, f"{page.relative_to(ROOT)} names {named - targets}"


REASONS = {
    "Unparsable": 1,
    "ParseError": 0,
    "ReadError": 0,
    "ParserProcessError": 0,
    "LostError": 0,
    "lost": 0,
    "ExportError": 0,
    "_report": 1,
    "_not_listed": 3,
    "Unknown": 1,
}
"""Calls that give a failure its reason, and the place of that among their arguments."""


def reasons_in(tree: ast.AST) -> Iterator[str]:
    """The codes that a module's calls give failures."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = node.args[REASONS[called] :][:1] if called in REASONS else []
        if called == "SourceError":
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        yield from (
            one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )


def test_every_reason_for_a_failure_is_explained_and_no_other() -> None:
    modules = [file for folder in ("indexer", "connectors") for file in (ROOT / folder).rglob("*.py")]
    given = {reason for file in modules for reason in reasons_in(ast.parse(file.read_text(encoding="utf-8")))}
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    assert explained == given | {Unparsable("").reason}


def test_every_format_stands_in_the_table_of_formats() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| (`[^|]+) \|", page, re.MULTILINE)
    named = {ending for row in rows for code in CODE.findall(row) for ending in code.split()}
    ending = {
        Format.CODE: "sql",
        Format.MARKDOWN: "md",
        Format.RESTRUCTURED: "rst",
        Format.TEXT: "txt",
        Format.WIKI_PAGE: "zip",
    }
    assert {ending.get(format_, format_.name.lower()) for format_ in Format} <= named


def test_the_limits_that_the_page_on_formats_states_are_those_of_the_code() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    limits = page[page.index("## Limits") : page.index("## Not read")]
    worker = WorkerLimits()
    for stated in (
        f"{worker.text_characters:,} characters",
        f"{worker.seconds / 60:.0f} minutes, and {worker.seconds_per_mib:.0f} seconds",
        f"{worker.program_seconds / 60:.0f} minutes more",
        f"{worker.memory >> 20} MiB;",
        f"{package.MOST_ENTRIES:,} parts, {package.MOST_BYTES >> 30} GiB unpacked, {package.LARGEST_XML >> 20} MiB",
        f"{sheets.MOST_CELLS:,} filled cells, {sheets.MOST_CHARACTERS:,} characters",
        f"{attachments.MOST_FILES:,}, and {attachments.MOST_BYTES >> 20} MiB together",
        f"{unpacking.MOST:,} with those of its attachments",
    ):
        assert stated in limits, f"{stated} is not what docs/formats.md says"
