"""What was said on a day, or in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.model import Instant
from indexer.query.absence import without_text
from indexer.query.asking import missing
from indexer.query.asking.inquiry import Inquiry, exactly
from indexer.query.asking.literally import wanted
from indexer.query.asking.states import Line, Target
from indexer.query.asking.targets import Targets
from indexer.query.results import Answer, SearchResult
from indexer.query.scope import look_up
from indexer.query.view import View
from indexer.question import Bound, DateExpression

_FROM = (Bound.FROM, Bound.SINCE, Bound.AFTER)


def answer(inquiry: Inquiry) -> SearchResult | None:
    """What was effective then: of the documents that are named, else of everything; None where every date only says since when."""
    dates = inquiry.asked.dates
    if inquiry.subject.written:
        return _of_lines(inquiry, dates)
    limiting = [date for date in dates if date.bound not in _FROM]
    return _of_everything(inquiry, limiting[-1]) if limiting else None


def instant_of(date: DateExpression) -> Instant:
    """The instant at which something is asked for: the last of a period, or the one before it."""
    return date.period.first - 1 if date.bound is Bound.BEFORE else date.period.last


def held(state: Target, dates: Sequence[DateExpression]) -> bool:
    """Whether a version held at any time of the stretch that these limit."""
    return _overlaps(state, *stretch(dates))


def stretch(dates: Sequence[DateExpression]) -> tuple[Instant | None, Instant | None]:
    """The first and the last instant that several limits leave; None where nothing limits that side."""
    begin: Instant | None = None
    end: Instant | None = None
    for date in dates:
        if date.bound is Bound.AFTER:
            begin = max(begin or 0, date.period.last + 1)
        elif date.bound in _FROM:
            begin = max(begin or 0, date.period.first)
        else:
            end = instant_of(date) if end is None else min(end, instant_of(date))
    return begin, end


def _overlaps(state: Target, begin: Instant | None, end: Instant | None) -> bool:
    if state.since is None:
        return False
    until = state.version.valid_to if state.work is None else None
    return (end is None or state.since <= end) and (begin is None or until is None or until > begin)


# --- of what is named ------------------------------------------------------------------------


def _of_lines(inquiry: Inquiry, dates: Sequence[DateExpression]) -> SearchResult | None:
    bounds = [date for date in dates if date.bound is not Bound.AT]
    at = [date for date in dates if date.bound is Bound.AT]
    states: list[Target] = []
    found = Targets()
    last = instant_of((at or bounds)[-1])
    for line in inquiry.finder.lines:
        if any(date.bound in _FROM for date in bounds):
            states += [state for state in line.texts if _overlaps(state, *stretch(dates))]
            continue
        state = line.at(last)
        if state is None:
            continue
        states.append(state)
        if at:
            begun = [one for one in line.states if one.since and at[-1].period.first <= one.since <= last]
            found.alternatives += [one.version for one in begun if one is not state]
    if not states:
        return inquiry.result(_before_all(inquiry, inquiry.finder.lines, last), as_of=last)
    if not any(state.has_text for state in states):
        first = states[0]
        return inquiry.result(
            without_text(inquiry.view, first.document, first.version), states, found=found, as_of=last
        )
    inquiry = replace(inquiry, note=inquiry.note or _future(inquiry.view, last, inquiry.now))
    nothing = missing.nothing(inquiry, states)
    result = inquiry.hits(states, found) if nothing is None else inquiry.result(nothing, states, found=found)
    return replace(result, scope=replace(result.scope, as_of=last))


def _before_all(inquiry: Inquiry, lines: Sequence[Line], instant: Instant) -> Answer:
    """That nothing of it was there yet."""
    first = next((line.texts[0] for line in lines if line.texts), None)
    what = " and ".join(line.name for line in lines[:3])
    text = f"there was no {what} yet at {inquiry.view.moment(instant)}"
    if first is not None:
        text += f"; it begins with {first.label} at {inquiry.view.minute(first.since)}"
    entry = None if first is None else inquiry.view.entry(first.version)
    elsewhere = () if entry is None else (entry,)
    return Answer("nothing-in-version", text, {"version": None, "first": entry, "elsewhere": elsewhere})


# --- of everything ---------------------------------------------------------------------------


def _of_everything(inquiry: Inquiry, date: DateExpression) -> SearchResult:
    instant = instant_of(date)
    question = replace(inquiry.question, text=inquiry.asked.rest, as_of=exactly(instant))
    # Only words that are to be read literally are worth the texts of what was found: a date leaves as much to search as the present.
    order = inquiry.order if wanted(inquiry.asked, inquiry.subject.names) else None
    found = inquiry.search(question, look_up, order)
    scope = replace(found.scope, resolved_by="; ".join([*inquiry.asked.notes, found.scope.resolved_by]))
    result = replace(found, query=inquiry.question.text, scope=scope)
    return placed_in_time(inquiry.view, result, instant, inquiry.now)


def placed_in_time(view: View, found: SearchResult, instant: Instant, now: Instant) -> SearchResult:
    """What was found as of `instant`, saying so where that is yet to come, or lies before all that is indexed."""
    if note := _future(view, instant, now):
        words = f"{found.scope.resolved_by}; {note}"
        found = replace(found, scope=replace(found.scope, resolved_by=words))
    if found.hits or found.answer is not None:
        return found
    return replace(found, answer=_nothing_then(view, instant))


def _future(view: View, instant: Instant, now: Instant) -> str:
    if view.asked is not None and view.asked < now:
        return "" if instant <= view.asked else "that was not over yet then: what held then is shown"
    return "" if instant <= now else "that is not over yet: what holds now is shown"


def _nothing_then(view: View, instant: Instant) -> Answer | None:
    """That the index knows of nothing that was effective then; None where it does."""
    if next(iter(view.snapshot.keys(view.known_at, instant)), None) is not None:
        return None
    numbers = {no for no, _, _ in view.snapshot.every_key(view.known_at)}
    view.read_places(numbers)
    begins = min((places[0].valid_from for no in numbers if (places := view.places(no))), default=None)
    if begins is None:
        text = "nothing was indexed yet"
        if view.asked is not None:
            text += f" at {view.moment(view.known_at)}"
    elif begins <= instant:
        text = f"nothing that is indexed was there any more at {view.moment(instant)}"
    else:
        text = f"nothing that is indexed was there yet at {view.moment(instant)}"
        text += f"; its history begins at {view.minute(begins)}"
    return Answer("nothing-in-version", text, {"version": None, "first": None, "elsewhere": ()})
