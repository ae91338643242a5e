"""Tags name the versions that a model names which follows the rule word by word; nothing is kept for it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import AmbiguousError, NotFoundError
from indexer.model import Instant, Version, VersionKind
from indexer.points import KnownPoints
from indexer.ports import Revision
from indexer.ports.batch import Points
from indexer.ports.catalog import CatalogSnapshot
from indexer.selectors import select
from tests.support.indexes import fast_folder
from tests.support.library import DAY, Library, V

DOCUMENTS = ("one", "two")
KEYS = ("a.md", "b.md", "c.md")
NAMES = [f"{number:x}" * 40 for number in range(8)]
TAGS = ("v1.9", "v1.10", "V2", "rc/1")
PLACES = st.integers(min_value=0, max_value=6)
STEPS = ("document", "offshoots", "document", "revisions", "offshoots", "tags")


@dataclass(frozen=True)
class State:
    """A version as the model sees it."""

    origin: str
    key: str
    place: int
    exists: bool = True


@dataclass
class World:
    """What is believed at one instant."""

    line: dict[str, list[State]] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)
    """Document → the origins of all states that it ever had, those that do not exist left out."""
    revisions: dict[str, int] = field(default_factory=dict)
    offshoots: dict[str, tuple[int, dict[str, str | None]]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def at(self, document: str, revision: str) -> set[str]:
        """The origins of what the document has at a revision."""
        states: dict[str, str | None] = {}
        if revision in self.revisions:
            place = self.revisions[revision]
        elif revision in self.offshoots:
            place, states = self.offshoots[revision]
        else:
            return set()
        own = self.known.get(document, set()) & set(states.values())
        if own:
            return own
        there = [state for state in self.line.get(document, []) if state.place <= place]
        if not there or not there[-1].exists or there[-1].key in states:
            return set()
        return {there[-1].origin}


def origin(document: str, place: int, key: str, *, exists: bool = True) -> str:
    """Distinct for distinct states; the document stands for what is in it."""
    return f"commit:{place:040x}:{document}/{key}" + ("" if exists else " gone")


@st.composite
def lines(draw: st.DrawFn, document: str) -> list[State]:
    places = sorted(draw(st.sets(PLACES, max_size=4)))
    states = []
    for place in places:
        key, exists = draw(st.sampled_from(KEYS[:2])), draw(st.integers(0, 3)) > 0
        states.append(State(origin(document, place, key, exists=exists), key, place, exists))
    return states


class Told:
    """A library, and what was believed of it at each of its commits."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder)
        self.worlds: dict[Instant, World] = {}
        self.now = World()

    def step(self, kind: str, data: st.DataObject) -> None:
        if kind == "document":
            self._write(data, data.draw(st.sampled_from(DOCUMENTS)))
        elif kind == "revisions":
            self._land(data)
        elif kind == "tags":
            tags = data.draw(
                st.dictionaries(st.sampled_from(TAGS), st.sampled_from([*NAMES, *NAMES[:3]]), min_size=1)
            )
            self.library.tell(Points(tags=tags))
            self.now.tags = tags
        else:
            told = data.draw(self._offshoots())
            self.library.tell(Points(offshoots=told))
            self.now.offshoots = self.now.offshoots | told
        self.worlds[self.library.recorded] = World(
            dict(self.now.line),
            {document: set(origins) for document, origins in self.now.known.items()},
            dict(self.now.revisions),
            dict(self.now.offshoots),
            dict(self.now.tags),
        )

    def _offshoots(self) -> st.SearchStrategy[dict[str, tuple[int, dict[str, str | None]]]]:
        known = sorted(origin for origins in self.now.known.values() for origin in origins)
        gone = [state.origin for line in self.now.line.values() for state in line if not state.exists]
        later = [f"tree:{document}:{key}" for document in DOCUMENTS for key in KEYS[:2]]
        there = st.sampled_from([None, *known, *known, *gone, *later])
        states = st.dictionaries(st.sampled_from(KEYS), there, max_size=2)
        return st.dictionaries(st.sampled_from(NAMES[:3]), st.tuples(PLACES, states), min_size=1, max_size=2)

    def _write(self, data: st.DataObject, document: str) -> None:
        line = data.draw(lines(document))
        aside = sorted(data.draw(st.sets(st.sampled_from(KEYS), max_size=2)))
        beside = [V(9 * DAY, [key], key=key, origin=f"tree:{document}:{key}", sequence=9) for key in aside]
        versions = [
            V((s.place + 1) * DAY, [s.origin] if s.exists else "gone", key=s.key, origin=s.origin, sequence=s.place)
            for s in line
        ]  # fmt: skip
        self.library.write(document, versions, aside=beside)
        self.now.line[document] = line
        known = self.now.known.setdefault(document, set())
        known |= {state.origin for state in line if state.exists} | {version.origin for version in beside}

    def _land(self, data: st.DataObject) -> None:
        cut = data.draw(st.none() | st.integers(min_value=-1, max_value=6))
        names = data.draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
        places = data.draw(st.lists(PLACES, unique=True, min_size=len(names), max_size=len(names)))
        landed = dict(zip(names, places, strict=True))
        self.library.tell(
            Points(cut_after=cut, landed=[Revision(name, place) for name, place in landed.items()])
        )
        if cut is not None:
            self.now.revisions = {n: p for n, p in self.now.revisions.items() if p <= cut}
            self.now.offshoots = {n: told for n, told in self.now.offshoots.items() if told[0] <= cut}
        kept = {n: p for n, p in self.now.revisions.items() if n not in landed and p not in places}
        self.now.revisions = kept | landed


