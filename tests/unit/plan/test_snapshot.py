"""What a snapshot plan decides, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from indexer.plan.snapshot import (
    Buried,
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
    refusal,
)

File = tuple[str | None, str | None]
"""Content (None: unreadable) and inode; the size is the content's length, 7 where unreadable."""


@dataclass
class Alike:
    """Answers similarities from a table, 0 elsewhere, and keeps what it was asked."""

    table: Mapping[tuple[int, str], float] = field(default_factory=dict)
    asked: list[tuple[int, str]] = field(default_factory=list)

    def __call__(self, document_no: int, key: str) -> float:
        self.asked.append((document_no, key))
        return self.table.get((document_no, key), 0.0)


def recorded_of(before: Mapping[str, File]) -> dict[str, Recorded]:
    """Documents numbered from 1 in the order given."""
    return {
        key: Recorded(key, no, f"{content}/{inode}", inode, _hash(content), _size(content))
        for no, (key, (content, inode)) in enumerate(before.items(), 1)
    }


def _hash(content: str | None) -> str | None:
    return None if content is None else f"b3:{content}"


def _size(content: str | None) -> int:
    return 7 if content is None else len(content)


def plan(
    before: Mapping[str, File],
    after: Mapping[str, File],
    *,
    alike: Mapping[tuple[int, str], float] | None = None,
    tombstoned: Mapping[str, int] | None = None,
    passed_over: tuple[str, ...] = (),
) -> list[str]:
    """Decisions in short, burials first within a key, such as ``moved 1 a→b``."""
    recorded = recorded_of(before)
    seen = [Seen(key, f"{content}/{inode}", inode, _size(content)) for key, (content, inode) in after.items()]
    comparison = compare(recorded, seen, complete=True)
    hashes = {
        entry.key: _hash(after[entry.key][0]) for entry in comparison.to_read if entry.key not in passed_over
    }
    return [short(d) for d in decide(recorded, comparison, hashes, Alike(alike or {}), tombstoned or {})]


def short(decision: Decision) -> str:
    match decision:
        case Moved(no, previous, key, edited):
            return f"moved {no} {previous}→{key}" + (" edited" if edited else "")
        case Created(key):
            return f"created {key}"
        case Unreadable(no, key, _, previous):
            return f"unreadable {no or 'new'} {key}" + (f" from {previous}" if previous else "")
        case Touched(no, key) | Edited(no, key) | Resumed(no, key) | Buried(no, key):
            return f"{type(decision).__name__.lower()} {no} {key}"


