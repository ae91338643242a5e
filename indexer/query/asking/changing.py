"""What changed between two versions or dates, in one version, or at last, as far as it matters to a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from indexer.model import Instant, VersionKind
from indexer.query.asking import changed_everywhere
from indexer.query.asking.dated import instant_of
from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.literally import holds_all, implied
from indexer.query.asking.marks import without_links
from indexer.query.asking.states import Line, Target, of_document
from indexer.query.asking.targets import limits
from indexer.query.asking.topic import Topic
from indexer.query.asking.words import words
from indexer.query.changes import changes
from indexer.query.compare import pieces
from indexer.query.results import Answer, Change, ChangeKind, SearchResult
from indexer.question import Bound, DateExpression, VersionExpression

MOST: Final = 20
"""Changes that an answer names."""
_TWO: Final = 2
"""States that it takes for a change."""
_NEAR: Final = 0.6
"""Of the share of the topic's words that a change has, so much has to be in one line or sentence of it."""
_UNIT: Final = re.compile(r"\n(?![ \t]*[a-z])|(?<=[.!?])\s")
"""Between two lines or sentences; a line that begins in lower case goes on with the one before it."""
_BEGINNING: Final = (Bound.FROM, Bound.SINCE, Bound.AFTER)
_ENDING: Final = (Bound.TO, Bound.UNTIL, Bound.BEFORE)
_ADDED: Final = frozenset(["added", "new", "introduced", "add", "introduce"])
_REMOVED: Final = frozenset(["removed", "deleted", "dropped", "remove", "delete", "drop", "gone"])


@dataclass(frozen=True, slots=True)
class Step:
    """From one state to a later one; without an earlier one, the later is the first."""

    line: Line
    before: Target | None
    after: Target


def answer(inquiry: Inquiry) -> SearchResult | None:
    """What changed; of what fits best where no document is named, and with dates alone which documents changed."""
    asked = inquiry.asked
    if not inquiry.subject.named:
        if not asked.versions:
            return changed_everywhere.answer(inquiry)
        named = inquiry.by_passages()
        return None if named is None else answer(named)
    found = inquiry.finder.targets(asked.versions)
    if found.missing:
        named = None if inquiry.subject.written else inquiry.by_passages()
        if named is not None and named.fits:
            return answer(named)
        found.settled()
        return inquiry.result(inquiry.no_such(found))
    lines = inquiry.finder.lines if asked.versions else inquiry.finder.told
    steps = [step for line in lines for step in _steps(inquiry, line)]
    if asked.versions:
        # Where an edition is called so, a document's own version of that name is another one.
        there = {target.version.no for target in found.found}
        steps = [
            step for step in steps if {one.version.no for one in (step.before, step.after) if one} & there
        ] or steps
    if not steps:
        return inquiry.result(_nothing_known(inquiry))
    return _told(inquiry, steps)


def last_change(inquiry: Inquiry) -> SearchResult | None:
    """The last step of what is named; of a work that of its newest edition, if that was changed since it came."""
    steps: list[Step] = []
    for line in inquiry.finder.told:
        own = None if line.work is None else of_document(inquiry.view, line.states[-1].document)
        told = line if own is None or len(own.states) < _TWO else own
        before = told.states[-2] if len(told.states) >= _TWO else None
        if told.work is not None:
            before = told.beside(told.states[-1], -1)
        steps.append(Step(told, before, told.states[-1]))
    return _told(inquiry, steps, dated=True) if steps else None


def _told(inquiry: Inquiry, steps: Sequence[Step], *, dated: bool = False) -> SearchResult:
    """The changes of the step with the most of them, and the others in short; `dated`: with the time of editions, too."""
    answers = [_answer(inquiry, step, dated=dated) for step in steps]
    best = max(range(len(steps)), key=lambda place: len(answers[place].values["value"]))
    told = answers[best]
    if len(steps) > 1:
        others = [one.text for place, one in enumerate(answers) if place != best and one.values["value"]]
        if others:
            told = replace(told, text="; ".join([told.text, *others[:3]]))
    result = inquiry.hits([step.after for step in steps])
    one = steps[best].after if len(steps) == 1 else None
    scope = result.scope
    if one is not None:
        scope = replace(scope, document=one.document, version=inquiry.view.entry(one.version))
    return replace(result, answer=told, scope=scope)


# --- which steps -----------------------------------------------------------------------------


def _steps(inquiry: Inquiry, line: Line) -> Iterator[Step]:
    """The step on one line that the question asks about; none where it says nothing of this line."""
    versions, dates = inquiry.asked.versions, inquiry.asked.dates
    at = [_state(inquiry, line, one, before=False) for one in limits(versions, Bound.AT)]
    days = [date for date in dates if date.bound is Bound.AT]
    begin: list[VersionExpression | DateExpression] = list(limits(versions, *_BEGINNING))
    begin += [date for date in dates if date.bound in _BEGINNING]
    end: list[VersionExpression | DateExpression] = list(limits(versions, *_ENDING))
    end += [date for date in dates if date.bound in _ENDING]
    if begin or end:
        before = _state(inquiry, line, begin[0], before=True) if begin else _first(line)
        after = _state(inquiry, line, end[-1], before=False) if end else line.states[-1]
    elif len(at) >= 2:
        known = sorted((one for one in at if one is not None), key=lambda one: one.place)
        if len(known) < 2:
            return
        before, after = known[0], known[-1]
    elif at:
        after = at[0]
        before = None if after is None else line.beside(after, -1)
    elif len(days) >= 2:
        before, after = line.at(days[0].period.last), line.at(days[-1].period.last)
    elif days:
        before, after = line.at(days[0].period.first - 1), line.at(days[0].period.last)
    else:
        before, after = (line.states[-2] if len(line.states) > 1 else None), line.states[-1]
    if after is not None:
        yield Step(line, before, after)


