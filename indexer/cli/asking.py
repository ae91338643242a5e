"""Has a command run by the daemon, where one runs, and shows what comes of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from indexer.cli.client import PATIENCE, Daemon, NoDaemonError, RefusedByDaemonError
from indexer.cli.forwarding import READING, Forwarded, forwarded
from indexer.cli.output import Output, StandardOutput
from indexer.errors import BusyError, IndexerError


class GoesOnError(IndexerError):
    """Whoever gave the command does not wait for its end any more; it comes all the same."""

    exit_code = 130  # 128 + SIGINT, as shells count
    code = "interrupted"


def answered(words: Sequence[str]) -> int | None:
    """The exit code of a command that the daemon ran; None if this process has to run it itself.

    Raises what is to be said as if the command had been run here.
    """
    command = forwarded(words)
    if command is None:
        return None
    try:
        return _read(command) if command.command in READING else _carried_out(command)
    except NoDaemonError:
        return None


def _read(command: Forwarded) -> int | None:
    """Ask; whatever goes wrong on the way, the answer is to be found here as well."""
    daemon, out = Daemon(command, os.environ), StandardOutput()
    try:
        with daemon.ask(out.terminal, patience=PATIENCE) as lines:
            outcome = next(lines)
    except (RefusedByDaemonError, OSError, ValueError, StopIteration):
        return None
    return _show(out, outcome)


def _carried_out(command: Forwarded) -> int:
    """Have it done, and follow it; asked back, ask whoever gave the command."""
    from indexer.cli.invocation import Invocation, ask_to_go_on

    here = Invocation()
    out, operator = here.out, here.operator()
    outcome = _followed(Daemon(command, os.environ), out, operator=operator)
    if (asked := outcome["unconfirmed"]) is not None:
        for line in asked:
            out.say(line)
        ask_to_go_on()
        outcome = _followed(Daemon(command, os.environ), out, operator=operator, confirmed=asked)
    return _show(out, outcome)


def _followed(daemon: Daemon, out: Output, **more: object) -> dict[str, Any]:
    """The outcome; what the daemon tells on the way is shown as if it happened here."""
    from indexer.cli.progress import shown_progress
    from indexer.clock import SystemClock
    from indexer.daemon.control.events import tell

    try:
        with (
            daemon.ask(out.terminal, patience=None, stream=True, **more) as lines,
            shown_progress(out.say, SystemClock()) as progress,
        ):
            for line in lines:
                if "exit_code" in line:
                    return line
                tell(line, progress)
    except RefusedByDaemonError as error:
        raise _busy(error.error) from error
    except KeyboardInterrupt as error:
        raise GoesOnError(
            "interrupted", remedy="the daemon goes on with it; `indexer status` shows how it stands"
        ) from error
    except (OSError, ValueError) as error:
        raise _ended() from error
    raise _ended()


def _busy(error: Mapping[str, Any]) -> BusyError:
    if not error:
        return BusyError("the daemon takes no more commands at present", remedy="try again later")
    return BusyError(
        str(error.get("message")), remedy=str(error.get("remedy", "")), code=str(error.get("code"))
    )


def _ended() -> IndexerError:
    return IndexerError(
        "the daemon ended before it answered",
        remedy="what was finished is kept; see the daemon's log, and give the command again",
        code="daemon-ended",
    )


def _show(out: Output, outcome: Mapping[str, Any]) -> int:
    for line in outcome["stderr"].split("\n")[:-1]:
        out.say(line)
    if outcome["stdout"]:
        out.write(outcome["stdout"])
    return int(outcome["exit_code"])
