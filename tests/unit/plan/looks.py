"""Looks at one document in a few words, and the line that they make: for tests of `indexer.plan.surveys`.

    line = tell([], Look(15, "1a"))            # version 1 with the text a, found present at 15
    line = tell(line, Look(25, "1a 2b trash"))
    shown(line)                                # "1a 2b gone@25"

A state is a number and a text: ``2b``; ``2-`` was deleted, ``2?`` has no text, ``2b'`` is another rendering,
``·b'`` one without a number. Version n was made at 10 × n, unless it says otherwise: ``2b@12``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from indexer.model import TimeBasis, VersionKind
from indexer.plan.history import DocumentEvent
from indexer.plan.surveys import Settled, foresee, gone, settle
from indexer.ports import Absent, Content, Observed, SourceTime, Survey
from indexer.ports.recorded import LineVersion

BEGIN: Final = 1_600_000_000_000_000
HOUR: Final = 3_600_000_000
_STATE: Final = re.compile(r"(\d*)(·?)([a-z]|-|\?)('?)(?:@(\d+))?")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look tells of the document; nothing where it does not have it."""

    at: int
    states: str = ""
    superseded: int | None = None
    complete: bool = True

    @property
    def survey(self) -> Survey:
        """The survey that it belongs to."""
        later = None if self.superseded is None else _time(self.superseded)
        return Survey("HR/", _time(self.at), self.complete, later)

    def events(self) -> Iterator[DocumentEvent]:
        """What it tells."""
        for word in self.states.split():
            if word == "trash":
                yield Absent("501", _time(self.at), f"trashed:HR/501@{self.at}", "HR/501")
            else:
                yield _state(word, self.at)


def _state(word: str, at: int) -> Observed | Absent:
    found = _STATE.fullmatch(word)
    assert found, word
    number, _, text, view, made = found.groups()
    time = SourceTime(_time(int(made or number or at) if made or not number else 10 * int(number)).instant, TimeBasis.PAGE_VERSION)  # fmt: skip
    place, labels = f"HR/501@{number or '?'}", (number,) if number else ()
    sequence = int(number) << 40 if number else None
    if text == "-":
        return Absent("501", time, f"page-deleted:{place}", "HR/501", sequence, labels=labels)
    scheme = "page-untold" if text == "?" else f"page{'-view' if view else ''}"
    origin = f"{scheme}:{place}" + ("" if text == "?" else f"#{text}")
    return Observed(
        "501",
        lambda: Content(b""),
        (time,),
        origin,
        lineage="HR/501",
        sequence=sequence,
        labels=labels,
    )


def tell(line: list[LineVersion], *looks: Look) -> list[LineVersion]:
    """The line after these looks were told of it, one after another."""
    for look in looks:
        line = foresee(line, settled(line, look).events)
    return line


def settled(line: list[LineVersion], look: Look) -> Settled:
    """What becomes of a look that is told of the line."""
    events = list(look.events())
    if events:
        return settle(look.survey, line, events)
    missing = look.complete and look.superseded is None and line
    absent = gone(look.survey, line) if missing else None
    return Settled([] if absent is None else [absent], late=False)


def shown(line: list[LineVersion]) -> str:
    """The line in the same words; what stands beside it in brackets, what was withdrawn left out."""
    standing = sorted((v for v in line if v.number is not None), key=lambda v: (v.sequence, v.no))
    beside = [f"({_word(v)})" for v in line if v.aside]
    return " ".join([*map(_word, standing), *beside])


def _word(version: LineVersion) -> str:
    origin, _, again = version.origin.partition("~")
    scheme, _, place = origin.partition(":")
    number, _, text = place.rpartition("@")[2].partition("#")
    at = f"@{(version.source_time - BEGIN) // HOUR}"
    if version.kind is VersionKind.TOMBSTONE:
        return f"{number}-" if scheme == "page-deleted" else f"gone{at}"
    return f"{'·' if number == '?' else number}{text or '?'}{chr(39) if 'view' in scheme else ''}" + (
        at if again else ""
    )


def _time(at: int) -> SourceTime:
    return SourceTime(BEGIN + at * HOUR, TimeBasis.OBSERVED)
