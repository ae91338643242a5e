"""What a snapshot plan decides, rule by rule."""

from __future__ import annotations

import pytest

from indexer.plan.snapshot import Seen, compare, decide
from tests.unit.plan.snapshots import Alike, File, plan, recorded_of, short, size_of

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
    seen = [
        Seen(key, f"{content}/{inode}", inode, size_of(content)) for key, (content, inode) in after.items()
    ]
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
