"""Families: documents that are editions of one work."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EditionKind(StrEnum):
    """By what the editions of a work are told apart, and so ordered."""

    SEMVER = "semver"
    """Numbers with dots: 2.4.7, 1.0-rc1."""
    NUMBER = "number"
    DATE = "date"
    SERIES = "series"
    """Dates of documents that follow each other and replace nothing, such as minutes: no versions of one work."""
    LETTER = "letter"
    WORD = "word"
    """Draft, final, or a label that nothing is known about."""


Order = tuple[int, ...]
"""What sorts the editions of one family; all of one kind have one length."""


@dataclass(frozen=True, slots=True)
class ParsedName:
    """What a key or title says about the edition that a document is."""

    work: str
    """The work's name in one normal form, with its folder: equal for the editions of one work. ``{}`` is where the edition stood."""
    name: str
    """The work's name for people, as it is written."""
    edition: str
    """The edition's label, as it is written, without a word such as "version" before it."""
    order: Order
    kind: EditionKind


@dataclass(frozen=True, slots=True)
class Described:
    """A document of one source, as far as its edition depends on it."""

    key: str
    title: str = ""
    labels: tuple[str, ...] = ()
    """What its text or properties state as its version."""
    date: str = ""
    """The date that it gives itself, in any of the forms that names have."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A document in its family."""

    key: str
    label: str
    order: Order
    kind: EditionKind
    stated: tuple[str, ...] = ()
    """Labels that the document itself states, where they are other ones."""


@dataclass(frozen=True, slots=True)
class Family:
    """Editions of one work, the oldest first."""

    work: str
    name: str
    kind: EditionKind
    """SERIES: not to be searched as versions of one work."""
    editions: tuple[Edition, ...]
    duplicates: tuple[tuple[str, ...], ...] = ()
    """Keys of documents that have one label: other formats of one edition, or a mistake."""
