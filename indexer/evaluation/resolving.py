"""From what a line expects to the document, version and passage of an index that are meant."""

from __future__ import annotations

from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.evaluation.judging import plain
from indexer.evaluation.values import Target, Wanted
from indexer.query.documents import choose, resolve
from indexer.query.view import View
from indexer.references import parse_citation
from indexer.selectors import parse_selector

_CITATION = "indexer:"


def target_of(view: View, wanted: Wanted) -> Target:
    """What `wanted` means as the index is at the view's instant. Raises nothing for what the index has not got."""
    if wanted.relevant:
        return Target(
            grades={_document_id(view, name) or name: grade for name, grade in wanted.relevant.items()}
        )
    passage, words = wanted.passage, None
    document_id = version_id = passage_id = None
    try:
        if passage is not None and passage.startswith(_CITATION):
            citation = parse_citation(passage)
            document_id, version_id, passage_id = (
                citation.document_id,
                citation.version_id,
                citation.passage_id,
            )
        elif passage is not None:
            words = plain(passage)
        if wanted.document is not None:
            document = resolve(view, wanted.document).document
            document_id = document.id
            if wanted.version is not None:
                chosen = choose(view, document, wanted.version).version
                assert chosen is not None
                version_id = chosen.id
        elif wanted.version is not None:
            parse_selector(wanted.version)
    except (AmbiguousError, NotFoundError, UsageError) as error:
        return Target(unknown=error.message)
    if wanted.version is not None and wanted.document is None:
        # Of one document the version is known by its id; of any, by what it is called.
        return Target(document_id, None, wanted.version, passage_id, words)
    return Target(document_id, version_id, None, passage_id, words)


def _document_id(view: View, name: str) -> str | None:
    try:
        return resolve(view, name).document.id
    except (AmbiguousError, NotFoundError, UsageError):
        return None
