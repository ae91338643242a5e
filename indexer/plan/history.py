"""Plans for sources with a history: which document each event belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from indexer.ports import Absent, Observed, Relabelled, Renamed, Withdrawn

DocumentEvent = Observed | Renamed | Absent | Withdrawn | Relabelled
"""The events that are about one document."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that is not recorded yet, told apart by `no` within one `Threads`."""

    no: int
    key: str
    lineage: str | None


Handle = int | NewDocument
"""A recorded document's number, or a new one."""


@dataclass(frozen=True, slots=True)
class DocumentEvents:
    """Events of one document, in source order."""

    document: Handle
    events: tuple[DocumentEvent, ...]


class Threads:
    """Follows documents through a stream of events, by lineage or by key.

    `lookup(lineage, key)` answers from what is committed: with a lineage, the document that has
    it; without, the live document at `key`, or else the one whose tombstone was the last to hold
    it; None if there is none, or if the key's document moved away. One object serves from one
    commit to the next, since `lookup` is asked about each key once.
    """

    def __init__(self, lookup: Callable[[str | None, str], int | None]) -> None:
        self._lookup = lookup

    def handle(self, event: DocumentEvent) -> Handle | None:
        """The document of `event`, which must come in source order.

        None: it deletes, withdraws or relabels something that nobody ever saw; there is nothing to do.
        """
        raise NotImplementedError


def group(
    events: Iterable[DocumentEvent],
    resolve: Callable[[DocumentEvent], Handle | None],
    bound: int = 1000,
) -> Iterator[DocumentEvents]:
    """Gather interleaved events by document (`resolve` is `Threads.handle`), looking `bound` events ahead.

    Documents come in the order of their first event in each window of `bound`; one with events in
    two windows comes twice.
    """
    raise NotImplementedError
