"""Anything that people do to a folder, in any order, with crashes, against a model that keeps every text."""

from __future__ import annotations

import shutil
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from indexer.ingest.index import IngestLimits
from indexer.model import VersionKind
from indexer.query.results import Mode
from tests.machine.beliefs import Belief, Beliefs, Cut, check_lines, check_prefix, run_without_repeats
from tests.machine.generated import bodies, cut
from tests.support.fake_folder import FakeFolder, inside
from tests.support.indexes import Home, fast_folder

KEYS = ("a.md", "b.md", "c.md", "sub/a.md", "sub/d.md")
SECOND = 1_000_000

keys = st.sampled_from(KEYS)


class FolderMachine(RuleBasedStateMachine):
    """Each rule is one thing that happens; `backfill` holds the index to all that the folder ever was."""

    def __init__(self) -> None:
        super().__init__()
        self.place = fast_folder("folder-machine-")
        # Small batches, so that one run makes several commits and can be stopped between them.
        limits = IngestLimits(batch_passages=3, batch_documents=2, held_bytes=200)
        self.home = Home(self.place, limits=limits)
        self.folder = FakeFolder(self.home.clock)
        self.cuts: dict[str, frozenset[Cut]] = {}
        self.beliefs = Beliefs(self.home, self.cuts)
        self.before: Belief = {}
        self.earlier: dict[str, list[tuple[bytes, int]]] = {}
        """Key → (content, mtime) that it had."""
        self.clean = False
        """Nothing happened since the last complete backfill."""
        self.quiet: set[str] = set()
        """Keys at which a file once failed without its stat telling."""
        self.steps_back = 0
        self.moved: dict[str, str] = {}
        """Key → id of the document that must be there, since a move is all that happened."""

    def teardown(self) -> None:
        self.home.close()
        shutil.rmtree(self.place)

    @initialize(body=bodies)
    def begin(self, body: bytes) -> None:
        self._put("a.md", body)
        self.home.clock.advance()

    # --- what people do ----------------------------------------------------------------------

    @rule(key=keys, body=bodies, beside=st.booleans())
    def write(self, key: str, body: bytes, beside: bool) -> None:
        self._happened()
        if beside and key in self.folder.files:
            self._keep(key)
            self.folder.replace(key, body)
            self._cut(key)
        else:
            self._put(key, body)

    @precondition(lambda self: self.earlier)
    @rule(data=st.data(), keep_mtime=st.booleans())
    def restore(self, data: st.DataObject, keep_mtime: bool) -> None:
        """An older content of a key comes back, with its old mtime as from a backup, or with a new one."""
        self._happened()
        key = data.draw(st.sampled_from(sorted(self.earlier)))
        content, mtime = data.draw(st.sampled_from(self.earlier[key]))
        self._put(key, content, mtime if keep_mtime else None)

    @precondition(lambda self: self.folder.files)
    @rule(data=st.data(), to=keys)
    def move(self, data: st.DataObject, to: str) -> None:
        key = self._existing(data)
        if key == to:
            return
        expected = self._expected_after_move(key, to)
        self._happened()
        self._keep(key)
        if to in self.folder.files:
            self._keep(to)
        self.folder.move(key, to)
        self._cut(to)
        self.moved = {} if expected is None else {to: expected}

    @precondition(lambda self: len(self.folder.files) > 1)
    @rule(data=st.data())
    def swap(self, data: st.DataObject) -> None:
        key, other = self._existing(data), self._existing(data)
        if key != other:
            self._happened()
            self.folder.swap(key, other)
            self._cut(key)
            self._cut(other)

    @precondition(lambda self: self.folder.files)
    @rule(data=st.data(), to=keys)
    def copy(self, data: st.DataObject, to: str) -> None:
        key = self._existing(data)
        self._happened()
        self._put(to, self.folder.files[key].data)

    @precondition(lambda self: self.folder.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = self._existing(data)
        self._happened()
        self._keep(key)
        self.folder.delete(key)

    @precondition(lambda self: self.folder.files)
    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        key = self._existing(data)
        self._happened()
        self.folder.set_mtime(key, self.home.clock.now())

    # --- what goes wrong ---------------------------------------------------------------------

    @precondition(lambda self: self.folder.files)
    @rule(data=st.data(), reason=st.sampled_from(["unreadable", "unreadable", "changing", "vanished"]))
    def lock(self, data: st.DataObject, reason: str) -> None:
        key = self._existing(data)
        self._happened()
        self.folder.make_unreadable(key, reason)

    @precondition(lambda self: self.folder.files)
    @rule(data=st.data())
    def disk_error(self, data: st.DataObject) -> None:
        """It cannot be read, and nothing in its stat says so: noticed only where it would be read anyway."""
        key = self._existing(data)
        self._happened()
        self.folder.files[key] = replace(self.folder.files[key], failure="unreadable")
        self.quiet.add(key)

    @precondition(lambda self: any(file.failure for file in self.folder.files.values()))
    @rule()
    def unlock_all(self) -> None:
        """A moment later: what is unlocked in the instant of a scan waits for the next try."""
        self._happened()
        self.home.clock.advance(1)
        for key, file in self.folder.files.items():
            if file.failure is not None:
                self.folder.make_readable(key)

    @rule()
    def hide_or_show(self) -> None:
        self._happened()
        if "sub" in self.folder.unknown:
            self.folder.show("sub")
        else:
            self.folder.hide("sub")

    @rule(seconds=st.sampled_from([1, 1, 60, 100_000]))
    def time_passes(self, seconds: int) -> None:
        self.home.clock.advance(seconds * SECOND)

    @rule(seconds=st.sampled_from([1, 3, 3600]))
    def clock_is_set_back(self, seconds: int) -> None:
        """Never to an instant that was before: a file could change then and keep its whole stat."""
        self._happened()
        self.steps_back += 1
        self.home.clock.step(-seconds * SECOND - 7 * self.steps_back)

    @rule(step=st.integers(min_value=1, max_value=14))
    def crash(self, step: int) -> None:
        """A run that dies at one of its steps: what it committed is whole, and is remembered as believed."""
        self._happened()
        self.home.crash_at("", step)
        self.home.crashed(self._run)
        check_lines(self.beliefs.remember())
        self.home.reopen()
        assert self.home.check().problems == []

    # --- what must hold ----------------------------------------------------------------------

    @rule(data=st.data())
    def backfill(self, data: st.DataObject) -> None:
        self._run()
        sizes = self.home.sizes()
        self._run()
        assert self.home.sizes() == sizes, "a run that finds nothing new wrote something"

        now = self.beliefs.remember()
        check_lines(now)
        check_prefix(self.before, now)
        self.before = now
        self._check_present(now)
        self._check_failures()
        assert self.home.check().problems == []
        assert self.home.table_rows() == self.home.catalog_rows()
        self.beliefs.check_citations()
        for key, document in self.moved.items():
            assert self.home.document_id(key) == document
        self.moved, self.clean = {}, True

        self.beliefs.check_rows(self.home.recorded, None)
        for _ in range(2):
            known_at = data.draw(st.sampled_from(sorted(self.beliefs.at)), "R")
            valid_at = data.draw(st.none() | st.sampled_from(self.beliefs.instants(known_at) or [0]), "T")
            mode = data.draw(st.sampled_from(Mode))
            self.beliefs.check_unchanged(known_at)
            self.beliefs.check_rows(known_at, valid_at)
            self.beliefs.check_search(known_at, valid_at, mode)

    def _check_present(self, now: Belief) -> None:
        """The present is what the folder's readable files say; what cannot be seen is as it was."""
        present = self.home.keys()
        ids = {row[0]: row[1] for row in self.home.sql("SELECT no, id FROM document")}
        for key, file in self.folder.files.items():
            if self._hidden(key) or file.failure in ("changing", "vanished"):
                continue
            current = next(v for v in reversed(now[ids[present[key]]]) if v.number is not None)
            if file.failure is not None:
                assert current.kind in (VersionKind.UNREADABLE, VersionKind.CONTENT)
                continue
            rendered = cut(file.data, key)
            if rendered is None:
                assert current.kind is VersionKind.UNREADABLE
            else:
                assert (current.kind, current.text) == (VersionKind.CONTENT, rendered[0])
        for key in present:
            assert self._hidden(key) or key in self.folder.files, f"{key} is gone and was not buried"

    def _check_failures(self) -> None:
        """Exactly what cannot be read or has no text is on the list; a scope that cannot be seen is, too."""
        listed = {f.key for f in self.home.queries().failures().failures if not self._hidden(f.key)}
        failing, unsure = set(), set(self.quiet)
        for key, file in self.folder.files.items():
            if file.failure == "vanished":
                unsure.add(key)
            elif file.failure or cut(file.data, key) is None:
                failing.add(key)
        hidden = {key for key in failing if self._hidden(key)}
        assert failing - unsure - hidden <= listed <= failing | unsure
        assert self.home.sql("SELECT key FROM failure WHERE scope") == [(s,) for s in self.folder.unknown]

    # --- inside ------------------------------------------------------------------------------

    def _run(self) -> None:
        run_without_repeats(self.home, lambda: self.home.backfill(self.folder, accept_deletions=True))

    def _happened(self) -> None:
        self.clean, self.moved = False, {}

    def _put(self, key: str, data: bytes, mtime: int | None = None) -> None:
        if key in self.folder.files:
            self._keep(key)
            if self.folder.files[key].failure is not None:
                self.home.clock.advance(1)  # see `unlock_all`
        self.folder.write(key, data, mtime=mtime)
        self._cut(key)

    def _keep(self, key: str) -> None:
        file = self.folder.files[key]
        self.earlier.setdefault(key, []).append((file.data, file.mtime))

    def _cut(self, key: str) -> None:
        rendered = cut(self.folder.files[key].data, key)
        if rendered is not None:
            self.cuts[rendered[0]] = rendered[1]

    def _existing(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.folder.files)))

    def _hidden(self, key: str) -> bool:
        return any(inside(key, scope) for scope in self.folder.unknown)

    def _expected_after_move(self, key: str, to: str) -> str | None:
        """The id of the document that is renamed, where its rename is all that the next scan can see."""
        file = self.folder.files[key]
        there = self.folder.files.get(to)
        plain = (
            self.clean
            and file.failure is None
            and file.data
            and not self._hidden(key)
            and not self._hidden(to)
            and (there is None or (there.data != file.data and there.failure is None))
        )
        return self.home.document_id(key) if plain else None


TestFolder = FolderMachine.TestCase
TestFolder.settings = settings(max_examples=80, stateful_step_count=40)
