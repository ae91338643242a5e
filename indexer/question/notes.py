"""What was recognised in a question, one line for people each."""

from __future__ import annotations

from typing import Final

from indexer.question.values import Bound, DateExpression, Kind, VersionExpression, VersionReading

_KINDS: Final = {
    Kind.EXISTS: "asks whether a version exists",
    Kind.VERSIONS: "asks which versions there are",
    Kind.CHANGES: "asks what changed",
    Kind.INTRODUCED: "asks when something came in",
    Kind.REMOVED: "asks when something went",
    Kind.COMPARISON: "asks for several versions side by side",
}
_ORDINALS: Final = {1: "first", 2: "second", 3: "third", -1: "latest", -2: "last but one"}


def kind_note(kind: Kind) -> tuple[str, ...]:
    """A line for the kind of question; none for content and plain ones, which say nothing that versions and dates do not."""
    return (_KINDS[kind],) if kind in _KINDS else ()


def note(expression: VersionExpression | DateExpression, *, weak: bool) -> str:
    """A line such as ``"since v3" → since version 3``."""
    line = f'"{expression.written}" → {_bound(expression.bound)}{meaning(expression)}'
    if isinstance(expression, DateExpression) and expression.alternatives:
        line += " (or " + " or ".join(period.reading for period in expression.alternatives) + ")"
    return f"{line}, if there is such a version" if weak else line


def meaning(expression: VersionExpression | DateExpression) -> str:
    """What an expression means, without how it limits: ``version 3``, ``the version before version 4``, ``2024-03``."""
    if isinstance(expression, DateExpression):
        return expression.period.reading.replace("..", " to ")
    match expression.reading:
        case VersionReading.NAMED:
            return f"{expression.noun or 'version'} {expression.name}"
        case VersionReading.COMMIT | VersionReading.TAG:
            return f"{expression.reading.value} {expression.name}"
        case VersionReading.NEIGHBOUR:
            side = "before" if expression.offset < 0 else "after"
            beside = meaning(expression.anchor) if expression.anchor is not None else "it"
            return f"the version {side} {beside}"
        case VersionReading.POSITION:
            return f"the {_place(expression.position)} version" + _limited(expression.anchor)


def _place(position: int) -> str:
    if position in _ORDINALS:
        return _ORDINALS[position]
    return f"{position}th" if position > 0 else f"{-position}th to last"


def _limited(anchor: VersionExpression | DateExpression | None) -> str:
    return "" if anchor is None else f" {_bound(anchor.bound)}{meaning(anchor)}"


def _bound(bound: Bound) -> str:
    return "" if bound is Bound.AT else f"{bound.value} "
