"""The life of an index that follows two sources, in which things go wrong at random moments: `Life`.

What happens at the sources is drawn from one seed and what goes wrong from another, so that the same
life can be lived undisturbed. One step of a life: something changes, and the loops come to rest.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same steps in every run

from indexer.errors import EmbeddingError, IndexerError, StorageFullError, StoreError
from indexer.ingest.index import IngestLimits
from indexer.ingest.turns import Urgency
from indexer.ingest.writing import Writer
from indexer.ports import PassageStore
from indexer.store.passages import LancePassages
from indexer.store.passages.upkeep import UpkeepBounds
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.faults import Faults, faulty
from tests.support.indexes import Crash, Home
from tests.support.source_loop import Followed, World

HOUR = 3_600_000_000
"""µs between two steps of a life: longer than any pause in it."""
KINDS: tuple[Callable[[str], BaseException], ...] = (
    Crash,
    Crash,
    lambda where: StorageFullError(f"the disk is full {where}"),
    lambda where: StoreError(f"an error of the disk {where}"),
    lambda where: EmbeddingError(f"no vectors {where}"),
    lambda where: KeyError(f"a mistake {where}"),
)
"""A process dies, or lives on after an error; a mistake is an error, too."""
MOMENTS = 40
"""At most so many moments pass before the next fault: about as many as one step of a life has."""


class Life:
    """Sources, their index, and the loops that bring it up to date."""

    def __init__(self, place: Path, seed: int, *, lance: bool = False, overtaking: bool = False) -> None:
        """`overtaking`: documents are also changed, and looked at, in the middle of scans."""
        self._place = place
        store: Callable[[str, int], PassageStore] | None = self._table if lance else None
        self.home = Home(place, store=store, limits=IngestLimits(batch_passages=4, batch_documents=2))
        self.folder = FakeFolder(self.home.clock)
        self.wiki = FakeConnector(checkpoint_every=2)
        self.faults = Faults()
        self._chance = Random(seed)
        self._overtaking = overtaking
        self._count = 0
        self.wrong: list[str] = []
        """What did not hold at some commit."""
        self._live: set[str] = set()
        """The pages that are there."""
        self._begin()
        for name in "abcdef":
            self.folder.write(f"{name}/{name}.md", self._text())
        self._page()

    def _begin(self) -> None:
        """As a new process does."""
        index = faulty(self.home.index, self.faults)
        self.world = World(self.home)
        self.files = Followed(self.home, self.folder, self.world, index=index)
        self.pages = Followed(self.home, self.wiki, self.world, index=index)
        self.files.at_step = self.pages.at_step = self._at
        self._keeper = Writer(index, upkeep=False)

    def _table(self, fingerprint: str, dimension: int) -> PassageStore:
        bounds = UpkeepBounds(files=4)
        return LancePassages(
            self._place / "passages", fingerprint, dimension, clock=self.home.clock, bounds=bounds
        )

    # --- time passes --------------------------------------------------------------------------

    def step(self) -> None:
        """Something changes, and is looked at, whatever happens; afterwards everything is at rest."""
        clock = self.home.clock
        self._count += 1
        clock.advance(self._count * HOUR - round(clock.monotonic() * 1e6))
        for _ in range(self._chance.randint(1, 4)):
            self._change()
            clock.advance()
        for _ in range(60):
            try:
                self._look()
            except Crash:
                self.home.reopen()
                self._begin()
                continue
            if self._at_rest:
                return
        raise AssertionError(f"no rest: {self.files.loop.activity.doing} {self.pages.loop.activity.doing}")

    def _look(self) -> None:
        for followed in (self.files, self.pages):
            followed.pass_time(2)
        with self.home.index.turns.turn(Urgency.UPKEEP):
            try:
                self._keeper.recover()
                self._keeper.upkeep()
            except StorageFullError:
                return
            except (IndexerError, KeyError) as error:
                raise Crash from error  # the service ends by itself, and is started again
        if not self._at_rest:
            for followed in (self.files, self.pages):
                followed.pass_time(70)

    @property
    def _at_rest(self) -> bool:
        return all(
            followed.loop.activity.doing.state == "idle"
            and not len(followed.hints)
            and followed.agenda.next_scan is None
            for followed in (self.files, self.pages)
        )

    # --- what happens at the sources ----------------------------------------------------------

    def _text(self) -> bytes:
        chance = self._chance
        parts = [
            f"## Part {n}\n\n{chance.choice('xyz')} {chance.randrange(40)} days"
            for n in range(chance.randint(1, 4))
        ]
        return "\n\n".join(parts).encode()

    def _change(self) -> None:
        if self._chance.random() < 0.3:
            self._page()
            self.pages.hint("page")
        else:
            self._file()

    def _page(self) -> None:
        chance, now = self._chance, self.home.clock.now()
        name = chance.choice(("home", "team", "plan"))
        if name in self._live and chance.random() < 0.2:
            self._live.discard(name)
            self.wiki.remove(name, at=now)
        else:
            self._live.add(name)
            text = self._text() + f"\n\nedit {len(self.wiki.log)}".encode()
            self.wiki.observe(name, text, at=now, labels=(f"v{len(self.wiki.log)}",))

    def _file(self, *, gently: bool = False) -> None:
        """`gently`: nothing moves or goes away."""
        chance, folder = self._chance, self.folder
        keys = sorted(folder.files)
        key = chance.choice(keys)
        what = chance.randrange(2 if gently or len(keys) < 5 else 7)
        hinted: tuple[str, ...] = (key,)
        match what:
            case 0:
                folder.write(key, self._text())
            case 1:
                hinted = (f"new/{self._count}-{chance.randrange(100)}.md",)
                folder.write(hinted[0], self._text())
            case 2:
                folder.delete(key)
            case 3:
                hinted = (key, f"{key.removesuffix('.md')}-{self._count}.md")
                folder.move(*hinted)
            case 4:
                hinted = (key, chance.choice(keys))
                folder.swap(*hinted)
            case 5:
                hinted = (f"copy/{self._count}.md",)
                folder.copy(key, hinted[0])
            case 6:
                self.home.clock.advance()
                hinted = (key, f"edited/{self._count}.md")
                data = folder.files[key].data + b"\n\n## More\n\nadded"
                folder.move(*hinted)
                folder.write(hinted[1], data)
        if chance.random() < 0.2:
            self.files.lose()
        elif len(set(hinted)) == 2:
            self.files.watch.on_move(*hinted, False)
        else:
            self.files.hint(hinted[0])

    def _at(self, name: str) -> None:
        if name != "catalog committed":
            return
        if self.home.table_rows() != self.home.catalog_rows():
            # Not raised: the loop would take it for one more error to live with.
            self.wrong.append(f"a reader sees other rows after {self.faults.met[-1:]}")
        if self._overtaking:
            self._meanwhile()

    def _meanwhile(self) -> None:
        """In the middle of a look somebody saves something, and its time passes."""
        if self._chance.random() < 0.3:
            self.home.clock.advance()
            self._file(gently=True)
            self.home.clock.advance(400_000)

    # --- what came of it ----------------------------------------------------------------------

    def believed(self) -> list[object]:
        """Every document with its versions, without drawn ids and times."""
        with self.home.index.catalog.snapshot() as snapshot:
            found = [
                [(v.kind.value, v.status, v.number, v.key, v.text_hash, v.labels) for v in versions]
                for versions in snapshot.versions_of().values()
            ]
        return sorted(found, key=repr)

    def version_ids(self) -> set[str]:
        """Every version that is there."""
        return {row[0] for row in self.home.sql("SELECT id FROM version")}