CASES: dict[str, tuple[dict[str, File], dict[str, File], list[str]]] = {
    "nothing changed": ({"a": ("A", "1")}, {"a": ("A", "1")}, []),
    "the same content saved again": ({"a": ("A", "1")}, {"a": ("A", "2")}, ["touched 1 a"]),
    "an edit": ({"a": ("A", "1")}, {"a": ("A2", "1")}, ["edited 1 a"]),
    "an edit saved by rename": ({"a": ("A", "1")}, {"a": ("A2", "2")}, ["edited 1 a"]),
    "a new file": ({}, {"a": ("A", "1")}, ["created a"]),
    "a deletion": ({"a": ("A", "1")}, {}, ["buried 1 a"]),
    "a rename": ({"a": ("A", "1")}, {"b": ("A", "1")}, ["moved 1 a→b"]),
    "a rename that lost the inode": ({"a": ("A", "1")}, {"b": ("A", "9")}, ["moved 1 a→b"]),
    "a rename that changes only case": ({"Read.md": ("A", "1")}, {"READ.md": ("A", "1")}, ["moved 1 Read.md→READ.md"]),
    "a swap": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"a": ("B", "2"), "b": ("A", "1")},
        ["moved 2 b→a", "moved 1 a→b"],
    ),
    "a swap without inodes": (
        {"a": ("A", None), "b": ("B", None)},
        {"a": ("B", None), "b": ("A", None)},
        ["moved 2 b→a", "moved 1 a→b"],
    ),
    "a swap of contents, inodes in place": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"a": ("B", "1"), "b": ("A", "2")},
        ["moved 2 b→a", "moved 1 a→b"],
    ),
    "a chain": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"b": ("A", "1"), "c": ("B", "2")},
        ["moved 1 a→b", "moved 2 b→c"],
    ),
    "a cycle of three": (
        {"a": ("A", "1"), "b": ("B", "2"), "c": ("C", "3")},
        {"b": ("A", "1"), "c": ("B", "2"), "a": ("C", "3")},
        ["moved 3 c→a", "moved 1 a→b", "moved 2 b→c"],
    ),
    "cp b a, over an existing a": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"a": ("B", "1"), "b": ("B", "2")},
        ["edited 1 a"],
    ),
    "mv b a, over an existing a": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"a": ("B", "2")},
        ["buried 1 a", "moved 2 b→a"],
    ),
    "moved away, and another one in its place": (
        {"a": ("A", "1")},
        {"a": ("X", "2"), "b": ("A", "1")},
        ["created a", "moved 1 a→b"],
    ),
    "the same without inodes": (
        {"a": ("A", None)},
        {"a": ("X", None), "b": ("A", None)},
        ["created a", "moved 1 a→b"],
    ),
    "a copy": ({"a": ("A", "1")}, {"a": ("A", "1"), "b": ("A", "2")}, ["created b"]),
    "a copy, and then an edit in place": (
        {"a": ("A", "1")},
        {"a": ("X", "1"), "b": ("A", "2")},
        ["edited 1 a", "created b"],
    ),
    "a copy, and then an edit saved by rename": (
        {"a": ("A", "1")},
        {"a": ("X", "3"), "b": ("A", "2")},
        ["edited 1 a", "created b"],
    ),
    "a copy over another document, and then an edit": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"a": ("X", "1"), "b": ("A", "2")},
        ["edited 1 a", "edited 2 b"],
    ),
    "a copy of a copy, and then an edit of the first": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"a": ("X", "1"), "b": ("A", "2"), "c": ("B", "3")},
        ["edited 1 a", "edited 2 b", "created c"],
    ),
    "two equal files moved: inodes decide": (
        {"x/a": ("A", "1"), "y/a": ("A", "2")},
        {"z/a": ("A", "2"), "x/b": ("A", "1")},
        ["moved 1 x/a→x/b", "moved 2 y/a→z/a"],
    ),
    "two equal files moved without inodes: names decide": (
        {"x/a": ("A", None), "x/b": ("A", None)},
        {"z/b": ("A", None), "y/a": ("A", None)},
        ["moved 1 x/a→y/a", "moved 2 x/b→z/b"],
    ),
    "then folders decide": (
        {"p/q/a": ("A", None), "r/s/a": ("A", None)},
        {"r/t/a": ("A", None), "p/u/a": ("A", None)},
        ["moved 1 p/q/a→p/u/a", "moved 2 r/s/a→r/t/a"],
    ),
    "a folder of equal files renamed": (
        {"old/de/a": ("A", None), "old/en/a": ("A", None)},
        {"new/en/a": ("A", None), "new/fr/a": ("A", None)},
        ["moved 2 old/en/a→new/en/a", "moved 1 old/de/a→new/fr/a"],
    ),
    "and where nothing tells them apart, their order": (
        {f"old {c}": ("A", None) for c in "fbdace"},
        {f"new {c}": ("A", None) for c in "ecadbf"},
        [f"moved {no} old {c}→new {c}" for no, c in ((4, "a"), (2, "b"), (5, "c"), (3, "d"), (6, "e"), (1, "f"))],
    ),
    "one of two equal files moved": (
        {"a": ("A", "1"), "b": ("A", "2")},
        {"b": ("A", "2"), "c": ("A", "1")},
        ["moved 1 a→c"],
    ),
    "a missing document moves before one in place": (
        {"b": ("A", None), "x": ("A", None)},
        {"x": ("X", None), "d/x": ("A", None)},
        ["moved 1 b→d/x", "edited 2 x"],
    ),
    "an empty file never matches by content": (
        {"a": ("", "1")},
        {"b": ("", "2")},
        ["buried 1 a", "created b"],
    ),
    "an empty file matches by content and inode": ({"a": ("", "1")}, {"b": ("", "1")}, ["moved 1 a→b"]),
    "an unreadable document": ({"a": ("A", "1")}, {"a": (None, "1")}, ["unreadable 1 a"]),
    "a new unreadable file": ({}, {"a": (None, "1")}, ["unreadable new a"]),
    "unreadable, then readable": ({"a": (None, "1")}, {"a": ("A", "1")}, ["edited 1 a"]),
    "unreadable, and another document moved over it": (
        {"a": (None, "1"), "b": ("B", "2")},
        {"a": ("B", "2")},
        ["buried 1 a", "moved 2 b→a"],
    ),
    "unreadable, then readable with a known size and inode": (
        {"a": (None, "1"), "b": ("BBBBBBB", "2")},
        {"a": ("BBBBBBB", "1")},
        ["edited 1 a", "buried 2 b"],
    ),
    "an unreadable document is not thought to have moved": (
        {"a": ("A", "1")},
        {"a": (None, "1"), "b": ("A", "2")},
        ["unreadable 1 a", "created b"],
    ),
    "unless its inode is elsewhere with its content": (
        {"a": ("A", "1")},
        {"a": (None, "3"), "b": ("A", "1")},
        ["unreadable new a", "moved 1 a→b"],
    ),
    "a readable hard link to it proves no move": (
        {"a": ("A", "1")},
        {"a": (None, "1"), "b": ("A", "1")},
        ["unreadable 1 a", "created b"],
    ),
    "moved and unreadable: same inode and size": (
        {"a": ("Astring", "1")},
        {"b": (None, "1")},
        ["unreadable 1 b from a"],
    ),
    "the inode alone does not make it the same": (
        {"a": ("A", "1")},
        {"b": (None, "1")},
        ["buried 1 a", "unreadable new b"],
    ),
    "a swap, one of them unreadable": (
        {"a": ("Astring", "1"), "b": ("B", "2")},
        {"a": ("B", "2"), "b": (None, "1")},
        ["moved 2 b→a", "unreadable 1 b from a"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES.keys())
def test_contents_decide(before: dict[str, File], after: dict[str, File], expected: list[str]) -> None:
    assert plan(before, after) == expected


ALIKE_CASES: dict[str, tuple[dict[str, File], dict[str, File], dict[tuple[int, str], float], list[str]]] = {
    "renamed and edited": ({"a": ("A", "1")}, {"b": ("A2", "1")}, {(1, "b"): 0.5}, ["moved 1 a→b edited"]),
    "an inode used again for another text": (
        {"a": ("A", "1")},
        {"b": ("X", "1")},
        {(1, "b"): 0.49},
        ["buried 1 a", "created b"],
    ),
    "similar, with another inode": (
        {"a": ("A", "1")},
        {"b": ("A2", "2")},
        {(1, "b"): 1.0},
        ["buried 1 a", "created b"],
    ),
    "moved over another and edited": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"b": ("A2", "1")},
        {(1, "b"): 0.9, (2, "b"): 0.2},
        ["buried 2 b", "moved 1 a→b edited"],
    ),
    "the one that was there is as similar": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"b": ("B2", "1")},
        {(1, "b"): 0.9, (2, "b"): 0.9},
        ["buried 1 a", "edited 2 b"],
    ),
    "a chain of edited moves": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"b": ("A2", "1"), "c": ("B2", "2")},
        {(1, "b"): 0.9, (2, "b"): 0.2, (2, "c"): 0.8},
        ["moved 1 a→b edited", "moved 2 b→c edited"],
    ),
    "put out by an equal content, found by its inode": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"a": ("B", "2"), "c": ("A2", "1")},
        {(1, "c"): 0.8},
        ["moved 2 b→a", "moved 1 a→c edited"],
    ),
    "the freed place of a moved document": (
        {"a": ("A", "1"), "b": ("B", "2")},
        {"b": ("A2", "1"), "c": ("B", "2")},
        {(1, "b"): 0.7},
        ["moved 1 a→b edited", "moved 2 b→c"],
    ),
}


