"""What versions say: the passages of exactly those that are named, several side by side where they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.query.absence import without_text
from indexer.query.asking import dated, missing
from indexer.query.asking.everywhere import everywhere
from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.passages import side_by_side
from indexer.query.asking.states import Target
from indexer.query.asking.targets import Targets, fits, limits
from indexer.query.results import Hit, SearchResult
from indexer.question import Bound, Kind, VersionExpression

BEGINNING = (Bound.FROM, Bound.SINCE, Bound.AFTER)
ENDING = (Bound.TO, Bound.UNTIL, Bound.BEFORE)


def answer(inquiry: Inquiry) -> SearchResult | None:
    """The passages that are asked for, or why there are none; None where the question names neither version nor date."""
    asked = inquiry.asked
    if not asked.versions:
        return dated.answer(inquiry) if asked.dates else None
    if not inquiry.subject.named:
        return _unnamed(inquiry)
    found = inquiry.finder.targets(asked.versions)
    if not inquiry.subject.written and not (found.found and inquiry.subject.works):
        # Some words of a name may be no name here: whatever has such a version is looked at.
        wide = everywhere(inquiry)
        if wide is not None and wide.hits and not _is_of(wide.hits[0], inquiry):
            return wide
    if not found.found:
        found.settled()
        return inquiry.result(inquiry.no_such(found))
    if limits(asked.versions, *BEGINNING, *ENDING):
        return _between(inquiry, found)
    return _at(inquiry, found)


def _is_of(hit: Hit, inquiry: Inquiry) -> bool:
    """Whether a passage is of what the words may name."""
    return hit.document.no in inquiry.subject.documents


def _unnamed(inquiry: Inquiry) -> SearchResult | None:
    """A version of whatever has one; where more is to be known of it, that of the document that fits best."""
    if (result := everywhere(inquiry)) is not None:
        return result
    named = inquiry.by_passages()
    return None if named is None else answer(named)


def _at(inquiry: Inquiry, found: Targets) -> SearchResult:
    """What these versions say."""
    targets = [_then(inquiry, target) for target in found.found]
    sides = _sides(inquiry, targets)
    compared = len(sides) > 1 and (inquiry.asked.kind is Kind.COMPARISON or len(inquiry.asked.versions) > 1)
    if not any(target.has_text for target in targets):
        first = targets[0]
        return inquiry.result(without_text(inquiry.view, first.document, first.version), targets)
    if compared:
        question = replace(inquiry.question, text=inquiry.asked.rest)
        result = side_by_side(inquiry.search, question, sides, inquiry.scope(targets, found), inquiry.order)
    else:
        result = _of(inquiry, targets, found)
    if found.missing:
        # Some of the versions exist: these are shown, and that the others do not is said.
        return replace(result, answer=inquiry.no_such(found))
    return result


def _of(inquiry: Inquiry, targets: Sequence[Target], found: Targets) -> SearchResult:
    """The passages of versions, those that hold everything literally first; or that nothing there is about the question."""
    nothing = missing.nothing(inquiry, targets)
    if nothing is not None:
        return SearchResult(inquiry.question.text, inquiry.scope(targets, found), answer=nothing)
    return inquiry.hits(targets, found)


def _sides(inquiry: Inquiry, targets: Sequence[Target]) -> list[list[Target]]:
    """The versions that are compared, each with all documents that have it, in the order in which they were named."""
    sides: list[list[Target]] = []
    for expression in inquiry.asked.versions:
        there = {target.version.no for target in inquiry.finder.targets([expression]).found}
        side = [target for target in targets if target.version.no in there and target.has_text]
        if side and side not in sides:
            sides.append(side)
    return sides


def _then(inquiry: Inquiry, target: Target) -> Target:
    """An edition as it was on the day that the question names besides; another version says itself when it was."""
    at = [date for date in inquiry.asked.dates if date.bound is Bound.AT]
    if target.work is None or not at:
        return target
    place = inquiry.view.effective_place(target.document.no, at[-1].period.last)
    return target if place is None else replace(target, version=inquiry.view.version_at(place))


def _between(inquiry: Inquiry, found: Targets) -> SearchResult:
    """What the versions between two said, or those since one or up to one; before one: the version directly before it."""
    versions = inquiry.asked.versions
    begin, end = limits(versions, *BEGINNING), limits(versions, *ENDING)
    states: list[Target] = []
    for line in inquiry.finder.lines:
        ends = [(one, target) for one in (*begin, *end) for target in inquiry.finder.on(line, one)]
        if not ends:
            continue
        within = [
            state
            for state in line.texts
            if all(fits(state, target, one.bound) for one, target in ends)
            and (not inquiry.asked.dates or dated.held(state, inquiry.asked.dates))
        ]
        if not begin and end[0].bound is Bound.BEFORE:
            within = within[-1:]
        states += within
    if not states:
        return inquiry.result(inquiry.no_such(_unreached(found, [*begin, *end])))
    return _of(inquiry, states, found)


def _unreached(found: Targets, expressions: Sequence[VersionExpression]) -> Targets:
    """That nothing lies where these point: "before version 1"."""
    words = [f"{one.bound.value} {one.name or one.written}" for one in expressions]
    return replace(found, missing=[" and ".join(words)], nearest=[target.label for target in found.found])
