"""What a snapshot proves absent, what of it is read, and how many deletions are too many."""

from __future__ import annotations

import pytest

from indexer.plan.snapshot import Recorded, Seen, compare, refusal
from tests.unit.plan.snapshots import recorded_of

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
