"""What somebody waits for: a source that is to be brought up to date now."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from indexer.clock import Clock
from indexer.errors import IndexerError
from indexer.ingest.progress import Progress
from indexer.ingest.reports import BackfillReport, SourceReport


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One wish for one source, answered by the source's loop."""

    progress: Progress
    """Is told of the work from its beginning, in the loop's thread."""
    accept_deletions: bool = False
    retry: frozenset[str] = frozenset()
    answer: Future[SourceReport] = field(default_factory=Future)


def refuse(requests: Sequence[Request], error: IndexerError) -> None:
    """Tell all who wait for them what went wrong."""
    for request in requests:
        if request.answer.set_running_or_notify_cancel():
            request.answer.set_exception(error)


def together(answers: Sequence[Future[SourceReport]], clock: Clock) -> Future[BackfillReport]:
    """One answer of several, in their order; the first error, where there is one."""
    began = clock.monotonic()
    together: Future[BackfillReport] = Future()
    lock = threading.Lock()
    left = len(answers)

    def one_is_there(_: object) -> None:
        nonlocal left
        with lock:
            left -= 1
            if left:
                return
        error = next((error for answer in answers if (error := answer.exception()) is not None), None)
        if error is not None:
            together.set_exception(error)
            return
        report = BackfillReport([answer.result() for answer in answers], clock.monotonic() - began)
        together.set_result(report)

    if not answers:
        together.set_result(BackfillReport())
    for answer in answers:
        answer.add_done_callback(one_is_there)
    return together
