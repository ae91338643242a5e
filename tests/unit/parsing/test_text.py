from __future__ import annotations

import subprocess
import sys
import time

import pytest

from indexer.parsing.canonical import canonical_text
from tests.unit.parsing.reading import parsed, shapes


def test_paragraphs_stand_between_blank_lines_and_keep_their_lines() -> None:
    assert shapes("\n\none  \ntwo\n \t\n\nthree\r\nfour\rfive", "a.txt") == [
        ("paragraph", "one\ntwo"),
        ("paragraph", "three\nfour\nfive"),
    ]


def test_form_feeds_end_pages() -> None:
    document = parsed("one\n\nalso one\ftwo\n\f\nfour", "a.txt")
    assert [(block.text, block.page) for block in document.blocks] == [
        ("one", 1),
        ("also one", 1),
        ("two", 2),
        ("four", 3),
    ]
    assert parsed("no pages", "a.txt").blocks[0].page is None


def test_code_is_verbatim_between_blank_lines() -> None:
    assert shapes("def f():  \n    x\n\n\n  y\n", "a.py") == [
        ("code", "def f():  ", "    x"),
        ("code", "  y"),
    ]


def test_text_is_composed_and_free_of_what_cannot_be_stored() -> None:
    assert shapes("e\u0301 \u212b", "a.txt") == [("paragraph", "é Å")]
    assert shapes("<p>a&#xD800;b&#0;c</p>", "a.html")[0][1].isprintable()


def test_a_run_of_combining_marks_is_broken_up_instead_of_sorted_for_hours() -> None:
    source = "a" + "\u0301\u0323" * 50_000
    text = canonical_text(parsed(source, "a.txt").blocks)
    assert text.replace("\u034f", "").count("\u0323") >= 49_000


@pytest.mark.parametrize("ending", ["txt", "md", "rst", "html", "csv", "json", "yaml", "py"])
@pytest.mark.parametrize("content", ["x", "word ", "é "], ids=["one-word", "words", "accents"])
def test_a_line_of_megabytes_takes_no_more_than_its_share_of_time(ending: str, content: str) -> None:
    source = content * (3_000_000 // len(content))
    start = time.process_time()
    document = parsed(source, f"a.{ending}")
    # Generous, for slow machines under load; anything quadratic would take hours.
    assert time.process_time() - start < 10
    assert len(canonical_text(document.blocks)) >= len(source) - 10


def test_importing_the_package_loads_no_format() -> None:
    program = (
        "import sys, indexer.parsing\n"
        "print(*sorted({'lxml', 'docutils', 'markdown_it', 'yaml', 'charset_normalizer'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""
