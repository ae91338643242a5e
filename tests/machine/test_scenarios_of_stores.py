"""The design's scenarios of crashes, readers, models and parsers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest

from indexer.model import Block, ParsedDocument
from indexer.parsing import Parsers
from indexer.ports import Filter, PassageSnapshot, PassageStore, VersionGoneError
from indexer.query.queries import Queries
from indexer.query.results import Mode, Question
from indexer.store.passages import LancePassages
from indexer.store.passages.upkeep import UpkeepBounds
from tests.support.indexes import CountingEmbedder, Home
from tests.support.scenes import KINDS, Kind, Scene, instant

MakeHome = Callable[..., Home]


# --- crashes --------------------------------------------------------------------------------------


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


# --- models and parsers ---------------------------------------------------------------------------


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

    @property
    def versions(self) -> frozenset[str]:
        return frozenset(f"{name}-upgraded" for name in super().versions)

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


# --- readers and upkeep ---------------------------------------------------------------------------


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
