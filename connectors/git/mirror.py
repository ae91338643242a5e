"""Mirrors a remote repository into a bare one beside it on disk, with the `git` program.

The program and not a library, because it is what the user's credential helpers, ssh configuration
and proxies work with. Needs Git 2.29 or later.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import selectors
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.attention import GivenUpError
from connectors.git.remote import SETTINGS, environment_of, failure, one_line, url_problem
from connectors.git.token import settings_for
from indexer.clock import SystemClock
from indexer.errors import IndexerError, SourceError, StorageFullError

_KEEP_ALL: Final = (("gc.auto", "0"), ("gc.pruneExpire", "never"), ("maintenance.auto", "false"))
"""Written into the mirror, so that not even a `git gc` by hand removes what a force push left behind."""
_FETCH: Final = (
    "fetch",
    "--quiet",
    "--force",
    "--prune",
    "--no-tags",  # those that are wanted are named by the refspec below
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    "--no-show-forced-updates",
)
_REFSPECS: Final = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_HEAD: Final = re.compile(r"^(?:ref: (refs/heads/[^\t\n]+)|([0-9a-f]{40,64}))\tHEAD$", re.M)

_LEFTOVERS: Final = ("*.lock", "packed-refs.new", "refs/**/*.lock", "objects/*/tmp_*")
"""What a git that was killed leaves in a repository. A branch cannot be called ``….lock``."""
_MOST: Final = 65_536
"""Bytes kept of what git says: the first of its output, the last of its complaints."""
_POLL: Final = 0.1
"""Seconds between looks at whether git has ended while something that it left holds its pipes."""
_GRACE: Final = 5.0
"""Seconds that git gets to end by itself before it is killed."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a run of git ended: its exit status, the start of its output, the end of its complaints."""

    status: int
    output: str
    complaint: str


class _TimedOutError(SourceError):
    """Git took all its time. Not tried again at once: that would take as much again."""

    code = "network"


