"""A whole index for tests: real catalog, parsers, chunker and write side; a hashing embedder that counts.

home = Home(tmp_path)                  # passages in memory
home = Home(tmp_path, lance=True)      # in LanceDB
folder = FakeFolder(home.clock)
home.backfill(folder)
home.crash_at("passages written")      # the next backfill raises `Crash` there
home.reopen()                          # as a new process would: fresh objects over the same stores
home.queries().show("a.md")
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

from numpy.typing import NDArray

from indexer.check.report import CheckReport
from indexer.check.verification import check
from indexer.clock import to_datetime
from indexer.embedding.hashing import HashingEmbedder
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import ConfiguredSource, Index, IngestLimits
from indexer.ingest.reports import BackfillReport
from indexer.model import FOREVER, Instant, Published, Row
from indexer.parsing import Parsers
from indexer.ports import Connector, Parser, PassageStore, TokenCounter, Vectors
from indexer.query.queries import Queries
from indexer.store.catalog.catalog import Catalog
from indexer.store.originals import FileOriginals
from tests.support.fake_clock import FakeClock
from tests.support.memory_passages import MemoryPassages


def fast_folder(prefix: str) -> Path:
    """A new empty folder, in memory where there is such a place: tests that commit hundreds of times wait for no disk."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory if usable else None))


class Crash(BaseException):
    """The process ends here. Not an `Exception`: nothing may catch it."""


class CountingEmbedder:
    """A `HashingEmbedder` that remembers what it embedded, and can be broken."""

    def __init__(self, dimension: int = 32) -> None:
        self.uncounted = HashingEmbedder(dimension)
        self.texts: list[str] = []
        """Every text that was embedded, in order; questions do not count."""

    @property
    def fingerprint(self) -> str:
        return self.uncounted.fingerprint

    @property
    def dimension(self) -> int:
        return self.uncounted.dimension

    @property
    def counter(self) -> TokenCounter:
        return self.uncounted.counter

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self.uncounted.embed(texts)

    def embed_query(self, text: str) -> NDArray:  # type: ignore[type-arg]
        return self.uncounted.embed_query(text)

    @property
    def repeated(self) -> list[str]:
        """Texts that were embedded more than once."""
        return [text for text, times in Counter(self.texts).items() if times > 1]


@dataclass(slots=True)
class _Steps:
    """Called between the steps of the commit protocol; raises `Crash` where it was told to."""

    passed: list[str] = field(default_factory=list)
    name: str | None = None
    skip: int = 0
    """How many steps (of this name; of any name, if that is empty) are let pass."""

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if self.name is None or (self.name and self.name != name):
            return
        if self.skip == 0:
            self.name = None
            raise Crash(name)
        self.skip -= 1


