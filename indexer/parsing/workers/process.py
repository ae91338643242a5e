"""One worker process, seen by its owner: started, asked, watched and ended."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from indexer.clock import SystemClock
from indexer.errors import ParseError, ParserProcessError
from indexer.parsing.canonical import Reading
from indexer.parsing.workers import frames
from indexer.parsing.workers.limits import MIB, WorkerLimits
from indexer.processes.frames import SMALL, GarbageError, decode, encode
from indexer.processes.owned import OwnedProcess, Ready, Wait

_GLANCE: Final = 0.05
"""How often the owner looks at the memory of a process that it waits for. [seconds]"""
_QUIET: Final = {
    # Read by libraries when they are imported: one thread each, no telemetry, no downloads.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "HF_HUB_OFFLINE": "1",
}
_FOLDER: Final = "indexer-parser-"


class Worker:
    """A process that parses one document at a time. Not thread-safe: one thread has it at a time.

    It imports the module `warm` before it is asked for anything.
    """

    def __init__(self, limits: WorkerLimits, *, programs: bool = False, warm: str = "") -> None:
        self.programs = programs
        """Whether its parsers may start other programs, such as a converter."""
        self.documents = 0
        """How many documents it was given."""
        self._limits = limits
        self._clock = SystemClock()
        self._released = False
        self._statm: int | None = None
        self._folder = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")
        given = {
            "programs": programs,
            "warm": warm,
            "limits": {
                "data": limits.memory + limits.address_slack,
                "file_bytes": limits.file_bytes,
                "niceness": limits.niceness,
                "text_characters": limits.text_characters,
                "attachment_bytes": limits.attachment_bytes,
                "attachments": limits.attachments,
            },
        }
        try:
            environment = {**os.environ, **_QUIET, "TMPDIR": self._folder}
            self._process = OwnedProcess("indexer.parsing.workers.child", given, environment)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        # Before it denies itself to be looked at: afterwards a /proc that hides processes hides it from us, too.
        self._statm = _opened(f"/proc/{self._process.pid}/statm")

    def read(self, module: str, function: str, data: bytes) -> Reading:
        """What `function` of `module` makes of `data`. Raises `ParseError`.

        After a `ParserProcessError` and after any other kind of exception the process is ended.
        """
        self.documents += 1
        try:
            return self._read(module, function, data)
        except ParserProcessError:
            self.end()
            raise
        except ParseError:
            raise
        except BaseException:
            self.end()
            raise

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.status is not None

    @property
    def resident(self) -> int:
        """Its resident memory in bytes; 0 where the system does not tell, or it is gone."""
        if self._statm is None or self._released:
            return 0
        try:
            return int(os.pread(self._statm, 128, 0).split()[1]) * os.sysconf("SC_PAGESIZE")
        except (OSError, IndexError):
            return 0

    @property
    def spent(self) -> bool:
        """Whether another process should take its place before the next document."""
        return (
            self.programs
            or self.ended
            or self.documents >= self._limits.recycle_documents
            or self.resident > self._limits.recycle_memory
        )

    def tidy(self) -> None:
        """Remove what the last document's parser left behind in files."""
        self._process.forget_words()
        with os.scandir(self._folder) as entries:
            left = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in entries]
        for path, folder in left:
            if folder:
                shutil.rmtree(path, ignore_errors=True)
            else:
                Path(path).unlink(missing_ok=True)

    def end(self) -> None:
        """End the process and whatever it started, and remove its files. May be called again."""
        if self._released:
            return
        self._released = True
        self._process.kill()
        self._process.wait()
        self._process.release()
        if self._statm is not None:
            os.close(self._statm)
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill the process, from any thread: the one that waits for it sees that it is gone."""
        self._process.kill()

    # --- one document --------------------------------------------------------------------------

    def _read(self, module: str, function: str, data: bytes) -> Reading:
        limits = self._limits
        seconds = limits.seconds_for(len(data), programs=self.programs)
        within = self._within(limits.start_seconds)
        ask = encode({"module": module, "function": function, "seconds": seconds})
        try:
            self._process.send(frames.ASK, ask, within)
            kind, body = self._process.receive(SMALL, within)
            if kind == frames.ERROR:
                raise self._failure(decode(body))
            _expect(kind, frames.READY)
            within = self._within(seconds)
            self._process.send(frames.DATA, data, within)
            kind, body = self._process.receive(8 * limits.text_characters + 16 * MIB, within)
            if kind == frames.ERROR:
                raise self._failure(decode(body))
            _expect(kind, frames.TEXT)
            reading, names = frames.decode_reading(body)
            return frames.with_files(reading, names, self._files(names, within))
        except TimeoutError as error:
            raise ParserProcessError(
                "parser-timeout",
                f"its parser was ended after {seconds:.0f} seconds",
                remedy="it is tried again later, when the machine may be less busy",
            ) from error
        except (GarbageError, EOFError, ConnectionError) as error:
            raise self._crash(error) from error

    def _files(self, names: tuple[str, ...], within: Wait) -> list[bytes]:
        limits, left = self._limits, self._limits.attachment_bytes
        if len(names) > limits.attachments:
            raise GarbageError("more attachments than it may give")
        files = []
        for _ in names:
            kind, body = self._process.receive(left, within)
            _expect(kind, frames.FILE)
            files.append(bytes(body))
            left -= len(body)
        return files

    def _within(self, seconds: float) -> Wait:
        """Waiting until that time is over, and no longer than the process keeps to its memory."""
        until = self._clock.monotonic() + seconds

        def wait(ready: Ready) -> None:
            while True:
                left = until - self._clock.monotonic()
                if left <= 0:
                    raise TimeoutError
                if ready(min(left, _GLANCE)):
                    return
                if self.resident > self._limits.memory:
                    raise self._out_of_memory()

        return wait

    # --- what went wrong -------------------------------------------------------------------------

    def _failure(self, said: Any) -> ParseError:
        """What the process says of its failure."""
        try:
            match said["kind"]:
                case "parse":
                    return ParseError(said["reason"], said["message"], remedy=said["remedy"])
                case "memory":
                    return self._out_of_memory()
                case "depth":
                    return ParseError("too-large", "it is nested too deeply to be read")
                case "much":
                    return ParseError("too-large", f"it holds too much: {self._bounds(said['message'])}")
                case "import":
                    return ParserProcessError(
                        "parser-unavailable",
                        f"its parser could not be loaded ({said['type']}: {said['message']})",
                        remedy="install the program again with its dependencies",
                    )
                case "defect":
                    return ParseError(
                        "malformed",
                        f"the parser failed on it ({said['type']}: {said['message']})",
                        remedy="report this with the document; it is tried again by a release with another parser",
                    )
        except (KeyError, TypeError) as error:
            raise GarbageError("it is not a failure") from error
        raise GarbageError("it is not a failure")

    def _bounds(self, what: str) -> str:
        limits = self._limits
        if what == "attachments":
            return (
                f"more than {limits.attachments} attachments, or {limits.attachment_bytes // MIB} MiB of them"
            )
        return f"more than {limits.text_characters} characters of {what}"

    def _out_of_memory(self) -> ParserProcessError:
        return ParserProcessError(
            "parser-memory",
            f"its parser needs more than {self._limits.memory // MIB} MiB of memory",
            remedy="it is tried again later; split the document if that does not help",
        )

    def _crash(self, error: Exception) -> ParserProcessError:
        return ParserProcessError(
            "parser-crashed",
            f"its parser {self._process.outcome(error)}",
            remedy="it is tried again later; report this with the document if it stays",
        )


def _opened(file: str) -> int | None:
    """A descriptor; None where there is no such file, as on systems without /proc."""
    try:
        return os.open(file, os.O_RDONLY)
    except OSError:
        return None


def remove_leftovers() -> None:
    """Remove the folders of processes whose owner is gone: one that was killed removes nothing."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists() and Path("/proc").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _expect(kind: bytes, due: bytes) -> None:
    if kind != due:
        raise GarbageError("it is not the answer that was due")
