"""Places in the trees of sources, such as ``HR/Policies``: which documents stand at or below one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from indexer.errors import UsageError
from indexer.query.description import PATH
from indexer.query.near import near
from indexer.query.view import View

_NAMED: Final = 3
"""Places that are named to people."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that somebody wrote, as it is understood."""

    documents: frozenset[int]
    """Those of which their source says that they stand there."""
    keys: frozenset[tuple[int, str]]
    """(document number, key) of those that stand there by this key, as nothing else is said of their place."""
    readings: tuple[str, ...] = ()
    """Where it was found, if not at the beginning of a path: the first few, as they are written."""

    def holds(self, document_no: int, key: str) -> bool:
        """Whether the document, at a version with this key, stands there."""
        return document_no in self.documents or (document_no, key) in self.keys


@dataclass(frozen=True, slots=True)
class _Key:
    """Where a document stands of which nothing is said."""

    document_no: int
    key: str
    path: str
    """The folded key behind the name of the source."""
    start: int
    """Where the key begins in it."""


class Trees:
    """Where everything that exists stands, as believed at the view's instant.

    The attribute ``path`` of a document says it, in several spellings if there are several; a document
    without one stands at its key, which the name of its source may precede.
    """

    def __init__(self, view: View, existing: Iterable[tuple[int, int, str]]) -> None:
        """`existing`: (document number, source number, key) of all that the scope could show."""
        self._view = view
        self._values = view.snapshot.attribute_values(PATH)
        self._paths = {value_no: _folded(value) for value_no, value in self._values.items()}
        names = {source.no: f"{_folded(source.name)}/" for source in view.snapshot.sources()}
        self._keys = [
            _Key(no, key, names[source_no] + _folded(key), len(names[source_no]))
            for no, source_no, key in existing
        ]
        self._existing = {key.document_no for key in self._keys}

    def at(self, written: str) -> Place | None:
        """The place that is written, whatever its case; None if nothing stands there.

        Paths are compared from their beginning; only where nothing at all is found so, anywhere inside. A
        title may hold slashes itself, so that a place is a string between two boundaries, no list of
        parts. Raises `UsageError` where nothing is written.
        """
        wanted = _folded(written.strip().strip("/").strip())
        if not wanted:
            raise UsageError(f'"{written}" is no place', remedy="write it like HR/Policies")
        value_nos = [no for no, path in self._paths.items() if _begins(path, wanted)]
        keys = [k for k in self._keys if _begins(k.path, wanted, k.start) or _begins(k.path, wanted)]
        if place := self._place(value_nos, keys):
            return place
        value_nos = [no for no, path in self._paths.items() if _inside(path, wanted)]
        keys = [key for key in self._keys if _inside(key.path, wanted)]
        return self._place(value_nos, keys, wanted)

    def nearest(self, written: str) -> list[str]:
        """Places that are spelt much like it, and that something stands below."""
        known = {place for value in self._values.values() for place in _above(value)}
        known.update(place for key in self._keys for place in _above(key.key))
        alike = near(written, known, count=2 * _NAMED)
        return [place for place in alike if self.at(place) is not None][:_NAMED]

    def _place(self, value_nos: list[int], keys: list[_Key], inside: str = "") -> Place | None:
        snapshot, at = self._view.snapshot, self._view.known_at
        documents = snapshot.documents_with(value_nos, at) & self._existing
        said = snapshot.attributes({key.document_no for key in keys}, at) if self._paths else {}
        # Of a document whose place is said, the key says nothing.
        keys = [key for key in keys if not said.get(key.document_no, {}).get(PATH)]
        if not documents and not keys:
            return None
        return Place(
            frozenset(documents),
            frozenset((key.document_no, key.key) for key in keys),
            tuple(self._readings(value_nos, keys, inside)) if inside else (),
        )

    def _readings(self, value_nos: list[int], keys: list[_Key], wanted: str) -> list[str]:
        by_value: dict[str, list[int]] = {}
        by_key: dict[str, set[int]] = {}
        for value_no in value_nos:
            by_value.setdefault(_upto(self._values[value_no], wanted), []).append(value_no)
        for key in keys:
            by_key.setdefault(_upto(key.key, wanted), set()).add(key.document_no)
        named: list[str] = []
        covered: set[int] = set()
        for place in sorted({*by_value, *by_key}):
            there = self._view.snapshot.documents_with(by_value.get(place, ()), self._view.known_at)
            there = there & self._existing | by_key.get(place, set())
            # Another spelling of a place that is named already says nothing new.
            if there - covered:
                covered |= there
                named.append(place)
            if len(named) > _NAMED:
                return [*named[:_NAMED], "…"]
        return named


def _folded(text: str) -> str:
    """`text` as it is compared: without case, and with accents written in one way."""
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def _begins(path: str, wanted: str, start: int = 0) -> bool:
    """Whether `wanted` is a run of whole parts at the beginning of `path` from `start` on."""
    end = start + len(wanted)
    return path.startswith(wanted, start) and path[end : end + 1] in ("", "/")


def _inside(path: str, wanted: str) -> bool:
    """Whether `wanted` is a run of whole parts anywhere in `path`."""
    return wanted in path and f"/{wanted}/" in f"/{path}/"


def _upto(spelling: str, wanted: str) -> str:
    """The beginning of `spelling` in which `wanted` is found, up to its end."""
    before, _, _ = f"/{_folded(spelling)}/".partition(f"/{wanted}/")
    # Folding can change lengths, but makes and takes no slashes.
    return "/".join(spelling.split("/")[: before.count("/") + wanted.count("/") + 1])


def _above(path: str) -> Iterator[str]:
    """The places above a path."""
    end = path.find("/")
    while end >= 0:
        if end:
            yield path[:end]
        end = path.find("/", end + 1)
