"""Documents to measure with, invented or joined from real ones, and edits of single paragraphs of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Literal, get_args

from indexer.embedding.tokens import WordCounter

Edit = Literal["changed", "inserted at the top", "deleted"]
EDITS: tuple[Edit, ...] = get_args(Edit)

TOKENS_PER_PASSAGE = 170
"""About; what a passage really holds is the chunker's affair."""
TEXTS = (".md", ".rst", ".txt")
_SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wi", "xo", "yu")
_COUNTER = WordCounter()
_MARKUP_LINE = re.compile(r"^(?:\s|[^\w\s]{3,}$)", re.MULTILINE)
_FIELD = re.compile(r"[\w-]+:\s")
_WORDS_OF_PROSE = 12


def sentence(rng: random.Random) -> str:
    """Four to twelve invented words."""
    words = ("".join(rng.choices(_SYLLABLES, k=rng.choice((1, 1, 2, 3)))) for _ in range(rng.randint(4, 12)))
    return " ".join(words).capitalize() + "."


def paragraph(rng: random.Random) -> str:
    """Two to six sentences."""
    return " ".join(sentence(rng) for _ in range(rng.randint(2, 6)))


def invented(rng: random.Random, passages: int) -> str:
    """A Markdown document of about so many passages, its sections short, long, or one."""
    section = rng.choice((4, 20, 100, 1_000_000))
    parts = ["# " + sentence(rng)]
    tokens = 0
    while tokens < passages * TOKENS_PER_PASSAGE:
        if len(parts) % section == 0:
            parts.append("## " + sentence(rng))
        parts.append(paragraph(rng))
        tokens += _COUNTER.count(parts[-1:])[0]
    return "\n\n".join(parts) + "\n"


def real_documents(folder: Path) -> tuple[str, list[str]]:
    """The file name ending that most documents under `folder` have, and the texts of those, by path."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in TEXTS and file.is_file())
    endings = [file.suffix for file in files]
    if not endings:
        raise SystemExit(f"no documents ({', '.join(TEXTS)}) under {folder}")
    ending = max(TEXTS, key=endings.count)
    return ending, [
        file.read_text(encoding="utf-8", errors="replace") for file in files if file.suffix == ending
    ]


def joined(rng: random.Random, documents: Sequence[str]) -> Iterator[str]:
    """Endless pieces for `assembled`: every document once in random order, then again from the start."""
    return cycle(rng.sample(documents, len(documents)))


def assembled(pieces: Iterator[str], passages: int) -> str:
    """Real documents one after the other until they make about so many passages."""
    parts: list[str] = []
    tokens = 0
    while tokens < passages * TOKENS_PER_PASSAGE:
        parts.append(next(pieces).strip("\n"))
        tokens += _COUNTER.count(parts[-1:])[0]
    return "\n\n".join(parts) + "\n"


def edited(rng: random.Random, text: str) -> tuple[str, Edit]:
    """`text` with one paragraph of prose changed in up to eight words, inserted above the first one, or deleted."""
    parts = text.split("\n\n")
    prose = [place for place, part in enumerate(parts) if _is_prose(part)]
    edit = rng.choice(EDITS) if prose else "inserted at the top"
    if edit == "changed":
        place = rng.choice(prose)
        words = parts[place].split(" ")
        start = rng.randrange(1, len(words))
        words[start : start + rng.randint(1, 8)] = paragraph(rng).lower().split(" ")[: rng.randint(1, 8)]
        parts[place] = " ".join(words)
    elif edit == "deleted":
        del parts[rng.choice(prose)]
    else:
        parts.insert(prose[0] if prose else len(parts), paragraph(rng))
    return "\n\n".join(parts), edit


def _is_prose(part: str) -> bool:
    """No heading, list, table, field or code, and nothing that announces code: taking it away breaks no other block."""
    return (
        part[:1].isalpha()
        and part.count(" ") >= _WORDS_OF_PROSE
        and not part.endswith("::")
        and not _FIELD.match(part)
        and not _MARKUP_LINE.search(part)
    )