@pytest.mark.parametrize(
    ("before", "after", "alike", "expected"), ALIKE_CASES.values(), ids=ALIKE_CASES.keys()
)
def test_inodes_decide_together_with_similarity(
    before: dict[str, File],
    after: dict[str, File],
    alike: dict[tuple[int, str], float],
    expected: list[str],
) -> None:
    assert plan(before, after, alike=alike) == expected


def test_similarity_is_asked_only_where_inodes_are_equal() -> None:
    recorded = recorded_of({"a": ("A", "1"), "b": ("B", "2"), "c": ("C", None), "d": ("D", "4")})
    seen = [Seen("e", "x", "1", 3), Seen("f", "x", "9", 3), Seen("g", "x", None, 3), Seen("d", "x", "4", 3)]
    alike = Alike()
    hashes = {entry.key: f"b3:{entry.key}" for entry in seen}
    decide(recorded, compare(recorded, seen, complete=True), hashes, alike, {})
    assert alike.asked == [(1, "e")]


def test_a_path_that_is_created_again_resumes_its_document() -> None:
    assert plan({}, {"a": ("X", "1"), "b": ("Y", "2")}, tombstoned={"a": 7}) == ["resumed 7 a", "created b"]


def test_an_unreadable_file_where_one_was_deleted_resumes_that_document() -> None:
    assert plan({}, {"a": (None, "1")}, tombstoned={"a": 7}) == ["unreadable 7 a"]


