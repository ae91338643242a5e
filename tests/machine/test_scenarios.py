"""The design's scenarios of edits, dates, names and passages, for each kind of source that can have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from indexer.errors import NotFoundError
from indexer.model import VersionKind
from indexer.ports import Vectors
from indexer.query.results import Mode
from tests.support.indexes import CountingEmbedder, Home
from tests.support.scenes import Scene, instant

MakeHome = Callable[..., Home]


# --- edits and dates ------------------------------------------------------------------------------


def test_an_edit_effective_15_april_and_learnt_3_may(scene: Scene) -> None:
    scene.on("2024-03-01T09:00").write("leave.md", "Twenty days.")
    scene.on("2024-04-01").learn()
    scene.on("2024-04-15").write("leave.md", "Thirty days.")
    scene.on("2024-05-03").learn()
    assert scene.texts(as_of="2024-04-20", known_at="2024-05-01") == ["Twenty days."]
    assert scene.texts(as_of="2024-04-20", known_at="2024-05-04") == ["Thirty days."]
    assert scene.texts(as_of="2024-04-10", known_at="2024-05-04") == ["Twenty days."]
    assert scene.texts(as_of="2024-04-20") == ["Thirty days."]
    assert scene.texts(known_at="2024-05-01") == ["Twenty days."]
    assert scene.texts() == ["Thirty days."]
    assert scene.texts(as_of="2024-02-01") == []
    assert scene.versions("leave.md")[1].valid_from == instant("2024-04-15")


def test_a_b_a_makes_three_versions_and_embeds_nothing_for_the_third(scene: Scene) -> None:
    for day, text in (("02", "A days."), ("03", "B days."), ("04", "A days.")):
        scene.on(f"2024-03-{day}").write("leave.md", text)
        scene.on(f"2024-03-{day}T12:00").learn()
    assert [v.number for v in scene.versions("leave.md")] == [1, 2, 3]
    assert [scene.show(f"leave.md@{number}") for number in (1, 2, 3)] == ["A days.", "B days.", "A days."]
    assert sorted(scene.home.embedder.texts) == ["A days.", "B days."]
    for day, text in (("02", "A days."), ("03", "B days."), ("05", "A days.")):
        assert scene.texts(as_of=f"2024-03-{day}") == [text]


def test_a_b_a_with_the_old_mtime_restored_is_a_new_state_from_now_on(folder: Scene) -> None:
    folder.on("2024-03-02").write("leave.md", "A days.")
    folder.on("2024-03-02T12:00").learn()
    folder.on("2024-03-03").write("leave.md", "B days.")
    folder.on("2024-03-03T12:00").learn()
    folder.on("2024-03-04").write("leave.md", "A days.", mtime="2024-03-02")
    folder.on("2024-03-04T12:00").learn()
    assert [v.valid_from for v in folder.versions("leave.md")] == [
        instant("2024-03-02"),
        instant("2024-03-03"),
        instant("2024-03-04"),  # the ctime: the restored mtime would rewrite the past
    ]
    assert folder.texts(as_of="2024-03-03T12:00") == ["B days."]
    assert sorted(folder.home.embedder.texts) == ["A days.", "B days."]


def test_a_state_that_comes_back_at_an_instant_it_had_before_is_a_version_of_its_own(folder: Scene) -> None:
    """The clock was set back, and a backup restored the file with its time: the past must not swallow it."""
    folder.on("2024-03-02").write("leave.md", "A days.")
    folder.on("2024-03-03").learn()
    folder.on("2024-03-04").write("leave.md", "B days.")
    folder.on("2024-03-05").learn()
    folder.home.clock.step(instant("2024-03-01") - folder.home.clock.now())
    folder.learn()
    folder.on("2024-03-02").write("leave.md", "A days.", mtime="2024-03-02")
    folder.on("2024-03-02T12:00").learn()
    assert [v.number for v in folder.versions("leave.md")] == [1, 2, 3]
    assert folder.texts() == ["A days."]
    folder.delete("leave.md")
    folder.learn()
    folder.write("leave.md", "A days.")
    folder.learn()
    folder.delete("leave.md")
    folder.learn()
    assert folder.texts() == []


def test_a_day_with_two_versions_answers_with_the_last_and_names_the_other(scene: Scene) -> None:
    scene.on("2024-03-02T09:00").write("leave.md", "Morning days.")
    scene.on("2024-03-02T10:00").learn()
    scene.on("2024-03-02T15:00").write("leave.md", "Evening days.")
    scene.on("2024-03-03").learn()
    shown = scene.home.queries().show("leave.md@2024-03-02")
    assert shown.text == "Evening days."
    assert [entry.version.number for entry in shown.alternatives] == [1]
    assert scene.show("leave.md@2024-03-02T12:00:00") == "Morning days."
    assert scene.texts(as_of="2024-03-02") == ["Evening days."]
    assert scene.texts(as_of="2024-03-02T12:00:00") == ["Morning days."]


class SlowEmbedder(CountingEmbedder):
    """Takes a day, and lets somebody ask meanwhile."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def embed(self, texts: Sequence[str]) -> Vectors:
        self._meanwhile()
        return super().embed(texts)


