"""What no office document can do to its reader, whichever format it is in."""

from __future__ import annotations

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import ParseError
from indexer.parsing.detect import Detected, detect
from indexer.parsing.office import package
from tests.unit.parsing.office_files import archive, docx, epub, odf, ooxml, pptx, rows, shape, w, xlsx
from tests.unit.parsing.office_reading import failure, read, seen

LONG = " ".join(f"word{n} {n * n}" for n in range(3000))
RTF = rb"{\rtf1\ansi " + LONG.encode() + b"}"
WHOLE = {
    "docx": docx("".join(w(f"{LONG[n : n + 50]}") for n in range(0, 9000, 50))),
    "pptx": pptx(*(shape(LONG[n : n + 900], placeholder="title") for n in range(0, 9000, 900))),
    "xlsx": xlsx(('name="S"', rows(*(LONG[n : n + 90] for n in range(0, 9000, 90))))),
    "odt": odf("text", f"<text:p>{LONG}</text:p>"),
    "epub": epub({"a": f"<p>{LONG}</p>", "b": f"<p>{LONG[::-1]}</p>"}),
    "rtf": RTF,
}
EVIL = '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("name", WHOLE)
def test_a_document_cut_short_anywhere_fails_and_says_so(name: str) -> None:
    data = WHOLE[name]
    for end in (*range(1024, len(data), 1024), len(data) - 1):
        found = detect(data[:end], f"a.{name}")
        if isinstance(found, Detected):
            error = failure(data[:end], f"a.{name}")
            assert (error.reason, bool(error.remedy)) == ("damaged", True), end
        else:
            assert (found.reason, bool(found.remedy)) == ("damaged", True), end


@pytest.mark.parametrize("name", WHOLE)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=6))
def test_flipped_bits_give_text_or_a_reason(name: str, flips: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE[name])
    for place, value in flips:
        data[place % len(data)] ^= value
    found = detect(bytes(data), f"a.{name}")
    if isinstance(found, Detected) and found.format.isolated:
        reason = reason_for(bytes(data), f"a.{name}")
        assert reason in (None, "damaged", "malformed", "encrypted", "too-large", "needs-ocr")


def reason_for(data: bytes, name: str) -> str | None:
    """Why `data` cannot be read; None if it can. Any other exception is one too many."""
    try:
        read(data, name)
    except ParseError as error:
        return error.reason
    return None


@pytest.mark.parametrize("name", WHOLE)
def test_the_same_bytes_give_the_same_blocks(name: str) -> None:
    assert read(WHOLE[name]) == read(WHOLE[name])
    assert read(WHOLE[name]).blocks


def test_a_bomb_is_refused_by_what_its_directory_says() -> None:
    bomb = archive({"[Content_Types].xml": "<T/>", "word/document.xml": b" " * (80 << 20)})
    error = failure(bomb)
    assert (error.reason, "80" not in error.remedy) == ("too-large", True)
    assert "word/document.xml unpacks to 84 MB" in error.message


def test_a_part_that_is_larger_than_its_directory_says_is_not_unpacked_further() -> None:
    data = bytearray(
        archive({"[Content_Types].xml": "<T/>", "word/document.xml": b"<a>" + b"x" * 100_000 + b"</a>"})
    )
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 10)
    assert failure(bytes(data)).reason in ("damaged", "malformed")


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("MOST_ENTRIES", 2, "3 parts"),
        ("MOST_BYTES", 100, "unpacked it has"),
        ("LARGEST_XML", 50, "in it has"),
    ],
)
def test_every_limit_of_a_container_is_held(
    limit: str, value: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, limit, value)
    error = failure(docx(w("x")))
    assert error.reason == "too-large"
    assert words in error.message


def test_an_encrypted_member_makes_the_document_encrypted() -> None:
    data = bytearray(docx(w("x")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(signature)
        data[place + offset] |= 1
    assert failure(bytes(data)).reason == "encrypted"


def test_a_document_type_is_refused_and_its_entities_never_read() -> None:
    document = f"{EVIL}<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>&f;&a;</w:t></w:r></w:p></w:body></w:document>"
    for main, part in (("word/document.xml", document), ("xl/workbook.xml", f"{EVIL}<workbook/>")):
        error = failure(ooxml(main, {main: part}))
        assert (error.reason, "document type" in error.message) == ("malformed", True)
    sheet = f"{EVIL}<worksheet><sheetData><row><c t='inlineStr'><is><t>&a;</t></is></c></row></sheetData></worksheet>"
    error = failure(xlsx(('name="S"', ""), parts={"xl/worksheets/sheet1.xml": sheet}))
    assert error.reason == "malformed"


def test_properties_with_a_document_type_say_nothing_and_cost_nothing() -> None:
    data = ooxml(
        "word/document.xml",
        {
            "word/document.xml": "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>x</w:t></w:r></w:p></w:body></w:document>",
            "docProps/core.xml": f"{EVIL}<c><title>&f;</title></c>",
        },
    )
    reading = read(data)
    assert (reading.title, dict(reading.metadata)) == (None, {})


def test_entities_that_multiply_are_refused_as_a_document_type_and_not_in_the_words_of_the_reader() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    endless = '<!ENTITY a "&b;"><!ENTITY b "&a;">'
    for entities, use in ((f'<!ENTITY e0 "ha">{levels}', "&e9;"), (endless, "&a;")):
        main = f"<!DOCTYPE x [{entities}]><x>{use}</x>"
        error = failure(ooxml("word/document.xml", {"word/document.xml": main}))
        assert error.message.startswith("word/document.xml in it declares a document type")


def test_xml_nested_without_end_is_refused() -> None:
    deep = docx("<w:sdt><w:sdtContent>" * 5000 + w("x") + "</w:sdtContent></w:sdt>" * 5000)
    error = failure(deep)
    assert error.reason == "malformed"
    assert "more than 256 elements within one another" in error.message
    assert "XML_PARSE" not in error.message


def test_archives_within_a_document_stay_closed() -> None:
    inner = archive({"[Content_Types].xml": "<T/>", "word/document.xml": "<a/>"})
    parts: dict[str, str | bytes] = {"word/embeddings/oleObject1.bin": inner * 50}
    whole = ooxml(
        "word/document.xml",
        {
            "word/document.xml": "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>x</w:t></w:r></w:p></w:body></w:document>",
            **parts,
        },
    )
    assert seen(whole) == [("paragraph", "x")]
