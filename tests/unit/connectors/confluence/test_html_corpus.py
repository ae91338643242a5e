"""Real HTML exports, where they are at hand: counted again by naive means."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.confluence.archive import open_archive
from connectors.confluence.html_export import read_html_export
from tests.support.corpora import corpus, needs_corpus
from tests.unit.connectors.confluence.readings import Read, folder_of, read

HTML = corpus("confluence") / "html"
CORPORA = {
    "2016": HTML / "server-2016" / "test" / "assets" / "page1",
    "2021": HTML / "server-2021" / "tests" / "data" / "confluence" / "space1",
}


def parents(found: Read) -> dict[str, str | None]:
    return dict(found.all("SELECT id, parent FROM content WHERE kind = 'page'"))


@needs_corpus("confluence/html")
@pytest.mark.parametrize("name", CORPORA)
class TestRealExports:
    def test_every_page_has_its_text(self, tmp_path: Path, name: str) -> None:
        found = read(read_html_export, open_archive(CORPORA[name]), tmp_path)
        files = {
            file.stem.rpartition("_")[2]: file.read_text("utf-8")
            for file in CORPORA[name].glob("*[0-9].html")
        }
        assert set(parents(found)) == set(files)
        assert found.oddities() == []
        for page_id, text in files.items():
            between = re.search(r'<div id="main-content"[^>]*>(.*?)<div id="footer"', text, re.DOTALL)
            assert between
            said = re.sub(
                r"<ul class='childpages-macro'>.*?</ul>(?=\s*</p>)|<h2 id=\"attachments\".*",
                " ",
                between[1],
                flags=re.DOTALL,
            )
            words = re.findall(r"\w+", re.sub(r"<[^>]*>|&\w+;", " ", said))
            kept = re.findall(r"\w+", re.sub(r"<[^>]*>|&\w+;", " ", found.bodies()[page_id]))
            assert kept == words

    def test_every_attachment_and_parent_is_the_one_that_the_files_show(
        self, tmp_path: Path, name: str
    ) -> None:
        found = read(read_html_export, open_archive(CORPORA[name]), tmp_path)
        files = {
            file.stem.rpartition("_")[2]: file.read_text("utf-8")
            for file in CORPORA[name].glob("*[0-9].html")
        }
        listed = sum(
            len(re.findall(r'<a href="attachments/[^"]*">[^<]*</a> \(', text)) for text in files.values()
        )
        assert found.all("SELECT count(*) FROM content WHERE kind = 'attachment' AND size > 0") == [(listed,)]
        for page_id, text in files.items():
            crumbs = re.findall(r'<span><a href="(?:[^"]*_)?(\d+)\.html">', text)
            # The other was cut down by hand: its breadcrumbs are not those of its index.
            if crumbs and name == "2016":
                assert parents(found)[page_id] == crumbs[-1]


@needs_corpus("confluence/html")
def test_the_chinese_export_tells_dates_versions_and_its_time(tmp_path: Path) -> None:
    found = read(read_html_export, open_archive(CORPORA["2021"]), tmp_path)
    assert found.facts.taken == datetime(2021, 7, 5, 18, 26, tzinfo=UTC)
    assert found.all("SELECT title, version, author, modified FROM content WHERE id = '65619'") == [
        ("Image Demo", 4, "admin", "2021-07-05 00:00:00")
    ]
    assert parents(found)["65615"] == "65591"
    assert found.all("SELECT home FROM space") == [("65591",)]


@needs_corpus("confluence/html")
def test_exported_again_the_same_pages_have_the_same_bodies(tmp_path: Path) -> None:
    once = read(read_html_export, open_archive(CORPORA["2021"]), tmp_path)
    files = {
        file.name: file.read_text("utf-8")
        .replace("9.134.190.26:8090", "wiki.example")
        .replace("七月 05, 2021 18:26", "八月 05, 2021 18:26")
        for file in CORPORA["2021"].glob("*.html")
    }
    again = read(read_html_export, folder_of(tmp_path, files), tmp_path)
    assert again.facts.taken != once.facts.taken
    assert again.bodies() == once.bodies()