@given(st.data())
@settings(max_examples=100)
def test_tags_are_labels_as_the_rule_has_it_at_every_instant(data: st.DataObject) -> None:
    folder = fast_folder("tags-")
    try:
        told = Told(folder)
        for kind in [*STEPS, *data.draw(st.lists(st.sampled_from(STEPS), max_size=5))]:
            told.step(kind, data)
        with told.library.catalog.snapshot() as snapshot:
            for at, world in told.worlds.items():
                for document in world.line:
                    check(snapshot, told.library.document_no(document), document, world, at)
        told.library.catalog.close()
    finally:
        shutil.rmtree(folder)


def check(snapshot: CatalogSnapshot, document_no: int, document: str, world: World, at: Instant) -> None:
    versions = snapshot.versions(document_no, at)
    expected = {(tag, origin) for tag, name in world.tags.items() for origin in world.at(document, name)}
    assert labelled(versions) == expected
    assert [v.labels for v in snapshot.versions_of(None, at).get(document_no, [])] == [()] * len(versions)

    by_no = snapshot.versions_by_no([version.no for version in versions], at)
    assert by_no == {version.no: version for version in versions}
    for version in versions:
        assert snapshot.versions_by_no([version.no], at) == {version.no: version}

    points = KnownPoints(
        lambda prefix: snapshot.revisions(1, prefix, at),
        lambda: snapshot.tags(1, at),
        lambda name: snapshot.point(1, name, at),
    )
    bare = [by_no[version.no] for version in versions]
    for tag, name in world.tags.items():
        there = snapshot.states_at(1, points.at_tag(tag), at).get(document_no, [])
        assert {by_no[no].origin for no in there} == world.at(document, name)
        assert chosen(bare, tag, points) == world.at(document, name)


def labelled(versions: list[Version]) -> set[tuple[str, str]]:
    """(tag, origin of a version that has it): a tag names no version twice."""
    found = [(label, version.origin) for version in versions for label in version.labels]
    assert len(found) == len(set(found))
    return set(found)