class Mirror:
    """A bare repository at `folder` with the branches and tags that the remote at `url` has now.

    Commits that a force push or a deleted branch left behind lose their names and stay: git's
    garbage collection is never run, and switched off in the mirror. Neither hooks nor submodules
    are followed, and git can ask nobody anything. The URL is not stored; where the configuration
    names another, the next update makes the mirror that one's, and what it held before stays too.

    Nothing else may update the same folder meanwhile: the index's writer lock sees to that.
    """

    path: Path

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        timeout: float = 600.0,
        attempts: int = 3,
        wait: Callable[[float], None] | None = None,
        environment: Mapping[str, str] | None = None,
        allow_local: bool = False,
        token_file: str | None = None,
    ) -> None:
        """`timeout`: seconds for one run of git. `environment`: in place of this process's own.

        `attempts`: how often a server that cannot be reached is tried, with 1, 4, 16, … seconds
        between, spent in `wait`, or else until somebody gives up. `allow_local`: whether `url` may be a path or ``file://``.
        `token_file`: where the token for `url` is, if it takes one; see `token`.
        """
        self.path = folder.absolute()
        self._url = url
        self._timeout = timeout
        self._attempts = attempts
        self._wait = wait
        self._given_up = threading.Event()
        self._allow_local = allow_local
        inherited = os.environ if environment is None else environment
        self._given = environment_of(inherited, allow_local=allow_local)
        self._environment = self._given
        self._token_file = token_file
        self._settings: tuple[str, ...] = SETTINGS

    def update(self, given_up: threading.Event | None = None) -> None:
        """Make the mirror, or fetch into it; then its HEAD is the remote's, where the remote has one.

        A new mirror appears at `path` when it is complete. A fetch that fails may have moved some of
        the names already; the next one moves the rest. Once `given_up` is set it ends as soon as git does, with `GivenUpError`.

        Raises `SourceError`: ``network`` (later it may work), ``refused``, ``not-found``, ``no-git``,
        ``bad-url``, ``not-a-mirror`` (something else lies at `path`) or ``fetch-failed``; and
        `StorageFullError`.
        """
        self._given_up = given_up or threading.Event()
        problem = url_problem(self._url, allow_local=self._allow_local)
        if problem is not None:
            raise SourceError(
                f"the URL of the repository cannot be used: {problem}",
                remedy="correct the url of the source",
                code="bad-url",
            )
        if self._token_file is not None:
            # Each time: a new token may be in the file, or in another one.
            self._settings = (*SETTINGS, *settings_for(self._url, self._token_file, self._given))
        try:
            if self._exists():
                _clear(self.path)
                self._fill(self.path)
            else:
                self._make()
        except OSError as error:
            raise _unusable(self.path, error) from error

    def _exists(self) -> bool:
        """Whether there is a mirror to fetch into. An empty folder is none: a new mirror takes its place."""
        if not os.path.lexists(self.path):
            return False
        if self.path.is_dir():
            names = {entry.name for entry in self.path.iterdir()}
            if {"HEAD", "objects", "refs"} <= names:
                return True
            if not names:
                return False
        raise SourceError(
            f"{self.path} exists and is not a mirror of a repository",
            remedy="move it away; the next scan makes the mirror there",
            code="not-a-mirror",
        )

    def _make(self) -> None:
        partial = self.path.with_name(self.path.name + ".partial")
        if partial.exists():  # a process that was killed left it
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700, parents=True)
        try:
            # Without a template: the user's may hold hooks.
            self._git(partial, "init", "--quiet", "--bare", "--template=", str(partial))
            for name, value in _KEEP_ALL:
                self._git(partial, "config", name, value)
            self._fill(partial)
            partial.rename(self.path)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def _fill(self, repository: Path) -> None:
        """Fetch, and again while the server cannot be reached."""
        self._environment = self._given | self._ssh(repository)
        for attempt in range(self._attempts):
            try:
                self._fetch(repository)
            except SourceError as error:
                last = attempt + 1 >= self._attempts
                if last or error.code != "network" or isinstance(error, _TimedOutError):
                    raise
                (self._wait or self._given_up.wait)(4.0**attempt)
            else:
                return

    def _ssh(self, repository: Path) -> dict[str, str]:
        """The variable that keeps ssh from asking; none where the user says how ssh is to be run.

        Then too there is no terminal to ask at; `BatchMode` only makes ssh say so at once.
        """
        if {"GIT_SSH", "GIT_SSH_COMMAND"} & self._given.keys():
            return {}
        configured = self._run(repository, ("config", "--get", "core.sshCommand"))
        return {} if configured.output.strip() else {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}

    def _fetch(self, repository: Path) -> None:
        head = _HEAD.search(self._git(repository, "ls-remote", "--symref", "--", self._url, "HEAD"))
        self._git(repository, *_FETCH, "--", self._url, *_REFSPECS)
        if head is None:
            return
        branch, commit = head.groups()
        # The remote may have changed between the two runs: what was not fetched is left to the next update.
        if branch is not None:
            if self._run(repository, ("show-ref", "--verify", "--quiet", branch)).status == 0:
                self._git(repository, "symbolic-ref", "HEAD", branch)
        elif self._run(repository, ("cat-file", "-e", f"{commit}^{{commit}}")).status == 0:
            self._git(repository, "update-ref", "--no-deref", "HEAD", commit)

    def _git(self, repository: Path, *arguments: str) -> str:
        """What git wrote. Raises what its complaint means if it failed."""
        ended = self._run(repository, arguments)
        if ended.status != 0:
            raise failure(self._url, ended.complaint)
        return ended.output

    def _run(self, repository: Path, arguments: tuple[str, ...]) -> _Ended:
        settings = [word for setting in self._settings for word in ("-c", setting)]
        try:
            # From the root: a repository that the working folder lies in is none of git's business.
            process = subprocess.Popen(  # noqa: S603 (the URL was checked and stands after "--")
                ["git", f"--git-dir={repository}", *settings, *arguments],  # noqa: S607 (the user's git)
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                cwd="/",
                # A group of its own, to be ended as a whole; and no terminal to ask for passwords at.
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise SourceError(
                "the program git cannot be started",
                remedy="install git, or put it on the PATH",
                code="no-git",
            ) from error
        with process:
            try:
                return _read(process, self._timeout, self._given_up)
            except (TimeoutError, subprocess.TimeoutExpired) as error:
                _end(process)
                raise _TimedOutError(
                    f"git did not finish within {self._timeout:g} seconds at {one_line(self._url)}",
                    remedy="see whether the server answers; a large repository needs a longer time limit",
                ) from error
            except BaseException:
                _end(process)
                raise


def _read(process: subprocess.Popen[bytes], timeout: float, given_up: threading.Event) -> _Ended:
    """Wait for git, reading along. Raises TimeoutError or TimeoutExpired after `timeout` seconds, or `GivenUpError`."""
    assert process.stdout is not None
    assert process.stderr is not None
    output, complaint = bytearray(), bytearray()
    clock = SystemClock()
    until = clock.monotonic() + timeout
    with selectors.DefaultSelector() as pipes:
        pipes.register(process.stdout, selectors.EVENT_READ, output)
        pipes.register(process.stderr, selectors.EVENT_READ, complaint)
        while pipes.get_map():
            if clock.monotonic() >= until:
                raise TimeoutError
            if given_up.is_set():
                raise GivenUpError
            ready = pipes.select(_POLL)
            for key, _ in ready:
                piece = os.read(key.fd, _MOST)
                if not piece:
                    pipes.unregister(key.fileobj)
                key.data.extend(piece)
            del output[_MOST:], complaint[:-_MOST]
            if not ready and process.poll() is not None:
                break  # ssh's ControlPersist leaves a process behind that keeps standard error open
    status = process.wait(max(until - clock.monotonic(), 0))
    return _Ended(status, os.fsdecode(bytes(output)), complaint.decode(errors="replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and whatever it started; asked first, so that it may remove its temporary files."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    finally:  # also where someone presses Ctrl-C once more
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _clear(mirror: Path) -> None:
    """Remove locks, which would refuse all later fetches, and pieces of packs, which nobody would miss."""
    for pattern in _LEFTOVERS:
        for leftover in list(mirror.glob(pattern)):
            leftover.unlink(missing_ok=True)


def _unusable(mirror: Path, error: OSError) -> IndexerError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFullError(
            f"the disk is full: {mirror}",
            remedy="free some space and run the command again; nothing that was indexed is lost",
        )
    return SourceError(
        f"the mirror {mirror} cannot be updated ({error.strerror or error})",
        remedy="check the folder and its permissions",
        code="fetch-failed",
    )
