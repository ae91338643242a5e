"""Keys stand for file names without loss."""

from __future__ import annotations

import os
import unicodedata
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.names import key_of, key_of_bytes, path_of

MARK = "\N{REPLACEMENT CHARACTER}"
pieces = st.sampled_from(
    [b"a", b"/", MARK.encode(), b"\xef", b"\xbf", b"\xbd", b"\xed\xa0\x80", b"e9", "é".encode()]
)
names = st.one_of(
    st.binary(max_size=20).map(lambda name: name.replace(b"\0", b"")),
    st.lists(pieces, max_size=8).map(b"".join),
)


@given(names)
@example(b"caf\xe9")
@example(MARK.encode() + b"e9")
def test_every_name_comes_back_from_its_key(name: bytes) -> None:
    key = key_of_bytes(name)
    assert key.encode() or not name
    assert path_of(key) == name


@given(st.lists(names, unique=True, min_size=2, max_size=6))
def test_no_two_names_share_a_key(found: list[bytes]) -> None:
    assert len({key_of_bytes(name) for name in found}) == len(found)


@given(names)
def test_the_key_does_not_depend_on_how_the_system_decodes_names(name: bytes) -> None:
    assert key_of(os.fsdecode(name)) == key_of_bytes(name)


@given(names, names)
def test_the_key_of_a_path_is_made_of_the_keys_of_its_names(folder: bytes, name: bytes) -> None:
    assert key_of_bytes(folder + b"/" + name) == f"{key_of_bytes(folder)}/{key_of_bytes(name)}"


@given(st.text(max_size=8) | st.lists(st.sampled_from([MARK, "e", "9", "61", "\0"])).map("".join))
def test_a_key_that_no_name_has_is_refused(key: str) -> None:
    try:
        assert key_of_bytes(path_of(key)) == key
    except ValueError as error:
        assert "no file name" in str(error) or isinstance(error, UnicodeEncodeError)  # noqa: PT017


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_normal_forms_are_kept_apart(form: Literal["NFC", "NFD"]) -> None:
    name = unicodedata.normalize(form, "Urlaubsgrüße.md")
    assert key_of_bytes(name.encode()) == name


def test_an_invalid_byte_shows_its_value() -> None:
    assert key_of_bytes(b"caf\xe9.md") == f"caf{MARK}e9.md"
