"""How alike two texts are, where an inode suggests that a document moved and was edited at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from indexer.errors import ParseError, ReadError
from indexer.ingest.contents import Contents
from indexer.ingest.index import Index
from indexer.ingest.rendering import render
from indexer.ports import Observed

_SHINGLE = 3  # words; single words are too much alike between any two texts of one language


class Likeness:
    """Compares a recorded document's last text with what is at a key now."""

    def __init__(
        self,
        index: Index,
        contents: Contents,
        seen: Mapping[str, Observed],
        attentively: Callable[[Callable[[], str]], str],
    ) -> None:
        """`attentively` does what takes long; see `Session`."""
        self._index = index
        self._contents = contents
        self._seen = seen
        self._attentively = attentively

    def similarity(self, document_no: int, key: str) -> float:
        """Shared word triples as a share of the larger text's, 0 to 1; 0 where a text is unknown."""
        with self._index.catalog.snapshot() as snapshot:
            versions = snapshot.versions(document_no, tags=False)
            texts = [v for v in versions if v.manifest_no is not None and v.number]
            if not texts:
                return 0.0
            assert texts[-1].manifest_no is not None
            entries = snapshot.manifest(texts[-1].manifest_no)
            passages = snapshot.passages(entry.passage_no for entry in entries)
            before = "".join(entry.separator + passages[entry.passage_no].text for entry in entries)
        try:
            after = self._attentively(lambda: self._text(key))
        except (ReadError, ParseError):
            return 0.0  # its own turn reports it; here it only means that nothing is known
        return shared(before, after)

    def _text(self, key: str) -> str:
        data, _ = self._contents.read(self._seen[key])
        return render(self._index, data, key).chunked.text


def shared(before: str, after: str) -> float:
    """Word triples that both texts have, repeats counted, as a share of the larger text's."""
    left, right = _triples(before), _triples(after)
    larger = max(left.total(), right.total())
    return (left & right).total() / larger if larger else 0.0


def _triples(text: str) -> Counter[tuple[str, ...]]:
    words = text.split()
    if len(words) < _SHINGLE:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[start:] for start in range(_SHINGLE)), strict=False))
