"""Opens a repository with pygit2 and reads its objects; nothing is checked out, written or run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import ObjectType, RepositoryOpenFlag

from connectors.git import lfs
from connectors.names import key_of_bytes
from indexer.errors import ReadError, SourceError
from indexer.ports import Content

# A service reads repositories that belong to others. Git refuses those because it would run what
# their configuration names; here nothing is run.
pygit2.settings.owner_validation = False

_NAMED: Final = 5


class Repository:
    """A repository on this machine. Any number of threads may read from it; each gets a handle of its own."""

    def __init__(self, path: Path, max_file_size: int) -> None:
        self.path = path
        self._max_file_size = max_file_size
        self._local = threading.local()

    @property
    def handle(self) -> pygit2.Repository:
        """The handle of the thread that asks. Raises `SourceError` where there is no repository."""
        found: pygit2.Repository | None = getattr(self._local, "handle", None)
        if found is None:
            found = self._local.handle = self._open()
        return found

    def reopen(self) -> pygit2.Repository:
        """A new handle, which sees the references and packs as they are now."""
        self._local.handle = self._open()
        return self.handle

    def _open(self) -> pygit2.Repository:
        try:
            return pygit2.Repository(str(self.path), RepositoryOpenFlag.NO_SEARCH)
        except (pygit2.GitError, OSError, KeyError) as error:
            if not self.path.exists():
                raise SourceError(
                    f"{self.path} does not exist",
                    remedy="correct the path of the source",
                    code="source-missing",
                ) from error
            raise SourceError(
                f"{self.path} is not a Git repository ({_line(error)})",
                remedy=self._hint(),
                code="not-a-repository",
            ) from error

    def _hint(self) -> str:
        try:
            found = pygit2.discover_repository(str(self.path))
        except (pygit2.GitError, KeyError):
            found = None
        if found:
            top = Path(found)
            top = top.parent if top.name == ".git" else top
            return f"did you mean {top}, in which it lies? Name folders of it with paths"
        return "name the folder that holds .git, or a bare repository"

    # --- references ---------------------------------------------------------------------------

    def tip(self, ref: str | None) -> pygit2.Commit:
        """The commit that `ref` (HEAD, if None) stands at. Raises `SourceError`."""
        handle = self.handle
        with self.intact():
            if ref is None:
                if handle.is_empty or handle.head_is_unborn:
                    raise self._unborn(handle)
                return handle.head.peel(pygit2.Commit)
            for name in (f"refs/heads/{ref}", f"refs/remotes/origin/{ref}", f"refs/tags/{ref}", ref):
                if name.startswith("refs/") and pygit2.reference_is_valid_name(name):
                    found = handle.references.get(name)
                    if found is not None:
                        return found.peel(pygit2.Commit)
        raise SourceError(
            f'{self.path} has no branch or tag "{ref}"', remedy=self._branches(handle), code="unknown-ref"
        )

    def head_branch(self, before: str) -> str:
        """The branch that HEAD names; empty where it names none.

        In a work tree people go to other branches and back: there it is the one that was told
        `before`, as long as that exists.
        """
        handle = self.handle
        with self.intact():
            if before and not handle.is_bare and handle.references.get(f"refs/heads/{before}") is not None:
                return before
            target = handle.references.get("HEAD")
            named = "" if target is None else str(target.target)
        name = named.removeprefix("refs/heads/")
        exists = name != named and handle.references.get(named) is not None
        return name if exists else ""

    def _unborn(self, handle: pygit2.Repository) -> SourceError:
        if not list(handle.references):
            return SourceError(
                f"{self.path} is empty: it has no commits",
                remedy="commit something, and run `indexer backfill` again",
                code="empty-repository",
            )
        target = handle.references.get("HEAD")
        named = "a branch" if target is None else f'"{str(target.target).removeprefix("refs/heads/")}"'
        return SourceError(
            f"HEAD of {self.path} names {named}, which does not exist",
            remedy=self._branches(handle),
            code="unknown-ref",
        )

    def _branches(self, handle: pygit2.Repository) -> str:
        names = sorted(handle.branches.local) or sorted(handle.branches.remote)
        if not names:
            return "set ref to a branch that it has"
        more = " …" if len(names) > _NAMED else ""
        return f"set ref to a branch that it has: {', '.join(names[:_NAMED])}{more}"

    def tags(self) -> dict[str, str]:
        """Name → commit of every tag that stands at a commit."""
        found: dict[str, str] = {}
        with self.intact():
            for name in self.handle.references:
                if not name.startswith("refs/tags/"):
                    continue
                try:
                    commit = self.handle.references[name].peel(pygit2.Commit)
                except (KeyError, pygit2.GitError):
                    continue  # it stands at something else, or at what a partial clone left out
                written = os.fsencode(name.removeprefix("refs/tags/"))
                found[key_of_bytes(written)] = str(commit.id)
        return found

    def grafts(self) -> frozenset[str]:
        """The commits at which a shallow clone ends; their parents were not fetched."""
        if not self.handle.is_shallow:
            return frozenset()
        folder = Path(self.handle.path)
        common = folder / "commondir"
        if common.is_file():  # a linked work tree
            folder = (folder / common.read_text(encoding="utf-8").strip()).resolve()
        try:
            return frozenset((folder / "shallow").read_text(encoding="ascii").split())
        except OSError:
            return frozenset()

    # --- contents -----------------------------------------------------------------------------

    @contextmanager
    def intact(self) -> Iterator[None]:
        """Turns what pygit2 raises for missing and broken objects into a `SourceError`."""
        try:
            yield
        except (KeyError, pygit2.GitError, OSError, ValueError) as error:
            if not self.path.exists():
                raise SourceError(
                    f"{self.path} was deleted while it was read",
                    remedy="correct the path of the source",
                    code="source-missing",
                ) from error
            raise SourceError(
                f"{self.path} is damaged, or lacks objects: {_line(error)}",
                remedy=f"see what `git -C {self.path} fsck` says, and fetch or clone it again",
                code="damaged-repository",
            ) from error

    def has(self, blob: pygit2.Oid) -> bool:
        """Whether the object is there, which it need not be in a partial clone."""
        return bool(self.handle.odb.exists(blob))

    def read(self, blob: str, key: str) -> Content:
        """The bytes of a blob; of a pointer of Git LFS, what it points to, where that is here. Raises `ReadError`."""
        oid = pygit2.Oid(hex=blob)
        try:
            handle = self.handle
            kind, size = handle.odb.read_header(oid)
            if kind == ObjectType.BLOB and size > self._max_file_size:
                raise ReadError(
                    "too-large",
                    f"{key} is larger than {self._max_file_size:,} bytes",
                    remedy="raise max_file_size of the source, or leave it out with paths",
                )
            data = handle[oid].read_raw()
        except SourceError as error:
            raise ReadError("unreadable", f"{key}: {error.message}", remedy=error.remedy) from error
        except (KeyError, pygit2.GitError, OSError, ValueError) as error:
            raise ReadError(
                "missing-object",
                f"{key}: the object {blob[:12]} cannot be read in {self.path} ({_line(error)})",
                remedy="if the clone is partial or shallow, fetch the rest; else see what `git fsck` says",
            ) from error
        return Content(self._smudged(data, key))

    def _smudged(self, data: bytes, key: str) -> bytes:
        pointer = lfs.pointer(data)
        if pointer is None:
            return data
        return lfs.read(Path(self.handle.path), pointer, key, self._max_file_size)

    def read_at(self, commit: str, path: bytes, key: str) -> Content:
        """The bytes of the file at `path` in a commit. Raises `ReadError`."""
        try:
            entry = self.handle[pygit2.Oid(hex=commit)].peel(pygit2.Tree)[
                path.decode("utf-8", "surrogateescape")
            ]
        except SourceError as error:
            raise ReadError("unreadable", f"{key}: {error.message}", remedy=error.remedy) from error
        except (KeyError, pygit2.GitError, ValueError) as error:
            raise ReadError(
                "vanished",
                f"{key} is not in commit {commit[:12]} of {self.path} any more ({_line(error)})",
                remedy="fetch it again, if it is still wanted",
            ) from error
        return self.read(str(entry.id), key)


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split()).strip("'\"")
    return text[:200] or type(error).__name__
