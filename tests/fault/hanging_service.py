"""A service one of whose sources hangs: `python -m tests.fault.hanging_service DATA`. Says ``hangs`` and ``stopping``."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.cli.service import anything_hangs, leave, obey
from indexer.composition import open_index
from indexer.config.values import Config, Embedding, SourceConfig
from indexer.config.zone import zone
from indexer.daemon.notify import Notifier
from indexer.daemon.supervisor import Supervisor
from indexer.ingest.index import ConfiguredSource
from indexer.ports import Event
from tests.support.fake_clock import FakeClock
from tests.support.fake_folder import FakeFolder


class Hanging(FakeFolder):
    """A folder on a mount that blocks whoever looks at it."""

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        _say("hangs")
        threading.Event().wait()
        return super().changes(cursor, scopes)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Telling(Notifier):
    """Says when the service is on its way out."""

    def stopping(self) -> None:
        _say("stopping")


def main(data: Path) -> None:
    """Run until a signal comes."""
    utc = zone("UTC")
    assert utc is not None
    source = SourceConfig("hanging", "files", {})
    config = Config(Path("none"), data, utc, Embedding("hashing"), sources=(source,))
    with open_index(config) as index:
        supervisor = Supervisor(
            config,
            index,
            reread=lambda: config,
            notifier=Telling({}),
            connect=lambda _: [ConfiguredSource("hanging", Hanging(FakeClock()))],
        )
        obey(supervisor)
        supervisor.run()
    assert anything_hangs(supervisor)
    leave(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
