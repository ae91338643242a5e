"""What a loop tells of its work: lines in the journal, each once, and numbers for the metrics."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from indexer import logs
from indexer.daemon.agenda import Job
from indexer.daemon.metrics import Metrics
from indexer.errors import IndexerError
from indexer.ingest.reports import SourceReport
from indexer.plan.scopes import lies_in

_log = logs.get("loop")

_SHOWN: Final = 10
"""Places of a look that are named in the journal."""


class Teller:
    """Shared by all loops.

    A trouble that stays is logged when it comes and when it goes, and counted in between: a share that is away
    for a weekend is two lines and not two thousand.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self._runs: Final = itertools.count(1)
        self._lock = threading.Lock()
        self._troubles: dict[str, str] = {}
        """Source → the code of what is wrong with it now."""
        self._failed: dict[str, dict[str, str]] = {}
        """Source → key → reason of what could not be indexed, as last told."""

    @contextmanager
    def running(self, source: str, job: Job) -> Iterator[None]:
        """Every line inside has the number of the run, its source and its reason."""
        with logs.bound(run=next(self._runs), source=source, reason=job.reason):
            yield

    def looked(self, source: str, job: Job, report: SourceReport, seconds: float) -> None:
        """A look is over."""
        kind, metrics = _kind(job), self.metrics
        result = "done" if report.listed else "not listed"
        metrics.looks.labels(source, kind, result).inc()
        metrics.look_seconds.labels(source, kind).observe(seconds)
        metrics.reused.labels(source).inc(report.tokens_reused)
        if not report.listed:
            self._trouble(source, "not-listed", next(iter(report.problems), ""))
            return
        if job.scopes is None:
            self._well(source)
        for remark in report.remarks:
            _log.info("remark", source=source, detail=remark)
        if report.versions_added:
            _log.info(
                "indexed", source=source, reason=job.reason, versions=report.versions_added,
                passages=report.passages_embedded, tokens=report.tokens_embedded, seconds=round(seconds, 3),
                **_where(job),
            )  # fmt: skip
        elif job.scopes is None:
            _log.debug(
                "nothing new", source=source, documents=report.documents_seen, seconds=round(seconds, 3)
            )

    def committed(self, source: str, versions: int, passages: int, tokens: int) -> None:
        """A commit took in so much more."""
        self.metrics.versions.labels(source).inc(versions)
        self.metrics.passages.labels(source).inc(passages)
        self.metrics.tokens.labels(source).inc(tokens)

    def searchable(self, source: str, seconds: float) -> None:
        """What changed so long ago can be found now."""
        self.metrics.freshness.labels(source).observe(seconds)

    def anew(self, source: str) -> None:
        """In the middle of a long import something new came, and is told first."""
        self.metrics.anew.labels(source).inc()
        _log.info("told again, as something is new", source=source)

    def ended(self, source: str, job: Job, error: IndexerError) -> None:
        """A look ended with an error that somebody else tells of."""
        self.metrics.looks.labels(source, _kind(job), "error").inc()
        self.metrics.errors.labels(source, error.code).inc()

    def failed(self, source: str, job: Job, error: IndexerError) -> None:
        """A look ended with an error; it is taken again later."""
        self.ended(source, job, error)
        self._trouble(source, error.code, str(error))

    def unexpected(self, source: str) -> None:
        """A mistake of ours, being handled."""
        _log.exception("unexpected error", source=source)

    def note(self, message: str) -> None:
        """Something that a person should know."""
        _log.info("note", detail=message)

    def documents(
        self, source: str, failures: Iterable[tuple[str, str, str]], scopes: Iterable[str] | None = None
    ) -> None:
        """What of a source, or of these scopes in it, cannot be indexed now, as (key, reason, detail): what is new is told."""
        found = {key: (reason, detail) for key, reason, detail in failures}
        looked_at = None if scopes is None else frozenset(scopes)
        with self._lock:
            known = self._failed.setdefault(source, {})
            before = {
                key: reason for key, reason in known.items() if looked_at is None or lies_in(key, looked_at)
            }
            for key in before.keys() - found.keys():
                del known[key]
            known.update((key, reason) for key, (reason, _) in found.items())
        for key, (reason, detail) in found.items():
            if before.get(key) != reason:
                self.metrics.failed.labels(source, reason).inc()
                _log.warning("not indexed", source=source, document=key, code=reason, detail=detail)
        for key in before.keys() - found.keys():
            _log.info("indexed at last, or gone", source=source, document=key, code=before[key])

    def forget(self, source: str) -> None:
        """The source is followed no more, or anew: what is wrong with it then is news."""
        with self._lock:
            self._troubles.pop(source, None)
            self._failed.pop(source, None)

    def _trouble(self, source: str, code: str, detail: str) -> None:
        with self._lock:
            known = self._troubles.get(source) == code
            self._troubles[source] = code
        if not known:
            _log.error("in trouble", source=source, code=code, detail=detail)

    def _well(self, source: str) -> None:
        with self._lock:
            code = self._troubles.pop(source, None)
        if code is not None:
            _log.info("well again", source=source, code=code)


def _where(job: Job) -> dict[str, object]:
    """Where it looked, if at a few places: at one the key of the document or folder."""
    if job.scopes is None:
        return {}
    return {"document": job.scopes[0]} if len(job.scopes) == 1 else {"places": list(job.scopes[:_SHOWN])}


def _kind(job: Job) -> str:
    return "scan" if job.scopes is None else "changes"
