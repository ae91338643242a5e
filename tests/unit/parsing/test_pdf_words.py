"""Characters and the hyphens of line ends."""

from __future__ import annotations

import pytest

from indexer.parsing.pdf.words import (
    BREAK,
    letter_of,
    mended,
    normal_characters,
    plain,
    read_backwards,
    unmapped,
    vocabulary,
)

KNOWN = vocabulary(["The well-known e-mail and the information", "on re-"])


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("the infor-", "mation desk", "the information desk"),
        (f"the infor{BREAK}", "mation desk", "the information desk"),
        ("the infor\u00ad", "mation desk", "the information desk"),
        ("a well-", "known fact", "a well-known fact"),
        (f"an e{BREAK}", "mail", "an e-mail"),
        ("the Anglo-", "American way", "the Anglo-American way"),
        ("Vor-", "und Nachteile", "Vor- und Nachteile"),
        ("pages 12-", "14", "pages 12- 14"),
        ("one line", "and another", "one line and another"),
        ("日本語の文", "章です", "日本語の文章です"),
        ("", "start", "start"),
        ("end", "", "end"),
    ],
)
def test_lines_join_and_parted_words_become_whole(first: str, second: str, whole: str) -> None:
    assert plain(mended(first, second, KNOWN)) == whole


def test_the_vocabulary_has_no_words_that_line_ends_part() -> None:
    assert "re" not in KNOWN
    assert {"well-known", "information", "on"} <= KNOWN


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("of\ufb01ce e\ufb03cient", "office efficient"),
        ("a\u00a0b\u2009c\u200bd", "a b cd"),
        ("\uf0b7 item", "• item"),
        ("o\u21b5er", "offer"),
        ("press \u21b5", "press \u21b5"),
        ("\ufefb", "لا"),
    ],
)
def test_presentation_forms_become_letters(given: str, made: str) -> None:
    assert normal_characters(given) == made


def test_characters_without_a_meaning_are_told() -> None:
    assert all(map(unmapped, (0x01, 0xE123, 0xFFFD, 0xF0001)))
    assert not any(map(unmapped, (0x20, 0x41, 0x02, 0x0B, 0xF0B7, 0x4E00)))
    assert (letter_of(0x0E), letter_of(0xD800), letter_of(0x41)) == ("ffi", "\ufffd", "A")


def test_text_drawn_from_left_to_right_is_turned_where_its_script_is_not() -> None:
    assert read_backwards("abc םולש 12") == "abc שלום 12"
