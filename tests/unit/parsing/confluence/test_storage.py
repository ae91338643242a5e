from __future__ import annotations

import pytest

from tests.unit.parsing.confluence.pages import blocks, macro, read
from tests.unit.parsing.reading import outline

PAGE = f"""<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell>
<h1>Leave <em>policy</em></h1>
<p>Ask <ac:link><ri:user ri:userkey="8a7f80" /></ac:link>&nbsp;first,<br />then&hellip; book.</p>
<ul><li>one<ol><li>nested</li></ol></li><li><p>two</p></li></ul></ac:layout-cell><ac:layout-cell>
{macro("info", body="<p>Mind the <strong>dates</strong>.</p>", title="Note &amp; well", icon="false")}
<h2>Days {macro("status", colour="Green", title="DRAFT")}</h2>
<table><tbody><tr><th>Year</th><th><p>Days</p></th></tr><tr><td>2024</td><td>30</td></tr></tbody></table>
<ac:task-list><ac:task><ac:task-id>11</ac:task-id><ac:task-status>incomplete</ac:task-status>
<ac:task-body>ask by <time datetime="2024-01-31" /></ac:task-body></ac:task>
<ac:task><ac:task-id>12</ac:task-id><ac:task-status>complete</ac:task-status>
<ac:task-body><span>book</span></ac:task-body></ac:task></ac:task-list>
{macro("code", code="if a < b:" + chr(10) + "    go()", title="go.py", language="py")}
</ac:layout-cell></ac:layout-section></ac:layout>"""


def test_blocks_are_what_a_reader_of_the_page_sees() -> None:
    assert blocks(PAGE) == [
        ("heading", "Leave policy"),
        ("paragraph", "Ask Anna Lind first,\nthen… book."),
        ("list", "- one\n  1. nested", "- two"),
        ("paragraph", "Note & well"),
        ("paragraph", "Mind the dates."),
        ("heading", "Days DRAFT"),
        ("table", "Year | Days", "2024 | 30"),
        ("list", "- [ ] ask by 2024-01-31", "- [x] book"),
        ("paragraph", "go.py"),
        ("code", "if a < b:", "    go()"),
    ]


def test_headings_have_levels_and_the_page_has_no_title_of_its_own() -> None:
    document = read(PAGE)
    assert outline(document) == [(1, "Leave policy"), (2, "Days DRAFT")]
    assert document.title is None
    assert document.metadata == {}
    assert document.attachments == ()


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ('<ac:link><ri:page ri:content-title="T" /><ac:link-body>the <b>text</b></ac:link-body></ac:link>', "the text"),
        ('<ac:link ac:anchor="a"><ri:page ri:content-title="Leave &amp; pay" ri:space-key="HR" /></ac:link>', "Leave & pay"),
        ('<ac:link><ri:blog-post ri:content-title="News" ri:posting-day="2024/01/02" /></ac:link>', "News"),
        ('<ac:link><ri:attachment ri:filename="a b.pdf" /></ac:link>', "a b.pdf"),
        ('<ac:link><ri:attachment ri:filename="a.pdf" /><ac:plain-text-link-body><![CDATA[the <form>]]></ac:plain-text-link-body></ac:link>', "the <form>"),
        ('<ac:link><ri:page ri:content-title="T" /><ac:link-body> </ac:link-body></ac:link>', "T"),
        ('<ac:link><ri:attachment ri:filename="a.pdf" /><ac:link-body><ac:image><ri:url ri:value="u" /></ac:image></ac:link-body></ac:link>', "a.pdf"),
        ('<ac:link><ri:user ri:account-id="5b10" /></ac:link>', "Ben Ode"),
        ('<ac:link><ri:user ri:username="carla" /></ac:link>', "carla"),
        ('<ac:link><ri:user ri:userkey="gone" /></ac:link>', "unknown user"),
        ('<ac:link><ri:space ri:space-key="HR" /></ac:link>', "HR"),
        ('<ac:link><ri:content-entity ri:content-id="77" /></ac:link>', "Linked page"),
        ('<ac:link><ri:content-entity ri:content-id="78" /></ac:link>', ""),
        ('<ac:link ac:anchor="below" />', "below"),
        ('<ac:link />', ""),
        ('<a href="https://example.org/x">here</a>', "here"),
    ],
)  # fmt: skip
def test_a_link_is_its_words_or_else_what_it_leads_to(link: str, words: str) -> None:
    assert blocks(f"<p>a {link} z</p>") == [("paragraph", " ".join(f"a {words} z".split()))]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('<ac:image ac:alt="The plan"><ri:attachment ri:filename="p.png" /></ac:image>', ["a The plan z"]),
        ('<ac:image ac:title="A map"><ri:url ri:value="https://example.org/m.png" /></ac:image>', ["a A map z"]),
        ('<ac:image ac:alt="image-20240131-1.png"><ri:attachment ri:filename="x.png" /></ac:image>', ["a z"]),
        ('<ac:image><ri:attachment ri:filename="x.png" /></ac:image>', ["a z"]),
        ('<ac:image ac:alt="P"><ri:attachment ri:filename="x.png" /><ac:caption><p>Fig. <i>1</i></p></ac:caption></ac:image>', ["a P", "Fig. 1", "z"]),
        ('<ac:image ac:alt="Fig. 1"><ac:caption><p>Fig. 1</p></ac:caption></ac:image>', ["a", "Fig. 1", "z"]),
    ],
)  # fmt: skip
def test_an_image_is_its_description_and_its_caption_but_never_its_file(
    image: str, expected: list[str]
) -> None:
    assert blocks(f"<p>a {image} z</p>") == [("paragraph", words) for words in expected]


