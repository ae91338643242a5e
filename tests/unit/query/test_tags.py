"""Tags and commits of a source select the version that each document had there."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import AmbiguousError, NotFoundError
from indexer.ports import Revision
from indexer.ports.batch import Points
from tests.support.library import DAY, Library, V
from tests.unit.query.searching import ask, texts

COMMITS = {place: f"{place:x}" * 40 for place in range(1, 10)}
BESIDE = "abcde" * 8
"""The commit of a tag on a branch of its own, which forked at 5."""
NEVER_SEEN = "fedcb" * 8


def at(place: int, text: str, key: str | None = None) -> V:
    """A version that the commit at `place` made."""
    passages = "gone" if text == "gone" else [text]
    origin = f"commit:{COMMITS[place]}:{key or text}"
    return V(place * DAY, passages, key=key, origin=origin, sequence=place)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """`guide.md` moved away at 4 and another took its path at 6; two documents stand beside the line."""
    library = Library(tmp_path / "data")
    library.write(
        "guide.md", [at(2, "Old guide."), at(4, "Old guide, moved.", "old/guide.md"), at(8, "Old, again.")]
    )
    library.write("new guide", [at(6, "New guide.", "guide.md")])
    fix = V(
        5 * DAY + 1, ["Hotfix of the pay days."], key="pay.md", origin=f"tree:{BESIDE}:pay.md", sequence=5
    )
    library.write("pay.md", [at(1, "Pay days."), at(7, "gone")], aside=[fix])
    only = V(5 * DAY + 2, ["Only on the branch."], key="only.md", origin=f"tree:{BESIDE}:only.md", sequence=5)
    library.write("only.md", [], aside=[only])
    library.write("wiki.md", [V(DAY, ["Wiki."], labels=("v1.0",))], source="wiki")
    library.tell(
        Points(
            landed=[Revision(name, place) for place, name in COMMITS.items()],
            tags={
                "v1.0": COMMITS[3], "rel/2.0@x": COMMITS[6], "v3": COMMITS[9], "fix-1": BESIDE, "lost": NEVER_SEEN,
            },
            offshoots={
                BESIDE: (5, {"pay.md": f"tree:{BESIDE}:pay.md", "only.md": f"tree:{BESIDE}:only.md", "x": None})
            },
        ),
    )  # fmt: skip
    return library


def shown(library: Library, reference: str) -> str:
    return library.queries().show(reference).text


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("pay.md@v1.0", "Pay days."),
        ("pay.md@label:V1.0", "Pay days."),
        ("pay.md@1.0", "Pay days."),
        ("pay.md@rel/2.0@x", "Pay days."),
        ("pay.md@fix-1", "Hotfix of the pay days."),
        ("guide.md@v1.0", "Old guide."),
        ("guide.md@rel/2.0@x", "New guide."),
        ("old/guide.md@rel/2.0@x", "Old guide, moved."),
        ("old/guide.md@fix-1", "Old guide, moved."),
        ("old/guide.md@v3", "Old, again."),
        ("old/guide.md@v1.0", "Old guide."),  # it was called otherwise then
        ("only.md@fix-1", "Only on the branch."),
        # commits: of the line, also those that touched nothing, and the one beside it
        ("pay.md@commit:3333", "Pay days."),
        (f"pay.md@commit:{BESIDE[:5]}", "Hotfix of the pay days."),
        (f"old/guide.md@commit:{BESIDE[:5]}", "Old guide, moved."),
        ("guide.md@commit:9999", "New guide."),
    ],
)
def test_a_path_at_a_tag_is_the_document_that_had_it_there(
    library: Library, reference: str, text: str
) -> None:
    assert shown(library, reference) == text


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("pay.md@v3", "the document did not exist at tag v3 — there are versions 1 to 2"),
        ("pay.md@3", "number:3 is read as a number alone"),
        ("only.md@v1.0", "the document did not exist at tag v1.0 — there is only v_"),
        (
            "pay.md@lost",
            "what is at tag lost is not known: its commit fedcbfedcbfe is not indexed — mend .* or set",
        ),
        ("pay.md@v1.1", 'no version fits "v1.1" — .* the nearest labels are v1.0'),
    ],
)
def test_where_a_document_is_not_at_a_tag_the_error_says_so(
    library: Library, reference: str, message: str
) -> None:
    with pytest.raises(NotFoundError, match=message) as raised:
        shown(library, reference)
    assert raised.value.code == "no-such-version"


def test_a_commit_at_which_a_document_was_deleted_shows_its_tombstone(library: Library) -> None:
    with pytest.raises(NotFoundError) as raised:
        shown(library, "pay.md@commit:8888")
    assert raised.value.code == "tombstone-version"


def test_a_tag_and_a_number_that_differ_are_both_named(library: Library) -> None:
    found = library.queries().show("old/guide.md@3")
    assert (found.text, found.resolved_by) == ("Old, again.", 'tag "v3"')
    found = library.queries().show("old/guide.md@number:2")
    assert found.text == "Old guide, moved."
    library.tell(Points(tags={"v1.0": COMMITS[3], "v2": COMMITS[3]}))
    found = library.queries().show("old/guide.md@2")
    assert found.text == "Old guide."
    assert found.resolved_by.startswith('tag "v2" (number 2 is another version: v_')
    assert [entry.version.number for entry in found.alternatives] == [2]


def test_a_tag_moves_and_what_was_known_stays(library: Library) -> None:
    before = library.recorded
    library.tell(Points(tags={"v1.0": COMMITS[9]}), recorded=DAY)
    assert shown(library, "old/guide.md@v1.0") == "Old, again."
    assert before < DAY
    then = library.queries().show("old/guide.md@v1.0", known_at="1970-01-01T12:00")
    assert then.text == "Old guide."
    with pytest.raises(NotFoundError, match="no version fits"):
        shown(library, "pay.md@fix-1")


def test_history_shows_the_tags_of_each_version(library: Library) -> None:
    def labels(reference: str) -> dict[int | None, tuple[str, ...]]:
        entries = library.queries().history(reference).versions
        return {entry.version.number: entry.version.labels for entry in entries}

    assert labels("old/guide.md") == {1: ("v1.0",), 2: ("fix-1", "rel/2.0@x"), 3: ("v3",)}
    assert labels("pay.md") == {1: ("v1.0", "rel/2.0@x"), 2: (), None: ("fix-1",)}
    assert labels("only.md") == {None: ("fix-1",)}


def test_a_document_that_is_only_beside_the_line_is_found_and_not_present(library: Library) -> None:
    queries = library.queries()
    assert queries.history("only.md").document.key == "only.md"
    assert [source.documents for source in queries.status().sources] == [2, 1]
    result = ask(library, "branch", document="only.md")
    assert (result.hits, result.answer is None) == ((), False)
    assert result.answer is not None
    assert result.answer.text.startswith("only.md is not on the source's line of history, only at fix-1; ")
    with pytest.raises(
        NotFoundError, match="not on the source's line of history, only at fix-1 — such as"
    ) as raised:
        queries.show("only.md")
    assert raised.value.remedy is not None
    assert shown(library, raised.value.remedy.split("indexer show ")[1].rstrip("`")) == "Only on the branch."
    assert "Only on the branch." not in texts(ask(library, "branch"))
    assert "Only on the branch." in texts(ask(library, "branch", history=True))


def test_a_present_document_keeps_its_key_beside_one_that_is_only_aside(library: Library) -> None:
    library.write("only now", [at(9, "It is there now.", "only.md")])
    assert shown(library, "only.md") == "It is there now."
    assert shown(library, "only.md@fix-1") == "Only on the branch."
    library.write("only now", [at(9, "It is there now.", "only.md"), V(10 * DAY, "gone", sequence=10)])
    assert library.queries().history("only.md").document.deleted


def test_two_versions_of_a_tag_are_compared_and_their_passages_traced(library: Library) -> None:
    queries = library.queries()
    for after in ("@v3", "v3", "old/guide.md@v3"):
        found = queries.diff("old/guide.md@v1.0", after)
        assert (found.before.version.number, found.after.version.number) == (1, 3)
    blamed = queries.blame("pay.md@fix-1")
    assert [(passage.text, passage.introduced.version.labels) for passage in blamed.passages] == [
        ("Hotfix of the pay days.", ("fix-1",))
    ]
    cited = queries.cite(blamed.passages[0].citation)
    assert (cited.text, cited.version.version.labels, cited.current) == (
        "Hotfix of the pay days.",
        ("fix-1",),
        False,
    )


def test_a_document_that_stands_twice_beside_the_line_is_ambiguous_there(library: Library) -> None:
    states = {"a.md": f"commit:{COMMITS[2]}:Old guide.", "b.md": f"commit:{COMMITS[4]}:old/guide.md"}
    library.tell(Points(offshoots={BESIDE: (5, states)}))
    with pytest.raises(AmbiguousError, match='tag "fix-1" fits 2 versions'):
        shown(library, f"{library.document_id('guide.md')}@fix-1")
    assert ask(library, "guide", version="fix-1").scope.resolved_by.endswith("; 1 documents in which it fits several "
                                                                             "versions are left out")  # fmt: skip


@pytest.mark.parametrize(
    ("selector", "options", "expected", "counted"),
    [
        ("v1.0", {}, {"Old guide.", "Pay days.", "Wiki."}, (3, 2)),
        ("v1.0", {"sources": ("policies",)}, {"Old guide.", "Pay days."}, (2, 2)),
        ("V1.0", {"paths": ("*guide.md",)}, {"Old guide."}, (1, 1)),
        ("label:rel/2.0@x", {}, {"New guide.", "Old guide, moved.", "Pay days."}, (3, 2)),
        ("fix-1", {}, {"Old guide, moved.", "Hotfix of the pay days.", "Only on the branch."}, (3, 2)),
        ("1.0", {}, {"Old guide.", "Pay days.", "Wiki."}, (3, 2)),
        ("lost", {}, set(), (0, 5)),
        ("commit:3333", {}, {"Old guide.", "Pay days."}, (2, 3)),
    ],
)
def test_a_tag_selects_over_all_documents(
    library: Library, selector: str, options: dict[str, object], expected: set[str], counted: tuple[int, int]
) -> None:
    result = ask(library, "guide", version=selector, **options)
    assert texts(result) == expected
    assert (result.scope.documents_with, result.scope.documents_without) == counted
    assert ("what policies had at it is not known" in result.scope.resolved_by) == (selector == "lost")


def test_hits_at_a_tag_name_all_labels_of_their_versions(library: Library) -> None:
    hits = ask(library, "guide", version="rel/2.0@x").hits
    assert {hit.text: hit.version.version.labels for hit in hits} == {
        "New guide.": ("rel/2.0@x", "v3"),
        "Old guide, moved.": ("fix-1", "rel/2.0@x"),
        "Pay days.": ("v1.0", "rel/2.0@x"),
    }


def test_a_tag_over_all_documents_reads_no_histories(library: Library) -> None:
    """Only the versions that are shown are read, whatever else their documents were."""
    library.write(
        "long.md", [V(number * DAY, [f"Wording {number}."], sequence=number) for number in range(1, 9)]
    )
    asked: list[str] = []
    library.catalog._sql.set_trace_callback(asked.append)
    ask(library, "guide", version="v3", sources=("policies",))
    library.catalog._sql.set_trace_callback(None)
    read = [statement for statement in asked if "LEFT JOIN rendition" in statement]
    assert read
    assert all("WHERE v.no IN (" in statement for statement in read)
