"""Tells systemd how the service is (sd_notify): datagrams to the socket that `$NOTIFY_SOCKET` names.

Without that variable nothing is sent, so that the same program runs anywhere. The protocol is a line of
``NAME=value`` for each thing told; see sd_notify(3).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

_VARIABLE: Final = "NOTIFY_SOCKET"
_PERIOD: Final = "WATCHDOG_USEC"
_PROCESS: Final = "WATCHDOG_PID"
_PATIENCE: Final = 0.5
"""Seconds that whoever listens may take to read what was told before."""


class Notifier:
    """The connection to the service manager, if there is one."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get(_VARIABLE, "")
        self.watchdog = _watchdog(environment)
        """Seconds within which the service manager wants to hear of it again and again; None: it does not care."""

    def ready(self, status: str) -> None:
        """Everything is open, and what changes from now on will be seen."""
        self._send(f"READY=1\nSTATUS={_line(status)}")

    def status(self, status: str) -> None:
        """One line for ``systemctl status``."""
        self._send(f"STATUS={_line(status)}")

    def alive(self) -> None:
        """The watchdog is fed."""
        self._send("WATCHDOG=1")

    def reloading(self, monotonic_usec: int) -> None:
        """The configuration is being read again; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={monotonic_usec}")

    def stopping(self) -> None:
        """It is on its way out."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address.startswith(("/", "@")):
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.settimeout(_PATIENCE)
                sender.sendto(message.encode(), address)
        except OSError:
            return  # nobody listens any more, or reads what was told; the work is not about that


def _watchdog(environment: Mapping[str, str]) -> float | None:
    if environment.get(_PROCESS, str(os.getpid())) != str(os.getpid()):
        return None
    period = environment.get(_PERIOD, "")
    return int(period) / 1_000_000 if period.isascii() and period.isdigit() and int(period) else None


def _line(text: str) -> str:
    return " ".join(text.split())
