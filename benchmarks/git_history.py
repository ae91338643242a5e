"""A repository's first-parent history as a source of versions, for measuring on real histories."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from indexer.errors import SourceError
from indexer.model import TimeBasis
from indexer.ports import Absent, Checkpoint, Content, ListingEnd, Observed, Renamed, SourceTime
from indexer.ports.connector import Event

CHECKPOINT = 300
"""Events between two checkpoints."""
_FORMAT = "--format=%x01%H%x00%ct%x00%an%x00%s"


@dataclass(frozen=True, slots=True)
class _Commit:
    id: str
    time: SourceTime
    author: str
    message: str
    place: int


class GitHistory:
    """`ports.Connector` over the documents with these endings; reads blobs through one ``git cat-file``."""

    kind = "git-history"
    snapshot = False

    def __init__(self, repository: Path, endings: Sequence[str] = (".txt", ".rst", ".md")) -> None:
        self._repository = repository
        self._endings = tuple(endings)
        self._reading = threading.Lock()
        self._blobs: subprocess.Popen[bytes] | None = None
        self.uid = f"git-history:{repository}"

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        del scopes
        span = "HEAD" if cursor is None else f"{cursor}..HEAD"
        log = self._git(
            "log", "--first-parent", "--reverse", "--diff-merges=first-parent", "--raw", "--no-abbrev", "-M", "-z",
            _FORMAT, span,
        )  # fmt: skip
        events, last = 0, cursor
        for place, entry in enumerate(log.split(b"\x01")[1:]):
            fields = entry.split(b"\x00")
            id_, seconds, author, message = (field.decode("utf-8", "replace") for field in fields[:4])
            time = SourceTime(int(seconds) * 1_000_000, TimeBasis.COMMIT)
            commit = _Commit(id_, time, author, message, place)
            for event in self._events(commit, iter(fields[4:])):
                yield event
                events += 1
            last = id_
            if events >= CHECKPOINT:
                events = 0
                yield Checkpoint(id_)
        self.close()
        yield ListingEnd(complete=False, cursor=last)

    def read_state(self, key: str, origin: str) -> Content:
        return self._read(f"{origin.partition(':')[0]}:{key}")

    def accept(self, cursor: str) -> str:
        return cursor

    def wants(self, key: str) -> bool:
        return key.endswith(self._endings)

    def close(self) -> None:
        """End the reading process."""
        if self._blobs is not None:
            self._blobs.communicate()
            self._blobs = None

    def _events(self, commit: _Commit, fields: Iterator[bytes]) -> Iterator[Event]:
        common = {"sequence": commit.place, "author": commit.author, "message": commit.message}
        for field in fields:
            if not field.strip().startswith(b":"):
                continue
            *_, blob, status = field.decode().split()
            paths = [
                path.decode("utf-8", "replace") for path in islice(fields, 2 if status[0] in "RC" else 1)
            ]
            key, before = paths[-1], paths[0]
            if not key.endswith(self._endings):
                continue
            origin = f"{commit.id}:{key}"
            if status == "D":
                yield Absent(key, commit.time, origin, **common)
            elif status == "R100" and before.endswith(self._endings):
                yield Renamed(key, before, origin, commit.time, **common)
            else:
                previous = before if status[0] == "R" and before.endswith(self._endings) else None
                yield Observed(
                    key, partial(self._read, blob), (commit.time,), origin, previous_key=previous, **common
                )

    def _read(self, blob: str) -> Content:
        with self._reading:
            if self._blobs is None:
                self._blobs = subprocess.Popen(
                    ["git", "-C", str(self._repository), "cat-file", "--batch"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            asked, answered = self._blobs.stdin, self._blobs.stdout
            assert asked is not None
            assert answered is not None
            asked.write(f"{blob}\n".encode())
            asked.flush()
            size = int(answered.readline().split()[2])
            return Content(answered.read(size + 1)[:size])

    def _git(self, *words: str) -> bytes:
        command = ["git", "-C", str(self._repository), *words]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise SourceError(f"{self._repository}: {done.stderr.decode().strip()}", code="unavailable")
        return done.stdout
