"""Times of an export: those of its descriptor, and those of its objects, which are written without a zone.

A zone is known by its name (``timezoneId``), or by the abbreviation in the descriptor's comment. The
abbreviation gives the offset at one moment only; a table says which zone it most likely belongs to.
Where several zones share one (``CST`` is China, Chicago and Cuba) it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from indexer.model import Instant

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

ABBREVIATIONS: Final[Mapping[str, tuple[int, str]]] = {
    "WET": (0, "Europe/Lisbon"),
    "WEST": (60, "Europe/Lisbon"),
    "CET": (60, "Europe/Berlin"),
    "CEST": (120, "Europe/Berlin"),
    "MEZ": (60, "Europe/Berlin"),
    "MESZ": (120, "Europe/Berlin"),
    "EET": (120, "Europe/Helsinki"),
    "EEST": (180, "Europe/Helsinki"),
    "MSK": (180, "Europe/Moscow"),
    "MSD": (240, "Europe/Moscow"),
    "SAST": (120, "Africa/Johannesburg"),
    "EAT": (180, "Africa/Nairobi"),
    "SGT": (480, "Asia/Singapore"),
    "HKT": (480, "Asia/Hong_Kong"),
    "KST": (540, "Asia/Seoul"),
    "JST": (540, "Asia/Tokyo"),
    "AEST": (600, "Australia/Sydney"),
    "AEDT": (660, "Australia/Sydney"),
    "NZST": (720, "Pacific/Auckland"),
    "NZDT": (780, "Pacific/Auckland"),
    "EST": (-300, "America/New_York"),
    "EDT": (-240, "America/New_York"),
    "MST": (-420, "America/Denver"),
    "MDT": (-360, "America/Denver"),
    "PST": (-480, "America/Los_Angeles"),
    "PDT": (-420, "America/Los_Angeles"),
    "AKST": (-540, "America/Anchorage"),
    "AKDT": (-480, "America/Anchorage"),
    "HST": (-600, "Pacific/Honolulu"),
    "BRT": (-180, "America/Sao_Paulo"),
    "BRST": (-120, "America/Sao_Paulo"),
}
"""Abbreviation → minutes east of UTC, and the zone of most of the people who use it.

The zones of the European Union share their rules, so that Berlin stands for all that say CET. Left out
because they mean places with other clocks: CST and CDT (Chicago, China, Cuba), IST (India, Ireland,
Israel), AST and ADT (Halifax, Riyadh), BST (London, Dhaka, Bougainville), and their like.
"""

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
"""Java writes this comment in English, whatever the server's language."""
_COMMENT: Final = re.compile(
    r"(?:[A-Za-z]{3},? +)?(?P<month>[A-Z][a-z]{2}) +(?P<day>[0-9]{1,2}) +(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r":(?P<second>[0-9]{2}) +(?P<zone>\S{1,40}) +(?P<year>[0-9]{4})"
)
_OFFSET: Final = re.compile(r"(?:UTC|GMT|UT)?(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?")
_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2}) +([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{0,6}))?"
)
_AROUND: Final = " \t\r\n'\"`\u2018\u2019\u201c\u201d"
"""What was seen around times that passed through other hands."""
_PAIR: Final = re.compile(r"(?P<key>(?:[^\\=: \t\f]|\\.)*)[ \t\f]*(?:[=:][ \t\f]*)?(?P<value>.*)", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.)|$)", re.DOTALL)
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What ``exportDescriptor.properties`` says."""

    values: Mapping[str, str] = field(default_factory=dict)
    """Its keys; of a key that stands there twice the last one."""
    taken: datetime | None = None
    """When the export was made, by its comment, with its zone; None where that is not there or ambiguous."""
    zone: tzinfo | None = None
    """The zone of the times in the export: that of ``timezoneId``; without it UTC for Cloud, else the comment's."""


def read_descriptor(text: str) -> Descriptor:
    """What the descriptor says; whatever makes no sense in it is as if it were not there."""
    values, comments = _properties(text)
    named = named_zone(values.get("timezoneId", ""))
    taken: datetime | None = None
    zone: tzinfo | None = None
    for comment in comments:
        found = _COMMENT.fullmatch(comment.strip())
        if found is not None:
            taken, zone = _comment_time(found, named)
            break
    if named is not None:
        zone = named
    elif values.get("source", "").strip().lower() == "cloud":
        zone = UTC
    return Descriptor(values, taken, zone)