@pytest.mark.parametrize(
    ("emoticon", "said"),
    [
        ('<ac:emoticon ac:name="smile" ac:emoji-fallback="🙂" />', "🙂"),
        ('<ac:emoticon ac:name="blue-star" ac:emoji-shortname=":flag_ua:" ac:emoji-fallback="🇺🇦" />', "🇺🇦"),
        ('<ac:emoticon ac:name="tick" />', "✓"),
        ('<ac:emoticon ac:name="cross" ac:emoji-fallback=":cross_mark:" />', "✗"),
        ('<ac:emoticon ac:name="laugh" />', ""),
    ],
)
def test_an_emoticon_is_its_character_if_that_says_something(emoticon: str, said: str) -> None:
    assert blocks(f"<p>a {emoticon}</p>") == [("paragraph", f"a {said}".strip())]


FORMULA = '<ac:structured-macro ac:name="mathinline"><ac:parameter ac:name="body">--uriencoded--a%5e2</ac:parameter></ac:structured-macro>'
FILE = '<ri:attachment ri:filename="r.xlsx" />'


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('see <ac:inline-comment-marker ac:ref="1">this</ac:inline-comment-marker>', "see this"),
        ("fill <ac:placeholder>type here</ac:placeholder> in", "fill in"),
        ('on <time datetime="2024-02-29" />.', "on 2024-02-29."),
        (f"is{macro('anchor')} here", "is here"),
        (f"fixed by {macro('jira', key='ABC-12', server='J', columns='key,summary')}.", "fixed by ABC-12 ."),
        (f"all {macro('jira', jqlQuery='project = X', columns='key')} of them", "all of them"),
        (f"in {macro('view-file', name=FILE, height='9')}", "in r.xlsx"),
        (f"in {macro('viewpdf', name='old.pdf')}", "in old.pdf"),
        (f"so {FORMULA} holds", "so a^2 holds"),
        (f"a {macro('footnote', body='<p>note</p>', **{'atlassian-macro-output-type': 'INLINE'})} z", "a note z"),
        (f"a {macro('unheard-of', colour='red', text='hover')} z", "a hover z"),
        (f"a {macro('unheard-of', title='T', text='hover', token='s3cr3t')} z", "a T hover z"),
        (f"a {macro('unheard-of', id='5', password='s3cr3t', name='x')} z", "a z"),
        (f"a {macro('livesearch', title='T', text='hover')} z", "a z"),
        (f"a {macro('unheard-of', body='<p>note</p>', title='T', text='hover', **{'atlassian-macro-output-type': 'INLINE'})} z", "a T note hover z"),
        ('<ac:macro ac:name="jira"><ac:default-parameter>ABC-9</ac:default-parameter></ac:macro>', "ABC-9"),
        ("2 < 3 &amp; &quot;x&quot; &#8364; &euro; &unheardof; &".replace("<", "&lt;"), '2 < 3 & "x" € € &unheardof; &'),
    ],
)  # fmt: skip
def test_what_stands_within_a_line_leaves_its_words_there(inside: str, words: str) -> None:
    assert blocks(f"<p>{inside}</p>") == [("paragraph", words)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (macro("panel", body="<p>b</p>", title="T", borderStyle="solid"), [("paragraph", "T"), ("paragraph", "b")]),
        (macro("expand", body="<h2>H</h2><p>b</p>", title="More"), [("paragraph", "More"), ("heading", "H"), ("paragraph", "b")]),
        (macro("excerpt", body="<p>b</p>", hidden="true"), [("paragraph", "b")]),
        (macro("section", body=macro("column", body="<p>l</p>", width="9") + macro("column", body="<p>r</p>")), [("paragraph", "l"), ("paragraph", "r")]),
        (macro("details", body="<table><tr><th>Owner</th><td>HR</td></tr></table>", id="x"), [("table", "Owner | HR")]),
        (macro("ui-steps", body=macro("ui-step", body="<p>1st</p>"), size="small"), [("paragraph", "1st")]),
        (macro("unheard-of", body="<p>b</p>", title="t", owner="o"), [("paragraph", "t"), ("paragraph", "b")]),
        (macro("unheard-of", body="<p>b</p>", text="t"), [("paragraph", "b"), ("paragraph", "t")]),
        (macro("unheard-of", code="a  b", x="y"), [("code", "a  b")]),
        (macro("noformat", code=" a" + chr(10) * 2 + "<p>&amp;</p>  "), [("code", " a", "", "<p>&amp;</p>  ")]),
        (macro("tip", body=macro("note", body=macro("code", code="x"), title="N"), title="T"), [("paragraph", "T"), ("paragraph", "N"), ("code", "x")]),
        ('<ac:macro ac:name="note"><ac:parameter ac:name="title">N</ac:parameter><ac:rich-text-body><p>b</p></ac:rich-text-body></ac:macro>', [("paragraph", "N"), ("paragraph", "b")]),
        (f"<p>a {macro('code', code='x')} z</p>", [("paragraph", "a"), ("code", "x"), ("paragraph", "z")]),
    ],
)  # fmt: skip
def test_a_macro_is_its_title_and_its_body(given: str, expected: list[tuple[str, ...]]) -> None:
    assert blocks(given) == expected


