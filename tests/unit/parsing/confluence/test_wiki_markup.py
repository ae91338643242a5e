from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.canonical import canonical_text
from indexer.ports.wiki_page import Markup
from tests.unit.parsing.confluence.pages import blocks, read
from tests.unit.parsing.reading import outline

PAGE = """h1. Leave *policy*
Ask [~8a7f80] first,
then book. \\\\ New line.

{info:title=Mind|icon=false}
the _dates_
{info}
h2. Steps
# Open:
{code:title=run.sh|language=bash}
run *a* | b

  && c
{code}
# Wait
** inner
*# mixed

* one
** two
*# three
- dash

||Year||Days||
|2024|[30|http://example.org/a|b]|
|2025|{status:colour=Red|title=OPEN}|
----
bq. said
{toc}
{quote}
quoted
{quote}"""


def test_blocks_are_what_a_reader_of_the_page_sees() -> None:
    assert blocks(PAGE, Markup.WIKI) == [
        ("heading", "Leave policy"),
        ("paragraph", "Ask Anna Lind first,\nthen book.\nNew line."),
        ("paragraph", "Mind"),
        ("paragraph", "the dates"),
        ("heading", "Steps"),
        ("paragraph", "1. Open:\nrun.sh"),
        ("code", "run *a* | b", "", "  && c"),
        ("paragraph", "2. Wait"),
        ("list", "- inner"),
        ("list", "1. mixed"),
        ("list", "- one\n  - two\n  1. three", "- dash"),
        ("table", "Year | Days", "2024 | 30", "2025 | OPEN"),
        ("paragraph", "said"),
        ("paragraph", "quoted"),
    ]
    assert outline(read(PAGE, Markup.WIKI)) == [(1, "Leave policy"), (2, "Steps")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[text|http://example.org/a_b_c] and [http://example.org/_x_]", "text and http://example.org/_x_"),
        ("[Leave policy] [HR:Leave] [Page#part] [#part] [text|#part]", "Leave policy Leave Page part text"),
        ("[^form.pdf] [Page^form.pdf] [mailto:a@b.org] [a@b|mailto:a@b.org]", "form.pdf form.pdf a@b.org a@b"),
        ("[~carla] [~accountid:5b10] [~accountid:gone] [$77]", "carla Ben Ode unknown user Linked page"),
        ("list[0] [1] [ ] [x] ['a', 'b']", "list[0] [1] [ ] [x] ['a', 'b']"),
        ("!plan.png|alt=One, two,width=9! !x.png! !http://example.org/y.gif|title=Y!", "One, two Y"),
        ("Wow! Really! Yes!", "Wow! Really! Yes!"),
        ("*bold* _it_ ??cite?? -del- +ins+ ^sup^ ~sub~ {{mo*n*o}}", "bold it cite del ins sup sub mo*n*o"),
        ("*_both_*, (*x*) {*}y{*}z", "both, (x) yz"),
        ("a_b_c 2*3*4 -- --- C++ x-y-z ~/a ~/b 1-2", "a_b_c 2*3*4 -- --- C++ x-y-z ~/a ~/b 1-2"),
        ("http://example.org/a_b_/*c*/-d- *http://example.org/*", "http://example.org/a_b_/*c*/-d- http://example.org/"),
        (r"C:\temp\_x_\new \\server\share_x_\y /a/_b_/c", r"C:\temp\_x_\new \\server\share_x_\y /a/_b_/c"),
        ("/users/{id}/posts ${home} {n}.txt `{x}` {spaces}/a /{search}", "/users/{id}/posts ${home} {n}.txt `{x}` {spaces}/a /{search}"),
        (r"\{code} \[a] \*b\* 3 \| 4", "{code} [a] *b* 3 | 4"),
        ("{unheard:of=it}kept{unheard} {color:red}red{color} a{anchor:x}b", "kept red ab"),
        ("{jira:ABC-1} {jira:key=ABC-2|server=J} {jira:project = X} {viewfile:name=r.doc}", "ABC-1 ABC-2 r.doc"),
        ("&lt;b&gt; &nbsp; AT&T", "<b> AT&T"),
    ],
)  # fmt: skip
def test_a_line_is_reduced_to_its_words_and_nothing_else_is_damaged(line: str, words: str) -> None:
    assert blocks(line, Markup.WIKI) == [("paragraph", words)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a\n{noformat}\n*raw* [x|y]\n{code}", [("paragraph", "a"), ("code", "*raw* [x|y]", "{code}")]),
        ("{code}a{code} b {code:java}\nc", [("code", "a"), ("paragraph", "b"), ("code", "c")]),
        ("{panel:title=T|bgColor=red}h2. H\n* i{panel}", [("paragraph", "T"), ("heading", "H"), ("list", "- i")]),
        ("{expand:More}in{expand}{recently-updated}out", [("paragraph", "More"), ("paragraph", "in"), ("paragraph", "out")]),
        ("{section}\n{column:width=60%}\nl\n{column}\n{column}r{column}{section}", [("paragraph", "l"), ("paragraph", "r")]),
        ("|a|b\nmore|\n|*c*|{code}x|y{code}|", [("table", "a | b more", "c | x|y")]),
        ("|a\\|b|c|\n|{info}d{info}| e |", [("table", "a|b | c", "d | e")]),
        ("* item\ngoes on\n\npara", [("list", "- item\n  goes on"), ("paragraph", "para")]),
        ("# a\n# b\n\n# c", [("list", "1. a", "2. b"), ("list", "1. c")]),
        ("# a\n** b\n*** c\n## d\n# e\n*** f", [("list", "1. a\n  - b\n    - c\n  1. d", "2. e\n    - f")]),
        ("h7. no\nh2.no", [("paragraph", "h7. no\nh2.no")]),
        ("plain\r\ntext\x02\n\nand more", [("paragraph", "plain\ntext"), ("paragraph", "and more")]),
        ("", []),
    ],
)  # fmt: skip
def test_blocks_begin_and_end_where_they_should(body: str, expected: list[tuple[str, ...]]) -> None:
    assert blocks(body, Markup.WIKI) == expected


