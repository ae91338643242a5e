"""Random histories: what a search finds, and from which version, held against the obvious model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.clock import rfc3339
from indexer.query.results import Hit, Mode, Question, SearchResult
from tests.support.library import Library, V

SECOND = 1_000_000
Line = tuple[V, ...]


@dataclass(frozen=True)
class Write:
    """From `recorded` on, `key` has had this line."""

    key: str
    line: Line
    recorded: int


passages = st.lists(st.sampled_from(["word a", "word b", "word c"]), max_size=3)
states = st.one_of(passages, passages, passages, st.none(), st.just("gone"))


def version(second: int, state: list[str] | str | None) -> V:
    return V(second * SECOND, state, origin=f"{second} {state}")


@st.composite
def histories(draw: st.DrawFn) -> list[Write]:
    """Documents that are edited, whose history arrives late, is replaced, and is withdrawn."""
    held: dict[str, dict[int, V]] = {"a.md": {}, "b/b.md": {}}
    history = []
    for n in range(draw(st.integers(1, 6))):
        key = draw(st.sampled_from(sorted(held)))
        line = held[key]
        for second in draw(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)):
            if second in line and len(line) > 1 and draw(st.booleans()):
                del line[second]
            else:
                line[second] = version(second, draw(states))
        recorded = (20 + n) * SECOND
        history.append(Write(key, tuple(line[second] for second in sorted(line)), recorded))
    return history


def known(history: list[Write], at: int) -> dict[str, Line]:
    return {write.key: write.line for write in history if write.recorded <= at}


def texts(version: V) -> set[str]:
    return set() if version.passages is None else set(version.passages) - set("gone")


def effective(line: Line, at: int) -> V | None:
    return max((v for v in line if v.at <= at), key=lambda v: v.at, default=None)


def last_readable(line: Line) -> V | None:
    return next((v for v in reversed(line) if v.passages is not None), None)


def found(result: SearchResult) -> dict[tuple[str, str], Hit]:
    hits = {(hit.document.key, hit.text): hit for hit in result.hits}
    assert len(hits) == len(result.hits), "a passage is found once"
    return hits


def numbers_with(line: Line, text: str) -> set[int]:
    return {n for n, v in enumerate(line, start=1) if text in texts(v)}


def check(hits: dict[tuple[str, str], Hit], line_of: dict[str, Line], wanted: dict[str, V | None]) -> None:
    """Exactly the passages of the wanted versions are found, each from that version."""
    assert set(hits) == {(key, text) for key, v in wanted.items() if v is not None for text in texts(v)}
    for (key, text), hit in hits.items():
        version = wanted[key]
        assert version is not None
        line = line_of[key]
        assert hit.version.version.number == line.index(version) + 1
        assert hit.version.version.valid_from == version.at
        covered = {n for first, last in hit.also_in for n in range(first, last + 1)}
        assert covered == numbers_with(line, text) - {hit.version.version.number}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.integers(0, 13))
@example(
    # The last of three versions is replaced: what was believed of the passage before must not end with it.
    [
        Write("a.md", tuple(version(n, ["word a"]) for n in (1, 2, 3)), 20 * SECOND),
        Write("a.md", (version(1, ["word a"]), version(2, ["word b"])), 21 * SECOND),
    ],
    2,
)
def test_every_scope_finds_exactly_its_versions_at_every_recorded_instant(
    history: list[Write], second: int
) -> None:
    with TemporaryDirectory() as folder:
        library = Library(Path(folder))
        for write in history:
            library.write(write.key, write.line, recorded=write.recorded)
        queries = library.queries()
        for recorded in (write.recorded for write in history):
            line_of = known(history, recorded)
            at = rfc3339(recorded)

            def ask(at: str | None = at, **scope: object) -> SearchResult:
                question = Question("word", k=100, known_at=at, mode=Mode.TEXT, **scope)  # type: ignore[arg-type]
                return queries.search(question)

            present = {key: last_readable(line) for key, line in line_of.items()}
            check(found(ask()), line_of, present)
            for hit in ask().hits:
                assert hit.stale == (line_of[hit.document.key][-1].passages is None)
            moment = second * SECOND
            then = {key: effective(line, moment + SECOND - 1) for key, line in line_of.items()}
            check(found(ask(as_of=rfc3339(moment))), line_of, then)
            for number in range(1, 6):
                chosen = {k: line[number - 1] if len(line) >= number else None for k, line in line_of.items()}
                result = ask(version=f"number:{number}")
                check(found(result), line_of, chosen)
                assert result.scope.documents_with == sum(v is not None for v in chosen.values())
                assert result.scope.documents_without == sum(v is None for v in chosen.values())
                for key, version in chosen.items():
                    if version is not None:
                        alone = {k: version if k == key else None for k in line_of}
                        check(found(ask(document=f"{key}@number:{number}")), line_of, alone)
            ever = found(ask(history=True))
            assert set(ever) == {(k, t) for k, line in line_of.items() for v in line for t in texts(v)}
            for (key, text), hit in ever.items():
                assert hit.version.version.number == max(numbers_with(line_of[key], text))
