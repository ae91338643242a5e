"""What one look at a whole source (`ports.Survey`) says of one document, held against what is recorded of it.

A look shows a document with all states that the source has of it then, and how it ends: present or
absent. Looks come in any order, by different renderings, and know nothing of each other. So every place
on the line follows from the look alone, not from when it was told: a state stands at its number, and what
only a look knows (the document was gone, or back) stands behind the last number that the look shows, by
the time of the look. Told in any order, looks then make the same line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from indexer.model import Instant, TimeBasis, VersionKind
from indexer.plan.history import DocumentEvent
from indexer.ports import Absent, Observed, SourceTime, Survey, Withdrawn
from indexer.ports.catalog import LineVersion

MISSED: Final = "missed:"
"""How the origins of tombstones begin that say: a look did not show the document any more."""
UNTOLD: Final = "-untold"
"""How the part before the colon ends, of origins of states whose texts the source does not show at all."""

_ROOM: Final = 1 << 40
"""From one number's place to the next."""
_RANKS: Final = 1 << 20
"""So many places behind a number's own are for states that the source gave the same number."""
_TICK: Final = 14
"""Looks are told apart by 2**14 µs, so that any time until the year 2540 fits behind a number."""
_NUMBERLESS: Final = 1 << 61
"""From here on stands, by the time of the look, what has no number: behind all that has one."""
_AGAIN: Final = re.compile(r"~\d+$")
"""Behind the origin of a state, with its place: a look found the document in that state again."""

State = Observed | Absent


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
    """The look that it is known by was taken then, or later."""

    @property
    def by_look(self) -> bool:
        """Whether it is no state of the source's own, but what a look found."""
        if _AGAIN.search(self.origin):
            return True
        return self.says is None and (self.place >= _NUMBERLESS or self.place % _ROOM >= _RANKS)


def settle(survey: Survey, line: Iterable[LineVersion], events: Sequence[DocumentEvent]) -> Settled:
    """Hold what a look tells of one document against its line.

    `line` is the document's, empty where it is new; `events` are all that the look tells of it.
    """
    told = [event for event in events if isinstance(event, Observed | Absent)]
    others = [event for event in events if not isinstance(event, Observed | Absent)]
    if not told:
        return Settled([*others], survey.superseded is not None)
    look = _Look(survey, list(line), told)
    late = look.settle()
    taken_back = tuple(dict.fromkeys(look.taken_back))
    first = [Withdrawn(told[-1].key, taken_back, told[-1].lineage)] if taken_back else []
    return Settled([*first, *look.read_again, *look.new, *others], late)


def gone(survey: Survey, line: Iterable[LineVersion]) -> Absent | None:
    """That a complete look does not show a document of its scope any more; None where that is nothing new.

    Nothing either where the document was seen, or its last version made, after the look was taken: a
    look that is told out of turn knows nothing of what came later.
    """
    entries = _on_line(line)
    if not entries or entries[-1].says is None or entries[-1].seen > survey.time.instant:
        return None
    key = next(version.key for version in line if version.origin == entries[-1].origin)
    return _missed(key, survey.time, _place(entries[-1].place, survey.time.instant), None)


def bare(origin: str) -> str:
    """The source's own origin of a state, of one that was found again too."""
    return _AGAIN.sub("", origin)


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


def _foreseen(event: State, no: int) -> LineVersion:
    untold = isinstance(event, Observed) and _strength(event) == _UNTOLD
    kind = VersionKind.TOMBSTONE if isinstance(event, Absent) else VersionKind.CONTENT
    times = (event.time,) if isinstance(event, Absent) else event.times
    return LineVersion(
        no=no,
        id="",
        kind=VersionKind.UNREADABLE if untold else kind,
        origin=event.origin or "",
        sequence=event.sequence or 0,
        aside=isinstance(event, Observed) and event.aside,
        source_time=times[0].instant if times else 0,
        content_hash=None,
        key=event.key,
        number=1,
        manifest_no=0 if isinstance(event, Observed) and not untold else None,
        pipeline=None,
        title=None,
        metadata={},
    )


