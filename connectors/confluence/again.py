"""Reads a state a second time, for a read that failed when its export was told."""

from __future__ import annotations

from pathlib import Path

from connectors.confluence.archive import ExportError
from connectors.confluence.documents import Documents
from connectors.confluence.exports import find
from connectors.confluence.listing import staged
from connectors.confluence.settings import ConfluenceSettings
from indexer.errors import ReadError
from indexer.ports import Content, Observed


def read_again(settings: ConfluenceSettings, origin: str) -> Content | None:
    """The bytes of the state `origin`; None where no export has it. Raises `ReadError` if one has and cannot give it."""
    failed: ReadError | None = None
    lineage = origin.partition(":")[2].rpartition("@")[0]
    space, _, content_id = lineage.rpartition("/")
    try:
        found = list(find(Path(settings.path)))
    except OSError:
        return None
    for export in reversed(found):
        try:
            with staged(export, None) as opened:
                documents = Documents(opened.staged, opened.facts, opened.taken, settings)
                for state in documents.told_of(space, content_id, opened.archive):
                    if isinstance(state, Observed) and state.origin == origin:
                        try:
                            return state.read()
                        except ReadError as error:
                            failed = error
        except ExportError:
            continue
    if failed is not None:
        raise failed
    return None
