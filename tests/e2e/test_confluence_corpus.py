"""Real exports, counted and read by other means than the connector's own."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from connectors.confluence import create
from indexer.parsing import Parsers
from indexer.ports.wiki_page import Markup, WikiPage
from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.corpora import corpus, needs_corpus
from tests.support.indexes import Home, fast_folder

CONFLUENCE = corpus("confluence")
CLOUD = CONFLUENCE / "csv" / "cloud-2026.zip"
HOME_PAGE = "604438642"

pytestmark = needs_corpus("confluence")


@cache
def rows(table: str) -> list[dict[str, str]]:
    """The rows of a table of the Cloud export."""
    csv.field_size_limit(100_000_000)
    with zipfile.ZipFile(CLOUD) as archive:
        text = archive.read(f"{table}.csv.gz").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def pages() -> dict[str, dict[str, dict[str, str]]]:
    """Id of each page → version → its row; drafts are none."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows("content"):
        if row["contenttype"] == "PAGE" and row["content_status"] != "draft":
            found.setdefault(row["prevver"] or row["contentid"], {})[row["version"]] = row
    return found


@pytest.fixture(scope="module")
def index() -> Iterator[Home]:
    """The Cloud export, indexed with its comments."""
    folder = fast_folder("corpus-")
    with Home(folder / "home") as home:
        home.backfill(create("wiki", {"path": str(CLOUD), "comments": True}, folder / "copies"))
        yield home
    shutil.rmtree(folder)


def test_the_counts_are_those_of_the_tables() -> None:
    """What the tests below compare with."""
    kinds = Counter(
        "draft" if row["content_status"] == "draft" else "earlier" if row["prevver"] else "present"
        for row in rows("content")
        if row["contenttype"] == "PAGE"
    )
    assert kinds == {"present": 19, "earlier": 42, "draft": 20}
    assert sorted(map(int, pages()[HOME_PAGE])) == list(range(1, 21))


def test_every_page_has_the_versions_of_the_table(index: Home) -> None:
    queries = index.queries()
    held = index.keys()
    assert {key for key in held if "/" not in key} == set(pages())
    for page_id, versions in pages().items():
        found = {
            entry.version.labels[0]: entry.version
            for entry in queries.history(page_id).versions
            if entry.version.number is not None
        }
        assert set(found) == set(versions)
        for number, version in found.items():
            assert version.title == versions[number]["title"].strip()


def test_every_version_has_exactly_the_text_of_its_own_row(index: Home) -> None:
    bodies = {row["contentid"]: row for row in rows("bodycontent")}
    names = {f"user:{row['user_key']}": row["username"] for row in rows("user_mapping")}
    names |= {f"user:{row['aaid']}": row["username"] for row in rows("user_mapping") if row["aaid"]}
    names |= {f"content:{row['contentid']}": row["title"] for row in rows("content") if row["title"]}
    queries, parsers, compared = index.queries(), Parsers(), 0
    for page_id, versions in pages().items():
        for number, row in versions.items():
            body = bodies[row["contentid"]]
            assert body["bodytypeid"] == "2"
            # Line ends are those of the file; no text depends on them.
            page = WikiPage(Markup.STORAGE, body["body"].replace("\r\n", "\n"), names)
            expected = "\n\n".join(block.text for block in parsers.parse(page.write(), page_id).blocks)
            assert queries.show(f"{page_id}@label:{number}").text == expected, (page_id, number)
            compared += 1
    assert compared == 61


def test_a_search_in_version_3_finds_nothing_but_version_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = WikiWorkplace(tmp_path, capsys)
    work.configure(CLOUD)
    assert work.backfill()["failed"] == 0
    third = work.text(f"{HOME_PAGE}@3")
    answer = work.json("search", "page test macro", "--doc", HOME_PAGE, "--version", "3")
    assert answer["hits"]
    for hit in answer["hits"]:
        assert hit["version"]["labels"] == ["3"]
        assert hit["text"] in third
    everywhere = work.json("search", "page test macro", "--version", "3")
    assert {label for hit in everywhere["hits"] for label in hit["version"]["labels"]} == {"3"}
    having = sum("3" in versions for versions in pages().values())
    assert everywhere["scope"]["documents_with"] >= having
    assert [v["labels"] for v in work.versions(HOME_PAGE)] == [[str(n)] for n in range(1, 21)]
    assert work.backfill()["versions_added"] == 0
    work.sound()


def exports() -> list[Path]:
    """Every unpacked export of the corpus."""
    marks = [*CONFLUENCE.glob("xml/**/entities.xml"), *CONFLUENCE.glob("html/**/index.html")]
    return sorted(mark.parent for mark in marks)


def test_every_export_is_indexed_and_a_second_run_finds_nothing_new() -> None:
    folder = fast_folder("corpus-")
    for number, export in enumerate(exports()):
        with Home(folder / str(number)) as home:
            connector = create("wiki", {"path": str(export), "comments": True}, folder / "copies")
            first = home.backfill(connector).sources[0]
            assert not [p for p in first.problems if "not an export" in p], export
            assert home.check().problems == [], export
            sizes = home.sizes()
            second = home.backfill(connector).sources[0]
            assert (second.versions_added, second.failed) == (0, first.failed), export
            assert home.sizes() == sizes | {"run": sizes["run"] + 1} or home.sizes() == sizes, export
    shutil.rmtree(folder)
