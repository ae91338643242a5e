from __future__ import annotations

from tests.unit.parsing.office_files import archive, odf
from tests.unit.parsing.office_reading import blocks, failure, read, seen

NUMBERED = (
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")" text:display-levels="1"/></text:list-style>'
)


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def test_headings_paragraphs_and_white_space_are_read_as_the_format_means_them() -> None:
    body = '<text:h text:outline-level="2">A\n  title</text:h>' + p(
        'one<text:s text:c="3"/>two<text:tab/>three<text:line-break/>four  five <text:span>six</text:span>'
    )
    found = blocks(odf("text", body))
    assert (found[0].level, found[0].title) == (2, "A title")
    assert found[1].text == "one   two\tthree\nfour five six"


def test_the_number_of_a_heading_is_in_its_text_and_not_in_its_path() -> None:
    outline = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>'
    )
    body = "".join(f'<text:h text:outline-level="{n}">T</text:h>' for n in (1, 2, 2, 1, 2))
    found = blocks(odf("text", body, common=outline))
    assert [b.text for b in found] == ["1 T", "1.1 T", "1.2 T", "2 T", "2.1 T"]
    assert {b.title for b in found} == {"T"}


def test_lists_have_their_labels_and_go_on_where_they_say_so() -> None:
    inner = f"<text:list><text:list-item>{p('x')}</text:list-item><text:list-item>{p('y')}</text:list-item></text:list>"
    body = (
        f'<text:list text:style-name="L"><text:list-item>{p("a")}{p("more")}{inner}</text:list-item>'
        f"<text:list-item>{p('b')}</text:list-item></text:list>{p('between')}"
        f'<text:list text:style-name="L" text:continue-numbering="true"><text:list-item>{p("c")}</text:list-item></text:list>'
        f"<text:list><text:list-item>{p('bullet')}</text:list-item></text:list>{p('again')}"
        f'<text:list text:style-name="L"><text:list-item>{p("d")}</text:list-item></text:list>'
    )
    assert seen(odf("text", body, styles=NUMBERED)) == [
        ("list", "1. a", "  more", "  a) x", "  b) y", "2. b"),
        ("paragraph", "between"),
        ("list", "3. c"),
        ("list", "- bullet"),
        ("paragraph", "again"),
        ("list", "1. d"),
    ]


def test_deleted_text_comments_and_indexes_are_left_out_and_notes_follow_their_paragraph() -> None:
    body = (
        f"<text:tracked-changes><text:changed-region><text:deletion>{p('old')}</text:deletion></text:changed-region></text:tracked-changes>"
        f"<text:table-of-content><text:index-body>{p('Leave 3')}</text:index-body></text:table-of-content>"
        "<text:p>Claim<office:annotation><text:p>hm</text:p></office:annotation>"
        f'<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>{p("Proof")}</text:note-body></text:note> holds</text:p>'
        f"<text:p><draw:frame><draw:text-box>{p('boxed')}</draw:text-box></draw:frame></text:p>"
    )
    assert seen(odf("text", body)) == [
        ("paragraph", "Claim holds"),
        ("paragraph", "Proof"),
        ("paragraph", "boxed"),
    ]


def test_tables_have_their_header_and_pages_are_counted_where_they_are_marked() -> None:
    def line(*cells: str) -> str:
        made = "".join(f"<table:table-cell>{p(cell)}</table:table-cell>" for cell in cells)
        return f"<table:table-row>{made}</table:table-row>"

    table = f"<table:table><table:table-header-rows>{line('1', '2')}</table:table-header-rows>{line('3', '4')}</table:table>"
    body = p("one") + "<text:p>tw<text:soft-page-break/>o</text:p>" + table
    found = blocks(odf("text", body))
    assert [(b.page, b.parts, b.header_parts) for b in found] == [
        (1, ("one",), 0), (1, ("two",), 0), (2, ("1 | 2", "3 | 4"), 1),
    ]  # fmt: skip


def test_properties_become_metadata_and_a_stated_version_a_label() -> None:
    meta = (
        "<office:meta><dc:title>Leave</dc:title><meta:initial-creator>Ann</meta:initial-creator><dc:creator>Bob</dc:creator>"
        "<meta:keyword>a</meta:keyword><meta:keyword>b</meta:keyword><meta:editing-cycles>9</meta:editing-cycles>"
        '<meta:user-defined meta:name="Version">3.1</meta:user-defined></office:meta>'
    )
    reading = read(odf("text", p("x"), meta=meta))
    assert (reading.title, reading.labels) == ("Leave", ("3.1",))
    assert reading.metadata == {
        "title": "Leave", "author": "Ann", "last-modified-by": "Bob", "keywords": "a, b", "revision": "9",
        "version": "3.1",
    }  # fmt: skip


def test_sheets_are_pages_with_the_text_that_is_shown() -> None:
    cell = '<table:table-cell office:value="0.25"><text:p>25 %</text:p></table:table-cell>'
    name = "<table:table-cell><text:p>Share</text:p></table:table-cell>"
    gap = '<table:table-cell table:number-columns-repeated="16000"/>'
    body = (
        f'<table:table table:name="S"><table:table-row>{name}{cell}{gap}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="1048000">{gap}</table:table-row></table:table>'
        f'<table:table table:name="H" table:style-name="hid"><table:table-row>{name}</table:table-row></table:table>'
    )
    styles = '<style:style style:name="hid"><style:table-properties table:display="false"/></style:style>'
    reading = read(odf("spreadsheet", body, styles=styles))
    assert [(b.page, b.text) for b in reading.blocks] == [(1, "S"), (1, "Share | 25 %")]
    assert reading.metadata["hidden-sheets"] == "H"


def test_a_row_that_fills_a_sheet_to_its_end_is_not_read_a_million_times() -> None:
    cell = "<table:table-cell><text:p>x</text:p></table:table-cell>"
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell * 2}</table:table-row>'
    assert len(blocks(odf("spreadsheet", f"<table:table>{row}</table:table>"))[1].parts) == 1000


def test_slides_are_pages_under_their_titles() -> None:
    def frame(kind: str, text: str) -> str:
        return (
            f'<draw:frame presentation:class="{kind}"><draw:text-box>{p(text)}</draw:text-box></draw:frame>'
        )

    notes = f"<presentation:notes>{frame('notes', 'say it')}</presentation:notes>"
    body = (
        f"<draw:page>{frame('outline', 'point')}{frame('title', 'First')}{frame('footer', 'no')}{notes}</draw:page>"
        f"<draw:page><draw:g><draw:custom-shape>{p('shape')}</draw:custom-shape></draw:g></draw:page>"
    )
    assert [(b.page, b.text) for b in blocks(odf("presentation", body))] == [
        (1, "First"), (1, "point"), (1, "Speaker notes"), (1, "say it"), (2, "Slide 2"), (2, "shape"),
    ]  # fmt: skip


def test_encrypted_empty_and_malformed_documents_are_told_apart() -> None:
    entry = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    assert failure(odf("text", p("x"), manifest=entry)).reason == "encrypted"
    assert seen(odf("text", p(""))) == []
    parts: dict[str, str | bytes] = {"content.xml": "<a/>", "META-INF/manifest.xml": "<m/>"}
    assert failure(archive(parts, "application/vnd.oasis.opendocument.text")).reason == "malformed"
