"""What becomes of documents whose parser was overwhelmed: neither lost for ever nor tried in every run."""

from __future__ import annotations

import pytest

from indexer.errors import ParserProcessError
from indexer.ingest.failures import FIRST_LONG_RETRY, LONG_TRIES
from indexer.model import ParsedDocument, VersionKind
from indexer.parsing import Parsers
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home

HOUR = FIRST_LONG_RETRY


class Overwhelmed(Parsers):
    """Fails on every document but the calm ones, for a reason, until it is told to succeed."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason
        self.well = False
        self.tries = 0

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        if not key.startswith("calm"):
            self.tries += 1
            if not self.well:
                raise ParserProcessError(self.reason, "it was overwhelmed")
        return super().parse(data, key)


def overwhelm(home: Home, folder: FakeFolder, reason: str) -> Overwhelmed:
    parser = Overwhelmed(reason)
    home.parser = parser
    home.reopen()
    folder.write("large.md", b"Much text.")
    folder.write("calm.md", b"Little text.")
    home.clock.advance()
    home.backfill(folder)
    return parser


@pytest.mark.parametrize("reason", ["parser-timeout", "parser-memory", "parser-crashed"])
def test_a_bad_moment_of_the_machine_loses_no_document(home: Home, folder: FakeFolder, reason: str) -> None:
    parser = overwhelm(home, folder, reason)
    assert [(f.key, f.reason, f.next_retry is None) for f in home.queries().failures().failures] == [
        ("large.md", reason, False)
    ]
    parser.well = True
    home.clock.advance(HOUR)
    home.backfill(folder)
    assert home.queries().failures().failures == ()
    (version,) = (entry.version for entry in home.queries().history("large.md").versions)
    assert version.kind is VersionKind.CONTENT
    assert home.check().problems == []


def test_a_document_that_overwhelms_its_parser_is_not_tried_in_every_run(
    home: Home, folder: FakeFolder
) -> None:
    parser = overwhelm(home, folder, "parser-timeout")
    for _ in range(10):
        home.clock.advance(HOUR // 20)
        home.backfill(folder)
    assert parser.tries == 1


def test_it_is_given_up_after_some_tries_until_it_changes_or_somebody_asks(
    home: Home, folder: FakeFolder
) -> None:
    parser = overwhelm(home, folder, "parser-memory")
    for _ in range(100):
        home.clock.advance(HOUR)
        home.backfill(folder)
    assert parser.tries == LONG_TRIES
    assert [f.next_retry is None for f in home.queries().failures().failures] == [True]

    home.backfill(folder, retry={folder.uid.rpartition(":")[2]: frozenset({"large.md"})})
    assert parser.tries == LONG_TRIES + 1
    parser.well = True
    folder.write("large.md", b"Less text.")
    home.clock.advance()
    home.backfill(folder)
    assert home.queries().show("large.md").text == "Less text."
    assert home.queries().failures().failures == ()


def test_a_parser_that_cannot_be_started_is_never_given_up(home: Home, folder: FakeFolder) -> None:
    overwhelm(home, folder, "parser-unavailable")
    for _ in range(20):
        home.clock.advance(24 * HOUR)
        home.backfill(folder)
    assert [f.next_retry is None for f in home.queries().failures().failures] == [False]
