"""Plans for sources that know only the present: recorded documents × what is seen → decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from indexer.plan.decisions import (
    Buried,
    Comparison,
    Created,
    Decision,
    Edited,
    Moved,
    Recorded,
    Resumed,
    Seen,
    Touched,
    Unreadable,
)

__all__ = [
    "Buried",
    "Comparison",
    "Created",
    "Decision",
    "Edited",
    "Moved",
    "Recorded",
    "Resumed",
    "Seen",
    "Touched",
    "Unreadable",
    "compare",
    "decide",
    "refusal",
]

Similarity = Callable[[int, str], float]
"""How alike the last text of a document (by number) and the text now at a key are, 0 to 1; 0 if either is unknown."""


def compare(
    recorded: Mapping[str, Recorded],
    seen: Iterable[Seen],
    unknown: Sequence[str] = (),
    *,
    complete: bool,
    scopes: Sequence[str] | None = None,
) -> Comparison:
    """Stage 1: what must be read, what is missing, and what cannot be told.

    `recorded` holds live documents by key. `unknown` are the scopes that could not be seen (an
    empty string means all). `scopes` limits a delta: None means that the whole source was listed.
    A document that was not seen is missing only if the listing is `complete`, its key lies under
    `scopes`, and under no unknown scope.
    """
    raise NotImplementedError


def decide(
    recorded: Mapping[str, Recorded],
    comparison: Comparison,
    hashes: Mapping[str, str | None],
    similarity: Similarity,
    tombstoned: Mapping[str, int],
) -> tuple[Decision, ...]:
    """Stage 2: one decision for every key that was read, and one for every document that left its key.

    `hashes` holds the content hash of each key of `comparison.to_read`, None where reading failed;
    a key that is left out (it vanished again, or kept changing) is passed over, and its document
    stays as it is. `tombstoned` holds, for keys without a live document, the document whose
    tombstone was the last to hold the key. Sorted by key; a burial comes before what replaced it.
    """
    raise NotImplementedError


def refusal(buried: int, live: int, share: float, minimum: int) -> str | None:
    """Why so many deletions are not believed without being confirmed, in one line; None if they are.

    Refused: more than `share` (0 to 1) of the `live` documents and at least `minimum` of them; or all.
    """
    raise NotImplementedError
