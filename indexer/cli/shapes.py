"""The JSON documents of the command contract, made of results. Pure; times become RFC 3339 in UTC.

A key once given is never renamed or taken away: scripts and services live on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from indexer.cli.around import around_shape
from indexer.clock import rfc3339
from indexer.model import Document, Failure, Purged, Version
from indexer.query import results
from indexer.selectors import commit_of

if TYPE_CHECKING:
    from indexer.check import CheckReport
    from indexer.ingest.reports import BackfillReport, SourceReport
    from indexer.query.surroundings import Surroundings

Shape = dict[str, Any]

_MOST_MISSING: Final = 20
"""Numbers of missing versions that are listed one by one."""


def document_shape(document: Document) -> Shape:
    """A ``document`` object."""
    return {
        "id": document.id,
        "source": document.source,
        "key": document.key,
        "title": document.title,
        "deleted": document.deleted,
    }


def version_shape(entry: results.VersionEntry) -> Shape:
    """A ``version`` object."""
    version = entry.version
    return {
        "id": version.id,
        "number": version.number,
        "was_number": version.was_number,
        "labels": list(version.labels),
        "kind": version.kind.value,
        "status": version.status.value,
        "provisional": version.provisional,
        "title": version.title,
        "key": version.key,
        "valid_from": rfc3339(version.valid_from),
        "valid_to": rfc3339(version.valid_to),
        "time_basis": version.time_basis.value,
        "recorded_from": rfc3339(version.recorded_from),
        "recorded_to": rfc3339(version.recorded_to),
        "author": version.author,
        "message": version.message,
        "commit": commit_of(version),
        "content_hash": version.content_hash,
        "text_hash": version.text_hash,
        "passages": version.passages,
        "added": entry.added,
        "removed": entry.removed,
        "purged": None if version.purged is None else purged_shape(version.purged),
    }


def purged_shape(record: Purged) -> Shape:
    """That something was removed for good, or thinned out."""
    return asdict(record) | {"at": rfc3339(record.at)}


def candidate_shape(candidate: object) -> Any:
    """A candidate of an ambiguity: a version or document object, also one that is shaped already; else its text."""
    match candidate:
        case results.VersionEntry():
            return version_shape(candidate)
        case Version():
            return version_shape(results.VersionEntry(candidate))
        case Document():
            return document_shape(candidate)
        case Mapping():
            return dict(candidate)
        case _:
            return str(candidate)


def search_shape(result: results.SearchResult, places: Sequence[Surroundings | None] | None = None) -> Shape:
    """The answer of ``search``; `places` are the surroundings of its hits, where these are wanted."""
    scope = result.scope
    return {
        "query": result.query,
        "scope": {
            "document": _optional_document(scope.document),
            "version": _optional_version(scope.version),
            "as_of": rfc3339(scope.as_of),
            "known_at": rfc3339(scope.known_at),
            "resolved_by": scope.resolved_by,
            "alternatives": _versions(scope.alternatives),
            "selector": scope.selector,
            "documents_with": scope.documents_with,
            "documents_without": scope.documents_without,
        },
        "hits": [_hit(hit) for hit in result.hits]
        if places is None
        else [_hit(hit) | around_shape(place) for hit, place in zip(result.hits, places, strict=True)],
        "answer": None if result.answer is None else answer_shape(result.answer),
    }


def history_shape(result: results.HistoryResult) -> Shape:
    """The answer of ``history``; ``missing_after`` are the source's own numbers, None where nothing is missing."""
    return {
        "document": document_shape(result.document),
        "versions": [
            version_shape(entry) | {"missing_after": _missing(result.gaps.get(entry.version.no))}
            for entry in result.versions
        ],
    }