def test_what_was_believed_at_an_instant_does_not_change_once_it_is_over(make_home: MakeHome) -> None:
    """A commit is dated when it is made, not when its batch was begun."""
    answers: list[list[str]] = []

    def meanwhile() -> None:
        scene.on("2024-03-06")
        answers.append(scene.texts(known_at="2024-03-05T12:00"))

    home = make_home(embedder=SlowEmbedder(lambda: None))
    scene = Scene(home, "folder")
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    scene.on("2024-03-04").write("leave.md", "Thirty days.")
    home.index.embedder = SlowEmbedder(meanwhile)
    home.clock.advance(instant("2024-03-05") - home.clock.now())
    home.backfill(scene.source)
    home.index.embedder = home.embedder
    answers.append(scene.texts(known_at="2024-03-05T12:00"))
    assert answers == [["Twenty days."]] * 2
    assert scene.texts() == ["Thirty days."]
    assert scene.versions("leave.md")[1].valid_from == instant("2024-03-04")


# --- names ----------------------------------------------------------------------------------------


def test_a_rename_and_an_edit_in_one_scan_are_one_version_timed_as_the_edit(scene: Scene) -> None:
    text = "# Leave\n\nTwenty days are granted to everybody who works here.\n\nAsk the office.\n"
    scene.on("2024-03-02").write("old.md", text)
    scene.on("2024-03-03").learn()
    document = scene.home.document_id("old.md")
    scene.on("2024-03-04").rename_and_edit("old.md", "new.md", text.replace("Ask", "Write to"))
    scene.on("2024-03-05").learn()
    assert scene.home.document_id("new.md") == document
    versions = scene.versions("new.md")
    assert [(v.number, v.key) for v in versions] == [(1, "old.md"), (2, "new.md")]
    assert versions[1].valid_from == instant("2024-03-04")
    assert scene.show("old.md@1") == text.strip()


def test_a_rename_is_a_version_that_costs_nothing_and_keeps_its_title(scene: Scene) -> None:
    scene.on("2024-03-02").write("old.md", "# Leave policy\n\nTwenty days.\n")
    scene.on("2024-03-03").learn()
    document, before = scene.home.document_id("old.md"), scene.home.sizes()
    scene.on("2024-03-04").rename("old.md", "new.md")
    scene.on("2024-03-05").learn()
    after = scene.home.sizes()
    assert scene.home.document_id("new.md") == document
    unchanged = ("document", "manifest", "passage", "row", "table version", "embedded")
    assert {name: after[name] - before[name] for name in unchanged} == dict.fromkeys(unchanged, 0)
    assert [(v.key, v.title) for v in scene.versions("new.md")] == [
        ("old.md", "Leave policy"),
        ("new.md", "Leave policy"),
    ]


def test_a_rename_in_the_same_commit_as_its_text_names_the_pipeline_that_made_it(history: Scene) -> None:
    history.history.checkpoint_every = 10
    history.write("old.md", "# Leave policy\n\nTwenty days.\n")
    history.on("2024-03-02").rename("old.md", "new.md")
    history.learn()
    pipelines = history.home.sql(
        "SELECT DISTINCT g.name FROM rendition t JOIN pipeline g ON g.no = t.pipeline_no"
    )
    assert len(pipelines) == 1
    assert [v.title for v in history.versions("new.md")] == ["Leave policy"] * 2


