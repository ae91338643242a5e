from __future__ import annotations

from indexer.parsing.canonical import canonical_text
from indexer.ports.wiki_page import Markup
from tests.unit.parsing.confluence.pages import blocks, read

PAGE = """<p><style type="text/css">div.rbtoc1 {padding: 0px;}</style></p>
<div class="toc-macro rbtoc1"><style>x</style><ul><li><a href="#a">Steps</a></li></ul></div>
<h2 id="P-Steps">Steps</h2>
<div class="confluence-information-macro confluence-information-macro-note"><p class="title">Mind</p>
<span class="aui-icon aui-icon-small aui-iconfont-warning confluence-information-macro-icon">Icon</span>
<div class="confluence-information-macro-body"><p>the dates</p></div></div>
<ol><li>Open:<div class="code panel pdl"><div class="codeHeader panelHeader pdl"><b>run.sh</b></div>
<div class="codeContent panelContent pdl"><pre class="syntaxhighlighter-pre">run &lt;a&gt;

  b</pre></div></div></li><li>Wait for <a class="confluence-userlink" data-username="bo"><img title="Bo"></a></li></ol>
<ul class="inline-task-list"><li data-inline-task-id="1" class="checked">done</li><li data-inline-task-id="2"><span>open</span></li></ul>
<div class="expand-container"><div class="expand-control"><span class="expand-control-icon"><img alt=""></span><span
 class="expand-control-text">Click here to expand...</span></div><div class="expand-content"><p>inside</p></div></div>
<p><img class="confluence-embedded-image" alt="image2024.png" src="x.png"><img alt="A plan" src="y.png"></p>
<p><span class="jira-issue" data-jira-key="ABC-1"><a href="x">ABC-1</a> - <span class="summary">Getting issue details...</span>
<span class="aui-lozenge jira-macro-single-issue-export-pdf">OPEN</span></span></p>
<div class="plugin_pagetree"><ul><li>Nav</li></ul></div><div class="recently-updated">Nav</div>
<ul class="childpages-macro"><li>Nav</li></ul>
<div class="table-wrap"><table class="confluenceTable"><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><pre>x</pre></td></tr></table></div>
"""


def test_an_exported_page_is_read_without_what_was_filled_in_for_show() -> None:
    assert blocks(PAGE, Markup.VIEW) == [
        ("heading", "Steps"),
        ("paragraph", "Mind"),
        ("paragraph", "the dates"),
        ("paragraph", "1. Open:"),
        ("paragraph", "run.sh"),
        ("code", "run <a>", "", "  b"),
        ("paragraph", "2. Wait for Bo"),
        ("list", "- [x] done", "- [ ] open"),
        ("paragraph", "inside"),
        ("paragraph", "A plan"),
        ("paragraph", "ABC-1 -"),
        ("table", "a | b", "1 | x"),
    ]


def test_an_empty_page_and_one_without_markup_are_read() -> None:
    assert blocks("", Markup.VIEW) == []
    assert blocks(" \n", Markup.VIEW) == []
    assert blocks("<!-- c -->", Markup.VIEW) == []
    assert blocks("just\x00 words &amp; more", Markup.VIEW) == [("paragraph", "just words & more")]


def test_deep_nesting_loses_no_text() -> None:
    document = read("<div>" * 50_000 + "deep <b>down</b>", Markup.VIEW)
    assert canonical_text(document.blocks).split() == ["deep", "down"]
    assert document.metadata["malformed"].startswith("it is nested too deep")
