"""How a process makes sure that it does not outlive its owner, whatever it is doing and however that ends."""

from __future__ import annotations

import fcntl
import os
import signal


def die_with_owner(lifeline: int) -> None:
    """Make the kernel end this process when the other end of the pipe `lifeline` is closed.

    The signal comes whatever the process is doing, unlike an end of file that somebody has to read;
    and other than Linux's parent-death signal it does not come when merely the thread that started
    this process ends.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    try:
        gone = not os.read(lifeline, 1)  # closed before anybody was told to listen
    except BlockingIOError:
        gone = False
    if gone:
        os.kill(os.getpid(), signal.SIGKILL)
