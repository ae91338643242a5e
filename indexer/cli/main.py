"""The command line as a program."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from indexer.cli.asking import answered


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised but what ends the interpreter.

    Where the daemon can run it, next to nothing is imported here.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = answered(words)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - answered for like errors of a command that runs here
        from indexer.cli.commands import refuse
        from indexer.cli.invocation import Invocation

        return refuse(error, words, Invocation())
    if code is not None:
        return code

    from indexer.cli.commands import complete, run
    from indexer.cli.invocation import Invocation

    completed = complete()
    return run(words, Invocation()) if completed is None else completed