def show_shape(result: results.ShowResult) -> Shape:
    """The answer of ``show``."""
    return {
        "document": document_shape(result.document) | _description(result.description),
        "version": version_shape(result.version),
        "metadata": dict(result.version.version.metadata),
        "text": result.text,
        "passages": [
            {
                "citation": passage.citation,
                "heading": list(passage.heading),
                "start": passage.start,
                "end": passage.end,
                "page": passage.page,
                "introduced": passage.introduced,
            }
            for passage in result.passages
        ],
        **_resolution(result),
    }


def original_shape(result: results.OriginalResult, written_to: str) -> Shape:
    """The answer of ``show --original -o FILE``; the bytes themselves are in that file."""
    return {
        "document": document_shape(result.document),
        "version": version_shape(result.version),
        "name": result.name,
        "bytes": len(result.data),
        "file": written_to,
        "resolved_by": result.resolved_by,
    }


def diff_shape(result: results.DiffResult) -> Shape:
    """The answer of ``diff``."""
    return {
        "document": document_shape(result.document),
        "from": version_shape(result.before),
        "to": version_shape(result.after),
        "changes": [_change(change) for change in result.changes],
        **_resolution(result),
    }


def blame_shape(result: results.BlameResult) -> Shape:
    """The answer of ``blame``."""
    return {
        "document": document_shape(result.document),
        "version": version_shape(result.version),
        "passages": [
            {
                "text": passage.text,
                "heading": list(passage.heading),
                "introduced": version_shape(passage.introduced),
                "citation": passage.citation,
            }
            for passage in result.passages
        ],
        **_resolution(result),
    }


def cite_shape(result: results.CiteResult) -> Shape:
    """The answer of ``cite``."""
    return {
        "citation": result.citation,
        "document": document_shape(result.document),
        "version": version_shape(result.version),
        "heading": list(result.heading),
        "text": result.text,
        "page": result.page,
        "current": result.current,
        "newer": _optional_version(result.newer),
        "standing": result.standing,
    }


def status_shape(result: results.StatusResult, daemon: Mapping[str, Any] | None = None) -> Shape:
    """The answer of ``status``; `daemon` is what a running one says of itself."""
    totals, writer = result.totals, result.writer
    return {
        "sources": [
            {
                "name": source.name,
                "kind": source.kind,
                "state": source.state,
                "detail": source.detail,
                "documents": source.documents,
                "versions": source.versions,
                "passages": source.passages,
                "failed": source.failed,
                "last_scan": rfc3339(source.last_scan),
                "last_change": rfc3339(source.last_change),
                "disk": None if source.disk is None else asdict(source.disk),
            }
            for source in result.sources
        ],
        "totals": {
            "documents": totals.documents,
            "versions": totals.versions,
            "passages": totals.passages,
            "failed": totals.failed,
            "embedded_passages": totals.embedded_passages,
            "embedded_tokens": totals.embedded_tokens,
            "seen_passages": totals.seen_passages,
            "seen_tokens": totals.seen_tokens,
        },
        "writer": None if writer is None else {"pid": writer.pid, "since": rfc3339(writer.since)},
        "disk": None if result.disk is None else asdict(result.disk),
        "daemon": None if daemon is None else dict(daemon),
    }


def failures_shape(failures: Sequence[Failure]) -> list[Shape]:
    """The answer of ``failures``."""
    return [
        {
            "source": failure.source,
            "key": failure.key,
            "reason": failure.reason,
            "detail": failure.detail,
            "attempts": failure.attempts,
            "first_seen": rfc3339(failure.first_seen),
            "next_retry": rfc3339(failure.next_retry),
        }
        for failure in failures
    ]


def backfill_shape(report: BackfillReport) -> Shape:
    """The answer of ``backfill`` and ``retry``; a ``forecast`` is there only with ``--dry-run``."""
    return {
        "sources": [_source_report(source) for source in report.sources],
        "seconds": round(report.seconds, 3),
    }