def test_a_document_that_moves_to_a_deleted_path_stays_itself() -> None:
    assert plan({"b": ("B", "1")}, {"a": ("B", "1")}, tombstoned={"a": 7}) == ["moved 1 b→a"]


def test_a_key_that_was_not_looked_at_leaves_its_document_as_it_is() -> None:
    after: dict[str, File] = {"a": ("X", "1"), "b": ("A", "2"), "c": ("C", "3")}
    assert plan({"a": ("A", "1")}, after, passed_over=("a", "c")) == ["created b"]


def test_a_file_that_was_renamed_while_it_was_listed_has_moved() -> None:
    before: dict[str, File] = {"a": ("A", "1")}
    recorded = recorded_of(before)
    seen = [Seen("a", "other", "1", 1), Seen("b", "A/1", "1", 1)]
    decisions = decide(recorded, compare(recorded, seen, complete=True), {"b": "b3:A"}, Alike(), {})
    assert [short(decision) for decision in decisions] == ["moved 1 a→b"]


def reasons(before: dict[str, File], after: dict[str, File]) -> dict[str, str]:
    recorded = recorded_of(before)
    seen = [Seen(key, f"{content}/{inode}", inode, _size(content)) for key, (content, inode) in after.items()]
    comparison = compare(recorded, seen, complete=True)
    hashes = {entry.key: f"b3:{after[entry.key][0]}" for entry in comparison.to_read}
    return {d.key: d.reason for d in decide(recorded, comparison, hashes, Alike(), {})}


def test_a_copy_says_of_what() -> None:
    assert reasons({"a": ("A", "1")}, {"a": ("A", "1"), "b": ("A", "2")}) == {"b": "copy of a"}
    assert reasons({"a": ("A", "1")}, {"c": ("A", "1"), "b": ("A", "2")})["b"] == "copy of c"
    assert reasons({"a": ("A", "1")}, {"a": ("X", "1"), "b": ("A", "2")})["b"] == "copy of a before its edit"
    assert (
        reasons({"a": ("", "1")}, {"a": ("", "1"), "b": ("", "2")})["b"] == "nothing like it was here before"
    )


