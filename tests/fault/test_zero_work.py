"""A run that finds nothing new does nothing: no file is opened, no text embedded, no store written, no library loaded."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

import pytest

from connectors.files import FilesConnector
from connectors.files.settings import FilesSettings
from indexer.embedding.hashing import HashingEmbedder
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import ConfiguredSource
from indexer.ports.batch import Batch, Points
from indexer.ports.passages import PassageStore
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import FakeConnector
from tests.support.indexes import CountingEmbedder, Home
from tests.support.opened_files import opened_files

ROOT = Path(__file__).parents[2]
DAY = 86_400_000_000


class BlownUpError(Exception):
    """Something was used that an idle run has no use for."""


class BlowUp:
    """Anything that is asked of it raises."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> NoReturn:
        raise BlownUpError(f"{self._what}.{name}")


class IdleEmbedder(HashingEmbedder):
    """Names itself and its tokenizer, which is cheap; embeds nothing."""

    def embed(self, texts: object) -> NoReturn:
        raise BlownUpError("embedder.embed")


@pytest.fixture
def share(tmp_path: Path) -> Path:
    share = tmp_path / "share"
    (share / "hr").mkdir(parents=True)
    (share / "hr" / "leave.md").write_text("# Leave\n\nTwenty days.\n")
    (share / "travel.txt").write_text("Ten days.\n")
    (share / "empty.md").write_text("")
    (share / "picture.bin").write_bytes(b"\x00\x01\x02" * 50)
    return share


def _tomorrow() -> FakeClock:
    """Long after every file was written, so that each is settled."""
    return FakeClock(4_000_000_000_000_000)


def _source(share: Path, clock: FakeClock) -> ConfiguredSource:
    return ConfiguredSource("share", FilesConnector(FilesSettings(str(share)), clock))


def test_the_second_run_opens_no_file_and_uses_neither_embedder_nor_stores(
    tmp_path: Path, share: Path
) -> None:
    clock = _tomorrow()
    with Home(tmp_path / "data", clock=clock, lance=True) as home:
        source, wiki = _source(share, clock), FakeConnector()
        wiki.observe("page", b"Five days.", at=5)
        first = home.backfill(source, wiki)
        assert [s.versions_added for s in first.sources] == [4, 1]
        clock.advance(DAY)
        index = home.index
        index.passages = lambda *_: _explode("passages")
        index.originals = BlowUp("originals")  # type: ignore[assignment]
        index.embedder = IdleEmbedder(32)
        sizes = _versions(home)
        with opened_files() as opened:
            report = home.backfill(source, wiki)
        assert [path for path in opened if str(share) in path or path in ("leave.md", "travel.txt")] == []
        assert opened == []
        assert [(s.versions_added, s.passages_embedded, s.tokens_embedded) for s in report.sources] == [
            (0, 0, 0)
        ] * 2
        assert _versions(home) == sizes
        assert not home.sql("SELECT no FROM run WHERE no > 1")


def _explode(what: str) -> PassageStore:
    raise BlownUpError(what)


def _versions(home: Home) -> list[int]:
    tables = ("document", "version", "placement", "rendition", "manifest", "passage", "row", "label")
    return [int(home.sql(f"SELECT count(*) FROM {table}")[0][0]) for table in tables]


def test_the_second_run_commits_no_more_than_how_far_it_looked(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _tomorrow()
    with Home(tmp_path / "data", clock=clock) as home:
        home.backfill(_source(share, clock))
        clock.advance(DAY)
        batches: list[Batch] = []
        commit = home.index.catalog.commit

        def remember(batch: Batch) -> None:
            batches.append(batch)
            commit(batch)

        monkeypatch.setattr(home.index.catalog, "commit", remember)
        home.backfill(_source(share, clock))
        (batch,) = batches
        told = {item.name for item in fields(batch) if getattr(batch, item.name)}
        assert told - {"recorded", "source_no", "work", "points"} == {"source"}
        assert batch.points == Points()


def test_the_guards_blow_up_where_there_is_something_to_do(tmp_path: Path, share: Path) -> None:
    """So that the tests above can fail."""
    clock = _tomorrow()
    with Home(tmp_path / "data", clock=clock) as home:
        source = _source(share, clock)
        home.backfill(source)
        (share / "travel.txt").write_text("Eleven days.\n")
        clock.advance(DAY)
        home.index.originals = BlowUp("originals")  # type: ignore[assignment]
        with pytest.raises(BlownUpError, match="originals"):
            home.backfill(source)
        home.index.originals = home._open().originals
        home.index.embedder = IdleEmbedder(32)
        with pytest.raises(BlownUpError, match="embed"), opened_files() as opened:
            home.backfill(source)
        assert [Path(path).name for path in opened if path.endswith("travel.txt")] == ["travel.txt"]


_IDLE = """
import sys
from pathlib import Path
from tests.fault.process import open_index, sources
from indexer.ingest.backfill import Backfill
data, share = map(Path, sys.argv[1:])
with open_index(data) as index:
    report = Backfill(index).run(sources(share))
assert report.sources[0].documents_seen == 4, report
assert report.sources[0].versions_added == 0, report
heavy = {"lancedb", "pyarrow", "torch", "transformers", "sentence_transformers", "pypdfium2", "onnxruntime"}
sys.stdout.write(" ".join(sorted(heavy & set(sys.modules))))
"""


def test_an_idle_process_loads_no_heavy_library(tmp_path: Path, share: Path) -> None:
    """`process.table` imports the table's library when it is called, which an idle run never does."""
    data = tmp_path / "data"
    commands = [[sys.executable, "-m", "tests.fault.process", "write", str(data), str(share)]]
    commands += [[sys.executable, "-c", _IDLE, str(data), str(share)]]
    outputs = [
        subprocess.run(c, cwd=ROOT, check=True, capture_output=True, text=True).stdout for c in commands
    ]
    assert outputs[1] == ""


def test_a_rename_opens_the_moved_file_alone_and_embeds_nothing(tmp_path: Path, share: Path) -> None:
    clock = _tomorrow()
    with Home(tmp_path / "data", clock=clock) as home:
        source = _source(share, clock)
        home.backfill(source)
        clock.advance(DAY)
        (share / "travel.txt").rename(share / "hr" / "trips.txt")
        embedder = CountingEmbedder()
        home.index.embedder = embedder
        with opened_files() as opened:
            Backfill(home.index).run([source])
        assert embedder.texts == []
        assert {Path(path).name for path in opened} == {"trips.txt"}
