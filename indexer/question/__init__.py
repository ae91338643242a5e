"""Questions in words: which versions and dates they name, and what kind of answer they want. Pure; English."""

from indexer.question.interpret import interpret
from indexer.question.values import (
    Bound,
    DateExpression,
    Interpretation,
    Kind,
    Literal,
    LiteralKind,
    Period,
    Span,
    VersionExpression,
    VersionReading,
)

__all__ = [
    "Bound",
    "DateExpression",
    "Interpretation",
    "Kind",
    "Literal",
    "LiteralKind",
    "Period",
    "Span",
    "VersionExpression",
    "VersionReading",
    "interpret",
]
