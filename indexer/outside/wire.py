"""What a connector says, as plain data and back: events, contents, failures.

The process asks and is answered in frames (see `indexer.processes`): ``RECIPE`` (how to make the connector) with
``READY``; then each ``ASK`` (JSON) with ``EVENTS`` (JSON: a part of a listing), ``CONTENT`` (JSON: what is known of
bytes) and ``DATA`` (the bytes), ``OFFSHOOT`` (JSON), or with ``ERROR`` (JSON). ``FORGET`` (JSON) is not answered.

Functions stay in the process, which holds them under a number: what is told here of `Observed.read` and
`Tagged.look` is that number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, Final, get_args

from indexer import errors
from indexer.errors import DocumentError, IndexerError
from indexer.model import TimeBasis
from indexer.ports import Content, Event, Observed, Offshoot, Revision, SourceTime
from indexer.processes.frames import GarbageError

RECIPE: Final = b"M"
READY: Final = b"R"
ASK: Final = b"Q"
EVENTS: Final = b"V"
CONTENT: Final = b"C"
DATA: Final = b"D"
OFFSHOOT: Final = b"O"
ERROR: Final = b"E"
FORGET: Final = b"F"


class DefectError(Exception):
    """The connector failed as it should not; the message says how."""


Hold = Callable[[Callable[..., Any]], int]
"""Takes a function and gives the number under which it can be called from now on."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """Makes functions that stand for those that the other process holds."""

    read: Callable[[int, str, str | None], Callable[[], Content]]
    """Of its number, and the key and the origin of what is read."""
    look: Callable[[int], Callable[[str], Offshoot | None]]


# --- events -------------------------------------------------------------------------------------

_KINDS: Final[Mapping[str, type[Event]]] = {kind.__name__: kind for kind in get_args(Event)}
_BASES: Final = {basis.value: basis for basis in TimeBasis}


def encode_event(event: Event, hold: Hold) -> list[Any]:
    """The kind of an event and its fields, but for those that have their default."""
    if type(event) is Observed and _beyond_listing(event) == _NOTHING_BEYOND:
        times = [(time.instant, time.basis) for time in event.times]
        return [event.key, hold(event.read), times, event.etag, event.file_id, event.size]
    return [type(event).__name__, _fields_of(event, hold)]


def decode_event(said: Any, proxies: Proxies) -> Event:
    """The event. Raises `GarbageError`."""
    try:
        if len(said) > 2:
            key, number, times, etag, file_id, size = said
            read = proxies.read(number, key, None)
            return Observed(key, read, _decode_times(times), None, etag, file_id, size)
        kind, given = said
        event: Event = _made(_KINDS[kind], given, proxies)
        return event
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GarbageError("it is no event") from error


_LISTED: Final = ("key", "read", "times", "etag", "file_id", "size")
"""What a folder tells of a document. There can be a million of them, so that they are told as briefly as can be."""
_beyond_listing = attrgetter(*(field.name for field in fields(Observed) if field.name not in _LISTED))
_NOTHING_BEYOND: Final = _beyond_listing(Observed("", lambda: Content(b"")))


def encode_offshoot(offshoot: Offshoot | None, hold: Hold) -> Any:
    """The fields of an offshoot, or None."""
    return None if offshoot is None else _fields_of(offshoot, hold)


def decode_offshoot(said: Any, proxies: Proxies) -> Offshoot | None:
    """The offshoot. Raises `GarbageError`."""
    try:
        offshoot: Offshoot | None = None if said is None else _made(Offshoot, said, proxies)
        return offshoot
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GarbageError("it is no offshoot") from error


def _fields_of(value: Event | Offshoot, hold: Hold) -> dict[str, Any]:
    told: dict[str, Any] = {}
    kind: Any = type(value)
    names, defaults, values = _shape_of(kind)
    for name, default, held in zip(names, defaults, values(value), strict=True):
        if held is default or held == default:
            continue
        if name in ("read", "look"):
            told[name] = hold(held)
        elif name == "aside" and isinstance(value, Offshoot):
            told[name] = [_fields_of(state, hold) for state in held]
        else:
            encode = _ENCODE.get(name)
            told[name] = held if encode is None else encode(held)
    return told


def _made(kind: Any, given: dict[str, Any], proxies: Proxies) -> Any:
    for name, value in given.items():
        decode = _DECODE.get(name)
        if decode is not None:
            given[name] = decode(value)
    if kind is Observed:
        given["read"] = proxies.read(given["read"], given["key"], given.get("origin"))
    elif kind is Offshoot:
        given["aside"] = tuple(_made(Observed, state, proxies) for state in given["aside"])
    elif "look" in given:
        given["look"] = proxies.look(given["look"])
    return kind(**given)


@cache
def _shape_of(kind: Any) -> tuple[Sequence[str], Sequence[Any], Callable[[Any], Sequence[Any]]]:
    """The names of a kind's fields, their defaults, and how to take their values. No value equals the default of a field
    that has none.
    """
    names = [field.name for field in fields(kind)]
    defaults = [
        field.default_factory() if field.default_factory is not MISSING else field.default
        for field in fields(kind)
    ]
    if len(names) < 2:  # of none it makes no getter, of one no sequence
        return names, defaults, lambda value: [getattr(value, name) for name in names]
    return names, defaults, attrgetter(*names)


def _encode_time(time: SourceTime) -> list[Any]:
    return [time.instant, time.basis]


def _decode_time(said: Any) -> SourceTime:
    instant, basis = said
    return SourceTime(instant, _BASES[basis])


def _encode_times(times: Iterable[SourceTime]) -> list[Any]:
    return [[time.instant, time.basis] for time in times]


def _decode_times(said: Any) -> tuple[SourceTime, ...]:
    return tuple([SourceTime(instant, _BASES[basis]) for instant, basis in said])


_ENCODE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "time": _encode_time,
    "superseded": _encode_time,
    "times": _encode_times,
    "revisions": lambda revisions: [[revision.id, revision.sequence] for revision in revisions],
    **dict.fromkeys(("metadata", "attributes", "states", "tags"), dict),
}
"""Fields of events that are more than JSON has, whatever the event."""
_DECODE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "time": _decode_time,
    "superseded": _decode_time,
    "times": _decode_times,
    "revisions": lambda said: tuple(Revision(id_, sequence) for id_, sequence in said),
    "attributes": lambda said: {name: tuple(values) for name, values in said.items()},
    "labels": tuple,
    "origins": tuple,
}


# --- contents -----------------------------------------------------------------------------------


def encode_content(content: Content) -> dict[str, Any]:
    """What is known of the bytes, which are told apart."""
    times = _encode_times(content.times)
    return {"etag": content.etag, "times": times, "settled": content.settled, "file_id": content.file_id}


def decode_content(said: Any, data: bytes) -> Content:
    """The content. Raises `GarbageError`."""
    try:
        return Content(data, said["etag"], _decode_times(said["times"]), said["settled"], said["file_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise GarbageError("it is no content") from error


# --- failures -----------------------------------------------------------------------------------

_LONGEST: Final = 500
"""Characters of what a defect says of itself."""


def encode_failure(error: Exception) -> dict[str, str]:
    """What went wrong; an error of the program's own keeps its class, or the nearest that is known everywhere."""
    if not isinstance(error, IndexerError):
        return {"defect": f"{type(error).__name__}: {' '.join(str(error).split())[:_LONGEST]}"}
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
    return {"class": kind.__name__, "code": error.code, "message": error.message, "remedy": error.remedy}


def decode_failure(said: Any) -> IndexerError | DefectError:
    """The error. Raises `GarbageError`."""
    try:
        if "defect" in said:
            return DefectError(str(said["defect"]))
        kind: type[IndexerError] = getattr(errors, said["class"])
        message, remedy, code = (str(said[word]) for word in ("message", "remedy", "code"))
        if issubclass(kind, DocumentError):
            return kind(code, message, remedy=remedy)
        return kind(message, remedy=remedy, code=code)
    except (KeyError, TypeError, AttributeError) as error:
        raise GarbageError("it is no failure") from error
