"""Tags and commits of a source select what a document was at them."""

from __future__ import annotations

import pytest

from indexer.errors import NotFoundError
from indexer.model import Point, VersionStatus
from indexer.points import KnownPoints
from indexer.selectors import select, tag_for_all
from tests.unit.selector_history import BERLIN, COMMITS, HISTORY, POINTS, points, short, version


def tagged(**tags: Point) -> KnownPoints:
    return points(COMMITS, tags)


def at(place: int | None, name: str | None = None, keys: str = "", *origins: str) -> Point:
    return Point(name or f"{place:040x}", place, frozenset(keys.split()), frozenset(origins))


@pytest.mark.parametrize(
    ("text", "expected", "resolved_by"),
    [
        ("stable", "second", 'tag "stable"'),
        ("STABLE", "second", 'tag "stable"'),
        ("label:stable", "second", 'tag "stable"'),
        ("v1.0.2", "first", 'tag "V1.0.2"'),  # a tag comes before a label
        ("1.0.2", "first", 'tag "V1.0.2"'),  # both without their v
        ("1.0", "first", 'label "1.0"'),  # a label as it is written comes before a tag without its v
        ("v3", "second", 'label "v3" (number 3 is another version: v_thirdx00000000000000)'),
        ("3", "thirdx", 'tag "3"'),
        ("v1.0", "second", 'tag "v1.0"'),
        ("2", "first", 'tag "V2" (number 2 is another version: v_second00000000000000)'),
        ("latest", "thirdy", "latest"),
        ("v_second", "second", "version id v_second"),
        ("deadbeef", "second", 'tag "deadbeef"'),
        ("dead", "second", "the state at commit dead00000000"),  # of a tag beside the line
    ],
)
def test_a_tag_comes_before_a_label_that_is_written_alike(text: str, expected: str, resolved_by: str) -> None:
    known = points(
        COMMITS,
        {
            "stable": at(25), "V1.0.2": at(10), "v1.0": at(20), "3": at(30), "V2": at(12), "latest": at(10), "v_second": at(10),
             "deadbeef": at(20, "dead" + "0" * 36, "x.md"),
        },
    )  # fmt: skip
    found = select(HISTORY, text, BERLIN, known)
    assert (short(found.version), found.resolved_by) == (expected, resolved_by)


@pytest.mark.parametrize("point", [at(45), at(5), at(20, "dead" * 10, "a.md other.md")])
def test_a_document_that_was_not_there_is_not_at_the_tag(point: Point) -> None:
    """Deleted then, not begun then, and something else in its place beside the line."""
    with pytest.raises(
        NotFoundError, match="the document did not exist at tag v3 — there are versions 1 to 5"
    ) as raised:
        select(HISTORY, "v3", BERLIN, tagged(v3=point))
    assert raised.value.code == "no-such-version"
    assert "number:3 is read as a number alone" in str(raised.value)
    assert select(HISTORY, "number:3", BERLIN, tagged(v3=point)).version.number == 3


def test_a_tag_whose_commit_is_not_indexed_says_so_and_what_to_do() -> None:
    with pytest.raises(
        NotFoundError, match=r"what is at tag v3 is not known: its commit deaddeaddead is not indexed"
    ) as raised:
        select(HISTORY, "v3", BERLIN, tagged(v3=at(None, "dead" * 10)))
    told = str(raised.value)
    assert all(word in told for word in ("`indexer failures`", "`history`", "`indexer backfill`"))
    assert "\n" not in told


def test_beside_the_line_a_tag_means_the_state_that_is_named_there() -> None:
    origins = {v.id: v.origin for v in HISTORY}
    for id_, origin in origins.items():
        known = tagged(tag=at(20, "dead" * 10, "a.md", origin, "commit:unknown"))
        if id_.startswith("v_gone"):
            with pytest.raises(NotFoundError, match="did not exist"):
                select(HISTORY, "tag", BERLIN, known)
        else:  # a withdrawn one too: the tag still shows it
            assert select(HISTORY, "tag", BERLIN, known).version.id == id_


def test_a_state_of_a_tree_is_selected_by_its_commit() -> None:
    aside = version("v_tree", None, None, status=VersionStatus.ASIDE, origin=f"tree:{'d0' * 20}:a.md")
    assert select([*HISTORY, aside], "d0d0", BERLIN, POINTS).version.id == "v_tree"
    other = version("v_blob", None, None, status=VersionStatus.ASIDE, origin=f"blob:{'d0' * 20}:a.md")
    with pytest.raises(NotFoundError):
        select([*HISTORY, other], "d0d0", BERLIN, POINTS)


@pytest.mark.parametrize(
    ("text", "place"),
    [("v1.0", 20), ("V1.0", 20), ("label:v1.0", 20), ("1.0", None), ("latest", None), ("v_abcdef", None),
     ("number:3", None), ("nothing", None), ("one", None)],
)  # fmt: skip
def test_a_tag_that_is_written_in_full_decides_for_all_documents(text: str, place: int | None) -> None:
    """Not where a version's own label, word or id may come first, nor where two tags differ by case alone."""
    known = tagged(**{"v1.0": at(20), "latest": at(10), "v_abcdef": at(10), "One": at(10), "ONE": at(20)})
    found = tag_for_all(text, known)
    assert (None if found is None else found.place) == place
