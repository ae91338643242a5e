"""Cuts a parsed document into passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from indexer.chunking.atoms import Atom, Cut, split, whole_block
from indexer.chunking.embedded import embedded_text, path_line
from indexer.chunking.packing import Budget, Packer, Row, pack
from indexer.chunking.places import weigh
from indexer.chunking.sections import Section, sections
from indexer.model import Block, Chunk, ChunkedText
from indexer.ports import TokenCounter

CHUNKER: Final = "chunk/1"
"""Name and version of the rules; a change of the rules or of `ChunkSettings`' defaults needs a new one."""

_SMALLEST_LIMIT: Final = 16


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """The trade between large passages and boundaries that stay where they are (docs/decisions/0002)."""

    steadiness: float = 30.0
    """How much more the worst place for a cut costs than the best, in passages: 0 gives the fewest passages."""
    steadiness_short: float = 1.5
    """The same for short sections, where an edit cannot move many boundaries anyway."""
    short_share: float = 2.0
    """A section of at most so many times the limit is short."""
    apart_share: float = 0.1
    """Good places for a cut lie at least this share of the limit apart."""
    small_share: float = 0.4
    """A passage under this share of the limit counts as small."""
    small_penalty: float = 0.3
    """What a small passage costs more than another, in passages."""
    characters_per_token: int = 16
    """A token counts for at least so many characters: tokenizers take a word they do not know for one token, however long."""
    packer: Packer = pack
    """How boundaries are chosen; another only to compare with."""


def chunk(
    blocks: Sequence[Block], counter: TokenCounter, settings: ChunkSettings | None = None
) -> ChunkedText:
    """Cut `blocks` into passages of at most ``counter.limit`` tokens, heading path and table header included.

    The canonical text is the blocks' texts joined by one blank line, and the chunks' separators and texts
    joined are exactly that. No passage crosses a heading. Depends on its arguments alone.

    Raises `ValueError` if the counter's limit is under 16 or a single character exceeds it.
    """
    if counter.limit < _SMALLEST_LIMIT:
        raise ValueError(
            f"a model that reads {counter.limit} tokens is too small: at least {_SMALLEST_LIMIT}"
        )
    text = "\n\n".join(block.text for block in blocks)
    chunks = _Chunker(counter, settings or ChunkSettings()).chunks(blocks) if text else ()
    return ChunkedText(text, chunks)


@dataclass(slots=True)
class _Draft:
    """A run of atoms of one section on its way to be one passage or several."""

    path: tuple[str, ...]
    atoms: list[Atom]
    room: int
    settled: Chunk | None = None


