"""Every scenario that the design names, for each kind of source that can have it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import pytest

from indexer.errors import NotFoundError
from indexer.model import Block, ParsedDocument, VersionKind, VersionStatus
from indexer.parsing import Parsers
from indexer.ports import Filter, PassageSnapshot, PassageStore, Vectors, VersionGoneError
from indexer.query.queries import Queries
from indexer.query.results import Mode, Question
from indexer.store.passages import LancePassages
from indexer.store.passages.upkeep import UpkeepBounds
from tests.support.indexes import CountingEmbedder, Home, fast_folder
from tests.support.scenes import KINDS, Kind, Scene, instant, on_first_of_march

MakeHome = Callable[..., Home]


@pytest.fixture
def make_home() -> Iterator[MakeHome]:
    places: list[Path] = []
    homes: list[Home] = []

    def make(**options: object) -> Home:
        places.append(fast_folder("scenario-"))
        homes.append(Home(places[-1], clock=on_first_of_march(), **options))  # type: ignore[arg-type]
        return homes[-1]

    yield make
    for home in homes:
        home.close()
    for place in places:
        shutil.rmtree(place)


@pytest.fixture
def home(make_home: MakeHome) -> Home:
    return make_home()


@pytest.fixture(params=KINDS)
def scene(request: pytest.FixtureRequest, home: Home) -> Scene:
    return Scene(home, request.param)


@pytest.fixture
def folder(home: Home) -> Scene:
    return Scene(home, "folder")


@pytest.fixture
def history(home: Home) -> Scene:
    return Scene(home, "history")


# --- edits and dates --------------------------------------------------------------------------


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


# --- names ------------------------------------------------------------------------------------


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


# --- history that is rewritten ----------------------------------------------------------------


def test_history_that_arrives_before_v1_shifts_numbers_that_were_provisional(home: Home) -> None:
    scene = Scene(home, "history", history_open=True)
    first = scene.on("2024-03-10").write("leave.md", "Twenty days.")
    scene.on("2024-03-12").learn()
    (only,) = scene.versions("leave.md")
    assert only.provisional
    citation = scene.hits()[0].citation
    scene.history.observe(
        "leave.md", b"Ten days.", at=instant("2024-03-05"), sequence=scene.history.before("leave.md")
    )
    scene.on("2024-03-20").learn()
    before, now = scene.versions("leave.md")
    assert (before.number, now.number) == (1, 2)
    assert (now.id, now.origin) == (only.id, first)
    assert home.queries().cite(citation).text == "Twenty days."
    assert home.queries().cite(citation).version.version.number == 2
    assert scene.texts(as_of="2024-03-06") == ["Ten days."]
    assert scene.texts(as_of="2024-03-06", known_at="2024-03-15") == []
    assert [v.number for v in scene.versions("leave.md", "2024-03-15")] == [1]


def test_v3_withdrawn_and_replaced_answers_before_and_after(history: Scene) -> None:
    scene = history
    for day, text in (("02", "One days."), ("04", "Two days."), ("06", "Three days.")):
        origin = scene.on(f"2024-03-{day}").write("leave.md", text)
    scene.on("2024-03-10").learn()
    citation = scene.hits()[0].citation
    scene.history.withdraw("leave.md", origin)
    scene.history.observe("leave.md", b"Other days.", at=instant("2024-03-07"))
    scene.on("2024-03-20").learn()
    assert scene.texts() == ["Other days."]
    assert scene.texts(known_at="2024-03-15") == ["Three days."]
    assert scene.texts(as_of="2024-03-06") == ["Two days."]
    assert scene.texts(as_of="2024-03-06", known_at="2024-03-15") == ["Three days."]
    assert scene.texts(as_of="2024-03-08") == ["Other days."]
    assert scene.show("leave.md@3") == "Other days."
    assert scene.show("leave.md@3", known_at="2024-03-15") == "Three days."
    withdrawn = scene.versions("leave.md")[-1]
    assert (withdrawn.status, withdrawn.number, withdrawn.was_number) == (VersionStatus.WITHDRAWN, None, 3)
    cited = scene.home.queries().cite(citation)
    assert cited.text == "Three days."
    assert "withdrawn" in cited.standing


def test_what_was_withdrawn_and_comes_back_is_the_same_version(history: Scene) -> None:
    origin = history.on("2024-03-02").write("leave.md", "One days.")
    second = history.on("2024-03-03").write("leave.md", "Two days.")
    history.on("2024-03-04").learn()
    before = history.versions("leave.md")[1]
    history.history.withdraw("leave.md", second)
    history.on("2024-03-05").learn()
    assert history.texts() == ["One days."]
    history.history.log.append(history.history.log[1])
    history.on("2024-03-06").learn()
    assert [v.id for v in history.versions("leave.md")][1] == before.id
    assert history.texts() == ["Two days."]
    assert history.texts(known_at="2024-03-05T12:00") == ["One days."]
    assert len(history.home.embedder.texts) == 2
    assert origin != second


def test_a_tags_own_content_is_shown_and_cited_and_never_as_of(history: Scene) -> None:
    history.on("2024-03-02").write("leave.md", "One days.\n\n## Rest\n\nCommon days.")
    history.history.observe(
        "leave.md",
        b"Tagged days.\n\n## Rest\n\nCommon days.",
        at=instant("2024-03-03"),
        aside=True,
        labels=("v1.0",),
    )
    history.on("2024-03-10").learn()
    assert history.show("leave.md@v1.0").startswith("Tagged days.")
    shown = history.home.queries().show("leave.md@v1.0")
    assert history.home.queries().cite(shown.passages[0].citation).text == "Tagged days."
    for date in (None, "2024-03-02", "2024-03-03", "2024-03-05"):
        assert "Tagged days." not in history.texts(as_of=date)
    assert "Tagged days." in history.texts(history=True)
    assert "Tagged days." in history.texts(version="v1.0")
    (aside,) = [v for v in history.versions("leave.md") if v.status is VersionStatus.ASIDE]
    assert aside.number is None


def test_what_stood_aside_and_comes_onto_the_line_is_on_it_once(history: Scene) -> None:
    history.on("2024-03-02").write("leave.md", "One days.")
    history.history.observe("leave.md", b"Two days.", at=instant("2024-03-03"), aside=True, labels=("rc",))
    history.on("2024-03-04").learn()
    history.on("2024-03-05").write("leave.md", "Two days.")
    history.on("2024-03-06").learn()  # `check` compares the rows with the manifests
    assert history.texts() == ["Two days."]
    assert history.texts(as_of="2024-03-04") == ["One days."]
    assert history.home.embedder.repeated == []


# --- what cannot be read ----------------------------------------------------------------------


def test_unreadable_then_readable_in_a_folder_keeps_the_version_and_gains_its_text(folder: Scene) -> None:
    folder.on("2024-03-02").write("leave.md", "Twenty days.")
    folder.on("2024-03-03").learn()
    folder.on("2024-03-04").write("leave.md", "Thirty days.")
    folder.folder.make_unreadable("leave.md")
    folder.on("2024-03-05").learn()
    _a_gap_then_the_text(folder, lambda: folder.folder.make_readable("leave.md"))


def test_unreadable_then_readable_in_a_history_keeps_the_version_and_gains_its_text(history: Scene) -> None:
    history.on("2024-03-02").write("leave.md", "Twenty days.")
    history.on("2024-03-03").learn()
    origin = history.on("2024-03-04").write("leave.md", "Thirty days.")
    history.history.fail_reads(origin)
    history.on("2024-03-05").learn()

    def mend() -> None:
        history.history.mend_reads(origin)
        history.history.log.append(history.history.log[-1])

    _a_gap_then_the_text(history, mend)


def _a_gap_then_the_text(scene: Scene, mend: Callable[[], None]) -> None:
    unread = scene.versions("leave.md")[1]
    assert unread.kind is VersionKind.UNREADABLE
    assert [(hit.text, hit.stale, hit.version.version.number) for hit in scene.hits()] == [
        ("Twenty days.", True, 1)
    ]
    assert scene.texts(as_of="2024-03-05") == []
    assert [f.reason for f in scene.home.queries().failures().failures] == ["unreadable"]
    scene.on("2024-03-06")
    mend()
    scene.on("2024-03-07").learn()
    read = scene.versions("leave.md")[1]
    assert (read.id, read.number, read.kind) == (unread.id, 2, VersionKind.CONTENT)
    assert [(hit.text, hit.stale) for hit in scene.hits()] == [("Thirty days.", False)]
    assert scene.texts(as_of="2024-03-05") == ["Thirty days."]
    assert scene.texts(as_of="2024-03-05", known_at="2024-03-06") == []
    assert not scene.home.queries().failures().failures


def test_a_failed_read_of_a_file_whose_stat_is_unchanged_makes_no_version(folder: Scene) -> None:
    """A disk error says nothing about the text, and the text that is known is still the one."""
    folder.on("2024-03-02").write("leave.md", "Twenty days.")
    folder.learn()  # in the instant of the write: it is read again next time
    folder.folder.files["leave.md"] = replace(folder.folder.files["leave.md"], failure="unreadable")
    folder.on("2024-03-03").learn()
    assert [(v.number, v.kind) for v in folder.versions("leave.md")] == [(1, VersionKind.CONTENT)]
    assert [(hit.text, hit.stale) for hit in folder.hits()] == [("Twenty days.", False)]
    assert [f.key for f in folder.home.queries().failures().failures] == ["leave.md"]
    folder.folder.files["leave.md"] = replace(folder.folder.files["leave.md"], failure=None)
    folder.on("2024-03-04").learn()
    assert len(folder.versions("leave.md")) == 1
    assert not folder.home.queries().failures().failures


def test_a_state_that_came_and_went_between_two_checkpoints_is_what_a_rename_of_it_holds(
    history: Scene,
) -> None:
    history.history.checkpoint_every = 100
    history.on("2024-03-02").write("old.md", "One days.")
    second = history.on("2024-03-03").write("old.md", "Two days.")
    history.on("2024-03-04").rename("old.md", "new.md")
    history.history.withdraw("new.md", second)
    history.on("2024-03-05").learn()
    assert [(v.number, v.key) for v in history.versions("new.md")] == [
        (1, "old.md"),
        (2, "new.md"),
        (None, "old.md"),
    ]
    assert history.texts() == ["Two days."]
    withdrawn = history.versions("new.md")[2]
    assert (withdrawn.status, withdrawn.was_number) == (VersionStatus.WITHDRAWN, 2)
    assert history.texts(as_of="2024-03-03") == ["One days."]


def test_a_failed_read_of_a_history_is_tried_again_in_time(history: Scene) -> None:
    origin = history.on("2024-03-02").write("leave.md", "Twenty days.")
    history.history.fail_reads(origin, times=1)
    history.learn()
    history.on("2024-03-09").learn()
    assert history.texts() == ["Twenty days."]


# --- crashes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lance", [False, True], ids=["memory", "lance"])
def test_killed_between_the_two_commits_twice_in_a_row(make_home: MakeHome, kind: Kind, lance: bool) -> None:
    home = make_home(lance=lance)
    scene = Scene(home, kind)
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    scene.on("2024-03-04").write("leave.md", "Thirty days.")
    scene.on("2024-03-05")
    for _ in range(2):
        home.crash_at("passages written")
        assert home.crashed(scene.learn)
        assert scene.texts() == ["Twenty days."]
        assert home.check().problems == []
    scene.learn()
    assert scene.texts() == ["Thirty days."]
    assert scene.texts(as_of="2024-03-03") == ["Twenty days."]
    assert len(home.table_rows()) == 2


@pytest.mark.parametrize("lance", [False, True], ids=["memory", "lance"])
def test_what_was_written_and_never_committed_is_gone_also_if_less_is_written_next(
    make_home: MakeHome, lance: bool
) -> None:
    home = make_home(lance=lance)
    scene = Scene(home, "folder")
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    scene.on("2024-03-04").write("leave.md", "".join(f"## Part {n}\n\n{n} days.\n\n" for n in range(5)))
    home.crash_at("passages written")
    assert home.crashed(scene.on("2024-03-05").learn)
    scene.write("leave.md", "Thirty days.")
    scene.on("2024-03-06").learn()
    assert sorted(scene.texts(history=True)) == ["Thirty days.", "Twenty days."]
    assert home.table_rows() == home.catalog_rows()


@pytest.mark.parametrize("kind", KINDS)
def test_killed_between_the_two_commits_of_the_very_first_run(make_home: MakeHome, kind: Kind) -> None:
    home = make_home(lance=True)
    scene = Scene(home, kind)
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    for _ in range(2):
        home.crash_at("passages written")
        assert home.crashed(scene.learn)
        assert scene.texts() == []
    scene.learn()
    assert scene.texts() == ["Twenty days."]
    assert len(home.table_rows()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_power_lost_right_after_the_catalogs_commit(make_home: MakeHome, kind: Kind) -> None:
    """What is on the disk in that moment is a whole index that has everything."""
    home = make_home(lance=True)
    scene = Scene(home, kind)
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    scene.on("2024-03-04").write("leave.md", "Thirty days.")
    copy = home.folder.with_name(f"{home.folder.name}-after")

    def copy_then_die(step: str) -> None:
        if step == "catalog committed" and not copy.exists():
            shutil.copytree(home.folder, copy)

    home.index.step = copy_then_die
    scene.on("2024-03-05").learn()
    try:
        with Home(copy, lance=True, clock=home.clock) as after:
            again = Scene(after, kind)
            again.folder.files, again.history = scene.folder.files, scene.history
            assert after.check().problems == []
            assert again.texts() == ["Thirty days."]
            assert again.texts(as_of="2024-03-03") == ["Twenty days."]
            versions = after.sizes()["version"]
            again.source = replace(scene.source)
            again.learn()
            assert after.sizes()["version"] == versions
    finally:
        shutil.rmtree(copy)


def test_events_that_are_listed_again_after_a_crash_belong_to_the_documents_that_they_belonged_to(
    history: Scene,
) -> None:
    """What is committed is committed with the cursor behind it: nothing that it recorded is listed again."""
    history.history.checkpoint_every = 100
    history.on("2024-03-02").write("a.md", "Alpha days.")
    history.on("2024-03-03").rename("a.md", "b.md")
    history.on("2024-03-04").write("a.md", "Beta days.")
    origin = history.history.observe("page", b"Page days.", at=5, lineage="page")
    history.history.withdraw("page", origin, lineage="page")
    history.home.crash_at("catalog committed")
    assert history.home.crashed(history.learn)
    history.learn()
    assert [history.show("a.md"), history.show("b.md")] == ["Beta days.", "Alpha days."]
    assert [len(history.versions(history.home.document_id(key))) for key in ("a.md", "b.md")] == [1, 2]


# --- passages ---------------------------------------------------------------------------------


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


# --- models and parsers -----------------------------------------------------------------------


@pytest.mark.parametrize("lance", [False, True], ids=["memory", "lance"])
def test_a_changed_embedding_model_fills_its_own_table_and_the_old_one_stays(
    make_home: MakeHome, lance: bool
) -> None:
    home = make_home(lance=lance)
    scene = Scene(home, "folder")
    scene.on("2024-03-02").write("leave.md", "Twenty days.")
    scene.on("2024-03-03").learn()
    scene.on("2024-03-04").write("leave.md", "Thirty days.")
    scene.on("2024-03-05").learn()
    old, new = home.embedder, CountingEmbedder(48)

    home.embedder = new
    home.reopen()
    scene.learn()  # nothing changed at the source; the model did
    assert sorted(new.texts) == ["Thirty days.", "Twenty days."]
    assert home.published is not None
    assert home.published.fingerprint == new.fingerprint
    assert scene.texts() == ["Thirty days."]
    assert scene.texts(as_of="2024-03-03") == ["Twenty days."]
    assert {p[0].fingerprint for p in home.index.catalog.publications()} == {old.fingerprint, new.fingerprint}

    scene.on("2024-03-06").write("leave.md", "Forty days.")
    scene.on("2024-03-07").learn()
    assert scene.texts(as_of="2024-03-05") == ["Thirty days."]
    home.embedder = old
    home.reopen()
    before = len(old.texts)
    scene.learn()  # back to the old model: its table lacks what happened meanwhile, and nothing else
    assert old.texts[before:] == ["Forty days."]
    assert scene.texts() == ["Forty days."]
    assert scene.texts(as_of="2024-03-05") == ["Thirty days."]
    assert home.table_rows() == home.catalog_rows()


class UpgradedParsers(Parsers):
    """The parsers of a later release: paragraphs lose their last full stop, and all names say so."""

    versions = frozenset(f"{name}-upgraded" for name in Parsers.versions)

    def identify(self, data: bytes, key: str) -> str:
        return f"{super().identify(data, key)}-upgraded"

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        parsed = super().parse(data, key)
        blocks = tuple(
            Block(b.kind, tuple(part.rstrip(".") for part in b.parts), b.level, b.title)
            for b in parsed.blocks
        )
        return replace(parsed, blocks=blocks, parser=f"{parsed.parser}-upgraded")


def test_a_parser_upgrade_between_two_edits_is_not_taken_for_an_edit(scene: Scene) -> None:
    home = scene.home
    scene.on("2024-03-02").write("leave.md", "# Leave\n\nTwenty days.\n\n# Travel\n\nTen days.")
    scene.on("2024-03-03").learn()
    citation = next(hit.citation for hit in scene.hits() if "Ten" in hit.text)
    home.parser = UpgradedParsers()
    home.reopen()
    scene.on("2024-03-04").learn()
    assert len(scene.versions("leave.md")) == 1, "an upgrade alone makes no version"
    scene.on("2024-03-05").write("leave.md", "# Leave\n\nThirty days.\n\n# Travel\n\nTen days.")
    scene.on("2024-03-06").learn()
    assert [v.number for v in scene.versions("leave.md")] == [1, 2]
    passages = {p.text: p.introduced.version.number for p in home.queries().blame("leave.md").passages}
    assert passages == {"# Leave\n\nThirty days": 2, "# Travel\n\nTen days": 1}
    assert scene.show("leave.md@1") == "# Leave\n\nTwenty days\n\n# Travel\n\nTen days"
    assert home.queries().cite(citation).text == "# Travel\n\nTen days."
    assert (
        scene.show("leave.md@1", known_at="2024-03-04") == "# Leave\n\nTwenty days.\n\n# Travel\n\nTen days."
    )
    assert scene.texts(as_of="2024-03-03", known_at="2024-03-04") == [
        "# Leave\n\nTwenty days.",
        "# Travel\n\nTen days.",
    ]


# --- readers and upkeep -----------------------------------------------------------------------


class _Table(LancePassages):
    """A passages table that wants to be compacted after every third commit, and whose files tell the fake time."""

    def __init__(self, home: Home, fingerprint: str, dimension: int) -> None:
        super().__init__(
            home.folder / "passages", fingerprint, dimension, clock=home.clock, bounds=UpkeepBounds(files=3)
        )


@pytest.fixture
def tended(make_home: MakeHome) -> Home:
    """An index in LanceDB that compacts and prunes after a few commits."""
    homes: list[Home] = []
    homes.append(make_home(store=lambda fingerprint, dimension: _Table(homes[0], fingerprint, dimension)))
    return homes[0]


def _learn_on(scene: Scene, date: str, text: str) -> None:
    """One edit, and the files that its commit makes dated like it."""
    scene.on(date).write("leave.md", text)
    tables = scene.home.folder / "passages"
    before = set(tables.rglob("*"))
    scene.learn()
    for file in set(tables.rglob("*")) - before:
        os.utime(file, (instant(date) / 1_000_000,) * 2)


def test_a_reader_that_is_held_while_upkeep_compacts_and_prunes_sees_what_it_saw(tended: Home) -> None:
    scene = Scene(tended, "folder")
    for number in range(3):
        _learn_on(scene, f"2024-03-02T0{number}:00", f"{number} days.")
    assert tended.published is not None
    table = tended.index.table()
    held = table.at(tended.published.table_version)
    everything = Filter(known_at=tended.recorded)
    before = held.search_text("days", everything, 10)
    assert len(before) == 1
    for number in range(3, 12):  # within the hour for which superseded versions are kept
        _learn_on(scene, f"2024-03-02T02:{number:02}", f"{number} days.")
    assert tended.steps.passed.count("compaction published") >= 2
    assert tended.steps.passed.count("pruned") >= 2
    assert held.search_text("days", everything, 10) == before
    with pytest.raises(VersionGoneError):
        table.at(1)
    assert scene.texts(mode=Mode.TEXT) == ["11 days."]
    assert scene.texts(known_at="2024-03-02T02:00", mode=Mode.TEXT) == ["2 days."]


def test_a_reader_whose_version_is_gone_takes_the_snapshot_again(tended: Home) -> None:
    scene = Scene(tended, "folder")
    _learn_on(scene, "2024-03-02", "Twenty days.")
    stale = tended.published
    assert stale is not None
    for number in range(1, 9):
        _learn_on(scene, f"2024-03-03T{number * 2:02}:00", f"{number} days.")
    with pytest.raises(VersionGoneError):
        tended.index.table().at(stale.table_version)

    opened: list[int] = []

    class Once:
        """What a reader holds that took its snapshot before all of that."""

        def __init__(self, store: PassageStore) -> None:
            self.at_published = store.at

        def at(self, version: int) -> PassageSnapshot:
            opened.append(version)
            return self.at_published(stale.table_version if len(opened) == 1 else version)

    queries = Queries(
        tended.index.catalog,
        lambda _: Once(tended.index.table()),  # type: ignore[arg-type,return-value]
        lambda: tended.embedder,
        lambda: tended.index.originals,
        UTC,
    )
    assert [hit.text for hit in queries.search(Question("days")).hits] == ["8 days."]
    assert len(opened) == 2


# --- clocks -----------------------------------------------------------------------------------


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
