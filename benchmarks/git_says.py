"""What the git program says of a repository's first-parent history, for comparing."""

from __future__ import annotations

import os
import subprocess
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from connectors.git.documents import Documents
from connectors.git.settings import read_settings
from connectors.names import key_of_bytes
from indexer.hashing import content_hash

_REGULAR: Final = "100"
"""How the modes of regular files begin."""


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
