"""A document's history and the points of its source, from which the tests of selectors choose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from indexer.clock import to_instant
from indexer.model import Point, TimeBasis, Version, VersionKind, VersionStatus
from indexer.points import KnownPoints

BERLIN = ZoneInfo("Europe/Berlin")


def version(
    id: str,  # noqa: A002 - the field's name
    number: int | None,
    day: str | None,
    *labels: str,
    status: VersionStatus = VersionStatus.PAST,
    kind: VersionKind = VersionKind.CONTENT,
    was_number: int | None = None,
    origin: str = "",
    sequence: int | None = None,
    key: str = "a.md",
) -> Version:
    if sequence is None:
        sequence = next((place for commit, place in COMMITS.items() if commit in origin), number or 0)
    begin = None if day is None else to_instant(datetime.fromisoformat(day).replace(tzinfo=UTC))
    return Version(
        no=1,
        id=id,
        document_no=1,
        kind=kind,
        status=status,
        number=number,
        was_number=was_number,
        key=key,
        title="A",
        valid_from=begin,
        valid_to=None,
        time_basis=TimeBasis.COMMIT,
        recorded_from=0,
        recorded_to=None,
        source_time=begin,
        author=None,
        message=None,
        origin=origin,
        sequence=sequence,
        content_hash=None,
        text_hash=None,
        passages=1,
        labels=labels,
    )


ONE, TWO, THREE, FOUR, FIVE = (character * 40 for character in "12abc")
COMMITS = {
    ONE: 10,
    TWO: 20,
    "2fff" + "0" * 36: 25,
    THREE: 30,
    FOUR: 40,
    "3fa1" + "0" * 36: 35,
    "0abc" + "0" * 36: 1,
    FIVE: 50,
}


def points(commits: Mapping[str, int], tags: Mapping[str, Point] | None = None) -> KnownPoints:
    """A source whose line consists of `commits` (name → place), with tags."""
    tagged = tags or {}
    places = {name: Point(name, place) for name, place in commits.items()}
    places |= {point.revision: point for point in tagged.values()}
    return KnownPoints(
        lambda prefix: {name: place for name, place in commits.items() if name.startswith(prefix)},
        lambda: {name: point.revision for name, point in tagged.items()},
        places.__getitem__,
    )


POINTS = points(COMMITS)
HISTORY = [
    version("v_first000000000000000", 1, "2023-06-01T10:00", "1.0", "rev A", origin=f"commit:{ONE}:a.md"),
    version("v_second00000000000000", 2, "2024-03-01T09:00", "v3", "rev B", origin=f"commit:{TWO}:a.md"),
    version("v_thirdx00000000000000", 3, "2024-03-01T15:00", "v1.0.2", "Final", "2020", origin=THREE),
    version(
        "v_gone0000000000000000", 4, "2024-05-05T12:00", kind=VersionKind.TOMBSTONE, origin=f"commit:{FOUR}:a.md"
    ),
    version(
        "v_thirdy00000000000000",
        5,
        "2024-08-01T12:00",
        "final",
        status=VersionStatus.CURRENT,
        origin=f"commit:{FIVE}:b.md",
    ),
    version(
        "v_aside000000000000000", None, None, "v9-hotfix", status=VersionStatus.ASIDE, origin=f"commit:{'d' * 40}:a.md"
    ),
    version(
        "v_taken000000000000000",
        None,
        "2024-09-01T00:00",
        "v7",
        status=VersionStatus.WITHDRAWN,
        was_number=6,
        origin=f"commit:{'e' * 40}:a.md",
    ),
]  # fmt: skip


def short(found: Version) -> str:
    """The first word of its id."""
    return found.id.removeprefix("v_").rstrip("0")
