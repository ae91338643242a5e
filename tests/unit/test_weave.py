"""The weave against a naive model that keeps every line that was ever believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from indexer.model import FOREVER, Instant
from indexer.weave import (
    Changes,
    Span,
    State,
    append,
    believed_end,
    intervals,
    reconcile,
    visible,
)

Line = list[State[str]]

_ITEMS = "abcde"
_TIMES = range(12)

_items = st.frozensets(st.sampled_from(_ITEMS), max_size=4)


@st.composite
def _lines(draw: st.DrawFn, most: int = 5) -> Line:
    times = sorted(draw(st.sets(st.sampled_from(_TIMES), max_size=most)))
    return [State(time, draw(_items)) for time in times]


_asides = st.lists(st.tuples(st.sampled_from(_ITEMS), st.sampled_from(_TIMES)), max_size=3)


@st.composite
def _histories(draw: st.DrawFn) -> list[tuple[Line, list[tuple[str, Instant]]]]:
    """What was believed, one belief after another: each says a little more or less than the one before."""
    line = draw(_lines())
    beliefs = [(line, draw(_asides))]
    for _ in range(draw(st.integers(min_value=0, max_value=5))):
        states = {state.valid_from: state.items for state in line}
        for _ in range(draw(st.integers(min_value=0, max_value=2))):
            time = draw(st.sampled_from(_TIMES))
            if draw(st.booleans()):
                states[time] = draw(_items)
            else:
                states.pop(time, None)
        line = [State(time, states[time]) for time in sorted(states)]
        beliefs.append((line, draw(_asides)))
    return beliefs


_beliefs = _histories()


def _told(beliefs: Sequence[tuple[Line, list[tuple[str, Instant]]]]) -> list[Span[str]]:
    """The spans after the lines were learnt one after another, at R = 10, 20, 30 …"""
    spans: list[Span[str]] = []
    for number, (line, aside) in enumerate(beliefs, 1):
        spans = reconcile(_believed(spans), line, number * 10, aside).applied(spans)
    return spans


def _believed(spans: Iterable[Span[str]]) -> list[Span[str]]:
    return [span for span in spans if span.recorded_to == FOREVER]


def _seen(spans: Iterable[Span[str]], known_at: Instant, valid_at: Instant | None = None) -> list[str]:
    return sorted(span.item for span in spans if visible(span, known_at, valid_at))


def _holding(line: Line, at: Instant) -> list[str]:
    """What a line says about an instant: the last state that had begun."""
    begun = [state for state in line if state.valid_from <= at]
    return sorted(begun[-1].items) if begun else []


# --- reconcile --------------------------------------------------------------------------------


@given(_beliefs)
def test_every_belief_ever_held_is_answered_at_every_effective_time(beliefs: list[tuple[Line, list]]) -> None:
    spans = _told(beliefs)
    for number, (line, _) in enumerate(beliefs, 1):
        for known_at in (number * 10, number * 10 + 9):
            for valid_at in (*_TIMES, 99):
                assert _seen(spans, known_at, valid_at) == _holding(line, valid_at)


@given(_beliefs)
def test_the_present_is_the_last_state_at_every_belief(beliefs: list[tuple[Line, list]]) -> None:
    spans = _told(beliefs)
    for number, (line, _) in enumerate(beliefs, 1):
        assert _seen(spans, number * 10) == (sorted(line[-1].items) if line else [])


@given(_beliefs)
def test_nothing_was_known_before_it_was_learnt(beliefs: list[tuple[Line, list]]) -> None:
    spans = _told(beliefs)
    assert not any(visible(span, 9, valid_at) for span in spans for valid_at in (None, *_TIMES))


@given(_beliefs, _lines(), _asides)
def test_learning_more_rewrites_no_field_that_was_believed(
    beliefs: list[tuple[Line, list]], line: Line, aside: list[tuple[str, Instant]]
) -> None:
    spans = _told(beliefs)
    now = 1000
    changes = reconcile(_believed(spans), line, now, aside)
    for before, after in changes.close:
        assert before.open
        assert after == replace(before, valid_to=after.valid_to, closed_recorded=now)
    for before, after in changes.supersede:
        assert before.recorded_to == FOREVER
        assert after == replace(before, recorded_to=now)
    touched = [before for before, _ in (*changes.close, *changes.supersede)]
    assert len(touched) == len(set(touched))
    assert all(span.recorded_from == now and span.recorded_to == FOREVER for span in changes.add)


@given(_beliefs)
def test_saying_the_same_again_changes_nothing(beliefs: list[tuple[Line, list]]) -> None:
    spans = _told(beliefs)
    line, aside = beliefs[-1]
    assert not reconcile(_believed(spans), line, 1000, aside)


@given(_beliefs, st.randoms(use_true_random=False))
def test_the_order_of_what_is_believed_does_not_matter(
    beliefs: list[tuple[Line, list]], random: object
) -> None:
    spans = _told(beliefs[:-1])
    line, aside = beliefs[-1]
    shuffled = list(_believed(spans))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = reconcile(_believed(spans), line, 1000, aside)
    other = reconcile(shuffled, line, 1000, aside)
    assert set(one.close) == set(other.close)
    assert set(one.supersede) == set(other.supersede)
    assert set(one.add) == set(other.add)


@given(_beliefs)
def test_the_present_belief_holds_one_span_for_each_run_of_presence(beliefs: list[tuple[Line, list]]) -> None:
    line, aside = beliefs[-1]
    held = {(s.item, s.valid_from): believed_end(s, 1000) for s in _believed(_told(beliefs))}
    on_line = intervals(line)
    strays = {item for item, _ in aside} - {item for item, _ in on_line}
    assert {place: end for place, end in held.items() if place[0] not in strays} == on_line
    # Aside: once, empty in time, at an instant that was given for it.
    assert sorted(item for item, _ in held if item in strays) == sorted(strays)
    assert all(
        end == start and (item, start) in aside for (item, start), end in held.items() if item in strays
    )


@given(_lines(), _asides)
def test_what_is_aside_is_never_seen_at_any_time(line: Line, aside: list[tuple[str, Instant]]) -> None:
    spans = _told([(line, aside)])
    strays = {item for item, _ in aside} - {item for state in line for item in state.items}
    for valid_at in (None, *_TIMES):
        assert strays.isdisjoint(_seen(spans, 10, valid_at))


# --- append -----------------------------------------------------------------------------------


@given(_beliefs, _items, st.integers(min_value=1, max_value=5))
def test_appending_is_reconciling_with_one_state_more(
    beliefs: list[tuple[Line, list]], items: frozenset[str], later: int
) -> None:
    """Without anything aside: an item that is aside and comes onto the line needs `reconcile`."""
    spans = _told([(line, []) for line, _ in beliefs])
    line = beliefs[-1][0]
    state = State((line[-1].valid_from if line else 0) + later, items)
    believed = _believed(spans)
    short = append([span for span in believed if span.open], state, 1000)
    whole = reconcile(believed, [*line, state], 1000)
    assert _as_sets(short) == _as_sets(whole)


@given(st.lists(_items, min_size=1, max_size=8))
def test_appending_one_by_one_says_what_folding_all_at_once_says(states: list[frozenset[str]]) -> None:
    line = [State(time, items) for time, items in enumerate(states)]
    spans: list[Span[str]] = []
    for number, state in enumerate(line, 1):
        changes = append([span for span in spans if span.open], state, number)
        assert not changes.supersede
        spans = changes.applied(spans)
    once = reconcile([], line, 1).add
    assert _ends(spans, 1000) == _ends(once, 1000)
    for valid_at in range(len(line) + 1):
        assert _seen(spans, 1000, valid_at) == _holding(line, valid_at)


def test_folding_a_whole_history_at_once_only_adds_and_what_ended_is_born_closed() -> None:
    line = [State(1, frozenset("ab")), State(2, frozenset("b")), State(3, frozenset("ab"))]
    changes = reconcile([], line, 50)
    assert not changes.close
    assert not changes.supersede
    assert set(changes.add) == {
        Span("a", 1, 2, recorded_from=50, closed_recorded=50),
        Span("a", 3, FOREVER, recorded_from=50),
        Span("b", 1, FOREVER, recorded_from=50),
    }


# --- by example -------------------------------------------------------------------------------


def test_late_history_moves_the_start_and_leaves_the_old_belief() -> None:
    spans = _told(
        [([State(5, frozenset("a"))], []), ([State(2, frozenset("a")), State(5, frozenset("a"))], [])]
    )
    assert _seen(spans, 10, 3) == []
    assert _seen(spans, 20, 3) == ["a"]


def test_a_withdrawn_last_state_opens_what_it_had_closed() -> None:
    first, second = State(1, frozenset("a")), State(2, frozenset("b"))
    spans = _told([([first, second], []), ([first], [])])
    assert _seen(spans, 10) == ["b"]
    assert _seen(spans, 20) == ["a"]
    assert _seen(spans, 20, 2) == ["a"]
    assert _seen(spans, 10, 1) == ["a"]


def test_no_changes_are_false_and_some_are_true() -> None:
    nothing: Changes[str] = Changes()
    assert not nothing
    assert Changes(add=(Span("a", 1),))


def test_intervals_are_maximal_runs() -> None:
    line = [State(1, frozenset("ab")), State(2, frozenset("a")), State(3, frozenset("ab"))]
    assert intervals(line) == {("a", 1): FOREVER, ("b", 1): 2, ("b", 3): FOREVER}


def _ends(spans: Iterable[Span[str]], known_at: Instant) -> dict[tuple[str, Instant], Instant]:
    return {(s.item, s.valid_from): believed_end(s, known_at) for s in spans if s.recorded_to > known_at}


def _as_sets(changes: Changes[str]) -> tuple[set[object], set[object], set[object]]:
    return set(changes.close), set(changes.supersede), set(changes.add)
