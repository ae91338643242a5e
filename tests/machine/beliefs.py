"""What an index believed at each commit, kept naively, and the questions by which it is held to it.

After every commit that a test knows of, `Beliefs.remember` reads every version of every document and
keeps its text. Later the same must still be the answer at that recorded instant: from the rows of the
passages table, from searches of every kind, and from the versions themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from indexer.model import FOREVER, Instant, Row, Version, VersionKind, VersionStatus
from indexer.query.results import Mode, Question
from indexer.weave import Span, visible
from tests.support.indexes import Home, written

WORD = "token"
"""Every passage of a generated text holds it, so that a search for it finds all that is visible."""

Cut = tuple[tuple[str, ...], str]
"""A passage: (heading path, text)."""


@dataclass(frozen=True, slots=True)
class Told:
    """One version as believed at some instant."""

    id: str
    status: VersionStatus
    number: int | None
    key: str
    kind: VersionKind
    valid_from: Instant
    valid_to: Instant
    text: str | None
    origin: str
    labels: tuple[str, ...]


Belief = dict[str, list[Told]]
"""Document id → its versions, those on the line first."""


class Beliefs:
    """Every belief of one index, by recorded instant."""

    def __init__(self, home: Home, cuts: dict[str, frozenset[Cut]]) -> None:
        self._home = home
        self._cuts = cuts
        """Text → its passages, by the chunker alone."""
        self.at: dict[Instant, Belief] = {}
        self.citations: dict[str, str] = {}

    def remember(self) -> Belief:
        """Keep what is believed now; returns it."""
        now = self._home.recorded
        self.at[now] = believed = self.read(now)
        return believed

    def read(self, known_at: Instant) -> Belief:
        """What the catalog says was believed at `known_at`; each text is shown, and so compared with its hash."""
        home = self._home
        with home.index.catalog.snapshot() as snapshot:
            ids = {row[0]: row[1] for row in home.sql("SELECT no, id FROM document")}
            versions = snapshot.versions_of(known_at=known_at)
        belief: Belief = {}
        for no, found in versions.items():
            told = belief[ids[no]] = []
            for version in found:
                text = None if version.manifest_no is None else self._text(ids[no], version, known_at)
                told.append(
                    Told(
                        version.id, version.status, version.number, version.key, version.kind,
                        version.valid_from or 0, FOREVER if version.valid_to is None else version.valid_to, text,
                        version.origin, version.labels,
                    )
                )  # fmt: skip
        return belief

    def _text(self, document_id: str, version: Version, known_at: Instant) -> str:
        """The text of a version as it is shown, whose passages are cited from then on."""
        home = self._home
        if version.recorded_to is not None and version.recorded_to == version.recorded_from:
            # It came and went within one commit, so that nobody can ever have asked for it.
            assert version.manifest_no is not None
            with home.index.catalog.snapshot() as snapshot:
                entries = snapshot.manifest(version.manifest_no)
                passages = snapshot.passages(entry.passage_no for entry in entries)
            return "".join(entry.separator + passages[entry.passage_no].text for entry in entries)
        shown = home.queries().show(f"{document_id}@{version.id}", written(known_at))
        for passage in shown.passages:
            self.citations[passage.citation] = shown.text[passage.start : passage.end]
        return shown.text

    # --- what must hold ----------------------------------------------------------------------

    def check_unchanged(self, known_at: Instant) -> None:
        """What was believed at `known_at` reads as it did then."""
        assert self.read(known_at) == self.at[known_at]

    def check_citations(self) -> None:
        """Every citation that was ever given resolves to the text that it had."""
        queries = self._home.queries()
        for citation, text in self.citations.items():
            assert queries.cite(citation).text == text

    def check_rows(self, known_at: Instant, valid_at: Instant | None) -> None:
        """The rows of the passages table that are visible at (T, R) are the passages of the texts that held then."""
        home = self._home
        visible_rows = [row for row in home.table_rows().values() if visible(_span(row), known_at, valid_at)]
        with home.index.catalog.snapshot() as snapshot:
            passages = snapshot.passages(row.passage_no for row in visible_rows)
        ids = {row[0]: row[1] for row in home.sql("SELECT no, id FROM document")}
        found = sorted(
            (ids[row.document_no], passages[row.passage_no].heading, passages[row.passage_no].text)
            for row in visible_rows
        )
        expected = sorted(
            (document, heading, text)
            for document, told in self.holding(known_at, valid_at).items()
            for heading, text in self._cut(told.text)
        )
        assert found == expected

    def check_search(self, known_at: Instant, valid_at: Instant | None, mode: Mode) -> None:
        """A search finds exactly the passages that held at (T, R), each in the version that held it."""
        answer = self._home.queries().search(
            Question(
                WORD,
                k=1000,
                known_at=written(known_at),
                as_of=None if valid_at is None else written(valid_at),
                mode=mode,
            )
        )
        found = sorted((h.document.id, h.version.version.id, h.heading, h.text, h.stale) for h in answer.hits)
        holding = self.holding(known_at, valid_at)
        expected = [
            (document, told.id, heading, text, False)
            for document, told in holding.items()
            for heading, text in self._cut(told.text)
        ]
        if valid_at is None:
            for document, told in holding.items():
                if told.kind is VersionKind.UNREADABLE and (last := self._last_readable(known_at, document)):
                    expected += [
                        (document, last.id, heading, text, True) for heading, text in self._cut(last.text)
                    ]
        assert found == sorted(expected)

    def holding(self, known_at: Instant, valid_at: Instant | None) -> dict[str, Told]:
        """Document id → the version on its line that held at (T, R); the last one without T."""
        holding = {}
        for document, told in self.at[known_at].items():
            line = _line(told)
            fitting = line if valid_at is None else [v for v in line if v.valid_from <= valid_at]
            if fitting:
                holding[document] = fitting[-1]
        return holding

    def instants(self, known_at: Instant) -> list[Instant]:
        """Effective times at which something begins in this belief, and those just before."""
        starts = {v.valid_from for told in self.at[known_at].values() for v in told}
        return sorted(starts | {start - 1 for start in starts})

    def _last_readable(self, known_at: Instant, document: str) -> Told | None:
        for version in reversed(_line(self.at[known_at][document])):
            if version.kind is not VersionKind.UNREADABLE:
                return version if version.text is not None else None
        return None

    def _cut(self, text: str | None) -> Iterable[Cut]:
        return () if not text else self._cuts[text]


def run_without_repeats(home: Home, run: Callable[[], object]) -> None:
    """Run something that may crash, and see that it embeds no text twice and none that was committed before."""
    committed, before = home.embedded_texts(), len(home.embedder.texts)
    try:
        run()
    finally:
        embedded = home.embedder.texts[before:]
        assert committed.isdisjoint(embedded)
        assert len(set(embedded)) == len(embedded)


def check_prefix(
    before: Belief, after: Belief, said_otherwise: Callable[[str], bool] = lambda _: False
) -> None:
    """Where history is only appended to, what was believed stays: ids, numbers, keys, times and texts."""
    for document, told in before.items():
        if said_otherwise(document):
            continue
        now = {version.id: version for version in after[document]}
        for version in told:
            later = now[version.id]
            assert (later.number, later.key, later.valid_from) == (
                version.number,
                version.key,
                version.valid_from,
            )
            if version.text is not None:
                assert later.text == version.text
            if version.valid_to != FOREVER:
                assert later.valid_to == version.valid_to


def check_lines(belief: Belief) -> None:
    """Numbers run 1..n, effective times increase, and each version ends where the next begins."""
    for told in belief.values():
        line = _line(told)
        assert [v.number for v in line] == list(range(1, len(line) + 1))
        for version, following in pairwise(line):
            assert version.valid_from < version.valid_to == following.valid_from
            assert version.status is VersionStatus.PAST
        if line:
            assert line[-1].valid_to == FOREVER
            assert line[-1].status is VersionStatus.CURRENT


def _line(told: list[Told]) -> list[Told]:
    return [v for v in told if v.status in (VersionStatus.CURRENT, VersionStatus.PAST)]


def _span(row: Row) -> Span[int]:
    return Span(
        row.passage_no, row.valid_from, row.valid_to, row.recorded_from, row.recorded_to, row.closed_recorded
    )
