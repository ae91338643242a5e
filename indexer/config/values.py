"""What the configuration says, as frozen values: paths absolute, sizes in bytes, defaults filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from indexer.plan.retention import RetentionRule

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "console", "json"]
Precision = Literal["float32", "int8"]
Watch = Literal["auto", "native", "poll", "off"]
Isolate = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class Embedding:
    """Which model turns passages into vectors."""

    model: str | None = None
    """None: the bundled one. Else a folder (absolute), the name of a model on the Hugging Face hub, or
    ``hashing``, which knows nothing of meaning and is for tests."""
    precision: Precision = "float32"
    """``int8`` is faster and a little off; its vectors make an index of their own."""


@dataclass(frozen=True, slots=True)
class Parsing:
    """How text is made of documents."""

    ocr: bool = False
    """Whether pages that are images are recognised, where the `tesseract` program is installed."""


@dataclass(frozen=True, slots=True)
class Families:
    """Which documents are editions of one work, beside what their names say; keys are those of documents, in any source."""

    enabled: bool = True
    patterns: tuple[re.Pattern[str], ...] = ()
    """Searched in keys, the first that fits decides: groups ``edition`` and, if there is one, ``work``."""
    together: tuple[tuple[str, ...], ...] = ()
    """The keys of one work each, the oldest edition first."""
    apart: tuple[str, ...] = ()
    """Keys of documents that are no editions of anything."""


@dataclass(frozen=True, slots=True)
class Search:
    """How what was found is put into order."""

    reranker: str | None = None
    """A CrossEncoder: a folder (absolute) or the name of a model on the Hugging Face hub; None: none."""
    rerank_top: int = 50
    """Passages that it looks at."""
    rerank_seconds: float = 0.5
    """So long it may take for one search, its loading aside."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the indexer stops, and how much it takes at once."""

    max_deletion_share: float = 0.5
    """Of a source's documents, 0 to 1."""
    min_deletions: int = 5
    batch_passages: int = 256
    """Passages that are embedded and committed together, about."""
    max_original_size: int = 64 * 1024 * 1024
    """Bytes; the original of a larger document is not kept, its text is."""
    index_cache: int = 512 * 1024 * 1024
    """Bytes of the passages' indexes that a process keeps in memory at most."""


@dataclass(frozen=True, slots=True)
class Log:
    """How the indexer reports what it does, on standard error, and which questions it keeps."""

    level: LogLevel = "info"
    format: LogFormat = "auto"
    """``auto``: for people on a terminal, JSON lines otherwise."""
    queries: bool = True
    """Whether the service keeps the questions that it answers, in the catalog."""
    keep: float = 90 * 86_400.0
    """Seconds for which it keeps them."""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One ``[[source]]``."""

    name: str
    kind: str
    """Names the connector: ``files``, ``git``, ``confluence`` or another that is installed."""
    settings: Mapping[str, Any]
    """All its keys but name, kind, keep_originals, isolate and retention, for the connector's own factory to check.
    `root` and `path` are absolute. `watch` and `poll_interval` stand here too, so that a connector
    to which they mean nothing can refuse them."""
    keep_originals: bool | None = None
    """Whether the bytes of its versions are kept; None: where the source itself does not keep every state."""
    watch: Watch = "auto"
    """How the daemon notices changes: events of the file system, polling, the better of both, or neither."""
    poll_interval: float | None = None
    """Seconds between complete listings, or fetches; None leaves it to the daemon."""
    schedule: str | None = None
    """The five fields of a crontab, in the configured zone, instead of an interval."""
    retention: RetentionRule | None = None
    """How much of its past is kept; None: all of it."""
    isolate: Isolate = "auto"
    """Whether a process of its own looks at it: where it lies on a mount that may hang, always, or never."""
    position: int = 0
    """Its place among the sources of the file, from 0."""

    @property
    def place(self) -> Path | None:
        """Where on this machine it lies, absolute; None for a source that lies elsewhere."""
        for setting in ("root", "path"):
            if place := self.settings.get(setting):
                return Path(place)
        return None


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration."""

    file: Path
    data_dir: Path
    """Absolute; need not exist yet."""
    timezone: ZoneInfo
    """In which dates without a zone are read and shown."""
    embedding: Embedding = Embedding()
    parsing: Parsing = Parsing()
    families: Families = Families()
    search: Search = Search()
    limits: Limits = Limits()
    log: Log = Log()
    sources: tuple[SourceConfig, ...] = ()
    text: str = field(default="", repr=False)
    """That of `file`, as it was when it was read."""
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict, repr=False)
    """The line of each key path in `file`, see `indexer.config.lines`."""

    def locate(self, key: str, position: int) -> str:
        """Where the source at `position` sets `key`, such as ``config.toml:12``; its header if it does not."""
        from indexer.config.lines import line_of

        return f"{self.file}:{line_of(self.lines, ('source', position, key))}"
