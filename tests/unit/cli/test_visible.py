"""Text from documents cannot steer a terminal or break a line."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from indexer.cli.visible import shortened, visible_line, visible_text

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_a_line_has_no_control_character_and_can_be_encoded(text: str) -> None:
    line = visible_line(text)

    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in line)
    line.encode("utf-8")


@given(ANY_TEXT)
def test_a_text_has_no_control_character_but_line_feeds(text: str) -> None:
    assert not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        for character in visible_text(text)
        if character != "\n"
    )


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S"))))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible_text(text) == text
    assert visible_line(text) == text


@given(ANY_TEXT, st.integers(1, 60))
def test_a_shortened_text_has_at_most_the_width_and_no_line_feed(text: str, width: int) -> None:
    short = shortened(text, width)

    assert len(short) <= width
    assert "\n" not in short


def test_what_would_steer_a_terminal_is_shown_instead() -> None:
    assert visible_line("a\x1b[31mb\nc\u202ed\udc80") == r"a\x1b[31mb\nc\u202ed\udc80"
