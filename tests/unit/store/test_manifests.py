"""How manifests are packed: exactly, small, and with damage noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import ManifestEntry
from indexer.store.catalog.manifests import decode, encode, passage_numbers

_separators = st.one_of(st.sampled_from(["", "\n\n", "\n", " ", "\n\n\n"]), st.text(max_size=300))
_entries = st.lists(
    st.builds(
        ManifestEntry,
        st.integers(min_value=1, max_value=2**40),
        _separators,
        st.none() | st.integers(min_value=0, max_value=10_000),
    ),
    max_size=30,
)


@given(_entries)
def test_what_was_packed_comes_back(entries: list[ManifestEntry]) -> None:
    packed = encode(entries)
    assert decode(packed) == tuple(entries)
    assert passage_numbers(packed) == [entry.passage_no for entry in entries]


@given(_entries, _entries)
def test_other_entries_are_packed_otherwise(one: list[ManifestEntry], other: list[ManifestEntry]) -> None:
    assert (encode(one) == encode(other)) == (one == other)


@given(_entries, st.data())
def test_a_manifest_that_is_cut_short_is_noticed(entries: list[ManifestEntry], data: st.DataObject) -> None:
    packed = encode(entries)
    length = data.draw(st.integers(min_value=0, max_value=len(packed) - 1))
    with pytest.raises(ValueError, match="manifest"):
        decode(packed[:length])


@given(_entries, st.binary(min_size=1, max_size=5))
def test_a_manifest_with_something_behind_it_is_noticed(entries: list[ManifestEntry], more: bytes) -> None:
    with pytest.raises(ValueError, match="manifest"):
        decode(encode(entries) + more)


@given(st.binary(max_size=60))
def test_any_bytes_decode_or_raise_value_error(data: bytes) -> None:
    try:
        entries = decode(data)
    except ValueError:
        return
    assert decode(encode(entries)) == entries


def test_the_manifest_of_a_usual_text_costs_a_byte_or_two_an_entry() -> None:
    """A million versions of forty passages have to fit in 200 MB, all their other columns included."""
    entries = [ManifestEntry(120_000 + number, "\n\n" if number else "") for number in range(40)]
    assert len(encode(entries)) <= 60


def test_a_number_in_the_middle_that_comes_from_an_edit_costs_a_few_bytes_only() -> None:
    entries = [ManifestEntry(120_000 + number, "\n\n" if number else "") for number in range(40)]
    edited = [*entries[:20], ManifestEntry(990_000, "\n\n"), *entries[21:]]
    assert len(encode(edited)) <= len(encode(entries)) + 6


def test_the_stored_form_stays_what_it_is() -> None:
    """Indexes of earlier releases hold these bytes."""
    entries = [
        ManifestEntry(7, ""),
        ManifestEntry(8, "\n\n", 1),
        ManifestEntry(300, "\n", 1),
        ManifestEntry(8, " ", 2),
        ManifestEntry(9, "\n\n\n", 2),
    ]
    stored = bytes.fromhex("05 0e 02 c804 c704 02 01 00 01 01 01 02 01 03 01 0f 03 0a0a0a 01 00 02 02 02 03")
    assert encode(entries) == stored
    assert decode(stored) == tuple(entries)
