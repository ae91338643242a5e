"""Which versions there are, whether one exists, and which one is the first, the last or the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from indexer.model import VersionKind
from indexer.query.asking.everywhere import all_works, everywhere
from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.states import Line, Target, of_document
from indexer.query.asking.targets import Finder, bare, began, fits
from indexer.query.results import Answer, SearchResult
from indexer.question import Bound, DateExpression, Kind, VersionExpression, VersionReading

_SHOWN: Final = 60
"""Versions that are told with their dates in one sentence; the JSON has all."""
_ALONE: Final = (VersionReading.POSITION, VersionReading.NEIGHBOUR)
_KINDS: Final = {
    VersionKind.TOMBSTONE: "deleted",
    VersionKind.UNREADABLE: "unreadable",
    VersionKind.CONTENT: "purged",
}
"""What a version without a text is called, as in `history`."""


def answer(inquiry: Inquiry) -> SearchResult:
    """The answer to a question of kind EXISTS or VERSIONS."""
    lines = inquiry.finder.told if inquiry.subject.named else _anything(inquiry)
    finder = Finder(inquiry.view, lines, own_first=inquiry.subject.own_first)
    if inquiry.asked.kind is Kind.EXISTS and inquiry.asked.versions:
        return _exists(inquiry, inquiry.finder if inquiry.subject.named else finder)
    unknown = not (inquiry.subject.named or inquiry.whole or inquiry.asked.versions)
    if unknown or not lines:
        return inquiry.result(_unsaid(unknown))
    alone = next((v for v in inquiry.asked.versions if v.reading in _ALONE and v.bound is Bound.AT), None)
    if alone is not None:
        return _alone(inquiry, finder, alone)
    return _list(inquiry, finder)


def _anything(inquiry: Inquiry) -> list[Line]:
    """What there is where no document is named: all works, or the only document."""
    works = all_works(inquiry)
    if works:
        return works
    existing = inquiry.view.snapshot.documents(known_at=inquiry.view.known_at)
    within = inquiry.names.within
    left = [d for d in existing if not d.deleted and (within is None or d.no in within)]
    return [of_document(inquiry.view, left[0])] if len(left) == 1 else []


def _unsaid(unknown: bool) -> Answer:
    """That it is not said of what; `unknown`: of something that nothing here is called."""
    why = "no document is called so" if unknown else "no document is named, and none are editions of one work"
    text = f"{why}: name one, such as leave-policy.md, to see its versions"
    return Answer("versions", text, {"value": [], "versions": ()})


# --- listing ---------------------------------------------------------------------------------


def _list(inquiry: Inquiry, finder: Finder) -> SearchResult:
    """The versions that the question's limits leave, the oldest first; works with the same editions are one."""
    kept = [(line, _left(inquiry, finder, line)) for line in finder.lines]
    works = [(line, states) for line, states in kept if line.work is not None]
    labels = list(merged([[state.label for state in states] for _, states in works]))
    labels += [state.label for line, states in kept if line.work is None for state in states]
    states = [state for _, left in kept for state in left]
    name = _together(finder.lines)
    values = {"value": labels, "versions": inquiry.view.entries(state.version for state in states)}
    limited = bool(inquiry.asked.dates or inquiry.asked.versions)
    if not labels:
        text = f"{name} has no versions {'there' if limited else 'that are known'}"
        return inquiry.result(Answer("versions", text, values))
    told = labels if works else [_dated(inquiry, state) for state in states]
    shown = ", ".join(told[:_SHOWN]) + (" …" if len(told) > _SHOWN else "")
    count = f"{len(labels)} version{'s' if len(labels) != 1 else ''}"
    return inquiry.result(
        Answer("versions", f"{name} has {count}{' there' if limited else ''}: {shown}", values)
    )


def _left(inquiry: Inquiry, finder: Finder, line: Line) -> list[Target]:
    """Those states of a line that the versions and dates of the question leave."""
    left = list(line.states if line.work is None else line.texts)
    for version in inquiry.asked.versions:
        beside = finder.on(line, version)
        left = [state for state in left if any(fits(state, one, version.bound) for one in beside)]
    dates = inquiry.asked.dates
    at = [date for date in dates if date.bound is Bound.AT]
    if at:
        return _in_force(line, left, at[-1])
    for date in dates:
        left = [state for state in left if began(state, date)]
    return left


