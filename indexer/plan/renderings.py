"""Which states of a look are recorded already, be it in another rendering or without their texts. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from indexer.model import TimeBasis, VersionKind
from indexer.ports import Absent, Observed, SourceTime
from indexer.ports.recorded import LineVersion

UNTOLD: Final = "-untold"
"""How the part before the colon ends, of origins of states whose texts the source does not show at all."""
ROOM: Final = 1 << 40
"""From one number's place to the next."""
RANKS: Final = 1 << 20
"""So many places behind a number's own are for states that the source gave the same number."""
NUMBERLESS: Final = 1 << 61
"""From this place on stands what has no number, by the time of the look: behind all that has one."""
_AGAIN: Final = re.compile(r"~\d+$")
"""Behind the origin of a state, with a place: a look found the document in that state again."""

State = Observed | Absent


class Known(IntEnum):
    """How much is known of a state; more replaces less."""

    EXISTENCE = 0
    DELETION = 1
    TEXT = 2


@dataclass(slots=True)
class Recognised:
    """The states of a look, held against what is recorded."""

    new: list[State] = field(default_factory=list)
    """Those that come onto the line."""
    last: list[State] = field(default_factory=list)
    """Those of them that the look has after all that are recorded."""
    unread: list[State] = field(default_factory=list)
    """Recorded ones without a text that may be readable by now."""
    replaced: dict[str, str] = field(default_factory=dict)
    """Origins of recorded ones of which `new` says more → under which origin."""
    again: dict[str, Observed] = field(default_factory=dict)
    """Of those `replaced` the ones that looks had found again → what says so from now on."""
    names: dict[str, str] = field(default_factory=dict)
    """Origin as it is told → as it is recorded, or will be."""
    places: dict[str, int] = field(default_factory=dict)
    """Origin as it is told → where it stands, or will."""
    beside: set[str] = field(default_factory=set)
    """Origins as they are told of recorded ones that stand beside the line."""


def recognise(line: Sequence[LineVersion], states: Sequence[State]) -> Recognised:
    """Hold states, each at its place, against a document's line.

    States at one place whose origins begin differently are one, in two renderings, or deleted, or without
    its text: what says more stands, and of equals the one that was there first.
    """
    found = Recognised()
    by_origin = {version.origin: version for version in line}
    there: dict[int, list[LineVersion]] = defaultdict(list)
    again: dict[str, list[LineVersion]] = defaultdict(list)
    for version in line:
        if stands(version):
            again[bare(version.origin)].append(version)
            if not version.aside:
                there[version.sequence].append(version)
    for state in states:
        origin, known, at_place = state.origin or "", how_known(state), there[state.sequence or 0]
        same = by_origin.get(origin)
        if same is None or not stands(same):
            same = _numbered(line, same) or next(
                (v for v in reversed(at_place) if how_known(v) >= known and _other(v, state)), None
            )
        found.names[origin] = origin if same is None else bare(same.origin)
        found.places[origin] = (state.sequence or 0) if same is None else same.sequence
        if same is not None:
            found.last = []
            if same.aside:
                found.beside.add(origin)
            if isinstance(state, Observed):
                unread = [version for version in again[origin] if how_known(version) < known]
                found.unread += [replace(state, origin=v.origin, sequence=v.sequence) for v in unread]
            continue
        old = by_origin.get(origin)
        if (
            old is not None
            and isinstance(state, Observed)
            and NUMBERLESS <= old.sequence < (state.sequence or 0)
        ):
            # Versions keep their places, and that of this one was taken back.
            state = replace(state, origin=f"{origin}~{state.sequence}")
        found.new.append(state)
        less = [version for version in at_place if how_known(version) < known]
        found.last = [] if less else [*found.last, state]
        for version in (version for one in less for version in again[bare(one.origin)]):
            found.replaced[version.origin] = origin
            if version not in less and isinstance(state, Observed):
                time = SourceTime(version.source_time, TimeBasis.OBSERVED)
                found.again[version.origin] = found_again(state, origin, time, version.sequence)
    return found


def _numbered(line: Sequence[LineVersion], withdrawn: LineVersion | None) -> LineVersion | None:
    """The state with a number that one is which has none, and was taken back for those that have.

    None where nothing is known of that: it would pass for the one before.
    """
    if withdrawn is None or withdrawn.sequence < NUMBERLESS:
        return None
    own = [
        v for v in line if v.number is not None and v.sequence < NUMBERLESS and not is_found_again(v.origin)
    ]
    own = [v for v in own if v.kind is not VersionKind.TOMBSTONE]
    own = sorted(own, key=lambda v: (v.sequence, v.no))
    before = [v for v in own if v.source_time <= withdrawn.sequence - NUMBERLESS]
    found = next(iter(before[-1:] or own[:1]), None)
    return found if found is not None and how_known(found) is Known.TEXT else None


def found_again(state: Observed, origin: str, time: SourceTime, place: int) -> Observed:
    """`state`, recorded as `origin`, once more, as a look found it at `time`. Its number stays with the first."""
    return replace(state, origin=f"{origin}~{place}", sequence=place, times=(time,), labels=())


def bare(origin: str) -> str:
    """The source's own origin of a state, be it one that was found again."""
    return _AGAIN.sub("", origin)


def is_found_again(origin: str) -> bool:
    """Whether a look found the document in that state again."""
    return _AGAIN.search(origin) is not None


def stands(version: LineVersion) -> bool:
    """Whether it was not withdrawn."""
    return version.number is not None or version.aside


def how_known(state: State | LineVersion) -> Known:
    """How much is known of it."""
    if isinstance(state, LineVersion):
        if state.kind is VersionKind.TOMBSTONE:
            return Known.DELETION
        return (
            Known.EXISTENCE
            if state.kind is VersionKind.UNREADABLE and state.manifest_no is None
            else Known.TEXT
        )
    if isinstance(state, Absent):
        return Known.DELETION
    return Known.EXISTENCE if _scheme(state.origin).endswith(UNTOLD) else Known.TEXT


def _other(version: LineVersion, state: State) -> bool:
    return _scheme(version.origin) != _scheme(state.origin)


def _scheme(origin: str | None) -> str:
    return (origin or "").partition(":")[0]
