"""Snapshot plans against a model: random work in a folder between two scans."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from indexer.plan.snapshot import (
    Buried,
    Comparison,
    Created,
    Decision,
    Edited,
    Moved,
    Recorded,
    Resumed,
    Seen,
    Touched,
    Unreadable,
    compare,
    decide,
)

KEYS = ("a", "b", "c/a", "c/b", "d/e/a", "D/e/a")


@dataclass(frozen=True)
class File:
    inode: int
    content: str
    stamp: int
    readable: bool = True


class Folder:
    """A folder whose inodes are numbered as file systems do: the lowest free one is taken again."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self._stamps = count(1)

    def write(self, key: str, content: str) -> None:
        old = self.files.get(key)
        self.files[key] = File(old.inode if old else self._free_inode(), content, next(self._stamps))

    def replace(self, key: str, content: str) -> None:
        """Write beside and rename over it, as editors do."""
        self.files[key] = File(self._free_inode(), content, next(self._stamps))

    def copy(self, key: str, to: str) -> None:
        if key in self.files and key != to:
            self.write(to, self.files[key].content)

    def move(self, key: str, to: str) -> None:
        if key in self.files and key != to:
            self.files[to] = self.files.pop(key)

    def swap(self, key: str, other: str) -> None:
        if key in self.files and other in self.files:
            self.files[key], self.files[other] = self.files[other], self.files[key]

    def delete(self, key: str) -> None:
        self.files.pop(key, None)

    def lock(self, key: str) -> None:
        if key in self.files:
            old = self.files[key]
            self.files[key] = File(old.inode, old.content, next(self._stamps), readable=False)

    def _free_inode(self) -> int:
        used = {file.inode for file in self.files.values()}
        return next(inode for inode in count(1) if inode not in used)


class Scanner:
    """Sees a folder with or without inodes, and remembers documents from one scan to the next."""

    def __init__(self, inodes: bool) -> None:
        self._inodes = inodes

    def _file_id(self, file: File) -> str | None:
        return str(file.inode) if self._inodes else None

    def seen(self, folder: Folder) -> list[Seen]:
        return [
            Seen(key, str(file.stamp), self._file_id(file), len(file.content))
            for key, file in folder.files.items()
        ]

    def recorded(self, folder: Folder) -> dict[str, Recorded]:
        return {
            key: Recorded(
                key, no, str(file.stamp), self._file_id(file), _hash(file), len(file.content), file.readable
            )
            for no, (key, file) in enumerate(folder.files.items(), 1)
        }


def _hash(file: File) -> str | None:
    return f"b3:{file.content}" if file.readable else None


keys = st.sampled_from(KEYS)
few_contents = st.sampled_from(["", "x", "y", "zz"])
ANY_WORK = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["write", "replace"]), keys, few_contents),
        st.tuples(st.sampled_from(["copy", "move", "swap"]), keys, keys),
        st.tuples(st.sampled_from(["delete", "lock"]), keys),
    ),
    max_size=10,
)
DISTINCT_WORK = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["write", "replace"]), keys),
        st.tuples(st.sampled_from(["move", "swap"]), keys, keys),
        st.tuples(st.just("delete"), keys),
    ),
    max_size=12,
)


def work(folder: Folder, steps: list[tuple[str, ...]]) -> None:
    for name, *arguments in steps:
        getattr(folder, name)(*arguments)


def alike(document_no: int, key: str) -> float:
    """Some similarity or other, the same for every run."""
    return ((document_no * 7 + len(key) * 3) % 11) / 10


def planned(
    recorded: dict[str, Recorded], seen: list[Seen], folder: Folder, tombstoned: dict[str, int]
) -> tuple[Comparison, tuple[Decision, ...]]:
    comparison = compare(recorded, seen, complete=True)
    hashes = {entry.key: _hash(folder.files[entry.key]) for entry in comparison.to_read}
    return comparison, decide(recorded, comparison, hashes, alike, tombstoned)


