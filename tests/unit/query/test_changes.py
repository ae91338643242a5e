"""Differences between two texts that are cut into passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.query.changes import Piece, changes, word_changes
from indexer.query.results import Change, ChangeKind, WordKind

Cut = tuple[str, str]


def pieces(*cut: Cut | str) -> list[Piece]:
    """Passages under "A" unless (heading, text) says otherwise; equal ones get equal numbers."""
    pairs = [one if isinstance(one, tuple) else ("A", one) for one in cut]
    return [Piece(hash(pair), (pair[0],), pair[1], "\n\n" if n else "") for n, pair in enumerate(pairs)]


def ops(found: list[Change]) -> list[tuple[str, str | None, str | None]]:
    return [(change.op.value, change.before, change.after) for change in found]


def test_equal_texts_have_no_changes() -> None:
    assert changes(pieces("One.", "Two."), pieces("One.", "Two.")) == []


def test_a_new_passage_is_added() -> None:
    assert ops(changes(pieces("One.", "Three."), pieces("One.", "Two.", "Three."))) == [
        ("added", None, "Two.")
    ]


def test_a_passage_that_is_gone_is_removed_from_under_its_heading() -> None:
    found = changes(pieces("One.", ("B", "Two.")), pieces("One."))
    assert ops(found) == [("removed", "Two.", None)]
    assert found[0].heading == ("B",)


def test_an_edited_passage_is_changed_word_by_word() -> None:
    (change,) = changes(
        pieces("You get 25 days of leave.", "End."), pieces("You get 28 days of leave.", "End.")
    )
    assert change.op is ChangeKind.CHANGED
    assert [(span.op.value, span.text) for span in change.words] == [
        ("equal", "You get "),
        ("removed", "25 "),
        ("added", "28 "),
        ("equal", "days of leave."),
    ]


def test_a_rewritten_passage_is_removed_and_added() -> None:
    found = changes(pieces("Bicycles stand in the yard."), pieces("Our lunch costs five euros."))
    assert ops(found) == [
        ("removed", "Bicycles stand in the yard.", None),
        ("added", None, "Our lunch costs five euros."),
    ]


def test_an_edit_beside_an_insertion_is_told_apart() -> None:
    found = changes(
        pieces("You get 25 days of leave every year.", "End."),
        pieces(
            "Bicycles stand in the yard.", "You get 28 days of leave every year.", "Lunch is at noon.", "End."
        ),
    )
    assert ops(found) == [
        ("added", None, "Bicycles stand in the yard."),
        ("changed", "You get 25 days of leave every year.", "You get 28 days of leave every year."),
        ("added", None, "Lunch is at noon."),
    ]


def test_boundaries_that_only_shifted_are_no_change() -> None:
    before = pieces("One a.\n\nTwo b.", "Three c.", "End.")
    after = pieces("One a.", "Two b.\n\nThree c.", "End.")
    assert changes(before, after) == []


def test_an_edit_among_shifted_boundaries_is_reported_alone() -> None:
    before = pieces("One a.\n\nTwo b.", "Three c.", "You get 25 days.", "End.")
    after = pieces("One a.", "Two b.\n\nThree c.", "You get 28 days.", "End.")
    assert ops(changes(before, after)) == [("changed", "You get 25 days.", "You get 28 days.")]


def test_a_passage_cut_at_another_sentence_is_no_change() -> None:
    before = [Piece(1, (), "One a. Two b."), Piece(2, (), "Three c. Four d.", " ")]
    after = [Piece(3, (), "One a. Two b. Three c."), Piece(4, (), "Four d.", " ")]
    assert changes(before, after) == []


def test_a_passage_under_another_heading_has_moved() -> None:
    (change,) = changes(pieces(("A", "One."), ("B", "Two.")), pieces(("A", "One."), ("C", "Two.")))
    assert (change.op, change.heading, change.previous_heading) == (ChangeKind.MOVED, ("C",), ("B",))


def test_a_passage_at_another_place_has_moved_and_nothing_else_did() -> None:
    found = changes(pieces("One.", "Two.", "Three.", "Four."), pieces("Two.", "Three.", "Four.", "One."))
    assert ops(found) == [("moved", "One.", "One.")]


def test_one_of_two_equal_passages_may_go() -> None:
    assert ops(changes(pieces("Same.", "Mid.", "Same."), pieces("Same.", "Mid."))) == [
        ("removed", "Same.", None)
    ]


def test_white_space_inside_a_text_counts() -> None:
    (change,) = changes(pieces("if x:\n    go()"), pieces("if x:\n  go()"))
    assert change.op is ChangeKind.CHANGED


def test_changes_come_in_the_order_of_the_later_text() -> None:
    before = pieces("Alpha alpha alpha.", "Stays.", "Gamma gamma gamma.")
    after = pieces("Gamma gamma gamma.", "Delta delta delta.", "Stays.", "Alpha alpha alpha.")
    found = changes(before, after)
    placed = [change.after for change in found if change.after]
    texts = [piece.text for piece in after]
    assert placed == sorted(placed, key=texts.index)


words = st.lists(st.sampled_from(["a", "b", "c", "d."]), min_size=1, max_size=8).map(" ".join)
texts = st.lists(st.tuples(st.sampled_from("AB"), words), max_size=7)


@given(texts, texts)
def test_applying_the_changes_turns_one_multiset_of_words_into_the_other(
    before: list[Cut], after: list[Cut]
) -> None:
    count: dict[str, int] = {}
    for _, text in before:
        for word in text.split():
            count[word] = count.get(word, 0) + 1
    for change in changes(pieces(*before), pieces(*after)):
        for text, step in ((change.before, -1), (change.after, 1)):
            for word in (text or "").split():
                count[word] = count.get(word, 0) + step
    for _, text in after:
        for word in text.split():
            count[word] = count.get(word, 0) - 1
    assert not any(count.values())


@given(texts)
def test_a_text_does_not_differ_from_itself(text: list[Cut]) -> None:
    assert changes(pieces(*text), pieces(*text)) == []


@given(words, words)
def test_word_spans_spell_both_texts(before: str, after: str) -> None:
    spans = word_changes(before, after)
    old = "".join(s.text + " " for s in spans if s.op is not WordKind.ADDED)
    new = "".join(s.text for s in spans if s.op is not WordKind.REMOVED)
    assert old.split() == before.split()
    assert new.split() == after.split()
