"""A wiki whose exports come in any order, in parts, in several renderings and again, against what they show."""

from __future__ import annotations

import shutil
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from indexer.errors import AmbiguousError
from indexer.ingest.index import IngestLimits
from indexer.ingest.reports import SourceReport
from indexer.model import VersionKind
from tests.machine.beliefs import Belief, Beliefs, Cut, Told, check_lines, run_without_repeats
from tests.machine.generated import HEADINGS, PARAGRAPHS, assembled, cut
from tests.machine.wiki_model import bare, begun, numberless, sights, texts, told
from tests.support.fake_wiki import RENDERED, FakeWiki, Rendering, Wiki, WikiExport
from tests.support.indexes import Home, fast_folder

sections = st.tuples(st.sampled_from(HEADINGS), st.sampled_from(PARAGRAPHS))
bodies = st.lists(sections, min_size=1, max_size=3).map(assembled)
titles = st.sampled_from(["Leave", "Travel", "Expenses"])


class SurveyMachine(RuleBasedStateMachine):
    """Each rule is something that happens in the wiki or to its exports; `backfill` holds the index to them."""

    def __init__(self) -> None:
        super().__init__()
        self.place = fast_folder("survey-machine-")
        self.home = Home(self.place, limits=IngestLimits(batch_passages=3, batch_documents=2))
        self.wiki = Wiki()
        self.source = FakeWiki()
        self.kept: list[WikiExport] = []
        """Exports that were made and not dropped yet."""
        self.made: list[WikiExport] = []
        self.cuts: dict[str, frozenset[Cut]] = {}
        self.beliefs = Beliefs(self.home, self.cuts)

    def teardown(self) -> None:
        self.home.close()
        shutil.rmtree(self.place)

    @initialize(every=st.sampled_from([1, 2, 50]), body=bodies)
    def begin(self, every: int, body: bytes) -> None:
        self.source.checkpoint_every = every
        self.wiki.create("Leave", self._cut(body))

    # --- what happens in the wiki ------------------------------------------------------------

    @rule(data=st.data(), what=st.sampled_from(["create", "edit", "edit", "edit", "rename"]), body=bodies, title=titles)  # fmt: skip
    def write(self, data: st.DataObject, what: str, body: bytes, title: str) -> None:
        live = self._live()
        if what == "create" or not live:
            if len(self.wiki.pages) < 3:
                self.wiki.create(title, self._cut(body))
        elif what == "edit":
            self.wiki.edit(data.draw(st.sampled_from(live)), self._cut(body))
        else:
            self.wiki.rename(data.draw(st.sampled_from(live)), title)

    @precondition(lambda self: self.wiki.pages)
    @rule(data=st.data(), for_good=st.sampled_from([False, False, False, True]))
    def throw_away_or_take_back(self, data: st.DataObject, for_good: bool) -> None:
        page = data.draw(st.sampled_from(sorted(self.wiki.pages)))
        if for_good:
            self.wiki.purge(page)
        elif self.wiki.pages[page].trashed:
            self.wiki.untrash(page)
        else:
            self.wiki.trash(page)

    @precondition(lambda self: self.wiki.pages)
    @rule(data=st.data(), keep=st.integers(1, 2), only_one=st.booleans())
    def forget_history(self, data: st.DataObject, keep: int, only_one: bool) -> None:
        """Retention takes old versions away, or somebody deletes one."""
        page = data.draw(st.sampled_from(sorted(self.wiki.pages)))
        earlier = [revision.number for revision in self.wiki.pages[page].revisions[:-1]]
        if not only_one:
            self.wiki.expire(page, keep)
        elif earlier:
            self.wiki.delete_version(page, data.draw(st.sampled_from(earlier)))

    @precondition(lambda self: self.made)
    @rule(data=st.data(), sure=st.integers(0, 5))
    def restore_the_wiki(self, data: st.DataObject, sure: int) -> None:
        if sure == 5:
            self.wiki.restore(self.made[data.draw(st.integers(0, len(self.made) - 1))])

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.wiki.pass_time(days * 86_400_000_000)

    # --- exports -----------------------------------------------------------------------------

    @rule(data=st.data(), how=st.sampled_from(["whole", "whole", "broken", "untold", "view", "numberless", "both"]))  # fmt: skip
    def export(self, data: st.DataObject, how: str) -> None:
        export = self.wiki.export()
        if how == "broken":
            pages = st.sampled_from(sorted(export.pages) or ["none"])
            export = export.without(*data.draw(st.sets(pages, min_size=1)))
        elif how == "untold" and export.pages:
            versions = [(p.id, r.number) for p in export.pages.values() for r in p.revisions]
            export.untold = frozenset(data.draw(st.sets(st.sampled_from(versions), min_size=1, max_size=2)))
        elif how in ("view", "both"):
            self._keep(export.seen_as(Rendering.VIEW))
        elif how == "numberless":
            self._keep(export.seen_as(Rendering.NUMBERLESS))
        if how not in ("view", "numberless"):
            self._keep(export)

    @precondition(lambda self: self.source.exports)
    @rule(data=st.data())
    def drop_again(self, data: st.DataObject) -> None:
        """The same file under another name."""
        exports = self.source.exports
        self.source.drop(exports[data.draw(st.integers(0, len(exports) - 1))])

    # --- what goes wrong ---------------------------------------------------------------------

    @rule(data=st.data(), after=st.integers(0, 12))
    def listing_breaks_off(self, data: st.DataObject, after: int) -> None:
        self._drop(data)
        self.source.interrupt(after)
        self._run()
        self._sound()

    @rule(data=st.data(), step=st.integers(1, 14))
    def crash(self, data: st.DataObject, step: int) -> None:
        self._drop(data)
        self.home.crash_at("", step)
        self.home.crashed(self._run)
        self.home.reopen()
        self._sound()

    # --- what must hold ----------------------------------------------------------------------

    @rule(data=st.data())
    def forecast(self, data: st.DataObject) -> None:
        """A forecast changes nothing, and foretells what the run then does."""
        self._drop(data)
        sizes = self.home.sizes()
        foretold = self._run(dry_run=True, accept=True).forecast
        assert self.home.sizes() == sizes
        assert foretold is not None
        changed = self.home.sql("SELECT coalesce(max(recorded), 0) FROM version")[0][0]
        added = self._run(accept=True).versions_added
        new = self.home.sql("SELECT count(DISTINCT document_no) FROM version WHERE recorded > ?", changed)
        assert foretold.versions == added
        assert foretold.documents >= new[0][0]

    @rule(data=st.data())
    def backfill(self, data: st.DataObject) -> None:
        self._drop(data)
        before = self.beliefs.read(self.home.recorded)
        report = self._run()
        if report.problems:
            assert "--accept-deletions" in report.problems[0]
            self._nothing_is_lost(before)
            assert not self._run(accept=True).problems
        self._holds()

    @rule(data=st.data())
    def told_again(self, data: st.DataObject) -> None:
        """The cursor is lost, and everything is told again: nothing is new."""
        self._drop(data)
        self._run(accept=True)
        if self.wiki.restored:
            return
        sizes, state = self.home.sizes(), self.home.state()
        self.home.sql("UPDATE source SET cursor = NULL")
        self._run(accept=True)
        assert self.home.state() == state
        assert self.home.sizes() == sizes
        self._holds()

    @rule(data=st.data())
    def told_in_order(self, data: st.DataObject) -> None:
        """An index that is told the same, the oldest export first, believes the same in all that matters."""
        self._drop(data)
        self._run(accept=True)
        place = fast_folder("survey-machine-")
        other, source = Home(place), FakeWiki()
        try:
            for export in sorted(self.source.exports, key=lambda export: export.taken):
                source.drop(export)
                other.backfill(source, accept_deletions=True)
            mine, others = self._summary(self.home), self._summary(other)
            assert mine == others
        finally:
            other.close()
            shutil.rmtree(place)

    # --- inside ------------------------------------------------------------------------------

    def _holds(self) -> None:
        """What the exports show is what is believed; and a run that finds nothing new writes nothing."""
        sizes = self.home.sizes()
        self._run()
        assert self.home.sizes() == sizes, "a run that finds nothing new wrote something"
        now = self._sound()
        exports = self.source.exports
        documents = self._documents(now)
        assert set(documents) == begun(exports)
        for page, (document, versions) in documents.items():
            line = [version for version in versions if version.number is not None]
            self._present(page, document, line)
            self._labels(page, document, line)
            if not self.wiki.restored and page not in numberless(exports):
                self._as_of(page, line)

    def _present(self, page: str, document: str, line: list[Told]) -> None:
        """The newest export that says anything of it decides."""
        newest = max(sight.taken for sight in sights(self.source.exports, page))
        found = [sight for sight in sights(self.source.exports, page) if sight.taken == newest]
        last = line[-1]
        if found[0].present is None:
            assert last.kind is VersionKind.TOMBSTONE
            gone = {s.taken for s in sights(self.source.exports, page) if s.present is None}
            assert last.valid_from in gone or self.wiki.restored
            return
        if any(sight.readable for sight in found):
            assert last.text in texts(found[0].present.body, page)
        assert last.kind is not VersionKind.TOMBSTONE
        if last.text is not None:
            shown = self.home.queries().show(f"{document}@{last.id}")
            assert shown.version.version.title == found[0].present.title

    def _labels(self, page: str, document: str, line: list[Told]) -> None:
        """Every version that was told is found by its number, and they stand in that order."""
        for number, found in told(self.source.exports).get(page, {}).items():
            try:
                shown = self.home.queries().show(f"{document}@label:{number}").text
            except AmbiguousError:
                assert len(found) > 1
                continue
            assert shown in set().union(*(texts(body, page) for body in found))
        if not self.wiki.restored:
            numbers = [int(label) for version in line for label in version.labels]
            assert all(one < other for one, other in pairwise(numbers))

    def _as_of(self, page: str, line: list[Told]) -> None:
        """At the time of each export the page is believed to have been as that shows it."""
        for sight in sights(self.source.exports, page):
            holding = [version for version in line if version.valid_from <= sight.taken]
            if sight.present is not None:
                assert holding
                assert holding[-1].kind is not VersionKind.TOMBSTONE
                if holding[-1].text is not None:
                    assert holding[-1].text in texts(sight.present.body, page)

    def _sound(self) -> Belief:
        """Whatever was told so far, in whatever part: the index is whole, and nothing that was cited is lost."""
        now = self.beliefs.remember()
        check_lines(now)
        assert self.home.check().problems == []
        assert self.home.table_rows() == self.home.catalog_rows()
        self.beliefs.check_citations()
        self.beliefs.check_rows(self.home.recorded, None)
        return now

    def _nothing_is_lost(self, before: Belief) -> None:
        """Deletions that are not believed bury nothing, and take no text away."""
        now = self.beliefs.remember()
        for document, versions in before.items():
            texts_now = {version.text for version in now[document]}
            assert {version.text for version in versions} <= texts_now

    def _summary(self, home: Home) -> dict[str, object]:
        """Page → whether it lives, its present text, and the texts of its numbers, whatever rendering they are of."""
        found: dict[str, object] = {}
        for page, (document, versions) in self._documents(
            Beliefs(home, self.cuts).read(home.recorded)
        ).items():
            last = [version for version in versions if version.number is not None][-1]
            labels = {}
            for number, bodies_ in told(self.source.exports).get(page, {}).items():
                if len(bodies_) == 1:
                    shown = home.queries().show(f"{document}@label:{number}")
                    labels[number] = bare(shown.text)
            found[page] = last.kind is VersionKind.TOMBSTONE, bare(last.text), labels
        return found

    def _documents(self, belief: Belief) -> dict[str, tuple[str, list[Told]]]:
        """Page → (document id, its versions)."""
        return {versions[0].key: (document, versions) for document, versions in belief.items()}

    def _run(self, *, accept: bool = False, dry_run: bool = False) -> SourceReport:
        reports: list[SourceReport] = []

        def run() -> None:
            report = self.home.backfill(self.source, accept_deletions=accept, dry_run=dry_run)
            reports.extend(report.sources)

        run_without_repeats(self.home, run)
        return reports[0]

    def _drop(self, data: st.DataObject) -> None:
        """Some of the exports that were made come to where they are listed, in whatever order."""
        if not self.kept:
            self._keep(self.wiki.export())
        for _ in range(data.draw(st.integers(1, 3), "exports")):
            if self.kept:
                place = data.draw(st.integers(0, len(self.kept) - 1), "which")
                self.source.drop(self.kept.pop(place))

    def _keep(self, export: WikiExport) -> None:
        self.kept.append(export)
        self.made.append(export)

    def _live(self) -> list[str]:
        return sorted(page.id for page in self.wiki.pages.values() if not page.trashed)

    def _trashed(self) -> list[str]:
        return sorted(page.id for page in self.wiki.pages.values() if page.trashed)

    def _cut(self, body: bytes) -> bytes:
        for data in (body, body + RENDERED):
            rendered = cut(data, "any.md")
            assert rendered is not None
            self.cuts[rendered[0]] = rendered[1]
        return body


TestSurveys = SurveyMachine.TestCase
TestSurveys.settings = settings(max_examples=15, stateful_step_count=25)
