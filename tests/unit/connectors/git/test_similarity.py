"""Two files are taken for one that was renamed exactly where Git takes them for that."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.git.similarity import alike
from tests.support.git_remotes import run_git
from tests.support.git_repository import GitRepository
from tests.support.indexes import fast_folder

Pair = tuple[bytes, bytes]

words = st.sampled_from((b"leave", b"travel", b"days", b"policy", b"a" * 70, b"\xff\xfe", "Grüße".encode()))
ends = st.sampled_from((b"\n", b"\n", b"\n", b"\r\n", b" ", b"\0\n"))
lines = st.lists(st.tuples(words, words, ends).map(b"".join), min_size=1, max_size=14)


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """A text, and one that has about half of it."""
    before = draw(lines)
    kept = draw(st.lists(st.booleans(), min_size=len(before), max_size=len(before)))
    added = draw(st.lists(st.tuples(words, ends).map(b"".join), max_size=len(before)))
    after = [line for line, keep in zip(before, kept, strict=True) if keep]
    place = draw(st.integers(0, len(after)))
    # Git before 2.44 overlooks a last line without its end; later ones and this project do not.
    return b"".join([*before, b"\n"]), b"".join([*after[:place], *added, *after[place:], b"\n"])


def _renamed(pairs_: list[Pair]) -> list[bool]:
    """What Git says of each pair, each in a commit of its own."""
    folder = fast_folder("alike-")
    try:
        repository = GitRepository(folder / "repository", bare=True)
        found = []
        for before, after in pairs_:
            repository.files = {}
            first = repository.write("before", before).commit()
            second = repository.remove("before").write("after", after).commit()
            said = run_git(repository.folder, "diff-tree", "-r", "-M", "--name-status", first, second)
            found.append(said.startswith("R"))
        return found
    finally:
        shutil.rmtree(folder)


@settings(max_examples=25)
@given(st.lists(pairs(), min_size=8, max_size=8))
def test_it_is_gits_own_decision(pairs_: list[Pair]) -> None:
    different = [(before, after) for before, after in pairs_ if before != after and before and after]
    assert [alike(*pair) for pair in different] == _renamed(different)


def test_at_the_very_edge_it_is_gits_own_decision() -> None:
    """Files that have 48 to 52 percent in common."""
    close = []
    for size in (100, 101, 128, 1000):
        for share in range(int(size * 0.48), int(size * 0.52) + 1, max(1, size // 100)):
            before = b"".join(b"%06d\n" % n for n in range(size))
            after = b"".join(b"%06d\n" % n if n < share else b"x%05d\n" % n for n in range(size))
            close += [(before, after), (after, before), (before + b"more\n", after)]
    assert [alike(*pair) for pair in close] == _renamed(close)


@pytest.mark.parametrize(
    "pair",
    [
        (b"a\n" * 100, b"a\n" * 51 + b"b\n" * 49),
        (b"one long line " * 40 + b"\n", b"one long line " * 20 + b"another line!!" * 20 + b"\n"),
        (b"x" * 1000 + b"\n", b"x" * 1000 + b"y" * 990 + b"\n"),
        (b"line\r\n" * 50, b"line\n" * 50),
        (b"\0binary\r\n" * 50, b"\0binary\n" * 50),
        (b"text\n" * 2000 + b"\0\n", b"text\r\n" * 2000 + b"\0\n"),
        (b"\n" * 50, b"\n" * 99),
        (b"a\n", b"b\n"),
        (b"\r\r\n" * 30, b"\r\n" * 30),
    ],
)
def test_odd_files_are_no_exception(pair: Pair) -> None:
    assert [alike(*pair)] == _renamed([pair])


@pytest.mark.parametrize(("before", "after"), [(b"", b""), (b"", b"text"), (b"text", b"")])
def test_nothing_is_like_nothing(before: bytes, after: bytes) -> None:
    assert not alike(before, after)


def test_a_last_line_counts_without_its_end() -> None:
    """As in Git from 2.44 on."""
    assert alike(b"a common last line", b"new\na common last line")
    assert not alike(b"no end of line", b"no end of line\n")
