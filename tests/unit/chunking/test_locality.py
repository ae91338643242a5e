"""An edit touches few passages, wherever it is made."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chunking import touched
from indexer.chunking.chunker import ChunkSettings, chunk
from indexer.chunking.packing import Budget, Row, pack
from indexer.embedding.tokens import WordCounter
from indexer.model import Block, BlockKind

PARAGRAPHS = st.lists(
    st.integers(1, 90).map(lambda n: Block(BlockKind.PARAGRAPH, (" ".join(["word"] * n),))),
    min_size=1,
    max_size=12,
)


def section(number: int, body: Sequence[Block]) -> list[Block]:
    return [Block(BlockKind.HEADING, (f"# {number}",), 1, str(number)), *body]


@given(st.lists(PARAGRAPHS, min_size=2, max_size=5), PARAGRAPHS, st.data())
def test_an_edit_in_one_section_leaves_the_passages_of_the_others(
    bodies: list[list[Block]], replacement: list[Block], data: st.DataObject
) -> None:
    edited = data.draw(st.integers(0, len(bodies) - 1))
    before = [block for number, body in enumerate(bodies) for block in section(number, body)]
    bodies[edited] = replacement
    after = [block for number, body in enumerate(bodies) for block in section(number, body)]

    def others(blocks: list[Block]) -> list[tuple[str, str]]:
        found = chunk(blocks, WordCounter(100)).chunks
        return [(one.separator, one.embedded) for one in found if one.heading != (str(edited),)]

    assert others(before) == others(after)


def test_of_200_edits_95_in_100_touch_at_most_three_passages_and_none_more_than_eight() -> None:
    result = touched(ChunkSettings(), WordCounter(120), edits=200, seed=1)
    assert result.p95 <= 3
    assert result.most <= 8


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7), st.floats(0, 2)), min_size=9, max_size=9))
def test_packing_finds_the_cheapest_of_all_ways_to_cut(atoms: list[tuple[int, int, float]]) -> None:
    sizes, leads, weights = zip(*atoms, strict=True)
    row = Row(sizes, leads, weights)
    budget = Budget(room=16, enough=6, small_penalty=0.3)

    def cost(starts: Sequence[int]) -> float:
        total = 0.0
        for start, end in zip(starts, [*starts[1:], 9], strict=True):
            size = sum(row.sizes[start:end])
            if size + row.leads[start] > budget.room:
                return float("inf")
            total += 1 + (row.weights[start] if start else 0) + (0.3 if size < budget.enough else 0)
        return total

    ways = [[0, *(place for place in range(1, 9) if mask >> place & 1)] for mask in range(0, 512, 2)]
    assert cost(pack(row, budget)) == pytest.approx(min(map(cost, ways)))
