"""What one look at a whole source (`ports.Survey`) says of one document, held against what is recorded of it.

A look shows a document with all states that the source has of it then, and how it ends: present or
absent. Looks come in any order, by different renderings, and know nothing of each other. So every place
on the line follows from the look alone, not from when it was told: a state stands at its number, and what
only a look knows (the document was gone, or back) stands behind the last number that the look shows, by
the time of the look. Told in any order, looks then make the same line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from indexer.model import Instant, TimeBasis, VersionKind
from indexer.plan.history import DocumentEvent
from indexer.plan.renderings import (
    NUMBERLESS,
    RANKS,
    ROOM,
    Known,
    Recognised,
    State,
    bare,
    found_again,
    how_known,
    is_found_again,
    recognise,
)
from indexer.ports import Absent, Observed, SourceTime, Survey, Withdrawn
from indexer.ports.recorded import LineVersion

MISSED: Final = "missed:"
"""How the origins of tombstones begin that say: a look did not show the document any more."""

_TICK: Final = 14
"""Looks are told apart by 2**14 µs, so that any time until the year 2540 fits behind a number."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of what a look tells of one document."""

    events: list[DocumentEvent]
    """To be folded, so that the document's line holds every state and ends as the newest look says."""
    late: bool
    """A later look was told of it before, so that this one only fills in what nothing is known of."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A version that is on the line, or is to be."""

    place: int
    origin: str
    says: str | None
    """The state in which the document is from here on, by its origin; None: it is gone."""
    seen: Instant
    """No look that was taken before this can have known of it."""

    @property
    def by_look(self) -> bool:
        """Whether it is no state of the source's own, but what a look found."""
        return self.says is None or is_found_again(self.origin)


@dataclass(frozen=True, slots=True)
class _Then:
    """How the document was found after a look that is told late."""

    says: str | None
    """As `_Entry.says`."""
    since: SourceTime
    place: int
    """Where that stands now; what the look alone has from there on nobody can date."""


