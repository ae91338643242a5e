"""When passages were there, and since when without a break."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.model import FOREVER, Row, TimeBasis, Version, VersionKind, VersionStatus
from indexer.query.presence import Presence, number_ranges
from indexer.weave import State, reconcile

KINDS = {None: VersionKind.UNREADABLE, "gone": VersionKind.TOMBSTONE}


def version(number: int, kind: VersionKind) -> Version:
    return Version(
        no=number, id=f"v_{number}", document_no=1, kind=kind, status=VersionStatus.PAST, number=number,
        was_number=None, key="a.md", title="a.md", valid_from=10 * number, valid_to=None,
        time_basis=TimeBasis.COMMIT, recorded_from=1, recorded_to=None, source_time=None, author=None,
        message=None, origin="", sequence=number, content_hash=None, text_hash=None, passages=0,
    )  # fmt: skip


def presence(*states: str | None) -> Presence:
    """One version per state: its passages as letters, None unreadable, "gone" a tombstone."""
    kinds = [KINDS.get(state, VersionKind.CONTENT) for state in states]
    held = [
        state if kind is VersionKind.CONTENT and state else ""
        for state, kind in zip(states, kinds, strict=True)
    ]
    line = [State(10 * n, frozenset(map(ord, letters))) for n, letters in enumerate(held, start=1)]
    rows = [
        Row(n, span.item, 1, 1, 1, span.valid_from, span.valid_to, 1, FOREVER, span.closed_recorded)
        for n, span in enumerate(reconcile([], line, 1).add)
    ]
    return Presence(rows, [version(n, kind) for n, kind in enumerate(kinds, start=1)], known_at=5)


def introduced(at: Presence, letter: str, number: int) -> int | None:
    found = at.introduced(ord(letter), 10 * number)
    return None if found is None else found.number


def test_a_passage_was_introduced_where_its_unbroken_presence_began() -> None:
    line = presence("a", "ab", "b", "ab")
    assert [introduced(line, "a", n) for n in (1, 2, 3, 4)] == [1, 1, None, 4]
    assert [introduced(line, "b", n) for n in (1, 2, 3, 4)] == [None, 2, 2, 2]


def test_versions_that_cannot_be_read_break_nothing() -> None:
    line = presence("a", None, None, "a")
    assert introduced(line, "a", 4) == 1
    assert introduced(line, "a", 2) is None


def test_a_deletion_breaks_it_also_beside_a_version_that_cannot_be_read() -> None:
    assert introduced(presence("a", "gone", "a"), "a", 3) == 3
    assert introduced(presence("a", None, "gone", "a"), "a", 4) == 4
    assert introduced(presence("a", None, "b", "a"), "a", 4) == 4


states = st.one_of(st.sets(st.sampled_from("abc")).map("".join), st.none(), st.just("gone"))


@given(st.lists(states, min_size=1, max_size=8))
def test_versions_and_origins_agree_with_walking_the_line(line: list[str | None]) -> None:
    line = [state if state != "" else "c" for state in line]
    found = presence(*line)
    for letter in "abc":
        holding = [n for n, s in enumerate(line, start=1) if s not in (None, "gone") and letter in (s or "")]
        assert [v.number for v in found.versions_with(ord(letter))] == holding
        for number in range(1, len(line) + 1):
            began = number if number in holding else None
            for earlier in range(number - 1, 0, -1) if began else ():
                if earlier in holding:
                    began = earlier
                elif line[earlier - 1] is not None:
                    break
            assert introduced(found, letter, number) == began


def test_numbers_are_told_as_ranges() -> None:
    versions = [version(n, VersionKind.CONTENT) for n in (1, 2, 3, 5, 6, 9)]
    assert number_ranges(versions) == ((1, 3), (5, 6), (9, 9))
    assert number_ranges(versions, without=2) == ((1, 1), (3, 3), (5, 6), (9, 9))
    assert number_ranges([]) == ()
