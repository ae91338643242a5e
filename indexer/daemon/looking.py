"""Carries out the looks of one source's loop, over an index of the loop's own thread."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from indexer.daemon.agenda import Job
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import Index
from indexer.ingest.reports import BackfillReport, SourceReport
from indexer.ingest.turns import Urgency
from indexer.ingest.writing import Writer
from indexer.model import Source
from indexer.plan.attachments import root_of

if TYPE_CHECKING:
    from indexer.daemon.loop import SourceLoop


class Worker:
    """Does the looking, with a write side of the loop's own thread: one for scans, one for what overtakes them."""

    def __init__(self, loop: SourceLoop, index: Index) -> None:
        self._loop = loop
        self._index = replace(index, between=lambda: loop.between(self))
        self._quick = replace(index, between=loop.go_on, urgency=Urgency.CHANGES)
        note = loop.teller.note
        self._writer = Writer(self._index, note, upkeep=False)
        self._quick_writer = Writer(self._quick, note, upkeep=False)
        progress = loop.progress()
        self._scans = Backfill(self._index, progress)
        self._looks = Backfill(self._quick, progress, beside=self._scans)

    def look(self, job: Job, *, asked: bool) -> SourceReport:
        """Carry out a job; raises what `Backfill.update` raises, and `StoppedError`."""
        loop = self._loop
        source, partial = loop.configured, loop.configured.connector.snapshot
        scopes, retry = job.scopes, job.retry or None
        if job.reason == "failures":
            retry = self._due()
            scopes = tuple(sorted(set(map(root_of, retry)))) if partial else None
        if scopes is not None:
            report = self._looks.update(source, self._quick_writer, scopes=scopes, retry=retry)
        else:
            loop.watch.refresh()
            urgency = Urgency.ASKED if asked else Urgency.SCAN
            if job.reason == "changes" and loop.settled:
                urgency = Urgency.CHANGES
            self._index.urgency = urgency
            started = self._index.clock.now()
            report = self._scans.update(
                source, self._writer, retry=retry, accept_deletions=job.accept_deletions
            )
            if report.versions_added:
                done = asdict(BackfillReport([report], report.seconds))
                self._index.catalog.record_run(started, self._index.clock.now(), done)
        self._stands(whole=scopes is None)
        return report

    def overtake(self, job: Job) -> SourceReport:
        """Look at some scopes in the middle of a scan of the same source."""
        report = self._looks.update(self._loop.configured, self._quick_writer, scopes=job.scopes)
        self._stands(whole=False)
        return report

    def _due(self) -> frozenset[str]:
        """The keys of documents that failed and are to be read again."""
        now, source = self._index.clock.now(), self._source()
        if source is None:
            return frozenset()
        return frozenset(
            key
            for (key, scope), state in self._index.catalog.current().failures(source.no).items()
            if not scope and state.next_retry is not None and state.next_retry <= now
        )

    def _stands(self, *, whole: bool) -> None:
        """Tell how the source stands now: what is there, what failed, and when that is to be read again."""
        loop = self._loop
        source = self._source()
        if source is None:
            return
        with self._index.catalog.snapshot() as snapshot:
            failures = [failure for failure in snapshot.failures() if failure.source_no == source.no]
            # Of folders that could not be seen the next scan tells.
            retries = [
                state.next_retry
                for (_, scope), state in self._index.catalog.current().failures(source.no).items()
                if not scope and state.next_retry is not None
            ]
            # Counting takes a while among many: a few places do not make that many more.
            documents = snapshot.counts()[source.no]["documents"] if whole else None
        loop.activity.stands(documents, len(failures))
        loop.teller.documents(loop.name, ((f.key, f.reason, f.detail) for f in failures))
        loop.documents_due((min(retries) - self._index.clock.now()) / 1e6 if retries else None)

    def _source(self) -> Source | None:
        uid = self._loop.configured.connector.uid
        with self._index.catalog.snapshot() as snapshot:
            return next((source for source in snapshot.sources() if source.uid == uid), None)
