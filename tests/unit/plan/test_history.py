"""Which document each event of a history belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from indexer.model import TimeBasis
from indexer.plan.history import DocumentEvent, Handle, NewDocument, Threads
from indexer.ports import Absent, Content, Observed, Relabelled, Renamed, SourceTime, Withdrawn


def at(instant: int) -> SourceTime:
    return SourceTime(instant, TimeBasis.COMMIT)


def observed(
    key: str, instant: int = 1, *, previous_key: str | None = None, lineage: str | None = None
) -> Observed:
    return Observed(
        key,
        lambda: Content(b""),
        times=(at(instant),),
        origin=f"{instant}:{key}",
        previous_key=previous_key,
        lineage=lineage,
    )


def renamed(previous_key: str, key: str, instant: int = 1, *, lineage: str | None = None) -> Renamed:
    return Renamed(key, previous_key, f"{instant}:{key}", at(instant), lineage=lineage)


def absent(key: str, instant: int = 1, *, lineage: str | None = None) -> Absent:
    return Absent(key, at(instant), f"{instant}:{key}", lineage=lineage)


class Committed:
    """What the catalog knows: documents by lineage or key; counts how often it is asked."""

    def __init__(self, keys: Mapping[str, int] | None = None, lineages: Mapping[str, int] | None = None):
        self.keys = dict(keys or {})
        self.lineages = dict(lineages or {})
        self.asked: list[tuple[str | None, str]] = []

    def __call__(self, lineage: str | None, key: str) -> int | None:
        self.asked.append((lineage, key))
        return self.keys.get(key) if lineage is None else self.lineages.get(lineage)


def follow(*events: DocumentEvent, known: Mapping[str, int] | None = None) -> list[int | str | None]:
    """The handle of each event: a number, or ``new1``, ``new2`` …"""
    threads = Threads(Committed(known))
    return [_short(threads.handle(event)) for event in events]


def _short(handle: Handle | None) -> int | str | None:
    return f"new{handle.no}" if isinstance(handle, NewDocument) else handle


def test_states_of_one_key_belong_to_one_document() -> None:
    assert follow(observed("a"), observed("b"), observed("a", 2)) == ["new1", "new2", "new1"]


def test_a_committed_document_goes_on() -> None:
    assert follow(observed("a"), absent("a", 2), known={"a": 7}) == [7, 7]


def test_a_document_is_followed_through_renames() -> None:
    events: list[DocumentEvent] = [
        observed("a"),
        renamed("a", "b", 2),
        observed("b", 3),
        observed("c", 4, previous_key="b"),
    ]
    assert follow(*events) == ["new1"] * 4
    assert follow(*events, known={"a": 7}) == [7] * 4


def test_a_key_whose_document_was_renamed_away_begins_a_new_one() -> None:
    assert follow(renamed("a", "b"), observed("a", 2), observed("b", 3), known={"a": 7}) == [7, "new1", 7]


def test_a_key_whose_document_is_absent_resumes_it() -> None:
    assert follow(observed("a"), absent("a", 2), observed("a", 3)) == ["new1"] * 3


def test_a_rename_from_an_unknown_key_begins_a_document() -> None:
    assert follow(renamed("a", "b"), observed("b", 2), observed("a", 3)) == ["new1", "new1", "new2"]


def test_what_is_done_to_nothing_belongs_to_nothing() -> None:
    events: list[DocumentEvent] = [absent("a"), Withdrawn("a", ("1:a",)), Relabelled("a", "1:a", ("v1",))]
    assert follow(*events) == [None] * 3
    assert follow(*events, known={"a": 7}) == [7] * 3
    assert follow(absent("a", lineage="9"), absent("a", 2)) == [None, None]


def test_renames_of_one_instant_may_swap() -> None:
    swap: list[DocumentEvent] = [
        renamed("a", "b", 5),
        renamed("b", "a", 5),
        observed("a", 6),
        observed("b", 6),
    ]
    assert follow(*swap, known={"a": 1, "b": 2}) == [1, 2, 2, 1]


def test_renames_of_one_instant_may_chain_in_any_order() -> None:
    known = {"a": 1, "b": 2}
    assert follow(renamed("a", "b", 5), renamed("b", "c", 5), known=known) == [1, 2]
    assert follow(renamed("b", "c", 5), renamed("a", "b", 5), known=known) == [2, 1]


def test_a_later_rename_takes_the_document_that_was_moved_there() -> None:
    events: list[DocumentEvent] = [renamed("a", "b", 5), renamed("b", "c", 6)]
    assert follow(*events, known={"a": 1, "b": 2}) == [1, 1]


def test_a_document_that_is_replaced_by_a_rename_can_be_absent_before_or_with_it() -> None:
    known = {"a": 1, "b": 2}
    assert follow(absent("b", 5), renamed("a", "b", 5), renamed("b", "c", 5), known=known) == [2, 1, 1]
    assert follow(renamed("a", "b", 5), absent("b", 5), observed("b", 6), known=known) == [1, 2, 1]


def test_a_lineage_decides_whatever_the_key() -> None:
    threads = Threads(Committed({"b": 9}, {"page-1": 7}))
    events: list[DocumentEvent] = [
        observed("a", lineage="page-1"),
        observed("b", 2, lineage="page-1"),
        observed("b", 3, lineage="page-2"),
        renamed("b", "a", 4, lineage="page-2"),
        absent("x", 5, lineage="page-2"),
    ]
    assert [_short(threads.handle(event)) for event in events] == [7, 7, "new1", "new1", "new1"]


def test_each_key_and_lineage_is_looked_up_once() -> None:
    committed = Committed({"a": 1})
    threads = Threads(committed)
    for event in (
        observed("a"),
        observed("a", 2),
        observed("b", 2),
        observed("b", 3),
        absent("z"),
        absent("z", 2),
    ):
        threads.handle(event)
    for instant in (1, 2):
        threads.handle(observed("k", instant, lineage="page-1"))
    assert committed.asked == [(None, "a"), (None, "b"), (None, "z"), ("page-1", "k")]


def test_a_new_document_says_where_it_began() -> None:
    assert Threads(Committed()).handle(observed("a", lineage="p")) == NewDocument(1, "a", "p")


KEYS = ("a", "b", "c")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("observe"), st.sampled_from(KEYS)),
        st.tuples(st.just("absent"), st.sampled_from(KEYS)),
        st.tuples(st.just("permute"), st.permutations(KEYS)),
        st.tuples(st.just("restart"), st.none()),
    ),
    max_size=15,
)


@given(STEPS)
def test_documents_are_followed_like_in_a_model_also_across_commits(steps: list[tuple[str, object]]) -> None:
    """`restart` begins a new `Threads` over what was committed, as after a checkpoint."""
    live: dict[str, int] = {}
    dead: dict[str, int] = {}
    committed = Committed()
    threads = Threads(committed)
    numbers: dict[NewDocument, int] = {}
    count = 0

    def no(handle: Handle | None) -> int | None:
        return numbers[handle] if isinstance(handle, NewDocument) else handle

    for instant, (step, argument) in enumerate(steps):
        match step, argument:
            case "observe", str(key):
                handle = threads.handle(observed(key, instant))
                if key not in live:
                    live[key] = dead.pop(key, 0) or (count := count + 1)
                    if isinstance(handle, NewDocument):
                        numbers.setdefault(handle, live[key])
                assert no(handle) == live[key]
            case "absent", str(key) if key in live:
                assert no(threads.handle(absent(key, instant))) == live[key]
                dead[key] = live.pop(key)
            case "permute", list(targets):
                moves = [
                    (key, to) for key, to in zip(KEYS, targets, strict=True) if key in live and key != to
                ]
                for key, to in moves:
                    assert no(threads.handle(renamed(key, to, instant))) == live[key]
                moved = {to: live[key] for key, to in moves}
                live = {key: n for key, n in live.items() if key not in dict(moves)} | moved
                dead = {key: n for key, n in dead.items() if key not in live}
            case "restart", None:
                committed.keys = {**dead, **live}
                threads, numbers = Threads(committed), {}