def settle(survey: Survey, line: Sequence[LineVersion], events: Sequence[DocumentEvent]) -> Settled:
    """Hold what a look tells of one document against its line.

    `line` is the document's, empty where it is new; `events` are all that the look tells of it.
    """
    told = [event for event in events if isinstance(event, Observed | Absent)]
    others = [event for event in events if not isinstance(event, Observed | Absent)]
    superseded, at = survey.superseded, survey.time.instant
    if not told:
        return Settled([*others], superseded is not None)
    present = told[-1]
    in_trash = isinstance(present, Absent) and present.sequence is None
    states = _placed(told[:-1] if in_trash else told, at)
    known = recognise(line, states)
    here = _place(max(known.places.values(), default=NUMBERLESS), at)
    line_before = _on_line(line)
    # What was told without a number is one of those that have one.
    numbered = any(state.sequence is not None for state in told)
    covered = {e.origin for e in line_before if numbered and NUMBERLESS <= e.place <= NUMBERLESS + at}
    back = [*known.replaced, *covered]
    entries = [_now(entry, known) for entry in line_before]
    entries = [entry for entry in entries if entry.origin not in back]
    # Found by later looks that knew fewer numbers: it comes after those that this one knows.
    later = [entry for entry in entries if entry.by_look and entry.seen > at and entry.place < here]
    behind = [entry for entry in entries if entry.place > here]
    if behind and not later and superseded is None and all(entry.seen <= at for entry in behind):
        if not survey.complete:
            return _settled(present, back, known, [], others, late=True)  # it may lack the present state
        # The source itself is back at an earlier state: what it shows now comes after all that was.
        here, behind = _place(behind[-1].place, at), []
    late = superseded is not None or bool(behind or later)
    taken = {entry.place for entry in entries}
    doubles = [state.sequence or 0 for state in known.new if state.sequence in taken]
    if late and (doubles or present.origin in known.beside):
        # One number with two texts: which came first cannot be told, and the later look decides.
        return _settled(present, back, _aside(known, min(doubles, default=here)), [], others, late=True)
    if not late:
        here = _put_behind(entries, known, here)

    earlier = [entry for entry in entries if entry not in later and entry.place <= here]
    before = sorted((*earlier, *map(_coming, known.new)), key=lambda entry: entry.place)
    before = [entry for entry in before if entry.place <= here]
    believed = before[-1].says if before else None
    shown = None if isinstance(present, Absent) else known.names[present.origin or ""]
    deleted = {version.origin for version in line if version.kind is VersionKind.TOMBSTONE}
    if shown in deleted or (shown is not None and believed is not None and not survey.complete):
        shown = believed  # nothing is known of it, or it may lack the present state
    found: list[State] = []
    if shown != believed and all(entry.origin != shown for entry in behind):
        found.append(_found(present, shown, survey.time, here))
        believed = shown
    goes_on = _Then(believed, survey.time, here)
    if later:
        shows = set(known.names.values())
        goes_on = _by_later_looks([e for e in entries if e.place <= here], later, shows)
    elif superseded is not None and not (behind and behind[0].seen <= superseded.instant):
        # The next look that was told found the document as the line said until now.
        until_now = [e for e in line_before if e.place <= here or e.origin in covered]
        last = until_now[-1] if until_now else None
        if last is None or last.says is None or last.origin not in covered:
            says = None if last is None else known.replaced.get(last.origin, last.says)
            goes_on = _Then(says, superseded, here if last is None else last.place)
        elif believed is None:
            # It lived, told without a number; which one that is this look knows best.
            lived = [entry.says for entry in before if entry.says is not None]
            goes_on = _Then(lived[-1] if lived else None, superseded, here)
    was = goes_on.says
    readable = {known.names[s.origin or ""]: s for s in states if isinstance(s, Observed)}
    if was != believed and was not in deleted:
        if was is not None and was not in readable:
            # The source took back what is new, and nobody has the text to tell that after it.
            return _settled(present, back, _aside(known, goes_on.place), [], others, late=True)
        place = _place(here, goes_on.since.instant)
        found.append(_found(readable.get(was or "", present), was, goes_on.since, place))
    if later and not (behind and not behind[0].by_look):
        last = [entry for entry in entries if entry.place <= here][-1]
        if last.place > later[-1].place and last.says is not None and last.says in readable:
            # A look after them found it so; when that was is not recorded.
            since = SourceTime(later[-1].seen + (1 << _TICK), TimeBasis.OBSERVED)
            was = last.says
            found.append(_found(readable[was], was, since, _place(here, since.instant)))
    back += [entry.origin for entry in later]
    if found and behind and behind[0].by_look and behind[0].says == was:
        back.append(behind[0].origin)  # it says no more now
    return _settled(present, back, known, found, others, late=late)


def gone(survey: Survey, line: Sequence[LineVersion]) -> Absent | None:
    """That a complete look does not show a document of its scope any more; None where that is nothing new.

    Nothing either where the document was seen, or its last version made, after the look was taken: a
    look that is told out of turn knows nothing of what came later.
    """
    entries = _on_line(line)
    if not entries or entries[-1].says is None or entries[-1].seen > survey.time.instant:
        return None
    key = next(version.key for version in line if version.origin == entries[-1].origin)
    return _missed(key, survey.time, _place(entries[-1].place, survey.time.instant), None)


def foresee(line: Iterable[LineVersion], events: Iterable[DocumentEvent]) -> list[LineVersion]:
    """The line after these settled events, as far as it matters to `settle`: for forecasts, which commit nothing."""
    versions = {version.origin: version for version in line}
    for event in events:
        if isinstance(event, Withdrawn):
            for origin in versions.keys() & set(event.origins):
                versions[origin] = replace(versions[origin], number=None)
        elif isinstance(event, Observed | Absent) and event.origin is not None:
            known = versions.get(event.origin) or _foreseen(event, len(versions))
            versions[event.origin] = replace(known, number=None if known.aside else 1)
    return list(versions.values())


# --- where a look stands among the others -----------------------------------------------------


def _place(after: int, at: Instant) -> int:
    """Where stands what a look at `at` found, whose last state is at `after`."""
    if after >= NUMBERLESS:
        return NUMBERLESS + at
    return after - after % ROOM + min(max(at >> _TICK, RANKS), ROOM - 1)


def _placed(states: Sequence[State], at: Instant) -> list[State]:
    """The states, those without a number by the time of the look, each before the next."""
    first = NUMBERLESS + at + 1 - len(states)
    return [
        replace(state, sequence=first + count) if state.sequence is None else state
        for count, state in enumerate(states)
    ]


