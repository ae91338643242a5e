"""A short life of an index, stage by stage, that meets every step of the commit protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from indexer.ingest.index import IngestLimits
from indexer.ingest.recovery import rebuild
from indexer.ports import PassageStore
from indexer.store.passages import LancePassages
from indexer.store.passages.upkeep import UpkeepBounds
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import CountingEmbedder, Crash, Home

STEPS = (
    "original kept",
    "recovered",
    "embedded",
    "passages written",
    "catalog committed",
    "compacted",
    "compaction published",
    "pruned",
    "unpublished",
    "dropped",
    "filled a part",
    "filled",
    "restored",
)
"""Every step that the write side names. ``restored`` comes only after a crash."""

MINUTE = 60_000_000


def text(*paragraphs: str) -> bytes:
    """A document with a heading for each paragraph, so that each is a passage."""
    return "\n\n".join(f"## Part {n}\n\n{p} days" for n, p in enumerate(paragraphs)).encode()


class Story:
    """Tells the same story to an index, which may crash while it listens."""

    def __init__(self, place: Path, *, lance: bool) -> None:
        self._place = place
        store: Callable[[str, int], PassageStore] | None = self._table if lance else None
        # Small batches: one run makes several commits.
        self.home = Home(place, store=store, limits=IngestLimits(batch_passages=3, batch_documents=2))
        self.folder = FakeFolder(self.home.clock)
        self.history = FakeConnector(checkpoint_every=2)
        self.stages: tuple[Callable[[], None], ...] = (
            self._begin,
            self._edit,
            self._move_around,
            self._rewrite_history,
            self._delete,
            self._rebuild,
            self._other_model,
            self._go_on,
            self._run,
        )

    def tell(self, *crashes: tuple[str, int]) -> list[str]:
        """Tell all of it. `crashes`: (step, which of that name) at which the process dies, one after the other.

        After a crash a new process brings the sources up to date, and the story goes on. Returns the
        steps at which it crashed.
        """
        waiting = list(crashes)
        died: list[str] = []
        self._arm(waiting)
        for stage in self.stages:
            self.home.clock.advance(MINUTE)
            act: Callable[[], None] = stage
            before = len(died)
            while self._dies(act):
                died.append(waiting.pop(0)[0])
                assert self.home.check().problems == [] or self._refilling
                self._arm(waiting)
                act = self._run
            if len(died) > before:
                assert self.home.check().problems == []
                assert not self._refilling
        self.home.steps.name = None
        return died

    @property
    def _refilling(self) -> bool:
        """No table is level at this moment: a rebuild was stopped, or a new model's first table is not full yet."""
        published = self.home.published
        return published is None or published.fingerprint != self.home.embedder.fingerprint

    def _arm(self, crashes: list[tuple[str, int]]) -> None:
        if crashes:
            self.home.crash_at(*crashes[0])

    def _dies(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except Crash:
            self.home.reopen()
            return True
        return False

    def _run(self) -> None:
        self.home.backfill(self.folder, self.history, accept_deletions=True)

    def _table(self, fingerprint: str, dimension: int) -> PassageStore:
        bounds = UpkeepBounds(files=4)
        return LancePassages(
            self._place / "passages", fingerprint, dimension, clock=self.home.clock, bounds=bounds
        )

    # --- what happens ------------------------------------------------------------------------

    def _begin(self) -> None:
        for name in "abcd":
            self.folder.write(f"{name}.md", text(f"{name} one", f"{name} two"))
        self.folder.write("empty.md", b"")
        self.folder.write("binary.bin", b"\x00\x01" * 40)
        self.origins = [
            self.history.observe(
                "page", text(f"page {n}", "page rest"), at=n * 10, lineage="p", labels=(f"v{n}",)
            )
            for n in range(1, 5)
        ]
        self.history.observe("other", text("other"), at=5)
        self.home.clock.advance(MINUTE)
        self._run()

    def _edit(self) -> None:
        self.folder.write("a.md", text("a one", "a three"))
        self.folder.write("e.md", text("a one", "e one"))
        self.history.observe("page", text("page 5", "page rest"), at=50, lineage="p")
        self.home.clock.advance(MINUTE)
        self._run()

    def _move_around(self) -> None:
        self.folder.swap("a.md", "b.md")
        self.folder.move("c.md", "moved/c.md")
        self.folder.write("c.md", text("c new"))
        self.folder.make_unreadable("d.md")
        self.history.rename("other", "renamed", at=60)
        self.home.clock.advance(MINUTE)
        self._run()

    def _rewrite_history(self) -> None:
        self.history.withdraw("page", self.origins[3], lineage="p")
        self.history.observe("page", text("page 4, again", "page rest"), at=45, lineage="p")
        self.history.observe(
            "page", text("page 0", "page rest"), at=1, lineage="p", sequence=self.history.before("p")
        )
        self.history.relabel("page", self.origins[2], "v3", "approved", lineage="p")
        self.history.observe("page", text("tagged"), at=30, lineage="p", aside=True, labels=("rc1",))
        self.folder.make_readable("d.md")
        self._run()

    def _delete(self) -> None:
        self.folder.delete("e.md")
        self.history.remove("renamed", at=70)
        self.folder.hide("moved")
        self._run()

    def _rebuild(self) -> None:
        rebuild(self.home.index)

    def _other_model(self) -> None:
        self.home.embedder = CountingEmbedder(48)
        self.home.index.embedder = self.home.embedder
        self._run()

    def _go_on(self) -> None:
        self.folder.show("moved")
        self.folder.write("a.md", text("a four"))
        self.folder.write("e.md", text("e again"))
        self.home.clock.advance(MINUTE)
        self._run()
