"""Finds the failures that DOC means. They may concern documents that never made it into the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from indexer.errors import AmbiguousError, NotFoundError
from indexer.model import Document, Failure


def chosen_failures(
    failures: Sequence[Failure], references: Iterable[str], resolve: Callable[[str], Document]
) -> list[Failure]:
    """Those that `references` name, without repeats: ``source:key``, a key or a unique ending of one, or a document.

    `resolve` finds an indexed document by any of its names. Raises `NotFoundError` for a name that
    no failure answers to, and `AmbiguousError`.
    """
    chosen: dict[tuple[str, str], Failure] = {}
    for reference in references:
        failure = _one(failures, reference) or _of_document(failures, reference, resolve)
        chosen[failure.source, failure.key] = failure
    return list(chosen.values())


def _one(failures: Sequence[Failure], reference: str) -> Failure | None:
    tests: list[Callable[[Failure], bool]] = [
        lambda failure: f"{failure.source}:{failure.key}" == reference,
        lambda failure: failure.key == reference,
        lambda failure: failure.key.endswith(f"/{reference}"),
    ]
    for test in tests:
        fitting = [failure for failure in failures if test(failure)]
        if len(fitting) > 1:
            raise AmbiguousError(
                f'"{reference}" fits {len(fitting)} documents that failed',
                remedy="name one of them in full",
                code="ambiguous-document",
                candidates=[f"{failure.source}:{failure.key}" for failure in fitting],
            )
        if fitting:
            return fitting[0]
    return None


def _of_document(failures: Sequence[Failure], reference: str, resolve: Callable[[str], Document]) -> Failure:
    document = resolve(reference)
    for failure in failures:
        # A state of a source with history stands there as key@origin.
        if failure.source == document.source and f"{failure.key}@".startswith(f"{document.key}@"):
            return failure
    raise NotFoundError(
        f"{document.source}:{document.key} did not fail",
        remedy="`indexer failures` lists what did; `indexer backfill` looks for changes",
    )