def test_a_folder_of_500_files_keeps_every_history() -> None:
    before: dict[str, File] = {f"old/{i % 7}/f{i}.md": (f"text {i % 450}", str(i)) for i in range(500)}
    after = {key.replace("old/", "new/place/"): file for key, file in before.items()}
    assert plan(before, after) == [f"moved {no} {old}→{new}" for new, no, old in sorted(
        (new, no, old) for no, (old, new) in enumerate(zip(before, after, strict=True), 1)
    )]  # fmt: skip


def test_thousands_of_equal_files_are_paired_by_their_paths() -> None:
    before: dict[str, File] = {f"old/{i}/LICENSE": ("MIT", None) for i in range(2000)}
    after = {key.replace("old", "new"): file for key, file in before.items()}
    decided = plan(before, after)
    assert len(decided) == 2000
    assert all(d.split()[2].split("→")[0][3:] == d.split("→")[1][3:] for d in decided)


# --- stage 1 ---------------------------------------------------------------------------------


BEFORE = recorded_of({key: (key, key) for key in ("a", "hr", "hr/a", "hr/b/c", "hrx/a", "it/a")})


@pytest.mark.parametrize(
    ("complete", "scopes", "unknown", "missing"),
    [
        (True, None, (), "a hr hr/a hr/b/c hrx/a it/a"),
        (True, None, ("hr",), "a hrx/a it/a"),
        (True, None, ("hr/b", "it"), "a hr hr/a hrx/a"),
        (True, None, ("",), ""),
        (True, ("hr",), (), "hr hr/a hr/b/c"),
        (True, ("hr", "it/a"), ("hr/b",), "hr hr/a it/a"),
        (True, ("",), (), "a hr hr/a hr/b/c hrx/a it/a"),
        (True, (), (), ""),
        (False, None, (), ""),
        (False, ("hr",), (), ""),
    ],
)
def test_only_what_is_proven_absent_is_missing(
    complete: bool, scopes: tuple[str, ...] | None, unknown: tuple[str, ...], missing: str
) -> None:
    comparison = compare(BEFORE, [], unknown, complete=complete, scopes=scopes)
    assert [known.key for known in comparison.missing] == missing.split()
    left = sorted(set(BEFORE) - set(missing.split()))
    assert [known.key for known in comparison.unverifiable] == left


def test_what_is_seen_in_an_unknown_scope_counts() -> None:
    comparison = compare(BEFORE, [Seen("hr/a", "other", "1", 1)], ("",), complete=True)
    assert [entry.key for entry in comparison.to_read] == ["hr/a"]


def test_new_changed_unsettled_and_unstamped_files_are_read() -> None:
    recorded = {
        r.key: r
        for r in (
            Recorded("same", 1, "e", "1", "b3:x", 1),
            Recorded("changed", 2, "e", "2", "b3:x", 1),
            Recorded("unsettled", 3, "e", "3", "b3:x", 1, settled=False),
            Recorded("unstamped", 4, None, "4", "b3:x", 1),
        )
    }
    seen = [Seen(key, "e", None, 1) for key in ("same", "unsettled", "new")]
    seen += [Seen("changed", "f", None, 1), Seen("unstamped", None, None, 1)]
    comparison = compare(recorded, seen, complete=True)
    assert comparison.unchanged == 1
    assert [entry.key for entry in comparison.to_read] == ["changed", "new", "unsettled", "unstamped"]
    assert comparison.missing == comparison.unverifiable == ()


@pytest.mark.parametrize(
    ("buried", "live", "refused"),
    [
        (0, 0, False),
        (0, 10, False),
        (1, 1, True),
        (10, 10, True),
        (9, 10, False),  # below the minimum
        (30, 100, False),  # exactly the share
        (31, 100, True),
        (19, 60, False),
        (20, 60, True),
    ],
)
def test_a_surprising_mass_deletion_is_refused(buried: int, live: int, refused: bool) -> None:
    reason = refusal(buried, live, 0.3, 20)
    assert (reason is not None) is refused
    if reason is not None:
        assert "documents" in reason
        assert "\n" not in reason
