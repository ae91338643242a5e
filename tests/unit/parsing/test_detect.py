from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing import Parsers
from indexer.parsing.detect import Detected, Unparsable, detect
from indexer.parsing.formats import Format
from indexer.parsing.office import compound
from tests.unit.parsing.office_files import compound_file
from tests.unit.parsing.reading import parsed


def archive(*names: str, stored: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            # A fixed date: the bytes name the test, and every process has to collect the same names.
            file.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), stored or b"x")
    return buffer.getvalue()


OOXML = "[Content_Types].xml"


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", Format.PDF),
        (b"\x00\x01junk before it\n%PDF-1.7\n", Format.PDF),
        (archive(OOXML, "word/document.xml"), Format.DOCX),
        (archive(OOXML, "xl/workbook.xml"), Format.XLSX),
        (archive(OOXML, "ppt/presentation.xml"), Format.PPTX),
        (b"MZ-stub" + archive(OOXML, "word/document.xml"), None),
        (archive("mimetype", "a", stored=b"application/epub+zip"), Format.EPUB),
        (archive("META-INF/container.xml", "OEBPS/content.opf"), Format.EPUB),
        (archive("mimetype", stored=b"application/vnd.oasis.opendocument.text"), Format.ODT),
        (archive("mimetype", stored=b"application/vnd.oasis.opendocument.spreadsheet"), Format.ODS),
        (archive("mimetype", stored=b"application/vnd.oasis.opendocument.presentation"), Format.ODP),
        (compound_file("WordDocument", "1Table"), Format.DOC),
        (compound_file("PowerPoint Document"), Format.PPT),
        (compound_file("Workbook"), Format.XLS),
        (compound_file("__properties_version1.0"), Format.MSG),
        (rb"{\rtf1\ansi Hello}", Format.RTF),
        (b"Received: by x\nFrom: a@example.org\nSubject: Hi\n\nText\n", None),
    ],
)
@pytest.mark.parametrize("key", ["name.md", "docs/name.docx", "name.pdf", "name.xls"])
def test_documents_are_known_by_their_content_whatever_the_file_is_called(
    data: bytes, format_: Format | None, key: str
) -> None:
    found = detect(data, key)
    assert (found.format if isinstance(found, Detected) and found.format.isolated else None) == format_


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (archive("a.txt"), "ZIP archives"),
        (archive("word/of/mouth.txt"), "ZIP archives"),
        (archive("a.pdf", stored=b"%PDF-1.7\n"), "ZIP archives"),
        (archive("META-INF/MANIFEST.MF"), "Java archives"),
        (archive(OOXML, "visio/document.xml"), "Visio drawings"),
        (archive("mimetype", stored=b"application/vnd.oasis.opendocument.graphics"), "OpenDocument drawings"),
        (compound_file("VisioDocument"), "Visio drawings"),
        (compound_file("Contents"), "OLE documents"),
        (gzip.compress(b"x", mtime=0), "gzip archives"),
        (b"\x89PNG\r\n\x1a\n\x00", "PNG images"),
        (b"SQLite format 3\x00", "SQLite databases"),
        (b"\x7fELF\x02\x01", "executables"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP images"),
    ],
)
@pytest.mark.parametrize("key", ["name", "docs/name.md", "name.docx"])
def test_content_without_a_parser_is_named_whatever_the_file_is_called(
    data: bytes, kind: str, key: str
) -> None:
    assert Parsers().identify(data, key) == "none/0"
    found = detect(data, key)
    assert isinstance(found, Unparsable)
    assert (found.reason, found.message) == ("no-parser", f"no parser yet for {kind}")


@pytest.mark.parametrize(
    ("data", "key", "reason", "words"),
    [
        (compound_file("EncryptedPackage", "EncryptionInfo"), "a.xlsx", "encrypted", "password"),
        (b"-----BEGIN PGP MESSAGE-----\n", "a.txt", "encrypted", "password"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "a.xlsx",
            "lfs-pointer",
            "Git LFS",
        ),
        (b"", "a.pdf", "empty", "0 bytes"),
        (b"", "a.DOCX", "empty", "0 bytes"),
        (archive(OOXML, "word/document.xml")[:90], "a", "damaged", "a Word document without its directory"),
        (archive(OOXML, "xl/a", "xl/b")[:-30], "a.txt", "damaged", "an Excel workbook without its directory"),
        (archive("mimetype", stored=b"application/epub+zip")[:70], "a", "damaged", "an EPUB book without"),
        (compound_file("WordDocument", "a", "b", "c")[:1400], "a", "damaged", "a Word 97 document without"),
        (
            compound_file("a", "b", "c", "WordDocument")[:1200],
            "a",
            "damaged",
            "an Office 97 document without",
        ),
        (b"\x00\x01\x02\xfe" * 99, "a.bin", "binary", "no parser yet for binary data"),
    ],
)
def test_what_no_parser_can_help_says_why_and_what_to_do(
    data: bytes, key: str, reason: str, words: str
) -> None:
    found = detect(data, key)
    assert isinstance(found, Unparsable)
    assert found.reason == reason
    assert words in found.message
    assert found.remedy or reason == "binary"


