"""Documents that are broken, locked, mislabelled or hostile, and what the command says of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.e2e.cli_workplace import Workplace
from tests.support.pdfs import Sheet, Words, pdf
from tests.unit.parsing.office_files import archive, compound_file, docx, epub, odf, ooxml, rows, w, xlsx

WORD = docx(w("Leave carries over.") * 3)
PAPER = pdf(Sheet([Words("Leave carries over until March")]))
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
FOREIGN = '<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y SYSTEM "http://127.0.0.1:9/y">'


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(tmp_path, capsys)


def bomb(name: str) -> bytes:
    """A container whose part `name` unpacks to 1,100 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for part in ("[Content_Types].xml", "META-INF/container.xml", "a.opf"):
            file.writestr(part, "<x/>")
        file.writestr(name, b" " * (70 << 20))
    data = bytearray(made.getvalue())
    # Only the directory's word counts: nothing is unpacked to find out.
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (1100 << 20).to_bytes(4, "little")
    return bytes(data)


def typed(entities: str, use: str) -> bytes:
    return ooxml("word/document.xml", {"word/document.xml": f"<!DOCTYPE x [{entities}]><x>{use}</x>"})


BAD = {
    "endless.md": (b"word\n\n" * 600_000, "too-large"),
    "locked.docx": (compound_file("EncryptionInfo", "EncryptedPackage"), "encrypted"),
    "locked.pdf": (pdf(Sheet([Words("Secret")]), password="secret"), "encrypted"),
    "half.docx": (WORD[: len(WORD) // 2], "damaged"),
    "half.pdf": (PAPER[: len(PAPER) // 2], "damaged"),
    "nothing.xlsx": (b"", "empty"),
    "picture.pdf": (pdf(Sheet(picture=True)), "needs-ocr"),
    "letters-without-names.pdf": (pdf(Sheet([Words("Nobody can tell", font="nameless")])), "needs-ocr"),
    "endless-pages.pdf": (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 2000000000/Kids[2 0 R 2 0 R]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "damaged",
    ),
    "bomb.docx": (bomb("word/document.xml"), "too-large"),
    "bomb.xlsx": (bomb("xl/workbook.xml"), "too-large"),
    "bomb.epub": (bomb("a.xhtml"), "too-large"),
    "laughs.docx": (typed(f'<!ENTITY e0 "ha">{LAUGHS}', "&e11;"), "malformed"),
    "foreign.docx": (typed(FOREIGN, "&x;&y;"), "malformed"),
    "deep.docx": (docx("<w:tbl><w:tr><w:tc>" * 999 + "</w:tc></w:tr></w:tbl>" * 999), "malformed"),
    "archives.zip": (archive({"a.zip": archive({"b.zip": WORD})}), "no-parser"),
    'strange "name"\n@v3 😀.docx': (WORD[:-20], "damaged"),
}
GOOD = {
    "a-paper.docx": PAPER,
    "a-document.txt": WORD,
    "a-page.xls": b"<html><body><table><tr><td>Leave</td><td>carries over</td></tr></table></body></html>",
    "with-macros.docm": ooxml(
        "word/document.xml",
        {
            "word/document.xml": zipfile.ZipFile(io.BytesIO(WORD)).read("word/document.xml"),
            "word/vbaProject.bin": compound_file("VBA"),
            "word/_rels/settings.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Type="x/attachedTemplate" Target="http://127.0.0.1:9/t.dotm" TargetMode="External"/></Relationships>',
        },
    ),
    "book.epub": epub(
        {"a": ""},
        parts={
            "OEBPS/a.xhtml": f"<!DOCTYPE html [{FOREIGN}]><html><body><p>Leave carries over &x;&y;</p></body></html>"
        },
    ),
    "text.odt": odf("text", "<text:p>Leave carries over</text:p>"),
    "sheet.xlsx": xlsx(('name="S"', rows("Leave", "carries over"))),
    "new\nline@v3.docx": WORD,
}


def test_each_bad_document_is_listed_with_its_reason_and_costs_no_other(work: Workplace) -> None:
    for key, (data, _) in BAD.items():
        work.write(key, data)
    for key, content in GOOD.items():
        work.write(key, content)

    assert work.run("backfill").code == 5

    listed = {failure["key"]: failure for failure in work.json("failures")}
    assert {key: failure["reason"] for key, failure in listed.items()} == {
        key: reason for key, (_, reason) in BAD.items()
    }
    for key, failure in listed.items():
        assert "\n" not in failure["detail"], key
        assert "XML_PARSE" not in failure["detail"], key
        assert failure["next_retry"] is None, key
    for key in GOOD:
        assert "carries over" in work.json("show", f"policies:{key}")["text"], key
    assert "&x;&y;" in work.json("show", "book.epub")["text"]
    assert work.run("check", "--deep").code == 0
    again = work.json("backfill", code=5)["sources"][0]
    assert (again["versions_added"], again["passages_embedded"]) == (0, 0)


def test_a_document_that_breaks_later_keeps_what_it_said(work: Workplace) -> None:
    work.write("leave.docx", WORD)
    assert work.run("backfill").code == 0
    work.write("leave.docx", WORD[:-30])

    assert work.run("backfill").code == 5

    assert "carries over" in work.json("show", "leave.docx@number:1")["text"]
    assert work.json("search", "carries over", "--mode", "text")["hits"][0]["stale"] is True


def test_a_run_leaves_no_temporary_folder_behind(work: Workplace, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    work.write("leave.docx", WORD)
    work.write("half.docx", WORD[:-30])

    done = work.spawn("backfill", env={"TMPDIR": str(temporary)})

    assert done.returncode == 5, done.stderr
    assert list(temporary.glob("indexer-parser-*")) == []
