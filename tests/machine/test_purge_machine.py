"""Purges and thinning out between anything that sources can say: everything else stays as it was, and what was purged never comes back."""

from __future__ import annotations

import shutil
from datetime import UTC

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from indexer.ingest.index import IngestLimits
from indexer.masks import is_masked
from indexer.model import FOREVER, Version, VersionKind
from indexer.plan.retention import RetentionRule
from indexer.stewardship.removal import finish_interrupted
from indexer.stewardship.retention import Governed, through
from tests.machine.generated import bodies
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder
from tests.support.purging import purged

PATHS = ("a.md", "b.md", "c.md")
STEPS = (
    "purge recorded",
    "passages rewritten",
    "catalog cleared",
    "passages erased",
    "originals erased",
    "catalog compacted",
    "purge finished",
)
THINNING_STEPS = (
    "recovered",
    "rows taken",
    "texts taken",
    "passages erased",
    "originals erased",
    "thinning settled",
    "purge finished",
)
MINUTE = 60_000_000

times = st.integers(min_value=0, max_value=30)


class PurgeMachine(RuleBasedStateMachine):
    """A folder and a wiki that live, and an operator who removes versions of theirs."""

    def __init__(self) -> None:
        super().__init__()
        self.place = fast_folder("purge-machine-")
        self.home = Home(self.place, limits=IngestLimits(batch_passages=3, batch_documents=2))
        self.folder = FakeFolder(self.home.clock)
        self.wiki = FakeConnector(checkpoint_every=3)
        self.origins: list[str] = []
        self.gone: set[str] = set()
        """Ids of versions that were purged."""
        self.had: dict[str, set[int]] = {}
        """Version id → the passages that it had when it had a text."""
        self.texts: dict[str, str] = {}
        """Version id → its text, of all others."""

    def teardown(self) -> None:
        self.home.close()
        shutil.rmtree(self.place)

    @initialize()
    def begin(self) -> None:
        self.folder.write("b.md", b"# Leave\n\nFive days carry over, token.\n")
        self.wiki.observe("page", b"Nothing carries over without a token.\n", at=5, lineage="p")
        self.backfill()

    # --- what happens at the sources ---------------------------------------------------------

    @rule(key=st.sampled_from(PATHS), body=bodies)
    def write(self, key: str, body: bytes) -> None:
        self.folder.write(key, body)

    @precondition(lambda self: self.folder.files)
    @rule(data=st.data(), to=st.sampled_from(PATHS))
    def move(self, data: st.DataObject, to: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.folder.files)))
        if key != to:
            self.folder.move(key, to)

    @precondition(lambda self: len(self.folder.files) > 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.folder.delete(data.draw(st.sampled_from(sorted(self.folder.files))))

    @rule(key=st.sampled_from(PATHS))
    def make_unreadable(self, key: str) -> None:
        if key in self.folder.files and self.folder.files[key].failure is None:
            self.folder.make_unreadable(key)
        elif key in self.folder.files:
            self.folder.make_readable(key)

    @rule(body=bodies, at=times, aside=st.sampled_from([False, False, False, True]))
    def page(self, body: bytes, at: int, aside: bool) -> None:
        labels = ("rc",) if aside else ()
        self.origins.append(
            self.wiki.observe("page", body, at=at, lineage="p", aside=aside, labels=labels, author="Al")
        )

    @rule(body=bodies, at=times)
    def late_history(self, body: bytes, at: int) -> None:
        before = self.wiki.before("p")
        self.origins.append(self.wiki.observe("page", body, at=at, lineage="p", sequence=before))

    @precondition(lambda self: self.origins)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self.wiki.withdraw("page", data.draw(st.sampled_from(self.origins)), lineage="p")

    # --- what happens to the index -----------------------------------------------------------

    @rule()
    def backfill(self) -> None:
        self.home.clock.advance(MINUTE)
        self.home.backfill(self.folder, self.wiki, accept_deletions=True)
        self.home.clock.advance(MINUTE)
        self._hold()

    @rule(key=st.sampled_from(PATHS), drafts=st.lists(bodies, min_size=3, max_size=5))
    def edit_again_and_again(self, key: str, drafts: list[bytes]) -> None:
        """What makes retention worth while: many versions of a file, and of the page, in a short time."""
        for body in drafts:
            self.folder.write(key, body)
            self.wiki.observe("page", body, at=30 + len(self.wiki.log), lineage="p")
            self.home.clock.advance(MINUTE)
            self.home.backfill(self.folder, self.wiki, accept_deletions=True)
        self._hold()

    @rule()
    def told_again(self) -> None:
        """The wiki tells everything from its beginning."""
        self.backfill()
        versions = self.home.sizes()["version"]
        self.home.sql("UPDATE source SET cursor = NULL WHERE uid = ?", self.wiki.uid)
        self.home.backfill(self.wiki)
        assert self.home.sizes()["version"] == versions

    @rule(
        data=st.data(), whole=st.sampled_from([False, False, True]), crash=st.none() | st.sampled_from(STEPS)
    )
    def purge(self, data: st.DataObject, whole: bool, crash: str | None) -> None:
        left = [
            v
            for v in self._versions()
            if (v.purged is None or v.purged.thinned) and v.kind is not VersionKind.TOMBSTONE
        ]
        if not left:
            return
        chosen = data.draw(st.sampled_from(sorted(left, key=lambda v: v.no)), "version")
        document = self.home.sql("SELECT id FROM document WHERE no = ?", chosen.document_no)[0][0]
        reference = document if whole else f"{document}@{chosen.id}"
        of_it = {v.id for v in self._versions() if v.document_no == chosen.document_no}
        if crash is not None:
            self.home.crash_at(crash)
        if self.home.crashed(lambda: purged(self.home, reference)):
            finish_interrupted(self.home.index)
        self.gone |= of_it if whole else {chosen.id}
        assert self.home.index.catalog.unfinished_purges() == []
        self._hold()

    @rule(source=st.sampled_from([0, 1]), crash=st.none() | st.sampled_from(THINNING_STEPS))
    def thin_out(self, source: int, crash: str | None) -> None:
        """All that is superseded is old enough, and what happens here happens on one day or two."""
        with self.home.index.catalog.snapshot() as snapshot:
            governed = Governed(snapshot.sources()[source], RetentionRule(daily_after=0.0), UTC)
        if crash is not None:
            self.home.crash_at(crash)
        if self.home.crashed(lambda: through(self.home.index, governed)):
            finish_interrupted(self.home.index)
        self._hold()

    # --- what must hold ----------------------------------------------------------------------

    def _versions(self) -> list[Version]:
        with self.home.index.catalog.snapshot() as snapshot:
            return [version for of_one in snapshot.versions_of().values() for version in of_one]

    def _hold(self) -> None:
        home = self.home
        assert home.check().problems == []
        assert home.table_rows() == home.catalog_rows()
        for version in self._versions():
            if version.purged is not None and version.purged.thinned:
                self._hold_thinned(version)
                continue
            if version.purged is not None:
                self.gone.add(version.id)  # also one that was born so
                self.texts.pop(version.id, None)
            assert (version.id in self.gone) == (version.purged is not None)
            if version.purged is not None:
                assert version.manifest_no is None
                assert (version.author, version.message, version.content_hash) == (None, None, None)
            elif version.manifest_no is not None:
                with home.index.catalog.snapshot() as snapshot:
                    passages = snapshot.manifest_passages([version.manifest_no])[version.manifest_no]
                self.had.setdefault(version.id, set()).update(passages)
                text = self._text(version.manifest_no)
                assert self.texts.setdefault(version.id, text) == text
        kept = {version.id for version in self._versions()}
        assert self.texts.keys() <= kept
        hashes = {v.content_hash for v in self._versions()}
        assert set(home.index.originals.hashes()) <= hashes

    def _hold_thinned(self, version: Version) -> None:
        """It has no text any more, but its names; what rows still tell of it is true."""
        self.texts.pop(version.id, None)
        assert version.id not in self.gone
        assert (version.manifest_no, version.content_hash) == (None, None)
        assert not is_masked(version.key)
        if version.number is not None:
            at = version.valid_from or 0
            with self.home.index.catalog.snapshot() as snapshot:
                rows = snapshot.rows(document_no=version.document_no)
            told = {
                r.passage_no for r in rows if r.recorded_to == FOREVER and r.valid_from <= at < r.valid_to
            }
            assert told <= self.had[version.id]

    def _text(self, manifest_no: int) -> str:
        with self.home.index.catalog.snapshot() as snapshot:
            entries = snapshot.manifest(manifest_no)
            passages = snapshot.passages(entry.passage_no for entry in entries)
        return "".join(entry.separator + passages[entry.passage_no].text for entry in entries)


TestPurges = PurgeMachine.TestCase
TestPurges.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