def test_a_message_with_a_document_inside_is_a_message() -> None:
    data = compound_file("__properties_version1.0", inside=compound_file("WordDocument", "EncryptedPackage"))
    found = detect(data, "a.msg")
    assert isinstance(found, Detected)
    assert found.format is Format.MSG


def test_mail_is_told_from_text_that_looks_like_it() -> None:
    mail = b"Received: by x\nFrom: a@example.org\nSubject: Hi\n\nText\n"
    memo = b"From: me\nTo: you\nSubject: Hi\n\nText\n"
    signed = b"MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=x\n\n--x\n"
    box = b"From a Sat Jan  3 01:05:34 2024\n" + mail + b"\nFrom b Sat Jan  3 01:05:34 2024\n" + mail
    assert Parsers().identify(mail, "a.eml") == "eml/1"
    assert Parsers().identify(memo, "a.eml") == "eml/1"
    assert Parsers().identify(signed, "a.p7s") == "eml/1"
    assert Parsers().identify(mail, "message") == "eml/1"
    assert Parsers().identify(memo, "memo") == "text/1"
    assert Parsers().identify(mail, "a.rst") == "restructured/1"
    assert Parsers().identify(box, "a.mbox") == "none/0"
    assert Parsers().identify(b"no header at all", "a.eml") == "text/1"


@given(data=st.binary(max_size=3000), name=st.sampled_from(["a", "a.docx", "a.doc", "a.eml", "a.pdf"]))
def test_detection_never_raises(data: bytes, name: str) -> None:
    for start in (b"", b"PK\x03\x04", compound.SIGNATURE, compound_file("Workbook")[:1024]):
        detect(start + data, name)


@pytest.mark.parametrize(
    "data", [archive(OOXML, "word/document.xml", stored=b"x" * 3000), compound_file("Workbook")]
)
@given(places=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8))
def test_detection_never_raises_on_damaged_containers(data: bytes, places: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, value in places:
        damaged[place % len(damaged)] = value
    detect(bytes(damaged), "a")


@pytest.mark.parametrize(
    ("content", "key", "parser"),
    [
        ("# T", "A/README.MD", "markdown/1"),
        ("# T", "README", "text/1"),
        ("T", "a.b/c", "text/1"),
        ("T", "notes.v2", "code/1"),
        ("T", ".gitignore", "text/1"),
        ("T", "notes.3", "text/1"),
        ("T", "saved.docx", "text/1"),
        ("x = 1", "a.toml", "code/1"),
        ("<svg/>", "a.svg", "code/1"),
        ("<!DOCTYPE html><p>x", "a.txt", "html/1"),
        ("<!-- c --><html lang=en><p>x", "report.xls", "html/1"),
        ("<!DOCTYPE html><p>x", "page.php", "code/1"),
        ("<html>in a guide</html>", "guide.md", "markdown/1"),
        ('<?xml version="1.0"?><a/>', "a", "code/1"),
        ("a\tb\n", "a.tab", "table/1"),
        ("{}", "a.json", "json/1"),
        ("a: 1", "a.yml", "yaml/1"),
        ("T", "", "text/1"),
        ("T", "a\\b.md", "markdown/1"),
    ],
)
def test_the_format_is_read_from_the_content_first_and_the_name_second(
    content: str, key: str, parser: str
) -> None:
    assert Parsers().identify(content.encode(), key) == parser
    assert parsed(content, key).parser == parser


@pytest.mark.parametrize("data", [bytes(300), b"PK\x05\x06" + bytes(18), bytes(range(256)) * 4])
def test_what_shows_no_document_under_a_documents_name_is_damaged(data: bytes) -> None:
    for key in ("a.docx", "b.xlsx", "c.pdf"):
        found = detect(data, key)
        assert isinstance(found, Unparsable)
        assert found.reason == "damaged"
        assert found.remedy


def test_a_web_page_in_one_file_is_a_mail_whatever_its_name() -> None:
    page = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
    for key in ("page.doc", "page.xls", "page.mht", "page.html"):
        found = detect(page, key)
        assert not isinstance(found, Unparsable)
        assert found.format is Format.EML
    assert detect(b"MIME-Version: 1.0 is a header.", "page.html") != detect(page, "page.html")
