"""What the crash tests run in processes of their own: a writer that kills itself, and a reader that never stops.

    python -m tests.fault.process write DATA SHARE [STEP COUNT]
    python -m tests.fault.process rebuild DATA SHARE [STEP COUNT]
    python -m tests.fault.process read DATA

With STEP and COUNT the process ends by SIGKILL at the COUNT-th step of that name. The reader searches
until its standard input is closed, and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from connectors.files import FilesConnector
from connectors.files.settings import FilesSettings
from indexer.clock import SystemClock
from indexer.embedding.hashing import HashingEmbedder
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import ConfiguredSource, Index, IngestLimits
from indexer.ingest.recovery import rebuild
from indexer.parsing import Parsers
from indexer.ports import PassageStore
from indexer.query.queries import Queries
from indexer.query.results import Mode, Question
from indexer.store.catalog.catalog import Catalog
from indexer.store.lock import writer_lock
from indexer.store.originals import FileOriginals


class Killer:
    """The `step` of an index: ends the process at the `count`-th step called `name`."""

    def __init__(self, name: str, count: int) -> None:
        self._name = name
        self._left = count

    def __call__(self, name: str) -> None:
        if name == self._name:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def table(data: Path, fingerprint: str, dimension: int) -> PassageStore:
    """The passages table, which wants to be compacted after a few commits. Its library is loaded here and not before."""
    from indexer.store.passages import LancePassages
    from indexer.store.passages.upkeep import UpkeepBounds

    return LancePassages(data / "passages", fingerprint, dimension, bounds=UpkeepBounds(files=3))


@contextmanager
def open_index(data: Path) -> Iterator[Index]:
    """The index in `data`, as the holder of the writer's lock has it."""
    data.mkdir(exist_ok=True)
    with writer_lock(data, SystemClock()), Catalog(data, create=True, migrate=True) as catalog:
        yield Index(
            folder=data,
            catalog=catalog,
            passages=lambda fingerprint, dimension: table(data, fingerprint, dimension),
            originals=FileOriginals(data / "originals"),
            parser=Parsers(),
            embedder=HashingEmbedder(32),
            clock=SystemClock(),
            limits=IngestLimits(batch_passages=2),
        )


def sources(share: Path) -> list[ConfiguredSource]:
    """The folder as a source."""
    return [ConfiguredSource("share", FilesConnector(FilesSettings(str(share)), SystemClock()))]


@contextmanager
def open_queries(data: Path) -> Iterator[Queries]:
    """Questions to the index in `data`."""
    embedder = HashingEmbedder(32)
    with Catalog(data) as catalog:
        yield Queries(
            catalog,
            lambda published: table(data, published.fingerprint, embedder.dimension),
            lambda: embedder,
            lambda: FileOriginals(data / "originals"),
            UTC,
        )


def read(data: Path) -> None:
    """Search until the input ends, and answer each line of it once a search that began after it is done."""
    seen: list[list[str]] = []
    searches = 0
    asked, ended = True, False
    with open_queries(data) as queries:
        while not ended:
            for mode in (Mode.TEXT, Mode.VECTOR):
                found = sorted(hit.text for hit in queries.search(Question("token", k=10, mode=mode)).hits)
                searches += 1
                if not seen or seen[-1] != found:
                    seen.append(found)
            if asked:
                _say("searched")
            asked = bool(select.select([sys.stdin], [], [], 0)[0])
            ended = asked and not sys.stdin.readline()
    _say(json.dumps({"searches": searches, "seen": seen}))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(what: str, data: str, *rest: str) -> None:
    """Do `what`."""
    if what == "read":
        return read(Path(data))
    with open_index(Path(data)) as index:
        share, *kill = rest
        if kill:
            index.step = Killer(kill[0], int(kill[1]))
        if what == "rebuild":
            rebuild(index)
        else:
            Backfill(index).run(sources(Path(share)), accept_deletions=True)
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
