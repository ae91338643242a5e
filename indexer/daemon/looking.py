"""Carries out the looks of one source's loop, over an index of the loop's own thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from indexer.daemon.agenda import Job
from indexer.daemon.motion import Motion
from indexer.ingest.backfill import Backfill
from indexer.ingest.failures import is_due, next_due
from indexer.ingest.index import Index
from indexer.ingest.reports import BackfillReport, SourceReport
from indexer.ingest.turns import Urgency
from indexer.ingest.writing import Writer
from indexer.model import Source
from indexer.plan.attachments import root_of

if TYPE_CHECKING:
    from indexer.daemon.loop import SourceLoop


class Side:
    """A write side of one source, kept from one look to the next."""

    def __init__(self, index: Index, loop: SourceLoop, beside: Side | None = None) -> None:
        """`beside`: what this one overtakes."""
        self._source = loop.configured
        self._writer = Writer(index, loop.teller.note, upkeep=False)
        others = None if beside is None else beside.backfill
        self.backfill: Backfill = Backfill(index, loop.progress(), beside=others)

    def update(
        self,
        *,
        scopes: Sequence[str] | None = None,
        retry: frozenset[str] | None = None,
        accept_deletions: bool = False,
    ) -> SourceReport:
        """As `Backfill.update` does."""
        return self.backfill.update(
            self._source, self._writer, scopes=scopes, retry=retry, accept_deletions=accept_deletions
        )


class Worker:
    """Does the looking, with three write sides of the loop's own thread.

    One is for scans, one for looks at a few places, which overtake scans, and one for looks at single files, which
    overtake those too.
    """

    def __init__(self, loop: SourceLoop, index: Index) -> None:
        self._loop = loop
        self._meant = False
        """Whether deletions are accepted by the scan that goes on."""
        index = replace(
            index,
            go_on=loop.go_on,
            afoot=Motion(
                loop.hints,
                loop.watch.caught_up,
                index.clock,
                unseen=lambda: loop.finding_out,
                meant=lambda: self._meant,
            ),
            depths=loop.depths,
        )
        self._index = replace(index, between=lambda: loop.between(self, scanning=True))
        self._scans = Side(self._index, loop)
        changes = replace(index, between=lambda: loop.between(self, scanning=False), urgency=Urgency.CHANGES)
        self._looks = Side(changes, loop, beside=self._scans)
        files = replace(index, between=loop.go_on, urgency=Urgency.CHANGES)
        self._glances = Side(files, loop, beside=self._scans)

    def look(self, job: Job, *, asked: bool) -> SourceReport:
        """Carry out a job; raises what `Backfill.update` raises, and `StoppedError`."""
        loop = self._loop
        partial = loop.configured.connector.snapshot
        scopes, retry = job.scopes, job.retry or None
        if job.reason == "failures":
            retry = self._due()
            scopes = tuple(sorted(set(map(root_of, retry)))) if partial else None
        if scopes is not None:
            report = self._looks.update(scopes=scopes, retry=retry)
        else:
            loop.watch.refresh()
            urgency = Urgency.ASKED if asked else Urgency.SCAN
            if job.reason == "changes" and loop.settled:
                urgency = Urgency.CHANGES
            self._index.urgency = urgency
            started = self._index.clock.now()
            self._meant = job.accept_deletions
            try:
                report = self._scans.update(retry=retry, accept_deletions=job.accept_deletions)
            finally:
                self._meant = False
            if report.versions_added:
                done = asdict(BackfillReport([report], report.seconds))
                self._index.catalog.record_run(started, self._index.clock.now(), done)
        self._stands(scopes)
        return report

    @property
    def overtakable(self) -> bool:
        """Whether what is being done may be overtaken at this moment."""
        return self._scans.backfill.overtakable(self._loop.configured)

    @property
    def deciding(self) -> bool:
        """Whether a scan goes on that is to decide what moved or went away since the source was last seen."""
        return self._scans.backfill.deciding(self._loop.configured)

    @property
    def renewable(self) -> bool:
        """Whether a history is being imported, and telling it again costs little beside what was done."""
        return self._scans.backfill.renewable(self._loop.configured)

    def begin_anew(self) -> None:
        """Have it told again. Raises what is to be let through."""
        self._scans.backfill.begin_anew(self._loop.configured)

    def overtake(self, job: Job, *, scanning: bool) -> SourceReport:
        """Look at some scopes in the middle of a scan of the same source, or else of a look at it."""
        report = (self._looks if scanning else self._glances).update(scopes=job.scopes)
        self._stands(job.scopes)
        return report

    def _due(self) -> frozenset[str]:
        """The keys of documents that failed and are to be read again."""
        now, source = self._index.clock.now(), self._source()
        if source is None:
            return frozenset()
        return frozenset(
            key
            for (key, scope), state in self._index.catalog.current().failures(source.no).items()
            if not scope and is_due(state, now)
        )

    def _stands(self, scopes: Sequence[str] | None) -> None:
        """Tell how the source stands now that these were looked at: what is there, what failed, when that is read again."""
        loop = self._loop
        source = self._source()
        if source is None:
            return
        with self._index.catalog.snapshot() as snapshot:
            # Of sources with a history any look is at all of it.
            failures = snapshot.failures(source.no, scopes)
            documents: int | None = None
            if loop.configured.connector.snapshot:
                documents = self._index.catalog.current().present(source.no)
            elif scopes is None:
                # Counting takes a while among many with a history.
                documents = snapshot.counts()[source.no]["documents"]
        groups = self._index.catalog.current().failure_groups(source.no)
        loop.activity.stands(documents, sum(group.count for group in groups))
        # That all of the source is in trouble is told by whoever looks at it.
        loop.teller.documents(loop.name, ((f.key, f.reason, f.detail) for f in failures if f.key), scopes)
        now = self._index.clock.now()
        due = next_due(groups, now)
        loop.documents_due(None if due is None else (due - now) / 1e6)

    def _source(self) -> Source | None:
        uid = self._loop.configured.connector.uid
        with self._index.catalog.snapshot() as snapshot:
            return next((source for source in snapshot.sources() if source.uid == uid), None)
