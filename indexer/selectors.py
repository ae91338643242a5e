"""What people write to name a version of a document: selectors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from indexer.clock import rfc3339
from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.model import Point, TimeBasis, Version, VersionStatus
from indexer.points import KnownPoints, at_place, no_points, states
from indexer.timing import looks_like_instant, parse_instant

__all__ = [
    "Reading",
    "Selection",
    "Selector",
    "commit_of",
    "parse_instant",
    "parse_selector",
    "select",
    "tag_for_all",
]


class Reading(StrEnum):
    """The ways in which a selector can be read, in the order in which they are tried."""

    WORD = "word"
    IDENTIFIER = "id"
    LABEL = "label"
    NUMBER = "number"
    DATE = "date"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector before it meets versions."""

    text: str
    """As it was written."""
    value: str
    """Without its prefix."""
    reading: Reading | None
    """What the prefix says it is; None: whatever fits."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The version that a selector means."""

    version: Version
    resolved_by: str
    """For people, such as ``label "3"``."""
    alternatives: tuple[Version, ...] = ()
    """Other versions that it could have meant."""


WORDS: Final = ("latest", "first", "previous")
"""Selectors that say which version on the line is meant."""
_PREFIXES: Final = {r.value: r for r in (Reading.LABEL, Reading.NUMBER, Reading.DATE, Reading.COMMIT)}
NUMBER: Final = re.compile(r"[vV]?([1-9][0-9]{0,17})")
IDENTIFIER: Final = re.compile(r"v_[0-9a-z]*", re.IGNORECASE)
_COMMIT: Final = re.compile(r"[0-9a-f]{4,64}", re.IGNORECASE)
_PLAIN_DIGITS: Final = 7
"""From this length on, digits alone may be a commit: Git's own shortest abbreviation."""
_IDENTIFIER_DIGITS: Final = 6
"""The fewest digits of a version id that are taken for it."""
_ORIGIN: Final = re.compile(r"(?:commit:|tree:)?([0-9a-f]{7,64})(?![0-9a-zA-Z])")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_selector(text: str) -> Selector:
    """Take a prefix off and check what follows it. Raises `UsageError`."""
    stripped = text.strip()
    prefix, colon, rest = stripped.partition(":")
    reading = _PREFIXES.get(prefix.lower()) if colon else None
    value = rest.strip() if reading else stripped
    if not value:
        raise UsageError(
            f'"{text}" names no version', remedy="write a number, a label, a date, a version id or a commit"
        )
    if reading is Reading.NUMBER and not NUMBER.fullmatch(value):
        raise UsageError(f'"{value}" is not a version number', remedy="write it like number:3")
    if reading is Reading.COMMIT and not _COMMIT.fullmatch(value):
        raise UsageError(f'"{value}" is not a commit', remedy="write 4 or more of its hexadecimal digits")
    return Selector(text, value, reading)


def select(
    versions: Sequence[Version],
    text: str | Selector,
    zone: tzinfo,
    points: KnownPoints | None = None,
) -> Selection:
    """The version that `text` names among one document's `versions`, oldest first, as believed at one R.

    Without a prefix every reading is tried in the order of `Reading`; the first that fits is taken,
    and what the later ones would have meant is named. Where several versions hold a label and have one
    text, the last of them is taken and the others are named. Withdrawn versions and those aside have no
    number and no date: they are reached by id and commit, and those aside by label.

    `points` are the revisions and tags of the document's source, believed at the same R, so that a
    commit which did not touch the document selects too; None: there are none. A tag is a label of
    the version that the document has at it, and comes before labels of the same name.

    A tombstone or an unreadable version may be selected; callers say so. Raises `NotFoundError`
    (code ``no-such-version``), `AmbiguousError` (``ambiguous-version``, with candidates), and
    `UsageError` where the text can be nothing at all.
    """
    selector = text if isinstance(text, Selector) else parse_selector(text)
    value = selector.value
    line = [v for v in versions if v.number is not None and v.valid_from is not None]
    known = points or no_points()
    readings: dict[Reading, Callable[[], Selection | None]] = {
        Reading.WORD: lambda: _by_word(line, value),
        Reading.IDENTIFIER: lambda: _by_identifier(versions, value),
        Reading.LABEL: lambda: _by_label(versions, value, known),
        Reading.NUMBER: lambda: _by_number(line, value),
        Reading.DATE: lambda: _by_date(line, value, zone),
        Reading.COMMIT: lambda: _by_commit(versions, line, value, known),
    }
    if selector.reading is not None:
        chosen = readings[selector.reading]()
        if chosen is None:
            raise _nothing(versions, line, selector, zone)
        return chosen
    chosen = None
    for reading, read in readings.items():
        if reading is Reading.DATE and not is_instant(value, zone):
            continue
        if reading is Reading.COMMIT and not looks_like_commit(value):
            continue
        if chosen is None:
            chosen = read()
        elif reading in (Reading.NUMBER, Reading.DATE):
            chosen = _with_other(chosen, read())
    if chosen is None:
        raise _nothing(versions, line, selector, zone)
    return chosen


