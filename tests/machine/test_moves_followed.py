"""Whatever is moved, saved or deleted while a source is listed and read, and while nobody follows: a file stays its document.

At random, with the same steps in every run: things happen whenever a file is listed or read, between two looks, while the
service is dead (also killed in the middle of a look), and while events are lost. At each rest every file that was known
before is the document that it was, wherever it is now, has its text, and is nowhere else.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from random import Random  # noqa: TID251 - seeded: the same steps in every run

import pytest

from indexer.daemon.interruptions import StoppedError
from indexer.ingest.index import IngestLimits
from tests.support.indexes import Home, fast_folder
from tests.support.memory_passages import MemoryPassages
from tests.support.source_loop import Followed
from tests.support.walked_folder import WalkedFolder

EACH = 10
"""Histories of one test."""
LIMITS = IngestLimits(batch_documents=2, batch_passages=4, max_deletion_share=1.0, min_deletions=1000)
CALM = 20.0
"""Seconds without anything happening, until everything is level."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Share:
    """A folder, what people do in it, and the service that follows."""

    def __init__(self, home: Home, chance: Random) -> None:
        self.home = home
        self.chance = chance
        self.folder = WalkedFolder(home.clock)
        if chance.random() < 0.5:
            self.folder.use_inodes_again()
        self.known: dict[int, int] = {}
        """Inode → its document."""
        self.busy = 0.0
        """How likely something happens when a file is listed or read."""
        self.told = False
        """Whether the watcher sees what happens."""
        self.left: int | None = None
        """At which of these moments from now on the service is killed."""
        self._made = 0
        # Nobody touches it: that nothing is left at all would not be believed.
        self.folder.write("left-alone.md", b"It is always there.")
        for _ in range(chance.randrange(4, 12)):
            self.create()
        home.clock.advance()
        self.folder.at_key = self.folder.at_read = lambda _: self.moment()
        self.start()

    def start(self) -> None:
        """The service begins, perhaps anew."""
        self.scene = Followed(self.home, self.folder)
        self.told, self.left = True, None

    def moment(self) -> None:
        """A file is listed, or about to be read."""
        self.home.clock.advance(self.chance.choice((1_000, 20_000, 60_000, 200_000)))
        if self.chance.random() < self.busy:
            self.something()
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                self.scene.loop.stop()

    # --- what people do -----------------------------------------------------------------------

    def something(self) -> None:
        """One of them does something."""
        self.home.clock.advance(1_000)
        now_and_then = [self.create, self.save, self.replace, self.delete]
        self.chance.choice([*now_and_then, *2 * [self.move, self.rename]])()

    def create(self) -> None:
        key = f"{self._some_folder()}/{self._name()}.md"
        self.folder.write(key, " ".join(f"word-{self._made}-{number}" for number in range(30)).encode())
        self._tell(key)

    def save(self) -> None:
        if self._files:
            key = self._some_file()
            self.folder.write(key, self.folder.files[key].data + f" {self._name()}".encode())
            self._tell(key)

    def replace(self) -> None:
        """Saved as most editors do: written beside and renamed over."""
        if self._files:
            key = self._some_file()
            beside = f"{key.partition('/')[0]}/{self._name()}.md"
            text = self.folder.files[key].data + f" {self._name()}".encode()
            self.known.pop(self.folder.files[key].inode, None)
            self.folder.write(beside, text)
            self._tell(beside)
            self.folder.move(beside, key)
            if self.told:
                self.scene.watch.on_move(beside, key, False)

    def move(self) -> None:
        """Also over another file, which is gone then."""
        if not self._files:
            return
        key = self._some_file()
        to = self._some_file() if self.chance.random() < 0.3 else f"{self._some_folder()}/{self._name()}.md"
        if to == key:
            return
        if to in self.folder.files:
            self.known.pop(self.folder.files[to].inode, None)
        self.folder.move(key, to)
        if self.told:
            self.scene.watch.on_move(key, to, False)

    def rename(self) -> None:
        if self._files:
            old, new = self._some_file().partition("/")[0], self._name()
            self.folder.move_folder(old, new)
            if self.told:
                self.scene.watch.on_move(old, new, True)

    def delete(self) -> None:
        if len(self._files) > 3:
            key = self._some_file()
            self.known.pop(self.folder.files[key].inode, None)
            self.folder.delete(key)
            self._tell(key)

    def _tell(self, key: str) -> None:
        if self.told:
            self.scene.hint(key)

    def _name(self) -> str:
        """A new one, anywhere in the alphabet, so that walks come there sooner or later than to others."""
        self._made += 1
        return f"{self.chance.choice(LETTERS)}{self._made}"

    @property
    def _files(self) -> list[str]:
        return sorted(key for key in self.folder.files if "/" in key)

    def _some_file(self) -> str:
        return self.chance.choice(self._files)

    def _some_folder(self) -> str:
        return self.chance.choice([*sorted({key.partition("/")[0] for key in self._files}), self._name()])

    # --- what comes of it ---------------------------------------------------------------------

    def follow(self) -> None:
        """Things happen, and the service follows."""
        for _ in range(self.chance.randrange(1, 8)):
            self.something()
            self.scene.pass_time(self.chance.choice((0, 0.1, 0.3, 0.5, 1, 2)))

    def die(self) -> None:
        """The service is killed, perhaps in the middle of a look; things happen; it begins anew."""
        if self.chance.random() < 0.5:
            self.something()
            self.left = self.chance.randrange(1, 12)
            with suppress(StoppedError):
                self.scene.pass_time(1)
        self.told = False
        for _ in range(self.chance.randrange(4)):
            self.home.clock.advance(self.chance.choice((1_000, 500_000)))
            self.something()
        self.start()
        self.scene.pass_time(self.chance.choice((0, 0, 0.3, 1)))

    def lose(self) -> None:
        """Things happen of which the watcher only knows that there was something."""
        self.told = False
        for _ in range(self.chance.randrange(3)):
            self.something()
        self.told = True
        self.scene.lose()
        self.scene.pass_time(self.chance.choice((0, 0.3, 1)))

    def rest(self) -> None:
        """Nothing happens any more, and every file is the document that it was."""
        self.busy = 0.0
        self.scene.pass_time(CALM)
        documents = self.home.keys()
        assert documents.keys() == self.folder.files.keys()
        for key, file in self.folder.files.items():
            assert self.known.setdefault(file.inode, documents[key]) == documents[key], key
            assert self.home.queries().show(key).text.encode() == file.data


def live(share: Share) -> None:
    """Some of its history."""
    share.rest()
    happenings: list[Callable[[], None]] = [share.follow, share.die, share.lose]
    for _ in range(share.chance.randrange(2, 7)):
        share.busy = share.chance.choice((0, 0.05, 0.2))
        share.chance.choice(happenings)()
        if share.chance.random() < 0.5:
            share.rest()
    share.rest()
    assert share.home.check().problems == []


@pytest.mark.parametrize("first", range(0, 12 * EACH, EACH))
def test_a_file_stays_its_document_whatever_happens_and_whenever(first: int) -> None:
    for seed in range(first, first + EACH):
        place, table = fast_folder("moves-"), MemoryPassages()
        with Home(place, store=lambda *_, table=table: table, limits=LIMITS) as home:
            live(Share(home, Random(seed)))
        shutil.rmtree(place)