@given(ANY_WORK, ANY_WORK, st.booleans())
def test_every_document_has_one_fate_and_every_key_one_decision(
    before: list[tuple[str, ...]], between: list[tuple[str, ...]], inodes: bool
) -> None:
    folder, scanner = Folder(), Scanner(inodes)
    work(folder, before)
    recorded = scanner.recorded(folder)
    tombstoned = {key: 100 + no for no, key in enumerate(KEYS) if key not in recorded}
    work(folder, between)
    comparison, decisions = planned(recorded, scanner.seen(folder), folder, tombstoned)

    to_read = [entry.key for entry in comparison.to_read]
    assert sorted(d.key for d in decisions if not isinstance(d, Buried)) == to_read
    fates = [d.document_no for d in decisions if not isinstance(d, Created) and d.document_no is not None]
    assert len(fates) == len(set(fates))
    untouched = {r.document_no for key, r in recorded.items() if key in folder.files and key not in to_read}
    assert len(untouched) == comparison.unchanged
    known = {r.document_no for r in recorded.values()}
    assert set(fates) & known == known - untouched
    assert set(fates) - known <= {
        d.document_no for d in decisions if isinstance(d, Resumed | Unreadable) and d.document_no
    }
    for decision in decisions:
        assert decision.reason
        match decision:
            case Touched(no, key) | Edited(no, key):
                assert recorded[key].document_no == no
            case Moved(no, previous, key) | Unreadable(no, key, _, str(previous)):
                assert recorded[previous].document_no == no
                assert previous != key
            case Buried(no, key):
                assert recorded[key].document_no == no
                assert key not in folder.files or key in to_read


@given(ANY_WORK, ANY_WORK, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_given_decides_nothing(
    before: list[tuple[str, ...]], between: list[tuple[str, ...]], inodes: bool, order: object
) -> None:
    folder, scanner = Folder(), Scanner(inodes)
    work(folder, before)
    recorded = scanner.recorded(folder)
    work(folder, between)
    seen = scanner.seen(folder)
    _, first = planned(recorded, seen, folder, {"a": 99})
    items = list(recorded.items())
    order.shuffle(items)  # type: ignore[attr-defined]
    order.shuffle(seen)  # type: ignore[attr-defined]
    _, second = planned(dict(items), seen, folder, {"a": 99})
    assert first == second


@given(DISTINCT_WORK, DISTINCT_WORK, st.booleans())
def test_where_contents_are_distinct_every_pure_move_is_found(
    before: list[tuple[str, ...]], between: list[tuple[str, ...]], inodes: bool
) -> None:
    folder, scanner, contents = Folder(), Scanner(inodes), count()

    def distinct_work(steps: list[tuple[str, ...]]) -> None:
        for name, *arguments in steps:
            if name in {"write", "replace"}:
                arguments.append(f"text {next(contents)}")
            getattr(folder, name)(*arguments)

    distinct_work(before)
    recorded = scanner.recorded(folder)
    places = {file.content: key for key, file in folder.files.items()}
    distinct_work(between)
    _, decisions = planned(recorded, scanner.seen(folder), folder, {})

    expected = {
        (recorded[places[file.content]].document_no, places[file.content], key)
        for key, file in folder.files.items()
        if file.content in places and places[file.content] != key
    }
    found = {
        (d.document_no, d.previous_key, d.key) for d in decisions if isinstance(d, Moved) and not d.edited
    }
    assert found == expected


@given(ANY_WORK, st.booleans())
def test_a_second_scan_of_the_same_folder_decides_nothing(
    before: list[tuple[str, ...]], inodes: bool
) -> None:
    folder, scanner = Folder(), Scanner(inodes)
    work(folder, [step for step in before if step[0] != "lock"])
    recorded = scanner.recorded(folder)
    comparison, decisions = planned(recorded, scanner.seen(folder), folder, {})
    assert comparison.unchanged == len(recorded)
    assert decisions == ()
