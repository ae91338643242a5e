"""What a run tells while it goes on."""

from __future__ import annotations

from typing import Protocol

from indexer.ingest.reports import SourceReport


class Progress(Protocol):
    """Told of every step that a person would want to see; must return quickly."""

    def source_started(self, name: str) -> None:
        """A source is being listed."""

    def listed(self, name: str, documents: int) -> None:
        """So many documents were seen in it."""

    def to_index(self, name: str, documents: int, versions: int | None = None) -> None:
        """So many of them changed and will be read, in so many versions where that is known."""

    def told(self, name: str, done: int, total: int) -> None:
        """A source with a history has told `done` of `total` commits."""

    def committed(self, name: str, documents: int, versions: int, passages: int, tokens: int) -> None:
        """A commit took in so many more documents and versions, and embedded so many passages and tokens."""

    def source_finished(self, report: SourceReport) -> None:
        """The source is up to date, or as far as it can be."""

    def note(self, message: str) -> None:
        """Something a person should know that is no failure, in one line."""


class Silence:
    """Progress that nobody watches."""

    def source_started(self, name: str) -> None: ...

    def listed(self, name: str, documents: int) -> None: ...

    def to_index(self, name: str, documents: int, versions: int | None = None) -> None: ...

    def told(self, name: str, done: int, total: int) -> None: ...

    def committed(self, name: str, documents: int, versions: int, passages: int, tokens: int) -> None: ...

    def source_finished(self, report: SourceReport) -> None: ...

    def note(self, message: str) -> None: ...
