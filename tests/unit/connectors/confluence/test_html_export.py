"""Pages of HTML exports become rows: their places, their words about themselves, what hangs on them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.confluence.archive import ExportError
from connectors.confluence.html_export import LARGEST_FILE
from connectors.confluence.reading import LARGEST_BODY, Facts
from connectors.confluence.tables import BodyType
from tests.unit.connectors.confluence.html_exports import ATTACHED, COMMENTED, FOOT, INDEX, page, read_html
from tests.unit.connectors.confluence.readings import Read

TAKEN = datetime(2019, 9, 20, 14, 3, tzinfo=UTC)
IMAGE = (
    '<img data-linked-resource-id="701" data-linked-resource-version="{of_file}" data-linked-resource-type="attachment"'
    ' data-linked-resource-container-id="{owner}" data-linked-resource-container-version="{of_page}">'
)


def pages(found: Read) -> dict[str, tuple[str, str | None]]:
    return {row[0]: row[1:] for row in found.all("SELECT id, title, parent FROM content WHERE kind = 'page'")}


def one(found: Read, content_id: str, columns: str) -> tuple[object, ...]:
    (row,) = found.all(f"SELECT {columns} FROM content WHERE id = '{content_id}'")
    return row


# --- the space and its tree --------------------------------------------------------------------


def test_the_index_gives_the_space_its_home_page_and_the_tree(tmp_path: Path) -> None:
    found = read_html(tmp_path)
    assert found.all("SELECT id, key, name, home FROM space") == [("HR", "HR", "Human Resources", "501")]
    assert pages(found) == {
        "501": ("HR & you", None),
        "502": ("Leave policy", "501"),
        "503": ("Forms", "502"),
        "504": ("Pay", "501"),
    }
    assert found.facts == Facts(TAKEN, None, None, access_known=False)
    assert found.oddities() == []


def test_a_page_that_the_index_does_not_list_is_read_and_stands_below_its_last_breadcrumb(
    tmp_path: Path,
) -> None:
    above = (("index.html", "Human Resources"), ("501.html", "HR & you"), ("Pay_504.html", "Pay"))
    found = read_html(
        tmp_path, {"Bonus_505.html": page("Bonus", "<p>x</p>", above=above), "506.html": page("Top", "")}
    )
    assert pages(found)["505"] == ("Bonus", "504")
    assert pages(found)["506"] == ("Top", None)


def test_other_files_are_no_pages(tmp_path: Path) -> None:
    found = read_html(
        tmp_path, {"about.html": "<p>x", "sub/Deep_9.html": page("x", ""), "Pay_504.html.bak": "x"}
    )
    assert len(pages(found)) == 4


def test_the_index_may_be_in_another_language(tmp_path: Path) -> None:
    german = INDEX.replace(">Key<", ">Schlüssel<").replace(">Name<", ">Bezeichnung<")
    found = read_html(tmp_path, {"index.html": german})
    assert found.all("SELECT key, name FROM space") == [("HR", "Human Resources")]


def test_without_a_table_the_title_of_the_index_names_the_space(tmp_path: Path) -> None:
    bare = re.sub("<table.*</table>", "", INDEX, flags=re.DOTALL)
    assert read_html(tmp_path, {"index.html": bare}).all("SELECT key, name FROM space") == [
        ("HR", "Human Resources")
    ]


@pytest.mark.parametrize("index", [None, "", "<p>Some site</p>", "<table><tr><td>1</td></tr></table>", b"\0"])
def test_other_folders_of_html_are_no_export(tmp_path: Path, index: str | bytes | None) -> None:
    with pytest.raises(ExportError, match=r"index\.html") as caught:
        read_html(tmp_path, {"index.html": index})
    assert caught.value.reason in ("not-an-export", "damaged")


def test_two_files_of_one_page_are_told_and_the_listed_one_is_taken(tmp_path: Path) -> None:
    found = read_html(tmp_path, {"A_504.html": page("Other", "<p>other</p>")})
    assert found.bodies()["504"] == "<p>Pay</p>"
    (oddity,) = found.oddities()
    assert oddity.startswith("duplicate-id: 'A_504.html'")


def test_blog_posts_are_recognised_where_a_heading_or_an_icon_says_so(tmp_path: Path) -> None:
    posts = '<h2 class="pageSectionTitle">Blog Posts:</h2><ul><li><a href="News_601.html">News</a></li></ul>'
    icon = '<h1 id="title-heading"><img src="images/icons/contenttypes/blog_post_16.png"/>'
    files = {
        "index.html": INDEX.replace("</div></div><div id=", f"{posts}</div></div><div id="),
        "News_601.html": page("News", "<p>news</p>"),
        "More_602.html": page("More", "<p>more</p>").replace(
            '<h1 id="title-heading" class="pagetitle">', icon
        ),
    }
    found = read_html(tmp_path, files)
    assert found.all("SELECT id FROM content WHERE kind = 'blog' ORDER BY id") == [("601",), ("602",)]
    assert len(pages(found)) == 4


# --- what a page says of itself ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("meta", "author", "modified"),
    [
        ("Created by <span class='author'> Anna</span> on Dec 12, 2020", "Anna", "2020-12-12 00:00:00"),
        (
            "Created by <span class='author'> Anna</span>, last modified on 29.01.2015",
            "Anna",
            "2015-01-29 00:00:00",
        ),
        (
            "Created by <span class='author'> Anna</span>, last modified by\n<span class='editor'> Bo on Tour</span>\n on"
            " Sept 30, 2021",
            "Bo on Tour",
            "2021-09-30 00:00:00",
        ),
        ("last modified on 六月 08, 2021", None, "2021-06-08 00:00:00"),
        (
            "<b>Created by <span class='author'>Anna</span></b> on <i>Dec 12, 2020</i>",
            "Anna",
            "2020-12-12 00:00:00",
        ),
        (
            "Erstellt von <span class='author'>Anna</span>, geändert am 3. März 2020",
            "Anna",
            "2020-03-03 00:00:00",
        ),
        ("Created by <span class='author'>Anna</span> on 03/04/2015", "Anna", "03/04/2015"),
        ("", None, None),
    ],
)
def test_who_changed_a_page_last_and_when(
    tmp_path: Path, meta: str, author: str | None, modified: str | None
) -> None:
    found = read_html(tmp_path, {"Pay_504.html": page("Pay", "", meta=meta)})
    assert one(found, "504", "author, modified") == (author, modified)


def test_dates_that_are_not_plain_are_told_once(tmp_path: Path) -> None:
    meta = "Created by <span class='author'>Anna</span> on {}"
    files = {
        "Pay_504.html": page("Pay", "", meta=meta.format("03/04/2015")),
        "501.html": page("HR", "", meta=meta.format("2/3/15")),
    }
    (oddity,) = read_html(tmp_path, files).oddities()
    assert oddity.startswith("unclear-date: ")
    assert ": 2 dates, such as '03/04/2015'," in oddity


@pytest.mark.parametrize(
    ("heading", "space", "title"),
    [
        ("Leave : how", "Human Resources : ", "Leave : how"),
        ("Leave : how", "", "Leave : how"),
        ("Pay", "Something else : ", "Pay"),
        ("Leave\n      policy", "Human Resources : ", "Leave policy"),
    ],
)
def test_a_title_is_the_heading_without_the_spaces_name(
    tmp_path: Path, heading: str, space: str, title: str
) -> None:
    found = read_html(tmp_path, {"Pay_504.html": page(heading, "", space=space)})
    assert pages(found)["504"][0] == title


def test_the_spaces_name_may_be_the_one_of_the_breadcrumbs(tmp_path: Path) -> None:
    above = (("index.html", "Old name"),)
    found = read_html(tmp_path, {"505.html": page("Bonus", "", space="Old name : ", above=above)})
    assert pages(found)["505"] == ("Bonus", None)


def test_the_version_is_that_of_the_page_itself_not_of_an_included_one(tmp_path: Path) -> None:
    included = IMAGE.format(of_file=9, owner=999, of_page=50)
    own = IMAGE.format(of_file=3, owner=504, of_page=7)
    found = read_html(
        tmp_path, {"Pay_504.html": page("Pay", included + own), "501.html": page("HR", included)}
    )
    assert one(found, "504", "version") == (7,)
    assert one(found, "501", "version") == (None,)


# --- attachments and comments ------------------------------------------------------------------


def test_attachments_have_the_name_that_the_page_lists_and_know_their_file(tmp_path: Path) -> None:
    body = IMAGE.format(of_file=4, owner=502, of_page=7)
    found = read_html(tmp_path, {"Leave-policy_502.html": page("Leave policy", body, after=ATTACHED)})
    columns = "id, title, media_type, version, container, size, file"
    assert found.all(f"SELECT {columns} FROM content WHERE kind = 'attachment' ORDER BY id") == [
        ("700", "form A.pdf", "application/pdf", None, "502", 4, "attachments/502/700.pdf"),
        ("701", "plan.png", "image/png", 4, "502", 3, "attachments/502/701.png"),
    ]


def test_an_attachment_without_a_file_is_known(tmp_path: Path) -> None:
    found = read_html(tmp_path, {"attachments/502/700.pdf": None})
    assert one(found, "700", "title, size, file") == ("form A.pdf", None, "attachments/502/700.pdf")


def test_what_people_write_is_not_taken_for_attachments_or_comments(tmp_path: Path) -> None:
    found = read_html(tmp_path, {"Leave-policy_502.html": page("Leave policy", ATTACHED + COMMENTED)})
    assert found.all("SELECT 1 FROM content WHERE kind <> 'page'") == []


def test_comments_have_their_text_their_author_and_their_time(tmp_path: Path) -> None:
    found = read_html(tmp_path)
    columns = "id, container, author, modified, title"
    assert found.all(f"SELECT {columns} FROM content WHERE kind = 'comment' ORDER BY id") == [
        ("800", "502", "bo at home", "2018-05-24 15:20:00", ""),
        ("801", "502", "anna", "2018-05-25 09:00:00", ""),
    ]
    assert found.bodies()["800"] == "<p>Is it <b>30</b>?</p><p>Or 28?</p>"
    assert found.all("SELECT DISTINCT type FROM body") == [(BodyType.VIEW,)]


def test_a_comment_in_another_markup_is_what_stands_beside_who_said_it(tmp_path: Path) -> None:
    after = '<table><tr><td><a name="comment-5"></a><p>Text</p><div class="smallfont">Posted by x at 01.02.2003</div></td></tr></table>'
    found = read_html(tmp_path, {"Pay_504.html": page("Pay", "", after=after)})
    assert found.bodies()["5"] == "<p>Text</p>"
    assert one(found, "5", "author, modified") == ("x", "2003-02-01 00:00:00")


# --- before 2013 -------------------------------------------------------------------------------


def test_the_old_layout_is_read(tmp_path: Path) -> None:
    index = INDEX.replace("501.html", "Home.html").replace("Leave-policy_502.html", "Leave%20policy.html")
    old = """<html><head><title>Human Resources : Leave policy</title></head><body><table class="pagecontent"><tr>
    <td class="pagebody"><div class="pageheader"><span class="pagetitle"> Human Resources : Leave policy </span></div>
    <div class="pagesubheading"> This page last changed on Oct 04, 2012 by <font color="#0050B2">anna b.</font>. </div>
    Loose words. <p>30 days</p><ul><li>more</li></ul>
    <div class="tabletitle"><a name="attachments">Attachments:</a></div><div class="greybox">
    <a href="attachments/502/700.pdf">form.pdf</a> (application/pdf)</div></td></tr></table>
    <table><tr><td><font color="grey">Document generated by Confluence on Mar 11, 2013 16:17</font></td></tr></table></body></html>"""
    found = read_html(
        tmp_path,
        {"index.html": index, "Leave policy.html": old, "Home.html": old.replace("Leave policy", "Home")},
    )
    columns = "id, parent, title, author, modified"
    assert found.all(f"SELECT {columns} FROM content WHERE kind = 'page' AND id LIKE '%e%' ORDER BY id") == [
        ("Home", None, "Home", "anna b.", "2012-10-04 00:00:00"),
        ("Leave policy", "Home", "Leave policy", "anna b.", "2012-10-04 00:00:00"),
    ]
    assert found.bodies()["Leave policy"] == "Loose words. <p>30 days</p><ul><li>more</li></ul>"
    assert one(found, "700", "title, file") == ("form.pdf", "attachments/502/700.pdf")


# --- what is missing or too large --------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "missing-page"),
        (b"", "unreadable-page"),
        (b"\0\0\0", "unreadable-page"),
        ("<p>nothing of a page</p>", "unreadable-page"),
        (page("Pay", "<div>" * 5000), "unreadable-page"),
        (page("Pay", "<p>words</p>" * 1000)[:-2000], "unreadable-page"),
    ],
)
def test_a_page_that_cannot_be_read_is_known_but_not_taken_for_gone(
    tmp_path: Path, data: str | bytes | None, reason: str
) -> None:
    found = read_html(tmp_path, {"Leave-policy_502.html": data})
    assert found.facts.stopped is not None
    assert found.facts.stopped.startswith("'Leave-policy_502.html' in ")
    assert [line.split(":")[0] for line in found.oddities()] == [reason]
    assert pages(found)["502"] == ("Leave policy", "501")
    assert "502" not in found.bodies()
    assert found.bodies()["503"] == "<p>Forms</p>", "the others are read"


def test_a_body_that_hides_what_follows_it_stops_deletions(tmp_path: Path) -> None:
    found = read_html(
        tmp_path, {"Leave-policy_502.html": page("Leave policy", "<p>30</p><!--", after=ATTACHED)}
    )
    assert found.bodies()["502"] == "<p>30</p>"
    assert found.facts.stopped is not None
    assert "hides its attachments and comments" in found.facts.stopped


def test_an_index_that_breaks_off_makes_the_export_damaged(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="breaks off") as caught:
        read_html(tmp_path, {"index.html": INDEX[: len(INDEX) // 2]})
    assert caught.value.reason == "damaged"


def test_a_file_too_large_for_a_page_is_left_out_and_stops_deletions(tmp_path: Path) -> None:
    found = read_html(tmp_path, {"Pay_504.html": b" " * (LARGEST_FILE + 1)})
    assert found.all("SELECT type FROM body WHERE content = '504'") == [(BodyType.TOO_LARGE,)]
    assert found.facts.stopped is not None
    assert pages(found)["504"] == ("Pay", "501")


def test_a_body_too_large_is_left_out_and_costs_nothing_else(tmp_path: Path) -> None:
    body = "<p>words </p>" * (LARGEST_BODY // 12)
    found = read_html(tmp_path, {"Leave-policy_502.html": page("Leave policy", body, after=ATTACHED)})
    assert found.all("SELECT type FROM body WHERE content = '502'") == [(BodyType.TOO_LARGE,)]
    assert found.facts.stopped is None
    assert [line.split(":")[0] for line in found.oddities()] == ["too-large"]
    assert one(found, "700", "container") == ("502",)


def test_the_foot_of_a_page_tells_the_time_where_the_index_does_not(tmp_path: Path) -> None:
    forged = "<p>Document generated by Confluence on Jan 1, 1990 00:00</p>"
    bare = {"index.html": INDEX.replace("Document generated", "Made"), "501.html": page("HR", forged)}
    assert read_html(tmp_path, bare).facts.taken == TAKEN
    unclear = {"index.html": INDEX.replace("Sep 20, 2019 14:03", "3/4/19")}
    assert read_html(tmp_path, unclear).facts.taken is None


def test_the_foot_is_no_part_of_a_body(tmp_path: Path) -> None:
    assert FOOT[:20] not in str(read_html(tmp_path).bodies())
