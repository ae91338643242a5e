"""Questions to a small index, and what comes back."""

from __future__ import annotations

from indexer.query.results import Question, SearchResult
from tests.support.library import Library


def ask(library: Library, text: str = "days", **options: object) -> SearchResult:
    return library.queries().search(Question(text, **options))  # type: ignore[arg-type]


def texts(result: SearchResult) -> set[str]:
    return {hit.text for hit in result.hits}
