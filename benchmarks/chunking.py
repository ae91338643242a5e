"""How passages and their boundaries behave: sizes, and how many passages an edit touches.

Run alone: ``python -m benchmarks.chunking [--documents DIR] [--edits 1000] [--seed 1] [--json FILE]``.
Sizes are those of all files that the parsers know under DIR. Edits are made to synthetic documents of
20 to 500 passages, drawn from the seed, or to real documents put one after the other. The shipped
strategy gets all edits, those it is compared with the first quarter of them.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.chunking.chunker import CHUNKER, ChunkSettings, chunk
from indexer.chunking.packing import Budget, Row
from indexer.embedding.tokens import TokenizerFile, bundled_model_folder
from indexer.errors import ParseError
from indexer.model import Block, BlockKind
from indexer.parsing import Parsers
from indexer.ports import TokenCounter

TOKENS_PER_PASSAGE = 170
EDITS_PER_DOCUMENT = 20
_SYLLABLES = ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wi", "xo", "yu"]


class RememberingCounter:
    """A counter that counts a text once: a thousand edits repeat nearly all of a document."""

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._known: dict[str, int] = {}
        self.name = counter.name
        self.limit = counter.limit

    def count(self, texts: Sequence[str]) -> list[int]:
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(unknown, self._counter.count(unknown), strict=True))
        return [self._known[text] for text in texts]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return self._counter.offsets(text)


def greedy(row: Row, budget: Budget) -> list[int]:
    """Fill each passage as far as it goes."""
    starts, filled = [0], 0
    for place, size in enumerate(row.sizes):
        if place > starts[-1] and row.leads[starts[-1]] + filled + size > budget.room:
            starts.append(place)
            filled = 0
        filled += size
    return starts


def hashed(row: Row, budget: Budget) -> list[int]:
    """Fill, but end a passage that is not small at every third place, chosen by the words after it."""
    starts, filled = [0], 0
    for place, size in enumerate(row.sizes):
        chosen = row.weights[place] < (1 / 3) ** 1.5
        full = row.leads[starts[-1]] + filled + size > budget.room
        if place > starts[-1] and (full or (chosen and filled >= budget.enough)):
            starts.append(place)
            filled = 0
        filled += size
    return starts


SHIPPED = "cheapest, as shipped"
STRATEGIES = {
    "greedy": ChunkSettings(packer=greedy),
    "hash, 1 place in 3": ChunkSettings(steadiness=1.0, steadiness_short=1.0, packer=hashed),
    "cheapest, steadiness 1.5": ChunkSettings(steadiness=1.5),
    "cheapest, steadiness 30": ChunkSettings(steadiness_short=30.0),
    SHIPPED: ChunkSettings(),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Passage sizes in tokens."""

    passages: int
    mean_text: float
    mean_embedded: float
    median_text: float
    largest_embedded: int


@dataclass(frozen=True, slots=True)
class Touched:
    """Passages to embed anew per edit."""

    mean: float
    p50: int
    p95: int
    most: int


def synthetic_paragraph(rng: random.Random) -> Block:
    """Two to nine sentences of invented words."""

    def word() -> str:
        return "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((1, 1, 2, 3))))

    sentences = (
        " ".join(word() for _ in range(rng.randint(4, 12))).capitalize() + "."
        for _ in range(rng.randint(1, 6))
    )
    return Block(BlockKind.PARAGRAPH, (" ".join(sentences),))


def synthetic_document(rng: random.Random, counter: TokenCounter) -> list[Block]:
    """A document of about 20 to 500 passages whose sections are short, long or one."""
    wanted = int(20 * 25 ** rng.random()) * TOKENS_PER_PASSAGE
    section = rng.choice((4, 20, 100, 1_000_000))
    blocks: list[Block] = []
    tokens = 0
    while tokens < wanted:
        if len(blocks) % section == 0:
            title = f"Section {len(blocks)}"
            blocks.append(Block(BlockKind.HEADING, (f"## {title}",), 2, title))
        blocks.append(synthetic_paragraph(rng))
        tokens += counter.count([blocks[-1].text])[0]
    return blocks


def assembled_document(
    rng: random.Random, documents: Sequence[Sequence[Block]], counter: TokenCounter
) -> list[Block]:
    """Real documents one after the other until they make about 20 to 500 passages."""
    wanted = int(20 * 25 ** rng.random()) * TOKENS_PER_PASSAGE
    blocks: list[Block] = []
    tokens = 0
    while tokens < wanted:
        found = rng.choice(documents)
        blocks.extend(found)
        tokens += sum(counter.count([block.text for block in found])) + 1
    return blocks


