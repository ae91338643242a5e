from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.parsing.canonical import canonical_text
from tests.unit.parsing.reading import outline, parsed, shapes

POLICY = """---
title: "Example Policy: private data"
version: 1.10
redirect_from:
  - /old/one
  - /old/two
topics: [Policy, Legal]
empty:
date: 2024-03-01
draft: yes
contact: {name: A. Person, mail: a@example.org}
---

Effective date: [March 1](https://example.org/march "tip")

# Example *Policy* {#top}

Hard-wrapped
lines.

Second Part `code` & more
-------------------------

1. First item
   continued

   second paragraph
2. Second
   - nested
     deeper

* other list

| Term | Meaning |
|------|---------|
| User | you     |
| We   | us      |

> ## not a heading
> quoted

```python
def f():{blanks}

    return 1
```

<!-- a note to
editors -->

<details>
<summary>More</summary>
</details>

[ref]: https://example.org/ref "Reference"

***

    indented code
""".replace("{blanks}", "  ")


def test_front_matter_becomes_metadata_in_its_own_spelling() -> None:
    document = parsed(POLICY, "policy.md")
    assert document.metadata == {
        "contact.mail": "a@example.org",
        "contact.name": "A. Person",
        "date": "2024-03-01",
        "draft": "yes",
        "redirect_from": "/old/one, /old/two",
        "title": "Example Policy: private data",
        "topics": "Policy, Legal",
        "version": "1.10",
    }
    assert document.labels == ("1.10",)
    assert document.title == "Example Policy: private data"


def test_headings_give_their_words_and_keep_their_source() -> None:
    document = parsed(POLICY, "policy.md")
    assert outline(document) == [(1, "Example Policy"), (2, "Second Part code & more")]
    assert "# Example *Policy* {#top}" in [block.text for block in document.blocks]


def test_blocks_keep_the_lines_of_the_source_and_are_cut_at_items_rows_and_lines() -> None:
    assert shapes(POLICY, "policy.md") == [
        ("paragraph", 'Effective date: [March 1](https://example.org/march "tip")'),
        ("heading", "# Example *Policy* {#top}"),
        ("paragraph", "Hard-wrapped\nlines."),
        ("heading", "Second Part `code` & more\n-------------------------"),
        ("list", "1. First item\n   continued\n\n   second paragraph", "2. Second\n   - nested\n     deeper"),
        ("list", "* other list"),
        ("table", "| Term | Meaning |", "|------|---------|", "| User | you     |", "| We   | us      |"),
        ("paragraph", "> ## not a heading\n> quoted"),
        ("code", "```python", "def f():  ", "", "    return 1", "```"),
        ("paragraph", "<details>\n<summary>More</summary>\n</details>"),
        ("paragraph", '[ref]: https://example.org/ref "Reference"'),
        ("code", "    indented code"),
    ]


def test_a_table_repeats_its_names_and_dashes() -> None:
    [table] = parsed("| a | b |\n|---|---|\n| 1 | 2 |\n", "t.md").blocks
    assert table.header_parts == 2


def test_without_front_matter_the_first_outermost_heading_is_the_title() -> None:
    assert parsed("Intro\n\n## Sub\n\n# The Title\n", "a.md").title == "The Title"
    assert parsed("no heading", "a.md").title is None


@pytest.mark.parametrize(
    "broken", ["title: [a, b", "a: 1\n\tb: 2", "? " * 3 + "{", "x: *nothing", "[" * 5000]
)
def test_broken_front_matter_is_kept_as_a_paragraph(broken: str) -> None:
    document = parsed(f"---\n{broken}\n---\n\n# Title\n", "a.md")
    assert shapes(f"---\n{broken}\n---\n\n# Title\n", "a.md") == [
        ("paragraph", f"---\n{broken}\n---"),
        ("heading", "# Title"),
    ]
    assert document.metadata == {}


def test_a_rule_that_opens_a_document_is_no_front_matter() -> None:
    assert shapes("---\n\nJust words.\n\n---\n\nMore.\n", "a.md") == [
        ("paragraph", "Just words."),
        ("paragraph", "More."),
    ]


def test_no_tag_of_front_matter_is_acted_on() -> None:
    document = parsed("---\nx: !!python/object/apply:os.getcwd []\ny: !!timestamp 1.10\n---\n", "a.md")
    assert document.metadata == {"y": "1.10"}


def test_aliases_that_would_multiply_do_not() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(300))
    assert parsed(f"---\n{bomb}---\n\ntext\n", "a.md").metadata == {"a": "x, x"}


def test_a_byte_order_mark_does_not_hide_front_matter() -> None:
    assert parsed(b"\xef\xbb\xbf---\r\nversion: 3.1\r\n---\r\n# T\r\n", "a.md").labels == ("3.1",)


WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=1, max_size=4).map(" ".join)
CONSTRUCTS = st.one_of(
    WORDS,
    WORDS.map(lambda words: f"## {words}"),
    WORDS.map(lambda words: f"{words}\n==="),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(WORDS, min_size=1, max_size=3).map(
        lambda items: "\n\n".join(f"1. {item}\n   - {item}" for item in items)
    ),
    WORDS.map(lambda words: f"> {words}\n>\n> # {words}"),
    WORDS.map(lambda words: f"```\n{words}\n\n{words}\n```"),
    WORDS.map(lambda words: f"| {words} | b |\n|---|---|\n| {words} | c |"),
    WORDS.map(lambda words: f'[{words}]: https://example.org "{words}"'),
    WORDS.map(lambda words: f"[^{words.split()[0]}]: {words}"),
    WORDS.map(lambda words: f"<div>\n{words}\n</div>"),
    WORDS.map(lambda words: f"    {words}"),
)


@settings(max_examples=150, deadline=None)
@given(
    constructs=st.lists(CONSTRUCTS, max_size=8),
    separators=st.lists(st.sampled_from(["\n\n", "\n", "\n\n\n"]), min_size=8, max_size=8),
)
def test_every_word_of_the_source_appears_in_order(constructs: list[str], separators: list[str]) -> None:
    source = "".join(map("".join, zip(constructs, separators, strict=False)))
    text = canonical_text(parsed(source, "a.md").blocks)
    assert re.findall(r"\w+", text) == re.findall(r"\w+", source)
