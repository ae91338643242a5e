"""What the write side works with: the stores, the parser and the embedder of one data folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from indexer.chunking.chunker import ChunkSettings
from indexer.clock import Clock
from indexer.ingest.afoot import Afoot, Still
from indexer.ingest.depths import Depths
from indexer.ingest.turns import Turns, Urgency
from indexer.ports import Catalog, Connector, Embedder, Originals, Parser, PassageStore


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """How much is taken at once, and what is not believed without being confirmed."""

    max_deletion_share: float = 0.5
    """Of a source's live documents, 0 to 1."""
    min_deletions: int = 5
    batch_passages: int = 256
    """Passages that are embedded and committed together, about."""
    batch_documents: int = 500
    max_original_size: int = 64 * 1024 * 1024
    """Bytes; the original of a larger document is not kept, its text is."""
    held_bytes: int = 64 * 1024 * 1024
    """Of contents that are kept in memory between hashing and parsing them."""


def _no_step(_name: str) -> None:
    """In production nothing happens between two steps."""


def _nothing() -> None:
    """Nothing is more urgent."""


@dataclass(slots=True)
class Index:
    """One data folder, opened by the holder of its writer's lock."""

    folder: Path
    catalog: Catalog
    passages: Callable[[str, int], PassageStore]
    """(fingerprint, dimension) → its passages table; must not load the table's library by itself."""
    originals: Originals
    parser: Parser
    embedder: Embedder
    clock: Clock
    limits: IngestLimits = field(default_factory=IngestLimits)
    chunking: ChunkSettings = field(default_factory=ChunkSettings)
    step: Callable[[str], None] = _no_step
    """Called between the steps of the commit protocol with the name of the step just done: the
    seam at which the crash tests end the process."""
    between: Callable[[], None] = _nothing
    """Called between two commits of a run, and while it waits with nothing in hand: what is more urgent may be
    indexed here, in the same thread. It may also raise, to end the run."""
    go_on: Callable[[], None] = _nothing
    """Called at each item of what takes long, whatever is in hand: it may raise, to end the run, and does nothing else."""
    afoot: Afoot = field(default_factory=Still)
    turns: Turns = field(default_factory=Turns)
    """Shared by all who write to this data folder, each in a thread and with a catalog of its own."""
    urgency: Urgency = Urgency.SCAN
    depths: Depths = field(default_factory=Depths)
    """Of what waits in this write side."""

    def table(self) -> PassageStore:
        """The passages table of the configured embedder."""
        return self.passages(self.embedder.fingerprint, self.embedder.dimension)


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source as the configuration names it, with its connector made."""

    name: str
    connector: Connector
    keep_originals: bool = True
    history_open: bool = False
    """Older history may still arrive, so that version numbers are provisional."""
