"""Who works with the index: the user of the operating system, for the record."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping


def operator(environment: Mapping[str, str] | None = None) -> str:
    """The login name of whoever runs this process; behind `sudo` the one who asked for it; else the user's number."""
    environment = os.environ if environment is None else environment
    user = os.getuid()
    asked_by = environment.get("SUDO_USER", "") if user == 0 else ""
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:  # containers run under numbers that nobody named
        name = f"user {user}"
    return f"{asked_by} (as {name})" if asked_by and asked_by != name else name
