"""Whether the history of a repository is told exactly: every state, version, rename and tag, beside the git program.

    python -m benchmarks.git_exactness REPO... [--sample 500] [--index DIR] [--seed 1]

Indexes the whole first-parent history of each repository with the hashing embedder and compares:

* *states*: for every path and every commit of the line whether a document is there, and its bytes;
* *texts*: for pairs (path, commit) drawn at random ``show path@commit``, and the text that the parser
  makes of ``git show commit:path``: half of them at commits that touched the path, half at others at which
  it is there. A state that cannot be parsed must be a failure, and some of the index's failures are among
  them. A rename without an edit carries the text, also to a name that another parser would read: told
  apart. Of pairs at which there is no file a fifth as many: nothing may be found but what *tags* allow;
* *versions*: the commits of the versions at each path, and ``git log --first-parent -- path``. A rename
  counts for both of its paths. Commits that only changed permissions count for nothing, and a file that
  became a link or a submodule is gone. What a path's own log says is held against the log of everything;
* *renames*: (commit, old path, new path), and those of ``git log -M``. Names that were exchanged within
  one commit are told apart: Git does not look for them. The contents must have been exchanged, too;
* *tags*: ``show path@tag`` of every file in the tag's tree, and of every path that the tag lacks. There
  nothing may be found but the document that has the name now under the one that it had then.

A repository's own index is kept in DIR/NAME, if --index is given. Ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate, islice, pairwise
from pathlib import Path
from typing import Final

from benchmarks.workplace import add_json, conditions, write_json
from connectors.git.documents import Documents
from connectors.git.settings import read_settings
from connectors.names import key_of_bytes
from indexer.chunking.chunker import chunk
from indexer.composition import connectors, open_index, open_queries
from indexer.config import Config, load
from indexer.errors import AmbiguousError, IndexerError, NotFoundError, ParseError
from indexer.hashing import content_hash
from indexer.ingest.backfill import Backfill
from indexer.ingest.reports import SourceReport
from indexer.model import Version, VersionKind
from indexer.parsing import Parsers
from indexer.ports import TokenCounter
from indexer.query.queries import Queries
from indexer.store.catalog.catalog import Catalog

SHOWN: Final = 20
"""Mismatches of one check that are printed."""
MOST_TAGGED: Final = 2_000
"""Pairs (path, tag) of which all are compared; a sample where there are more."""
LOGGED: Final = 200
"""Paths whose own ``git log`` is compared with the log of everything."""
_DIGITS: Final = 12
"""Of a commit in a selector."""
_REGULAR: Final = "100"
"""How the modes of regular files begin."""


# --- the index -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index of one repository, and what making it took."""

    config: Config
    report: SourceReport
    seconds: float
    cpu_seconds: float
    """Of this process, all threads; says more than `seconds` where others work too."""
    peak_mib: int
    """Of this process and its largest child, so far."""
    steps: Mapping[str, int]
    """How often each step of the commit protocol was done."""


