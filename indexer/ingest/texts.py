"""Texts of a batch: chunks become passages and manifests, and what must be embedded is collected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from blake3 import blake3

from indexer.hashing import short_id, text_hash
from indexer.ingest.drafts import DocumentRef
from indexer.ingest.rendering import Rendered
from indexer.model import Chunk, ManifestEntry
from indexer.ports.batch import Batch, NewManifest, NewPassage, NewRendition
from indexer.ports.recorded import RecordedState
from indexer.store.catalog import manifests


class TextBook:
    """Gives passages, embedded texts and manifests their numbers: known ones keep theirs."""

    def __init__(self, state: RecordedState, batch: Batch, next_numbers: dict[str, int]) -> None:
        self._state = state
        self._batch = batch
        self._next = next_numbers
        self._passages: dict[str, tuple[int, int]] = {}
        self._embeddings: dict[bytes, int] = {}
        self._manifests: dict[tuple[int, bytes], int] = {}
        self._contents: dict[int, list[int]] = {}
        self._embed_of: dict[int, int] = {}
        self.new_texts: dict[int, tuple[str, int]] = {}
        """Number of an embedded text that no commit holds yet → (the text, its tokens)."""
        self.embedded: dict[int, str] = {}
        """Passage number → what is embedded, for the passages of this batch's texts."""

    def add(self, document: DocumentRef, version_no: int, rendered: Rendered) -> int:
        """Record what a pipeline made of a version; the number of its manifest."""
        chunks = rendered.chunked.chunks
        ids = [
            short_id("p", document.id, json.dumps(c.heading, ensure_ascii=False), c.table_header, c.text)
            for c in chunks
        ]
        self._look_up(ids, chunks)
        entries = tuple(
            ManifestEntry(self._passage(document.no, id_, chunk), chunk.separator, chunk.page)
            for id_, chunk in zip(ids, chunks, strict=True)
        )
        manifest_no = self._manifest(document.no, entries, rendered)
        self._rendition(version_no, manifest_no, rendered.pipeline, rendered.title, rendered.metadata)
        return manifest_no

    def carry(
        self, version_no: int, manifest_no: int, pipeline: str, title: str | None, metadata: Mapping[str, str]
    ) -> None:
        """Record that a version has the text that another one has, and what that says of itself: a rename."""
        self._rendition(version_no, manifest_no, pipeline, title, metadata)

    def count(self, manifest_no: int) -> None:
        """Count a version's text as one that was seen: what is not embedded of it is work that was saved."""
        held = next((m for m in self._batch.manifests if m.no == manifest_no), None)
        passages, tokens = (held.passages, held.tokens) if held else self._state.manifest_tokens(manifest_no)
        self._batch.work.seen_passages += passages
        self._batch.work.seen_tokens += tokens

    def passages_of(self, manifest_no: int | None) -> frozenset[int]:
        """The passages of a manifest, of this batch or committed; none where there is no text."""
        if manifest_no is None:
            return frozenset()
        if manifest_no not in self._contents:
            self._contents[manifest_no] = self._state.manifest_passages(manifest_no)
        return frozenset(self._contents[manifest_no])

    def embed_numbers(self, passage_nos: Sequence[int]) -> dict[int, int]:
        """The embedded text of each passage."""
        unknown = [no for no in passage_nos if no not in self._embed_of]
        self._embed_of.update(self._state.embed_numbers_of(unknown))
        return {no: self._embed_of[no] for no in passage_nos}

    def _look_up(self, ids: list[str], chunks: Sequence[Chunk]) -> None:
        """Ask the catalog once for all that this text needs."""
        self._passages.update(self._state.passage_numbers([id_ for id_ in ids if id_ not in self._passages]))
        hashes = {_digest(c.embedded) for c in chunks} - self._embeddings.keys()
        self._embeddings.update(self._state.embed_numbers(sorted(hashes)))

    def _passage(self, document_no: int, passage_id: str, chunk: Chunk) -> int:
        if passage_id in self._passages:
            no, embed_no = self._passages[passage_id]
        else:
            no, embed_no = self._take("passage"), self._embedding(chunk)
            self._passages[passage_id] = (no, embed_no)
            self._batch.passages.append(
                NewPassage(
                    no,
                    passage_id,
                    document_no,
                    embed_no,
                    chunk.tokens,
                    chunk.heading,
                    chunk.table_header,
                    chunk.text,
                )
            )
        self._embed_of[no] = embed_no
        self.embedded[no] = chunk.embedded
        return no

    def _embedding(self, chunk: Chunk) -> int:
        digest = _digest(chunk.embedded)
        if digest not in self._embeddings:
            no = self._take("embedding")
            self._embeddings[digest] = no
            self._batch.embeddings.append((no, digest))
            self.new_texts[no] = (chunk.embedded, chunk.tokens)
        return self._embeddings[digest]

    def _manifest(self, document_no: int, entries: tuple[ManifestEntry, ...], rendered: Rendered) -> int:
        packed = manifests.encode(entries)
        hashed = text_hash(rendered.chunked.text)
        digest = blake3(packed + hashed.encode()).digest(16)
        known = self._manifests.get((document_no, digest)) or self._state.manifest_number(document_no, digest)
        if known is None:
            known = self._take("manifest")
            tokens = sum(chunk.tokens for chunk in rendered.chunked.chunks)
            self._batch.manifests.append(
                NewManifest(known, document_no, digest, hashed, len(entries), tokens, packed)
            )
        self._manifests[document_no, digest] = known
        self._contents[known] = [entry.passage_no for entry in entries]
        return known

    def _rendition(
        self, version_no: int, manifest_no: int, pipeline: str, title: str | None, metadata: Mapping[str, str]
    ) -> None:
        self._batch.renditions.append(
            NewRendition(self._take("rendition"), version_no, manifest_no, pipeline, title, metadata)
        )

    def _take(self, table: str) -> int:
        number = self._next[table]
        self._next[table] += 1
        return number


def unknown_texts(state: RecordedState, rendered: Rendered) -> list[str]:
    """What would have to be embedded of it, in order: what no commit holds."""
    texts = {_digest(chunk.embedded): chunk.embedded for chunk in rendered.chunked.chunks}
    known = state.embed_numbers(sorted(texts))
    return [text for digest, text in texts.items() if digest not in known]


def _digest(embedded: str) -> bytes:
    return bytes(blake3(embedded.encode("utf-8", "surrogatepass")).digest())
