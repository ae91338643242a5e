"""What can go wrong, for the people who have to mend it.

Each class states its exit code; each instance says in one line what is wrong and where, and in
another what to do. The tree::

    IndexerError                      1
      ConfigurationError              2   the configuration, with every problem at once
      UsageError                      2   a command line that makes no sense
      NotFoundError                   3   no such document, version or citation
      AmbiguousError                  4   several candidates, listed
      PurgedError                     3   it existed, and its content was removed on purpose
      BusyError                      75   another process writes to this index
      StoreError                      1   the stores cannot be used; stops everything
        DamagedStoreError             1   the catalog or the passages table is damaged
        NewerSchemaError              1   written by a newer release
        StorageFullError              1   the disk is full; nothing was lost
      EmbeddingError                  1   the model cannot be loaded or used
      ClosedError                     1   asked of something that was closed, as the program ends
      SourceError                     5   one source could not be listed; the others go on
      DocumentError                   5   one document could not be read or parsed; the rest goes on
        ReadError                     5   its bytes could not be read
          LostError                   5   its source does not have them
        ParseError                    5   its bytes were read, but no text could be made of them
          ParserProcessError          5   the process that parsed it did not finish
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class IndexerError(Exception):
    """Base of all errors that a person can act on. `str()` is one line: what, where, what to do."""

    exit_code = 1
    code = "error"

    def __init__(
        self, message: str, *, remedy: str = "", code: str | None = None, candidates: Sequence[Any] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.candidates = list(candidates)
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} — {self.remedy}" if self.remedy else self.message


class ConfigurationError(IndexerError):
    """The configuration cannot be used. `problems` holds every one found, each with its line."""

    exit_code = 2
    code = "configuration"

    def __init__(self, message: str, *, remedy: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = list(problems)


class UsageError(IndexerError):
    """The command line asks for something that makes no sense."""

    exit_code = 2
    code = "usage"


class NotFoundError(IndexerError):
    """No such document, version, passage or citation."""

    exit_code = 3
    code = "not-found"


class PurgedError(NotFoundError):
    """It existed, and its content was removed on purpose; the record of that remains."""

    code = "purged"


class AmbiguousError(IndexerError):
    """Several documents or versions fit; `candidates` lists them."""

    exit_code = 4
    code = "ambiguous"


class BusyError(IndexerError):
    """Another process is writing to this index. Trying again later helps."""

    exit_code = 75
    code = "busy"


class StoreError(IndexerError):
    """The stores cannot be used. Nothing more is written after it."""

    code = "store"


class DamagedStoreError(StoreError):
    """The catalog, the passages table or an original is damaged."""

    code = "damaged"


class NewerSchemaError(StoreError):
    """The data folder was written by a newer release; this one must not touch it."""

    code = "newer-schema"


class StorageFullError(StoreError):
    """The disk is full. What was committed before is intact; the batch in hand was abandoned."""

    code = "storage-full"


class EmbeddingError(IndexerError):
    """The embedding model cannot be loaded or used."""

    code = "embedding"


class ClosedError(IndexerError):
    """It was closed before it was asked, or while it was: the program ends, and nothing is to be concluded from it."""

    code = "closed"


class SourceError(IndexerError):
    """One source could not be listed. Its documents stay as they were."""

    exit_code = 5
    code = "source"


class DocumentError(IndexerError):
    """One document could not be indexed; it is listed in `failures` and retried.

    `reason` is a code for scripts. `permanent` says that the same bytes will fail again, so that
    only a change (or a newer release) makes a retry worth while.
    """

    exit_code = 5
    code = "document"
    permanent = False

    def __init__(self, reason: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy, code=reason)
        self.reason = reason


class ReadError(DocumentError):
    """The document's bytes could not be read. Reasons: ``unreadable``, ``changing``, ``too-large``, ``vanished``."""


class LostError(ReadError):
    """The source does not have the bytes of this state, and trying again would not bring them. Reasons: docs/failures.md."""

    permanent = True


class ParseError(DocumentError):
    """The bytes were read, but no text could be made of them. Its reasons: docs/failures.md, "Documents"."""

    permanent = True


class ParserProcessError(ParseError):
    """The process that parsed the document did not finish; at another time it may.

    Reasons: ``parser-timeout``, ``parser-memory``, ``parser-crashed``, ``parser-unavailable``.
    """

    permanent = False