@dataclass(slots=True)
class _Look:
    """One document in one look, on its way onto the line."""

    survey: Survey
    line: list[LineVersion]
    told: list[State]
    new: list[State] = field(default_factory=list)
    """What comes onto the line, at its place."""
    read_again: list[State] = field(default_factory=list)
    """Known states that could not be read before."""
    taken_back: list[str] = field(default_factory=list)
    here: int = 0
    """The place of what this look found."""
    _shown: str | None = None
    """The state in which it found the document."""
    _covered: Instant | None = None
    """`_shown` has no number and was taken back for those that have; this is when it was seen last."""
    _names: dict[str, str] = field(default_factory=dict)
    """Origin as it is told → as it is recorded, in whatever rendering."""
    _fresh: list[State] = field(default_factory=list)
    """States at the end of the look that come after all of its states which are known."""

    def settle(self) -> bool:
        """Work out what is new and what is taken back; returns whether a later look is known."""
        at = self.survey.time.instant
        numbers = [state.sequence for state in self.told if state.sequence is not None]
        self.here = _place(max(numbers, default=_NUMBERLESS), at)
        self._recognise()
        if numbers:
            # What was told without a number is one of those that have one.
            self.taken_back += [
                e.origin for e in _on_line(self.line) if _NUMBERLESS <= e.place <= _NUMBERLESS + at
            ]
        recorded = [entry for entry in _on_line(self.line) if entry.origin not in self.taken_back]
        # Later looks that knew less numbers: told of from behind those that this one has.
        later = [e for e in recorded if e.by_look and e.seen > at and e.place < self.here]
        behind = [entry for entry in recorded if entry.place > self.here]
        superseded = self.survey.superseded
        if behind and not later and superseded is None and all(entry.seen <= at for entry in behind):
            if not self.survey.complete:
                return True  # what breaks off may lack the present state: it ends nothing
            # The source itself is back at an earlier state: what it shows now comes after all that was.
            self.here = _place(behind[-1].place, at)
            behind = []
        late = superseded is not None or bool(behind or later)
        if late:
            self._set_aside_doubles(recorded)
        else:
            self._put_behind(recorded)
        self._find([entry for entry in recorded if entry not in later], behind, late=late)
        if later:
            self._end_as(later[-1].says, later[-1].seen, recorded, later)
        elif superseded is not None and not behind:
            self._end_as(recorded[-1].says if recorded else None, superseded.instant, recorded, [])
        return late

    # --- states ------------------------------------------------------------------------------

    def _recognise(self) -> None:
        """Which states are new, which only say more of known ones, and which are known."""
        by_origin = {version.origin: version for version in self.line}
        at_place: dict[int, list[LineVersion]] = defaultdict(list)
        for version in self.line:
            if version.number is not None:
                at_place[version.sequence].append(version)
        last = len(self.told) - 1
        for index, state in enumerate(self.told):
            origin = state.origin or ""
            if isinstance(state, Absent) and state.sequence is None:
                self._shown = None  # the trash: not a state, but where the look found the document
                continue
            known = by_origin.get(origin)
            stands = known is not None and (known.number is not None or known.aside)
            name = origin
            if stands or (known is not None and state.sequence is None):
                if not stands and known is not None:
                    self._covered = known.sequence - _NUMBERLESS
                self._fresh = []
            elif state.sequence is None:
                self._add(replace(state, sequence=self.here - last + index), fresh=True)
            else:
                name = self._recognised(state, at_place[state.sequence])
            self._names[origin] = name
            self._shown = None if isinstance(state, Absent) else name
        self._read_again()

    def _recognised(self, state: State, there: Sequence[LineVersion]) -> str:
        """Take in a state whose origin does not stand; returns the origin of the one that it is."""
        strength, origin = _strength(state), state.origin or ""
        for version in reversed(there):
            if _strength(version) >= strength and _scheme(version) != _scheme(state):
                self._fresh = []
                return bare(version.origin)  # the same in another rendering
        replaced = {version.origin for version in there if _strength(version) < strength}
        self._add(state, fresh=not replaced)
        for version in self.line:
            if version.number is not None and bare(version.origin) in replaced:
                self.taken_back.append(version.origin)
                if version.origin not in replaced and isinstance(state, Observed):
                    self.new.append(self._again(state, origin, version.source_time, version.sequence))
        return origin

    def _add(self, state: State, *, fresh: bool) -> None:
        self.new.append(state)
        self._fresh = [*self._fresh, state] if fresh else []

    def _read_again(self) -> None:
        """What could not be read may be readable now, also where it was found again."""
        told = {s.origin: s for s in self.told if isinstance(s, Observed) and _strength(s) != _UNTOLD}
        for version in self.line:
            state = told.get(bare(version.origin))
            unread = version.kind is VersionKind.UNREADABLE and version.manifest_no is None
            if state is not None and unread and (version.number is not None or version.aside):
                self.read_again.append(replace(state, origin=version.origin, sequence=version.sequence))

    def _put_behind(self, recorded: Sequence[_Entry]) -> None:
        """New states at the end of the newest look come after all that is known, whatever their numbers."""
        end = recorded[-1].place if recorded else -1
        moved = [state for state in self._fresh if (state.sequence or 0) < end]
        for count, state in enumerate(moved):
            self.new[self.new.index(state)] = replace(state, sequence=self.here + count)
        self.here += len(moved)

    def _set_aside_doubles(self, recorded: Sequence[_Entry]) -> None:
        """A number that was given twice: which came first cannot be told, and the later look decides."""
        taken = {entry.place for entry in recorded}
        self._set_aside([state for state in self.new if state.sequence in taken])

    def _set_aside(self, states: Sequence[State]) -> None:
        """Keep these reachable by their labels, at no time."""
        kept = [state for state in self.new if state not in states]
        self.new = [*kept, *(replace(s, aside=True) for s in states if isinstance(s, Observed))]

    # --- what the look found -----------------------------------------------------------------

    def _find(self, recorded: Sequence[_Entry], behind: Sequence[_Entry], *, late: bool) -> None:
        """Say at the look's own place how it found the document, where what stands before says otherwise."""
        coming = [_coming(s) for s in self.new if not (isinstance(s, Observed) and s.aside)]
        before = sorted((*recorded, *coming), key=lambda entry: entry.place)
        before = [entry for entry in before if entry.place <= self.here]
        last = before[-1] if before else None
        says = None if last is None else last.says
        if self._covered is not None and (
            late or (says and last and last.place < _NUMBERLESS and last.seen <= self._covered)
        ):
            self._shown = says  # it is the state that has the number
        if not self.survey.complete and says is not None and self._shown is not None:
            self._shown = says  # what breaks off may lack the present state
        if says == self._shown or any(entry.origin == self._shown for entry in behind):
            return
        present = self.told[-1]
        time = self.survey.time.instant
        if isinstance(present, Absent):
            self.new.append(replace(present, sequence=self.here))
        else:
            self.new.append(self._again(present, self._shown or "", time, self.here))
        if behind and behind[0].by_look and behind[0].says == self._shown:
            self.taken_back.append(behind[0].origin)  # says no more now

    def _end_as(
        self, was: str | None, since: Instant, recorded: Sequence[_Entry], moved: Sequence[_Entry]
    ) -> None:
        """Have the line end as it did, for a later look says so: `was`, from the time `since` on."""
        place, time = _place(self.here, since), SourceTime(since, TimeBasis.OBSERVED)
        present = self.told[-1]
        readable = [s for s in self.told if isinstance(s, Observed) and self._names[s.origin or ""] == was]
        if was == self._shown:
            pass
        elif was is None:
            self.new.append(_missed(present.key, time, place, present.lineage))
        elif readable:
            self.new.append(self._again(readable[-1], was, since, place))
        else:
            # The source took these back, and nobody has the end's text to tell it after them.
            end = recorded[-1].place
            self._set_aside([state for state in self.new if (state.sequence or 0) > end])
            return
        self.taken_back += [entry.origin for entry in moved]

    def _again(self, state: Observed, origin: str, since: Instant, place: int) -> Observed:
        """`state` once more, as it was found at `since`; its number stays with the first."""
        times = (SourceTime(since, TimeBasis.OBSERVED),)
        return replace(state, origin=f"{origin}~{place}", sequence=place, times=times, labels=())