def index_history(place: Path, repository: Path, model: str | None) -> Indexed:
    """Index the whole history in `place`, as a user would; brings the index that is there up to date."""
    place.mkdir(parents=True, exist_ok=True)
    lines = [f"data_dir = {json.dumps(str(place / 'data'))}", 'timezone = "UTC"']
    if model is not None:
        lines += ["[embedding]", f"model = {json.dumps(model)}"]
    lines += ["[[source]]", f"name = {json.dumps(repository.stem)}", 'kind = "git"']
    lines += [f"path = {json.dumps(str(repository.resolve()))}"]
    file = place / "config.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = load(file, os.environ)
    steps: Counter[str] = Counter()
    began, cpu = time.perf_counter(), time.process_time()
    with open_index(config) as index:
        index.step = lambda name: steps.update([name])
        (report,) = Backfill(index).run(connectors(config)).sources
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    if report.problems:
        raise RuntimeError("; ".join(report.problems))
    return Indexed(config, report, seconds, cpu, peak // 1024, steps)


# --- what git says ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Touch:
    """A commit changed what is at a path. Blobs are those of regular files; None: none is there."""

    place: int
    """Of the commit on the line."""
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """The same state is at a path from one place of the line up to another."""

    start: int
    end: int
    """Exclusive."""
    content: str | None
    """The hash of the bytes."""


@dataclass(frozen=True, order=True, slots=True)
class Edge:
    """A commit renamed a document."""

    place: int
    old: str
    new: str


class Git:
    """A repository through the git program, with no configuration but its own."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        self._blobs: subprocess.Popen[bytes] | None = None
        selection = read_settings("history", {"path": str(repository)})
        selected = Documents(selection.include, selection.exclude)
        self._selected = lru_cache(maxsize=None)(lambda path: bool(selected(path)))
        self.line = self.run("rev-list", "--first-parent", "--reverse", "HEAD").decode().split()
        self.place = {commit: place for place, commit in enumerate(self.line)}
        self.paths: dict[str, bytes] = {}
        """Key → path of everything that ever was selected."""

    def run(self, *words: str | bytes) -> bytes:
        """The standard output of a command."""
        command = ["git", "--literal-pathspecs", "-C", str(self._repository), *words]
        return subprocess.run(command, env=self._environment, capture_output=True, check=True).stdout

    def read(self, name: str | bytes) -> bytes:
        """The bytes of an object: what ``git show`` prints."""
        if self._blobs is None:
            self._blobs = subprocess.Popen(
                ["git", "-C", str(self._repository), "cat-file", "--batch", "-z"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
            )
        asked, answered = self._blobs.stdin, self._blobs.stdout
        assert asked is not None
        assert answered is not None
        asked.write((name.encode() if isinstance(name, str) else name) + b"\0")
        asked.flush()
        header = answered.readline()
        _, kind, size = header.split()
        if kind != b"blob":
            raise RuntimeError(f"{name!r} is {header.decode()}")
        return answered.read(int(size) + 1)[:-1]

    def file(self, commit: str, key: str) -> bytes:
        """The bytes of the file with this key in a commit."""
        return self.read(commit.encode() + b":" + self.paths[key])

    def close(self) -> None:
        """End the process that reads."""
        if self._blobs is not None:
            self._blobs.communicate()

    @cached_property
    def touches(self) -> dict[str, list[Touch]]:
        """Key → the commits that changed what is there, in order; changes of permissions alone left out."""
        found: dict[str, list[Touch]] = {}
        for place, fields in self._log("--no-renames"):
            for entry in fields:
                if not entry.startswith(b":"):
                    continue
                old_mode, new_mode, old, new, _ = entry[1:].decode().split()
                path = next(fields)
                if not self._selected(path):
                    continue
                before = old if old_mode.startswith(_REGULAR) else None
                after = new if new_mode.startswith(_REGULAR) else None
                key = key_of_bytes(path)
                self.logged.setdefault(path, set()).add(place)
                if before != after:
                    self.paths[key] = path
                    found.setdefault(key, []).append(Touch(place, before, after))
        return found

    @cached_property
    def logged(self) -> dict[bytes, set[int]]:
        """Path → all places at which the log of everything names it; filled with `touches`."""
        return {}

    @cached_property
    def renames(self) -> set[Edge]:
        """The renames of documents that Git finds."""
        found = set()
        for place, fields in self._log("-M"):
            for entry in fields:
                if not entry.startswith(b":"):
                    continue
                old_mode, new_mode, _, _, status = entry[1:].decode().split()
                old, *renamed = islice(fields, 2 if status[0] == "R" else 1)
                regular = old_mode.startswith(_REGULAR) and new_mode.startswith(_REGULAR)
                if renamed and regular and self._selected(old) and self._selected(renamed[0]):
                    found.add(Edge(place, key_of_bytes(old), key_of_bytes(renamed[0])))
        return found

    def _log(self, renames: str) -> Iterator[tuple[int, Iterator[bytes]]]:
        """(place, fields) of every commit on the line."""
        log = self.run(
            "log", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-abbrev", "-z", renames,
            "--format=%x01%H%x00", "HEAD",
        )  # fmt: skip
        for entry in reversed(log.split(b"\x01")[1:]):
            commit, *fields = entry.split(b"\x00")
            yield self.place[commit.decode()], (field.lstrip(b"\n") for field in fields)

    @cached_property
    def spans(self) -> dict[str, list[Span]]:
        """Key → what is there at each commit of the line."""
        hashes: dict[str, str] = {}
        found: dict[str, list[Span]] = {}
        for key, touches in self.touches.items():
            ends = [*(touch.place for touch in touches[1:]), len(self.line)]
            for touch, end in zip(touches, ends, strict=True):
                if touch.after is None:
                    continue
                if touch.after not in hashes:
                    hashes[touch.after] = content_hash(self.read(touch.after))
                found.setdefault(key, []).append(Span(touch.place, end, hashes[touch.after]))
        return found

    def there(self, key: str, place: int) -> bool:
        """Whether a document is at `key` at a place of the line."""
        spans = self.spans.get(key, [])
        at = bisect_right(spans, place, key=lambda span: span.start)
        return at > 0 and place < spans[at - 1].end

    def log_of(self, path: bytes) -> set[int]:
        """What ``git log`` says of one path by itself."""
        log = self.run("log", "--first-parent", "--format=%H", "HEAD", "--", path)
        return {self.place[commit] for commit in log.decode().split()}

    @cached_property
    def tags(self) -> dict[str, str]:
        """Name → commit."""
        found = {}
        for name in self.run("tag", "--list").decode().splitlines():
            try:
                commit = self.run("rev-parse", "--verify", "--quiet", f"refs/tags/{name}^{{commit}}")
            except subprocess.CalledProcessError:
                continue  # it stands at something else
            found[name] = commit.decode().strip()
        return found

    def files(self, commit: str) -> dict[str, str]:
        """Key → blob of the documents in a tree."""
        found = {}
        for entry in self.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\x00")[:-1]:
            about, _, path = entry.partition(b"\t")
            mode, _, blob = about.decode().split()
            if mode.startswith(_REGULAR) and self._selected(path):
                found[key_of_bytes(path)] = blob
        return found


# --- what the index says ---------------------------------------------------------------------


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


# --- checks ----------------------------------------------------------------------------------


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
        self, git: Git, indexed: Indexed, sample: int, chance: random.Random, counter: TokenCounter
    ) -> None:
        self._git = git
        self._recorded = Recorded(indexed.config, git)
        self._config = indexed.config
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
            if self._carried(key, shown.version.version, shown.text):
                check.apart["carried by a rename to another format"] += 1
                return
            check.wrong.append(
                f"{reference}: another text of {len(shown.text):,} characters instead of {len(expected):,}"
            )

    def _refused(self, check: Check, reference: str, error: IndexerError) -> None:
        check.wrong.append(f"{reference}: index says {error.code}: {error.message}")

    def _carried(self, key: str, version: Version, text: str) -> bool:
        """Whether it is the text that the same bytes had when the document had another name."""
        line = self._recorded.lines[version.document_no]
        earlier = [v for v in line if v.content_hash == version.content_hash and v.key != key]
        if not earlier:
            return False
        data = self._git.file(self._git.line[self._recorded.at(earlier[0])], earlier[0].key)
        return any(self._text(name, data) == text for name in {v.key for v in earlier})

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
        elif shown.text != self._text(then, self._git.read(files[then])) and not self._carried(
            then, shown.version.version, shown.text
        ):
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


# --- the command -----------------------------------------------------------------------------


def compare(place: Path, repository: Path, sample: int, seed: int) -> dict[str, object]:
    """Index, compare, print one repository."""
    indexed = index_history(place, repository, "hashing")
    report = indexed.report
    print(
        f"\n{repository.name}: {report.versions_added:,} versions of {report.documents_seen:,} documents added, "
        f"{report.failed} failed, in {indexed.seconds:.0f} s ({indexed.cpu_seconds:.0f} s of CPU), peak {indexed.peak_mib:,} MiB\n"
    )
    print("| check | compared | wrong | besides |")
    print("|---|---:|---:|---|")
    git = Git(repository)
    with open_index(indexed.config) as index:
        counter = index.embedder.counter
    done = []
    for check in Comparison(git, indexed, sample, random.Random(seed), counter).checks():
        besides = ", ".join(
            what if what.startswith("exchanged:") else f"{what} {count:,}"
            for what, count in list(check.apart.items())[:SHOWN]
        )
        print(f"| {check.name} | {check.compared:,} | {len(check.wrong):,} | {besides} |", flush=True)
        done.append(check)
    git.close()
    for check in done:
        for line in check.wrong[:SHOWN]:
            print(f"  {check.name}: {line}")
        if len(check.wrong) > SHOWN:
            print(f"  {check.name}: … and {len(check.wrong) - SHOWN:,} more")
    return {
        "seconds": indexed.seconds,
        "cpu_seconds": indexed.cpu_seconds,
        "peak_mib": indexed.peak_mib,
        "report": asdict(report),
        "commits": len(git.line),
        "checks": {check.name: asdict(check) for check in done},
        "wrong": sum(len(check.wrong) for check in done),
    }


def main() -> int:
    """Compare every repository that is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path, nargs="+")
    parser.add_argument("--sample", type=int, default=500, help="pairs of path and commit that are shown")
    parser.add_argument("--index", type=Path, help="keep the indexes here, and use those that are here")
    parser.add_argument("--seed", type=int, default=1)
    add_json(parser)
    options = parser.parse_args()
    told = conditions()
    print(f"{told}, {Git.__name__.lower()} {_git_version()}")
    figures: dict[str, object] = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        for repository in options.repository:
            place = (options.index or Path(temporary)).resolve() / repository.stem
            figures[repository.name] = found = compare(place, repository, options.sample, options.seed)
            wrong += int(str(found["wrong"]))
    write_json(options.json, told, {"repositories": figures})
    return 1 if wrong else 0


def _git_version() -> str:
    told = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    return told.split()[-1]


if __name__ == "__main__":
    sys.exit(main())
