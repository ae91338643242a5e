"""Implements `indexer.ports.Connector` for one branch of a Git repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from connectors.attention import in_sight
from connectors.git.documents import Documents
from connectors.git.listing import Listing
from connectors.git.mirror import Mirror
from connectors.git.repository import Repository
from connectors.git.settings import GitSettings
from connectors.git.watching import repository_watches
from connectors.names import path_of
from indexer.errors import ReadError
from indexer.hashing import short_id
from indexer.ports import Content, Event, Watched


class GitConnector:
    """The documents of a branch and all their states. Reads objects only; a remote one is mirrored first."""

    kind: Final = "git"
    snapshot: Final = False
    lasting: Final = True

    def __init__(self, settings: GitSettings, folder: Path | None) -> None:
        self._settings = settings
        self._folder = folder

    @property
    def uid(self) -> str:
        """The kind, where the repository is, and the ref: renaming the source changes nothing."""
        return f"{self.kind}:{self._settings.path or self._settings.url}#{self._settings.ref or 'HEAD'}"

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """What landed on the branch since `cursor`, along first parents; `scopes` are for snapshot sources.

        Raises `SourceError` where the repository cannot be fetched or read: ``network``,
        ``refused``, ``not-found``, ``source-missing``, ``not-a-repository``, ``unknown-ref``,
        ``empty-repository``, ``damaged-repository``, ``shallow-gap``.
        """
        del scopes
        if self._mirror is not None:
            yield from in_sight(self._mirror.update)
        yield from Listing(self._repository, self._settings, cursor).events()

    def read_state(self, key: str, origin: str) -> Content:
        """The bytes of the file at the path and the commit that `origin` names."""
        commit, colon, path = origin.removeprefix("tree:").partition(":")
        try:
            raw = path_of(path)
        except ValueError:
            colon = ""
        if not colon:
            raise ReadError("vanished", f"{key}: {origin} names no commit of this source")
        return self._repository.read_at(commit, raw, key)

    @property
    def copies(self) -> Sequence[Path]:
        """The mirror, where the repository is a remote one."""
        return () if self._mirror is None else (self._mirror.path,)

    def wants(self, key: str) -> bool:
        """Whether the patterns select what a file carries; see `Selection.takes_inside`."""
        return Documents(self._settings.include, self._settings.exclude).takes_inside(key)

    def watched(self) -> Sequence[Watched]:
        """Where the references of a repository on this machine stand; of a remote one nothing tells."""
        return () if self._settings.path is None else repository_watches(self._settings.path)

    def accept(self, cursor: str) -> str:
        """The cursor as it is: commits leave no doubts."""
        return cursor

    @cached_property
    def _mirror(self) -> Mirror | None:
        url = self._settings.url
        if url is None:
            return None
        assert self._folder is not None
        return Mirror(
            url,
            self._folder / f"{short_id('r', url)}.git",
            timeout=self._settings.fetch_timeout,
            allow_local=self._settings.allow_local,
            token_file=self._settings.token_file,
        )

    @cached_property
    def _repository(self) -> Repository:
        path = Path(self._settings.path or "") if self._mirror is None else self._mirror.path
        return Repository(path, self._settings.max_file_size)