class _Chunker:
    def __init__(self, counter: TokenCounter, settings: ChunkSettings) -> None:
        self._counter = counter
        self._settings = settings
        self._limit = counter.limit
        self._known: dict[str, int] = {"": 0}

    def chunks(self, blocks: Sequence[Block]) -> tuple[Chunk, ...]:
        drafts = self._drafts(blocks)
        while any(draft.settled is None for draft in drafts):
            self._refine(drafts)
            drafts = self._settle([piece for draft in drafts for piece in self._pack(draft)])
        return tuple(draft.settled for draft in drafts if draft.settled is not None)

    def _drafts(self, blocks: Sequence[Block]) -> list[_Draft]:
        found = list(sections(blocks))
        self._measure([path_line(section.path, "") for section in found])
        drafts = []
        separator = ""
        for section in found:
            atoms = self._atoms(section, separator)
            drafts.append(_Draft(self._fitting(section.path), atoms, self._limit))
            separator = "\n\n"
        return drafts

    def _atoms(self, section: Section, separator: str) -> list[Atom]:
        atoms = []
        for number, block in enumerate(section.headings + section.body):
            after_heading = 0 < number <= len(section.headings)
            atoms.append(whole_block(block, separator, after_heading=after_heading))
            separator = "\n\n"
        return atoms

    def _fitting(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """`path` without outer titles that would leave too little room; few tokenizers make that much of a path."""
        while path and self._cost(path_line(path, "")) > self._limit * 3 // 8:
            path = path[(len(path) + 1) // 2 :]
        return path

    def _repeatable(self, header: str) -> str:
        """The beginning of `header` that takes at most a quarter of the limit."""
        room = self._limit // 4
        while self._cost(header) > room:
            spans = self._counter.offsets(header[: room * self._settings.characters_per_token])
            end = spans[room - 1][1] if len(spans) >= room else 0
            header = header[: min(end or len(header) // 2, len(header) - 1)].rstrip()
        return header

    def _refine(self, drafts: Sequence[_Draft]) -> None:
        """Split every atom that does not fit, and what comes of it, until all do."""
        waiting = [draft for draft in drafts if draft.settled is None]
        while waiting:
            self._measure([atom.text for draft in waiting for atom in draft.atoms])
            again = []
            for draft in waiting:
                refined = self._refined(draft)
                if len(refined) > len(draft.atoms):
                    draft.atoms = refined
                    again.append(draft)
            waiting = again

    def _refined(self, draft: _Draft) -> list[Atom]:
        refined: list[Atom] = []
        before = 0  # what an atom that must not be parted from the one before it brings along
        for atom, lead in zip(draft.atoms, self._leads(draft), strict=True):
            cost = self._cost(atom.text)
            brought = max(lead, before) if atom.cut is Cut.HEAD else lead
            if brought + cost > draft.room:
                refined.extend(split(atom, self._counter.offsets, self._repeatable))
            else:
                refined.append(atom)
            before = (before if atom.cut is Cut.HEAD else lead) + cost
        return refined

    def _leads(self, draft: _Draft) -> list[int]:
        path = self._cost(path_line(draft.path, ""))
        first = self._cost(path_line(draft.path, draft.atoms[0].text))
        headers = {header: self._cost(header) for header in {atom.header for atom in draft.atoms}}
        leads = [path + headers[atom.header] for atom in draft.atoms]
        leads[0] = first + headers[draft.atoms[0].header]
        return leads

    def _pack(self, draft: _Draft) -> list[_Draft]:
        if draft.settled is not None:
            return [draft]
        atoms = draft.atoms
        settings = self._settings
        costs = [self._cost(atom.text) for atom in atoms]
        short = sum(costs) <= settings.short_share * self._limit
        steadiness = settings.steadiness_short if short else settings.steadiness
        radius = int(settings.apart_share * self._limit)
        weights = [steadiness * weight for weight in weigh(atoms, costs, radius)]
        row = Row(costs, self._leads(draft), weights)
        budget = Budget(draft.room, int(settings.small_share * self._limit), settings.small_penalty)
        starts = settings.packer(row, budget)
        return [
            _Draft(draft.path, atoms[start:end], draft.room)
            for start, end in zip(starts, [*starts[1:], len(atoms)], strict=True)
        ]

    def _settle(self, drafts: Sequence[_Draft]) -> list[_Draft]:
        """Make passages of the drafts that are within the limit when counted as a whole; halve the others' room."""
        open_drafts = [draft for draft in drafts if draft.settled is None]
        made = [self._chunk(draft) for draft in open_drafts]
        counts = self._counter.count([chunk.embedded for chunk in made])
        for draft, passage, tokens in zip(open_drafts, made, counts, strict=True):
            if tokens <= self._limit:
                draft.settled = replace(passage, tokens=tokens)
            elif len(passage.text) <= 1:
                raise ValueError(f"the character {passage.text!r} exceeds {self._limit} tokens")
            else:
                draft.room //= 2
        return list(drafts)

    def _chunk(self, draft: _Draft) -> Chunk:
        first, *rest = draft.atoms
        text = first.text + "".join(atom.separator + atom.text for atom in rest)
        return Chunk(
            text=text,
            separator=first.separator,
            heading=draft.path,
            table_header=first.header,
            embedded=embedded_text(draft.path, first.header, text),
            tokens=0,
            page=first.block.page,
        )

    def _measure(self, texts: Sequence[str]) -> None:
        longest = self._limit * self._settings.characters_per_token
        unknown = list({text for text in texts if len(text) <= longest and text not in self._known})
        for text, tokens in zip(unknown, self._counter.count(unknown), strict=True):
            self._known[text] = max(tokens, -(-len(text) // self._settings.characters_per_token))

    def _cost(self, text: str) -> int:
        """Tokens of `text`, or a lower bound over the limit where it is so long that counting it would be waste."""
        known = self._known.get(text)
        if known is not None:
            return known
        if len(text) > self._limit * self._settings.characters_per_token:
            return len(text) // self._settings.characters_per_token + 1
        self._measure([text])
        return self._known[text]
