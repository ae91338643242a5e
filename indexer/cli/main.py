"""The command line as a program."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised but what ends the interpreter."""
    words = list(sys.argv[1:] if arguments is None else arguments)

    from indexer.cli.commands import complete, run
    from indexer.cli.invocation import Invocation

    completed = complete()
    return run(words, Invocation()) if completed is None else completed