def tag_for_all(text: str, points: KnownPoints) -> Point | None:
    """What is known of the tag that `text` names whatever document of its source is asked for.

    None where the versions of each have to be asked, by `select`. Raises `UsageError`.
    """
    selector = parse_selector(text)
    value = selector.value
    if selector.reading not in (None, Reading.LABEL):
        return None
    if selector.reading is None and (value.lower() in WORDS or IDENTIFIER.fullmatch(value)):
        return None
    named = points.tags_named(value, str.casefold)
    return points.at_tag(named[0]) if len(named) == 1 else None


def commit_of(version: Version) -> str | None:
    """The commit that made the version, in full; None for sources without commits."""
    written = _ORIGIN.match(version.origin) if version.time_basis is TimeBasis.COMMIT else None
    return None if written is None else written[1]


# --- readings: None where the text does not fit; ambiguity raises ------------------------------


def _by_word(line: Sequence[Version], value: str) -> Selection | None:
    word = value.lower()
    if word not in WORDS or not line:
        return None
    if word == "first":
        return Selection(line[0], word)
    if word == "latest":
        return Selection(line[-1], word)
    return Selection(line[-2], "previous: the one before the latest") if len(line) > 1 else None


def _by_identifier(versions: Sequence[Version], value: str) -> Selection | None:
    start = value.lower()
    if not IDENTIFIER.fullmatch(start) or len(start) < len("v_") + _IDENTIFIER_DIGITS:
        return None
    found = [v for v in versions if v.id.startswith(start)]
    return _only(found, f"version id {start}") if found else None


def _by_label(versions: Sequence[Version], value: str, points: KnownPoints) -> Selection | None:
    candidates = [v for v in versions if v.status is not VersionStatus.WITHDRAWN]
    for same in (str.casefold, bare_label):
        if tags := points.tags_named(value, same):
            return _at_tags(versions, value, tags, points)
        found = [v for v in candidates if any(same(label) == same(value) for label in v.labels)]
        if found:
            written = next(label for label in found[0].labels if same(label) == same(value))
            return _only_text(found, f'label "{written}"')
    return None


def _at_tags(versions: Sequence[Version], value: str, tags: Sequence[str], points: KnownPoints) -> Selection:
    """The document's state at a tag; `tags` are several where their names differ by no more than case or a v."""
    found = {version.id: version for tag in tags for version in states(versions, points.at_tag(tag))}
    if found:
        return _only(list(found.values()), f'tag "{tags[0]}"')
    point = points.at_tag(tags[0])
    message = f"the document did not exist at tag {tags[0]}"
    remedy = _others(versions, value)
    if point.place is None:
        # Whether `history` left it out or its objects are missing is not recorded, so both remedies are named.
        message = f"what is at tag {tags[0]} is not known: its commit {point.revision[:12]} is not indexed"
        remedy = (
            "mend what `indexer failures` lists of the source, or set its `history` to more, and run "
            f"`indexer backfill`; {remedy}"
        )
    if written := NUMBER.fullmatch(value):
        remedy += f"; number:{written[1]} is read as a number alone"
    raise NotFoundError(message, remedy=remedy, code="no-such-version")


def _by_number(line: Sequence[Version], value: str) -> Selection | None:
    written = NUMBER.fullmatch(value)
    if written is None:
        return None
    number = int(written[1])
    found = next((v for v in line if v.number == number), None)
    return None if found is None else Selection(found, f"number {number}")


def _by_date(line: Sequence[Version], value: str, zone: tzinfo) -> Selection | None:
    first, last = parse_instant(value, zone)
    begun = [v for v in line if v.valid_from is not None and v.valid_from <= last]
    if not begun:
        return None
    that_day: tuple[Version, ...] = ()
    if _DAY.fullmatch(value):
        that_day = tuple(v for v in begun[:-1] if v.valid_from is not None and v.valid_from >= first)
    return Selection(begun[-1], f"effective at {rfc3339(last)}, the end of {value} ({zone})", that_day)


def _by_commit(
    versions: Sequence[Version], line: Sequence[Version], value: str, points: KnownPoints
) -> Selection | None:
    start = value.lower()
    origins = {v.id: written[1] for v in versions if (written := _ORIGIN.match(v.origin))}
    named = {commit for commit in origins.values() if commit.startswith(start)} | points.revisions(start)
    if not named:
        return None
    if len(named) > 1:
        made = [v for v in versions if origins.get(v.id) in named]
        listed = ", ".join(sorted(named)[:5]) + (" …" if len(named) > 5 else "")
        raise AmbiguousError(
            f"{len(named)} commits begin with {start}: {listed}",
            remedy="write more of its digits",
            code="ambiguous-version",
            candidates=made,
        )
    commit = named.pop()
    made = [v for v in versions if origins.get(v.id) == commit]
    if made:
        # One commit can touch a document twice (a rename, then an edit): its state is the last.
        return _only([v for v in made if v in line][-1:] or made, f"commit {commit[:12]}")
    point = points.at(commit)
    if point.place is None:
        return None
    there = [at_place(line, point.place)] if not point.keys else states(versions, point)
    found = [version for version in there if version is not None]
    return _only(found, f"the state at commit {commit[:12]}") if found else None


