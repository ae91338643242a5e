"""A small index written by hand: documents as lists of versions, without connectors, parsers or ingest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from indexer.chunking.embedded import embedded_text
from indexer.embedding.hashing import HashingEmbedder
from indexer.hashing import content_hash, short_id, text_hash
from indexer.model import (
    FOREVER,
    Instant,
    ManifestEntry,
    Published,
    Row,
    TimeBasis,
    VersionKind,
)
from indexer.ports import Originals, StoredPassage
from indexer.ports.batch import (
    Batch,
    NewDocument,
    NewManifest,
    NewPassage,
    NewRendition,
    NewVersion,
    Placement,
    Points,
)
from indexer.query.asking.works import Grouping
from indexer.query.queries import Queries
from indexer.query.reranking import Reranking
from indexer.store.catalog.catalog import Catalog
from indexer.store.catalog.manifests import encode
from indexer.weave import Span, State, reconcile
from tests.support.memory_passages import MemoryPassages

DAY: Instant = 86_400_000_000

Text = str | tuple[str, str]
"""A passage: its text, or (heading path joined by " > ", text)."""


@dataclass(frozen=True, slots=True)
class V:
    """A version: when it became true, and its passages (None: unreadable; "gone": a tombstone)."""

    at: Instant
    passages: Sequence[Text] | str | None
    key: str | None = None
    """A new key from here on."""
    labels: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    """What its text says of itself: ``title``, ``version``, ``date``."""
    title: str | None = None
    origin: str = ""
    """Equal origins of one document are one version; empty: by its time."""
    sequence: int | None = None
    """Its place on the source's line; None: its number when it was first written."""
    author: str | None = None
    message: str | None = None


Placed = tuple[int, int | None, str]


@dataclass(slots=True)
class _Held:
    """What is believed of one document."""

    no: int
    id: str
    key: str
    versions: dict[str, int] = field(default_factory=dict)
    manifests: dict[int, int] = field(default_factory=dict)
    placements: dict[Span[Placed], int] = field(default_factory=dict)
    rows: dict[Span[int], int] = field(default_factory=dict)


