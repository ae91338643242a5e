"""What a question is about: works and documents that it names, or everything."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.query.asking.names import Names, Work
from indexer.query.documents import resolve
from indexer.query.results import Question
from indexer.query.view import View
from indexer.question import Interpretation


@dataclass(frozen=True, slots=True)
class Subject:
    """Either works, or documents, or (both empty) nothing in particular."""

    works: tuple[Work, ...] = ()
    documents: frozenset[int] = frozenset()
    within: frozenset[int] | None = None
    """Only these documents may be meant, by options of the search; None: all."""

    @property
    def named(self) -> bool:
        """Whether it says what it is about."""
        return bool(self.works or self.documents)


def subject_of(view: View, names: Names, question: Question, asked: Interpretation) -> Subject:
    """What `asked` is about; `--doc` says it outright. Raises as `documents.resolve` does."""
    if question.document is not None:
        document = resolve(view, question.document, None, question.sources).document
        if document.no in names.edition_of:
            return Subject(works=(names.works[names.edition_of[document.no][0]],))
        return Subject(documents=frozenset([document.no]))
    text = asked.rest
    works = names.meant_works(text)
    documents = names.meant_documents(text)
    own = [no for no in documents if no not in names.edition_of]
    if own and len(own) <= _MOST and not _better(names, works, text):
        return Subject(documents=frozenset(own))
    return Subject(works=tuple(names.works[no] for no in works))


def _better(names: Names, works: list[int], text: str) -> bool:
    """Whether the question names works more clearly than any document by itself."""
    del text
    return bool(works) and len(works) == 1 and len(names.works[works[0]].editions) > 1


_MOST = 8
"""Documents that a question may name at once; more are no subject but a word that many have."""
