"""Which places are good for a cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.chunking.atoms import Atom, Cut
from indexer.chunking.places import weigh
from indexer.model import Block, BlockKind

BLOCK = Block(BlockKind.PARAGRAPH, ("any",))
ATOMS = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(list(Cut)), st.integers(0, 30)), max_size=40)


def atom(text: str, cut: Cut = Cut.BLOCK) -> Atom:
    return Atom("\n\n", text, cut, Cut.BLOCK, BLOCK, whole=True)


@given(ATOMS)
def test_of_two_places_within_the_radius_the_more_harmful_is_not_good(
    drawn: list[tuple[int, Cut, int]],
) -> None:
    atoms = [atom(str(number), cut) for number, cut, _ in drawn]
    sizes = [size for _, _, size in drawn]
    far = weigh(atoms, sizes, -1)
    near = weigh(atoms, sizes, 20)
    for here, weight in enumerate(near):
        neighbours = [
            other for other in range(len(atoms)) if sum(sizes[min(here, other) : max(here, other)]) <= 20
        ]
        if any(atoms[other].cut < atoms[here].cut for other in neighbours):
            assert weight > far[here]
        elif len({atoms[other].text for other in neighbours}) == 1:
            assert weight == far[here]


def test_lines_have_about_as_many_good_places_as_their_length_allows() -> None:
    lines = [atom(f"line {number}", Cut.PART) for number in range(2_000)]
    good = sum(weight < 1.1 for weight in weigh(lines, [5] * 2_000, 25))
    assert 120 < good < 250


def test_words_after_the_beginning_of_a_paragraph_change_nothing() -> None:
    start = "The first sixty-four characters of a paragraph decide, and the rest has no say."
    assert weigh([atom(start + " One.")], [30], 25) == weigh([atom(start + " Two.")], [30], 25)
