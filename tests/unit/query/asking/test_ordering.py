"""Where a question names something literally, what is about it comes before what mentions it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.query.asking.ordering import WIDEST, by_literals
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
