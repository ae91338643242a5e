"""What a source counted and did not keep, from the numbers that it gives its versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.model import Version, VersionStatus
from indexer.query.gaps import gaps
from indexer.query.results import Gap
from tests.support.library import DAY, Library, V
from tests.unit.cli import samples


def line(*labels: str | tuple[str, ...]) -> tuple[list[Version], dict[int, tuple[str, ...]]]:
    """Versions with these labels, and the labels by their numbers in the catalog, which are from 11 on."""
    given = {no: (label,) if isinstance(label, str) else label for no, label in enumerate(labels, start=11)}
    return [samples.version(no - 10, no=no) for no in given], given


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("1", "2", "3"), {}),
        (("1", "4"), {11: ((2, 3),)}),
        (("2", "5", "6", "8"), {11: ((3, 4),), 13: ((7, 7),)}),
        (("0", "2"), {11: ((1, 1),)}),
        (("5", "2"), {}),  # counted anew
        (("2", "2", "4"), {12: ((3, 3),)}),
        (("v1", "v4"), {}),
        (("1.0", "1.4"), {}),
        (("01", "04"), {}),
        (("1", (), "4"), {}),  # what is not counted tells nothing of its neighbours
        ((("1", "first"), ("4", "draft")), {11: ((2, 3),)}),
        ((("1", "7"), "9"), {}),  # which of both is meant?
        (("3", "9", "5"), {11: ((4, 4), (6, 8))}),  # 5 is there, in another order
        (("1", "999999999999999999"), {11: ((2, 999999999999999998),)}),
        ((), {}),
    ],
)
def test_numbers_between_two_neighbours_are_missing(
    labels: tuple[str, ...], expected: dict[int, tuple[tuple[int, int], ...]]
) -> None:
    assert gaps(*line(*labels)) == {no: Gap(runs) for no, runs in expected.items()}


def test_a_version_beside_the_line_is_not_missing_and_a_withdrawn_one_is() -> None:
    versions, given = line("1", "3")
    aside = samples.version(None, no=20, status=VersionStatus.ASIDE)
    withdrawn = samples.version(None, no=21, status=VersionStatus.WITHDRAWN)
    assert gaps([*versions, aside], given | {20: ("2",)}) == {}
    assert gaps([*versions, withdrawn], given | {21: ("2",)}) == {11: Gap(((2, 2),))}


def test_history_tells_the_gap_until_late_history_fills_it(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    two, three, five = (V(n * DAY, [f"Word {n}."], labels=(str(n),), sequence=n) for n in (2, 3, 5))
    library.write("a.md", [two, five], recorded=10 * DAY)

    def told(known_at: str | None = None) -> dict[int | None, tuple[tuple[int, int], ...]]:
        found = library.queries().history("a.md", known_at)
        numbers = {entry.version.no: entry.version.number for entry in found.versions}
        return {numbers[no]: gap.runs for no, gap in found.gaps.items()}

    assert told() == {1: ((3, 4),)}
    library.write("a.md", [two, three, five], recorded=20 * DAY)
    assert told() == {2: ((4, 4),)}
    assert told("1970-01-15") == {1: ((3, 4),)}


def test_labels_that_the_text_states_are_not_counted(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(n * DAY, [f"Word {n}."], labels=(str(n),)) for n in (2, 5)])
    library.catalog._sql.execute("UPDATE label SET stated = 1")
    assert library.queries().history("a.md").gaps == {}
    assert [entry.version.labels for entry in library.queries().history("a.md").versions] == [("5",), ("2",)]
