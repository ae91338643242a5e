"""Searching: scopes, modes, and what the answer says about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import NotFoundError, UsageError
from indexer.query.results import Mode
from tests.support.library import DAY, Library, V
from tests.unit.query.searching import ask, texts


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_finds_the_passage_and_cites_it(library: Library, mode: Mode) -> None:
    best = ask(library, "You get 30 days of leave.", mode=mode, k=3).hits[0]
    assert (best.rank, best.text, best.heading) == (1, "You get 30 days of leave.", ("Leave",))
    cited = library.queries().cite(best.citation)
    assert (cited.text, cited.version.version.number, cited.current) == (best.text, 3, True)


def test_the_present_shows_current_versions_only(library: Library) -> None:
    result = ask(library)
    assert texts(result) == {
        "You get 30 days of leave.", "Carry over five days.", "Pay day is the last of the month.",
        "Days out with the team.",
    }  # fmt: skip
    assert all(hit.version.version.valid_to is None for hit in result.hits)
    assert (result.scope.resolved_by, result.scope.known_at) == ("the present", None)


def test_a_passage_names_the_other_versions_that_hold_it(library: Library) -> None:
    (hit,) = [hit for hit in ask(library).hits if hit.text.startswith("Carry")]
    assert (hit.version.version.number, hit.also_in) == (3, ((1, 2),))


def test_a_date_means_its_last_instant_and_lists_the_other_versions_of_that_day(library: Library) -> None:
    result = ask(library, document="leave.md", as_of="1970-01-04")
    assert "You get 30 days of leave." in texts(result)
    assert result.scope.version is not None
    assert result.scope.version.version.number == 3
    assert [entry.version.number for entry in result.scope.alternatives] == [2]
    assert result.scope.as_of == 4 * DAY - 1


def test_as_of_a_date_over_everything_shows_what_was_there_then(library: Library) -> None:
    assert texts(ask(library, as_of="1970-01-02")) == {
        "You get 25 days of leave.", "Carry over five days.", "Pay day is the last of the month.",
        "Keys are kept in the safe, for days.",
    }  # fmt: skip


def test_a_version_holds_from_its_very_first_microsecond(library: Library) -> None:
    for moment, days in (
        ("1970-01-03T23:59:59.999999Z", 25),
        ("1970-01-04T00:00:00.000000Z", 28),
        ("1970-01-04T00:00:00.000005Z", 30),
    ):
        assert f"You get {days} days of leave." in texts(ask(library, as_of=moment))


def test_a_document_at_a_version_is_searched_alone(library: Library) -> None:
    for scope in ({"document": "leave.md@2"}, {"document": "leave.md", "version": "2"}):
        result = ask(library, **scope)
        assert texts(result) == {"You get 28 days of leave.", "Carry over five days."}
        assert result.scope.version is not None
        assert all(hit.version == result.scope.version for hit in result.hits)


def test_a_label_selects_over_many_documents_and_those_without_are_counted(library: Library) -> None:
    result = ask(library, version="v3")
    assert texts(result) == {"You get 25 days of leave.", "Carry over five days."}
    assert (result.scope.documents_with, result.scope.documents_without) == (1, 3)
    assert (result.scope.version, result.scope.selector) == (None, "v3")


def test_a_deleted_document_has_no_hits_and_says_since_when(library: Library) -> None:
    result = ask(library, document="it/keys.md")
    assert result.hits == ()
    assert result.scope.resolved_by == "deleted on 1970-01-05 00:00:00+00:00"
    assert result.answer is not None
    assert result.answer.kind == "nothing-in-version"
    assert [entry.version.number for entry in result.answer.values["elsewhere"]] == [1]
    assert "it/keys.md@number:1" in result.answer.text


def test_a_deleted_document_is_searched_at_its_last_text(library: Library) -> None:
    assert texts(ask(library, document="it/keys.md@1")) == {"Keys are kept in the safe, for days."}
    assert ask(library, document="it/keys.md@2").hits == ()


def test_history_finds_every_wording_once_from_the_latest_version_with_it(library: Library) -> None:
    found = {hit.text: hit.version.version.number for hit in ask(library, history=True).hits}
    assert found == {
        "You get 25 days of leave.": 1,
        "You get 28 days of leave.": 2,
        "You get 30 days of leave.": 3,
        "Carry over five days.": 3,
        "Pay day is the last of the month.": 1,
        "Keys are kept in the safe, for days.": 1,
        "Days out with the team.": 1,
    }


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"sources": ("wiki",)}, {"wiki-home.md"}),
        ({"sources": ("wiki", "policies")}, {"hr/leave.md", "hr/pay.md", "wiki-home.md"}),
        ({"paths": ("hr/",)}, {"hr/leave.md", "hr/pay.md"}),
        ({"paths": ("hr/*.md",)}, {"hr/leave.md", "hr/pay.md"}),
        ({"paths": ("**/leave.md",)}, {"hr/leave.md"}),
        ({"paths": ("leave.md", "wiki-*")}, {"hr/leave.md", "wiki-home.md"}),
        ({"paths": ("*.md",)}, {"hr/leave.md", "hr/pay.md", "wiki-home.md"}),
        ({"paths": ("HR/",)}, set()),
        ({"paths": ("hr/",), "sources": ("wiki",)}, set()),
        ({"paths": ("it/",), "as_of": "1970-01-02"}, {"it/keys.md"}),
        ({"paths": ("it/",), "history": True}, {"it/keys.md"}),
        ({"paths": ("hr/",), "version": "1"}, {"hr/leave.md", "hr/pay.md"}),
        ({"sources": ("wiki",), "version": "1"}, {"wiki-home.md"}),
    ],
)
def test_sources_and_paths_narrow_every_scope(
    library: Library, options: dict[str, object], keys: set[str]
) -> None:
    assert {hit.document.key for hit in ask(library, **options).hits} == keys


def test_a_path_means_the_key_at_the_instant_asked_for(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write(
        "old/a.md", [V(DAY, ["Word one."]), V(3 * DAY, ["Word one."], key="new/a.md")], recorded=9 * DAY
    )

    def keys(**options: object) -> list[int | None]:
        return [hit.version.version.number for hit in ask(library, "word", **options).hits]

    assert keys(paths=("old/",)) == []
    assert keys(paths=("new/",)) == [2]
    assert keys(paths=("old/",), as_of="1970-01-02") == [1]
    assert keys(paths=("new/",), as_of="1970-01-02") == []
    assert keys(paths=("old/",), history=True) == [1]
    assert keys(paths=("old/",), version="1") == [1]


def test_known_at_alone_is_the_present_as_believed_then(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["Word one."])], recorded=2 * DAY)
    library.write("a.md", [V(DAY, ["Word one."]), V(3 * DAY, ["Word two."])], recorded=5 * DAY)
    assert texts(ask(library, "word")) == {"Word two."}
    assert texts(ask(library, "word", known_at="1970-01-05")) == {"Word one."}
    assert texts(ask(library, "word", known_at="1970-01-05", as_of="1970-01-04")) == {"Word one."}
    assert texts(ask(library, "word", as_of="1970-01-04")) == {"Word two."}
    assert ask(library, "word", known_at="1970-01-01").hits == ()
    assert ask(library, "word", known_at="1970-01-05").scope.known_at == 5 * DAY - 1


def test_a_withdrawn_version_is_found_only_by_name_or_as_known_before(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    first, wrong, right = (
        V(DAY, ["Word one."]),
        V(2 * DAY, ["Word bad."]),
        V(2 * DAY, ["Word two."], origin="fix"),
    )
    library.write("a.md", [first, wrong], recorded=5 * DAY)
    library.write("a.md", [first, right], recorded=8 * DAY)
    assert texts(ask(library, "word")) == {"Word two."}
    assert texts(ask(library, "word", history=True)) == {"Word one.", "Word two."}
    assert texts(ask(library, "word", known_at="1970-01-07")) == {"Word bad."}
    withdrawn = library.queries().history("a.md").versions[-1].version
    assert texts(ask(library, "word", document=f"a.md@{withdrawn.id}")) == {"Word bad."}


def test_a_version_aside_is_found_by_its_label_and_in_history_but_at_no_date(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write(
        "a.md",
        [V(DAY, ["Word one."])],
        aside=[V(2 * DAY, ["Word one.", "Word aside."], labels=("v9.9",), origin="tag")],
        recorded=5 * DAY,
    )
    assert texts(ask(library, "word")) == {"Word one."}
    assert texts(ask(library, "word", as_of="1970-01-03")) == {"Word one."}
    assert texts(ask(library, "word", document="a.md@v9.9")) == {"Word one.", "Word aside."}
    found = {hit.text: hit.version.version.labels for hit in ask(library, "word", history=True).hits}
    assert found == {"Word one.": (), "Word aside.": ("v9.9",)}


def test_a_passage_of_a_withdrawn_version_and_one_aside_is_cited_from_the_one_aside(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    one, wrong = V(DAY, ["Word one."]), V(3 * DAY, ["Word aside."])
    library.write("a.md", [one, wrong], recorded=5 * DAY)
    library.write(
        "a.md", [one], aside=[V(2 * DAY, ["Word aside."], labels=("t",), origin="tag")], recorded=6 * DAY
    )
    found = {hit.text: hit.version.version.labels for hit in ask(library, "word", history=True).hits}
    assert found["Word aside."] == ("t",)


def test_equal_texts_in_two_documents_are_two_hits(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["Word."])])
    library.write("b.md", [V(DAY, ["Word."])], source="wiki")
    assert [hit.document.source for hit in ask(library, "word").hits] == ["policies", "wiki"]


@pytest.mark.parametrize(
    "text",
    [
        "the",
        "to be or not to be",
        '"',
        '"days" AND (leave OR *) NOT x',
        "🏖️",
        "§ 4.2",
        "\\",
        "a" * 5000,
        "x\x00y",
        "日本語",
    ],
)
@pytest.mark.parametrize("mode", list(Mode))
def test_any_text_can_be_asked(library: Library, text: str, mode: Mode) -> None:
    assert ask(library, text, mode=mode).query == text


@pytest.mark.parametrize(
    "options",
    [
        {"text": ""},
        {"text": " \n"},
        {"k": 0},
        {"k": 1001},
        {"history": True, "as_of": "1970-01-02"},
        {"history": True, "version": "2"},
        {"version": "2", "as_of": "1970-01-02"},
        {"document": "leave.md", "paths": ("hr/",)},
        {"document": "leave.md@1", "version": "2"},
        {"document": "leave.md@1", "history": True},
        {"as_of": "yesterday"},
        {"paths": ("",)},
        {"paths": ("!hr/",)},
    ],
)
def test_what_makes_no_sense_is_wrong_usage(library: Library, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ask(library, **options)


def test_an_unknown_source_is_not_found(library: Library) -> None:
    with pytest.raises(NotFoundError, match="wiki"):
        ask(library, sources=("wikki",))


def test_as_many_hits_come_as_are_asked_for_best_first(library: Library) -> None:
    hits = ask(library, k=2).hits
    assert [hit.rank for hit in hits] == [1, 2]
    assert hits[0].score >= hits[1].score


def test_a_passage_with_many_intervals_does_not_crowd_out_the_others(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    flicker = [V(n * DAY, ["Word word word."] if n % 2 else ["Else."]) for n in range(1, 900)]
    library.write("a.md", flicker)
    library.write("b.md", [V(DAY, ["Word."])])
    assert texts(ask(library, "word", history=True, mode=Mode.TEXT)) == {"Word word word.", "Word."}
