"""A file that a question asks about, and that is not there, or not any more: to be said, and not answered from other files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from indexer.parsing.formats import BY_ENDING, Format
from indexer.query.absence import without_text
from indexer.query.asking.literally import holds, wanted
from indexer.query.asking.names import Names
from indexer.query.asking.subject import documents_called, name_of, stands_as_subject
from indexer.query.results import Answer, SearchResult
from indexer.query.view import View
from indexer.question import Interpretation, Kind, LiteralKind

_SPOKEN_OF: Final = frozenset({Format.JSON, Format.XML, Format.YAML})
"""Of these, as of code, documents speak more often than one of them is asked about: ``package.json``."""
_OTHERS: Final = frozenset({"org", "pod", "rest", "tab", "text", "wiki"})
"""What ends in these is more often a place on the net, or something in a program: ``response.text``."""
_ENDINGS: Final = tuple(
    f".{ending}" for ending, form in BY_ENDING.items() if form not in _SPOKEN_OF and ending not in _OTHERS
)
_NEAREST: Final = 3


def unknown_file(
    view: View, names: Callable[[], Names], asked: Interpretation, search: Callable[[], SearchResult]
) -> Answer | None:
    """That there is no file of the name that the question asks about; None where it names none, or a document or a passage has it.

    Of one that was deleted that it was, where no version and no time is asked for.
    """
    present = asked.kind in (Kind.PLAIN, Kind.CONTENT) and not asked.versions and not asked.dates
    for literal in asked.literals:
        name = literal.text
        if literal.kind is not LiteralKind.IDENTIFIER or not name.casefold().endswith(_ENDINGS):
            continue
        if not stands_as_subject(asked, literal.span):
            continue
        called = view.documents(documents_called(view, name))
        if called and not (present and all(document.deleted for document in called)):
            continue
        if any(
            holds("\n".join([*hit.heading, hit.text]), one) for hit in search().hits for one in wanted(asked)
        ):
            continue
        if called:
            last = view.current(called[-1].no)
            return None if last is None else without_text(view, called[-1], last)
        # Without the ending, which many names have.
        near = view.documents(names().near_documents(name.rpartition(".")[0], _NEAREST))
        if any(document.key.casefold().endswith(name.casefold()) for document in near):
            continue  # the end of a name with blanks in it
        return _answer(name, [name_of(document) for document in near])
    return None


def _answer(name: str, near: list[str]) -> Answer:
    text = f"no document is called {name}, and no passage that was found mentions it"
    if near:
        text += f"; the nearest are {', '.join(near)}"
    return Answer("exists", text, {"value": False, "nearest": near})
