"""Documents to measure with, invented or joined from real ones, and edits of single paragraphs of them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Literal, TypeVar, get_args

from indexer.embedding.tokens import WordCounter

Edit = Literal["changed", "inserted at the top", "deleted"]
EDITS: tuple[Edit, ...] = get_args(Edit)
T = TypeVar("T")

TOKENS_PER_PASSAGE = 170
"""About; what a passage really holds is the chunker's affair."""
ENDINGS = (".md", ".rst", ".txt")
_SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wi", "xo", "yu")
_COUNTER = WordCounter()
_MARKUP_LINE = re.compile(r"^(?:\s|[^\w\s]{3,}$)", re.MULTILINE)
_FIELD = re.compile(r"[\w-]+:\s")
_WORDS_OF_PROSE = 12
_WORDS_CHANGED = 8


class Author:
    """Writes and edits documents; equal seeds and equal calls give equal texts.

    `real` documents, if there are any, are what its documents are joined from: each once, in random
    order, before any comes again. Otherwise they are invented Markdown.
    """

    def __init__(self, seed: int, real: Sequence[str] = ()) -> None:
        self._random = random.Random(seed)
        self._real = cycle(self._random.sample(real, len(real)))
        self._invents = not real

    def choose(self, among: Sequence[T]) -> T:
        """One of them."""
        return self._random.choice(among)

    def document(self, passages: int) -> str:
        """A document of about so many passages; sections of invented ones are short, long, or the whole."""
        section = self._random.choice((4, 20, 100, 1_000_000))
        parts: list[str] = []
        tokens = 0
        while tokens < passages * TOKENS_PER_PASSAGE:
            if self._invents:
                if len(parts) % section == 0:
                    parts.append(f"{'##' if parts else '#'} {self._sentence()}")
                parts.append(self._paragraph())
            else:
                parts.append(next(self._real).strip("\n"))
            tokens += _COUNTER.count(parts[-1:])[0]
        return "\n\n".join(parts) + "\n"

    def edit(self, text: str) -> tuple[str, Edit]:
        """`text` with one paragraph of prose changed in a few words, inserted above the first one, or deleted."""
        parts = text.split("\n\n")
        prose = [place for place, part in enumerate(parts) if _is_prose(part)]
        edit = self.choose(EDITS) if prose else "inserted at the top"
        if edit == "changed":
            place = self.choose(prose)
            parts[place] = self._changed(parts[place])
        elif edit == "deleted":
            del parts[self.choose(prose)]
        else:
            parts.insert(prose[0] if prose else len(parts), self._paragraph())
        return "\n\n".join(parts), edit

    def _changed(self, paragraph: str) -> str:
        words = paragraph.split(" ")
        # The first word stays, so that prose remains prose.
        start = self._random.randrange(1, len(words))
        end = start + self._random.randint(1, _WORDS_CHANGED)
        words[start:end] = [self._word() for _ in range(self._random.randint(1, _WORDS_CHANGED))]
        return " ".join(words)

    def _paragraph(self) -> str:
        return " ".join(self._sentence() for _ in range(self._random.randint(2, 6)))

    def _sentence(self) -> str:
        words = (self._word() for _ in range(self._random.randint(4, 12)))
        return " ".join(words).capitalize() + "."

    def _word(self) -> str:
        return "".join(self._random.choices(_SYLLABLES, k=self.choose((1, 1, 2, 3))))


def read_documents(folder: Path) -> tuple[str, list[str]]:
    """The file name ending that most documents under `folder` have, and the texts of those, by path."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in ENDINGS and file.is_file())
    if not files:
        raise SystemExit(f"there are no documents ({', '.join(ENDINGS)}) under {folder}")
    endings = [file.suffix for file in files]
    ending = max(ENDINGS, key=endings.count)
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.suffix == ending]
    return ending, texts


def _is_prose(part: str) -> bool:
    """No heading, list, table, field or code, and nothing that announces code: without it the others mean the same."""
    return (
        part[:1].isalpha()
        and part.count(" ") >= _WORDS_OF_PROSE
        and not part.endswith("::")
        and not _FIELD.match(part)
        and not _MARKUP_LINE.search(part)
    )
