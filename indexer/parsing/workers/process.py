"""One worker process, seen by its owner: started, asked, watched and ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from indexer.clock import SystemClock
from indexer.errors import ParseError, ParserProcessError
from indexer.parsing.canonical import Reading
from indexer.parsing.workers import frames
from indexer.parsing.workers.limits import MIB, WorkerLimits

_BOOT: Final = (
    "import json, sys; given = sys.argv.pop(); sys.path[:] = json.loads(given)['path'];"
    "from indexer.parsing.workers.child import main; main(given)"
)
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
        self._printed = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as the process
        self._channel, theirs = socket.socketpair()
        lifeline, self._lifeline = os.pipe()
        passed = (theirs.fileno(), lifeline)
        given = {
            "path": sys.path,
            "channel": passed[0],
            "lifeline": passed[1],
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
            self._process = subprocess.Popen(  # noqa: S603 - this very interpreter, with our own words
                [sys.executable, "-I", "-W", "ignore", "-c", _BOOT, json.dumps(given)],
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=self._printed,
                pass_fds=passed,
                env={**os.environ, **_QUIET, "TMPDIR": self._folder},
                # A group of its own: Ctrl-C at a terminal is for the owner, and ending it ends all of it.
                start_new_session=True,
            )
        except BaseException:
            self._release()
            raise
        finally:
            theirs.close()
            os.close(lifeline)
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
        return self._process.poll() is not None

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
        self._printed.truncate(0)
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
        self.kill()
        self._process.wait()
        self._release()

    def kill(self) -> None:
        """Kill the process, from any thread: the one that waits for it sees that it is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _release(self) -> None:
        self._released = True
        self._channel.close()
        os.close(self._lifeline)
        self._printed.close()
        if self._statm is not None:
            os.close(self._statm)
        shutil.rmtree(self._folder, ignore_errors=True)

    # --- one document --------------------------------------------------------------------------

    def _read(self, module: str, function: str, data: bytes) -> Reading:
        limits = self._limits
        seconds = limits.seconds_for(len(data), programs=self.programs)
        until = self._clock.monotonic() + limits.start_seconds
        ask = frames.encode({"module": module, "function": function, "seconds": seconds})
        try:
            self._send(frames.ASK, ask, until)
            kind, body = self._receive(frames.SMALL, until)
            if kind == frames.ERROR:
                raise self._failure(frames.decode(body))
            _expect(kind, frames.READY)
            until = self._clock.monotonic() + seconds
            self._send(frames.DATA, data, until)
            kind, body = self._receive(8 * limits.text_characters + 16 * MIB, until)
            if kind == frames.ERROR:
                raise self._failure(frames.decode(body))
            _expect(kind, frames.TEXT)
            reading, names = frames.decode_reading(body)
            return frames.with_files(reading, names, self._files(names, until))
        except TimeoutError as error:
            raise ParserProcessError(
                "parser-timeout",
                f"its parser was ended after {seconds:.0f} seconds",
                remedy="it is tried again later, when the machine may be less busy",
            ) from error
        except (frames.GarbageError, EOFError, ConnectionError) as error:
            raise self._crash(error) from error

    def _files(self, names: tuple[str, ...], until: float) -> list[bytes]:
        limits, left = self._limits, self._limits.attachment_bytes
        if len(names) > limits.attachments:
            raise frames.GarbageError("more attachments than it may give")
        files = []
        for _ in names:
            kind, body = self._receive(left, until)
            _expect(kind, frames.FILE)
            files.append(bytes(body))
            left -= len(body)
        return files

    def _send(self, kind: bytes, body: bytes, until: float) -> None:
        for piece in (frames.HEAD.pack(kind, len(body)), body):
            view = memoryview(piece)
            while view:
                self._wait(select.POLLOUT, until)
                view = view[self._channel.send(view, socket.MSG_DONTWAIT) :]

    def _receive(self, most: int, until: float) -> tuple[bytes, bytearray]:
        kind, size = frames.HEAD.unpack(self._exactly(frames.HEAD.size, until))
        if size > most:
            raise frames.GarbageError(f"it announces {size} bytes")
        return kind, self._exactly(size, until)

    def _exactly(self, size: int, until: float) -> bytearray:
        body = bytearray(size)
        view, have = memoryview(body), 0
        while have < size:
            self._wait(select.POLLIN, until)
            count = self._channel.recv_into(view[have:])
            if not count:
                raise EOFError("it closed the channel")
            have += count
        return body

    def _wait(self, event: int, until: float) -> None:
        """Wait until the channel can be used; look at the clock and at the process's memory meanwhile."""
        poll = select.poll()
        poll.register(self._channel, event)
        while True:
            left = until - self._clock.monotonic()
            if left <= 0:
                raise TimeoutError
            if poll.poll(1000 * min(left, _GLANCE)):
                return
            if self.resident > self._limits.memory:
                raise self._out_of_memory()

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
            raise frames.GarbageError("it is not a failure") from error
        raise frames.GarbageError("it is not a failure")

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
        try:
            status = self._process.wait(1.0 if isinstance(error, EOFError | ConnectionError) else 0)
        except subprocess.TimeoutExpired:
            how = f"answered with garbage ({error})"
        else:
            how = f"was ended by {_signal(-status)}" if status < 0 else f"ended with status {status}"
        said = self._last_words()
        return ParserProcessError(
            "parser-crashed",
            f"its parser {how}" + (f", saying: {said}" if said else ""),
            remedy="it is tried again later; report this with the document if it stays",
        )

    def _last_words(self) -> str:
        """The last line that the process printed, shortened, with nothing in it that a terminal obeys."""
        self._printed.seek(max(0, self._printed.seek(0, os.SEEK_END) - 1000))
        lines = self._printed.read().decode("utf-8", "replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return "".join(c for c in last.strip()[:200] if c.isprintable())


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
        raise frames.GarbageError("it is not the answer that was due")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
