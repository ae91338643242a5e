"""Real pages of Confluence, where the corpora are at hand."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import etree

from indexer.parsing.canonical import canonical_text, normal
from indexer.parsing.confluence.macros import FILES, GENERATED
from indexer.ports.wiki_page import Markup
from tests.support.corpora import corpus, needs_corpus
from tests.unit.parsing.confluence.pages import read

FOLDER = corpus("confluence")
pytestmark = needs_corpus("confluence")

UNSAID = {"ac:parameter", "ac:default-parameter", "ac:placeholder", "ac:task-id", "ac:task-status", "ac:adf-attribute", "style", "script"}  # fmt: skip


def exported(path: Path) -> Iterator[tuple[Markup, str]]:
    """The bodies of an export in XML."""
    data = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", path.read_bytes())
    objects = etree.iterparse(io.BytesIO(data), tag="object", recover=True, huge_tree=True)
    for _, found in objects:
        if found.get("class") != "BodyContent":
            continue
        given = {str(each.get("name")): each.text or "" for each in found.iter("property")}
        if given.get("bodyType", "0") in ("0", "2"):
            markup = Markup.STORAGE if given.get("bodyType") == "2" else Markup.WIKI
            yield markup, given.get("body", "").replace("]] >", "]]>")


def exported_in_tables(path: Path) -> Iterator[tuple[Markup, str]]:
    """The bodies of an export in CSV."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read("bodycontent.csv.gz")
    data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    for row in csv.DictReader(io.StringIO(data.decode(), newline="")):
        if row["bodytypeid"] in ("0", "2"):
            yield (Markup.STORAGE if row["bodytypeid"] == "2" else Markup.WIKI), row["body"]


class Words(HTMLParser):
    """The words of plain text nodes, found in another way than the parser under test finds them."""

    def __init__(self, storage: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(re.sub(r"<!\[CDATA\[.*?\]\]>", " ", storage, flags=re.DOTALL))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        dropped = (
            tag in UNSAID
            or (given.get("ac:name") or "").lower() in GENERATED | FILES
            or "display: none" in (given.get("style") or "")
        )
        if tag not in ("br", "hr", "img", "col"):
            self._open.append((tag, dropped))

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(dropped for _, dropped in self._open):
            self.words.extend(normal(data).split())

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass


SOURCES = sorted((FOLDER / "xml").rglob("entities.xml")) + sorted((FOLDER / "csv").glob("*.zip"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_body_is_read_well_formed_and_none_of_its_words_is_lost(path: Path) -> None:
    for markup, body in exported_in_tables(path) if path.suffix == ".zip" else exported(path):
        document = read(body, markup)
        assert document.metadata == {}
        if markup is Markup.STORAGE:
            text = canonical_text(document.blocks)
            assert [word for word in Words(body).words if word not in text] == []


def test_there_is_something_to_read() -> None:
    bodies = [body for path in SOURCES if path.suffix != ".zip" for _, body in exported(path)]
    assert len(bodies) > 200
    assert sum(map(len, bodies)) > 100_000
