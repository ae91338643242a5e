"""The weave rows of some passages as they would be had certain versions never had a text. Pure.

Rows hold what was believed at every recorded instant. So the document's life is lived again, instant by
instant, by the same fold that wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.model import FOREVER, Instant, Row
from indexer.ports.batch import Placement
from indexer.ports.purges import Beliefs
from indexer.weave import Span, State, reconcile


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What becomes of the rows of one document."""

    dropped: frozenset[int]
    """Row numbers."""
    added: tuple[Row, ...]


def without(
    beliefs: Beliefs,
    purged: frozenset[int],
    contents: Mapping[int, frozenset[int]],
    rows: list[Row],
    next_no: int,
) -> RowChanges:
    """How `rows`, all of one document, change when the versions `purged` lose their texts.

    `contents`: the passages of each manifest. New rows are numbered from `next_no` on.
    """
    touched = frozenset(
        passage
        for rendition in beliefs.renditions
        if rendition.version_no in purged
        for passage in contents[rendition.manifest_no]
    )
    kept = {no: passages & touched for no, passages in contents.items()}
    wanted = set(_relived(beliefs, purged, kept))
    dropped: set[int] = set()
    like: dict[int, Row] = {}
    for row in rows:
        if row.passage_no not in touched:
            continue
        like[row.passage_no] = row
        span = _span(row)
        if span in wanted:
            wanted.remove(span)
        else:
            dropped.add(row.no)
    ordered = sorted(wanted, key=lambda span: (span.recorded_from, span.valid_from, span.item))
    added = tuple(
        _row(span, like[span.item], no) for no, span in enumerate(ordered, next_no) if span.item in like
    )
    return RowChanges(frozenset(dropped), added)


def _relived(
    beliefs: Beliefs, purged: frozenset[int], contents: Mapping[int, frozenset[int]]
) -> list[Span[int]]:
    spans: list[Span[int]] = []
    ended: list[Span[int]] = []
    for now in _instants(beliefs):
        texts = {  # they come in the order in which they were recorded: the last one stands
            version_no: manifest_no
            for version_no, manifest_no, recorded_from in beliefs.renditions
            if recorded_from <= now and version_no not in purged
        }
        live = [p for p in beliefs.placements if p.recorded_from <= now < p.recorded_to]
        on_line = [p for p in live if p.number is not None and p.version_no not in beliefs.aside]
        line = [
            State(p.valid_from, _passages(p, texts, contents))
            for p in sorted(on_line, key=lambda p: p.valid_from)
        ]
        beside = sorted(
            (p for p in live if p.version_no in beliefs.aside), key=lambda p: (p.version_no, p.valid_from)
        )
        strays = [(no, p.valid_from) for p in beside for no in sorted(_passages(p, texts, contents))]
        spans = reconcile(spans, line, now, strays).applied(spans)
        ended += [span for span in spans if span.recorded_to != FOREVER]
        spans = [span for span in spans if span.recorded_to == FOREVER]
    return ended + spans


def _instants(beliefs: Beliefs) -> list[Instant]:
    """When anything began or ceased to be believed, in order."""
    found = {rendition.recorded_from for rendition in beliefs.renditions}
    for placement in beliefs.placements:
        found |= {placement.recorded_from, placement.recorded_to, placement.closed_recorded}
    return sorted(found - {FOREVER})


def _passages(
    placement: Placement, texts: Mapping[int, int], contents: Mapping[int, frozenset[int]]
) -> frozenset[int]:
    manifest_no = texts.get(placement.version_no)
    return frozenset() if manifest_no is None else contents[manifest_no]


def _span(row: Row) -> Span[int]:
    return Span(
        row.passage_no, row.valid_from, row.valid_to, row.recorded_from, row.recorded_to, row.closed_recorded
    )


def _row(span: Span[int], like: Row, no: int) -> Row:
    return Row(
        no, span.item, like.document_no, like.source_no, like.embed_no, span.valid_from, span.valid_to,
        span.recorded_from, span.recorded_to, span.closed_recorded,
    )  # fmt: skip
