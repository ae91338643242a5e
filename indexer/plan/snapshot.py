"""Plans for sources that know only the present: recorded documents × what is seen → decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indexer.plan.decisions import (
    Buried,
    Comparison,
    Created,
    Decision,
    Edited,
    Moved,
    Resumed,
    Seen,
    Touched,
    Unreadable,
)
from indexer.plan.matching import Similarity, match_contents, match_inodes, match_unreadable
from indexer.plan.scopes import lies_in
from indexer.ports.recorded import Recorded

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
    "Similarity",
    "Touched",
    "Unreadable",
    "compare",
    "decide",
    "refusal",
]


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
    `scopes`, and under no unknown scope. A key that is seen twice counts as it was seen last.
    """
    there = {entry.key: entry for entry in seen}
    to_read = []
    for key, entry in there.items():
        known = recorded.get(key)
        if known is None or known.etag != entry.etag or not known.settled or entry.etag is None:
            to_read.append(entry)
    unseen = [known for key, known in recorded.items() if key not in there]

    hidden = frozenset(unknown)
    listed = frozenset(("",) if scopes is None else scopes)
    missing: list[Recorded] = []
    unverifiable: list[Recorded] = []
    for known in unseen:
        proven = complete and lies_in(known.key, listed) and not lies_in(known.key, hidden)
        (missing if proven else unverifiable).append(known)
    return Comparison(
        unchanged=len(there) - len(to_read),
        to_read=tuple(sorted(to_read, key=lambda entry: entry.key)),
        missing=tuple(sorted(missing, key=lambda known: known.key)),
        unverifiable=tuple(sorted(unverifiable, key=lambda known: known.key)),
    )


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

    Equal contents decide first (`match_contents`), then an equal inode together with a similar text
    (`match_inodes`). A document in place whose key holds other content was edited, unless another
    one moved there. What is left is gone, or new.
    """
    decisions: list[Decision] = []
    arrived: dict[str, Seen] = {}
    unreadable: dict[str, Seen] = {}
    in_place: dict[str, Recorded] = {}  # documents whose key holds other content now
    unread: list[Recorded] = []  # documents whose key could not be read
    present = {entry.key: entry for entry in comparison.to_read}
    for key, entry in present.items():
        known = recorded.get(key)
        if key not in hashes:
            if known is not None:
                unread.append(known)
            continue
        content = hashes[key]
        if content is None:
            unreadable[key] = entry
            if known is not None and _other_file(known, entry):
                unread.append(known)
        elif known is None:
            arrived[key] = entry
        elif known.content_hash == content:
            decisions.append(Touched(known.document_no, key, "the content is the same"))
        elif known.content_hash is None and _same_file(known, entry):
            decisions.append(Edited(known.document_no, key, "it can be read again"))
        else:
            arrived[key] = entry
            in_place[key] = known

    vacated = [*comparison.missing, *in_place.values()]
    same = match_contents(recorded, vacated, unread, arrived.values(), present, hashes)
    moved = {document.document_no for document in same.values()}
    remaining = {key: entry for key, entry in arrived.items() if key not in same}
    staying = {key: known for key, known in in_place.items() if known.document_no not in moved}
    put_out = [known for key, known in staying.items() if key in same]
    homeless = [known for known in comparison.missing if known.document_no not in moved] + put_out
    holders = {key: known for key, known in staying.items() if key not in same}

    similar = match_inodes(homeless, remaining, holders, similarity)
    homeless += [holders.pop(key) for key in similar if key in holders]
    moved |= {document.document_no for document in similar.values()}
    homeless = [known for known in homeless if known.document_no not in moved]

    held = {key for key in unreadable if key in recorded and recorded[key].document_no not in moved}
    behind = match_unreadable(homeless, [entry for key, entry in unreadable.items() if key not in held])
    found = {document.document_no for document in behind.values()}

    for matches, edited in ((same, False), (similar, True)):
        for key, document in matches.items():
            reason = f"{'a similar text with the same inode' if edited else 'the same content'} was at {document.key}"
            decisions.append(Moved(document.document_no, document.key, key, edited, reason))
    decisions += [
        _unreadable(key, recorded.get(key) if key in held else None, behind.get(key), tombstoned)
        for key in unreadable
    ]
    decisions += [
        _buried(known, same.get(known.key) or similar.get(known.key))
        for known in homeless
        if known.document_no not in found
    ]
    fresh = [key for key in remaining if key not in similar]
    copies = _originals(recorded, comparison, in_place, same) if fresh else {}
    for key in fresh:
        if key in holders:
            decisions.append(Edited(holders[key].document_no, key, "the content is another"))
        elif key in recorded:
            decisions.append(Created(key, "the document that was here moved away"))
        elif key in tombstoned:
            decisions.append(Resumed(tombstoned[key], key, "the document that was deleted here is back"))
        else:
            decisions.append(Created(key, copies.get(hashes[key], "nothing like it was here before")))
    return tuple(sorted(decisions, key=lambda decision: (decision.key, not isinstance(decision, Buried))))


def refusal(buried: int, live: int, share: float, minimum: int) -> str | None:
    """Why so many deletions are not believed without being confirmed, in one line; None if they are.

    Refused: more than `share` (0 to 1) of the `live` documents and at least `minimum` of them; or all.
    """
    if live >= 1 and buried >= live:
        return f"the listing shows none of the {live} documents that were here"
    if buried >= minimum and buried > share * live:
        return f"{buried} of {live} documents are gone at once, more than {share:.0%}"
    return None


def _same_file(known: Recorded, entry: Seen) -> bool:
    return known.file_id is not None and known.file_id == entry.file_id and known.size == entry.size


def _other_file(known: Recorded, entry: Seen) -> bool:
    return known.file_id is not None and entry.file_id is not None and known.file_id != entry.file_id


def _buried(known: Recorded, successor: Recorded | None) -> Buried:
    reason = "it is gone" if successor is None else f"{successor.key} was moved over it"
    return Buried(known.document_no, known.key, reason)


def _unreadable(
    key: str, holder: Recorded | None, newcomer: Recorded | None, tombstoned: Mapping[str, int]
) -> Unreadable:
    if holder is not None:
        return Unreadable(holder.document_no, key, "it cannot be read any more")
    if newcomer is not None:
        reason = f"it cannot be read, and has the inode and the size of {newcomer.key}"
        return Unreadable(newcomer.document_no, key, reason, newcomer.key)
    if key in tombstoned:
        return Unreadable(tombstoned[key], key, "something is back where it was deleted, and cannot be read")
    return Unreadable(None, key, "it is new and cannot be read")


def _originals(
    recorded: Mapping[str, Recorded],
    comparison: Comparison,
    in_place: Mapping[str, Recorded],
    same: Mapping[str, Recorded],
) -> dict[str | None, str]:
    """By content hash: why a new document with that content is a copy, and of what."""
    reasons: dict[str | None, str] = {}
    missing = {known.key for known in comparison.missing}
    unverifiable = {known.key for known in comparison.unverifiable}
    for key in sorted(recorded):
        content, size = recorded[key].content_hash, recorded[key].size
        if content is None or size == 0 or key in missing or key in in_place:
            continue
        unsure = ", which could not be looked at" if key in unverifiable else ""
        reasons.setdefault(content, f"copy of {key}{unsure}")
    for key, document in sorted(same.items()):
        reasons.setdefault(document.content_hash, f"copy of {key}")
    for key, document in sorted(in_place.items()):
        if document.content_hash is not None and document.size != 0:
            reasons.setdefault(document.content_hash, f"copy of {key} before its edit")
    return reasons
