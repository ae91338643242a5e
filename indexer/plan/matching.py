"""Pairs documents that left their keys with keys whose content arrived: exact contents first, then inodes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from indexer.plan.decisions import Seen
from indexer.ports.recorded import Recorded

SIMILAR = 0.5
"""From this similarity on, an inode's new text counts as the old one, edited. Git's default for renames."""

Similarity = Callable[[int, str], float]
"""How alike the last text of a document (by number) and the text now at a key are, 0 to 1; 0 if either is unknown."""


def match_contents(
    recorded: Mapping[str, Recorded],
    vacated: Iterable[Recorded],
    hidden: Iterable[Recorded],
    arrived: Iterable[Seen],
    present: Mapping[str, Seen],
    hashes: Mapping[str, str | None],
) -> dict[str, Recorded]:
    """The document that moved to each arrived key, where contents are equal byte for byte.

    `vacated`: documents whose key is missing or holds other content. `hidden`: documents whose key
    could not be read; they moved only if their inode is there. `present`: what is seen at
    the keys that were read.

    A file that is still in place by its inode was edited there, and its old content elsewhere is a
    copy, unless what is at its key now is itself a document that moved in (contents exchanged).
    Likewise a rename keeps the inode: where both are known and differ, a copy was made before the
    edit. Such documents are taken out and the rest is matched again, until nothing changes.
    """
    vacated_by_hash: defaultdict[str, list[Recorded]] = defaultdict(list)
    hidden_by_hash: defaultdict[str, list[Recorded]] = defaultdict(list)
    arrived_by_hash: defaultdict[str, list[Seen]] = defaultdict(list)
    for documents, by_hash in ((vacated, vacated_by_hash), (hidden, hidden_by_hash)):
        for document in documents:
            if document.content_hash is not None:
                by_hash[document.content_hash].append(document)
    for there in arrived:
        content = hashes[there.key]
        if content in vacated_by_hash or content in hidden_by_hash:
            arrived_by_hash[content].append(there)  # type: ignore[index]  # None is no key of either

    matched: dict[str, Recorded] = {}
    outdated: Iterable[str] = sorted(arrived_by_hash)
    staying: set[int] = set()
    while outdated:
        for content in outdated:
            for there in arrived_by_hash[content]:
                matched.pop(there.key, None)
            candidates = [d for d in vacated_by_hash[content] if d.document_no not in staying]
            matched.update(
                _pair_equal(candidates, hidden_by_hash[content], arrived_by_hash[content], recorded, present)
            )
        copied = [
            document
            for key, document in matched.items()
            if document.key in present
            and document.key not in matched
            and not _inode_allows(document, present[key], present)
        ]
        staying.update(document.document_no for document in copied)
        outdated = sorted({document.content_hash for document in copied if document.content_hash})
    return matched


def match_inodes(
    missing: Iterable[Recorded],
    arrived: Mapping[str, Seen],
    holders: Mapping[str, Recorded],
    similarity: Similarity,
) -> dict[str, Recorded]:
    """The document that moved to each arrived key and was edited: same inode and similar text, never one alone.

    `missing`: documents without a key. `holders`: the documents at those arrived keys that are
    edits unless a newcomer is more similar; one that is put out is looked for in turn. `similarity`
    is asked only about equal inodes, and about the holder where there is a newcomer.
    """
    keys_by_inode: defaultdict[str, list[str]] = defaultdict(list)
    for key, there in arrived.items():
        if there.file_id is not None:
            keys_by_inode[there.file_id].append(key)

    pairs: list[tuple[float, str, str, Recorded]] = []

    def offer(document: Recorded) -> None:
        for key in keys_by_inode.get(document.file_id or "", ()):
            if key == document.key:
                continue
            likeness = similarity(document.document_no, key)
            holder = holders.get(key)
            if likeness >= SIMILAR and (holder is None or likeness > similarity(holder.document_no, key)):
                heapq.heappush(pairs, (-likeness, key, document.key, document))

    for document in missing:
        offer(document)
    matched: dict[str, Recorded] = {}
    settled: set[int] = set()
    while pairs:
        _, key, _, document = heapq.heappop(pairs)
        if key in matched or document.document_no in settled:
            continue
        matched[key] = document
        settled.add(document.document_no)
        if key in holders:
            offer(holders[key])
    return matched


def match_unreadable(missing: Iterable[Recorded], unreadable: Iterable[Seen]) -> dict[str, Recorded]:
    """The document behind each new key that cannot be read: same inode and same size, which is all there is."""
    found: dict[str, Recorded] = {}
    places: defaultdict[tuple[str, int], list[Seen]] = defaultdict(list)
    for there in sorted(unreadable, key=lambda seen: seen.key, reverse=True):
        if there.file_id is not None and there.size is not None:
            places[there.file_id, there.size].append(there)
    for document in sorted(missing, key=lambda recorded: recorded.key):
        if document.file_id is not None and document.size is not None:
            free = places.get((document.file_id, document.size))
            if free:
                found[free.pop().key] = document
    return found


def _inode_allows(document: Recorded, there: Seen, present: Mapping[str, Seen]) -> bool:
    """Whether the document, whose key holds other content, can have been renamed to `there`, by the inodes."""
    if document.file_id is None:
        return True
    if there.file_id is not None:
        return there.file_id == document.file_id
    return present[document.key].file_id != document.file_id


def _pair_equal(
    vacated: Sequence[Recorded],
    hidden: Sequence[Recorded],
    arrived: Sequence[Seen],
    recorded: Mapping[str, Recorded],
    present: Mapping[str, Seen],
) -> dict[str, Recorded]:
    """Pair documents and keys of one content: by inode, then so that few documents are put out, then by path."""
    found: dict[str, Recorded] = {}
    waiting = {document.key: document for document in (*vacated, *hidden)}
    free = {there.key: there for there in arrived}

    def pair(documents: Iterable[str], keys: Iterable[str]) -> None:
        for old, new in _pair_paths(list(documents), list(keys)):
            found[new] = waiting.pop(old)
            del free[new]

    inodes: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for document in waiting.values():
        if document.file_id is not None:
            inodes[document.file_id][0].append(document.key)
    for there in free.values():
        if there.file_id is not None:
            inodes[there.file_id][1].append(there.key)
    for documents, keys in inodes.values():
        pair(documents, keys)

    for document in hidden:
        waiting.pop(document.key, None)
    if any(document.size == 0 for document in waiting.values()):
        return found  # nothing is equal to nothing: without an inode it proves no identity
    for gone in (True, False):
        for new in (True, False):
            pair(
                [key for key in waiting if (key not in present) is gone],
                [key for key in free if (key not in recorded) is new],
            )
    return found


def _pair_paths(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Pair as many of two lists of keys as there are in the shorter one, most alike first.

    Alike is the longest common ending (the name, then its folders), then the longest common
    beginning; equals pair in sorted order. Work is proportional to keys × depth², not to pairs.
    """
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    pairs: list[tuple[str, str]] = []
    waiting, free = set(old), set(new)
    parts = {key: key.split("/") for key in (*old, *new)}
    deepest = min(max((len(parts[key]) for key in side), default=0) for side in (old, new))
    for ending in range(deepest, -1, -1):
        for beginning in range(deepest - ending, -1, -1):
            if not waiting or not free:
                return pairs
            buckets: defaultdict[Hashable, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
            for keys, side in ((waiting, 0), (free, 1)):
                for key in sorted(keys):
                    segments = parts[key]
                    if len(segments) >= max(ending, beginning):
                        alike = (tuple(segments[len(segments) - ending :]), tuple(segments[:beginning]))
                        buckets[alike][side].append(key)
            for left, right in buckets.values():
                for pair in zip(left, right, strict=False):
                    pairs.append(pair)
                    waiting.discard(pair[0])
                    free.discard(pair[1])
    return pairs