def _by_later_looks(until: Sequence[_Entry], later: Sequence[_Entry], shows: Set[str]) -> _Then:
    """What `later` looks found last. `until`: all that stands up to the place of the one that `shows` these states.

    A state between or behind them that this one does not show is of later looks, too: it is known to them by
    its number, and to this one, which has no numbers, by nothing.
    """
    first = later[0].place
    last = [e for e in until if e in later or (e.place > first and e.says not in shows)][-1]
    return _Then(last.says, SourceTime(last.seen, TimeBasis.OBSERVED), last.place)


def _put_behind(entries: Sequence[_Entry], known: Recognised, here: int) -> int:
    """New states at the end of the newest look come after all that is recorded, whatever their numbers."""
    end = entries[-1].place if entries else -1
    moved = [state for state in known.last if (state.sequence or 0) < end]
    for count, state in enumerate(moved):
        known.new[known.new.index(state)] = replace(state, sequence=here + count)
    return here + len(moved)


def _found(state: State, says: str | None, time: SourceTime, place: int) -> State:
    """That a look at `time` found the document in the state `says`, which is `state`; None: that it was gone."""
    if says is not None and isinstance(state, Observed):
        return found_again(state, says, time, place)
    if isinstance(state, Absent) and time == state.time:
        return replace(state, sequence=place)
    return _missed(state.key, time, place, state.lineage)


def _aside(known: Recognised, place: int) -> Recognised:
    """`known` with new states from this place on beside the line: reachable by their labels, at no time."""
    beyond = [state for state in known.new if (state.sequence or 0) >= place]
    known.new = [state for state in known.new if state not in beyond]
    known.new += [replace(state, aside=True) for state in beyond if isinstance(state, Observed)]
    return known


def _settled(
    present: State,
    back: Sequence[str],
    known: Recognised,
    found: Sequence[State],
    others: Sequence[DocumentEvent],
    *,
    late: bool,
) -> Settled:
    origins = tuple(dict.fromkeys(back))
    first = [Withdrawn(present.key, origins, present.lineage)] if origins else []
    again = [state for state in known.again.values() if state.origin not in back]
    return Settled([*first, *known.unread, *known.new, *again, *found, *others], late)


# --- versions ---------------------------------------------------------------------------------


def _on_line(line: Iterable[LineVersion]) -> list[_Entry]:
    standing = sorted((v for v in line if v.number is not None), key=lambda v: (v.sequence, v.no))
    return [
        _Entry(
            version.sequence,
            version.origin,
            None
            if version.kind is VersionKind.TOMBSTONE and not _at_number(version.sequence)
            else bare(version.origin),
            version.sequence - NUMBERLESS if version.sequence >= NUMBERLESS else version.source_time,
        )
        for version in standing
    ]


def _coming(state: State) -> _Entry:
    return _Entry(state.sequence or 0, state.origin or "", state.origin, 0)


def _at_number(place: int) -> bool:
    """Whether what stands there is the source's own: a version that was deleted is none that a look found gone."""
    return place < NUMBERLESS and place % ROOM < RANKS


def _now(entry: _Entry, known: Recognised) -> _Entry:
    """What a version says under its new name, where more is known now of the state that it says again."""
    again = known.again.get(entry.origin)
    return (
        entry if again is None else replace(entry, origin=again.origin or "", says=bare(again.origin or ""))
    )


def _missed(key: str, time: SourceTime, place: int, lineage: str | None) -> Absent:
    return Absent(key, time, f"{MISSED}{key}@{time.instant}~{place}", lineage, place)


def _foreseen(state: State, no: int) -> LineVersion:
    known = how_known(state)
    times = (state.time,) if isinstance(state, Absent) else state.times
    return LineVersion(
        no=no,
        id="",
        kind=(VersionKind.UNREADABLE, VersionKind.TOMBSTONE, VersionKind.CONTENT)[known],
        origin=state.origin or "",
        sequence=state.sequence or 0,
        aside=isinstance(state, Observed) and state.aside,
        source_time=times[0].instant if times else 0,
        content_hash=None,
        key=state.key,
        number=1,
        manifest_no=0 if known is Known.TEXT else None,
        pipeline=None,
        title=None,
        metadata={},
    )