def _in_force(line: Line, left: Sequence[Target], date: DateExpression) -> list[Target]:
    """What held in a period: at its end, for a day; all that held at some time of a longer one that began in it."""
    begun = [state for state in left if began(state, date)]
    day = date.period.last - date.period.first < 86_400_000_000
    state = line.at(date.period.last)
    if day or not begun:
        return [state] if state is not None and state in left else []
    return begun


def _alone(inquiry: Inquiry, finder: Finder, expression: VersionExpression) -> SearchResult:
    """One version: the first, the last, the one before another, the one in force on a day."""
    found = finder.targets([expression])
    dates = [date for date in inquiry.asked.dates if date.bound is Bound.AT]
    targets = found.found
    if dates:
        targets = [t for line in finder.lines if (t := line.at(dates[-1].period.last)) is not None]
    elif expression.reading is VersionReading.POSITION and expression.anchor is None:
        targets = _of_all(finder.lines, expression.position) or targets
    labels = list(dict.fromkeys(target.label for target in targets))
    told = [_dated(inquiry, target) for target in targets] if len(targets) < 4 else labels
    text = f"{expression.written} of {_together(finder.lines)}: {', '.join(dict.fromkeys(told)) or 'there is none'}"
    values = {"value": labels, "versions": inquiry.view.entries(target.version for target in targets)}
    return inquiry.result(Answer("versions", text, values), targets, found=found)


def _of_all(lines: Sequence[Line], position: int) -> list[Target]:
    """The state at a place among those of works that have the same editions, more or less; none where there are other lines."""
    if len(lines) < 2 or any(line.work is None for line in lines):
        return []
    labels = merged([[state.label for state in line.texts] for line in lines])
    place = position - 1 if position > 0 else len(labels) + position
    if not 0 <= place < len(labels):
        return []
    return [state for line in lines for state in line.texts if bare(state.label) == bare(labels[place])]


# --- existence -------------------------------------------------------------------------------


def _exists(inquiry: Inquiry, finder: Finder) -> SearchResult:
    found = finder.targets(inquiry.asked.versions)
    if not inquiry.subject.named and not found.found and (wide := _exists_anywhere(inquiry)) is not None:
        return wide
    name = _together(finder.lines) or "anything that is indexed"
    if not found.missing:
        found.settled()
        shown = ", ".join(dict.fromkeys(_dated(inquiry, target) for target in found.found[:_SHOWN]))
        values = {
            "value": True,
            "nearest": [],
            "versions": inquiry.view.entries(t.version for t in found.found),
        }
        return inquiry.result(Answer("exists", f"yes: {shown} of {name}", values), found.found, found=found)
    if found.doubt is not None:
        # Several versions are called so: it does exist.
        text = f"yes, more than once: {found.doubt.message}"
        return inquiry.result(Answer("exists", text, {"value": True, "nearest": []}), found=found)
    text = f"no, there is no {', '.join(found.missing)} of {name}"
    if found.nearest:
        text += f"; the nearest are {', '.join(found.nearest)}"
    return inquiry.result(Answer("exists", text, {"value": False, "nearest": list(found.nearest)}))


def _exists_anywhere(inquiry: Inquiry) -> SearchResult | None:
    """Whether any document has such a version; None where it takes more than a name to tell."""
    wide = everywhere(inquiry)
    if wide is None or not wide.scope.documents_with:
        return None
    count = wide.scope.documents_with
    text = f"yes, {count} document{'s have' if count != 1 else ' has'} such a version; none is named"
    return inquiry.result(Answer("exists", text, {"value": True, "nearest": []}))


# --- words -----------------------------------------------------------------------------------


def merged(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The labels of several works in one order, each once: works of one product have the same editions, more or less."""
    order: list[str] = []
    for labels in lists:
        at = 0
        for label in labels:
            known = next((place for place, other in enumerate(order) if bare(other) == bare(label)), None)
            if known is not None:
                at = known + 1
                continue
            order.insert(at, label)
            at += 1
    return tuple(order)


def _dated(inquiry: Inquiry, target: Target) -> str:
    """A version with when it began; of an edition only its label, which says more than its file's time."""
    if target.work is not None:
        return target.label
    number = target.version.number
    other = f"number {number}, " if number is not None and str(number) != target.label else ""
    kind = "" if target.has_text else f", {_KINDS[target.version.kind]}"
    return f"{target.label} ({other}{inquiry.view.minute(target.since)}{kind})"


def _together(lines: Sequence[Line]) -> str:
    shown = " and ".join(line.name for line in lines[:3])
    return shown + (" …" if len(lines) > 3 else "")
