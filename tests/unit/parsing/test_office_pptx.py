from __future__ import annotations

from tests.unit.parsing.office_files import core, pptx, relationships, shape, slide
from tests.unit.parsing.office_reading import blocks, failure, read, seen

PICTURE = "<p:pic><p:blipFill><a:blip/></p:blipFill></p:pic>"


def test_each_slide_is_a_page_under_its_title_wherever_that_stands() -> None:
    data = pptx(
        shape("Body") + shape("First", placeholder="title"),
        shape("Second", placeholder="ctrTitle"),
        shape("x"),
    )
    assert [(b.page, b.level, b.text) for b in blocks(data)] == [
        (1, 1, "First"), (1, 0, "Body"), (2, 1, "Second"), (3, 1, "Slide 3"), (3, 0, "x"),
    ]  # fmt: skip
    assert read(data).title == "First"


def test_the_lines_of_a_placeholder_are_its_bullets() -> None:
    data = pptx(
        shape("T", placeholder="title") + shape("a", "\tb", "c", placeholder="body") + shape("free", "text")
    )
    assert seen(data)[1:] == [("list", "- a", "  - b", "- c"), ("paragraph", "free"), ("paragraph", "text")]


def test_dates_footers_and_slide_numbers_are_left_out() -> None:
    furniture = "".join(shape("no", placeholder=kind) for kind in ("dt", "ftr", "sldNum", "hdr"))
    assert seen(pptx(shape("T", placeholder="title") + furniture)) == [("heading", "T")]


def test_groups_are_opened_and_the_newer_of_two_drawings_is_read() -> None:
    grouped = f"<p:grpSp>{shape('a')}<p:grpSp>{shape('b')}</p:grpSp></p:grpSp>"
    choice = f"<mc:AlternateContent><mc:Choice>{shape('c')}</mc:Choice><mc:Fallback>{shape('d')}</mc:Fallback></mc:AlternateContent>"
    assert [words for _, words in seen(pptx(grouped + choice))] == ["Slide 1", "a", "b", "c"]


def test_tables_are_rows_with_their_header() -> None:
    def line(*cells: str) -> str:
        made = "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>" for c in cells
        )
        return f"<a:tr>{made}</a:tr>"

    table = f"<a:tbl><a:tblPr firstRow='1'/>{line('1', '2')}{line('3', '4')}</a:tbl>"
    found = blocks(pptx(f"<p:graphicFrame>{table}</p:graphicFrame>"))[1]
    assert (found.parts, found.header_parts, found.page) == (("1 | 2", "3 | 4"), 1, 1)


def test_notes_and_diagrams_belong_to_their_slide() -> None:
    frame = '<p:graphicFrame><a:graphic><a:graphicData><x r:dm="r2"/></a:graphicData></a:graphic></p:graphicFrame>'
    parts: dict[str, str | bytes] = {
        "ppt/slides/_rels/slide1.xml.rels": relationships(
            ("notesSlide", "../notesSlides/n.xml"), ("diagramData", "../diagrams/d.xml")
        ),
        "ppt/notesSlides/n.xml": slide(
            shape("Say it", placeholder="body") + shape("7", placeholder="sldNum"), "notes"
        ),
        "ppt/diagrams/d.xml": slide(shape("step one", "step two"), "data"),
    }
    assert seen(pptx(shape("T", placeholder="title") + frame, parts=parts)) == [
        ("heading", "T"),
        ("list", "- step one", "- step two"),
        ("heading", "Speaker notes"),
        ("paragraph", "Say it"),
    ]


def test_slides_of_pictures_need_ocr_and_a_presentation_without_words_is_empty() -> None:
    assert failure(pptx(PICTURE, PICTURE)).reason == "needs-ocr"
    assert seen(pptx("")) == []
    assert seen(pptx(PICTURE, shape("said")))[-1] == ("paragraph", "said")


def test_a_missing_slide_is_damage_and_no_shorter_presentation() -> None:
    error = failure(
        pptx(shape("x"), parts={"ppt/_rels/presentation.xml.rels": relationships(("slide", "gone.xml"))})
    )
    assert (error.reason, "slide 1 is missing" in error.message) == ("damaged", True)


def test_a_title_that_the_program_gave_is_none() -> None:
    data = pptx(
        shape("Real", placeholder="title"), parts={"docProps/core.xml": core(title="PowerPoint Presentation")}
    )
    assert read(data).title == "Real"
