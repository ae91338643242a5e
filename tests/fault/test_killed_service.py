"""A busy service that is killed again and again, at random moments: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same edits in every run

import pytest

from indexer.errors import StoreError
from indexer.store.catalog.catalog import FILE_NAME, Catalog
from tests.support.indexes import fast_folder
from tests.support.running import Indexed, Running, problems

pytestmark = pytest.mark.inotify

KILLS = int(os.environ.get("INDEXER_KILLS", "12"))
"""How often the service is killed; each takes about two seconds."""
DOCUMENTS = 60
CONFIGURATION = """\
data_dir = "data"
timezone = "UTC"
[embedding]
model = "hashing"
[limits]
batch_passages = 4
[[source]]
name = "docs"
kind = "files"
root = "docs"
"""


class Share:
    """A folder in which somebody works."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self._chance = Random(seed)
        self._edits = 0
        folder.mkdir()
        for number in range(DOCUMENTS):
            (folder / f"{number:02}.md").write_text(self._text())

    def _text(self) -> str:
        self._edits += 1
        parts = [
            f"## Part {n}\n\n{self._chance.choice('xyz')} days" for n in range(self._chance.randint(1, 4))
        ]
        return "\n\n".join([*parts, f"## Last\n\nedit {self._edits}"])

    def edit(self) -> None:
        """Somebody does something to a file; not more than a few are ever gone."""
        chance = self._chance
        files = sorted(path for path in self.folder.rglob("*.md"))
        path = chance.choice(files)
        match chance.randrange(6):
            case 0 if len(files) > DOCUMENTS - 5:
                path.unlink()
            case 1:
                target = self.folder / f"moved-{chance.randrange(10)}" / path.name
                target.parent.mkdir(exist_ok=True)
                path.rename(target)
            case 2:
                (self.folder / f"new-{self._edits}.md").write_text(self._text())
            case 3:
                beside = path.with_suffix(".tmp")
                beside.write_text(self._text())
                beside.replace(path)
            case _:
                path.write_text(self._text())

    @property
    def texts(self) -> dict[str, str]:
        """Key → text."""
        return {str(path.relative_to(self.folder)): path.read_text() for path in self.folder.rglob("*.md")}


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("killed-")
    yield folder
    shutil.rmtree(folder)


def _versions(place: Path) -> int:
    """How many are committed."""
    data = place / "data"
    if not (data / FILE_NAME).exists():
        return 0
    try:
        with Catalog(data) as catalog, catalog.recorded() as state:
            return state.next_numbers()["version"]
    except StoreError:
        return 0  # it is being made


def work_until_committed(service: Running, share: Share, place: Path) -> None:
    """Somebody works in the folder until a version is committed."""
    before = _versions(place)
    for _ in range(1000):
        if _versions(place) != before:
            return
        share.edit()
        service.pause(0.05)
    raise AssertionError(f"nothing is committed: {service.journal[-5:]}")


@pytest.mark.timeout(60 + 20 * KILLS)
def test_a_busy_service_that_is_killed_loses_nothing_and_does_nothing_twice(place: Path) -> None:
    config, chance = place / "config.toml", Random(7)
    config.write_text(CONFIGURATION)
    share = Share(place / "docs", 7)
    known: set[str] = set()
    busy = 0
    for _ in range(KILLS):
        for _ in range(10):
            share.edit()
        with Running(config) as service:
            service.until_ready()
            if chance.random() < 0.8:
                work_until_committed(service, share, place)
            left = chance.uniform(0.0, 0.6)
            while left > 0:
                share.edit()
                wait = min(left, chance.uniform(0.01, 0.1))
                service.pause(wait)
                left -= wait
            service.kill()
        indexed = Indexed(config)
        assert known <= indexed.ids, "what was committed is lost"
        busy += known != indexed.ids
        known = indexed.ids
        assert problems(config, deep=False) == []
    assert busy > KILLS // 2, "it was killed at work"

    with Running(config) as service:
        (place / "docs" / "fence.md").write_text("The last one.")
        service.wait(lambda: "fence.md" in Indexed(config).texts, "the last file")
        service.wait(lambda: Indexed(config).texts == share.texts, "everything else")
        assert service.stop() == 0
    indexed = Indexed(config)
    assert known <= indexed.ids
    assert problems(config) == []
    for line in indexed.lines:
        for earlier, later in pairwise(line):
            assert (earlier.key, earlier.text_hash) != (later.key, later.text_hash), "twice"

    scratch = place / "scratch.toml"
    scratch.write_text(CONFIGURATION.replace('"data"', '"scratch"'))
    with Running(scratch) as service:
        service.until("indexed", reason="start")
        assert service.stop() == 0
    assert Indexed(scratch).texts == indexed.texts
