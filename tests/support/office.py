"""A folder of mails with its index, for tests of what they carry."""

from __future__ import annotations

from pathlib import Path

from indexer.model import VersionKind
from tests.support.fake_clock import FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.mails import MailParsers, mail

SECOND = 1_000_000


class Office:
    """A folder of mails, and its index."""

    def __init__(self, place: Path) -> None:
        self.parser = MailParsers()
        self.home = Home(place, clock=FakeClock(), parser=self.parser)
        self.folder = FakeFolder(self.home.clock)

    def backfill(self, **options: bool) -> None:
        """Bring the index up to date and check all of it; a second run finds nothing to do."""
        self.home.clock.advance(2 * SECOND)
        self.home.backfill(self.folder, **options)  # type: ignore[arg-type]
        assert self.home.check().problems == []
        assert self.home.embedder.repeated == []
        sizes, parsed, reads = self.home.sizes(), len(self.parser.parsed), len(self.folder.reads)
        self.home.backfill(self.folder)
        assert (self.home.sizes(), len(self.parser.parsed), len(self.folder.reads)) == (sizes, parsed, reads)
        self.home.clock.advance(SECOND)

    def keys(self) -> list[str]:
        return sorted(self.present())

    def present(self) -> dict[str, str]:
        """Key → id of every document that is there."""
        return {key: self.home.document_id(key) for key in iter(self.home.keys())}

    def text(self, key: str) -> str:
        return self.home.queries().show(key).text

    def kinds(self, key: str) -> list[VersionKind]:
        return [entry.version.kind for entry in self.home.queries().history(key).versions]

    def failing(self) -> list[tuple[str, str]]:
        return [(f.key, f.reason) for f in self.home.queries().failures().failures]


OFFER = mail("Our offer", {"terms.md": b"# Terms\n\nThirty days.", "prices.csv": b"what,price\nchair,3\n"})
