from __future__ import annotations

import codecs

import pytest

from indexer.parsing.decode import decode
from tests.unit.parsing.reading import parsed

GERMAN = "Die Prüfung läuft über größere Änderungen – „schön“, kostet 15 €.\n"
RUSSIAN = "Настоящая политика определяет порядок обработки персональных данных пользователей.\n"
JAPANESE = "この文書は、利用者の個人情報の取り扱いについて定めるものです。\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", [GERMAN, "Plain words.\n", JAPANESE + "Version 3, 2024-03-01 (draft), all rights\n"]
)
def test_utf_16_is_read_with_and_without_a_mark(encoding: str, text: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    for data in (text.encode(encoding), mark + text.encode(encoding)):
        found = decode(data)
        assert found is not None
        assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        ("caf\xe9", "latin-1"),
        (RUSSIAN * 3, "cp1251"),
        (JAPANESE * 3, "shift-jis"),
        (GERMAN, "utf-32"),
    ],
)
def test_text_in_other_encodings_is_read_as_text(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert found is not None
    assert found.text == text
    assert found.remark is not None


def test_a_few_broken_bytes_do_not_spoil_utf_8() -> None:
    found = decode((RUSSIAN * 5).encode() + b"\xff and " + RUSSIAN.encode())
    assert found is not None
    assert found.text == RUSSIAN * 5 + "\ufffd and " + RUSSIAN
    assert found.remark == "utf-8, 1 undecodable"


def test_the_encoding_is_told_unless_it_is_flawless_utf_8() -> None:
    assert parsed(GERMAN.encode("cp1252"), "a.txt").metadata == {"encoding": "cp1252"}
    assert parsed(GERMAN.encode(), "a.txt").metadata == {}
    assert parsed(codecs.BOM_UTF8 + GERMAN.encode(), "a.txt").metadata == {}


def test_a_declared_encoding_is_believed_only_if_it_is_true() -> None:
    declared = "<?xml version='1.0' encoding='koi8-r'?>\n" + RUSSIAN
    found = decode(declared.encode("koi8-r"))
    assert found is not None
    assert found.text == declared
    for name in ("no-such-codec", "hex", "unicode_escape", "utf-16", "idna"):
        page = f"<meta charset={name}>caf\xe9".encode("latin-1")
        lied = decode(page)
        assert lied is not None
        assert lied.text.endswith("café")


@pytest.mark.parametrize(
    "data", [bytes(range(256)), b"\x00" * 100, b"a\x00b" * 50, b"\x01\x02\x03words", b"\xff\xfe\x00\xd8" * 9]
)
def test_binary_data_are_no_text(data: bytes) -> None:
    assert decode(data) is None


def test_a_log_with_colours_is_text() -> None:
    assert decode(b"\x1b[31merror\x1b[0m something failed\n") is not None
