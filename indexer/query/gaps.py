"""Versions that a source counted and did not keep, told by the numbers that it gives those which it has. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from indexer.model import Version, VersionStatus
from indexer.query.results import Gap

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}")


def gaps(versions: Sequence[Version], given: Mapping[int, Sequence[str]]) -> dict[int, Gap]:
    """Number of a version in the catalog → what is missing between it and the next one on the line.

    `versions` are all of one document, `given` the labels that its source gives them, by their numbers
    in the catalog. Only neighbours count that both have exactly one label which is a plain number. What
    any other version holds that was not withdrawn, such as one aside, is not missing.
    """
    line = sorted((v for v in versions if v.number is not None), key=lambda v: v.number or 0)
    numbers = {version.no: _number(given.get(version.no, ())) for version in line}
    held = {
        int(label)
        for version in versions
        if version.status is not VersionStatus.WITHDRAWN
        for label in given.get(version.no, ())
        if _NUMBER.fullmatch(label)
    }
    found: dict[int, Gap] = {}
    for earlier, later in pairwise(line):
        first, last = numbers[earlier.no], numbers[later.no]
        if first is not None and last is not None and (runs := _runs_without(held, first + 1, last - 1)):
            found[earlier.no] = Gap(runs)
    return found


def _number(labels: Iterable[str]) -> int | None:
    """The one label that is a plain number; None where none or several are."""
    numbers = [int(label) for label in labels if _NUMBER.fullmatch(label)]
    return numbers[0] if len(numbers) == 1 else None


def _runs_without(held: Iterable[int], first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The runs of `first` to `last` that are left without `held`; a source may count in great steps."""
    runs: list[tuple[int, int]] = []
    for number in sorted(number for number in held if first <= number <= last):
        if first < number:
            runs.append((first, number - 1))
        first = number + 1
    if first <= last:
        runs.append((first, last))
    return tuple(runs)
