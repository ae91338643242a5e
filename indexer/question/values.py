"""What a question in words was understood to mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.model import Instant

Span = tuple[int, int]
"""Where something was written: the first character and the one after the last, of the question as it was asked."""


class Kind(StrEnum):
    """What is asked for."""

    PLAIN = "plain"
    """Passages; nothing is said about versions or dates."""
    CONTENT = "content"
    """Passages of certain versions, or as of a date."""
    EXISTS = "exists"
    """Whether there is such a version."""
    VERSIONS = "versions"
    """Which versions there are, or which one is the latest, the one before another, the one in force on a day."""
    CHANGES = "changes"
    """What changed, between versions or dates, in one version, or at last."""
    INTRODUCED = "introduced"
    """In which version, or when, something came in or took its present wording."""
    REMOVED = "removed"
    """In which version, or when, something went."""
    COMPARISON = "comparison"
    """The content of several versions side by side."""


class Bound(StrEnum):
    """How a version or date limits what is asked about. `UNTIL`, `FROM`, `TO` and `SINCE` include it, the others do not."""

    AT = "at"
    FROM = "from"
    TO = "to"
    SINCE = "since"
    UNTIL = "until"
    BEFORE = "before"
    AFTER = "after"


class VersionReading(StrEnum):
    """How a version is named."""

    NAMED = "named"
    """By a number, a letter or a label: ``v3``, ``rev. B``, ``release 1.0.2``."""
    POSITION = "position"
    """By its place: the third, the first, the latest, the last but one."""
    NEIGHBOUR = "neighbour"
    """By one that stands beside it: the one before v4."""
    COMMIT = "commit"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time: its first and its last instant, and how ISO 8601 writes it (``2024-03``, ``2021-07..2021-09``)."""

    first: Instant
    last: Instant
    reading: str


@dataclass(frozen=True, slots=True)
class DateExpression:
    """A date or period as it was written, and what it means."""

    written: str
    span: Span
    period: Period
    bound: Bound = Bound.AT
    alternatives: tuple[Period, ...] = ()
    """What else it can mean: 01/03/2024."""


@dataclass(frozen=True, slots=True)
class VersionExpression:
    """Words that name a version of whatever the question is about."""

    written: str
    span: Span
    reading: VersionReading
    name: str = ""
    """NAMED: the number, letter or label without a word or a v before it; COMMIT: its digits in lower case; TAG: its name."""
    noun: str = ""
    """NAMED: what it was called: version, revision, release, edition, draft, issue, build; empty where nothing was said."""
    position: int = 0
    """POSITION: 1 for the first, 2 for the second; -1 for the latest, -2 for the one before it."""
    offset: int = 0
    """NEIGHBOUR: -1 for the one before `anchor`, 1 for the one after it."""
    anchor: VersionExpression | DateExpression | None = None
    """NEIGHBOUR: the version counted from. POSITION: the date that limits which versions are counted."""
    bound: Bound = Bound.AT


def is_place(expression: VersionExpression | DateExpression) -> bool:
    """Whether it is one such as the latest, which is called by no name that an edition could have."""
    return isinstance(expression, VersionExpression) and expression.reading is VersionReading.POSITION


class LiteralKind(StrEnum):
    """What sort of words must be found as they are written."""

    IDENTIFIER = "identifier"
    PHRASE = "phrase"
    """Words in quotation marks, without these."""
    SECTION = "section"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Literal:
    """Words that ranking should look for as they are written."""

    text: str
    span: Span
    kind: LiteralKind


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A question, understood. Where nothing was recognised the kind is PLAIN and `rest` is `text`."""

    text: str
    kind: Kind
    versions: tuple[VersionExpression, ...] = ()
    """In the order in which they were written."""
    dates: tuple[DateExpression, ...] = ()
    """In the order in which they were written; those that are an anchor of a version are not repeated here."""
    candidates: tuple[VersionExpression | DateExpression, ...] = ()
    """What may name a version or date, or be part of another name: counts only if there is such an edition or label. Still in `rest`."""
    literals: tuple[Literal, ...] = ()
    rest: str = ""
    """What is left to search when versions and dates are taken out; `text` where nothing would be left."""
    topic: str = ""
    """The content words of `rest`: what was introduced, changed or is asked about. May be empty: "which versions exist"."""
    tentative: bool = False
    """Keywords that mean this only where nothing but a name is left of them: "Grafana versions"; else they are what `otherwise` says."""
    otherwise: Kind = Kind.PLAIN
    """PLAIN is searched as it is, CONTENT in the version that is named."""
    notes: tuple[str, ...] = ()
    """One line for people for each thing that was recognised."""
    doubts: tuple[str, ...] = ()
    """Those of the notes that have to be said even where the question is searched as it is."""
