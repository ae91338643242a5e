"""Questions as the log keeps them, and whether what was answered then can still be shown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

from indexer.errors import IndexerError, UsageError
from indexer.model import Instant, Row, Version
from indexer.ports.catalog import CatalogSnapshot
from indexer.ports.query_log import LoggedCitation, LoggedQuery
from indexer.query.naming import named
from indexer.query.results import Question, SearchResult
from indexer.references import parse_citation

_LONGEST: Final = 4_000
"""Characters of a question, or of an answer, that are kept."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of the citations of one answer."""

    query: LoggedQuery
    problems: tuple[str, ...] = ()
    """Why a citation does not resolve, or was not visible when it was given: a line each."""
    thinned: int = 0
    """Citations of versions that a retention rule thinned out since: their texts went by intention."""


def answered(
    question: Question, result: SearchResult, *, asked: Instant, recorded: Instant, seconds: float
) -> LoggedQuery:
    """What is kept of an answer. `recorded`: the last commit, for an answer that does not say what it saw."""
    scope = result.scope
    saw = recorded if scope.recorded is None else scope.recorded
    told = [scope.resolved_by]
    if scope.document is not None:
        told.append(f"{scope.document.source}:{scope.document.key}")
    if scope.version is not None:
        told.append(named(scope.version.version))
    return LoggedQuery(
        asked=asked,
        question=_cut(question.text),
        options=_options(question),
        interpretation=_cut(" · ".join(told)),
        answer=None if result.answer is None else _cut(f"{result.answer.kind}: {result.answer.text}"),
        recorded=saw,
        known_at=saw if scope.known_at is None else min(scope.known_at, saw),
        citations=tuple(LoggedCitation(hit.citation, hit.version.version.valid_from) for hit in result.hits),
        microseconds=round(seconds * 1e6),
    )


def refused(
    question: Question, error: IndexerError, *, asked: Instant, recorded: Instant, seconds: float
) -> LoggedQuery:
    """What is kept of a question that was answered with an error."""
    return LoggedQuery(
        asked=asked,
        question=_cut(question.text),
        options=_options(question),
        answer=_cut(error.message),
        refused=error.code,
        recorded=recorded,
        known_at=recorded,
        microseconds=round(seconds * 1e6),
    )


def _options(question: Question) -> dict[str, Any]:
    """What is not as it is without any option."""
    plain = Question("")
    given: dict[str, Any] = {}
    for field in fields(question):
        value = getattr(question, field.name)
        if field.name != "text" and value != getattr(plain, field.name):
            given[field.name] = list(value) if isinstance(value, tuple) else value
    return given


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


# --- verifying -------------------------------------------------------------------------------


def verify(snapshot: CatalogSnapshot, query: LoggedQuery) -> Verified:
    """Whether the citations of `query` resolve, and were visible at their T, as known at the R of the answer.

    Nothing is said of scores and ranks: how often a word stands in the table changes with every commit.
    """
    problems: list[str] = []
    thinned = 0
    for citation in query.citations:
        version = _version(snapshot, citation.citation, query.known_at)
        if version is not None and version.purged is not None and version.purged.thinned:
            thinned += 1
            continue
        problem = _problem(snapshot, citation, version, query.known_at)
        if problem is not None:
            problems.append(f"{citation.citation} {problem}")
    return Verified(query, tuple(problems), thinned)


def _version(snapshot: CatalogSnapshot, citation: str, known_at: Instant) -> Version | None:
    try:
        return snapshot.version_by_id(parse_citation(citation).version_id, known_at)
    except UsageError:
        return None


def _problem(
    snapshot: CatalogSnapshot, given: LoggedCitation, version: Version | None, known_at: Instant
) -> str | None:
    if version is None:
        return "refers to no version that was known then"
    citation = parse_citation(given.citation)
    document = snapshot.documents([version.document_no], known_at)
    if document and document[0].id != citation.document_id:
        return "refers to a version of another document"
    if version.purged is not None:
        return f"was removed: {version.purged.reason}"
    if version.valid_from != given.valid_at:
        return "refers to a version that stood at another time then"
    if citation.passage_id is None:
        return None
    passage = snapshot.passage_by_id(citation.passage_id)
    if passage is None:
        return "refers to a passage that is not there"
    manifest_no = version.manifest_no
    if manifest_no is None or passage.no not in snapshot.manifest_passages([manifest_no])[manifest_no]:
        return f"refers to a passage that {named(version)} did not hold then"
    if version.number is None or given.valid_at is None:
        return None  # off the line nothing but the manifest tells
    rows = snapshot.rows(passage_nos=[passage.no])
    if not any(_visible(row, given.valid_at, known_at) for row in rows):
        return "refers to a passage that was not visible then"
    return None


def _visible(row: Row, valid_at: Instant, known_at: Instant) -> bool:
    """As in docs/design.md, "The weave"."""
    if not (row.recorded_from <= known_at < row.recorded_to and row.valid_from <= valid_at):
        return False
    return valid_at < row.valid_to or known_at < row.closed_recorded
