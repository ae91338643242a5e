"""What people put into documents and their names: each failure costs only its document."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.ingest.index import ConfiguredSource
from indexer.model import ParsedDocument, VersionKind
from indexer.parsing import Parsers
from indexer.query.results import Mode, Question
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, canonical

# --- strange contents -----------------------------------------------------------------------------

STRANGE = {
    "zero bytes": b"",
    "only blanks": b" \n\t\n  \n",
    "invalid UTF-8": b"caf\xe9 \xff\xfe days \x80\x81",
    "mixed line ends": b"one\r\ntwo\rthree\nfour\r\n\r\nfive",
    "a byte order mark": b"\xef\xbb\xbf# Leave\n\nTwenty days.",
    "control characters": b"a\x0bb\x0cc\x1b[31md days",
    "a lone surrogate in its title": b'---\ntitle: "x \\uD800 y"\nversion: "\\uDFFF"\n---\n\nTwenty days.',
    "a lone surrogate as a reference": b"<html><body><h1>&#xD800; x</h1><p>days &#xDC00;</p></body></html>",
    "no end of line": b"Twenty days",
    "only headings": b"# A\n\n## B\n\n### C\n",
    "deep nesting": b">" * 500 + b" days",
    "an unclosed fence": b"```\nTwenty days.\n",
    "a table without rows": b"| a | b |\n| --- | --- |\n",
    "null bytes in text": b"Twenty\x00days",
    "emoji and right-to-left": "أيام 👩‍👩‍👧 dağ ǆ".encode(),
}


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html", "a.rst", "a.json", "a.yaml", "a.csv"])
@pytest.mark.parametrize("case", STRANGE)
def test_a_strange_document_costs_only_itself_and_is_shown_as_it_was_read(
    home: Home, folder: FakeFolder, case: str, name: str
) -> None:
    folder.write(name, STRANGE[case])
    folder.write("plain.md", b"Plain days.")
    home.clock.advance()
    home.backfill(folder)
    assert home.check().problems == []
    assert home.queries().show("plain.md").text == "Plain days."
    (version,) = (entry.version for entry in home.queries().history(name).versions)
    if version.kind is VersionKind.CONTENT:
        assert home.queries().show(name).text == canonical(home, STRANGE[case], name)
    else:
        assert [f.key for f in home.queries().failures().failures] == [name]
    for mode in Mode:
        home.queries().search(Question("days", mode=mode))


def test_binary_data_with_the_name_of_a_text_is_listed_and_not_indexed(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("picture.md", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    home.clock.advance()
    report = home.backfill(folder)
    assert report.sources[0].failed == 1
    (failure,) = home.queries().failures().failures
    assert failure.next_retry is None, "the same bytes would fail again"
    assert home.sizes()["passage"] == 0


def test_one_very_long_line_is_cut_into_passages_and_shown_whole(home: Home, folder: FakeFolder) -> None:
    line = " ".join(f"word{number % 9973} days" for number in range(150_000))
    assert len(line) > 2_000_000
    folder.write("long.txt", line.encode())
    home.clock.advance()
    home.backfill(folder)
    assert home.queries().show("long.txt").text == line
    assert home.sizes()["passage"] > 100
    limit = home.embedder.counter.limit
    assert max(home.embedder.counter.count(home.embedder.texts)) <= limit


class Faulty(Parsers):
    """A parser with a defect."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        if key == "bad.md":
            raise self._error
        return super().parse(data, key)


@pytest.mark.parametrize("error", [RecursionError("too deep"), ValueError("defect"), MemoryError()], ids=repr)
def test_a_defect_of_a_parser_costs_only_the_document_that_meets_it(place: Path, error: Exception) -> None:
    with Home(place / "faulty", parser=Faulty(error)) as home:
        folder, wiki = FakeFolder(home.clock), FakeConnector()
        folder.write("bad.md", b"days")
        folder.write("good.md", b"Good days.")
        wiki.observe("bad.md", b"days", at=1)
        wiki.observe("page", b"Page days.", at=1)
        home.clock.advance()
        home.backfill(folder, wiki)
        assert home.queries().show("good.md").text == "Good days."
        assert home.queries().show("page").text == "Page days."
        failures = home.queries().failures().failures
        assert len(failures) == 2
        assert all(type(error).__name__ in failure.detail for failure in failures)
        home.parser = Parsers()
        home.reopen()
        assert home.check().problems == []


# --- strange names --------------------------------------------------------------------------------

NAMES = (
    "it's.md",
    'say "days".md',
    "'; DROP TABLE document; --.md",
    "100%_[a-z]?*.md",
    "line\nbreak.md",
    "tab\there.md",
    "@latest.md",
    "a@2.md",
    "-rf.md",
    "räume/日本語/🌴.md",
    "$(reboot).md",
    "back\\slash.md",
    " leading and trailing .md",
    "\u202egnp.md",
)


def test_names_of_any_kind_are_indexed_shown_renamed_and_buried(
    home: Home, share: Path, source: ConfiguredSource
) -> None:
    for number, name in enumerate(NAMES):
        (share / name).parent.mkdir(parents=True, exist_ok=True)
        (share / name).write_text(f"{number} days.")
    home.backfill(source)
    queries = home.queries()
    for number, name in enumerate(NAMES):
        assert home.document_id(name)
        assert queries.show(home.document_id(name)).text == f"{number} days."
        assert queries.show(name).text == f"{number} days."
        paths = queries.search(Question("days", document=name)).hits
        assert [hit.text for hit in paths] == [f"{number} days."]
    ids = {name: home.document_id(name) for name in NAMES}
    home.clock.advance()
    for name in NAMES:
        (share / name).rename((share / name).with_name(f"moved {(share / name).name}"))
    home.backfill(source)
    assert sorted(map(home.document_id, home.keys())) == sorted(ids.values())
    assert home.check().problems == []


def test_a_name_that_is_no_utf8_is_indexed(home: Home, share: Path, source: ConfiguredSource) -> None:
    Path(os.fsdecode(os.fsencode(share) + b"/caf\xe9.md")).write_text("Twenty days.")
    home.backfill(source)
    (key,) = list(home.keys())
    assert home.queries().show(home.document_id(key)).text == "Twenty days."
    assert home.check().problems == []
    assert home.backfill(source).sources[0].versions_added == 0
