"""All checks together: SQLite's own, the catalog's invariants, then (deep) texts, table and originals."""

from __future__ import annotations

from indexer.check.beliefs import check_document
from indexer.check.originals import check_originals
from indexer.check.purges import check_purges
from indexer.check.report import CheckReport
from indexer.check.table import check_table
from indexer.check.texts import check_texts
from indexer.errors import DamagedStoreError
from indexer.ingest.index import Index

FROM_BACKUP = "put the data folder back from a backup"


def check(index: Index, *, deep: bool) -> CheckReport:
    """Verify the index as it was last committed. Changes nothing.

    Without `deep`: the catalog's structure and every present belief. With it: every belief that was
    ever held, every text against its hash, every row of the passages table, and every original.
    """
    report = CheckReport()
    try:
        for line in index.catalog.integrity():
            report.add("intact", "catalog", f"{line} — {FROM_BACKUP}")
    except DamagedStoreError as error:  # so damaged that SQLite cannot even look
        report.add("intact", "catalog", str(error))
    if report.problems:
        return report  # nothing that is read from a damaged file can be trusted
    with index.catalog.snapshot() as snapshot:
        sources = {source.no for source in snapshot.sources()}
        for document in snapshot.documents():
            report.documents += 1
            if document.source_no not in sources:
                report.add("exact", document.id, f"belongs to no source — {FROM_BACKUP}")
        state = index.catalog.current()
        for document_no, document_id in state.document_ids():
            check_document(snapshot, state, document_no, document_id, report, deep=deep)
        for key, ids in state.shared_keys():
            report.add("exact", key, f"is the key of {ids} at once — {FROM_BACKUP}")
        for document_id, keys in state.shared_documents():
            report.add("exact", document_id, f"was seen at {keys} at once — {FROM_BACKUP}")
        for document_id, name, value in state.clashing_attributes():
            report.add("exact", document_id, f'{name} "{value}" is believed twice at once — {FROM_BACKUP}')
        check_purges(state, report)
        if deep:
            check_texts(snapshot, state, report)
        published = snapshot.published()
    if deep:
        try:
            check_table(index, published, report)
        except DamagedStoreError as error:
            report.add("exact", "passages table", str(error))
        check_originals(index, report)
    return report
