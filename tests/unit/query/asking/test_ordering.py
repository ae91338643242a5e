"""Where a question names something literally, what is about it comes before what mentions it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.query.asking.ordering import WIDEST, by_literals, mentions, unseen
from indexer.query.results import Hit
from tests.unit.cli.samples import HIT


def hits(*said: tuple[str, str]) -> list[Hit]:
    """Of one document, by (last heading, text)."""
    return [
        replace(HIT, rank=rank, heading=("Errors", heading), text=text)
        for rank, (heading, text) in enumerate(said, start=1)
    ]


def order(found: Sequence[Hit], *literals: str) -> list[int]:
    return [hit.rank for hit in by_literals(found, literals)]


def test_what_is_headed_so_comes_first_then_what_mentions_it() -> None:
    found = hits(
        ("Common", "nothing"),
        ("Other", "see err_gone there"),
        ("`ERR_GONE`", "It is gone."),
        ("More", "nothing"),
    )
    assert order(found, "err_gone") == [3, 2, 1, 4]


def test_a_method_is_headed_by_its_signature_and_asked_for_with_or_without_brackets() -> None:
    found = hits(
        ("Common", "x"), ("assert.throwsMore(a)", "y"), ("`assert.throws(fn[, error])`", "z"), ("Other", "u")
    )
    assert order(found, "assert.throws()") == [3, 1, 2, 4]


def test_prose_comes_before_code_and_two_of_one_heading_before_the_third() -> None:
    found = hits(
        ("err_gone", "```js\ncode\n```"), ("err_gone", "Prose."), ("err_gone", "More prose."), ("Other", "err_gone it is"),
        ("More", "nothing"), ("More", "nothing at all"), ("Last", "nothing"), ("Last", "at all"),
    )  # fmt: skip
    assert order(found, "err_gone") == [2, 3, 4, 1, 5, 6, 7, 8]


def test_what_nearly_all_mention_or_none_does_changes_nothing() -> None:
    found = hits(("A", "node.js says"), ("B", "node.js does"), ("C", "nothing"))
    assert order(found, "node.js") == [1, 2, 3]
    assert order(found, "err_gone") == [1, 2, 3]
    assert order(found) == [1, 2, 3]


def test_the_first_hits_do_not_depend_on_how_many_are_wanted() -> None:
    found = hits(*[("Other", "nothing")] * (WIDEST + 5), ("Late", "err_gone"))
    assert order(found, "err_gone") == [hit.rank for hit in found]
    named = hits(*[("Other", "nothing")] * (WIDEST - 1), ("Late", "err_gone"))
    assert order(named, "err_gone")[0] == WIDEST
    assert order([*named, *found], "err_gone")[:WIDEST] == order(named, "err_gone")


def test_code_that_goes_on_from_another_passage_comes_behind_the_prose_of_its_heading() -> None:
    rest = "// OK\nassert.ok(x);\n\nassert.ok({\n  a: 1,\n});\n```"
    found = hits(
        ("`ok()`", rest),
        ("Other", "x"),
        ("`ok()`", "Stability: 1 - Experimental\n\nTests (again); see below."),
        ("More", "y"),
    )
    assert order(found, "ok") == [3, 1, 2, 4]


def test_what_is_about_a_literal_and_was_not_found_is_known_to_be_unseen() -> None:
    found = hits(
        ("Common", "see err_gone"),
        ("`ok()`", "```js\nok();\n```"),
        ("Other", "nothing"),
        ("`err_lost`", "It is lost."),
    )
    assert unseen(found, ["err_gone", "ok()", "err_lost", "err_new"]) == ["err_gone", "ok", "err_new"]


def test_what_the_titles_of_most_hits_say_is_never_unseen() -> None:
    assert unseen(hits(("A", "x"), ("B", "y")), ["errors"]) == []


def test_what_was_found_by_a_literal_alone_comes_before_what_does_not_hold_it() -> None:
    found = hits(("Common", "nothing"), ("More", "nothing"))
    further = [
        replace(hit, rank=hit.rank + 10) for hit in hits(("Other", "see emfile"), ("`EMFILE`", "Too many."))
    ]
    assert [hit.rank for hit in by_literals(found, ["emfile"], further)] == [12, 11, 1, 2]
    assert all(mentions(hit, ["emfile"], found) for hit in further)


def test_what_most_hits_hold_is_mentioned_by_none_in_particular_but_where_a_heading_has_it() -> None:
    found = hits(("A", "ok here"), ("B", "ok there"), ("ok", "what it is"))
    assert [mentions(hit, ["ok"], found) for hit in found] == [False, False, True]
