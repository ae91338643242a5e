"""What is asked in an evaluation, what is expected of the answer, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from indexer.evaluation.metrics import Places
from indexer.query.results import Question, SearchResult


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line expects; whatever is None or empty is not judged."""

    document: str | None = None
    """DOC, as in the command contract."""
    version: str | None = None
    """SEL, of `document`; without one, a label or number that the version must have."""
    passage: str | None = None
    """A citation, or words that the passage must hold."""
    answer: Mapping[str, Any] | None = None
    """Its ``kind``, and its ``value`` where that matters."""
    absent: bool = False
    """Nothing in the index answers it, and the right answer is to say so."""
    relevant: Mapping[str, int] = field(default_factory=dict)
    """DOC → grade, 1 or more, of every relevant document."""

    @property
    def places(self) -> bool:
        """Whether a ranking can be judged by it."""
        return bool(self.relevant) or not (self.document is self.version is self.passage is None)

    @property
    def nothing(self) -> bool:
        """Whether the right answer offers no passage."""
        kind = None if self.answer is None else self.answer["kind"]
        return (
            self.absent
            or kind == "nothing-in-version"
            or (kind == "exists" and self.answer is not None and self.answer.get("value") is False)
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a file of questions."""

    line: int
    """1-based."""
    question: Question
    wanted: Wanted
    group: str | None = None
    """Questions of one group are measured by themselves as well."""


@dataclass(frozen=True, slots=True)
class Target:
    """What `Wanted` means in one index."""

    document_id: str | None = None
    version_id: str | None = None
    version_name: str | None = None
    """A label or number, where no document is named."""
    passage_id: str | None = None
    words: str | None = None
    """In the form of `judging.plain`."""
    grades: Mapping[str, int] = field(default_factory=dict)
    """Document id → grade; a document that is not in the index stands under the name that it was given."""
    unknown: str | None = None
    """Why it is nothing that this index has; then nothing can be right."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question."""

    result: SearchResult | None
    """None where it was refused."""
    seconds: float
    refused: str | None = None
    """The error's one line."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one answer was judged."""

    case: Case
    asked: Asked
    places: Places | None = None
    """Where what was wanted stood; None where no ranking is judged."""
    grades: tuple[int, ...] = ()
    """Of everything that was wanted."""
    version_right: bool | None = None
    """Whether the first hit is from the right version; None where no version is expected."""
    answer_right: bool | None = None
    abstained: bool = False
    """It offered no passage and no answer."""
    unknown: bool = False
    """What was expected is not in the index at all."""
    why: str | None = None
    """For people, where something about the answer is wrong; None where all is right."""
