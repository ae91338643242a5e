"""What the service lets others do with its index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from indexer.config.values import Config
from indexer.daemon.notify import Notifier
from indexer.daemon.supervisor import Supervisor
from tests.support.indexes import Home, fast_folder


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    place = fast_folder("supervisor-")
    config = Config(Path("config.toml"), place, ZoneInfo("UTC"))
    with Home(place) as home:
        yield Supervisor(
            config, home.index, reread=lambda: config, notifier=Notifier({}), connect=lambda _: []
        )
    shutil.rmtree(place)


def test_each_step_of_a_long_command_that_writes_is_a_sign_of_life(supervisor: Supervisor) -> None:
    with supervisor.exclusive("rebuild") as index:
        turns = supervisor.turns
        seen = {turns.held}
        for _ in range(3):
            index.step("filled a part")
            seen.add(turns.held)
        assert len(seen - {None}) == 4
