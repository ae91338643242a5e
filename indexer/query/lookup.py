"""Where a search looks, and the version that each passage found there is cited from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from indexer.errors import DamagedStoreError
from indexer.model import Instant, Version
from indexer.ports import Filter
from indexer.ports.elected import Elected, Place
from indexer.query.presence import Spans
from indexer.query.results import Answer, Scope
from indexer.query.view import View


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where to look, and how to attribute what is found there."""

    scope: Scope
    where: Filter | None
    """None: nothing can be found, and `answer` may say why."""
    valid_at: Instant | None = None
    chosen: Mapping[int, Version] = field(default_factory=dict)
    """Document number → the version that answers for it, where that is decided beforehand."""
    elected: Mapping[int, Elected] = field(default_factory=dict)
    """The same for many documents: of these versions no more is read than what is found asks for."""
    among: Mapping[int, Sequence[Version]] = field(default_factory=dict)
    """Document number → the versions of which the first that holds a passage answers for it."""
    stale: frozenset[int] = frozenset()
    """Documents whose last readable text stands in for the present one."""
    every_version: bool = False
    matches: Callable[[int, str], bool] | None = None
    """For a search in every version: whether the version of this document with this key lies in the scope."""
    answer: Answer | None = None

    def place_of(self, view: View, document_no: int, passage_no: int, spans: Spans[Place]) -> Place | None:
        """Where the version stands that a found passage is cited from; None where none on the line is."""
        if self.every_version:
            held = spans.versions_with(passage_no)
            fitting = [place for place in held if self._fits(document_no, place.key)]
            # What a kept version has as well is cited from that, not from one that was thinned out.
            kept = (place for place in reversed(fitting) if view.version_at(place).purged is None)
            return next(kept, fitting[-1]) if fitting else None
        if document_no in self.chosen or document_no in self.among or document_no in self.elected:
            return None
        if self.valid_at is not None:
            return view.effective_place(document_no, self.valid_at)
        places = view.places(document_no)
        return places[-1] if places else None

    def version_of(
        self, view: View, document_no: int, passage_no: int, spans: Spans[Place]
    ) -> Version | None:
        """The version that a found passage is cited from; None where no version in the scope holds it.

        Raises `DamagedStoreError` if the passages table contradicts the catalog: a wrong version is
        worse than no answer.
        """
        if self.every_version:
            return self._latest_with(view, document_no, passage_no, spans)
        place = self.place_of(view, document_no, passage_no, spans)
        version = self._decided(view, document_no, passage_no) if place is None else view.version_at(place)
        if version is not None and version.purged is not None and version.purged.thinned:
            return version  # nothing but the rows tells of its passages any more
        if version is None or passage_no not in view.passage_nos(version):
            where = "no version" if version is None else version.id
            raise DamagedStoreError(
                f"the passages table finds passage {passage_no} of document {document_no} in {where}, the catalog does not",
                remedy="run `indexer rebuild`",
            )
        return version

    def _decided(self, view: View, document_no: int, passage_no: int) -> Version | None:
        for version in self.among.get(document_no, ()):
            if passage_no in view.passage_nos(version):
                return version
        return self.answering(view, document_no)

    def answering(self, view: View, document_no: int) -> Version | None:
        """The version that answers for a document, where that is decided beforehand."""
        if document_no in self.chosen:
            return self.chosen[document_no]
        elected = self.elected.get(document_no)
        return None if elected is None else view.version_by_no(elected.version_no)

    def candidates(self, view: View, document_nos: Iterable[int]) -> list[Version]:
        """The versions from which passages of these documents may be cited, where that is decided beforehand."""
        wanted = list(document_nos)
        view.read_versions_by_no(self.elected[no].version_no for no in wanted if no in self.elected)
        answering = [version for no in wanted if (version := self.answering(view, no)) is not None]
        return answering + [version for no in wanted for version in self.among.get(no, ())]

    def _latest_with(
        self, view: View, document_no: int, passage_no: int, spans: Spans[Place]
    ) -> Version | None:
        if spans.versions_with(passage_no):
            place = self.place_of(view, document_no, passage_no, spans)
            return None if place is None else view.version_at(place)
        aside = [v for v in view.versions(document_no) if v.number is None and v.recorded_to is None]
        holding = [v for v in aside if self._fits(document_no, v.key) and passage_no in view.passage_nos(v)]
        return holding[-1] if holding else None

    def _fits(self, document_no: int, key: str) -> bool:
        return self.matches is None or self.matches(document_no, key)
