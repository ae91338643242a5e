from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from indexer.errors import ParseError
from indexer.parsing import Parsers
from tests.unit.parsing.reading import parsed


def archive(*names: str, stored: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            # A fixed date: the bytes name the test, and every process has to collect the same names.
            file.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), stored or b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF documents"),
        (archive("[Content_Types].xml", "word/document.xml"), "Word documents"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "Excel workbooks"),
        (archive("ppt/presentation.xml"), "PowerPoint presentations"),
        (archive("word/document.xml")[:60], "Word documents"),
        (archive("mimetype", stored=b"application/epub+zip"), "EPUB books"),
        (archive("mimetype", stored=b"application/vnd.oasis.opendocument.text"), "OpenDocument files"),
        (archive("a.txt"), "ZIP archives"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "Word 97 documents"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted Office documents",
        ),
        (rb"{\rtf1\ansi Hello}", "RTF documents"),
        (gzip.compress(b"x", mtime=0), "gzip archives"),
        (b"\x89PNG\r\n\x1a\n\x00", "PNG images"),
        (b"SQLite format 3\x00", "SQLite databases"),
        (b"\x7fELF\x02\x01", "executables"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP images"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointers"),
    ],
)
@pytest.mark.parametrize("key", ["name", "docs/name.md", "name.pdf"])
def test_content_without_a_parser_is_named_whatever_the_file_is_called(
    data: bytes, kind: str, key: str
) -> None:
    assert Parsers().identify(data, key) == "none/0"
    with pytest.raises(ParseError, match=f"no parser yet for {kind}") as caught:
        Parsers().parse(data, key)
    assert caught.value.reason == "no-parser"


def test_mail_is_told_from_text_that_looks_like_it() -> None:
    mail = b"Received: by x\nFrom: a@example.org\nSubject: Hi\n\nText\n"
    memo = b"From: me\nTo: you\nSubject: Hi\n\nText\n"
    assert Parsers().identify(mail, "a.eml") == "none/0"
    assert Parsers().identify(memo, "a.eml") == "none/0"
    assert Parsers().identify(mail, "message") == "none/0"
    assert Parsers().identify(memo, "memo") == "text/1"
    assert Parsers().identify(mail, "a.rst") == "restructured/1"


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
