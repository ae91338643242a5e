"""What the index holds of a repository, beside what git says: one check after another."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final

from benchmarks.git_says import Edge, Git, Span, Touch
from connectors.names import key_of_bytes
from indexer.chunking.chunker import chunk
from indexer.composition import open_queries
from indexer.config import Config
from indexer.errors import AmbiguousError, IndexerError, NotFoundError, ParseError
from indexer.hashing import content_hash
from indexer.model import Version, VersionKind
from indexer.parsing import Parsers
from indexer.ports import TokenCounter
from indexer.query.queries import Queries
from indexer.store.catalog.catalog import Catalog

MOST_TAGGED: Final = 2_000
"""Pairs (path, tag) of which all are compared; a sample where there are more."""
LOGGED: Final = 200
"""Paths whose own ``git log`` is compared with the log of everything."""
_DIGITS: Final = 12
"""Of a commit in a selector."""


class Recorded:
    """The believed versions of every document, oldest first."""

    def __init__(self, config: Config, git: Git) -> None:
        with Catalog(config.data_dir) as catalog, catalog.snapshot() as snapshot:
            versions = snapshot.versions_of()
        self._git = git
        self.lines = {no: [v for v in of_one if v.number is not None] for no, of_one in versions.items()}
        self.aside = sum(v.number is None for of_one in versions.values() for v in of_one)

    def at(self, version: Version) -> int:
        """The place of the commit that made it."""
        return self._git.place[version.origin.partition(":")[0]]

    @cached_property
    def spans(self) -> dict[str, list[Span]]:
        """Key → what is there at each commit of the line, in order; overlaps are two documents at one key."""
        found: dict[str, list[Span]] = {}
        for line in self.lines.values():
            ends = [*(self.at(version) for version in line[1:]), len(self._git.line)]
            for version, end in zip(line, ends, strict=True):
                if version.kind is not VersionKind.TOMBSTONE and self.at(version) < end:
                    span = Span(self.at(version), end, version.content_hash)
                    found.setdefault(version.key, []).append(span)
        return {key: sorted(spans, key=lambda span: (span.start, span.end)) for key, spans in found.items()}

    @cached_property
    def places(self) -> dict[str, Counter[int]]:
        """Key → the places at which versions begin or end there, and how many versions begin."""
        found: dict[str, Counter[int]] = {}
        for line in self.lines.values():
            for version in line:
                kind = int(version.kind is not VersionKind.TOMBSTONE)
                found.setdefault(version.key, Counter())[self.at(version)] += kind
            for edge in _edges(line, self.at):
                found.setdefault(edge.old, Counter())[edge.place] += 0
        return found

    @cached_property
    def unread(self) -> list[tuple[str, int]]:
        """Where a version begins whose text is not known."""
        lines = self.lines.values()
        return [(v.key, self.at(v)) for line in lines for v in line if v.kind is VersionKind.UNREADABLE]

    @cached_property
    def renames(self) -> list[Edge]:
        """Every version whose document had another key before."""
        return [edge for line in self.lines.values() for edge in _edges(line, self.at)]


def _edges(line: Sequence[Version], at: Callable[[Version], int]) -> list[Edge]:
    return [
        Edge(at(version), before.key, version.key)
        for before, version in pairwise(line)
        if before.key != version.key
    ]


@dataclass(slots=True)
class Check:
    """What one comparison found."""

    name: str
    compared: int = 0
    wrong: list[str] = field(default_factory=list)
    apart: Counter[str] = field(default_factory=Counter)
    """What is told apart, and is not wrong."""

    def expect(self, where: str, expected: object, got: object) -> None:
        """Compare."""
        self.compared += 1
        if expected != got:
            self.wrong.append(f"{where}: git {_short(expected)}, index {_short(got)}")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 160 else f"{text[:120]} … ({len(text):,} characters)"


class Comparison:
    """All checks of one repository."""

    def __init__(
        self, git: Git, config: Config, sample: int, chance: random.Random, counter: TokenCounter
    ) -> None:
        self._git = git
        self._recorded = Recorded(config, git)
        self._config = config
        self._sample = sample
        self._chance = chance
        self._counter = counter
        self._parsers = Parsers()
        self._texts: dict[tuple[str, str], str | None] = {}

    def checks(self) -> Iterator[Check]:
        """One after another."""
        yield self.states()
        yield self.versions()
        yield self.renames()
        with open_queries(self._config) as queries:
            yield self.touched(queries)
            yield self.untouched(queries)
            yield self.absent(queries)
            yield self.tags(queries)
        self._parsers.close()

    def states(self) -> Check:
        """Every path at every commit."""
        check = Check("states")
        ours, theirs = self._recorded.spans, self._git.spans
        for key in sorted(ours.keys() | theirs.keys()):
            mine, its = set(ours.get(key, [])), set(theirs.get(key, []))
            check.compared += sum(span.end - span.start for span in its)
            doubled = len(ours.get(key, [])) - len(mine)
            if mine != its or doubled:
                missing, extra = (sorted(s, key=lambda one: one.start)[:2] for s in (its - mine, mine - its))
                check.wrong.append(
                    f"{key}: git alone has {self._spans(missing)}, the index alone {self._spans(extra)}"
                    + (f"; {doubled} twice" if doubled else "")
                )
        check.apart["versions"] = sum(map(len, self._recorded.lines.values()))
        check.apart["documents"] = len(self._recorded.lines)
        check.apart["aside or withdrawn"] = self._recorded.aside
        return check

    def _spans(self, spans: Sequence[Span]) -> str:
        told = [
            f"{(span.content or 'unread')[:11]} from {self._commit(span.start)} to {self._commit(span.end)}"
            for span in spans
        ]
        return ", ".join(told) or "nothing"

    def _commit(self, place: int) -> str:
        return self._git.line[place][:_DIGITS] if place < len(self._git.line) else "the end"

    def versions(self) -> Check:
        """The commits of each path."""
        check = Check("versions")
        git, recorded = self._git, self._recorded
        for key in sorted(git.touches.keys() | recorded.places.keys()):
            expected = {touch.place for touch in git.touches.get(key, [])}
            got = recorded.places.get(key, Counter())
            check.compared += len(expected)
            alone, extra = sorted(expected - got.keys()), sorted(got.keys() - expected)
            twice = sorted(place for place, count in got.items() if count > 1)
            for what, places in (("only git has", alone), ("only the index has", extra), ("twice", twice)):
                if places:
                    check.wrong.append(f"{key}: {what} {', '.join(map(self._commit, places[:5]))}")
        check.apart["paths"] = len(git.touches)
        check.apart["permissions alone"] = sum(
            len(places - {touch.place for touch in git.touches.get(key_of_bytes(path), [])})
            for path, places in git.logged.items()
        )
        paths = sorted(git.logged)
        for path in self._chance.sample(paths, min(LOGGED, len(paths))):
            check.apart["logs of one path"] += 1
            if git.log_of(path) != git.logged[path]:
                check.wrong.append(f"{path!r}: its own log differs from the log of everything")
        return check

    def renames(self) -> Check:
        """The renames of all commits."""
        check = Check("renames")
        git, found = self._git, self._recorded.renames
        exchanged = {edge for edge in found if self._unseen(edge)}
        expected, got = git.renames, set(found) - exchanged
        check.compared = len(expected)
        if len(set(found)) < len(found):
            check.wrong += [f"{self._edge(edge)}: twice" for edge, n in Counter(found).items() if n > 1]
        check.wrong += [f"{self._edge(edge)}: git alone" for edge in sorted(expected - got)]
        check.wrong += [f"{self._edge(edge)}: index alone" for edge in sorted(got - expected)]
        check.apart["exchanged"] = len(exchanged)
        for edge in sorted(exchanged):
            before, after = self._touch(edge.old, edge.place), self._touch(edge.new, edge.place)
            if before is None or after is None or before.before != after.after:
                check.wrong.append(f"{self._edge(edge)}: exchanged with an edit, which nobody can see")
            else:
                check.apart[f"exchanged: {self._edge(edge)}"] = 1
        return check

    def _unseen(self, edge: Edge) -> bool:
        """Whether Git does not look for it: something was at the new path before, or is at the old one after."""
        return self._git.there(edge.new, edge.place - 1) or self._git.there(edge.old, edge.place)

    def _edge(self, edge: Edge) -> str:
        return f"{self._commit(edge.place)} {edge.old} -> {edge.new}"

    def _touch(self, key: str, place: int) -> Touch | None:
        return next((touch for touch in self._git.touches.get(key, []) if touch.place == place), None)

    def touched(self, queries: Queries) -> Check:
        """Files at commits that touched them."""
        git = self._git
        pairs = [(key, t.place) for key, all_ in git.touches.items() for t in all_ if t.after is not None]
        drawn = set(self._chance.sample(pairs, min(self._sample // 2, len(pairs))))
        unread = self._recorded.unread
        drawn.update(self._chance.sample(unread, min(self._sample // 10, len(unread))))
        return self._texts_of("texts, touched", queries, drawn)

    def untouched(self, queries: Queries) -> Check:
        """Files at commits that did not touch them, each as likely as any other."""
        spans = [(key, span) for key, of_one in self._git.spans.items() for span in of_one]
        weights = list(accumulate(span.end - span.start - 1 for _, span in spans))
        possible = weights[-1] if weights else 0
        pairs: set[tuple[str, int]] = set()
        while len(pairs) < min(self._sample - self._sample // 2, possible // 2):
            key, span = self._chance.choices(spans, cum_weights=weights)[0]
            pairs.add((key, self._chance.randrange(span.start + 1, span.end)))
        return self._texts_of("texts, untouched", queries, pairs)

    def _texts_of(self, name: str, queries: Queries, pairs: Iterable[tuple[str, int]]) -> Check:
        check = Check(name)
        for key, place in sorted(pairs):
            commit = self._git.line[place]
            expected = self._text(key, self._git.file(commit, key))
            check.apart["not to be parsed"] += expected is None
            self._compare(check, queries, key, commit[:_DIGITS], expected)
        return check

    def absent(self, queries: Queries) -> Check:
        """Paths at commits that have no file there."""
        check = Check("texts, absent")
        git, keys = self._git, sorted(self._git.touches)
        tried = 0
        while check.compared < self._sample // 5 and tried < 50 * self._sample:
            tried += 1
            key, place = self._chance.choice(keys), self._chance.randrange(len(git.line))
            if not git.there(key, place):
                self._nothing(check, queries, key, git.line[place][:_DIGITS], git.line[place])
        return check

    def _compare(self, check: Check, queries: Queries, key: str, selector: str, expected: str | None) -> None:
        check.compared += 1
        reference = f"{key}@{selector}"
        try:
            shown = queries.show(reference)
        except NotFoundError as error:
            if expected is not None or error.code != "unreadable-version":
                self._refused(check, reference, error)
            return
        except IndexerError as error:
            self._refused(check, reference, error)
            return
        if shown.version.version.key != key:
            check.wrong.append(f"{reference}: index shows {shown.version.version.key}")
        elif expected is None:
            check.wrong.append(f"{reference}: cannot be parsed, index shows a text")
        elif shown.text != expected:
            check.wrong.append(
                f"{reference}: another text of {len(shown.text):,} characters instead of {len(expected):,}"
            )

    def _refused(self, check: Check, reference: str, error: IndexerError) -> None:
        check.wrong.append(f"{reference}: index says {error.code}: {error.message}")

    def _nothing(self, check: Check, queries: Queries, key: str, selector: str, commit: str) -> None:
        """`key` is not in the tree of `commit`."""
        check.compared += 1
        reference = f"{key}@{selector}"
        try:
            shown = queries.show(reference)
        except NotFoundError:
            check.apart["no file there, nothing found"] += 1
            return
        except AmbiguousError:
            check.apart["no file there, ambiguous"] += 1
            return
        except IndexerError as error:
            self._refused(check, reference, error)
            return
        then = shown.version.version.key
        files = self._git.files(commit)
        if then == key:
            check.wrong.append(f"{reference}: not in the tree, index shows it")
        elif then not in files:
            check.wrong.append(f"{reference}: not in the tree, index shows {then}, which is not there either")
        elif shown.text != self._text(then, self._git.read(files[then])):
            check.wrong.append(f"{reference}: index shows another text of {then}")
        elif key not in {v.key for v in self._recorded.lines[shown.document.no]}:
            check.wrong.append(f"{reference}: index shows {then}, which never had that name")
        else:
            check.apart["no file there, its document under another name"] += 1

    def tags(self, queries: Queries) -> Check:
        """Every file of every tag, and every path that it lacks."""
        check = Check("tags")
        git = self._git
        check.apart["tags"] = len(git.tags)
        check.apart["beside the line"] = sum(commit not in git.place for commit in git.tags.values())
        trees = {name: git.files(commit) for name, commit in git.tags.items()}
        there = [(name, key) for name, files in trees.items() for key in files]
        lacking = [(name, key) for name, files in trees.items() for key in git.touches if key not in files]
        for pairs in (there, lacking):
            pairs.sort()
            if len(pairs) > MOST_TAGGED:
                pairs[:] = sorted(self._chance.sample(pairs, max(self._sample, 1)))
        for name, key in there:
            self._compare(check, queries, key, name, self._text(key, git.read(trees[name][key])))
        for name, key in lacking:
            self._nothing(check, queries, key, name, git.tags[name])
        check.apart["files in their trees"] = len(there)
        return check

    def _text(self, key: str, data: bytes) -> str | None:
        """The canonical text of these bytes under this name; None where they cannot be parsed."""
        about = (key, content_hash(data))
        if about not in self._texts:
            try:
                self._texts[about] = chunk(self._parsers.parse(data, key).blocks, self._counter).text
            except ParseError:
                self._texts[about] = None
        return self._texts[about]
