"""What somebody waits for: a source that is to be brought up to date now."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field

from indexer.ingest.progress import Progress
from indexer.ingest.reports import SourceReport


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One wish for one source, answered by the source's loop."""

    progress: Progress
    """Is told of the work from its beginning, in the loop's thread."""
    accept_deletions: bool = False
    retry: frozenset[str] = frozenset()
    answer: Future[SourceReport] = field(default_factory=Future)
