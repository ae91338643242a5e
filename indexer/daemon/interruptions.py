"""Why a source's loop drops what it has in hand."""

from __future__ import annotations

from indexer.errors import BusyError, IndexerError


class StoppedError(BusyError):
    """The loop is to end: what is in hand is dropped, and nothing that was committed is lost."""

    code = "stopping"

    def __init__(self, source: str) -> None:
        super().__init__(
            f"source {source}: the service stops, or begins to follow it by other settings",
            remedy="what was finished is kept; give the command again",
        )


class PausedError(IndexerError):
    """Somebody else needs the index for a moment: what is in hand is dropped, and begun again later."""

    code = "paused"

    def __init__(self, source: str) -> None:
        super().__init__(f"source {source}: work is paused", remedy="it goes on in a moment")


def unexpected(source: str, error: Exception) -> IndexerError:
    """A mistake of ours, as those hear of it who wait."""
    return IndexerError(
        f"source {source}: unexpected {type(error).__name__}: {error}",
        remedy="it is tried again; the journal has the traceback",
        code="unexpected",
    )