def _on_line(line: Iterable[LineVersion]) -> list[_Entry]:
    standing = sorted((v for v in line if v.number is not None), key=lambda v: (v.sequence, v.no))
    return [
        _Entry(
            v.sequence,
            v.origin,
            None if v.kind is VersionKind.TOMBSTONE else bare(v.origin),
            v.sequence - _NUMBERLESS if v.sequence >= _NUMBERLESS else v.source_time,
        )
        for v in standing
    ]


def _coming(state: State) -> _Entry:
    origin = state.origin or ""
    return _Entry(state.sequence or 0, origin, bare(origin) if isinstance(state, Observed) else None, 0)


def _place(after: int, at: Instant) -> int:
    """Where stands what a look at `at` found, whose last state is at `after`."""
    if after >= _NUMBERLESS:
        return _NUMBERLESS + at
    return after - after % _ROOM + min(max(at >> _TICK, _RANKS), _ROOM - 1)


def _missed(key: str, time: SourceTime, place: int, lineage: str | None) -> Absent:
    return Absent(key, time, f"{MISSED}{key}@{time.instant}~{place}", lineage, place)


_UNTOLD, _DELETED, _TOLD = range(3)


def _strength(state: State | LineVersion) -> int:
    """How much is known of a state: that there is one, that it was deleted, or its text."""
    if isinstance(state, LineVersion):
        if state.kind is VersionKind.TOMBSTONE:
            return _DELETED
        return _UNTOLD if state.kind is VersionKind.UNREADABLE and state.manifest_no is None else _TOLD
    if isinstance(state, Absent):
        return _DELETED
    return _UNTOLD if _scheme(state).endswith(UNTOLD) else _TOLD


def _scheme(state: State | LineVersion) -> str:
    return (state.origin or "").partition(":")[0]
