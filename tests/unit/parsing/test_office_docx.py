from __future__ import annotations

import io
import zipfile

import pytest

from tests.unit.parsing.office_files import archive, core, docx, ooxml, relationships, w
from tests.unit.parsing.office_reading import blocks, failure, read, seen

STYLES = """
<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Chapter"/><w:basedOn w:val="H1"/></w:style>
<w:style w:type="paragraph" w:styleId="Two"><w:name w:val="Clause"/>
  <w:pPr><w:outlineLvl w:val="1"/><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="loop"/><w:basedOn w:val="Loop"/></w:style>
"""
NUMBERING = """
<w:abstractNum w:abstractNumId="7">
  <w:lvl w:ilvl="0"><w:start w:val="4"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
  <w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
  <w:lvl w:ilvl="2"><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%3)"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="x"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
"""


def item(text: str, number: int, level: int = 0) -> str:
    return w(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def test_headings_have_the_level_of_their_style_whatever_it_is_called_and_based_on() -> None:
    data = docx(w("Top", style="H1") + w("Own", style="Own") + w("Body", style="Loop"), styles=STYLES)
    assert [(b.level, b.title) for b in blocks(data)] == [(1, "Top"), (1, "Own"), (0, "")]


def test_the_number_of_a_heading_is_in_its_text_and_not_in_its_path() -> None:
    data = docx(item("Leave", 1) + w("Carry-over", style="Two"), styles=STYLES, numbering=NUMBERING)
    heading = blocks(data)[1]
    assert (heading.text, heading.title, heading.level) == ("4.1 Carry-over", "Carry-over", 2)


def test_lists_have_the_labels_that_word_shows() -> None:
    body = (
        item("a", 1) + item("b", 1, 1) + item("c", 1, 2) + item("d", 1, 2) + item("e", 1, 1) + item("f", 1)
        + item("g", 1, 1) + w("between") + item("bullet", 2) + item("h", 1) + item("again", 3)
    )  # fmt: skip
    assert seen(docx(body, numbering=NUMBERING)) == [
        ("list", "4. a", "  4.1 b", "    (a) c", "    (b) d", "  4.2 e", "5. f", "  5.1 g"),
        ("paragraph", "between"),
        ("list", "- bullet", "6. h", "1. again"),
    ]


def test_insertions_are_text_and_deletions_are_not() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p>{run.format('kept ')}<w:ins>{run.format('new')}</w:ins>"
        "<w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        f"<w:moveFrom>{run.format('from')}</w:moveFrom><w:moveTo>{run.format(' to')}</w:moveTo></w:p>"
        f"<w:tbl>{row(cell(w('a')), cell(w('b')))}{row(cell(w('c')), properties='<w:del/>')}</w:tbl>"
    )
    assert seen(docx(body)) == [("paragraph", "kept new to"), ("table", "a | b")]


def test_content_controls_fields_links_and_text_boxes_are_read_once_where_they_stand() -> None:
    box = f"<w:txbxContent>{w('boxed')}</w:txbxContent>"
    body = (
        f"<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>{w('controlled')}</w:sdtContent></w:sdt>"
        "<w:p><w:fldSimple w:instr='DATE'><w:r><w:t>3 May</w:t></w:r></w:fldSimple>"
        "<w:r><w:instrText>PAGEREF</w:instrText></w:r>"
        "<w:hyperlink r:id='r9'><w:r><w:t> link</w:t></w:r></w:hyperlink>"
        f"<w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert seen(docx(body)) == [
        ("paragraph", "controlled"),
        ("paragraph", "3 May link"),
        ("paragraph", "boxed"),
    ]


def test_notes_follow_the_paragraph_that_refers_to_them() -> None:
    body = '<w:p><w:r><w:t>Claim</w:t><w:footnoteReference w:id="2"/></w:r></w:p>' + w("Next")
    notes = f'<w:footnote w:type="separator" w:id="0">{w("---")}</w:footnote><w:footnote w:id="2">{w("Proof")}</w:footnote>'
    assert seen(docx(body, footnotes=notes)) == [
        ("paragraph", "Claim"),
        ("paragraph", "Proof"),
        ("paragraph", "Next"),
    ]


def test_hidden_text_and_tables_of_contents_are_left_out() -> None:
    body = (
        w("Leave\t3", style="TOC1")
        + "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>"
        + w("x")
    )
    assert seen(docx(body, styles=STYLES)) == [("paragraph", "x")]


def test_breaks_tabs_and_special_hyphens_are_characters() -> None:
    body = "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:br w:type='page'/></w:r></w:p>"
    assert seen(docx(body)) == [("paragraph", "a\tb\nc-d")]


