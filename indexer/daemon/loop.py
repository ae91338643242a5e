"""The loop of one source: waits until something is to be looked at, looks, and goes on whatever happens."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

from indexer.daemon.activity import Activity, Heard
from indexer.daemon.agenda import Agenda, Hinted, Job
from indexer.daemon.interruptions import PausedError, StoppedError, unexpected
from indexer.daemon.looking import Worker
from indexer.daemon.pausing import Pausing
from indexer.daemon.requests import Request, refuse
from indexer.daemon.surroundings import Surroundings
from indexer.daemon.watching import SourceWatch
from indexer.errors import (
    ClosedError,
    DamagedStoreError,
    IndexerError,
    NewerSchemaError,
    StorageFullError,
)
from indexer.ingest.depths import Depths
from indexer.ingest.index import ConfiguredSource, Index
from indexer.ingest.progress import Progress
from indexer.ingest.reports import SourceReport
from indexer.ports import Closeable

LOOK: Final = 0.05
"""Seconds between two looks at what was hinted while a scan goes on."""


class SourceLoop:
    """Brings one source up to date again and again, in a thread of its own.

    `step` does what is due; `run` is the thread that waits between two steps. Requests, hints and
    schedules may come from any thread.
    """

    def __init__(
        self, configured: ConfiguredSource, watch: SourceWatch, agenda: Agenda, around: Surroundings
    ) -> None:
        self.configured = configured
        self.watch = watch
        self.activity = Activity(around.clock.now())
        self.teller = around.teller
        self._agenda = agenda
        self._around = around
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._pausing = Pausing(self._changed)
        self._hinted: float | None = None
        """When the first hint came of what is not searchable yet. [monotonic seconds]"""
        self._requests: list[Request] = []
        self._listening: list[Progress] = []
        self._looked = 0.0
        self._overtaking = False
        """Whether what is being done is done in the middle of something else."""
        self._trouble = ""
        """What is wrong with the source, until all of it was seen again."""
        self._held = False
        """Whether whatever is due has to wait: for room on the disk, or for the end of a pause."""
        self._ran_out = False
        """Whether its last look found no room on the disk."""
        self._thread: threading.Thread | None = None
        self.depths = Depths()
        """Of what waits between reading, parsing, embedding and folding."""
        self.beat = around.clock.monotonic()
        """When it was last seen to go on. [monotonic seconds]"""
        self.armed = threading.Event()
        """Set once what changes is noticed."""

    @property
    def name(self) -> str:
        """The source's name."""
        return self.configured.name

    # --- from other threads -------------------------------------------------------------------

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name=f"source {self.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was hinted."""
        with self._changed:
            if self._hinted is None:
                self._hinted = self._around.clock.monotonic()
            self._changed.notify_all()

    def pause(self) -> None:
        """Drop what is in hand, and take no work until everybody who said so has said `resume`; see `resting`."""
        self._pausing.begin()

    def resting(self, timeout: float) -> bool:
        """Whether nothing is done any more, after at most `timeout` seconds."""
        return self._pausing.resting(timeout) or not self.alive

    def resume(self) -> None:
        """Take work again, beginning with what was dropped."""
        self._pausing.end()

    def schedule(self) -> None:
        """It is time for a scan."""
        with self._changed:
            self._agenda.ask("schedule", self._around.clock.monotonic())
            self._changed.notify_all()

    def ask(self, request: Request) -> None:
        """Somebody waits for a scan."""
        with self._changed:
            if self._stopping.is_set():
                request.answer.set_exception(StoppedError(self.name))
                return
            self._requests.append(request)
            self._agenda.ask(
                "asked",
                self._around.clock.monotonic(),
                accept_deletions=request.accept_deletions,
                retry=request.retry,
            )
            self._changed.notify_all()

    def stop(self) -> None:
        """End soon: what is in hand is dropped at the next place where nothing is half done."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        if isinstance(self.configured.connector, Closeable):
            # A source that hangs is not waited for, nor how long it takes to give it up.
            close, name = self.configured.connector.close, f"closing {self.name}"
            threading.Thread(target=close, name=name, daemon=True).start()

    def join(self, timeout: float) -> bool:
        """Whether it has ended, after at most `timeout` seconds."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def settled(self) -> bool:
        """Whether the source was brought up to date once since the loop began."""
        return self._agenda.settled

    # --- its own thread -----------------------------------------------------------------------

    def run(self) -> None:
        """Until `stop`: watch, then scan, then follow."""
        try:
            with self._around.opened() as index:
                self.begin()
                worker = Worker(self, index)
                while not self._stopping.is_set():
                    self._wait(self.step(worker))
        except (StoppedError, ClosedError):
            pass
        except IndexerError as error:
            self._around.fatal(error)
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            self.teller.unexpected(self.name)
            self._around.fatal(unexpected(self.name, error))
        finally:
            self.watch.stop()
            if isinstance(self.configured.connector, Closeable):
                self.configured.connector.close()
            self._pausing.over()
            self.activity.now("stopped", self._around.clock.now())
            with self._changed:
                self._stopping.set()
                refuse(self._requests, StoppedError(self.name))

    def begin(self) -> None:
        """Watch before the first scan, so that nothing falls between the two."""
        self.watch.start()
        self.armed.set()
        with self._changed:
            self._agenda.ask("start", self._around.clock.monotonic())

    def worker(self, index: Index) -> Worker:
        """What does the work, over an index of the calling thread."""
        return Worker(self, index)

    def step(self, worker: Worker) -> float | None:
        """Do what is due now; when to be called again [monotonic seconds], None: when something comes."""
        now = self.beat = self._around.clock.monotonic()
        self._held = self._pausing.rest_if_wanted()
        if self._held:
            return None
        with self._changed:
            wake = self._agenda.wake(now)
        if wake is None or wake > now:
            return wake
        # Asked only by those who have work: whoever is let in finds out whether there is room again.
        if (again := self._around.room.closed_until(now)) is not None:
            self._held = True
            self.activity.now("waiting", self._around.clock.now(), self._around.room.detail)
            return again
        self._agenda.look(now)
        with self._changed:
            job = self._agenda.next(now)
            if job is None:
                return self._agenda.wake(now)
            requests = []
            if job.scopes is None and job.reason != "failures":
                requests, self._requests = self._requests, []
        with self.teller.running(self.name, job):
            self._do(worker, job, requests)
        return now

    def _wait(self, until: float | None) -> None:
        with self._changed:
            self.beat = self._around.clock.monotonic()
            # What was hinted since has changed the answer, and woke nobody yet.
            wake = None if self._held else self._agenda.wake(self.beat)
            at = min((moment for moment in (until, wake) if moment is not None), default=None)
            if not self._stopping.is_set() and (at is None or at > self.beat):
                # Never for long: whoever watches over the loops wants to see it go on.
                self._changed.wait(1.0 if at is None else min(1.0, at - self.beat))

    def _do(self, worker: Worker, job: Job, requests: list[Request]) -> None:
        clock = self._around.clock
        began = clock.monotonic()
        hinted, self._hinted = self._hinted, None
        probing = bool(self._around.room.detail)
        state = "updating" if job.scopes is not None else "scanning"
        self.activity.now(state, clock.now())
        self._listening[:] = [request.progress for request in requests]
        try:
            report = worker.look(job, asked=bool(requests))
        except (StoppedError, ClosedError) as error:
            refuse(requests, error)
            raise
        except PausedError as error:
            self._hinted = hinted if self._hinted is None else self._hinted
            self.activity.now("waiting", clock.now(), str(error))
            self._put_back(job, requests)
        except (DamagedStoreError, NewerSchemaError) as error:
            self._give_up(job, requests, error, began)
            self._around.fatal(error)
        except StorageFullError as error:
            self._around.room.ran_out(error)
            self._ran_out = True
            self._no_room(job, requests, error)
        except IndexerError as error:
            self._give_up(job, requests, error, began)
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs this look; the loop goes on
            self._give_up(job, requests, unexpected(self.name, error), began)
            self.teller.unexpected(self.name)
        else:
            if probing:
                self._around.room.there(proven=report.versions_added > 0 or self._ran_out)
            self._ran_out = False
            self._over(job, requests, report, began)
            self._found(job, report, hinted)
        finally:
            self._listening.clear()

    def _over(self, job: Job, requests: list[Request], report: SourceReport, began: float) -> None:
        clock = self._around.clock
        ended = clock.monotonic()
        self.activity.finished(whole=job.scopes is None)
        with self._changed:
            self._agenda.done(job, ended, ended - began, ok=report.listed)
        problem = next(iter(report.problems), "")
        if not report.listed:
            self._trouble = problem
        if self._agenda.failures:
            # That some of its places can be seen does not mend what is wrong with all of it.
            self.activity.now("failing", clock.now(), self._trouble)
        else:
            self.activity.now("idle", clock.now(), problem)
        self.teller.looked(self.name, job, report, ended - began)
        for request in requests:
            if request.answer.set_running_or_notify_cancel():
                request.answer.set_result(report)

    def _found(self, job: Job, report: SourceReport, hinted: float | None) -> None:
        """Tell how long it took until what was hinted can be found."""
        if hinted is not None and report.versions_added and job.reason == "changes":
            self.teller.searchable(self.name, self._around.clock.monotonic() - hinted)

    def _put_back(self, job: Job, requests: list[Request]) -> None:
        """Do it all again, once the pause is over."""
        with self._changed:
            self._requests[:0] = requests
            self._agenda.put_back(job, self._around.clock.monotonic())

    def _no_room(self, job: Job, requests: list[Request], error: StorageFullError) -> None:
        """Do it again as soon as there is room. That the deletions are meant was said of those of this moment."""
        with self._changed:
            again = replace(job, accept_deletions=False)
            self._agenda.put_back(again, self._around.clock.monotonic())
        self.activity.now("waiting", self._around.clock.now(), self._around.room.detail)
        self.teller.ended(self.name, job, error)
        refuse(requests, error)

    def _give_up(self, job: Job, requests: list[Request], error: IndexerError, began: float) -> None:
        clock = self._around.clock
        ended = clock.monotonic()
        with self._changed:
            self._agenda.done(job, ended, ended - began, ok=False)
        self._trouble = str(error)
        self.activity.now("failing", clock.now(), self._trouble)
        self.teller.failed(self.name, job, error)
        refuse(requests, error)

    # --- in the middle of a scan --------------------------------------------------------------

    def between(self, worker: Worker, *, scanning: bool) -> None:
        """Nothing is in hand: look at what was hinted, without folders unless `scanning`. Raises `StoppedError`, `PausedError`."""
        self.go_on()
        now = self.beat
        if now - self._looked < LOOK or not worker.overtakable:
            return
        if self._agenda.before_hints(now) and worker.deciding:
            return
        self._looked = now
        self._agenda.look(now)
        renewable = scanning and worker.renewable
        with self._changed:
            job = self._agenda.urgent(now, folders=scanning)
            news = job is None and renewable and not self._requests and self._agenda.news(now)
        if news:
            self._hinted = None
            self.teller.anew(self.name)
            worker.begin_anew()
        if job is not None:
            with self.teller.running(self.name, job):
                self._overtake(worker, job, now, scanning=scanning)

    def _overtake(self, worker: Worker, job: Job, now: float, *, scanning: bool) -> None:
        hinted, self._hinted = self._hinted, None
        outer, self._overtaking = self._overtaking, True
        try:
            report = worker.overtake(job, scanning=scanning)
        except BaseException:
            with self._changed:
                self._agenda.put_back(job, now)
            raise
        finally:
            self._overtaking = outer
        if not report.listed:
            self._trouble = next(iter(report.problems), "")
        self._found(job, report, hinted)
        took = self._around.clock.monotonic() - now
        self.activity.finished(whole=False)
        with self._changed:
            self._agenda.done(job, now + took, took, ok=report.listed)
        self.teller.looked(self.name, job, report, took)

    def go_on(self) -> None:
        """The loop was seen alive. Raises `StoppedError` once the service stops, and `PausedError`."""
        self.beat = self._around.clock.monotonic()
        if self._stopping.is_set():
            raise StoppedError(self.name)
        if self._pausing.wanted:
            raise PausedError(self.name)

    @property
    def hints(self) -> Hinted:
        """What was hinted and is not looked at yet."""
        return self._agenda.hints

    @property
    def finding_out(self) -> bool:
        """Whether a scan goes on that finds out what happened unseen."""
        return self._agenda.finding_out

    @property
    def next_scan(self) -> float | None:
        """When a scan is to begin that was asked for, or is to be tried again. [monotonic seconds]"""
        return self._agenda.next_scan

    def documents_due(self, seconds: float | None) -> None:
        """After how many seconds documents that failed are to be read again; None: there are none."""
        now = self._around.clock.monotonic()
        with self._changed:
            self._agenda.documents_due(None if seconds is None else now + max(0.0, seconds))

    def progress(self) -> Progress:
        """Is told of the work that goes on."""
        return Heard(self.activity, self.teller.committed, self._listening, lambda: self._overtaking)
