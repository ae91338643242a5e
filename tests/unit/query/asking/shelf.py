"""Questions to the shelf of documents that the tests of asking have, and short views of what comes back."""

from __future__ import annotations

from datetime import UTC

from indexer.model import Instant
from indexer.query.results import Answer, Question, SearchResult
from indexer.timing import parse_instant
from tests.support.library import Library


def on(day: str) -> Instant:
    """Noon of a day."""
    return parse_instant(f"{day}T12:00:00Z", UTC)[0]


def ask(library: Library, text: str, **options: object) -> SearchResult:
    """The answer to a question in words."""
    return library.queries().search(Question(text, **options))  # type: ignore[arg-type]


def answered(library: Library, text: str, **options: object) -> Answer:
    """The structured answer, which there has to be."""
    answer = ask(library, text, **options).answer
    assert answer is not None
    return answer


def found(result: SearchResult) -> list[tuple[str, str]]:
    """(key, text) of each hit, the best first."""
    return [(hit.document.key, hit.text) for hit in result.hits]


def numbers(result: SearchResult) -> set[tuple[str, int | None]]:
    """Which version of which document the hits are cited from."""
    return {(hit.document.key, hit.version.version.number) for hit in result.hits}


def number(value: object) -> int | None:
    """The number of a version of an answer."""
    return value.version.number  # type: ignore[attr-defined, no-any-return]
