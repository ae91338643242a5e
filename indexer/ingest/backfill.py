"""Bringing sources up to date: the one entry of the write side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

from indexer.errors import ReadError, SourceError
from indexer.ingest.failures import Failures
from indexer.ingest.history_source import HistoryRun
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.overtaking import AnewError
from indexer.ingest.progress import Progress, Silence
from indexer.ingest.recovery import needs_filling
from indexer.ingest.reports import BackfillReport, SourceReport
from indexer.ingest.session import RefusedError, Session
from indexer.ingest.snapshot_source import SnapshotRun
from indexer.ingest.writing import Writer
from indexer.model import Source
from indexer.ports import Connector, KeepsCopies


class Backfill:
    """Brings sources up to date, one after another. The caller holds the writer's lock."""

    def __init__(
        self, index: Index, progress: Progress | None = None, *, beside: Backfill | None = None
    ) -> None:
        """`beside`: another one of the same thread, whose looks and scans this one overtakes."""
        self._index = index
        self._progress: Progress = progress or Silence()
        self._running: dict[str, list[SnapshotRun]] = {} if beside is None else beside._running
        """What goes on, by source; each but the first overtakes those before it."""
        self._histories: dict[str, HistoryRun] = {}
        """The histories that are told and folded, by source, where that may be begun anew."""

    def run(
        self,
        sources: Sequence[ConfiguredSource],
        *,
        accept_deletions: bool = False,
        dry_run: bool = False,
        retry: Mapping[str, frozenset[str]] | None = None,
    ) -> BackfillReport:
        """Index what changed; safe to interrupt and to repeat.

        `retry` names, by source, keys to read again whatever their state. A source that cannot be
        listed, or whose deletions are not believed, is reported and the others go on. Raises
        `StoreError` and `EmbeddingError`, after which nothing that was committed is lost.
        """
        began, started = self._index.clock.monotonic(), self._index.clock.now()
        writer = Writer(self._index, self._progress.note)
        if not dry_run and needs_filling(self._index):
            writer.recover()
        report = BackfillReport()
        try:
            for configured in sources:
                keys = (retry or {}).get(configured.name)
                report.sources.append(self._source(configured, writer, accept_deletions, dry_run, keys))
        finally:
            writer.ahead.drop()
        if not dry_run:
            writer.upkeep()
        report.seconds = self._index.clock.monotonic() - began
        if not dry_run and any(source.versions_added for source in report.sources):
            self._index.catalog.record_run(started, self._index.clock.now(), asdict(report))
        return report

    def update(
        self,
        configured: ConfiguredSource,
        writer: Writer,
        *,
        scopes: Sequence[str] | None = None,
        retry: frozenset[str] | None = None,
        accept_deletions: bool = False,
    ) -> SourceReport:
        """Bring one source up to date, or with `scopes` what lies at or under these keys of a snapshot source.

        For whoever keeps a `writer` from one such run to the next; raises as `run` does. A look at some scopes may be
        taken in `Index.between` of another look or scan of the same source, by a `Backfill` beside, and overtakes it
        there, if that is `overtakable`.
        """
        try:
            return self._source(configured, writer, accept_deletions, False, retry, scopes)
        finally:
            writer.ahead.drop()

    def overtakable(self, configured: ConfiguredSource) -> bool:
        """Whether what goes on at this source can be overtaken at this moment, if anything does."""
        return all(run.overtakable for run in self._running.get(configured.connector.uid, ()))

    def deciding(self, configured: ConfiguredSource) -> bool:
        """Whether a scan of this source goes on that is still to decide what of the recorded moved or went away."""
        return any(run.deciding for run in self._running.get(configured.connector.uid, ()))

    def begin_anew(self, configured: ConfiguredSource) -> None:
        """In `Index.between` of a long import of this source's history: have it told again, and what is new first.

        Raises `AnewError` if that is worth its cost, which is to be let through; otherwise nothing happens.
        """
        if self.renewable(configured):
            raise AnewError

    def renewable(self, configured: ConfiguredSource) -> bool:
        """Whether `begin_anew` would do so at this moment."""
        run = self._histories.get(configured.connector.uid)
        return run is not None and run.renewable

    def _source(
        self,
        configured: ConfiguredSource,
        writer: Writer,
        accept_deletions: bool,
        dry_run: bool,
        retry: frozenset[str] | None,
        scopes: Sequence[str] | None = None,
    ) -> SourceReport:
        index, connector = self._index, configured.connector
        began = index.clock.monotonic()
        source = index.catalog.register(
            connector.uid, configured.name, connector.kind, _copies(index, connector)
        )
        self._progress.source_started(source.name)
        session = Session(
            index,
            source,
            writer,
            self._progress,
            dry_run=dry_run,
            read_state=partial(_state, connector),
        )
        run = SnapshotRun(index, configured, source, session) if connector.snapshot else None
        try:
            if run is not None:
                self._scan(run, source, accept_deletions, retry, scopes)
            else:
                self._follow(configured, source, session, accept_deletions, retry)
        except SourceError as error:
            self._not_listed(session, source, "unavailable", error.code, str(error))
        except RefusedError as error:
            self._not_listed(session, source, "refused", "mass-deletion", _refusal(source.name, str(error)))
        finally:
            session.close()
        # Also where it failed half-way: what it had committed by then is not to be indexed once more.
        for overtaken in self._running.get(source.uid, ()):
            assert run is not None
            assert run.scopes is not None, "only a look at a few places overtakes"
            overtaken.overtaken_in(run.scopes)
        report = session.report
        report.seconds = index.clock.monotonic() - began
        if report.forecast is not None:
            report.forecast.seconds = self._forecast_seconds(report.forecast.passages)
        self._progress.source_finished(report)
        return report

    def _scan(
        self,
        run: SnapshotRun,
        source: Source,
        accept_deletions: bool,
        retry: frozenset[str] | None,
        scopes: Sequence[str] | None,
    ) -> None:
        """Scan all of a snapshot source, or look at some scopes, in the middle of something else there perhaps."""
        running = self._running.setdefault(source.uid, [])
        running.append(run)
        try:
            run.run(accept_deletions=accept_deletions, retry=retry, scopes=scopes)
        finally:
            running.pop()

    def _follow(
        self,
        configured: ConfiguredSource,
        source: Source,
        session: Session,
        accept_deletions: bool,
        retry: frozenset[str] | None,
    ) -> None:
        """Bring a source with a history up to date; it may be told again on the way."""
        while True:
            run = HistoryRun(self._index, configured, source, session)
            # Deletions are accepted of what was there when somebody said so.
            if not accept_deletions:
                self._histories[source.uid] = run
            try:
                run.run(accept_deletions=accept_deletions, retry=retry)
            except AnewError:
                session.begin_anew()
                retry = None
            else:
                return
            finally:
                self._histories.pop(source.uid, None)

    def _not_listed(self, session: Session, source: Source, state: str, reason: str, detail: str) -> None:
        """Say why the source stays as it was."""
        index = self._index
        session.abandon()
        failures = Failures(index.clock, index.parser.versions, index.catalog.current().failures(source.no))
        failures.scope("", reason, detail)
        session.batch.source.state = state
        session.batch.source.detail = detail
        session.problems.append(detail)
        session.report.listed = False
        session.flush(failures)

    def _forecast_seconds(self, passages: int) -> float | None:
        """How long `passages` would take at the rate of earlier runs, in seconds."""
        with self._index.catalog.snapshot() as snapshot:
            sources = [source for run in snapshot.last_runs(20) for source in run["sources"]]
        done = [s for s in sources if s["passages_embedded"]]
        embedded, seconds = sum(s["passages_embedded"] for s in done), sum(s["seconds"] for s in done)
        return passages * seconds / embedded if embedded else None


def _copies(index: Index, connector: Connector) -> list[str]:
    """Where the connector keeps copies, relative to the data folder, which may be moved."""
    copies = connector.copies if isinstance(connector, KeepsCopies) else ()
    return [os.path.relpath(path, index.folder) for path in copies]


def _state(connector: Connector, key: str, origin: str) -> bytes | None:
    try:
        return connector.read_state(key, origin).data
    except ReadError:
        return None


def _refusal(name: str, reason: str) -> str:
    return (
        f"source {name}: {reason} — check that the folder is there and mounted; "
        "if the deletions are meant, run `indexer backfill --accept-deletions`"
    )
