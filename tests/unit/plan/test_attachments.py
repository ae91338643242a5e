"""What is decided about attachments: each document once, each key once, and nothing that did not change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.plan.attachments import (
    attachment_key,
    by_root,
    decide_attachments,
    is_attachment,
    root_of,
)
from indexer.plan.decisions import Buried, Created, Decision, Edited, Moved, Resumed, Touched
from indexer.ports.recorded import Recorded

names = st.sampled_from(["x", "y", "z", "w"])
contents = st.sampled_from(["1", "2", "3"])
carried = st.dictionaries(names, contents, max_size=4)


def recorded(root: str, carries: dict[str, str]) -> dict[str, Recorded]:
    return {
        (key := attachment_key(root, name)): Recorded(key, number, "", None, content, 5)
        for number, (name, content) in enumerate(carries.items(), start=1)
    }


def found(root: str, carries: dict[str, str]) -> dict[str, str]:
    return {attachment_key(root, name): content for name, content in carries.items()}


def test_a_key_says_who_carries_it() -> None:
    key = attachment_key(attachment_key("in/offer.eml", "fwd.eml"), "a/b.pdf")
    assert key == "in/offer.eml//fwd.eml//a_b.pdf"
    assert is_attachment(key)
    assert root_of(key) == "in/offer.eml"
    assert not is_attachment("in/offer.eml")
    assert root_of("in/offer.eml") == "in/offer.eml"


@given(before=carried, now=carried, root=st.sampled_from(["a", "b"]), dead=st.sets(names))
def test_the_decisions_lead_from_what_was_to_what_is(
    before: dict[str, str], now: dict[str, str], root: str, dead: set[str]
) -> None:
    was, there = recorded("a", before), found(root, now)
    tombstoned = {
        key: 100 + number
        for number, name in enumerate(sorted(dead))
        if (key := attachment_key(root, name)) not in was
    }
    decisions = decide_attachments(was, "a", root, there, (), tombstoned)
    numbers = [d.document_no for d in decisions if not isinstance(d, Created)]
    assert len(set(numbers)) == len(numbers)
    assert {known.document_no for known in was.values()} <= set(numbers)
    assert sorted(d.key for d in decisions if not isinstance(d, Buried)) == sorted(there)
    state = {known.document_no: known.content_hash for known in was.values()}
    for decision in decisions:
        check(decision, state, there, tombstoned)


def check(
    decision: Decision, state: dict[int, str | None], there: dict[str, str], tombstoned: dict[str, int]
) -> None:
    match decision:
        case Touched(number, key):
            assert state[number] == there[key]
        case Edited(number, key):
            assert state[number] != there[key]
        case Moved(number, previous, key, edited):
            assert previous != key
            assert (state[number] != there[key]) == edited
        case Resumed(number, key):
            assert tombstoned[key] == number
        case Created(key):
            assert key not in tombstoned


@given(before=carried)
def test_nothing_changes_where_nothing_changed(before: dict[str, str]) -> None:
    decisions = decide_attachments(recorded("a", before), "a", "a", found("a", before), (), {})
    assert all(isinstance(decision, Touched) for decision in decisions)


@given(before=carried)
def test_a_renamed_carrier_renames_and_nothing_else(before: dict[str, str]) -> None:
    decisions = decide_attachments(recorded("a", before), "a", "b", found("b", before), (), {})
    assert all(isinstance(decision, Moved) and not decision.edited for decision in decisions)


def test_what_an_untouched_attachment_carries_is_there_without_being_looked_for() -> None:
    was = by_root(
        [
            Recorded("a//m", 1, "", None, "1", 5),
            Recorded("a//m//x", 2, "", None, "2", 5),
            Recorded("a//mm//x", 3, "", None, "3", 5),
        ]
    )["a"]
    decisions = decide_attachments(was, "a", "a", {"a//m": "1"}, {"a//m"}, {})
    assert [(type(d), d.key) for d in decisions] == [
        (Touched, "a//m"), (Touched, "a//m//x"), (Buried, "a//mm//x"),
    ]  # fmt: skip


def test_nothing_is_equal_to_nothing() -> None:
    was = {"a//x": Recorded("a//x", 1, "", None, "empty", 0)}
    decisions = decide_attachments(was, "a", "a", {"a//y": "empty"}, (), {})
    assert {type(decision) for decision in decisions} == {Buried, Created}
