"""Whether the bytes that are kept are there, and are what their hashes say."""

from __future__ import annotations

from indexer.check.report import CheckReport
from indexer.errors import DamagedStoreError
from indexer.ingest.index import Index

_REMEDY = "put it back from a backup; texts and answers do not depend on it"


def check_originals(index: Index, report: CheckReport) -> None:
    """Read every original that the catalog says is kept."""
    for content_hash in index.catalog.current().originals():
        try:
            if index.originals.get(content_hash) is None:
                report.add("immutable", content_hash, f"the original is missing — {_REMEDY}")
        except DamagedStoreError as error:
            report.add("immutable", content_hash, str(error))
