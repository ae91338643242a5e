"""What stands around a hit, and hits that follow each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.query.results import Hit, Mode, Question
from indexer.query.surroundings import Surroundings, stretches
from tests.support.library import DAY, Library, V

TEXT = ["Alpha one.", "Beta two.", "Gamma three.", "Delta four.", "Alpha five."]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, TEXT[:3]), V(2 * DAY, TEXT)])
    library.write("b.md", [V(DAY, ["Beta of another document."])])
    return library


def found(
    library: Library, text: str, around: int = 0, **options: object
) -> tuple[list[Hit], list[Surroundings | None]]:
    question = Question(text, mode=Mode.TEXT, **options)  # type: ignore[arg-type]
    hits = list(library.queries().search(question).hits)
    return hits, library.queries().surroundings(hits, around)


@pytest.mark.parametrize(
    ("word", "around", "before", "after"),
    [
        ("gamma", 0, [], []),
        ("gamma", 1, ["Beta two."], ["Delta four."]),
        ("gamma", 9, TEXT[:2], TEXT[3:]),
        ("delta", 1, ["Gamma three."], ["Alpha five."]),
        ("five", 2, ["Gamma three.", "Delta four."], []),
    ],
)
def test_neighbours_are_those_of_the_version_that_is_cited(
    library: Library, word: str, around: int, before: list[str], after: list[str]
) -> None:
    _, (place,) = found(library, word, around)
    assert place is not None
    assert [one.text for one in place.before] == before
    assert [one.text for one in place.after] == after
    cited = [library.queries().cite(one.citation) for one in (*place.before, *place.after)]
    assert [one.text for one in cited] == before + after
    assert {one.version.version.number for one in cited} <= {2}


def test_an_earlier_version_has_neighbours_of_its_own(library: Library) -> None:
    _, (place,) = found(library, "gamma", 1, document="a.md", version="1")
    assert place is not None
    assert place.after == ()


def test_hits_that_follow_each_other_are_one_piece_of_the_text(library: Library) -> None:
    hits, places = found(library, "beta gamma alpha", k=9)
    pieces = stretches(hits, places)
    texts = {piece.text for piece in pieces}
    assert texts == {"Alpha one.\n\nBeta two.\n\nGamma three.", "Alpha five.", "Beta of another document."}
    assert [piece.rank for piece in pieces] == sorted(piece.rank for piece in pieces)
    assert min(piece.rank for piece in pieces) == 1
    (joined,) = [piece for piece in pieces if len(piece.hits) == 3]
    assert [hit.text for hit in joined.hits] == TEXT[:3]


def test_neighbours_close_the_gaps_between_hits(library: Library) -> None:
    hits, places = found(library, "beta delta", 1, document="a.md")
    (piece,) = stretches(hits, places)
    assert piece.text == "\n\n".join(TEXT)
    assert [library.queries().cite(hit.citation).text for hit in piece.hits] == TEXT


def test_what_has_no_place_stands_alone(library: Library) -> None:
    hits, _ = found(library, "beta gamma", document="a.md")
    assert [piece.text for piece in stretches(hits, [None] * len(hits))] == [hit.text for hit in hits]
