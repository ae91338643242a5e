"""The contracts between the core and everything that touches the world.

Connectors, parsers, embedders and stores implement these protocols; the write side (`ingest`) and
the read side (`query`) know nothing else of them. Each has a contract suite in `tests/contract`
that every implementation passes, fakes included.

Terms: a *key* is where a source finds a document; an *origin* is what the source calls one
immutable state of it; a *scope* is a key prefix (a folder, empty for the whole source).
"""

from indexer.ports.catalog import (
    Catalog,
    CatalogSnapshot,
)
from indexer.ports.connector import (
    Closeable,
    Connector,
    ConnectorFactory,
    KeepsCopies,
)
from indexer.ports.embedder import (
    Embedder,
    TokenCounter,
    Vector,
    Vectors,
)
from indexer.ports.events import (
    Absent,
    Checkpoint,
    Content,
    Described,
    Event,
    Formerly,
    Landed,
    ListingEnd,
    Observed,
    Offshoot,
    Relabelled,
    Remark,
    Renamed,
    Retold,
    Revision,
    SourceTime,
    Survey,
    Surveyed,
    Tagged,
    Unknown,
    Unwanted,
    Withdrawn,
    Working,
)
from indexer.ports.originals import (
    Originals,
)
from indexer.ports.parser import (
    Parser,
)
from indexer.ports.passages import (
    Filter,
    Match,
    PassageSnapshot,
    PassageStore,
    Rewritten,
    StoredPassage,
    UpkeepDue,
    VersionGoneError,
)
from indexer.ports.recorded import (
    FailureState,
    LineVersion,
    RecordedState,
)
from indexer.ports.watching import (
    Watchable,
    Watched,
)

__all__ = [
    "Absent",
    "Catalog",
    "CatalogSnapshot",
    "Checkpoint",
    "Closeable",
    "Connector",
    "ConnectorFactory",
    "Content",
    "Described",
    "Embedder",
    "Event",
    "FailureState",
    "Filter",
    "Formerly",
    "KeepsCopies",
    "Landed",
    "LineVersion",
    "ListingEnd",
    "Match",
    "Observed",
    "Offshoot",
    "Originals",
    "Parser",
    "PassageSnapshot",
    "PassageStore",
    "RecordedState",
    "Relabelled",
    "Remark",
    "Renamed",
    "Retold",
    "Revision",
    "Rewritten",
    "SourceTime",
    "StoredPassage",
    "Survey",
    "Surveyed",
    "Tagged",
    "TokenCounter",
    "Unknown",
    "Unwanted",
    "UpkeepDue",
    "Vector",
    "Vectors",
    "VersionGoneError",
    "Watchable",
    "Watched",
    "Withdrawn",
    "Working",
]
