"""The documentation: its links lead somewhere, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md")),
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
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(
            re.findall(r"(?:`|^ {4}|\$ )make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert named <= targets, f"{page.relative_to(ROOT)} names {named - targets}"