def check_shape(report: CheckReport) -> Shape:
    """The answer of ``check``."""
    return {
        "ok": report.ok,
        "checked": {
            "documents": report.documents,
            "versions": report.versions,
            "passages": report.passages,
        },
        "problems": [
            {"invariant": problem.invariant, "where": problem.where, "detail": problem.detail}
            for problem in report.problems
        ],
        "left_out": report.left_out,
    }


def rebuild_shape(passages: int, seconds: float) -> Shape:
    """The answer of ``rebuild``: how many passages are searchable now."""
    return {"passages": passages, "seconds": round(seconds, 3)}


# --- parts -----------------------------------------------------------------------------------


def _versions(entries: Sequence[results.VersionEntry]) -> list[Shape]:
    return [version_shape(entry) for entry in entries]


def _optional_version(entry: results.VersionEntry | None) -> Shape | None:
    return None if entry is None else version_shape(entry)


def _optional_document(document: Document | None) -> Shape | None:
    return None if document is None else document_shape(document)


def _description(description: results.Description) -> Shape:
    access = description.access
    return {
        "labels": list(description.labels),
        "path": description.path,
        "access": None if access is None else dict(access),
    }


def _missing(gap: results.Gap | None) -> list[str] | None:
    """The numbers one by one; a sign where there are more than anybody reads."""
    if gap is None:
        return None
    numbers = (str(number) for first, last in gap.runs for number in range(first, last + 1))
    named = list(islice(numbers, _MOST_MISSING + 1))
    return named if len(named) <= _MOST_MISSING else [*named[:_MOST_MISSING], "…"]


def _resolution(result: results.ShowResult | results.DiffResult | results.BlameResult) -> Shape:
    return {"resolved_by": result.resolved_by, "alternatives": _versions(result.alternatives)}


def _hit(hit: results.Hit) -> Shape:
    return {
        "rank": hit.rank,
        "score": hit.score,
        "text": hit.text,
        "heading": list(hit.heading),
        "page": hit.page,
        "document": document_shape(hit.document),
        "version": version_shape(hit.version),
        "citation": hit.citation,
        "stale": hit.stale,
        "also_in": [list(run) for run in hit.also_in],
        "editions": list(hit.editions),
    }


def answer_shape(answer: results.Answer) -> Shape:
    """An ``answer`` object."""
    values = {name: _value(value) for name, value in answer.values.items()}
    return {"kind": answer.kind, **values, "text": answer.text}


def _value(value: Any) -> Any:
    """A value of an answer: versions, documents and changes inside lists and tables become objects."""
    match value:
        case results.VersionEntry() | Version() | Document():
            return candidate_shape(value)
        case results.Change():
            return _change(value)
        case str():
            return value
        case Mapping():
            return {name: _value(inner) for name, inner in value.items()}
        case Sequence():
            return [_value(inner) for inner in value]
        case _:
            return value


def _change(change: results.Change) -> Shape:
    return {
        "op": change.op.value,
        "heading": list(change.heading),
        "previous_heading": None if change.previous_heading is None else list(change.previous_heading),
        "before": change.before,
        "after": change.after,
        "words": [{"op": span.op.value, "text": span.text} for span in change.words],
    }


def _source_report(source: SourceReport) -> Shape:
    shape: Shape = {
        "name": source.name,
        "documents_seen": source.documents_seen,
        "versions_added": source.versions_added,
        "passages_embedded": source.passages_embedded,
        "tokens_embedded": source.tokens_embedded,
        "tokens_reused": source.tokens_reused,
        "passages_closed": source.passages_closed,
        "failed": source.failed,
        "seconds": round(source.seconds, 3),
        "problems": list(source.problems),
        "remarks": list(source.remarks),
    }
    if source.forecast is not None:
        forecast = source.forecast
        shape["forecast"] = {
            "documents": forecast.documents,
            "versions": forecast.versions,
            "passages": forecast.passages,
            "tokens": forecast.tokens,
            "seconds": None if forecast.seconds is None else round(forecast.seconds, 3),
            "whole_tokens": forecast.whole_tokens,
        }
    return shape
