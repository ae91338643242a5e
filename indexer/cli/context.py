"""Writes an answer for a language model: numbered passages under the version that each is from, within so many tokens. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from indexer.cli.passages import scope_lines
from indexer.cli.visible import shortened, visible_line, visible_text
from indexer.cli.words import document_words, heading_words, version_words
from indexer.query.naming import cited
from indexer.query.results import Change, SearchResult, VersionEntry
from indexer.query.surroundings import Stretch

_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]|\n\s*\n")
_WORD_END: Final = re.compile(r"\S+")
_CUT: Final = " …"
_QUESTION: Final = 1_000
"""Characters of the question that are repeated."""
_STALE: Final = "the document cannot be read at present; this is its last readable text"

Count = Callable[[str], int]
"""Tokens of a text."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a prompt is given."""

    text: str
    tokens: int
    left_out: int
    """Passages and changes for which there was no room."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One numbered piece before it has its number."""

    head: str
    text: str
    citations: tuple[str, ...]

    def body(self, number: int, text: str | None = None) -> str:
        """As it is written."""
        return f"\n[{number}] {self.head}\n{self.text if text is None else text}\n"

    def sources(self, number: int) -> str:
        """Its line in the list of sources."""
        return f"[{number}] {' '.join(self.citations)}\n"


def context(
    question: str, result: SearchResult, found: Sequence[Stretch], zone: tzinfo, budget: int, count: Count
) -> Context:
    """The answer to `question` in at most `budget` tokens, counted by `count`, best first.

    A piece that has no room is left out, and a smaller one after it may still have some; the first one is cut at the end
    of a sentence, then of a word, so that there is always something, whatever the budget.
    """
    pieces = [*_changes(result, zone), *(_passage(stretch, zone) for stretch in found)]
    head = "".join(f"{line}\n" for line in _head(question, result, zone, nothing=not pieces))
    tail = "\nSources\n" if pieces else ""
    used = count(head) + count(tail)
    bodies: list[str] = []
    sources: list[str] = []
    left_out = 0
    for piece in pieces:
        number = len(bodies) + 1
        body, source = piece.body(number), piece.sources(number)
        cost = count(body) + count(source)
        if used + cost > budget:
            if bodies:
                left_out += 1
                continue
            room = budget - used - count(piece.body(number, "")) - count(source) - count(_CUT)
            body = piece.body(number, _cut(piece.text, room, count))
            cost = count(body) + count(source)
        bodies.append(body)
        sources.append(source)
        used += cost
    return Context(head + "".join(bodies) + tail + "".join(sources), used, left_out)


def _head(question: str, result: SearchResult, zone: tzinfo, *, nothing: bool) -> Iterator[str]:
    yield f"Question: {shortened(question, _QUESTION)}"
    yield from scope_lines(result.scope, zone)
    answer = result.answer
    if answer is not None:
        yield f"Answer: {visible_line(answer.text)}"
        value = answer.values.get("value")
        if isinstance(value, VersionEntry):
            yield f"That is {version_words(value, zone)}"
    elif nothing:
        yield "Nothing was found there."


def _passage(stretch: Stretch, zone: tzinfo) -> _Piece:
    hit = stretch.first
    where = heading_words(hit.heading, hit.page)
    parts = [
        document_words(hit.document),
        version_words(hit.version, zone),
        where,
        _STALE if hit.stale else "",
    ]
    return _Piece(
        " · ".join(part for part in parts if part),
        visible_text(stretch.text),
        tuple(one.citation for one in stretch.hits),
    )


def _changes(result: SearchResult, zone: tzinfo) -> Iterator[_Piece]:
    """The changes that an answer of that kind tells, each with both versions."""
    answer = result.answer
    if answer is None or answer.kind != "changes":
        return
    before, after = answer.values.get("from"), answer.values.get("to")
    versions = [entry for entry in (before, after) if isinstance(entry, VersionEntry)]
    named = " → ".join(version_words(entry, zone) for entry in versions)
    documents = {hit.document.no: hit.document for hit in result.hits}
    if result.scope.document is not None:
        documents[result.scope.document.no] = result.scope.document
    citations = tuple(
        cited(documents[entry.version.document_no], entry.version)
        for entry in versions
        if entry.version.document_no in documents
    )
    for change in answer.values.get("value", ()):
        if not isinstance(change, Change):
            continue
        sides = (("Before", change.before), ("After", change.after))
        text = "\n\n".join(f"{side}:\n{visible_text(words)}" for side, words in sides if words is not None)
        parts = [change.op.value, heading_words(change.heading), named]
        yield _Piece(" · ".join(part for part in parts if part), text, citations)


def _cut(text: str, room: int, count: Count) -> str:
    """As many sentences of `text` as have room, or else words; one word at least, whatever the room."""
    for ends in (_SENTENCE_END, _WORD_END):
        places = [match.end() for match in ends.finditer(text)]
        fitting = _most(places, lambda end: count(text[:end]) <= room)
        if fitting is not None:
            return text[:fitting].rstrip() + _CUT
    first = _WORD_END.search(text)
    return (text[: first.end()] if first else text) + _CUT


def _most(places: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """The last of `places`, ascending, that fits; None if not even the first does."""
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if fits(places[middle]):
            low = middle + 1
        else:
            high = middle
    return places[low - 1] if low else None
