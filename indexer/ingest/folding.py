"""Folding changes of documents into a batch: versions placed in time, passages woven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from indexer.hashing import short_id
from indexer.ingest.drafts import DocumentChange, DocumentRef, Folded, VersionDraft
from indexer.ingest.index import Index
from indexer.ingest.rendering import Rendered, is_current, render_again
from indexer.ingest.texts import TextBook
from indexer.model import FOREVER, Instant, Row, VersionKind
from indexer.ports.batch import Batch, NewDocument, NewVersion, Placement
from indexer.ports.catalog import LineVersion, RecordedState
from indexer.timing import monotone
from indexer.weave import Changes, Span, State, append, reconcile

PlacedAt = tuple[int, int | None, str]
"""(version, number, key): what a placement says; another number or key is another placement."""


@dataclass(slots=True)
class _Item:
    """A version on its way to a place on the line."""

    version_no: int
    sequence: int
    source_time: Instant
    key: str
    kind: VersionKind
    aside: bool
    manifest_no: int | None
    content_hash: str | None
    pipeline: str | None = None
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    draft: VersionDraft | None = None
    """Set where the version is new to the catalog."""
    id: str = ""
    gone: bool = False
    """Withdrawn before it was committed."""

    def say(self, rendered: Rendered) -> None:
        """Take over what its text says of itself, and which pipeline read it."""
        self.pipeline, self.title, self.metadata = rendered.pipeline, rendered.title, rendered.metadata


class Fold:
    """Folds any number of documents' changes into one batch; each document at most once.

    Numbers are drawn here, from the catalog's next free ones, so that the passages table can be
    written before the catalog commits them.
    """

    def __init__(self, index: Index, state: RecordedState, batch: Batch) -> None:
        self._index = index
        self._state = state
        self._batch = batch
        self._next = state.next_numbers()
        self.texts = TextBook(state, batch, self._next)

    def apply(self, change: DocumentChange) -> Folded:
        """Add what `change` does to the batch."""
        document, known = self._document(change)
        line = {v.no: _item(v) for v in known if v.number is not None or (v.aside and v.key)}
        by_id = {v.id: v for v in known}
        woven_anew = False
        for origin in change.withdrawn:
            for version in known:
                if version.origin == origin and line.pop(version.no, None) is not None:
                    woven_anew = True
        new: list[_Item] = []
        for draft in change.drafts:
            version_id = short_id("v", document.id, _identity(draft.kind), draft.origin)
            if version_id in by_id:
                if not draft.withdrawn:
                    woven_anew |= self._seen_again(document, by_id[version_id], draft, line)
                continue
            again = next((item for item in new if item.id == version_id), None)
            if again is not None:
                again.gone = draft.withdrawn
                continue
            item = self._new_item(document, version_id, draft, line)
            woven_anew |= item.sequence <= max((i.sequence for i in line.values() if not i.aside), default=-1)
            new.append(item)
            line[item.version_no] = item
        self._relabel(document, change, known)
        if any(draft.rendered is not None for draft in change.drafts):
            woven_anew |= self._bring_up_to_date(document, line)
        ordered = sorted(
            (i for i in line.values() if not i.aside), key=lambda item: (item.sequence, item.version_no)
        )
        aside = sorted((i for i in line.values() if i.aside), key=lambda item: item.version_no)
        self._carry(ordered)
        for item in new:
            self._record(document, item)
        if any(item.gone for item in new):
            self._never_believed(document.no, ordered, aside)
            ordered, aside = [i for i in ordered if not i.gone], [i for i in aside if not i.gone]
        only_one_more = len(new) == 1 and not new[0].aside and ordered and ordered[-1] is new[0]
        # What stands aside may come onto the line with the new version, and leaves its place there.
        if only_one_more and not woven_anew and not aside:
            self._append(document.no, ordered)
        elif new or woven_anew:
            self._weave(document.no, ordered, aside)
        return Folded(document.no, len(new), bool(new) or woven_anew)

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

    def _new_item(
        self, document: DocumentRef, version_id: str, draft: VersionDraft, line: dict[int, _Item]
    ) -> _Item:
        last = max((item.sequence for item in line.values()), default=0)
        version_no = self._take("version")
        manifest_no = None
        if draft.rendered is not None:
            manifest_no = self.texts.add(document, version_no, draft.rendered)
        item = _Item(
            version_no=version_no,
            sequence=last + 1 if draft.sequence is None else draft.sequence,
            source_time=draft.time.instant,
            key=draft.key,
            kind=draft.kind,
            aside=draft.aside,
            manifest_no=manifest_no,
            content_hash=draft.content_hash,
            draft=draft,
            id=version_id,
            gone=draft.withdrawn,
        )
        if draft.rendered is not None:
            item.say(draft.rendered)
        return item

    def _seen_again(
        self, document: DocumentRef, version: LineVersion, draft: VersionDraft, line: dict[int, _Item]
    ) -> bool:
        """A known version was observed: it may be back on the line, or readable at last."""
        anew = False
        if version.no not in line:  # it was withdrawn, and the source has it again
            line[version.no] = replace(
                _item(version),
                key=draft.key,
                sequence=version.sequence if draft.sequence is None else draft.sequence,
            )
            anew = True
        if draft.rendered is not None and version.manifest_no is None:
            item = line[version.no]
            item.manifest_no = self.texts.add(document, version.no, draft.rendered)
            item.kind = VersionKind.CONTENT
            item.say(draft.rendered)
            anew = True
            self._batch.stated_labels[version.no] = (document.no, draft.rendered.labels)
            if version.content_hash is None and draft.content_hash is not None:
                self._batch.identified.append((version.no, draft.content_hash, draft.size))
        return anew

    def _bring_up_to_date(self, document: DocumentRef, line: dict[int, _Item]) -> bool:
        """Render the earlier versions by the present pipeline, so that its upgrade is not taken for an edit."""
        anew = False
        for item in line.values():
            if item.pipeline is None or is_current(self._index, item.pipeline) or item.content_hash is None:
                continue
            rendered = render_again(self._index, item.content_hash, item.key)
            if rendered is not None:
                item.manifest_no = self.texts.add(document, item.version_no, rendered, seen_before=True)
                item.say(rendered)
                anew = True
        return anew

    def _carry(self, ordered: list[_Item]) -> None:
        """Give renames the content of the version before them."""
        before: _Item | None = None
        for item in ordered:
            if item.draft is not None and item.draft.carries and item.manifest_no is None:
                if before is not None and before.kind is not VersionKind.TOMBSTONE:
                    item.kind, item.content_hash = before.kind, before.content_hash
                    item.manifest_no, item.pipeline = before.manifest_no, before.pipeline
                    item.title, item.metadata = before.title, before.metadata
                else:
                    item.kind = VersionKind.UNREADABLE
            before = item

    def _record(self, document: DocumentRef, item: _Item) -> None:
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

    def _relabel(self, document: DocumentRef, change: DocumentChange, known: list[LineVersion]) -> None:
        numbers = {version.origin: version.no for version in known}
        for origin, labels in change.relabelled:
            if origin in numbers:
                self._batch.labels[numbers[origin]] = (document.no, labels)

    # --- places in time ----------------------------------------------------------------------

    def _append(self, document_no: int, ordered: list[_Item]) -> None:
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

    def _weave(self, document_no: int, ordered: list[_Item], aside: list[_Item]) -> None:
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
        states = [
            State(time, self.texts.passages_of(item.manifest_no))
            for item, time in zip(ordered, times, strict=True)
        ]
        strays = [(no, item.source_time) for item in aside for no in self.texts.passages_of(item.manifest_no)]
        rows = self._state.rows(document_no, only_open=False)
        self._change_rows(document_no, rows, reconcile(_row_spans(rows), states, now, strays))

    def _never_believed(self, document_no: int, ordered: list[_Item], aside: list[_Item]) -> None:
        """Place what came and went within one commit where it would have stood, believed at no instant."""
        now = self._batch.recorded
        times = monotone(item.source_time for item in ordered)
        placed = [
            (item, number, time) for number, (item, time) in enumerate(zip(ordered, times, strict=True), 1)
        ]
        for item, number, time in (*placed, *((item, None, item.source_time) for item in aside)):
            if item.gone:
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


def _identity(kind: VersionKind) -> str:
    """Content and unreadable share an identity: the same state, read or not read yet."""
    return "tombstone" if kind is VersionKind.TOMBSTONE else "content"


def _item(version: LineVersion) -> _Item:
    kind = version.kind
    if kind is VersionKind.UNREADABLE and version.manifest_no is not None:
        kind = VersionKind.CONTENT
    return _Item(
        version.no, version.sequence, version.source_time, version.key, kind, version.aside,
        version.manifest_no, version.content_hash, version.pipeline, version.title, version.metadata,
        id=version.id,
    )  # fmt: skip


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
