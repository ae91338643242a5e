"""The command that is the service."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from indexer.cli.invocation import Invocation
from indexer.errors import IndexerError

if TYPE_CHECKING:
    from indexer.daemon.supervisor import Supervisor


@click.command()
@click.pass_obj
def run(invocation: Invocation) -> None:
    """Follow all sources, until it is told to stop.

    Brings them up to date as `backfill` does, and then indexes what changes within about a second. SIGHUP has it read the
    configuration again, SIGTERM and Ctrl-C stop it. Made for systemd, and runs anywhere.
    """
    from indexer import config as configuration
    from indexer import logs
    from indexer.cli.commands import refuse
    from indexer.cli.served import ServedCommands
    from indexer.composition import check_source, open_index
    from indexer.config import Config
    from indexer.daemon.control.server import ControlServer
    from indexer.daemon.service import Service
    from indexer.daemon.supervisor import Supervisor

    # Threads that import keep the interpreter busy; one that follows a change asks for it after each look at the disk, and
    # would wait for five milliseconds each time.
    sys.setswitchinterval(0.0005)
    config = invocation.config(check_sources=True)
    logs.configure("debug" if invocation.debug else config.log.level, config.log.format)

    def reread() -> Config:
        return configuration.load(config.file, os.environ, check_source)

    def serve(service: Service) -> ControlServer:
        return ControlServer(service, ServedCommands(service), config.data_dir)

    supervisor: Supervisor | None = None
    ended: IndexerError | None = None
    try:
        with open_index(config) as index:
            supervisor = Supervisor(config, index, reread=reread, serve=serve)
            obey(supervisor)
            supervisor.run()
    except IndexerError as error:
        ended = error
    if supervisor is not None and anything_hangs(supervisor):
        leave(0 if ended is None else refuse(ended, (), invocation))
    if ended is not None:
        raise ended


def obey(supervisor: Supervisor) -> None:
    """Have signals tell the service what to do."""

    def stop(number: int, _frame: FrameType | None) -> None:
        if supervisor.stopping:
            # Again: somebody does not want to wait. What was committed is committed.
            os._exit(128 + number)
        supervisor.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, lambda *_: supervisor.reload())


def anything_hangs(supervisor: Supervisor) -> bool:
    """Whether there are threads that could not be ended, or that the interpreter would wait for."""
    return supervisor.left_behind or any(
        not thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate()
    )


def leave(code: int) -> NoReturn:
    """End the process without waiting for anybody: what hangs in the kernel, on a mount that is gone, never comes back."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
