"""Embeds texts before the commit that needs them, so that reading and committing cost no time of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from indexer.ingest.depths import Depths
from indexer.ports import Embedder, Vector, Vectors

JOB: Final = 32
"""Texts embedded in one call: enough for all cores, few enough to wait for."""
PAUSE: Final = 0.05
"""Seconds of waiting between two looks at what else there is to do."""


class EmbeddingAhead:
    """Vectors that are being made, in one thread of its own. Forgets them once they are taken.

    It changes nothing about what is embedded: texts that were not announced are embedded when they
    are taken, and announced ones that nobody takes are dropped at the end.
    """

    def __init__(self, embedder: Embedder, depths: Depths | None = None) -> None:
        """`depths` is told how much waits."""
        self._embedder = embedder
        self._depths = depths or Depths()
        self._gathered: list[str] = []
        self._made: dict[str, tuple[Future[Vectors], int]] = {}
        self._thread: ThreadPoolExecutor | None = None

    @property
    def waiting(self) -> int:
        """How many texts were announced and not taken yet."""
        return len(self._gathered) + len(self._made)

    def announce(self, texts: Sequence[str]) -> None:
        """These texts will be wanted; in about this order."""
        known = set(self._gathered)
        for text in texts:
            if text not in self._made and text not in known:
                known.add(text)
                self._gathered.append(text)
        while len(self._gathered) >= JOB:
            self._begin(self._gathered[:JOB])
            del self._gathered[:JOB]
        self._depths.embedding = self.waiting

    def finish(self, texts: Sequence[str], meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until those of `texts` that were announced are embedded, or failed to be; `meanwhile` is called now and then."""
        if not set(texts).isdisjoint(self._gathered):
            gathered, self._gathered = self._gathered, []
            if self._thread is None and set(texts).issuperset(gathered):
                self._embed(gathered)  # these few are all there is: no other thread would be faster
            else:
                self._begin(gathered)
        jobs = {self._made[text][0] for text in texts if text in self._made}
        while jobs:
            _, jobs = wait(jobs, PAUSE)
            if jobs:
                meanwhile()

    def take(self, texts: Sequence[str]) -> list[Vector]:
        """The vectors of `texts`, which are different ones. Raises `EmbeddingError`."""
        wanted = set(texts)
        if not wanted.isdisjoint(self._gathered):
            self._begin(self._gathered)
            self._gathered = []
        unannounced = [text for text in texts if text not in self._made]
        own = self._embedder.embed(unannounced) if unannounced else ()
        vectors: dict[str, Vector] = dict(zip(unannounced, own, strict=True))
        for text in wanted - vectors.keys():
            made, place = self._made.pop(text)
            vectors[text] = made.result()[place]
        self._depths.embedding = self.waiting
        return [vectors[text] for text in texts]

    def drop(self) -> None:
        """Forget what was announced; what is being embedded at this moment is finished first."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)
            self._thread = None
        self._gathered = []
        self._made = {}
        self._depths.embedding = 0

    def _embed(self, texts: list[str]) -> None:
        job: Future[Vectors] = Future()
        try:
            job.set_result(self._embedder.embed(texts))
        except Exception as error:  # noqa: BLE001 - raised by whoever takes them
            job.set_exception(error)
        self._made.update((text, (job, place)) for place, text in enumerate(texts))

    def _begin(self, texts: list[str]) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        job = self._thread.submit(self._embedder.embed, texts)
        self._made.update((text, (job, place)) for place, text in enumerate(texts))
