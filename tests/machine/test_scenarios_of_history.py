"""The design's scenarios of history that is rewritten and of states that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from indexer.model import VersionKind, VersionStatus
from tests.support.indexes import Home
from tests.support.scenes import Scene, instant

# --- history that is rewritten --------------------------------------------------------------------


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


# --- what cannot be read --------------------------------------------------------------------------


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