class Library:
    """Each `write` is one commit: from `recorded` on, the document's line is exactly `line`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.catalog = Catalog(folder, create=True)
        # Nothing here has to outlive a power loss, and waiting for the disk is what costs time.
        self.catalog._sql.execute("PRAGMA synchronous = OFF")
        self.table = MemoryPassages()
        self.embedder = HashingEmbedder()
        self.originals: dict[str, bytes] = {}
        self.recorded: Instant = 0
        self._held: dict[tuple[int, str], _Held] = {}
        self._passage_nos: dict[tuple[int, tuple[str, ...], str], int] = {}
        self._embed_nos: dict[str, int] = {}
        self._embedded: dict[int, tuple[int, str]] = {}
        self._manifest_nos: dict[tuple[int, bytes], int] = {}
        self._source_nos: dict[str, int] = {}
        self._next = dict.fromkeys(("version", "placement", "rendition", "row"), 0)

    def queries(self, grouping: Grouping | None = None, reranking: Reranking | None = None) -> Queries:
        """Queries over this library; the embedder is the one without a model, and works are grouped as `grouping` says."""
        return Queries(
            self.catalog,
            passages=lambda _: self.table,
            embedder=lambda: self.embedder,
            originals=lambda: _Kept(self.originals),
            zone=UTC,
            grouping=grouping,
            reranking=reranking,
        )

    def document_id(self, key: str, source: str = "policies") -> str:
        """The id of the document that was written under this key."""
        return self._held[self._source_no(source), key].id

    def write(
        self,
        key: str,
        line: Sequence[V],
        *,
        aside: Sequence[V] = (),
        source: str = "policies",
        recorded: Instant | None = None,
        history_open: bool = False,
    ) -> None:
        """State the whole line of the document that began under `key`, as believed from `recorded` on."""
        self.recorded = max(self.recorded + 1, recorded or 0)
        source_no = self._source_no(source)
        batch = Batch(self.recorded, source_no)
        held = self._held.get((source_no, key))
        if held is None:
            no = len(self._held) + 1
            held = self._held[source_no, key] = _Held(no, short_id("d", source, key), key)
            batch.documents.append(NewDocument(no, held.id, source_no, None, history_open))
        placed: list[State[Placed]] = []
        woven: list[State[int]] = []
        name = key
        for number, version in enumerate(line, start=1):
            name = version.key or name
            version_no, passages = self._version(batch, held, version, number, aside=False)
            placed.append(State(version.at, frozenset([(version_no, number, name)])))
            woven.append(State(version.at, frozenset(passages)))
        beside: list[tuple[Placed, Instant]] = []
        loose: list[tuple[int, Instant]] = []
        for version in aside:
            version_no, passages = self._version(batch, held, version, 10_000, aside=True)
            beside.append(((version_no, None, version.key or name), version.at))
            loose += [(no, version.at) for no in passages]
        self._place(batch, held, source_no, placed, beside)
        stored = self._weave(batch, held, source_no, woven, loose)
        table_version = self.table.commit(stored, batch.changed_rows)
        batch.published = Published(
            self.embedder.fingerprint, self.embedder.dimension, table_version, self.recorded, active=True
        )
        self.catalog.commit(batch)

    def tell(self, points: Points, *, source: str = "policies", recorded: Instant | None = None) -> None:
        """Change revisions and tags, as believed from `recorded` on."""
        self.recorded = max(self.recorded + 1, recorded or 0)
        batch = Batch(self.recorded, self._source_no(source))
        batch.points = points
        self.catalog.commit(batch)

    def describe(
        self,
        key: str,
        attributes: Mapping[str, Sequence[str]],
        *,
        source: str = "policies",
        recorded: Instant | None = None,
    ) -> None:
        """Say this of the document that was written under `key`, as believed from `recorded` on."""
        self.recorded = max(self.recorded + 1, recorded or 0)
        batch = Batch(self.recorded, self._source_no(source))
        said = {name: tuple(sorted(values)) for name, values in attributes.items()}
        batch.attributes[self.document_no(key, source)] = said
        self.catalog.commit(batch)

    def document_no(self, key: str, source: str = "policies") -> int:
        """The number of the document that was written under this key."""
        return self._held[self._source_no(source), key].no

    def _source_no(self, name: str) -> int:
        if name not in self._source_nos:
            self._source_nos[name] = self.catalog.register(f"uid-{name}", name, "files").no
        return self._source_nos[name]

    def _draw(self, table: str) -> int:
        self._next[table] += 1
        return self._next[table]

    def _version(
        self, batch: Batch, held: _Held, version: V, sequence: int, *, aside: bool
    ) -> tuple[int, list[int]]:
        origin = version.origin or f"at {version.at}"
        kind = VersionKind.CONTENT
        if version.passages is None:
            kind = VersionKind.UNREADABLE
        elif version.passages == "gone":
            kind = VersionKind.TOMBSTONE
        passages = [] if isinstance(version.passages, str) or version.passages is None else version.passages
        data = repr(passages).encode()
        if origin not in held.versions:
            version_no = held.versions[origin] = self._draw("version")
            batch.versions.append(
                NewVersion(
                    no=version_no,
                    id=short_id("v", held.id, "tombstone" if kind is VersionKind.TOMBSTONE else "", origin),
                    document_no=held.no,
                    kind=kind,
                    origin=origin,
                    sequence=sequence if version.sequence is None else version.sequence,
                    aside=aside,
                    source_time=version.at,
                    time_basis=TimeBasis.COMMIT,
                    content_hash=content_hash(data) if kind is VersionKind.CONTENT else None,
                    size=None,
                    author=version.author,
                    message=version.message,
                    title=version.title,
                    metadata={},
                )
            )
            if kind is VersionKind.CONTENT:
                self.originals[content_hash(data)] = data
        version_no = held.versions[origin]
        batch.labels[version_no] = (held.no, version.labels)
        if kind is not VersionKind.CONTENT:
            return version_no, []
        numbers = [self._passage(batch, held, passage) for passage in passages]
        manifest_no = self._manifest(batch, held, passages, numbers)
        if held.manifests.get(version_no) != manifest_no:
            held.manifests[version_no] = manifest_no
            no = self._draw("rendition")
            title, stated = version.states.get("title"), version.states.get("version")
            batch.renditions.append(
                NewRendition(no, version_no, manifest_no, "hand/1", title, version.states)
            )
            if stated is not None:
                batch.stated_labels[version_no] = (held.no, (stated,))
        return version_no, numbers

    def _passage(self, batch: Batch, held: _Held, passage: Text) -> int:
        heading, text = parts(passage)
        identity = (held.no, heading, text)
        if identity not in self._passage_nos:
            no = self._passage_nos[identity] = len(self._passage_nos) + 1
            embedded = embedded_text(heading, "", text)
            if embedded not in self._embed_nos:
                self._embed_nos[embedded] = len(self._embed_nos) + 1
                batch.embeddings.append((self._embed_nos[embedded], embedded.encode()))
            embed_no = self._embed_nos[embedded]
            self._embedded[no] = (embed_no, embedded)
            passage_id = short_id("p", held.id, *heading, text)
            batch.passages.append(NewPassage(no, passage_id, held.no, embed_no, 1, heading, "", text))
        return self._passage_nos[identity]

    def _manifest(self, batch: Batch, held: _Held, passages: Sequence[Text], numbers: Sequence[int]) -> int:
        entries = [ManifestEntry(no, "\n\n" if place else "") for place, no in enumerate(numbers)]
        packed = encode(entries)
        if (held.no, packed) not in self._manifest_nos:
            no = self._manifest_nos[held.no, packed] = len(self._manifest_nos) + 1
            whole = text_hash("\n\n".join(parts(passage)[1] for passage in passages))
            batch.manifests.append(
                NewManifest(no, held.no, packed, whole, len(numbers), len(numbers), packed)
            )
        return self._manifest_nos[held.no, packed]

    def _place(
        self,
        batch: Batch,
        held: _Held,
        source_no: int,
        line: Sequence[State[Placed]],
        aside: Sequence[tuple[Placed, Instant]],
    ) -> None:
        believed = [span for span in held.placements if span.recorded_to == FOREVER]
        found = reconcile(believed, line, self.recorded, aside)

        def placement(span: Span[Placed]) -> Placement:
            version_no, number, key = span.item
            no = held.placements[span]
            return Placement(
                no, version_no, held.no, source_no, number, key, span.valid_from, span.valid_to,
                span.recorded_from, span.recorded_to, span.closed_recorded,
            )  # fmt: skip

        for old, new in (*found.close, *found.supersede):
            held.placements[new] = held.placements.pop(old)
            batch.changed_placements.append(placement(new))
        for span in found.add:
            held.placements[span] = self._draw("placement")
            batch.placements.append(placement(span))

    def _weave(
        self,
        batch: Batch,
        held: _Held,
        source_no: int,
        line: Sequence[State[int]],
        aside: Sequence[tuple[int, Instant]],
    ) -> list[StoredPassage]:
        believed = [span for span in held.rows if span.recorded_to == FOREVER]
        found = reconcile(believed, line, self.recorded, aside)

        def row(span: Span[int]) -> Row:
            embed_no, _ = self._embedded[span.item]
            return Row(
                held.rows[span], span.item, held.no, source_no, embed_no, span.valid_from, span.valid_to,
                span.recorded_from, span.recorded_to, span.closed_recorded,
            )  # fmt: skip

        for old, new in (*found.close, *found.supersede):
            held.rows[new] = held.rows.pop(old)
            batch.changed_rows.append(row(new))
        stored = []
        for span in found.add:
            held.rows[span] = self._draw("row")
            batch.rows.append(row(span))
            embedded = self._embedded[span.item][1]
            stored.append(StoredPassage(batch.rows[-1], embedded, self.embedder.embed([embedded])[0]))
        return stored


def parts(passage: Text) -> tuple[tuple[str, ...], str]:
    """The heading path and the text of a passage."""
    if isinstance(passage, str):
        return (), passage
    return tuple(passage[0].split(" > ")), passage[1]


class _Kept(Originals):
    """The originals of a library, in memory."""

    def __init__(self, held: dict[str, bytes]) -> None:
        self._held = held

    def put(self, data: bytes) -> str:
        self._held[content_hash(data)] = data
        return content_hash(data)

    def get(self, content_hash: str) -> bytes | None:
        return self._held.get(content_hash)

    def has(self, content_hash: str) -> bool:
        return content_hash in self._held

    def hashes(self):  # type: ignore[no-untyped-def]
        return iter(self._held)
