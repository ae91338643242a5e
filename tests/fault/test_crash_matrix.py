"""A process that dies at any step of the commit protocol: the next one goes on, and nothing shows of it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.story import STEPS, Story
from tests.support.indexes import fast_folder


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("crash-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[Story]:
    """The same story, told without any crash."""
    folder = fast_folder("undisturbed-")
    story = Story(folder, lance=False)
    story.tell()
    yield story
    story.home.close()
    shutil.rmtree(folder)


def _compare(story: Story, undisturbed: Story) -> None:
    home = story.home
    assert home.check().problems == []
    assert home.state() == undisturbed.home.state()
    assert home.table_rows() == home.catalog_rows()
    sizes = home.sizes()
    story._run()
    assert home.sizes() == sizes
    home.close()


# Recovery is the way to ``restored``; the others are met without help.
MET = [step for step in STEPS if step != "restored"]


@pytest.mark.parametrize("which", ["first", "last"])
@pytest.mark.parametrize("step", MET)
def test_a_crash_at_this_step_leaves_nothing_behind(
    place: Path, undisturbed: Story, occurrences: Counter[str], step: str, which: str
) -> None:
    count = 1 if which == "first" else occurrences[step]
    story = Story(place, lance=True)
    assert story.tell((step, count)) == [step]
    _compare(story, undisturbed)


@pytest.fixture(scope="module")
def occurrences() -> Iterator[Counter[str]]:
    """How often each step comes in an undisturbed life with LanceDB."""
    folder = fast_folder("counted-")
    story = Story(folder, lance=True)
    story.tell()
    yield Counter(story.home.steps.passed)
    story.home.close()
    shutil.rmtree(folder)


def test_the_story_meets_every_step(occurrences: Counter[str]) -> None:
    assert set(occurrences) == set(MET)


@pytest.mark.parametrize(
    "crashes",
    [
        (("passages written", 3), ("restored", 1)),
        (
            ("passages written", 3),
            ("restored", 1),
            ("restored", 1),
            ("recovered", 1),
            ("passages written", 1),
        ),
        (("compacted", 1), ("restored", 1), ("catalog committed", 1)),
        (("unpublished", 1), ("filled a part", 1), ("filled a part", 2), ("filled", 1)),
        (("filled a part", 2), ("restored", 1), ("filled a part", 1)),
    ],
    ids=lambda crashes: ", ".join(step for step, _ in crashes),
)
def test_crashes_while_recovering_leave_nothing_behind(
    place: Path, undisturbed: Story, crashes: tuple[tuple[str, int], ...]
) -> None:
    story = Story(place, lance=True)
    assert story.tell(*crashes)[: len(crashes)] == [step for step, _ in crashes]
    _compare(story, undisturbed)


@pytest.mark.parametrize("part", range(4))
def test_a_crash_at_any_moment_leaves_nothing_behind(undisturbed: Story, part: int) -> None:
    """Every second step that is passed, whatever its name, over passages in memory."""
    count = 2 * part + 1
    while True:
        folder = fast_folder("sweep-")
        story = Story(folder, lance=False)
        try:
            if not story.tell(("", count)):
                return
            _compare(story, undisturbed)
        finally:
            story.home.close()
            shutil.rmtree(folder)
        count += 8