def edited(rng: random.Random, blocks: Sequence[Block]) -> list[Block]:
    """`blocks` with one paragraph changed, deleted, or inserted at the top of a section or of all."""
    changed = list(blocks)
    headings = [place for place, block in enumerate(blocks) if block.kind is BlockKind.HEADING]
    paragraphs = [place for place, block in enumerate(blocks) if block.kind is BlockKind.PARAGRAPH]
    edit = rng.choice(("change", "delete", "top", "section")) if paragraphs else "top"
    if edit == "change":
        place = rng.choice(paragraphs)
        words = blocks[place].text.split(" ")
        start = rng.randrange(len(words))
        words[start : start + rng.randint(1, 8)] = synthetic_paragraph(rng).text.split(" ")[:8]
        changed[place] = replace(blocks[place], parts=(" ".join(words),))
    elif edit == "delete":
        del changed[rng.choice(paragraphs)]
    else:
        place = rng.choice(headings) + 1 if edit == "section" and headings else 0
        changed.insert(place, synthetic_paragraph(rng))
    return changed


def touched(
    settings: ChunkSettings,
    counter: TokenCounter,
    edits: int,
    seed: int,
    documents: Sequence[Sequence[Block]] = (),
) -> Touched:
    """Count the embedded strings that each of `edits` edits adds; the same edits for the same seed."""
    rng = random.Random(seed)
    counts: list[int] = []
    while len(counts) < edits:
        before = (
            assembled_document(rng, documents, counter) if documents else synthetic_document(rng, counter)
        )
        known = {passage.embedded for passage in chunk(before, counter, settings).chunks}
        for _ in range(min(EDITS_PER_DOCUMENT, edits - len(counts))):
            after = chunk(edited(rng, before), counter, settings)
            counts.append(len({passage.embedded for passage in after.chunks} - known))
    counts.sort()
    return Touched(
        round(statistics.mean(counts), 2),
        counts[len(counts) // 2],
        counts[int(len(counts) * 0.95)],
        counts[-1],
    )


def sizes(settings: ChunkSettings, counter: TokenCounter, documents: Sequence[Sequence[Block]]) -> Sizes:
    """Sizes of all passages of all documents."""
    chunks = [passage for blocks in documents for passage in chunk(blocks, counter, settings).chunks]
    texts = counter.count([passage.text for passage in chunks])
    return Sizes(
        len(chunks),
        round(statistics.mean(texts), 1),
        round(statistics.mean(passage.tokens for passage in chunks), 1),
        statistics.median(texts),
        max(passage.tokens for passage in chunks),
    )


def parsed(folder: Path) -> list[tuple[Block, ...]]:
    """The blocks of every file under `folder` that can be parsed, in the order of their names."""
    parsers = Parsers()
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts):
        try:
            blocks = parsers.parse(path.read_bytes(), path.name).blocks
        except ParseError:
            continue
        if blocks:
            found.append(blocks)
    return found


def main() -> None:
    """Print the figures of every strategy."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--documents", type=Path, help="a folder of real documents")
    arguments.add_argument("--edits", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", type=Path, help="write the figures to this file, too")
    given = arguments.parse_args()

    counter = RememberingCounter(TokenizerFile(bundled_model_folder()))
    rng = random.Random(given.seed)
    real = parsed(given.documents) if given.documents else []
    documents = real or [tuple(synthetic_document(rng, counter)) for _ in range(20)]
    print(
        f"{CHUNKER}, tokenizer {counter.name}, limit {counter.limit}, Python {platform.python_version()} on "
        f"{platform.machine()}; {len(documents)} {'real' if real else 'synthetic'} documents, "
        f"{given.edits} edits, seed {given.seed}"
    )
    print(
        f"{'':28}{'passages':>9}{'text':>7}{'median':>7}{'embedded':>9}{'max':>5} |{'edits':>6}{'mean':>6}{'p50':>4}{'p95':>4}{'max':>4}  s"
    )
    report: dict[str, dict[str, object]] = {}
    for name, settings in STRATEGIES.items():
        begun = time.perf_counter()
        size = sizes(settings, counter, documents)
        edits = given.edits if name == SHIPPED else max(given.edits // 4, 1)
        edit = touched(settings, counter, edits, given.seed, real)
        seconds = time.perf_counter() - begun
        print(
            f"{name:28}{size.passages:>9}{size.mean_text:>7}{size.median_text:>7.0f}{size.mean_embedded:>9}"
            f"{size.largest_embedded:>5} |{edits:>6}{edit.mean:>6}{edit.p50:>4}{edit.p95:>4}{edit.most:>4}  {seconds:.0f}"
        )
        report[name] = {
            "passages": size.passages,
            "mean text tokens": size.mean_text,
            "median text tokens": size.median_text,
            "mean embedded tokens": size.mean_embedded,
            "largest embedded tokens": size.largest_embedded,
            "edits": edits,
            "touched mean": edit.mean,
            "touched p50": edit.p50,
            "touched p95": edit.p95,
            "touched max": edit.most,
        }
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