def test_tables_are_rows_with_their_header_and_merged_cells_are_read_once() -> None:
    body = (
        "<w:tbl>" + row(cell(w("Name")), cell(w("Days")), cell(w("Note")), properties="<w:tblHeader/>")
        + row(cell(w("Ann"), '<w:vMerge w:val="restart"/>'), cell(w("3") + w("4")), cell(w("n")))
        + row(cell(w("gone"), "<w:vMerge/>"), cell(w("5"), '<w:gridSpan w:val="2"/>'))
        + row(cell(w("6")), properties='<w:gridBefore w:val="2"/>') + "</w:tbl>"
    )  # fmt: skip
    (table,) = blocks(docx(body))
    assert table.parts == ("Name | Days | Note", "Ann | 3 4 | n", " | 5", " |  | 6")
    assert table.header_parts == 1


def test_tables_that_only_arrange_are_looked_through() -> None:
    inner = f"<w:tbl>{row(cell(w('Key')), cell(w('Value')))}{row(cell(w('a')), cell(w('1')))}</w:tbl>"
    body = f"<w:tbl>{row(cell(w('Left')), cell(inner + w('')))}</w:tbl><w:tbl>{row(cell(w('only')))}</w:tbl>"
    assert seen(docx(body)) == [
        ("paragraph", "Left"),
        ("table", "Key | Value", "a | 1"),
        ("paragraph", "only"),
    ]


def test_pages_are_counted_where_word_left_its_marks_and_unknown_elsewhere() -> None:
    turn = "<w:r><w:lastRenderedPageBreak/></w:r>"
    body = (
        w("one")
        + f"<w:p>{turn}<w:r><w:t>two</w:t></w:r></w:p>"
        + f"<w:p><w:r><w:t>2</w:t></w:r>{turn}<w:r><w:t>3</w:t></w:r></w:p>"
    )
    assert [b.page for b in blocks(docx(body + w("three")))] == [1, 2, 2, 3]
    assert [b.page for b in blocks(docx(w("one")))] == [None]


def test_properties_become_metadata_and_a_stated_version_a_label() -> None:
    custom = (
        '<Properties><property name="Version"><vt:lpwstr xmlns:vt="urn:vt">3.1</vt:lpwstr></property>'
        '<property name="ContentTypeId"><v>0x01</v></property></Properties>'
    )
    data = ooxml(
        "word/document.xml",
        {
            "word/document.xml": archive_part(
                docx(w("Words", style="T"), styles=STYLES), "word/document.xml"
            ),
            "docProps/core.xml": core(title="Leave  policy", creator="Ann", revision="12"),
            "docProps/custom.xml": custom,
        },
    )
    reading = read(data)
    assert reading.title == "Leave policy"
    assert reading.metadata == {"title": "Leave policy", "author": "Ann", "revision": "12", "version": "3.1"}
    assert reading.labels == ("3.1",)  # how often it was saved is no version


@pytest.mark.parametrize(
    ("stated", "title"), [("", "Words"), ("Microsoft Word - a.doc", "Words"), ("Real", "Real")]
)
def test_the_title_is_the_stated_one_unless_a_program_made_it_up(stated: str, title: str) -> None:
    data = docx(w("Words", style="T"), styles=STYLES)
    parts: dict[str, str | bytes] = {
        name: archive_part(data, name) for name in ("word/document.xml", "word/styles.xml")
    }
    assert read(ooxml("word/document.xml", {**parts, "docProps/core.xml": core(title=stated)})).title == title


def test_strict_documents_and_other_names_of_the_main_part_are_read() -> None:
    transitional = archive_part(docx(w("Words")), "word/document.xml").decode()
    strict = transitional.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert seen(ooxml("word/document2.xml", {"word/document2.xml": strict})) == [("paragraph", "Words")]


def test_macros_and_remote_templates_are_neither_run_nor_fetched() -> None:
    remote = relationships(("attachedTemplate", "https://example.org/evil.dotm")).replace(
        "/>", ' TargetMode="External"/>'
    )
    parts: dict[str, str | bytes] = {
        "word/document.xml": archive_part(docx(w("Words")), "word/document.xml"),
        "word/_rels/document.xml.rels": remote,
        "word/vbaProject.bin": b"\xd0\xcf\x11\xe0",
    }
    assert seen(ooxml("word/document.xml", parts)) == [("paragraph", "Words")]


def test_a_document_without_text_is_empty_and_one_of_pictures_needs_ocr() -> None:
    assert seen(docx(w(""))) == []
    assert failure(docx("<w:p><w:r><w:drawing><a:blip/></w:drawing></w:r></w:p>")).reason == "needs-ocr"


def test_a_document_without_its_main_part_or_body_is_malformed() -> None:
    assert failure(ooxml("word/document.xml", {"word/styles.xml": "<a/>"})).reason == "malformed"
    assert failure(ooxml("word/document.xml", {"word/document.xml": "<a/>"})).reason == "malformed"
    assert failure(archive({"[Content_Types].xml": "<T/>", "word/document.xml": "<a"})).reason == "malformed"


def archive_part(data: bytes, name: str) -> bytes:
    """One part of a package."""
    return zipfile.ZipFile(io.BytesIO(data)).read(name)