def test_a_swap_of_two_names_keeps_both_documents(scene: Scene) -> None:
    scene.on("2024-03-02").write("a.md", "Alpha days.")
    scene.write("b.md", "Beta days.")
    scene.on("2024-03-03").learn()
    alpha, beta = scene.home.document_id("a.md"), scene.home.document_id("b.md")
    embedded = len(scene.home.embedder.texts)
    scene.on("2024-03-04").swap("a.md", "b.md")
    scene.on("2024-03-05").learn()
    assert (scene.home.document_id("b.md"), scene.home.document_id("a.md")) == (alpha, beta)
    assert scene.show("b.md") == "Alpha days."
    assert [v.key for v in scene.versions(alpha)] == ["a.md", "b.md"]
    assert len(scene.home.embedder.texts) == embedded


def test_a_copy_is_a_document_of_its_own_and_embeds_nothing(scene: Scene) -> None:
    scene.on("2024-03-02").write("a.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    document = scene.home.document_id("a.md")
    scene.on("2024-03-04").copy("a.md", "b.md", "Twenty days.")
    scene.on("2024-03-05").learn()
    assert scene.home.document_id("a.md") == document != scene.home.document_id("b.md")
    assert len(scene.versions("b.md")) == 1
    assert scene.texts() == ["Twenty days."] * 2
    assert scene.home.embedder.texts == ["Twenty days."]


def test_what_is_deleted_and_created_again_goes_on_behind_a_tombstone(scene: Scene) -> None:
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    document = scene.home.document_id("leave.md")
    scene.on("2024-03-04").delete("leave.md")
    scene.learn()
    assert scene.texts() == []
    assert scene.texts(as_of="2024-03-03") == ["Twenty days."]
    with pytest.raises(NotFoundError, match="deleted on 2024-03-04"):
        scene.show("leave.md")
    scene.on("2024-03-06").write("leave.md", "Thirty days.")
    scene.on("2024-03-07").learn()
    assert scene.home.document_id("leave.md") == document
    assert [v.kind for v in scene.versions("leave.md")] == [
        VersionKind.CONTENT,
        VersionKind.TOMBSTONE,
        VersionKind.CONTENT,
    ]
    assert scene.texts(as_of="2024-03-05") == []
    assert scene.texts(as_of="2024-03-03") == ["Twenty days."]
    assert scene.texts() == ["Thirty days."]


def test_a_path_whose_document_moved_away_starts_another_one(scene: Scene) -> None:
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    document = scene.home.document_id("leave.md")
    scene.on("2024-03-04").rename("leave.md", "archive.md")
    scene.learn()
    scene.on("2024-03-05").write("leave.md", "Thirty days.")
    scene.on("2024-03-06").learn()
    assert scene.home.document_id("archive.md") == document != scene.home.document_id("leave.md")
    assert [v.number for v in scene.versions(scene.home.document_id("leave.md"))] == [1]


# --- passages -------------------------------------------------------------------------------------


def test_the_same_passage_twice_in_one_text_and_one_copy_removed(scene: Scene) -> None:
    twice = (
        "# Leave\n\nAll days.\n\n## Rule\n\nTwenty days.\n\n## Other\n\nSome days.\n\n## Rule\n\nTwenty days."
    )
    once = "# Leave\n\nAll days.\n\n## Rule\n\nTwenty days.\n\n## Other\n\nSome days."
    scene.on("2024-03-02").write("leave.md", twice)
    scene.on("2024-03-03").learn()
    assert [text for text in scene.texts() if "Twenty" in text] == ["## Rule\n\nTwenty days."]
    embedded = len(scene.home.embedder.texts)
    scene.on("2024-03-04").write("leave.md", once)
    scene.on("2024-03-05").learn()
    assert scene.show("leave.md@1") == twice
    assert scene.show("leave.md@2") == once
    for date in ("2024-03-03", "2024-03-05"):
        assert [text for text in scene.texts(as_of=date) if "Twenty" in text] == ["## Rule\n\nTwenty days."]
    assert len(scene.home.embedder.texts) == embedded
    (change,) = scene.home.queries().diff("leave.md@1", "2").changes
    assert change.before == "## Rule\n\nTwenty days."
    rule = next(p for p in scene.home.queries().show("leave.md@2").passages if p.heading[-1] == "Rule")
    assert rule.introduced == 1


def test_a_passage_moved_under_another_heading_is_another_passage(scene: Scene) -> None:
    scene.on("2024-03-02").write("leave.md", "# Leave\n\nTwenty days.\n\n# Travel\n\nTen days.")
    scene.on("2024-03-03").learn()
    scene.on("2024-03-04").write("leave.md", "# Leave\n\nFive days.\n\n# Absence\n\nTen days.")
    scene.on("2024-03-05").learn()
    assert {hit.heading for hit in scene.hits() if "Ten" in hit.text} == {("Absence",)}
    assert {hit.heading for hit in scene.hits(as_of="2024-03-03") if "Ten" in hit.text} == {("Travel",)}
    ten = next(p for p in scene.home.queries().blame("leave.md").passages if "Ten" in p.text)
    assert ten.introduced.version.number == 2


def test_a_tables_renamed_header_changes_the_pieces_that_repeat_it(scene: Scene) -> None:
    rows = "\n".join(
        f"| town {number} | {number} days are granted for travel there |" for number in range(60)
    )
    table = "# Travel\n\n| Place | Time |\n| --- | --- |\n"
    scene.on("2024-03-02").write("travel.md", table + rows)
    scene.on("2024-03-03").learn()
    pieces = len(scene.hits())
    assert pieces > 2, "the table is not split"
    renamed = table.replace("Time", "Days granted")
    scene.on("2024-03-04").write("travel.md", renamed + rows)
    scene.on("2024-03-05").learn()
    assert len(scene.hits()) >= pieces
    headers = scene.home.sql("SELECT DISTINCT table_header FROM passage WHERE table_header <> ''")
    assert len(headers) == 2
    assert "Days granted" in scene.show("travel.md")
    assert "Days granted" not in scene.show("travel.md@1")
    assert all("Days" not in hit.text for hit in scene.hits(as_of="2024-03-03"))


def test_one_text_in_two_sources_shares_its_embedding_and_is_found_in_both(home: Home) -> None:
    share, wiki = Scene(home, "folder", "share"), Scene(home, "history", "wiki")
    share.on("2024-03-02").write("leave.md", "Twenty days.")
    wiki.write("page.md", "Twenty days.")
    share.on("2024-03-03").learn()
    wiki.learn()
    assert sorted(hit.document.source for hit in share.hits()) == ["share", "wiki"]
    assert home.embedder.texts == ["Twenty days."]
    share.on("2024-03-04").delete("leave.md")
    share.learn()
    assert [hit.document.source for hit in share.hits()] == ["wiki"]


def test_version_3_over_many_documents_finds_exactly_the_third_of_each(scene: Scene) -> None:
    for number in range(1, 5):
        scene.on(f"2024-03-0{number}").write("a.md", f"A days {number}.")
        if number <= 3:
            scene.write("b.md", f"B days {number}.")
        if number == 1:
            scene.write("c.md", "C days.")
        scene.on(f"2024-03-0{number}T12:00").learn()
    for mode in Mode:
        assert scene.texts(version="3", mode=mode) == ["A days 3.", "B days 3."]
    assert {hit.version.version.number for hit in scene.hits(version="3")} == {3}


# --- clocks ---------------------------------------------------------------------------------------


def test_versions_of_a_document_never_overlap_in_time_when_the_clock_runs_backwards(scene: Scene) -> None:
    for number in range(1, 6):
        scene.write("leave.md", f"{number} days.")
        scene.learn()
        scene.home.clock.step(-3_600_000_000)
    versions = scene.versions("leave.md")
    assert [v.number for v in versions] == [1, 2, 3, 4, 5]
    for before, after in pairwise(versions):
        assert before.valid_from is not None
        assert after.valid_from is not None
        assert before.valid_from < after.valid_from == before.valid_to
    assert scene.texts() == ["5 days."]