class Home:
    """A data folder with an index in it, and everything that a test wants to do with that."""

    def __init__(
        self,
        folder: Path,
        *,
        lance: bool = False,
        clock: FakeClock | None = None,
        limits: IngestLimits | None = None,
        parser: Parser | None = None,
        embedder: CountingEmbedder | None = None,
        store: Callable[[str, int], PassageStore] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.clock = clock or FakeClock()
        self.limits = limits or IngestLimits()
        self.parser: Parser = parser or Parsers()
        self.embedder = embedder or CountingEmbedder()
        self.steps = _Steps()
        self.tables: dict[str, MemoryPassages] = {}
        """Passages tables in memory by fingerprint; they survive `reopen` as files would."""
        self._lance = lance
        self._store = store
        self.index = self._open()

    # --- what a process does -----------------------------------------------------------------

    def reopen(self) -> None:
        """Forget everything that is not stored, as a new process does."""
        self.close()
        self.steps.name = None
        self.index = self._open()

    def close(self) -> None:
        """Give the catalog's file back."""
        self.index.catalog.close()

    def __enter__(self) -> Home:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def backfill(
        self,
        *connectors: Connector | ConfiguredSource,
        accept_deletions: bool = False,
        dry_run: bool = False,
        retry: dict[str, frozenset[str]] | None = None,
    ) -> BackfillReport:
        """Bring these sources up to date; a bare connector is a source with the last part of its uid for a name."""
        sources = [c if isinstance(c, ConfiguredSource) else configured(c) for c in connectors]
        return Backfill(self.index).run(
            sources, accept_deletions=accept_deletions, dry_run=dry_run, retry=retry
        )

    def crash_at(self, step: str, count: int = 1) -> None:
        """The `count`-th step of this name from now on raises `Crash`; an empty name means any step."""
        self.steps.name, self.steps.skip = step, count - 1

    def embedded_texts(self) -> set[str]:
        """Every text that was ever committed and had to be embedded for it."""
        with self.index.catalog.snapshot() as snapshot:
            numbers = [row[0] for row in self.sql("SELECT DISTINCT passage_no FROM row")]
            return {passage.embedded for passage in snapshot.passages(numbers).values()}

    def crashed(self, act: Callable[[], object]) -> bool:
        """Whether `act` came to the step at which it was told to crash; the index is opened anew if so."""
        try:
            act()
        except Crash:
            self.reopen()
            return True
        self.steps.name = None
        return False

    def queries(self) -> Queries:
        """Questions to the index, over the same connection to the catalog."""
        return Queries(
            self.index.catalog,
            lambda published: self.index.passages(published.fingerprint, self.embedder.dimension),
            lambda: self.embedder,
            lambda: self.index.originals,
            UTC,
        )

    # --- what a test looks at ----------------------------------------------------------------

    def check(self) -> CheckReport:
        """`indexer check --deep`; what it embeds to compare is not counted."""
        return check(replace(self.index, embedder=self.embedder.uncounted), deep=True)

    @property
    def recorded(self) -> Instant:
        """The instant of the last commit."""
        with self.index.catalog.snapshot() as snapshot:
            return snapshot.recorded

    @property
    def published(self) -> Published | None:
        """The commit point that searches use."""
        with self.index.catalog.snapshot() as snapshot:
            return snapshot.published()

    def table_rows(self) -> dict[int, Row]:
        """The rows of the published passages table, by number."""
        published = self.published
        if published is None:
            return {}
        store = self.index.passages(published.fingerprint, self.embedder.dimension)
        return {p.row.no: p.row for batch in store.at(published.table_version).scan() for p in batch}

    def catalog_rows(self) -> dict[int, Row]:
        """The rows of the catalog, by number."""
        with self.index.catalog.snapshot() as snapshot:
            return {row.no: row for row in snapshot.rows()}

    def sizes(self) -> dict[str, int]:
        """Lines of the tables that grow with what is indexed, and the newest version of the passages table."""
        tables = (
            "document",
            "version",
            "placement",
            "rendition",
            "manifest",
            "passage",
            "row",
            "label",
            "attribute",
            "run",
        )
        found = {table: int(self.sql(f"SELECT count(*) FROM {table}")[0][0]) for table in tables}
        return found | {
            "table version": self.index.table().newest() or 0,
            "embedded": len(self.embedder.texts),
        }

    def sql(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        """Run SQL on the catalog's own connection: to look inside, and to damage it."""
        return self.index.catalog._sql.execute(statement, values).fetchall()

    def keys(self) -> dict[str, int]:
        """Key → number of the document that holds it at present."""
        with self.index.catalog.snapshot() as snapshot:
            return {key: no for no, _, key in snapshot.keys(snapshot.recorded)}

    def document_id(self, key: str) -> str:
        """The id of the document that is at `key` at present."""
        with self.index.catalog.snapshot() as snapshot:
            return snapshot.document(self.keys()[key]).id

    def state(self) -> object:
        """All that is believed, without drawn ids and recorded times: equal for equal histories.

        Documents in the order of their numbers, each with its versions (those that were withdrawn and
        those aside included), their texts, the weave rows believed now, and what is said of it as a whole.
        """
        with self.index.catalog.snapshot() as snapshot:
            documents = []
            for document in _numbers(self):
                versions = snapshot.versions(document)
                rows = [row for row in snapshot.rows(document_no=document) if row.recorded_to == FOREVER]
                passages = snapshot.passages(row.passage_no for row in rows)
                documents.append(
                    (
                        [
                            (v.kind, v.status, v.number, v.key, v.title, v.valid_from, v.valid_to, v.origin,
                             v.text_hash, v.labels, v.content_hash)
                            for v in versions
                        ],
                        sorted(
                            (passages[r.passage_no].heading, passages[r.passage_no].text, r.valid_from, r.valid_to)
                            for r in rows
                        ),
                        snapshot.attributes([document]).get(document),
                    )
                )  # fmt: skip
            failures = [(f.key, f.reason) for f in snapshot.failures()]
            seen = self.sql("SELECT key, document_no, etag, file_id, size FROM seen ORDER BY key")
            return documents, failures, seen

    # --- inside ------------------------------------------------------------------------------

    def _open(self) -> Index:
        return Index(
            folder=self.folder,
            catalog=Catalog(self.folder, create=True, migrate=True),
            passages=self._store or (self._lance_table if self._lance else self._memory_table),
            originals=FileOriginals(self.folder / "originals"),
            parser=self.parser,
            embedder=self.embedder,
            clock=self.clock,
            limits=self.limits,
            step=self.steps,
        )

    def _memory_table(self, fingerprint: str, _dimension: int) -> PassageStore:
        return self.tables.setdefault(fingerprint, MemoryPassages())

    def _lance_table(self, fingerprint: str, dimension: int) -> PassageStore:
        from indexer.store.passages import LancePassages

        return LancePassages(self.folder / "passages", fingerprint, dimension, clock=self.clock)


def configured(connector: Connector, *, keep_originals: bool = True) -> ConfiguredSource:
    """The connector as a source that is named like the last part of its uid."""
    return ConfiguredSource(connector.uid.rpartition(":")[2], connector, keep_originals)


def written(instant: Instant) -> str:
    """An instant as people write it, to the microsecond: means that one and no later."""
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(home: Home, data: bytes, key: str) -> str:
    """The canonical text of these bytes."""
    return "\n\n".join(block.text for block in home.parser.parse(data, key).blocks)


def texts_of(hits: Iterable[object]) -> list[str]:
    """The texts of hits, sorted."""
    return sorted(hit.text for hit in hits)  # type: ignore[attr-defined]


def _numbers(home: Home) -> list[int]:
    return [row[0] for row in home.sql("SELECT no FROM document ORDER BY no")]
