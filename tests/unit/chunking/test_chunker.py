"""What becomes of headings, tables, lists, code and text without blanks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from indexer.chunking.chunker import chunk
from indexer.embedding.tokens import TokenizerFile, WordCounter, bundled_model_folder
from indexer.model import Block, BlockKind, ChunkedText


def heading(title: str, level: int = 1) -> Block:
    return Block(BlockKind.HEADING, (f"{'#' * level} {title}",), level, title)


def paragraph(text: str, page: int | None = None) -> Block:
    return Block(BlockKind.PARAGRAPH, (text,), page=page)


def words(count: int, start: int = 0) -> str:
    return " ".join(f"w{number}" for number in range(start, start + count))


def sentences(count: int, start: int = 0) -> str:
    return " ".join(f"This is sentence number {number} of them." for number in range(start, start + count))


def rejoined(chunked: ChunkedText) -> str:
    return "".join(passage.separator + passage.text for passage in chunked.chunks)


def cut(blocks: Sequence[Block], limit: int = 60) -> ChunkedText:
    chunked = chunk(blocks, WordCounter(limit))
    assert rejoined(chunked) == chunked.text
    assert all(passage.tokens <= limit for passage in chunked.chunks)
    return chunked


def test_nothing_gives_no_passages() -> None:
    assert chunk([], WordCounter()) == ChunkedText("", ())


def test_small_blocks_of_a_section_share_a_passage() -> None:
    (passage,) = cut([heading("Leave"), paragraph("One."), paragraph("Two.")]).chunks
    assert passage.text == "# Leave\n\nOne.\n\nTwo."
    assert passage.heading == ("Leave",)


def test_passages_never_cross_a_heading() -> None:
    chunked = cut([paragraph("Before."), heading("A"), paragraph("x"), heading("B"), paragraph("y")])
    assert [passage.text for passage in chunked.chunks] == ["Before.", "# A\n\nx", "# B\n\ny"]
    assert [passage.heading for passage in chunked.chunks] == [(), ("A",), ("B",)]


def test_a_run_of_headings_belongs_to_the_first_passage_under_the_last() -> None:
    (passage,) = cut([heading("A"), heading("B", 2), heading("C", 3), paragraph("x")]).chunks
    assert passage.heading == ("A", "B", "C")
    assert passage.embedded == passage.text


def test_a_heading_with_nothing_below_is_a_passage_of_its_own() -> None:
    chunked = cut([heading("A"), paragraph("x"), heading("End", 2)])
    assert [(passage.text, passage.heading) for passage in chunked.chunks][-1] == ("## End", ("A", "End"))


def test_a_skipped_level_leaves_no_gap_and_a_higher_heading_closes_deeper_ones() -> None:
    document = [
        heading("A"),
        paragraph("a"),
        heading("C", 4),
        paragraph("c"),
        heading("B", 2),
        paragraph("b"),
    ]
    assert [passage.heading for passage in cut(document).chunks] == [("A",), ("A", "C"), ("A", "B")]


def test_the_heading_path_is_embedded_before_passages_that_do_not_say_it() -> None:
    chunked = cut(
        [heading("A"), paragraph("a"), heading("B", 2), *(paragraph(words(30, n)) for n in range(3))]
    )
    first, *rest = chunked.chunks[1:]
    assert first.embedded == f"A\n{first.text}"
    assert rest
    assert all(passage.embedded == f"A > B\n{passage.text}" for passage in rest)


@pytest.mark.parametrize("start", range(0, 3_000, 100))
def test_a_heading_is_never_parted_from_the_first_words_under_it(start: int) -> None:
    document = [heading("A"), heading("B"), heading("C"), paragraph(sentences(40, start))]
    assert cut(document).chunks[0].text.startswith(f"# A\n\n# B\n\n# C\n\nThis is sentence number {start} ")


@pytest.mark.parametrize("start", range(0, 3_000, 100))
def test_a_tables_header_is_never_parted_from_its_first_row(start: int) -> None:
    rows = tuple(f"| row {number} | value |" for number in range(start, start + 40))
    table = Block(BlockKind.TABLE, ("| name | amount |", "|---|---|", *rows), header_parts=2)
    chunked = cut([paragraph(words(20)), table])
    assert any(f"|---|---|\n| row {start} |" in passage.text for passage in chunked.chunks)


def test_the_page_is_that_of_the_first_block() -> None:
    chunked = cut([paragraph(words(50), page=3), paragraph(words(50), page=4), paragraph("end", page=5)])
    assert [passage.page for passage in chunked.chunks] in ([3, 4], [3, 4, 5])


def test_pieces_of_a_split_table_repeat_its_header_in_what_is_embedded_only() -> None:
    rows = tuple(f"| row {number} | value |" for number in range(40))
    table = Block(BlockKind.TABLE, ("| name | amount |", "|---|---|", *rows), header_parts=2)
    first, *rest = cut([table]).chunks
    assert first.table_header == ""
    assert first.text.startswith("| name | amount |\n|---|---|\n| row 0 |")
    assert rest
    for passage in rest:
        assert passage.table_header == "| name | amount |\n|---|---|"
        assert passage.embedded == f"{passage.table_header}\n{passage.text}"
        assert passage.text.startswith("| row ")


def test_a_table_header_larger_than_the_limit_is_repeated_in_part() -> None:
    table = Block(BlockKind.TABLE, (words(200), *(words(10, n) for n in range(20))), header_parts=1)
    passages = [passage for passage in cut([table]).chunks if passage.table_header]
    assert passages
    assert {passage.table_header for passage in passages} == {words(15)}


def test_a_heading_longer_than_the_limit_does_not_eat_the_passages_under_it() -> None:
    chunked = cut([heading(words(500)), paragraph(sentences(30))], limit=254)
    last = chunked.chunks[-1]
    assert "sentence number 29" in last.text
    assert WordCounter().count([last.embedded.removesuffix(last.text)])[0] < 64


def test_a_large_list_is_cut_between_its_items() -> None:
    items = tuple(f"- item {number} with a few words" for number in range(40))
    chunked = cut([Block(BlockKind.LIST, items)])
    assert len(chunked.chunks) > 3
    assert [line for passage in chunked.chunks for line in passage.text.split("\n")] == list(items)


def test_indentation_and_blank_lines_of_code_survive() -> None:
    lines = tuple(line for n in range(30) for line in (f"def f{n}(x):", "    return x + 1", "", ""))[:-2]
    chunked = cut([Block(BlockKind.CODE, lines)])
    assert len(chunked.chunks) > 3
    assert all(passage.text == passage.text.strip("\n") for passage in chunked.chunks)
    assert any(passage.text.startswith("def") for passage in chunked.chunks[1:])


def test_a_long_paragraph_is_cut_after_sentences() -> None:
    chunked = cut([paragraph(sentences(40))])
    assert all(
        passage.text.startswith("This is") and passage.text.endswith("them.") for passage in chunked.chunks
    )


def test_a_sentence_longer_than_the_limit_is_cut_between_words() -> None:
    chunked = cut([paragraph(words(500))])
    assert [word for passage in chunked.chunks for word in passage.text.split()] == words(500).split()


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0x4E00 + number * 37 % 8000) for number in range(3_000)),
        "。".join("漢字仮名交じり文" for _ in range(300)),
        "".join("abcdefgh+/0123"[number * number % 14] for number in range(20_000)),
        "x" * 50_000,
    ],
    ids=["ideographs", "sentences", "base64", "one letter"],
)
def test_text_without_blanks_is_cut_to_the_limit_of_the_bundled_tokenizer(text: str) -> None:
    counter = TokenizerFile(bundled_model_folder())
    chunked = chunk([paragraph(text)], counter)
    assert rejoined(chunked) == text
    assert all(passage.tokens <= counter.limit and len(passage.text) <= 4064 for passage in chunked.chunks)
    assert counter.count([passage.embedded for passage in chunked.chunks]) == [
        p.tokens for p in chunked.chunks
    ]


def test_a_character_that_exceeds_the_limit_by_itself_is_refused() -> None:
    class Verbose(WordCounter):
        def count(self, texts: Sequence[str]) -> list[int]:
            return [100 * len(text) for text in texts]

    with pytest.raises(ValueError, match="character"):
        chunk([paragraph("abc")], Verbose(50))
