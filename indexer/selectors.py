"""What people write to name a version: selectors, DOC@SEL, citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from indexer.model import Version
from indexer.timing import parse_instant

__all__ = [
    "Citation",
    "Reading",
    "Selection",
    "Selector",
    "format_citation",
    "parse_citation",
    "parse_instant",
    "parse_selector",
    "select",
    "split_reference",
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


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage in one version of one document; without a passage, that version."""

    source: str
    document_id: str
    version_id: str
    passage_id: str | None = None


def parse_selector(text: str) -> Selector:
    """Take a prefix off and check what follows it. Raises `UsageError`."""
    raise NotImplementedError


def select(
    versions: Sequence[Version],
    text: str | Selector,
    zone: tzinfo,
    commits: Mapping[str, int] | None = None,
) -> Selection:
    """The version that `text` names among one document's `versions`, oldest first, as believed at one R.

    `commits` maps each commit of the branch (its full hexadecimal name) to its place on it,
    increasing, so that a commit which did not touch the document selects too; None: not known.

    A tombstone or an unreadable version may be selected; callers say so. Raises `NotFoundError`
    (code ``no-such-version``), `AmbiguousError` (``ambiguous-version``, with candidates), and
    `UsageError` where the text can be nothing at all.
    """
    raise NotImplementedError


def split_reference(text: str) -> list[tuple[str, str | None]]:
    """The (DOC, SEL) that `text` can mean, likeliest first: all of it as DOC, then cut at the last "@", then at earlier ones."""
    raise NotImplementedError


def parse_citation(text: str) -> Citation:
    """Read ``indexer:<source>/<document id>@<version id>#<passage id>``. Raises `UsageError`."""
    raise NotImplementedError


def format_citation(citation: Citation) -> str:
    """Write the citation; `parse_citation` reads it back."""
    raise NotImplementedError
