"""Anything that a source with a history can say, in any order, with crashes, against a model that replays its log."""

from __future__ import annotations

import shutil
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from indexer.ingest.index import IngestLimits
from indexer.model import VersionKind
from indexer.ports import Observed
from indexer.query.results import Mode
from tests.machine.beliefs import Beliefs, Cut, check_lines, run_without_repeats
from tests.machine.generated import bodies, cut
from tests.machine.replay import Replay, State, by_origin, ordered
from tests.support.fake_connector import FakeConnector
from tests.support.indexes import Home, fast_folder

LINEAGES = ("page-1", "page-2")
"""Documents with an identity of their own, as in a wiki; they may be called anything."""
TITLES = ("leave.md", "travel.md", "shared.md")
PATHS = ("a.md", "b.md", "c.md")
"""Documents that are known by their paths, as in Git."""
LABELS = ("v1", "v2", "draft")

times = st.integers(min_value=0, max_value=30)


class HistoryMachine(RuleBasedStateMachine):
    """Each rule is something that happens at the source; `backfill` holds the index to the whole log."""

    def __init__(self) -> None:
        super().__init__()
        self.place = fast_folder("history-machine-")
        self.home = Home(self.place, limits=IngestLimits(batch_passages=3, batch_documents=2))
        self.source = FakeConnector()
        self.cuts: dict[str, frozenset[Cut]] = {}
        self.beliefs = Beliefs(self.home, self.cuts)
        self.unread: set[int] = set()
        """Positions in the log of events whose bytes could not be read."""
        self.failing: set[str] = set()
        self.live: dict[str, bool] = {}
        """Lineage or path → whether the document there exists at the end of the log."""
        self.keys: dict[str, str] = {}
        """Lineage → the key that it has at the end of the log."""

    def teardown(self) -> None:
        self.home.close()
        shutil.rmtree(self.place)

    @initialize(every=st.sampled_from([1, 1, 3, 50]))
    def begin(self, every: int) -> None:
        self.source.checkpoint_every = every
        self.every = every

    # --- what happens at the source ----------------------------------------------------------

    @rule(lineage=st.sampled_from(LINEAGES), key=st.sampled_from(TITLES), body=bodies, at=times,
          labels=st.sets(st.sampled_from(LABELS), max_size=1), failing=st.sampled_from([False, False, True]))  # fmt: skip
    def page(self, lineage: str, key: str, body: bytes, at: int, labels: set[str], failing: bool) -> None:
        """A page is written, for the first time or again; its title may be another one."""
        origin = self.source.observe(key, body, at=at, lineage=lineage, labels=sorted(labels))
        self._observed(lineage, key, body, origin, failing)
        self.keys[lineage] = key

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), body=bodies, at=times)
    def late_history(self, data: st.DataObject, body: bytes, at: int) -> None:
        """A state before all that is known of the page."""
        pages = [page for page in LINEAGES if page in self.keys]
        if pages:
            lineage = data.draw(st.sampled_from(pages))
            key, before = self.keys[lineage], self.source.before(lineage)
            origin = self.source.observe(key, body, at=at, lineage=lineage, sequence=before)
            self._cut(body, key, origin)

    @rule(key=st.sampled_from(PATHS), body=bodies, at=times)
    def commit(self, key: str, body: bytes, at: int) -> None:
        """A file is written."""
        origin = self.source.observe(key, body, at=at)
        self._observed(key, key, body, origin, failing=False)

    @precondition(lambda self: any(self.live.values()))
    @rule(data=st.data(), at=times, body=st.none() | bodies)
    def rename(self, data: st.DataObject, at: int, body: bytes | None) -> None:
        """A file gets another path, where nothing is or ever was; with `body` it is edited in the same step."""
        present = [path for path in PATHS if self.live.get(path)]
        free = [path for path in PATHS if path not in self.live]
        if not present or not free:
            return
        key, to = data.draw(st.sampled_from(present)), data.draw(st.sampled_from(free))
        if body is None:
            self.source.rename(key, to, at=at)
        else:
            origin = self.source.observe(to, body, at=at, previous_key=key)
            self._cut(body, to, origin)
        del self.live[key]
        self.live[to] = True

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), at=times)
    def rename_page(self, data: st.DataObject, at: int) -> None:
        pages = [page for page in LINEAGES if self.live.get(page) and self._line(page)]
        if pages:
            lineage, to = data.draw(st.sampled_from(pages)), data.draw(st.sampled_from(TITLES))
            self.source.rename(self.keys[lineage], to, at=at, lineage=lineage)
            self.keys[lineage] = to

    @precondition(lambda self: any(self.live.values()))
    @rule(data=st.data(), at=times)
    def remove(self, data: st.DataObject, at: int) -> None:
        present = [name for name, live in self.live.items() if live]
        if present:
            name = data.draw(st.sampled_from(sorted(present)))
            if name in LINEAGES:
                self.source.remove(self.keys[name], at=at, lineage=name)
            else:
                self.source.remove(name, at=at)
            self.live[name] = False

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """A page's history is rewritten: some of its states are taken back."""
        pages = [page for page in LINEAGES if self._states(page)]
        if pages:
            lineage = data.draw(st.sampled_from(pages))
            standing = [s.origin for s in self._states(lineage) if not s.withdrawn]
            if standing:
                origins = data.draw(st.lists(st.sampled_from(standing), min_size=1, max_size=2, unique=True))
                self.source.withdraw(self.keys[lineage], *origins, lineage=lineage)
                self._judge(lineage)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def observe_again(self, data: st.DataObject) -> None:
        """A known state is listed again: withdrawn ones are back, unread ones can be read now."""
        pages = [page for page in LINEAGES if self._states(page)]
        if pages:
            lineage = data.draw(st.sampled_from(pages))
            told = [e for e in self.source.log if isinstance(e, Observed) and e.lineage == lineage]
            event = data.draw(st.sampled_from(told))
            state = next(s for s in self._states(lineage) if s.origin == event.origin)
            again = replace(event, labels=state.labels)
            if event.origin in self.failing:
                self.unread.add(len(self.source.log))
            self.source.log.append(again)
            self._judge(lineage)

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), labels=st.sets(st.sampled_from(LABELS), max_size=2))
    def relabel(self, data: st.DataObject, labels: set[str]) -> None:
        pages = [page for page in LINEAGES if self._states(page)]
        if pages:
            lineage = data.draw(st.sampled_from(pages))
            state = data.draw(st.sampled_from(self._states(lineage)))
            self.source.relabel(self.keys[lineage], state.origin, *sorted(labels), lineage=lineage)

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), body=bodies, at=times, label=st.sampled_from(LABELS))
    def tag_with_content_of_its_own(self, data: st.DataObject, body: bytes, at: int, label: str) -> None:
        pages = [page for page in LINEAGES if page in self.keys]
        if pages:
            lineage = data.draw(st.sampled_from(pages))
            key = self.keys[lineage]
            origin = self.source.observe(key, body, at=at, lineage=lineage, aside=True, labels=(label,))
            self._cut(body, key, origin)

    # --- what goes wrong ---------------------------------------------------------------------

    @precondition(lambda self: self.failing)
    @rule()
    def reads_are_mended(self) -> None:
        """What could not be read can be read again; the source lists it once more."""
        self._run()
        for origin in sorted(self.failing):
            self.source.mend_reads(origin)
            event = next(e for e in self.source.log if isinstance(e, Observed) and e.origin == origin)
            state = next(s for s in self._states(event.lineage or "") if s.origin == origin)
            if not state.withdrawn:
                self.source.log.append(replace(event, labels=state.labels))
        self.failing.clear()

    @rule()
    def hide_or_show(self) -> None:
        if "sub" in self.source.unknown:
            self.source.show("sub")
        else:
            self.source.hide("sub")

    @rule(seconds=st.sampled_from([1, 100_000]), back=st.booleans())
    def time_passes(self, seconds: int, back: bool) -> None:
        if back:
            self.home.clock.step(-seconds * 1_000_000)
        else:
            self.home.clock.advance(seconds * 1_000_000)

    @rule(after=st.integers(min_value=0, max_value=5))
    def listing_breaks_off(self, after: int) -> None:
        self.source.interrupt(after)
        self._run()
        self._partly()

    @rule(step=st.integers(min_value=1, max_value=14))
    def crash(self, step: int) -> None:
        """A run that dies at one of its steps: what it committed is a part of the log, and whole."""
        self.home.crash_at("", step)
        self.home.crashed(self._run)
        self.home.reopen()
        self._partly()

    # --- what must hold ----------------------------------------------------------------------

    @rule(data=st.data())
    def backfill(self, data: st.DataObject) -> None:
        self._run()
        sizes = self.home.sizes()
        self._run()
        assert self.home.sizes() == sizes, "a run that finds nothing new wrote something"

        now = self.beliefs.remember()
        check_lines(now)
        assert by_origin(now) == ordered(self._replay().expected())
        assert self.home.check().problems == []
        assert self.home.table_rows() == self.home.catalog_rows()
        self.beliefs.check_citations()
        self.beliefs.check_rows(self.home.recorded, None)
        for _ in range(2):
            known_at = data.draw(st.sampled_from(sorted(self.beliefs.at)), "R")
            valid_at = data.draw(st.none() | st.sampled_from(self.beliefs.instants(known_at) or [0]), "T")
            mode = data.draw(st.sampled_from(Mode))
            self.beliefs.check_unchanged(known_at)
            self.beliefs.check_rows(known_at, valid_at)
            self.beliefs.check_search(known_at, valid_at, mode)

    def _partly(self) -> None:
        """What is believed is what the log said up to some event; between two checkpoints that may be any."""
        now = self.beliefs.remember()
        check_lines(now)
        assert self.home.check().problems == []
        found = self.home.sql("SELECT cursor FROM source")
        cursor = int(found[0][0]) if found and found[0][0] is not None else 0
        reached = range(cursor, min(cursor + self.every, len(self.source.log)) + 1)
        assert by_origin(now) in [ordered(self._replay(count).expected()) for count in reached]

    # --- inside ------------------------------------------------------------------------------

    def _run(self) -> None:
        run_without_repeats(self.home, lambda: self.home.backfill(self.source))

    def _replay(self, count: int | None = None) -> Replay:
        log = self.source.log
        return Replay(log, frozenset(self.unread), self.source._bytes, len(log) if count is None else count)

    def _observed(self, name: str, key: str, body: bytes, origin: str, failing: bool) -> None:
        self.live[name] = True
        self._cut(body, key, origin)
        if failing:
            self.source.fail_reads(origin)
            self.failing.add(origin)
            self.unread.add(len(self.source.log) - 1)

    def _cut(self, body: bytes, key: str, origin: str) -> None:
        rendered = cut(body, key)
        if rendered is not None:
            self.cuts[rendered[0]] = rendered[1]

    def _states(self, lineage: str) -> list[State]:
        thread = self._replay().lineages.get(lineage)
        return [] if thread is None else thread.states

    def _line(self, lineage: str) -> list[State]:
        thread = self._replay().lineages.get(lineage)
        return [] if thread is None else thread.line()

    def _judge(self, lineage: str) -> None:
        """Whether the page exists, after its line was changed in the middle."""
        line = self._line(lineage)
        self.live[lineage] = bool(line) and line[-1].kind is not VersionKind.TOMBSTONE


TestHistory = HistoryMachine.TestCase
TestHistory.settings = settings(max_examples=100, stateful_step_count=40)
