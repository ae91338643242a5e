"""Hashes of contents and ids made of parts."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from indexer.hashing import content_hash, short_id, text_hash

parts = st.lists(st.text(max_size=8), max_size=4)


def test_a_content_hash_is_blake3_and_says_so() -> None:
    # The published test vector of BLAKE3 for no input.
    assert content_hash(b"") == "b3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


def test_a_text_hash_is_the_hash_of_its_utf8() -> None:
    assert text_hash("§ 4.2") == content_hash("§ 4.2".encode())
    assert text_hash("a\ud800") != text_hash("a")


def test_an_id_stays_what_it_is_for_ever() -> None:
    # Citations hold these: a change here breaks every one that was ever given.
    assert short_id("v", "ab", "c") == "v_qr50gjgq6aaebqnq2792"


@given(one=parts, other=parts)
def test_ids_are_equal_iff_their_parts_are(one: list[str], other: list[str]) -> None:
    assert (short_id("p", *one) == short_id("p", *other)) == (one == other)


@given(one=parts)
def test_ids_are_twenty_digits_that_are_hard_to_misread_and_differ_by_prefix(one: list[str]) -> None:
    assert re.fullmatch(r"p_[0-9a-hjkmnp-tv-z]{20}", short_id("p", *one))
    assert short_id("p", *one)[1:] != short_id("v", *one)[1:]