def chosen(versions: list[Version], tag: str, points: KnownPoints) -> set[str]:
    try:
        version = select(versions, tag, UTC, points).version
    except NotFoundError:
        return set()
    except AmbiguousError as error:
        return {candidate.origin for candidate in error.candidates if isinstance(candidate, Version)}
    assert version.kind is not VersionKind.TOMBSTONE
    return {version.origin}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def test_tags_stand_between_the_labels_of_the_source_and_those_of_the_text(library: Library) -> None:
    library.write("a.md", [V(DAY, ["A"], labels=("given", "v1.10"), sequence=1)])
    no = library.document_no("a.md")
    library.catalog._sql.execute(
        "INSERT INTO label SELECT 0, document_no, version_no, 'stated', 1, recorded_from, recorded_to FROM label LIMIT 1"
    )
    landed = [Revision(NAMES[place], place) for place in range(4)]
    tags = {
        "v1.10": NAMES[2],
        "v1.9": NAMES[2],
        "zero": NAMES[1],
        "before": NAMES[0],
        "v0.1": NAMES[3],
        "?": NAMES[7],
    }
    library.tell(Points(landed=landed, tags=tags))
    with library.catalog.snapshot() as snapshot:
        (version,) = snapshot.versions(no)
        assert version.labels == ("given", "v1.10", "zero", "v1.9", "v0.1", "stated")
        assert snapshot.versions(no, tags=False)[0].labels == ("given", "v1.10", "stated")
        assert snapshot.versions_by_no([version.no], tags=False)[version.no].labels == (
            "given",
            "v1.10",
            "stated",
        )
        assert snapshot.version_by_id(version.id) == version


def test_a_state_that_is_not_known_yet_or_does_not_exist_is_not_at_a_tag(library: Library) -> None:
    line = [V(DAY, ["A"], origin="first", sequence=1), V(2 * DAY, "gone", origin="gone", sequence=2)]
    library.write("a.md", line)
    no = library.document_no("a.md")
    states = {"c.md": "later", "d.md": "gone"}
    library.tell(Points(tags={"side": NAMES[1]}, offshoots={NAMES[1]: (1, states)}))
    before = library.recorded
    library.write("a.md", line, aside=[V(DAY, ["B"], key="c.md", origin="later")])
    with library.catalog.snapshot() as snapshot:
        point = snapshot.point(1, NAMES[1])
        for at, origin in ((before, "first"), (library.recorded, "later")):
            versions = snapshot.versions(no, at)
            assert labelled(versions) == {("side", origin)}
            there = [version.no for version in versions if version.origin == origin]
            assert snapshot.states_at(1, point, at) == {no: there}


def test_a_tag_is_a_line_of_the_catalog_and_not_one_for_each_document(library: Library) -> None:
    """A thousand tags of two hundred documents: what is stored grows by the tags alone, on the line and beside it."""
    names = [f"{number:040x}" for number in range(1000)]
    for number in range(200):
        library.write(f"{number}.md", [V(DAY, ["A"], sequence=1)])
    before = _lines(library)
    library.tell(
        Points(
            landed=[Revision(name, place) for place, name in enumerate(names[:500], start=1)],
            tags={f"v{number}": name for number, name in enumerate(names)},
            offshoots={name: (5, {"0.md": None}) for name in names[500:]},
        )
    )
    grown = {
        table: count - before[table] for table, count in _lines(library).items() if count != before[table]
    }
    assert grown == {"revision": 500, "tag": 1000, "offshoot": 500, "deviation": 500, "deviating": 1}
    with library.catalog.snapshot() as snapshot:
        counted = {
            no: len(versions[0].labels) for no, versions in snapshot.versions_of(range(1, 201)).items()
        }
    assert counted == {no: 500 if no == library.document_no("0.md") else 1000 for no in range(1, 201)}


def test_where_no_source_has_tags_nothing_is_asked_of_them(library: Library) -> None:
    library.write("a.md", [V(DAY, ["A"], sequence=1)])
    library.tell(Points(landed=[Revision(NAMES[0], 1)]))
    asked: list[str] = []
    library.catalog._sql.set_trace_callback(asked.append)
    with library.catalog.snapshot() as snapshot:
        for _ in range(3):
            snapshot.versions(1)
    library.catalog._sql.set_trace_callback(None)
    assert len([statement for statement in asked if re.search(r"\btag\b", statement)]) == 1


def _lines(library: Library) -> dict[str, int]:
    sql = library.catalog._sql
    tables = [row[0] for row in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
