"""The versions of one document."""

from __future__ import annotations

from indexer.query.documents import resolve
from indexer.query.gaps import gaps
from indexer.query.results import HistoryResult
from indexer.query.view import View


def history(view: View, reference: str) -> HistoryResult:
    """The versions of DOC, newest first; those that are not on the line come last, the latest first."""
    document = resolve(view, reference).document
    versions = view.versions(document.no)
    view.read_manifests(versions)
    line = view.line(document.no)
    off_line = [version for version in versions if version.number is None]
    off_line.sort(key=lambda version: (version.recorded_from, version.no), reverse=True)
    given = view.snapshot.given_labels(document.no, view.known_at)
    return HistoryResult(document, view.entries([*reversed(line), *off_line]), gaps(versions, given))
