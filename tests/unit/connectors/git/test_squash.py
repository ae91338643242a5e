"""Several commits as one step: what is told in the end is what the ends differ by, and documents stay themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.git.changes import Change
from connectors.git.squash import Squash, Step
from indexer.model import TimeBasis
from indexer.plan.history import DocumentEvent, Handle, Threads
from indexer.ports import Absent, Content, Observed, Renamed, SourceTime

PATHS = (b"a", b"b", b"c", b"d")

Files = dict[bytes, int]
"""Path → what it holds."""


def _squashed(*commits: list[Change]) -> list[Step[int]]:
    squash: Squash[int] = Squash()
    for number, changes in enumerate(commits):
        squash.add(number, changes)
    return squash.take()


def _said(steps: list[Step[int]]) -> list[tuple]:
    return [
        (step.commit, step.change.path, step.change.blob, step.change.previous, step.path) for step in steps
    ]


def new(path: bytes, blob: int) -> Change:
    return Change(path, blob)  # type: ignore[arg-type]


def gone(path: bytes) -> Change:
    return Change(path, None)


def moved(previous: bytes, path: bytes, blob: int, *, edited: bool = False) -> Change:
    return Change(path, blob, previous, edited)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("commits", "said"),
    [
        ([[new(b"a", 1)], [new(b"a", 2)]], [(1, b"a", 2, None, b"a")]),
        ([[moved(b"a", b"b", 1)], [moved(b"b", b"c", 1)]], [(1, b"c", 1, b"a", b"c")]),
        ([[moved(b"a", b"b", 1)], [new(b"b", 2)]], [(1, b"b", 2, b"a", b"b")]),
        ([[moved(b"a", b"b", 1)], [moved(b"b", b"a", 1)]], [(1, b"a", 1, None, b"a")]),
        ([[moved(b"a", b"b", 1)], [gone(b"b")]], [(1, b"a", None, None, b"b")]),
        ([[gone(b"a")], [new(b"a", 2)]], [(1, b"a", 2, None, b"a")]),
        (
            [[moved(b"a", b"b", 1), moved(b"b", b"a", 2)]],
            [(0, b"a", 2, b"b", b"a"), (0, b"b", 1, b"a", b"b")],
        ),
        (
            [[moved(b"a", b"b", 1), moved(b"b", b"a", 2)], [moved(b"a", b"b", 2), moved(b"b", b"a", 1)]],
            [(1, b"a", 1, None, b"a"), (1, b"b", 2, None, b"b")],
        ),
        (
            [[moved(b"a", b"b", 1), moved(b"b", b"a", 2)], [gone(b"a")], [new(b"b", 3)]],
            [(1, b"b", None, None, b"a"), (2, b"b", 3, b"a", b"b")],
        ),
        ([[moved(b"a", b"b", 1)], [new(b"a", 2)]], [(0, b"b", 1, b"a", b"b"), (1, b"a", 2, None, b"a")]),
    ],
    ids=[
        "two edits",
        "moved twice",
        "moved and edited",
        "moved there and back",
        "moved and deleted",
        "deleted and created again",
        "swapped",
        "swapped twice",
        "swapped, one deleted, the other edited",
        "moved, and another in its place",
    ],
)
def test_what_is_left_of_several_commits(commits: list[list[Change]], said: list[tuple]) -> None:
    assert _said(_squashed(*commits)) == said


def test_what_was_taken_is_not_told_again() -> None:
    squash: Squash[int] = Squash()
    squash.add(0, [new(b"a", 1)])
    assert len(squash.take()) == 1
    assert squash.take() == []
    squash.add(1, [new(b"b", 2)])
    assert [step.path for step in squash.take()] == [b"b"]


class _Counted(bytes):
    """A path that counts how often it is compared or looked up."""

    asked = 0

    def __eq__(self, other: object) -> bool:
        _Counted.asked += 1
        return bytes.__eq__(self, other) if isinstance(other, bytes) else False

    def __hash__(self) -> int:
        _Counted.asked += 1
        return bytes.__hash__(self)


@pytest.mark.parametrize("make", [new, lambda path, _: gone(path)], ids=["created", "deleted"])
def test_the_work_grows_with_the_number_of_files_and_no_faster(make: Callable[[bytes, int], Change]) -> None:
    asked = []
    for size in (2_000, 20_000):
        paths = [_Counted(b"%06d" % number) for number in range(size)]
        _Counted.asked = 0
        steps = _squashed([make(path, 1) for path in paths], [new(path, 2) for path in paths])
        asked.append(_Counted.asked)
        assert len(steps) == size
    assert asked[0] < 2_000 * 40
    assert asked[1] <= asked[0] * 11


# --- random histories -----------------------------------------------------------------------------

acts = st.lists(
    st.lists(
        st.one_of(
            st.tuples(st.just("edit"), st.sampled_from(PATHS), st.none()),
            st.tuples(st.just("delete"), st.sampled_from(PATHS), st.none()),
            st.tuples(st.just("move"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
            st.tuples(st.just("swap"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
        ),
        max_size=1,
    ),
    max_size=8,
)


def _commit(files: Files, numbers: list[int], acts_: list[tuple]) -> list[Change]:
    """One commit: at most one thing happens in it, so that its changes are plain to see."""
    for what, path, other in acts_:
        if what == "edit":
            numbers.append(numbers[-1] + 1)
            files[path] = numbers[-1]
            return [new(path, files[path])]
        if path not in files:
            continue
        if what == "delete":
            del files[path]
            return [gone(path)]
        if what == "move" and other not in files:
            files[other] = files.pop(path)
            return [moved(path, other, files[other])]
        if what == "swap" and other in files and path != other:
            files[path], files[other] = files[other], files[path]
            return sorted(
                [moved(path, other, files[other]), moved(other, path, files[path])], key=lambda c: c.path
            )
    return []


@settings(max_examples=500)
@given(st.sets(st.sampled_from(PATHS)), acts)
def test_what_is_told_turns_one_end_into_the_other(begin: set[bytes], commits: list[list[tuple]]) -> None:
    files: Files = {path: number for number, path in enumerate(sorted(begin), 1)}
    before, numbers = dict(files), [len(files)]
    steps = _squashed(*[_commit(files, numbers, commit) for commit in commits])
    told = dict(before)
    for step in steps:
        if step.change.blob is None:
            told.pop(step.change.path, None)  # one that came and went is told of as gone, which is no harm
    leaving = {step.change.previous for step in steps if step.change.previous is not None}
    told = {path: blob for path, blob in told.items() if path not in leaving}
    told |= {step.change.path: step.change.blob for step in steps if step.change.blob is not None}
    assert told == files


@settings(max_examples=500)
@given(st.sets(st.sampled_from(PATHS)), acts)
def test_documents_are_the_same_as_commit_by_commit(begin: set[bytes], commits: list[list[tuple]]) -> None:
    """By the rules of `indexer.plan.history.Threads`, for every path that is there in the end."""
    files: Files = {path: number for number, path in enumerate(sorted(begin), 1)}
    known, numbers = dict(files), [len(files)]
    plain = [_commit(files, numbers, commit) for commit in commits]
    single = [Step(n, change, change.path) for n, changes in enumerate(plain) for change in changes]
    one, other = _holders(known, single), _holders(known, _squashed(*plain))
    for path in sorted(files):
        assert _same(one.get(path), path, known) == _same(other.get(path), path, known), path


def _holders(known: Files, steps: list[Step[int]]) -> dict[bytes, Handle]:
    threads = Threads(lambda _, key: known.get(key.encode()))
    holders: dict[bytes, Handle] = {**known}
    for step in steps:
        handle = threads.handle(_event(step))
        if handle is not None:
            holders = {path: held for path, held in holders.items() if held != handle}
            if step.change.blob is not None:
                holders[step.change.path] = handle
    return holders


def _same(handle: Handle | None, path: bytes, known: Files) -> object:
    """A known document's number; all new ones are alike, and what nothing was told of is what it was."""
    return handle if isinstance(handle, int) else "new" if handle is not None else known.get(path)


def _event(step: Step[int]) -> DocumentEvent:
    change, time = step.change, SourceTime(step.commit * 1000, TimeBasis.COMMIT)
    key, origin = change.path.decode(), f"{step.commit}:{step.path.decode()}"
    if change.blob is None:
        return Absent(key, time, origin)
    if change.previous is None:
        return Observed(key, partial(Content, b""), (time,), origin)
    return Renamed(key, change.previous.decode(), origin, time, exchanged=step.exchanged)
