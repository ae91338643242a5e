"""Who reads a source: asked what changed, it answers with events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from indexer.ports.events import Content, Event


class Connector(Protocol):
    """Reads one source.

    Implementations keep no state between calls except in the cursor, may be asked again at any
    time, never write to the source, and open no document until its `read` is called.
    """

    @property
    def kind(self) -> str:
        """``files``, ``git``, ``confluence``."""

    @property
    def snapshot(self) -> bool:
        """True when the source knows only the present (see `Observed`)."""

    @property
    def lasting(self) -> bool:
        """True when the source itself keeps the bytes of all its states, so that no copies of them are needed."""

    @property
    def uid(self) -> str:
        """Stable identity of the source: equal uid, same documents, also after it was renamed in the configuration."""

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """Yield what changed since `cursor` (everything, if None), in effective order within a document.

        `scopes` limits a snapshot listing to these key prefixes (a delta; it buries only inside
        them). The last event is a `ListingEnd`, whose cursor is committed with the last batch.

        Raises `SourceError` where nothing at all can be listed; part of a source that cannot be
        seen is an `Unknown` instead. Trying again later may help.

        Whoever listens may stop at any event, and then closes the iterator where it can be closed; another listing
        may begin while one is under way.
        """

    def read_state(self, key: str, origin: str) -> Content:
        """The bytes of a state that an earlier listing named, for a read that failed then.

        Raises `ReadError`, ``vanished`` where the source does not have that state any more. Snapshot
        sources name no states and are not asked.
        """

    def wants(self, key: str) -> bool:
        """Whether what another document carries at `key` is to be a document of its own.

        `key` is the key of a listed document, then for each file inside it two slashes and its name:
        ``mail/offer.eml//logo.png``. Cheap: looks at the settings and at nothing else. A carrier that
        is not wanted carries nothing that is.
        """

    def accept(self, cursor: str) -> str:
        """The cursor with any doubt that its listing had (another device) taken as settled.

        Called when nothing that is recorded was missing after all, or a person accepted the
        deletions. Connectors without such doubts give the cursor back as it is.
        """


@runtime_checkable
class KeepsCopies(Protocol):
    """A connector that keeps copies of its source in the folder that it was given, from one call to the next."""

    @property
    def copies(self) -> Sequence[Path]:
        """Where: to be deleted when the source is forgotten. Nothing need be there."""


@runtime_checkable
class Closeable(Protocol):
    """A connector that holds something between calls, such as a process."""

    def close(self) -> None:
        """Let go of it. Whoever waits for an answer is told `ClosedError` at once, and whoever asks afterwards. Any
        thread may call it, and again.
        """


class ConnectorFactory(Protocol):
    """What an entry point of the group ``indexer.connectors`` loads: name = kind, value = factory."""

    def __call__(self, name: str, settings: Mapping[str, Any], folder: Path | None = None) -> Connector:
        """Make the connector of the source `name`, which may keep copies of what it reads in `folder`.

        The folder is in the data folder, of this kind of connector alone, and need not exist yet; None
        where only the settings are to be checked. What is called ``staging-…`` in it is needed only during a
        call, and removed by whoever purges; see `KeepsCopies` for the rest.

        Raises `ConfigurationError` listing every problem with `settings`. Touches neither disk nor
        network: a source that is away is found out by `changes`.
        """