@pytest.mark.parametrize(
    "name", ["toc", "children", "pagetreesearch", "pageTreeSearch", "recently-updated", "style"]
)
def test_what_is_filled_in_when_a_page_is_shown_is_no_text(name: str) -> None:
    body = f"<p>a</p>{macro(name, code='x', root='r')}<p>{macro(name, body='<p>b</p>')}</p><p>z</p>"
    assert blocks(body) == [("paragraph", "a"), ("paragraph", "z")]


NODE = '<ac:adf-node type="panel"><ac:adf-attribute key="panel-type">note</ac:adf-attribute>{}</ac:adf-node>'


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (NODE.format("<ac:adf-content><p>same</p></ac:adf-content>") + "<ac:adf-fallback><div><p>same</p></div></ac:adf-fallback>", [("paragraph", "same")]),
        (NODE.format("<ac:adf-content><p>same</p></ac:adf-content>"), [("paragraph", "same")]),
        (NODE.format("<ac:adf-content><p>same</p></ac:adf-content>") + f"<ac:adf-fallback>{NODE.format('')}</ac:adf-fallback>", [("paragraph", "same")]),
        ('<ac:adf-node type="decision-list"/><ac:adf-fallback><ul class="decision-list"><li>Go</li></ul></ac:adf-fallback>', [("list", "- Go")]),
    ],
)  # fmt: skip
def test_of_two_forms_of_an_element_one_is_read(inside: str, expected: list[tuple[str, ...]]) -> None:
    assert blocks(f"<ac:adf-extension>{inside}</ac:adf-extension>") == expected


def test_steps_with_code_between_them_keep_their_numbers() -> None:
    body = f"<ol><li>Open it:{macro('code', code='open')}</li><li><p>Wait</p><p>a bit</p></li><li><ul><li>end</li></ul></li></ol>"
    assert blocks(body) == [
        ("paragraph", "1. Open it:"),
        ("code", "open"),
        ("paragraph", "2. Wait"),
        ("paragraph", "a bit"),
        ("list", "- end"),
    ]


def test_code_in_a_table_of_data_is_part_of_its_row() -> None:
    code = macro("code", code='{\n  "a": 1\n}')
    body = f"<table><tr><th><h3>Name</h3></th><th>Body</th></tr><tr><td>Get</td><td>{code}</td></tr></table>"
    assert blocks(body) == [("table", "Name | Body", 'Get | { "a": 1 }')]
    assert read(body).blocks[0].header_parts == 1


def test_code_in_a_table_that_arranges_the_page_stays_code() -> None:
    body = f"<table><tr><td><p>left</p></td><td>{macro('code', code='a' + chr(10) + 'b')}</td></tr></table>"
    assert blocks(body) == [("paragraph", "left"), ("code", "a", "b")]


def test_a_macro_in_an_item_is_part_of_the_item() -> None:
    body = f"<ul><li>a{macro('info', body='<p>n</p>', title='T')}</li><li>b</li></ul>"
    assert blocks(body) == [("list", "- a\n  T\n  n", "- b")]


def test_tasks_within_tasks_are_indented() -> None:
    inner = "<ac:task-list><ac:task><ac:task-status>complete</ac:task-status><ac:task-body>in</ac:task-body></ac:task></ac:task-list>"
    body = f"<ac:task-list><ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>out{inner}</ac:task-body></ac:task></ac:task-list>"
    assert blocks(body) == [("list", "- [ ] out\n  - [x] in")]
