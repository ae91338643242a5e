"""Folding changes of documents into a batch: versions placed in time, passages woven."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from indexer.hashing import short_id
from indexer.ingest.drafts import DocumentChange, DocumentRef, Folded, VersionDraft, Withdrawal
from indexer.ingest.index import Index
from indexer.ingest.line import Item, Line, known_item
from indexer.ingest.rendering import is_current, render_again
from indexer.ingest.texts import TextBook
from indexer.ingest.withholding import Withholding
from indexer.masks import is_masked
from indexer.model import FOREVER, Instant, Row, VersionKind
from indexer.ports.batch import Batch, NewDocument, NewVersion, Placement
from indexer.ports.recorded import LineVersion, RecordedState
from indexer.timing import monotone
from indexer.weave import Changes, Span, State, append, reconcile

PlacedAt = tuple[int, int | None, str]
"""(version, number, key): what a placement says; another number or key is another placement."""


class Fold:
    """Folds any number of documents' changes into one batch; each document at most once.

    Numbers are drawn here, from the catalog's next free ones, so that the passages table can be
    written before the catalog commits them.
    """

    def __init__(
        self,
        index: Index,
        state: RecordedState,
        batch: Batch,
        read_state: Callable[[str, str], bytes | None],
    ) -> None:
        """`read_state`: (key, origin) → the bytes, where the source still has that state."""
        self._index = index
        self._read_state = read_state
        self._state = state
        self._batch = batch
        self._next = state.next_numbers()
        self._withholding = Withholding(state, batch.source_no)
        self.texts = TextBook(state, batch, self._next)

    def apply(self, change: DocumentChange) -> Folded:
        """Add what `change` does to the batch."""
        document, known = self._document(change)
        line, by_id = Line(known), {version.id: version for version in known}
        # What was purged is told under a masked origin, of which its id was not made.
        masked = {(_identity(v.kind), v.origin): v for v in known if v.purge_no is not None}
        withheld = len(self._batch.withheld)
        fresh = any(isinstance(step, VersionDraft) and step.rendered is not None for step in change.steps)
        woven_anew = fresh and self._bring_up_to_date(document, line.standing)
        for step in change.steps:
            if isinstance(step, Withdrawal):
                woven_anew |= line.withdraw(step.origins)
                continue
            version_id = short_id("v", document.id, _identity(step.kind), step.origin)
            recorded = by_id.get(version_id) or masked.get((_identity(step.kind), step.origin))
            if recorded is not None:
                woven_anew |= self._seen_again(document, recorded, step, line)
            elif (drawn := line.drawn(version_id)) is not None:
                line.put(drawn)
            else:
                before = line.ordered()
                item = self._new_item(document, version_id, step, line)
                woven_anew |= bool(before) and item.sequence <= before[-1].sequence
                line.put(item)
        self._relabel(document, change, known)
        described = self._describe(document.no, change, line)
        for item in line.new:
            self._record(document, item)
        ordered, aside = line.ordered(), line.aside()
        only_one_more = len(line.new) == 1 and ordered and ordered[-1] is line.new[0]
        # What stands aside may come onto the line with the new version, and leaves its place there.
        if only_one_more and not woven_anew and not aside:
            self._append(document.no, ordered)
        elif line.new or woven_anew:
            self._weave(document.no, ordered, aside)
        stay_away = tuple(one.purge_no for one in self._batch.withheld[withheld:])
        return Folded(document.no, len(line.new), bool(line.new) or woven_anew or described, stay_away)

    def _document(self, change: DocumentChange) -> tuple[DocumentRef, list[LineVersion]]:
        if change.document_no is not None:
            no = change.document_no
            return DocumentRef(no, self._state.document_id(no)), self._state.line(no)
        document = DocumentRef(self._take("document"), self._index.clock.draw_id("d"))
        self._batch.documents.append(
            NewDocument(document.no, document.id, self._batch.source_no, change.lineage, change.history_open)
        )
        return document, []

    def _take(self, table: str) -> int:
        number = self._next[table]
        self._next[table] += 1
        return number

    # --- versions ----------------------------------------------------------------------------

    def _new_item(self, document: DocumentRef, version_id: str, draft: VersionDraft, line: Line) -> Item:
        item = Item(
            version_no=self._take("version"),
            id=version_id,
            origin=draft.origin,
            sequence=line.next_sequence() if draft.sequence is None else draft.sequence,
            source_time=draft.time.instant,
            key=draft.key,
            kind=draft.kind,
            aside=draft.aside,
            content_hash=draft.content_hash,
            draft=draft,
        )
        purge_no = self._withholding.purge_of(document.no, draft, line)
        if purge_no is not None:
            self._batch.withheld.append(self._withholding.strike(item, draft, line, document.no, purge_no))
        elif draft.rendered is not None:
            item.manifest_no = self.texts.add(document, item.version_no, draft.rendered)
            item.say(draft.rendered)
        elif draft.carries:
            item.carry(line.before(item.sequence))
        return item

    def _seen_again(
        self, document: DocumentRef, version: LineVersion, draft: VersionDraft, line: Line
    ) -> bool:
        """A known version was observed: it may be back on the line, or readable at last."""
        anew = False
        if version.no not in line:  # it was withdrawn, and the source has it again
            back = known_item(version)
            named = back.purge_no is None or not is_masked(version.origin)  # thinned out, at most
            back.key = draft.key if named else self._withholding.key(draft.key, line)
            back.sequence = version.sequence if draft.sequence is None else draft.sequence
            line.put(back)
            self._bring_up_to_date(document, [back])
            anew = True
        item = line[version.no]
        if version.purge_no is not None:
            return anew
        if draft.rendered is not None and item.manifest_no is None:
            purge_no = self._withholding.purge_of(document.no, draft, line)
            if purge_no is not None:  # it could not be read when the same content was purged
                self._batch.withheld.append(
                    self._withholding.strike(item, draft, line, document.no, purge_no)
                )
                item.draft = None
                return anew
            item.manifest_no = self.texts.add(document, version.no, draft.rendered)
            self.texts.count(item.manifest_no)
            item.kind = VersionKind.CONTENT
            item.say(draft.rendered)
            anew = True
            self._batch.stated_labels[version.no] = (document.no, draft.rendered.labels)
            if version.content_hash is None and draft.content_hash is not None:
                self._batch.identified.append((version.no, draft.content_hash, draft.size))
        return anew

    def _bring_up_to_date(self, document: DocumentRef, items: list[Item]) -> bool:
        """Render the earlier versions by the present pipeline, so that its upgrade is not taken for an edit."""
        anew = False
        for item in items:
            if item.pipeline is None or is_current(self._index, item.pipeline) or item.content_hash is None:
                continue
            source = partial(self._read_state, item.key, item.origin)
            rendered = render_again(self._index, item.content_hash, item.key, source)
            if rendered is not None:
                item.manifest_no = self.texts.add(document, item.version_no, rendered)
                item.say(rendered)
                anew = True
        return anew

    def _record(self, document: DocumentRef, item: Item) -> None:
        draft = item.draft
        assert draft is not None
        self._batch.versions.append(
            NewVersion(
                no=item.version_no,
                id=item.id,
                document_no=document.no,
                kind=item.kind,
                origin=draft.origin,
                sequence=item.sequence,
                aside=item.aside,
                source_time=item.source_time,
                time_basis=draft.time.basis,
                content_hash=item.content_hash,
                size=draft.size,
                author=draft.author,
                message=draft.message,
                title=draft.title,
                metadata=draft.metadata,
            )
        )
        if draft.rendered is not None:
            self._batch.stated_labels[item.version_no] = (document.no, draft.rendered.labels)
        elif item.manifest_no is not None:
            self.texts.carry(
                item.version_no, item.manifest_no, item.pipeline or "", item.title, item.metadata
            )
        if draft.labels:
            self._batch.labels[item.version_no] = (document.no, draft.labels)
        if item.stood is not None:
            self._never_believed(document.no, item)
        elif item.manifest_no is not None:
            self.texts.count(item.manifest_no)

    def _relabel(self, document: DocumentRef, change: DocumentChange, known: list[LineVersion]) -> None:
        numbers = {version.origin: version.no for version in known}
        for origin, labels in change.relabelled:
            if origin in numbers:
                self._batch.labels[numbers[origin]] = (document.no, labels)

    def _describe(self, document_no: int, change: DocumentChange, line: Line) -> bool:
        """Say of the document as a whole what the source says of it; whether that differs from what is believed."""
        if change.attributes is None:
            return False
        ordered = line.ordered()
        if ordered and ordered[-1].purge_no is not None:
            return False  # it has titles in it, such as that of the page
        said = {name: tuple(sorted({*values} - {""})) for name, values in change.attributes.items()}
        believed = self._batch.attributes.get(document_no)
        if believed is None:
            believed = self._state.attributes(document_no)
        # What nothing is said of stays as it was.
        said = {**said, **believed} if change.late else {**believed, **said}
        if said == believed:
            return False
        self._batch.attributes[document_no] = said
        return True

    # --- places in time ----------------------------------------------------------------------

    def _append(self, document_no: int, ordered: list[Item]) -> None:
        """One more version at the end: costs no more than the two last versions."""
        item, now = ordered[-1], self._batch.recorded
        believed = self._state.placements(document_no, only_open=True)
        start = item.source_time
        if believed:
            start = max(start, believed[-1].valid_from + 1)
        place: PlacedAt = (item.version_no, len(ordered), item.key)
        self._place(document_no, believed, append(_spans(believed), State(start, frozenset([place])), now))
        rows = self._state.rows(document_no, only_open=True)
        passages = self.texts.passages_of(item.manifest_no)
        self._change_rows(document_no, rows, append(_row_spans(rows), State(start, passages), now))

    def _weave(self, document_no: int, ordered: list[Item], aside: list[Item]) -> None:
        """Say the whole line again; only what differs from what is believed changes."""
        now = self._batch.recorded
        times = monotone(item.source_time for item in ordered)
        places: list[State[PlacedAt]] = [
            State(time, frozenset([(item.version_no, number, item.key)]))
            for number, (item, time) in enumerate(zip(ordered, times, strict=True), 1)
        ]
        beside: list[tuple[PlacedAt, Instant]] = [
            ((item.version_no, None, item.key), item.source_time) for item in aside
        ]
        believed = self._state.placements(document_no, only_open=False)
        self._place(document_no, believed, reconcile(_spans(believed), places, now, beside))
        rows = self._state.rows(document_no, only_open=False)
        still_told = _told_of_thinned(ordered, believed, rows)
        states = [
            State(time, still_told.get(item.version_no) or self.texts.passages_of(item.manifest_no))
            for item, time in zip(ordered, times, strict=True)
        ]
        strays = [(no, item.source_time) for item in aside for no in self.texts.passages_of(item.manifest_no)]
        self._change_rows(document_no, rows, reconcile(_row_spans(rows), states, now, strays))

    def _never_believed(self, document_no: int, item: Item) -> None:
        """Place what came and went within one commit where it stood, believed at no instant."""
        assert item.stood is not None
        (number, time), now = item.stood, self._batch.recorded
        self._batch.placements.append(
            Placement(
                self._take("placement"), item.version_no, document_no, self._batch.source_no, number,
                item.key, time, FOREVER, now, now, FOREVER,
            )
        )  # fmt: skip

    def _place(self, document_no: int, believed: list[Placement], changes: Changes[PlacedAt]) -> None:
        held = dict(zip(_spans(believed), believed, strict=True))
        for before, after in (*changes.close, *changes.supersede):
            self._batch.changed_placements.append(
                replace(
                    held[before],
                    valid_to=after.valid_to,
                    recorded_to=after.recorded_to,
                    closed_recorded=after.closed_recorded,
                )
            )
        for span in sorted(changes.add, key=lambda span: (span.valid_from, span.item[0])):
            version_no, number, key = span.item
            self._batch.placements.append(
                Placement(
                    self._take("placement"),
                    version_no,
                    document_no,
                    self._batch.source_no,
                    number,
                    key,
                    span.valid_from,
                    span.valid_to,
                    span.recorded_from,
                    span.recorded_to,
                    span.closed_recorded,
                )
            )

    def _change_rows(self, document_no: int, believed: list[Row], changes: Changes[int]) -> None:
        held = dict(zip(_row_spans(believed), believed, strict=True))
        for before, after in (*changes.close, *changes.supersede):
            self._batch.changed_rows.append(
                replace(
                    held[before],
                    valid_to=after.valid_to,
                    recorded_to=after.recorded_to,
                    closed_recorded=after.closed_recorded,
                )
            )
        added = sorted(changes.add, key=lambda span: (span.valid_from, span.item))
        embed_nos = self.texts.embed_numbers([span.item for span in added])
        for span in added:
            self._batch.rows.append(
                Row(
                    self._take("row"),
                    span.item,
                    document_no,
                    self._batch.source_no,
                    embed_nos[span.item],
                    span.valid_from,
                    span.valid_to,
                    span.recorded_from,
                    span.recorded_to,
                    span.closed_recorded,
                )
            )


def _told_of_thinned(
    ordered: list[Item], places: list[Placement], rows: list[Row]
) -> dict[int, frozenset[int]]:
    """The passages that rows still tell of versions which were thinned out: those that kept versions have as well.

    Of one that was purged they tell nothing.
    """
    textless = {item.version_no for item in ordered if item.purge_no is not None}
    return {
        place.version_no: frozenset(
            row.passage_no for row in rows if row.valid_from <= place.valid_from < row.valid_to
        )
        for place in places
        if place.version_no in textless and place.number is not None
    }


def _identity(kind: VersionKind) -> str:
    """Content and unreadable share an identity: the same state, read or not read yet."""
    return "tombstone" if kind is VersionKind.TOMBSTONE else "content"


def _spans(placements: list[Placement]) -> list[Span[PlacedAt]]:
    return [
        Span(
            (p.version_no, p.number, p.key),
            p.valid_from,
            p.valid_to,
            p.recorded_from,
            p.recorded_to,
            p.closed_recorded,
        )
        for p in placements
    ]


def _row_spans(rows: list[Row]) -> list[Span[int]]:
    return [
        Span(r.passage_no, r.valid_from, r.valid_to, r.recorded_from, r.recorded_to, r.closed_recorded)
        for r in rows
    ]
