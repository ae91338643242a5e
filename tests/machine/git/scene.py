"""A Git repository and the index that learns of it: `GitScene`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.git import create
from indexer.errors import NotFoundError
from indexer.ingest.index import ConfiguredSource
from indexer.ingest.reports import BackfillReport
from indexer.model import Instant, Version, VersionKind, VersionStatus
from indexer.ports import Event
from indexer.query.results import Hit, Mode, Question
from tests.support.git_repository import GitRepository
from tests.support.indexes import Home, written


@dataclass(frozen=True, slots=True)
class Told:
    """What is believed of one version on the line of a document; nothing that was drawn or recorded."""

    number: int | None
    key: str
    origin: str
    kind: VersionKind
    text: str | None
    valid_from: Instant | None
    valid_to: Instant | None


class GitScene:
    """One source; `settings` are those of its configuration, beside the path."""

    def __init__(self, home: Home, repository: GitRepository, name: str = "docs", **settings: Any) -> None:
        self.home = home
        self.repository = repository
        self.name = name
        self.path = repository.folder
        self.settings = settings
        self.learnt: list[Instant] = []

    @property
    def source(self) -> ConfiguredSource:
        """The source as it is configured now."""
        connector = create(self.name, {"path": str(self.path), **self.settings}, Path("/nonexistent"))
        return ConfiguredSource(self.name, connector, keep_originals=False)

    # --- what happens ------------------------------------------------------------------------

    def learn(self, *, accept_deletions: bool = False, **settings: Any) -> BackfillReport:
        """The index looks at the repository, a minute later, and is whole then."""
        self.settings |= settings
        self.home.clock.advance(60_000_000)
        report = self.home.backfill(self.source, accept_deletions=accept_deletions)
        self.learnt.append(self.home.recorded)
        problems = self.home.check().problems
        assert problems == [], problems
        return report

    def learn_all(self, **settings: Any) -> BackfillReport:
        """`learn`, which nothing hinders."""
        report = self.learn(**settings)
        assert [source.problems for source in report.sources] == [[]]
        return report

    def events(self, cursor: str | None = None) -> list[Event]:
        """What a listing tells."""
        return list(self.source.connector.changes(cursor))

    # --- what is asked -----------------------------------------------------------------------

    def documents(self) -> dict[int, list[Version]]:
        """Document → its versions: on the line in order, then the others."""
        found = {}
        with self.home.index.catalog.snapshot() as snapshot:
            for (number,) in self.home.sql("SELECT no FROM document ORDER BY no"):
                versions = snapshot.versions(number)
                found[number] = sorted(versions, key=lambda v: (v.number is None, v.number or 0))
        return found

    def told(self, *, numbered: bool = True) -> list[list[Told]]:
        """What is believed now of each document, sorted: equal for indexes that know the same."""
        found = []
        for versions in self.documents().values():
            line = [v for v in versions if v.number is not None]
            if line:
                found.append([self._told(v, numbered) for v in line])
        return sorted(found, key=repr)

    def _told(self, version: Version, numbered: bool) -> Told:
        return Told(
            version.number if numbered else None,
            version.key,
            version.origin,
            version.kind,
            self.text_of(version),
            version.valid_from,
            version.valid_to,
        )

    def text_of(self, version: Version) -> str | None:
        """The text of a version, from its manifest; None where it has none."""
        if version.manifest_no is None:
            return None
        with self.home.index.catalog.snapshot() as snapshot:
            entries = snapshot.manifest(version.manifest_no)
            passages = snapshot.passages(entry.passage_no for entry in entries)
            return "".join(e.separator + passages[e.passage_no].text for e in entries)

    def versions(self, key: str, known_at: str | None = None) -> list[Version]:
        """The versions on the line of the document that holds the key, oldest first, then the others."""
        found = [e.version for e in self.home.queries().history(key, known_at).versions]
        return sorted(found, key=lambda version: (version.number is None, version.number or 0))

    def line(self, key: str, known_at: str | None = None) -> list[tuple[str, str | None]]:
        """(key, text) of the versions on its line, oldest first; no text for tombstones and what is unread."""
        versions = [v for v in self.versions(key, known_at) if v.number is not None]
        return [(v.key, None if v.kind is VersionKind.TOMBSTONE else self.text_of(v)) for v in versions]

    def at(self, reference: str, known_at: str | None = None) -> str | None:
        """The text that a reference such as ``a.md@v1.2`` means; None where it means nothing that is known."""
        try:
            return self.home.queries().show(reference, known_at).text.strip()
        except NotFoundError:
            return None

    def withdrawn(self) -> list[str | None]:
        """The texts of withdrawn versions, of all documents."""
        every = [v for versions in self.documents().values() for v in versions]
        return sorted(self.text_of(v) or "" for v in every if v.status is VersionStatus.WITHDRAWN)

    def ids(self) -> dict[str, str]:
        """Version id of each state of each document on its line: (origin and kind) → id."""
        every = [v for versions in self.documents().values() for v in versions if v.number is not None]
        return {f"{v.origin} {v.kind}": v.id for v in every}

    def present(self) -> list[str]:
        """Keys of the live documents, sorted."""
        return sorted(self.home.keys())

    def hits(
        self, *, as_of: str | None = None, known_at: str | None = None, history: bool = False
    ) -> tuple[Hit, ...]:
        """Every passage in that scope."""
        question = Question("days", k=100, as_of=as_of, known_at=known_at, history=history, mode=Mode.VECTOR)
        return self.home.queries().search(question).hits

    def texts(
        self, *, as_of: str | None = None, known_at: str | None = None, history: bool = False
    ) -> list[str]:
        """The texts of every passage in that scope, sorted."""
        return sorted(hit.text for hit in self.hits(as_of=as_of, known_at=known_at, history=history))

    def when(self, learnt: int) -> str:
        """The instant up to which the `learnt`-th look committed, as people write it."""
        return written(self.learnt[learnt])

    def failures(self) -> list[tuple[str, str]]:
        """(key, reason) of what could not be indexed, keys without the origin."""
        listed = self.home.queries().failures().failures
        return sorted((failure.key.partition("@")[0], failure.reason) for failure in listed)