# --- what goes with them ---------------------------------------------------------------------


def is_instant(value: str, zone: tzinfo) -> bool:
    """Whether it can be read as a date or a time."""
    if not looks_like_instant(value):
        return False
    try:
        parse_instant(value, zone)
    except UsageError:
        return False  # it may still be a label; if nothing fits, `_nothing` says what is wrong with it
    return True


def looks_like_commit(value: str) -> bool:
    """Whether it can be meant as a commit though nothing says so."""
    return bool(_COMMIT.fullmatch(value)) and (not value.isdigit() or len(value) >= _PLAIN_DIGITS)


def bare_label(label: str) -> str:
    """The label without case and without the v before a number."""
    return re.sub(r"^v(?=[0-9])", "", label.casefold())


def _only(found: Sequence[Version], by: str) -> Selection:
    if len(found) == 1:
        return Selection(found[0], by)
    raise AmbiguousError(
        f"{by} fits {len(found)} versions: {', '.join(_short(v) for v in found[:5])}"
        + (" …" if len(found) > 5 else ""),
        remedy="name one of them by its id or its number",
        code="ambiguous-version",
        candidates=found,
    )


def _only_text(found: Sequence[Version], by: str) -> Selection:
    """As `_only`; but versions of one text are no question: the last one on the line, if any is, stands for all."""
    texts = {v.text_hash for v in found}
    if len(texts) > 1 or None in texts:
        return _only(found, by)
    last = ([v for v in found if v.number is not None] or found)[-1]
    return Selection(last, by, tuple(v for v in found if v.id != last.id))


def _with_other(chosen: Selection, other: Selection | None) -> Selection:
    """`chosen`, saying what else the same text could have meant."""
    if other is None or other.version.id == chosen.version.id:
        return chosen
    named = f"{chosen.resolved_by} ({other.resolved_by} is another version: {other.version.id})"
    others = {v.id: v for v in (*chosen.alternatives, other.version)}
    return Selection(chosen.version, named, tuple(others.values()))


def _short(version: Version) -> str:
    return version.id if version.number is None else f"{version.number} ({version.id})"


def _nothing(
    versions: Sequence[Version], line: Sequence[Version], selector: Selector, zone: tzinfo
) -> NotFoundError:
    """Why nothing fits, and what there is instead. Raises `UsageError` where the text is no possible date."""
    value = selector.value
    dated = selector.reading in (None, Reading.DATE) and looks_like_instant(value)
    number = NUMBER.fullmatch(value)
    withdrawn = [v for v in versions if number and v.number is None and v.was_number == int(number[1])]
    if not line:
        message, remedy = "the document has no version that is still believed", _others(versions)
    elif dated:
        parse_instant(value, zone)
        begin = rfc3339(line[0].valid_from)
        message, remedy = (
            f"no version was effective yet at the end of {value}",
            f"the document begins on {begin}",
        )
    elif value.lower() == "previous" and selector.reading is None:
        message, remedy = "there is no version before the latest", "the document has only one version"
    elif withdrawn:
        message = f"version {value} was withdrawn by its source"
        remedy = f"name it by its id: {', '.join(v.id for v in withdrawn)}"
    elif IDENTIFIER.fullmatch(value) and len(value) < len("v_") + _IDENTIFIER_DIGITS:
        message = f"{value} is too short for a version id"
        remedy = f"write at least {_IDENTIFIER_DIGITS} characters after v_"
    else:
        kind = "" if selector.reading is None else f" {selector.reading.value}"
        message, remedy = f'no version fits{kind} "{value}"', _others(versions, value)
    return NotFoundError(message, remedy=remedy, code="no-such-version", candidates=withdrawn)


def _others(versions: Sequence[Version], value: str = "") -> str:
    """What there is: the range of numbers, and the labels nearest to `value`."""
    numbers = [v.number for v in versions if v.number is not None]
    labels = {label.casefold(): label for v in versions for label in v.labels}
    near = get_close_matches(value.casefold(), labels, n=5, cutoff=0.3)
    if not numbers:
        there = "there is only " + ", ".join(v.id for v in versions[:5]) if versions else "there is none"
    elif len(numbers) == 1:
        there = f"there is only version {numbers[0]}"
    else:
        there = f"there are versions {min(numbers)} to {max(numbers)}"
    return there + (f"; the nearest labels are {', '.join(labels[label] for label in near)}" if near else "")
