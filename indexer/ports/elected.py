"""One version of each of many documents, and no more of it than a search needs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple, Protocol

from indexer.model import Instant


class Rank(Enum):
    """Which version on a document's line."""

    FIRST = "first"
    LATEST = "latest"
    PREVIOUS = "previous"
    """The one before the latest."""


class Elected(NamedTuple):
    """A version that stands for its document."""

    version_no: int
    key: str
    """Of the document at this version."""
    manifest_no: int | None
    """Of its text; None where it has none."""


class Place(NamedTuple):
    """Where a version stands on its document's line."""

    version_no: int
    number: int
    valid_from: Instant
    key: str


class Labelled(NamedTuple):
    """That a version has a label."""

    document_no: int
    name: str
    version: Elected | None
    """None for one that is not on its document's line."""


class ElectedVersions(Protocol):
    """What a snapshot tells of one version of each document: a fraction of the work of reading their versions."""

    def present_keys(self, known_at: Instant) -> dict[int, tuple[int, str]]:
        """Document number → (source number, key) of every document known at R; the key is that of its last version."""

    def ranked(self, rank: Rank | int, known_at: Instant) -> dict[int, Elected]:
        """Document number → the version of this rank, or number, on its line as believed at R; those without one left out."""

    def begun(self, begin: Instant | None, end: Instant | None, known_at: Instant) -> dict[int, Place]:
        """Document number → where the last of its versions stands that began from `begin` to `end`, both included; None: no limit."""

    def elected(self, version_nos: Iterable[int], known_at: Instant) -> dict[int, Elected]:
        """These versions as believed at R, by number; ones unknown then are left out."""

    def label_names(self) -> list[str]:
        """Every label that any version ever had, each once; no tags."""

    def labelled(self, names: Iterable[str], known_at: Instant) -> list[Labelled]:
        """Which versions have one of these labels at R; tags apart."""

    def counted(self, known_at: Instant) -> dict[int, set[str]]:
        """Version number in the catalog → those of its labels that are numbers, tags apart; versions without any left out."""