def parse_time(text: str | None, zone: tzinfo | None) -> Instant | None:
    """The instant of ``yyyy-MM-dd HH:mm:ss`` with up to 6 digits of a fraction in `zone`; None for what is no time.

    Without a zone it is read as UTC. Of the two instants of an hour that is lived through twice it is the
    earlier one; a time that the clocks left out is moved on by as much as they were.
    """
    found = None if text is None else _TIME.fullmatch(text.strip(_AROUND))
    if found is None:
        return None
    *parts, fraction = found.groups()
    year, month, day, hour, minute, second = map(int, parts)
    microsecond = int((fraction or "").ljust(6, "0"))
    try:
        local = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone or UTC)
    except ValueError:
        return None
    return (local - _EPOCH) // _MICROSECOND


def from_root(text: str | None, zone: tzinfo | None) -> datetime | None:
    """The time in the root of an ``entities.xml``; None where it, or its zone, is not known."""
    instant = None if zone is None else parse_time(text, zone)
    try:
        return None if instant is None else (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)
    except OverflowError:  # at the very ends of the calendar
        return None


def named_zone(name: str) -> tzinfo | None:
    """The zone with a name such as ``Europe/Berlin`` or ``GMT+08:00``; None if there is none."""
    name = name.strip()
    if name in ("UTC", "GMT", "UT", "Z", "Etc/UTC"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        return (
            timezone(timedelta(minutes=-minutes if offset["sign"] == "-" else minutes))
            if minutes < 1440
            else None
        )
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A name that is a folder raises OSError, one with ".." or one of another file ValueError.
        return None


def _comment_time(found: re.Match[str], named: tzinfo | None) -> tuple[datetime | None, tzinfo | None]:
    """The time of the comment, and the zone that it was written in."""
    month = _MONTHS.get(found["month"])
    if month is None:
        return None, None
    try:
        local = datetime(  # noqa: DTZ001  its zone is found out below
            int(found["year"]), month, int(found["day"]),
            int(found["hour"]), int(found["minute"]), int(found["second"]),
        )  # fmt: skip
    except ValueError:
        return None, None
    if not 1970 <= local.year < 9000:
        return None, None
    word = found["zone"]
    if word in ABBREVIATIONS:
        minutes, name = ABBREVIATIONS[word]
        offset = timezone(timedelta(minutes=minutes))
        taken = local.replace(tzinfo=offset)
        zone = named_zone(name)
        if zone is not None and taken.astimezone(zone).utcoffset() != offset.utcoffset(None):
            # Standard time in a month when that zone keeps summer time: a place that has none, such as
            # Arizona, Jamaica or Brisbane.
            zone = offset
        return taken, zone
    if named is not None:
        # An ambiguous word is plain where the descriptor names a zone that is called so at that time.
        for fold in (0, 1):
            taken = local.replace(tzinfo=named, fold=fold)
            if taken.tzname() == word:
                return taken, named
    zone = named_zone(word) if word in ("UTC", "GMT", "UT", "Z") or _OFFSET.fullmatch(word) else None
    return (None if zone is None else local.replace(tzinfo=zone)), zone


def _properties(text: str) -> tuple[dict[str, str], list[str]]:
    """Keys and values, and the comments, of a file as `java.util.Properties` writes it."""
    values: dict[str, str] = {}
    comments: list[str] = []
    unfinished = ""
    for natural in re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")):
        line = natural.lstrip(" \t\f")
        if not unfinished and line[:1] in ("#", "!"):
            comments.append(line[1:])
            continue
        line = unfinished + line
        backslashes = len(line) - len(line.rstrip("\\"))
        if backslashes % 2:
            unfinished = line[:-1]
            continue
        unfinished = ""
        _take(line, values)
    _take(unfinished, values)
    return values, comments


def _take(line: str, values: dict[str, str]) -> None:
    found = _PAIR.fullmatch(line)
    if found is not None and line:
        values[_unescaped(found["key"])] = _unescaped(found["value"])


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    written = _ESCAPE.sub(_character, text)
    # Characters beyond the 16 bits of one escape are written as two.
    return written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return _CONTROLS.get(found[2] or "", found[2] or "")
