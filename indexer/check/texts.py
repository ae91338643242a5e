"""Whether every text is the one that was recorded: passages by their ids, manifests by their hashes."""

from __future__ import annotations

import json

from blake3 import blake3

from indexer.check.report import CheckReport
from indexer.errors import DamagedStoreError
from indexer.hashing import short_id, text_hash
from indexer.model import Passage
from indexer.ports.catalog import CatalogSnapshot as Snapshot
from indexer.ports.recorded import RecordedState

_REMEDY = (
    "put the catalog back from a backup, or run `indexer retry` for the document if its bytes are unchanged"
)
FROM_BACKUP = "put the catalog back from a backup"


def check_texts(snapshot: Snapshot, state: RecordedState, report: CheckReport) -> None:
    """Join every manifest and compare; recompute every passage's identity."""
    for document_no, document_id in state.document_ids():
        passages: dict[int, Passage] = {}
        for passage_no in state.passage_numbers_of(document_no):
            try:
                passages.update(snapshot.passages([passage_no]))
            except DamagedStoreError as error:
                report.add("lossless", document_id, str(error))
        for passage in passages.values():
            _check_passage(state, document_id, passage, report)
        named: set[int] = set()
        for manifest_no, recorded_hash in state.manifests_of(document_no):
            where = f"manifest {manifest_no} of {document_id}"
            try:
                entries = snapshot.manifest(manifest_no)
            except DamagedStoreError as error:
                report.add("lossless", where, str(error))
                continue
            named.update(entry.passage_no for entry in entries)
            if any(entry.passage_no not in passages for entry in entries):
                report.add("lossless", where, f"names a passage that is not there — {_REMEDY}")
                continue
            text = "".join(entry.separator + passages[entry.passage_no].text for entry in entries)
            if text_hash(text) != recorded_hash:
                report.add("lossless", where, f"its passages do not join to the recorded text — {_REMEDY}")
        for passage_no in passages.keys() - named:
            report.add("immutable", passages[passage_no].id, f"stands in no text — {FROM_BACKUP}")


def _check_passage(state: RecordedState, document_id: str, passage: Passage, report: CheckReport) -> None:
    heading = json.dumps(passage.heading, ensure_ascii=False)
    if short_id("p", document_id, heading, passage.table_header, passage.text) != passage.id:
        report.add("immutable", passage.id, f"its text is not the one that its id names — {_REMEDY}")
    digest = bytes(blake3(passage.embedded.encode("utf-8", "surrogatepass")).digest())
    if state.embed_hash(passage.embed_no) != digest:
        report.add("minimal", passage.id, f"its embedded text is not the one that was hashed — {_REMEDY}")