WORDS = st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), min_size=1, max_size=5).map(" ".join)
JUNK = st.text(st.sampled_from("*_-?+^~{}[]!|\\#h1. abc:=/\n&;\ufdd0\ufde1") | st.characters(), max_size=80)


@given(JUNK, WORDS, JUNK)
def test_a_paragraph_of_plain_words_survives_whatever_stands_around_it(
    above: str, words: str, below: str
) -> None:
    text = canonical_text(read(f"{above}\n\n{words}\n\n{below}", Markup.WIKI).blocks)
    assert words in text


@given(st.lists(st.sampled_from(["{code}", "{noformat}", "{panel:title=a}", "|", "||", "\n", "* ", "# ", "[", "]", "[a|b]", "!a.png!", "h1. ", "{{", "}}", "a", " ", "\\\\", "\\", "bq. ", "----", "*", "_", "{x}", "{*}", "{info}"]), max_size=40))  # fmt: skip
def test_no_mixture_of_marks_raises(parts: list[str]) -> None:
    read("".join(parts), Markup.WIKI)


@pytest.mark.parametrize(
    "part",
    [
        "{",
        "*",
        "[",
        "|",
        "\\",
        "{{a",
        "{a:",
        "[a ",
        "*a ",
        "!a",
        "{code}",
        "{html:x}",
        "{code:title=a}x{code}",
        "&",
    ],
)
def test_a_megabyte_of_marks_takes_seconds(part: str) -> None:
    """Far below the limit when it is linear, and hours when it is not."""
    start = time.process_time()
    read(part * (1_000_000 // len(part)), Markup.WIKI)
    assert time.process_time() - start < 12