def _first(line: Line) -> Target | None:
    return line.texts[0] if line.texts else None


def _state(
    inquiry: Inquiry, line: Line, limit: VersionExpression | DateExpression, *, before: bool
) -> Target | None:
    """The state at a limit; `before`: the one from which changes are counted."""
    if isinstance(limit, DateExpression):
        return line.at(_counted_from(limit) if before else instant_of(limit))
    found = inquiry.finder.on(line, limit)
    target = found[0] if found else None
    if target is not None and limit.bound is Bound.BEFORE:
        return line.beside(target, -1)
    return target


def _counted_from(date: DateExpression) -> Instant:
    return date.period.last if date.bound is Bound.AFTER else date.period.first - 1


# --- what changed in one ---------------------------------------------------------------------


def _answer(inquiry: Inquiry, step: Step, *, dated: bool) -> Answer:
    """The changes of a step that are about the topic of the question; all of them, where it has none."""
    view, before, after = inquiry.view, step.before, step.after
    entry = view.entry(after.version)
    name = step.line.name
    if before is None:
        text = f"{after.label} is the first version of {name} that is known: nothing is known to have changed"
        return Answer("changes", text, {"from": None, "to": entry, "value": ()})
    values = {"from": view.entry(before.version), "to": entry, "value": ()}
    if before.version.no == after.version.no:
        text = f"nothing changed in {name}: {after.label} held all the time"
        return Answer("changes", text, values)
    what = f"from {before.label} to {after.label} of {name}{_when(inquiry, after, dated=dated)}"
    if after.version.kind is VersionKind.TOMBSTONE:
        return Answer("changes", f"{name} was deleted{_when(inquiry, after, dated=dated)}", values)
    if not before.has_text or not after.has_text:
        unknown = after if before.has_text else before
        kind = "deleted then" if unknown.version.kind is VersionKind.TOMBSTONE else "not known"
        return Answer("changes", f"the text of {unknown.label} of {name} is {kind}", values)
    found = changes(pieces(view, before.version), pieces(view, after.version))
    topic = inquiry.about(step.line, list(map(_text, found)))
    chosen = _as_asked(inquiry, relevant(found, topic, implied(inquiry.asked)))
    if topic.is_term() and _only_halves(inquiry, step.line, topic, chosen):
        chosen = []
    if not found:
        text = f"nothing changed {what}"
    elif not chosen:
        text = f"nothing changed {what} about this; {len(found)} other changes"
    else:
        text = f"{len(chosen)} of {len(found)} changes {what}"
    return Answer("changes", text, {**values, "value": tuple(chosen[:MOST])})


def relevant(found: Sequence[Change], topic: Topic, implied: Sequence[str] = ()) -> list[Change]:
    """Those changes that are about the topic, the most about it first; before them those that hold what is `implied`."""
    if topic.empty:
        return list(found)
    texts = [_text(change) for change in found]
    meant = [bool(implied) and holds_all(text, implied) for text in texts]
    chosen = [
        ((not meant[place], -topic.share(text)), place)
        for place, (text, fits) in enumerate(zip(texts, topic.chosen(texts), strict=True))
        if meant[place] or (fits and (topic.literals or _together(found[place], text, topic)))
    ]
    return [found[place] for _, place in sorted(chosen)]


def _only_halves(inquiry: Inquiry, line: Line, topic: Topic, found: Sequence[Change]) -> bool:
    """Whether changes have one of two words each that the line elsewhere says side by side: they are about something else then."""
    if any(topic.share(_text(change)) >= 1 for change in found):
        return False
    view = inquiry.view
    view.read_manifests(state.version for state in line.texts)
    passages = view.snapshot.passages({no for state in line.texts for no in view.passage_nos(state.version)})
    return any(topic.phrased(passage.text) for passage in passages.values())


def _together(change: Change, text: str, topic: Topic) -> bool:
    """Whether the topic's words stand near each other: a list of changes has many words that have nothing to do with each other."""
    heading = "\n".join(change.heading)
    units = _UNIT.split("\n".join(filter(None, [change.before, change.after])))
    nearest = max((topic.share(f"{heading}\n{unit}") for unit in units), default=0.0)
    return nearest >= _NEAR * topic.share(text)


def _as_asked(inquiry: Inquiry, found: Sequence[Change]) -> list[Change]:
    """What was added first where that is asked, and what was removed where that is."""
    said = set(words(inquiry.asked.text))
    wanted = {
        kind
        for kind, verbs in ((ChangeKind.ADDED, _ADDED), (ChangeKind.REMOVED, _REMOVED))
        if not verbs.isdisjoint(said)
    }
    if len(wanted) != 1:
        return list(found)
    return sorted(found, key=lambda change: change.op not in wanted)


def _when(inquiry: Inquiry, target: Target, *, dated: bool) -> str:
    """When a version came, and by whom; of an edition, whose file may be far younger, only where that is asked."""
    if target.work is not None:
        return f", {inquiry.view.minute(target.since)}" if dated else ""
    by = f" by {target.version.author}" if target.version.author else ""
    return f", {inquiry.view.minute(target.version.valid_from)}{by}"


def _nothing_known(inquiry: Inquiry) -> Answer:
    what = " and ".join(line.name for line in inquiry.lines[:3]) or "it"
    return Answer("changes", f"nothing is known of {what} then", {"from": None, "to": None, "value": ()})


def _text(change: Change) -> str:
    """What changed, with where it stands."""
    return without_links("\n".join(filter(None, [*change.heading, change.before, change.after])))
